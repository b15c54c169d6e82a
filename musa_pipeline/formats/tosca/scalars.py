"""Values of TOSCA's own types: sizes, times, frequencies, rates, versions, ranges; how they are read and compared (TOSCA 1.3, 3.2 and 3.3)."""

import re
from fractions import Fraction
from math import ceil
from typing import Any, Final, TypeAlias

from musa_pipeline.text.yaml import Value

Comparable: TypeAlias = tuple[str, object]
"""What is measured, and how much: only values of one measure compare."""

_WORDS: Final = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
_SIZE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?)\s*([A-Za-z]*)\s*")
_OCTETS: Final = {
    "b": 1,
    **{f"{letter}{unit}": base**power for unit, base in (("b", 1000), ("ib", 1024)) for power, letter in enumerate("kmgt", 1)},
    **{letter: 1000**power for power, letter in enumerate("kmgt", 1)},
}
MIB: Final = 1024**2
GIB: Final = 1024**3
_UNITS: Final[dict[str, dict[str, Fraction]]] = {
    "size": {unit: Fraction(octets) for unit, octets in _OCTETS.items() if len(unit) > 1 or unit == "b"},
    "time": {
        unit: Fraction(text)
        for unit, text in (
            ("d", "86400"), ("h", "3600"), ("m", "60"), ("s", "1"), ("ms", "1/1000"), ("us", "1/1000000"), ("ns", "1/1000000000"),
        )
    },
    "frequency": {"hz": Fraction(1), "khz": Fraction(10**3), "mhz": Fraction(10**6), "ghz": Fraction(10**9)},
    "bitrate": {
        f"{letter}{binary}{unit}ps": Fraction((1024 if binary else 1000) ** power * octets)
        for unit, octets in (("b", 1), ("B", 8))
        for power, letter in enumerate(("", "k", "m", "g", "t"))
        for binary in ("", "i")
        if letter or not binary
    },
}  # fmt: skip
_VERSION: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:[.-].{0,40})?")
_LONGEST: Final = 40


def boolean(value: Value) -> bool | None:
    """Return yes or no, in the words YAML 1.1 had for them; None for neither.

    >>> boolean(True), boolean("yes"), boolean("maybe")
    (True, True, None)
    """
    return value if isinstance(value, bool) else _WORDS.get(value.lower()) if isinstance(value, str) else None


def size(value: Value, unit: int) -> int | None:
    """Return a scalar-unit.size in units of so many octets, rounded up; a bare number is in MB (TOSCA 1.3, section 3.3.6.4).

    >>> size("4 GB", MIB), size("512 MiB", MIB), size(2048, MIB), size("20GiB", GIB), size("4 pounds", GIB)
    (3815, 512, 1954, 20, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _SIZE.fullmatch(str(value)) if len(str(value)) < _LONGEST else None
    factor = _OCTETS.get((found[2] or "MB").lower()) if found else None
    return ceil(Fraction(found[1]) * factor / unit) if found and factor else None


def whole(value: Value) -> int | None:
    """Return a whole number that is not negative; None if it is none.

    >>> whole(2), whole("8080"), whole(2.5), whole(True)
    (2, 8080, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**9 else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else None


def measured(value: Value, measure: str) -> Fraction | None:
    """Return a scalar-unit of a measure in its base unit; None if it is none.

    >>> measured("5 d", "time"), measured("12e1 Hz", "frequency"), measured("1 kBps", "bitrate"), measured("5 d", "size")
    (Fraction(432000, 1), Fraction(120, 1), Fraction(8000, 1), None)
    """
    found = _SIZE.fullmatch(value) if isinstance(value, str) and len(value) < _LONGEST else None
    if not found or not found[2]:
        return None
    units, unit = _UNITS[measure], found[2]
    folded = unit[:-3].lower() + unit[-3:-2] + unit[-2:].lower() if measure == "bitrate" else unit.lower()
    return Fraction(found[1]) * units[folded] if folded in units else None


def version(value: Value) -> tuple[int, ...] | None:
    """Return a version as numbers; None if it is none (TOSCA 1.3, section 3.3.2).

    >>> version("1.10.2"), version("7"), version(2.5)
    ((1, 10, 2), None, (2, 5, 0))
    """
    found = _VERSION.fullmatch(str(value)) if isinstance(value, str | float) and len(str(value)) < _LONGEST else None
    return tuple(int(each or 0) for each in found.groups()) if found else None


def comparable(value: Value) -> Comparable | None:
    """Return what a value measures and how much, so that `4 GB` and `4096 MiB` compare; None for nothing.

    >>> comparable("4 GB") < comparable("4 GiB"), comparable(3) == comparable(3.0), comparable("x")
    (True, True, ('text', 'x'))
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | float):
        return ("number", value)
    for measure in _UNITS:
        if (found := measured(value, measure)) is not None:
            return (measure, found)
    return ("text", value)


def order(one: Value, other: Value) -> int | None:
    """Return -1, 0 or 1; None where the two do not compare. Texts that are both versions compare as versions.

    >>> order("1 GB", "1024 MB"), order("1.9.0", "1.10.0"), order(2, "2 GB"), order("a", "b")
    (-1, -1, None, -1)
    """
    left, right = comparable(one), comparable(other)
    if left is None or right is None or left[0] != right[0]:
        return None
    mine: Any = left[1]
    theirs: Any = right[1]
    if left[0] == "text" and (first := version(one)) and (second := version(other)):
        mine, theirs = first, second
    return int(mine > theirs) - int(mine < theirs)
