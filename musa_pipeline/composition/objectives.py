"""The service level objectives of one component: metrics that show its controls at work, with the bounds asked for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from musa_pipeline.composition.fitting import Fitting
from musa_pipeline.domain.agreement import SlatTerm, weight_of
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts
from musa_pipeline.domain.ids import ControlId, MetricId, ThreatId, control_key
from musa_pipeline.domain.metric import Metric, Operator, Scale, Slo, Value
from musa_pipeline.domain.risk import Rating, Risk

LOWER = frozenset({Operator.GE, Operator.GT})
"""Operators of a lower bound: more is better."""
UPPER = frozenset({Operator.LE, Operator.LT})
"""Operators of an upper bound: less is better."""


class Objectives:
    """The metrics of a catalog, found by what they show."""

    def __init__(self, catalogs: Catalogs) -> None:
        self._catalogs = catalogs
        self._applies = Fitting((each.id, each.applies) for each in catalogs.metrics)
        self._agents = Fitting((each.id, each.protects) for each in catalogs.agents if each.measures)
        self._by_control: dict[ControlId, list[MetricId]] = defaultdict(list)
        self._by_threat: dict[ThreatId, list[MetricId]] = defaultdict(list)
        for metric in catalogs.metrics:
            for link in metric.controls:
                self._by_control[link.control].append(metric.id)
            for threat in metric.threats:
                self._by_threat[threat].append(metric.id)

    def of(
        self, terms: Sequence[SlatTerm], risks: Sequence[Risk], facts: Facts, given: Mapping[MetricId, Slo]
    ) -> tuple[Slo, ...]:
        """Return the objectives by metric: those that show a required control or watch a risk from medium on, and those given.

        Of themselves only metrics that an agent of the catalog can measure here: nobody could tell whether others are held.
        """
        reasons: dict[MetricId, list[tuple[int, str]]] = defaultdict(list)
        for term in terms:
            for metric in self._by_control.get(term.control, ()):
                reasons[metric].append((term.score, term.control))
        for risk in risks:
            if risk.rating.score >= Rating.MEDIUM.score:
                for metric in self._by_threat.get(risk.threat, ()):
                    reasons[metric].append((risk.rating.score, risk.threat))
        seen = {metric for agent in self._agents.at(facts) for metric in self._catalogs.agent[agent].measures}
        fits = self._applies.at(facts) & seen
        found = [
            self._slo(metric, reasons.get(metric, []), given.get(metric))
            for metric in {*reasons, *given}
            if metric in fits or metric in given
        ]
        return tuple(sorted((each for each in found if each), key=lambda each: each.metric))

    def _slo(self, id: MetricId, reasons: list[tuple[int, str]], given: Slo | None) -> Slo | None:  # noqa: A002
        metric = self._catalogs.metric.get(id)
        if given is None:
            if metric is None or metric.default is None:
                return None
            slo = Slo(metric=id, operator=metric.operator, bound=metric.default, unit=metric.unit, at=metric.at)
        else:
            slo = given if given.unit or metric is None else replace(given, unit=metric.unit)
        weight = weight_of(max(score for score, _ in reasons)) if reasons else slo.weight
        alert = slo.alert if slo.alert is not None or metric is None else alert_for(metric, slo.operator, slo.bound)
        return replace(slo, weight=weight, alert=alert, because=_because(reasons, given))


def _because(reasons: list[tuple[int, str]], given: Slo | None) -> str:
    shown = sorted(dict.fromkeys(word for _, word in reasons), key=control_key)
    words = [given.because or "asked for"] if given else []
    return "; ".join((*words, *([f"shows {', '.join(shown)}"] if shown else [])))


def alert_for(metric: Metric, operator: Operator, bound: Value) -> Value | None:
    """Return the value to warn at before a bound breaks: a lower bound in percent halfway to 100, an upper bound at 90 %.

    >>> from musa_pipeline.domain.metric import Combine
    >>> from musa_pipeline.domain.source import Source
    >>> up = Metric(id=MetricId("availability"), title="", definition="", unit="%", scale=Scale.PERCENT,
    ...             operator=Operator.GE, combine=Combine.PRODUCT, max_age=60, source=Source(document=""))
    >>> alert_for(up, Operator.GE, 99)
    99.5
    >>> alert_for(up, Operator.LT, 0.00005)
    4.5e-05
    """
    if isinstance(bound, bool) or metric.scale in {Scale.BOOLEAN, Scale.LEVEL}:
        return None
    if operator in LOWER and metric.scale is Scale.PERCENT and bound < 100:
        return round((bound + 100) / 2, 4)
    if operator in UPPER and bound > 0:
        return round(bound * 0.9, 4) if bound >= 1 else float(f"{bound * 0.9:.4g}")
    return None
