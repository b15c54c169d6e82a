"""Comparisons, conditions and arithmetic on plain values: constraint clauses of 1.x, functions of 2.0; None is unknown.

TOSCA 1.3, section 3.6.3; TOSCA 2.0, section 10.
"""

import math
import re
from collections.abc import Callable
from typing import Any, Final

from musa_pipeline.formats.tosca.scalars import order

Plain = Any
"""A scalar, list or dict as YAML has them; None is unknown."""

_LONGEST_PATTERN: Final = 200
_LONGEST_TEXT: Final = 250
_MOST_WAYS: Final = _LONGEST_TEXT**3
"""Ways in which a pattern may be tried on a text: three repetitions are tried in a moment."""
_SIGN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?|\{(\d{1,9})?(,)?(\d{1,9})?\}[?+]?|[*+?][?+]?|.", re.DOTALL)
"""One part of a pattern: an escape, a class, the begin of a group, a count, a repetition, or a sign."""


def _compared(decide: Callable[[int], bool]) -> Callable[[Plain, Plain], bool | None]:
    def compare(value: Plain, said: Plain) -> bool | None:
        if isinstance(value, list | dict) or isinstance(said, list | dict):
            return None
        found = order(value, said)
        return None if found is None else decide(found)

    return compare


def equal(value: Plain, said: Plain) -> bool | None:
    """Tell whether two values are the same; `4096 MB` is `4.096 GB`."""
    if value is None or said is None:
        return None
    if isinstance(value, list | dict) or isinstance(said, list | dict):
        return bool(value == said)
    found = order(value, said)
    return found == 0 if found is not None else str(value) == str(said)


def _in_range(value: Plain, said: Plain) -> bool | None:
    if not isinstance(said, list) or len(said) != 2:
        return None
    low, high = (True if str(each).upper() == "UNBOUNDED" else each for each in said)
    above = True if low is True else COMPARISONS["greater_or_equal"](value, low)
    below = True if high is True else COMPARISONS["less_or_equal"](value, high)
    return False if above is False or below is False else None if above is None or below is None else True


def _valid_values(value: Plain, said: Plain) -> bool | None:
    return any(equal(value, each) for each in said) if isinstance(said, list) and value is not None else None


def _length(decide: Callable[[int, int], bool]) -> Callable[[Plain, Plain], bool | None]:
    def compare(value: Plain, said: Plain) -> bool | None:
        known = isinstance(value, str | list | dict) and isinstance(said, int)
        return decide(len(value), said) if known else None

    return compare


def _pattern(value: Plain, said: Plain) -> bool | None:
    """Match a whole text; what could take long to match is not decided."""
    if not isinstance(value, str | int | float) or not isinstance(said, str):
        return None
    if len(said) > _LONGEST_PATTERN or len(str(value)) > _LONGEST_TEXT:
        return None
    if _ways(said) > _MOST_WAYS:
        return None
    try:
        return bool(re.fullmatch(said, str(value)))
    except (re.error, RecursionError, OverflowError):
        return None


