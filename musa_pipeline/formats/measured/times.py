"""Times as reports tell them, in seconds since 1970: RFC 3339, ISO 8601 without an offset, and numbers of seconds or milliseconds."""

from datetime import UTC, datetime
from typing import Final

_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 1e11
"""From here on a number counts milliseconds, as OCSF has it: seconds so large are of the year 5138."""
_LAST: Final = 253_402_300_799.0


def read_moment(said: object) -> float | None:
    """Return a time; None for what is none. What has no offset is taken as UTC.

    >>> read_moment("2026-01-01T01:00:00+01:00"), read_moment(1767225600000), read_moment("2026-01-01T00:00:00"), read_moment("soon")
    (1767225600.0, 1767225600.0, 1767225600.0, None)
    """
    if isinstance(said, int | float) and not isinstance(said, bool):
        if not 0 < said <= _LAST * 1000:  # before it becomes a float: a whole number may be larger than any
            return None
        seconds = float(said) / 1000 if said >= _MILLISECONDS else float(said)
        return seconds if seconds <= _LAST else None
    if not isinstance(said, str) or len(said) > 40:
        return None
    try:
        moment = datetime.fromisoformat(said.strip())
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _BEGIN).total_seconds()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= _LAST else None
