"""Bounds: whether a value holds one, how samples make a value, and how members' values make that of the whole."""

from collections.abc import Iterable
from math import inf, nextafter, prod

from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale, Slo, Value
from musa_pipeline.domain.verdict import Over

STATE = 3600
"""Evidence that may be an hour old or more describes a state, which one reading tells; younger evidence is one of many samples."""
SIGNS = {Operator.EQ: "=", Operator.GE: "≥", Operator.LE: "≤", Operator.GT: ">", Operator.LT: "<"}
LOWER = frozenset({Operator.GE, Operator.GT})
UPPER = frozenset({Operator.LE, Operator.LT})
SPELT = {"hours": "h", "hour": "h", "milliseconds": "ms", "seconds": "s", "minutes": "min", "days": "d", "percent": "%"}
"""Units that agents write out; a unit is compared, never converted."""
NEAR = 1e-9
"""Sums of binary fractions are not exact: a value this near its bound holds it (in parts of the bound)."""


def limits(operator: Operator, bound: Value) -> tuple[float, float]:
    """Return the least and the most value that hold a bound; the bound itself holds `geq`, `leq` and `eq`, not `gt` and `lt`."""
    slack = NEAR * max(1.0, abs(bound))
    match operator:
        case Operator.GE:
            return bound - slack, inf
        case Operator.LE:
            return -inf, bound + slack
        case Operator.GT:
            return nextafter(bound + slack, inf), inf
        case Operator.LT:
            return -inf, nextafter(bound - slack, -inf)
        case Operator.EQ:
            return bound - slack, bound + slack


def holds(operator: Operator, value: float, bound: Value) -> bool:
    """Tell whether a value holds a bound.

    >>> [holds(each, 99, 99) for each in (Operator.GE, Operator.LE, Operator.EQ, Operator.GT, Operator.LT)]
    [True, True, True, False, False]
    """
    least, most = limits(operator, bound)
    return least <= value <= most


def over_of(metric: Metric) -> Over:
    """Return how samples of a metric make one value: by how long evidence stands, else by its scale.

    A state (evidence stands for an hour or more: ages, intervals, levels, shares of a period) is what was read last.
    Of samples, yes/no and levels are as good as the worst of them; percent and numbers have a mean.
    """
    if metric.max_age >= STATE:
        return Over.LAST
    return Over.WORST if metric.scale in {Scale.BOOLEAN, Scale.LEVEL} else Over.MEAN


def worse(operator: Operator, bound: Value, one: float, other: float) -> float:
    """Return the worse of two values; the same whichever comes first."""
    low, high = min(one, other), max(one, other)
    if operator in LOWER:
        return low
    if operator in UPPER:
        return high
    return low if abs(low - bound) >= abs(high - bound) else high


def combined(combine: Combine, slo: Slo, values: Iterable[float]) -> float:
    """Return the value of the whole: the lowest, the highest, the product of shares, or, where all must hold, the worst."""
    found = list(values)
    match combine:
        case Combine.MIN:
            return min(found)
        case Combine.MAX:
            return max(found)
        case Combine.PRODUCT:
            whole = 100.0 if slo.unit == "%" else 1.0
            return prod(each / whole for each in found) * whole
        case Combine.ALL:
            value = found[0]
            for each in found[1:]:
                value = worse(slo.operator, slo.bound, value, each)
            return value


def surely_broken(combine: Combine, slo: Slo, value: float) -> bool:
    """Tell whether the whole breaks its bound by what is known alone, whatever the members that are not known may be."""
    if holds(slo.operator, value, slo.bound):
        return False
    match combine:
        case Combine.MIN:
            return slo.operator in LOWER or (slo.operator is Operator.EQ and value < slo.bound)
        case Combine.MAX:
            return slo.operator in UPPER or (slo.operator is Operator.EQ and value > slo.bound)
        case Combine.PRODUCT:
            return slo.operator in LOWER or (slo.operator is Operator.EQ and value < slo.bound)
        case Combine.ALL:
            return True


def same_unit(said: str, unit: str) -> bool:
    """Tell whether two units are one, written short or out; no unit at all is what yes/no has.

    >>> same_unit("hours", "h"), same_unit("s", "ms")
    (True, False)
    """
    return SPELT.get(said, said) == SPELT.get(unit, unit)


def range_of(slo: Slo) -> tuple[float, float]:
    """Return the values a sample may have: shares 0..100, yes/no 0..1, everything else any finite number."""
    if isinstance(slo.bound, bool):
        return 0.0, 1.0
    return (0.0, 100.0) if slo.unit == "%" else (-1e300, 1e300)


def budget(slo: Slo, value: float | None) -> float | None:
    """Return the share of the allowed shortfall that is left, 0..1; None where a bound allows none or nothing is known.

    >>> from musa_pipeline.domain.ids import MetricId
    >>> budget(Slo(metric=MetricId("availability"), operator=Operator.GE, bound=99, unit="%"), 99.5)
    0.5
    """
    if value is None or slo.unit != "%" or isinstance(slo.bound, bool):
        return None
    allowed, used = (100 - slo.bound, 100 - value) if slo.operator in LOWER else (slo.bound, value)
    if slo.operator is Operator.EQ or allowed <= 0:
        return None
    return round(min(1.0, max(0.0, 1 - used / allowed)), 4)


def shown(value: float | None, slo: Slo) -> str:
    """Return a value in words, with its unit."""
    if value is None:
        return "nothing"
    if isinstance(slo.bound, bool):
        return "yes" if value else "no"
    return f"{float(value):.6g} {slo.unit}".strip()
