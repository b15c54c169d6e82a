"""Composes service level objectives: the bound of the whole is never stricter than that of its weakest member (DESIGN, rule 6)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import floor, prod

from musa_pipeline.composition.objectives import LOWER, UPPER, alert_for
from musa_pipeline.domain.composition import ComposedSlo
from musa_pipeline.domain.cpim import Component
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale, Slo, Value, Weight
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import NOWHERE

SIGNS = {Operator.EQ: "=", Operator.GE: "≥", Operator.LE: "≤", Operator.GT: ">", Operator.LT: "<"}
Bounds = Sequence[tuple[Component, Slo]]


def compose_slos(
    promised: Mapping[ComponentId, Sequence[Slo]],
    components: Mapping[ComponentId, Component],
    metrics: Mapping[MetricId, Metric],
    needed: Mapping[MetricId, Sequence[ComponentId]],
    problems: Problems,
) -> tuple[ComposedSlo, ...]:
    """Return the objectives of the application by metric.

    `promised` are the objectives of each member; `needed`, for metrics that multiply, all members that must state theirs.
    """
    members: dict[MetricId, list[tuple[Component, Slo]]] = defaultdict(list)
    for component in sorted(promised):
        for slo in promised[component]:
            members[slo.metric].append((components[component], slo))
    found = []
    for id_ in sorted(members):
        metric = metrics.get(id_)
        fits = [_fits(component, slo, metric, problems) for component, slo in members[id_]]
        if metric and all(fits) and (composed := _compose(metric, members[id_], needed.get(id_, ()), problems)):
            found.append(composed)
    return tuple(found)


def _fits(component: Component, slo: Slo, metric: Metric | None, problems: Problems) -> bool:
    """Tell whether a bound can be composed as its metric says; units and operators are compared, never converted by guess."""
    if metric is None:
        problems.report("G001", slo.at, f"{component.id!r} promises a bound on {slo.metric!r}, which no catalog defines")
        return False
    if slo.unit != metric.unit:
        text = f"the bound on {slo.metric!r} of {component.id!r} is in {slo.unit!r}, the metric in {metric.unit!r}"
        problems.report("G002", slo.at, text, help=f"state it in {metric.unit!r}")
        return False
    if isinstance(slo.bound, bool) is not (metric.scale is Scale.BOOLEAN):
        text = f"the bound on {slo.metric!r} of {component.id!r} is {slo.bound!r}, the metric's scale is {metric.scale!s}"
        problems.report("G003", slo.at, text)
        return False
    if slo.operator not in _operators(metric):
        known = ", ".join(sorted(_operators(metric)))
        text = f"the bound on {slo.metric!r} of {component.id!r} says {str(slo.operator)!r}, which cannot be composed"
        problems.report("G003", slo.at, text, help=f"this metric is composed from {known}")
        return False
    return True


def _operators(metric: Metric) -> frozenset[Operator]:
    """Return the operators that agree with the metric's own and with how it combines."""
    match metric.combine:
        case Combine.MIN:
            fitting = LOWER | {Operator.EQ}
        case Combine.MAX:
            fitting = UPPER | {Operator.EQ}
        case Combine.PRODUCT:
            fitting = LOWER
        case Combine.ALL:
            fitting = LOWER | UPPER | {Operator.EQ}
    for side in (LOWER, UPPER):
        if metric.operator in side:
            return fitting & side
    return fitting


def _compose(metric: Metric, members: Bounds, needed: Sequence[ComponentId], problems: Problems) -> ComposedSlo | None:
    slo: Slo | None
    match metric.combine:
        case Combine.MIN | Combine.MAX:
            slo = _weakest(metric, members)
        case Combine.ALL:
            slo = _same(metric, members, problems)
        case Combine.PRODUCT:
            slo = _product(metric, members, needed, problems)
    if slo is None:
        return None
    words = tuple((component.id, _words(metric, component, each)) for component, each in members)
    return ComposedSlo(slo=slo, combine=str(metric.combine), members=words)