def _ways(pattern: str) -> int:
    """Return in how many ways a pattern may be tried at the most; what may take a time that doubles with every sign has too many.

    >>> _ways("[a-z]{2,4}"), _ways("(eu|us)-?"), _ways("a*b*") == _LONGEST_TEXT**2, _ways("(a|b)*") > _MOST_WAYS
    (3, 4, True, True)
    """
    groups, last = [[0, 1]], 1  # of each open group: ways of its alternatives that ended, and of the one that is open

    def tried(ways: int) -> None:
        nonlocal last
        groups[-1][1] = min(groups[-1][1] // last * ways, _MOST_WAYS + 1)
        last = ways

    for found in _SIGN.finditer(pattern):
        sign = found[0]
        if sign in ("(", "(?"):
            groups.append([0, 1])
            last = 1
        elif sign == ")" and len(groups) > 1:
            inner = sum(groups.pop())
            last = 1
            tried(inner)
        elif sign == "|":
            groups[-1] = [sum(groups[-1]), 1]
            last = 1
        elif sign[0] in "*+?" or (sign[0] == "{" and len(sign) > 1):
            tried(_repeated(last, found))
        else:
            last = 1
        if groups[-1][1] > _MOST_WAYS:
            return _MOST_WAYS + 1
    return min(sum(map(sum, groups)), _MOST_WAYS + 1)


def _repeated(ways: int, found: re.Match[str]) -> int:
    """Return in how many ways something may be tried that is repeated."""
    if found[0][0] == "?":
        return ways + 1
    least = int(found[1] or 0)
    most = int(found[3]) if found[3] else least if found[1] and not found[2] else _LONGEST_TEXT
    if ways == 1:
        return max(1, min(most - least + 1, _LONGEST_TEXT))
    return _MOST_WAYS + 1 if most > _LONGEST_TEXT // 10 else min(int(ways**most), _MOST_WAYS + 1)


COMPARISONS: Final[dict[str, Callable[[Plain, Plain], bool | None]]] = {
    "equal": equal,
    "greater_than": _compared(lambda found: found > 0),
    "greater_or_equal": _compared(lambda found: found >= 0),
    "less_than": _compared(lambda found: found < 0),
    "less_or_equal": _compared(lambda found: found <= 0),
    "in_range": _in_range,
    "valid_values": _valid_values,
    "length": _length(lambda size, said: size == said),
    "min_length": _length(lambda size, said: size >= said),
    "max_length": _length(lambda size, said: size <= said),
    "pattern": _pattern,
}
"""Each tells whether a value meets a clause; None where that cannot be told."""


def both(truths: list[bool | None]) -> bool | None:
    """Return the conjunction; unknown only where no part is false.

    >>> both([True, None]), both([False, None]), both([])
    (None, False, True)
    """
    return False if False in truths else None if None in truths else True


def either(truths: list[bool | None]) -> bool | None:
    """Return the disjunction; unknown only where no part is true."""
    return True if True in truths else None if None in truths else False


def _truth(value: Plain) -> bool | None:
    return value if isinstance(value, bool) else None


def _numbers(given: list[Plain], compute: Callable[..., Any]) -> Plain:
    known = all(isinstance(each, int | float) and not isinstance(each, bool) and abs(each) < 1e15 for each in given)
    if not given or not known:
        return None
    try:
        found = compute(*given)
    except (ZeroDivisionError, OverflowError, ValueError, TypeError):
        return None
    return found if math.isfinite(found) and abs(found) < 1e15 else None


def _plain_sum(*given: float) -> float:
    return sum(given)


_NUMERIC: Final[dict[str, Callable[..., Any]]] = {
    "sum": _plain_sum,
    "difference": lambda one, other: one - other,
    "product": lambda *given: math.prod(given),
    "quotient": lambda one, other: one / other,
    "remainder": lambda one, other: one % other,
    "round": lambda one: round(one),
    "floor": lambda one: math.floor(one),
    "ceil": lambda one: math.ceil(one),
}
NAMES: Final = frozenset(
    {
        "and", "or", "not", "xor", "matches", "has_suffix", "has_prefix", "contains", "has_entry", "has_key", "has_all_entries",
        "has_all_keys", "has_any_entry", "has_any_key", "length", "concat", "join", "token", "union", "intersection",
        *COMPARISONS, *_NUMERIC,
    }
)  # fmt: skip
"""Functions of TOSCA 2.0 that need nothing but their arguments."""


def call(name: str, given: list[Plain]) -> Plain:
    """Return what a function of TOSCA 2.0 gives for its arguments; None is unknown."""
    if name in {"and", "or"}:
        return (both if name == "and" else either)([_truth(each) for each in given])
    if any(each is None for each in given) or not given:
        return None
    if name in _NUMERIC:
        return _numbers(given, _NUMERIC[name])
    if name == "length":
        return len(given[0]) if isinstance(given[0], str | list | dict) else None
    if name == "not":
        return not given[0] if isinstance(given[0], bool) else None
    if name == "xor":
        return None if any(not isinstance(each, bool) for each in given) else sum(given) == 1
    return _pair(name, given[0], given[1]) if len(given) == 2 else _listed(name, given)


def _pair(name: str, one: Plain, other: Plain) -> Plain:
    if name in COMPARISONS:
        return COMPARISONS[name](one, other)
    match name:
        case "matches":
            return _pattern(one, other)
        case "has_suffix" | "has_prefix" if isinstance(one, str) and isinstance(other, str):
            return one.endswith(other) if name == "has_suffix" else one.startswith(other)
        case "contains" if isinstance(one, str) and isinstance(other, str):
            return other in one
        case "has_key" if isinstance(one, dict):
            return other in one if isinstance(other, str) else None
        case "contains" | "has_entry" if isinstance(one, list | dict):
            return other in (list(one.values()) if isinstance(one, dict) else one)
        case "has_all_keys" | "has_any_key" if isinstance(one, dict) and isinstance(other, list):
            return (all if "all" in name else any)(each in one for each in other if isinstance(each, str))
        case "has_all_entries" | "has_any_entry" if isinstance(one, list) and isinstance(other, list):
            return (all if "all" in name else any)(each in one for each in other)
    return _listed(name, [one, other])


def _listed(name: str, given: list[Plain]) -> Plain:
    if name not in {"union", "intersection"} or not all(isinstance(each, list) for each in given):
        return None
    if sum(map(len, given)) > 1_000:
        return None
    found: list[Plain] = []
    for each in (item for some in given for item in some):
        if each not in found and (name == "union" or all(each in some for some in given)):
            found.append(each)
    return found
