"""One service level as OpenSLO says it: a ratio with a budget where the promise is a share, else a threshold without one."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from musa_pipeline.domain.metric import Metric, Operator, Scale, Slo, Value
from musa_pipeline.domain.published import VALUE, number, series

WINDOW: Final = {"duration": "30d", "isRolling": True}
"""An SLA states no period, and OpenSLO wants one."""
SLICE: Final = "1m"
ALWAYS: Final = 0.99999
"""The share of minutes of thirty days that lets not one of them be bad: OpenSLO has no objective of 1."""
_OP: Final = {Operator.GE: "gte", Operator.LE: "lte", Operator.GT: "gt", Operator.LT: "lt"}
_ALERTING: Final = "5m"


@dataclass(frozen=True, slots=True)
class Alert:
    """When to tell: at which rate the budget burns; rate 1 uses up exactly what the promise leaves."""

    name: str
    severity: str
    op: str
    rate: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Level:
    """One service level in OpenSLO's words: the indicator, the objective with how its budget is counted, the alerts.

    `unsaid`: the threshold that starts an alert, where no burn rate expresses it.
    """

    indicator: dict[str, object]
    budgeting: str
    objective: dict[str, object]
    alerts: tuple[Alert, ...]
    unsaid: str = ""


def level(slo: Slo, metric: Metric | None, application: str, component: str) -> Level:
    """Return how a service level is said."""
    measured = series(VALUE, application, component, str(slo.metric))
    budget = _budget(slo, metric)
    return _threshold(slo, measured) if budget is None else _share(slo, measured, budget)


def _budget(slo: Slo, metric: Metric | None) -> Decimal | None:
    """Return which share of 100 may be bad; None where the promise is no share, or leaves nothing."""
    share = slo.unit == "%" and (metric is None or metric.scale is Scale.PERCENT) and not isinstance(slo.bound, bool)
    if not share or slo.operator not in (Operator.GE, Operator.LE):
        return None
    left = _left(slo.operator, slo.bound)
    return left if 0 < left <= 100 else None


def _left(operator: Operator, bound: Value) -> Decimal:
    # in decimals, for 100 - 98.505 is no number that people would recognise in binary
    return 100 - Decimal(repr(bound)) if operator is Operator.GE else Decimal(repr(bound))


def _share(slo: Slo, measured: str, budget: Decimal) -> Level:
    which = "good" if slo.operator is Operator.GE else "bad"
    ratio = {"counter": False, which: _source(measured), "total": _source(f"{measured} * 0 + 100")}
    alerts = [Alert("violated", "critical", "gt", 1.0, "more is bad than the promise leaves")]
    if slo.alert is not None and 0 <= (near := _left(slo.operator, slo.alert)) < budget:
        rate = float(round(near / budget, 6))
        alerts.append(Alert("at-risk", "warning", "gt", rate, f"{number(slo.alert)} {slo.unit} is passed, the bound is near"))
    unsaid = _words(slo.alert, slo.unit) if len(alerts) == 1 else ""
    return Level({"ratioMetric": ratio}, "Occurrences", {"target": float((100 - budget) / 100)}, tuple(alerts), unsaid)


def _threshold(slo: Slo, measured: str) -> Level:
    value: Value = slo.bound
    op = _OP.get(slo.operator, "gte")
    if slo.operator is Operator.EQ:
        measured, value = f"{measured} == bool {number(slo.bound)}", 1
    objective: dict[str, object] = {
        "op": op,
        "value": int(value) if isinstance(value, bool) else value,
        "target": ALWAYS,
        "timeSliceTarget": 1.0,
        "timeSliceWindow": SLICE,
    }
    alerts = (Alert("violated", "critical", "gt", 1.0, "one bad minute is more than the promise leaves"),)
    return Level({"thresholdMetric": _source(measured)}, "Timeslices", objective, alerts, _words(slo.alert, slo.unit))


def _words(alert: Value | None, unit: str) -> str:
    return "" if alert is None else f"{number(alert)} {unit}".strip()


def _source(query: str) -> dict[str, object]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


def condition(alert: Alert) -> dict[str, object]:
    """Return the condition of an alert."""
    return {
        "kind": "burnrate",
        "op": alert.op,
        "threshold": alert.rate,
        "lookbackWindow": _ALERTING,
        "alertAfter": SLICE,
    }
