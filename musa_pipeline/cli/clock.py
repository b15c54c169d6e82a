"""The moment of which results speak: the clock's, or a day that somebody gives in its place. Days are those of UTC."""

import time
from datetime import UTC, date, datetime

import click


def day(_ctx: click.Context, _param: click.Parameter, said: str | None) -> date | None:
    """Return the day that was given for an option. Raises BadParameter with a day that would do."""
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise click.BadParameter(f"{said!r} is no day; write it as 2027-04-30") from error


def now() -> datetime:
    """Return the moment by the clock."""
    return datetime.fromtimestamp(time.time(), UTC)


def moment(given: date | None) -> datetime:
    """Return the begin of a day; without one, the moment by the clock."""
    return datetime.combine(given, datetime.min.time(), UTC) if given else now()
