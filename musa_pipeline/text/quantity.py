"""Quantities as people write them, `99.5 %`, `24 h`, `300 ms`, `yes`: read into the unit of a metric, and written back."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Final

from musa_pipeline.domain.metric import Metric, Scale, Value

_QUANTITY: Final = re.compile(r"([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))\s*([^\s0-9.+-].*)?")
_LONGEST: Final = 100
_WORDS: Final = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_SAYING: Final = {True: "yes", False: "no"}
_BARE: Final = frozenset({"", "-", "1", "boolean", "count", "level", "levels", "none", "number", "yes/no"})
"""Units that are not written after the number: they say what is counted, not in what."""

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_FAMILIES: Final[dict[str, dict[Fraction, str]]] = {
    "time": {
        Fraction("0.000001"): "us µs microsecond microseconds",
        Fraction("0.001"): "ms millisecond milliseconds",
        Fraction(1): "s sec second seconds",
        Fraction(_MINUTE): "m min minute minutes",
        Fraction(_HOUR): "h hour hours",
        Fraction(_DAY): "d day days",
        Fraction(7 * _DAY): "w week weeks",
    },
    "calendar": {Fraction(1): "month months", Fraction(12): "year years"},  # no fixed number of days, so never mixed with time
    "share": {Fraction(1): "% percent pct", Fraction("0.1"): "‰ permille"},
    "octets": {
        Fraction(1): "b byte bytes octet octets",
        **{Fraction(1000**power): f"{letter}b" for power, letter in enumerate("kmgt", 1)},
        **{Fraction(1024**power): f"{letter}ib" for power, letter in enumerate("kmgt", 1)},
    },
    "bits": {
        Fraction(1): "bit bits",
        **{Fraction(1000**power): f"{letter}bit {letter}bits" for power, letter in enumerate("kmgt", 1)},
    },
}
_UNITS: Final = {
    word: (family, factor) for family, factors in _FAMILIES.items() for factor, words in factors.items() for word in words.split()
}


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit as a factor to its family's base; over `per` for rates."""

    family: str
    per: str
    factor: Fraction


@lru_cache(maxsize=256)
def _unit(written: str) -> _Unit:
    over, _, under = written.lower().replace(" per ", "/").partition("/")
    above, below = _atom(over.strip()), _atom(under.strip())
    return _Unit(above[0], below[0], above[1] / below[1])


def _atom(word: str) -> tuple[str, Fraction]:
    return _UNITS.get(word) or (word, Fraction(1))


def read_bound(said: Value | str | None, metric: Metric) -> Value | None:
    """Return a bound in the unit of its metric; None if it is none, in another kind of unit, or outside the metric's range.

    A bare number is in the metric's unit; units of one kind are converted.

    >>> from musa_pipeline.domain.metric import Combine, Operator
    >>> from musa_pipeline.domain.source import Source
    >>> def metric(unit, scale, highest=None):
    ...     return Metric(id="m", title="", definition="", unit=unit, scale=scale, operator=Operator.LE,
    ...                   combine=Combine.MAX, max_age=60, source=Source(document=""), lowest=0, highest=highest)
    >>> share, age, flag = metric("%", Scale.PERCENT, 100), metric("h", Scale.NUMBER), metric("yes/no", Scale.BOOLEAN)
    >>> read_bound("99.5 %", share), read_bound(99, share), read_bound("1 d", age), read_bound("60 min", age)
    (99.5, 99, 24, 1)
    >>> read_bound("yes", flag), read_bound(False, flag)
    (True, False)
    >>> read_bound("101 %", share), read_bound("3 %", age), read_bound("soon", age), read_bound(True, age), read_bound(1, flag)
    (None, None, None, None, None)
    """
    value = _value(said, metric)
    return value if value is not None and _within(value, metric) else None


def read_flag(said: Value | str | None) -> bool | None:
    """Return yes or no as written: true, yes, on, and their opposites; None for anything else.

    >>> read_flag("Yes"), read_flag(False), read_flag("perhaps")
    (True, False, None)
    """
    if isinstance(said, str):
        return _WORDS.get(said.strip().lower())
    return said if isinstance(said, bool) else None


def read_quantity(said: Value | str | None, unit: str) -> int | float | None:
    """Return a number in a unit, converted from another of its kind; a bare number is in the unit already.

    >>> read_quantity("2 min", "s"), read_quantity(1.5, "s"), read_quantity("2 kB", "s")
    (120, 1.5, None)
    """
    match said:
        case bool():
            return None
        case int() | float() if isfinite(said):
            number = Fraction(repr(said))
        case str():
            found = _QUANTITY.fullmatch(said.strip()) if len(said) <= _LONGEST else None
            factor = _factor(found[2] or "", unit) if found else None
            if not found or factor is None:
                return None
            number = Fraction(found[1]) * factor
        case _:
            return None
    return int(number) if number.denominator == 1 else float(number)


def bound_fault(said: Value | str | None, metric: Metric) -> str:
    """Return why `read_bound` gives nothing, as a half sentence after the bound itself; empty if it gives something."""
    value = _value(said, metric)
    if value is None:
        return f"is not {expected_bound(metric)}"
    return "" if _within(value, metric) else f"is outside its range: {expected_bound(metric)} is expected"


def expected_bound(metric: Metric) -> str:
    """Return what a bound of the metric looks like, for a way out: `a number in % from 0 to 100`."""
    if metric.scale is Scale.BOOLEAN:
        return "yes or no"
    unit = "" if metric.unit in _BARE else f" in {metric.unit}"
    low = "" if metric.lowest is None else f" from {_number(metric.lowest)}"
    high = "" if metric.highest is None else f" {'to' if low else 'up to'} {_number(metric.highest)}"
    return f"{'a whole number' if metric.scale is Scale.LEVEL else 'a number'}{unit}{low}{high}"


def format_bound(value: Value, unit: Metric | str) -> str:
    """Return the bound as people write it; `read_bound` reads it back.

    >>> format_bound(99.0, "%"), format_bound(True, "yes/no"), format_bound(1.5, "h"), format_bound(3, "level")
    ('99 %', 'yes', '1.5 h', '3')
    """
    if isinstance(value, bool):
        return _SAYING[value]
    name = unit if isinstance(unit, str) else unit.unit
    return _number(value) if name in _BARE else f"{_number(value)} {name}"


def _value(said: Value | str | None, metric: Metric) -> Value | None:
    if metric.scale is Scale.BOOLEAN:
        return read_flag(said)
    value = read_quantity(said, metric.unit)
    return None if metric.scale is Scale.LEVEL and isinstance(value, float) else value


def _factor(given: str, wanted: str) -> Fraction | None:
    if not given or given.lower() == wanted.lower():
        return Fraction(1)
    theirs, ours = _unit(given), _unit(wanted)
    return theirs.factor / ours.factor if (theirs.family, theirs.per) == (ours.family, ours.per) else None


def _within(value: Value, metric: Metric) -> bool:
    above = metric.lowest is None or value >= metric.lowest
    return above and (metric.highest is None or value <= metric.highest)


def _number(value: float) -> str:
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")
