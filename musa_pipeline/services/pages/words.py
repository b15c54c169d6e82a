"""How times, figures and bounds read on the page and in the terminal."""

from datetime import UTC, datetime
from typing import Final

from musa_pipeline.domain.event import Plain

SIGNS: Final = {"geq": "≥", "leq": "≤", "gt": ">", "lt": "<", "eq": "="}


def clock(time: float | None) -> str:
    """Return a time of day in UTC; nothing for what is no time.

    >>> clock(1_700_000_000.0), clock(1e300)
    ('22:13:20', '')
    """
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%H:%M:%S") if time is not None else ""
    except (ValueError, OverflowError, OSError):
        return ""


def ago(time: float | None, now: float) -> str:
    """Return how long ago something was.

    >>> ago(100.0, 103.4), ago(100.0, 7400.0), ago(None, 0.0)
    ('3 s ago', '2 h ago', 'never')
    """
    return "never" if time is None else f"{lasted(max(0.0, now - time))} ago"


def lasted(seconds: float) -> str:
    """Return a length of time in its largest fitting unit.

    >>> lasted(6.4), lasted(600), lasted(200_000)
    ('6 s', '10 min', '2 d')
    """
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def figure(value: Plain, unit: str = "") -> str:
    """Return a value with its unit.

    >>> figure(99.71234, "%"), figure(True, "yes/no"), figure(None)
    ('99.71 %', 'yes', '—')
    """
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            text = f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 1e6 else f"{value:.3g}"
            return f"{text} {unit}" if unit and unit not in ("yes/no", "-", "boolean", "level") else text
        case _:
            return str(value)


def bound(value: Plain, operator: str, unit: str) -> str:
    """Return `≥ 99 %`."""
    return f"{SIGNS.get(operator, operator)} {figure(value, unit)}"
