"""Rule files of Prometheus: one group for each SLA, two recording rules and up to three alerts for each objective.

The rules refer to what the platform publishes (`domain.published`). Everything that a model says is text: neither PromQL, for it
is quoted, nor a template of Go, for its braces are.
"""

from collections.abc import Iterator, Mapping, Sequence

import yaml

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Metric, Slo, Weight
from musa_pipeline.domain.published import BROKEN, COMPARISON, EVIDENCE, VALUE, number, series

KEPT = "musa:promise_kept:bool"
KEPT_30D = "musa:promise_kept:avg30d"
MAX_AGE = 300
"""Seconds that evidence stands for where no catalog knows the metric."""
_SEVERITY = {Weight.HIGH: "critical", Weight.MEDIUM: "warning", Weight.LOW: "info"}

Rule = dict[str, object]


def write_rules(application: str, slas: Sequence[Sla], metrics: Mapping[MetricId, Metric]) -> str:
    """Return the rule file for some SLAs, that of the whole among them; `application` is the label that the platform gives."""
    groups = [
        {"name": f"musa/{application}/{sla.component or ''}".rstrip("/"), "rules": list(_rules(application, sla, metrics))}
        for sla in slas
        if sla.slos
    ]
    # the writer in C: ten thousand objectives in seconds, not in minutes
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump({"groups": groups}, Dumper=dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return text


def _rules(application: str, sla: Sla, metrics: Mapping[MetricId, Metric]) -> Iterator[Rule]:
    for slo in sla.slos:
        yield from _Objective(application, sla, slo, metrics).rules()


class _Objective:
    """The rules of one objective."""

    def __init__(self, application: str, sla: Sla, slo: Slo, metrics: Mapping[MetricId, Metric]) -> None:
        self._slo, self._sla = slo, sla
        self._metric = metrics.get(slo.metric)
        self._labels = {"application": application, "component": str(sla.component or ""), "metric": str(slo.metric)}
        self._value = series(VALUE, **self._labels)
        self._evidence = series(EVIDENCE, **self._labels)
        self._title = f"{self._metric.title if self._metric else slo.metric} of {sla.name}"

    def rules(self) -> Iterator[Rule]:
        """Yield them: recorded first."""
        told = {
            key: value for key, value in self._labels.items() if value
        }  # the series has them; promtool tells rules apart by them
        kept = f"max without (instance, job) ({self._value}) {COMPARISON[self._slo.operator]} bool {number(self._slo.bound)}"
        yield {"record": KEPT, "expr": kept, "labels": told}
        yield {"record": KEPT_30D, "expr": f"avg_over_time({series(KEPT, **self._labels)}[30d])", "labels": told}
        yield self._violated()
        if self._slo.alert is not None:
            yield self._at_risk(number(self._slo.alert))
        yield self._unproven()

    def _violated(self) -> Rule:
        expression = f"{self._value} {self._sign} {number(self._slo.bound)}"
        return self._alert("PromiseViolated", expression, _SEVERITY[self._slo.weight], "is violated: {{ $value }} was measured")

    def _at_risk(self, alert: str) -> Rule:
        expression = f"({self._value} {self._sign} {alert}) {COMPARISON[self._slo.operator]} {number(self._slo.bound)}"
        return self._alert("PromiseAtRisk", expression, "warning", "is at risk: {{ $value }} was measured")

    def _unproven(self) -> Rule:
        age = self._metric.max_age if self._metric else MAX_AGE
        expression = f"absent({self._evidence}) or time() - {self._evidence} > {age}"
        severity = "warning" if self._slo.weight is Weight.HIGH else "info"
        return self._alert("PromiseUnproven", expression, severity, f"is not proven: no evidence for {age} s", wait="5m")

    @property
    def _sign(self) -> str:
        return BROKEN[self._slo.operator]

    def _alert(self, name: str, expression: str, severity: str, what: str, *, wait: str = "") -> Rule:
        found: Rule = {"alert": name, "expr": expression}
        if wait:
            found["for"] = wait
        labels = {key: plain(value) for key, value in self._labels.items() if value}
        found["labels"] = {**labels, "severity": severity, "weight": self._slo.weight.lower()}
        found["annotations"] = {
            "summary": f"{plain(self._title)} {what}",
            "description": plain(self._promise()),
            "sla": plain(self._sla.id),
        }
        return found

    def _promise(self) -> str:
        slo = self._slo
        unit = f" {slo.unit}" if slo.unit else ""
        alert = f", alert at {number(slo.alert)}{unit}" if slo.alert is not None else ""
        because = f" ({slo.because})" if slo.because else ""
        definition = f" {self._metric.definition}" if self._metric and self._metric.definition else ""
        return f"promised: {COMPARISON[slo.operator]} {number(slo.bound)}{unit}{alert}{because}.{definition}"


def plain(text: str) -> str:
    """Return a text so that Go's templates take it as it is.

    >>> plain("{{ 7 }}"), plain("100 %")
    ('{{"{{"}} 7 }}', '100 %')
    """
    return text.replace("{{", '{{"{{"}}')