def _weakest(metric: Metric, members: Bounds) -> Slo:
    """Return the lowest of lower bounds, the highest of upper ones; exact bounds that differ leave that side only."""
    lowest = metric.combine is Combine.MIN
    choose = min if lowest else max
    bound = choose(slo.bound for _, slo in members)
    strict, loose = (Operator.GT, Operator.GE) if lowest else (Operator.LT, Operator.LE)
    if all((slo.operator, slo.bound) == (Operator.EQ, bound) for _, slo in members):
        operator = Operator.EQ
    else:
        operator = strict if all(slo.operator is strict for _, slo in members if slo.bound == bound) else loose
    alerts = [slo.alert for _, slo in members if slo.alert is not None]
    alert = choose(alerts) if len(alerts) == len(members) else alert_for(metric, operator, bound)
    return _slo(metric, members, operator, bound, alert, f"the {'lowest' if lowest else 'highest'} of {len(members)}")


def _same(metric: Metric, members: Bounds, problems: Problems) -> Slo | None:
    """Return the bound that all members hold; members that promise different things promise nothing together."""
    first = members[0][1]
    differing = next((slo for _, slo in members if (slo.operator, slo.bound) != (first.operator, first.bound)), None)
    if differing is None:
        return _slo(metric, members, first.operator, first.bound, first.alert, f"all {len(members)}")
    text = f"components promise different values of {metric.id!r}, so the application promises none"
    problems.report("G004", differing.at, text, severity=Severity.NOTE)
    return None


def _product(metric: Metric, members: Bounds, needed: Sequence[ComponentId], problems: Problems) -> Slo | None:
    """Return the product over all members, as when each must be up for the whole to be up; one that is unknown leaves it unknown."""
    silent = sorted(set(needed) - {component.id for component, _ in members})
    if silent:
        some = ", ".join(silent[:3]) + (f" and {len(silent) - 3} more" if len(silent) > 3 else "")
        text = f"{metric.id!r} of the application is not promised: nothing is promised for {some}"
        at = next((slo.at for _, slo in members), NOWHERE)
        problems.report("G005", at, text, help="state it for each component that the application needs", severity=Severity.NOTE)
        return None
    operator = Operator.GT if all(slo.operator is Operator.GT for _, slo in members) else Operator.GE
    bound = _down(prod(_effective(metric, component, slo.bound) for component, slo in members) * _whole(metric))
    alert: Value | None = alert_for(metric, operator, bound)
    if all(slo.alert is not None for _, slo in members):
        alert = _down(prod(_effective(metric, component, slo.alert or 0) for component, slo in members) * _whole(metric))
    return _slo(metric, members, operator, bound, alert, f"the product of {len(members)}")


def _effective(metric: Metric, component: Component, bound: Value) -> float:
    """Return a share 0..1; declared instances stand in for one another: 1 - (1 - a)^n."""
    share = min(1.0, max(0.0, bound / _whole(metric)))
    return share if component.instances <= 1 else 1 - (1 - share) ** component.instances


def _whole(metric: Metric) -> float:
    return 100.0 if metric.scale is Scale.PERCENT else 1.0


def _down(value: float) -> float:
    """Round down, so that rounding never promises more; the last bits of binary fractions are not counted as less."""
    return floor(value * 10**6 + 1e-4) / 10**6


def _slo(metric: Metric, members: Bounds, operator: Operator, bound: Value, alert: Value | None, because: str) -> Slo:
    order = list(Weight)
    weight = max((slo.weight for _, slo in members), key=order.index)
    return Slo(
        metric=metric.id,
        operator=operator,
        bound=bound,
        unit=metric.unit,
        weight=weight,
        alert=None if alert == bound else alert,
        because=because,
    )


def _words(metric: Metric, component: Component, slo: Slo) -> str:
    shown = str(slo.bound).lower() if isinstance(slo.bound, bool) else f"{slo.bound:g}"
    text = f"{SIGNS[slo.operator]} {shown} {slo.unit}".strip()
    if metric.combine is Combine.PRODUCT and component.instances > 1:
        value = _effective(metric, component, slo.bound) * _whole(metric)
        return f"{text} each of {component.instances} instances, {value:.6g} together"
    return text
