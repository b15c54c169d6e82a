"""SLAs to OpenSLO v1 documents, one object each, in YAML: services first, then what is promised of each, then who is told."""

from collections.abc import Iterator, Mapping, Sequence

import yaml

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Metric, Slo
from musa_pipeline.domain.published import COMPARISON, number
from musa_pipeline.formats.openslo.names import described, key, label, name, titled
from musa_pipeline.formats.openslo.objectives import WINDOW, Alert, condition, level

TARGET = "operators"
"""Where alerts go: a name that the user's own object of that kind fills in."""

Tree = dict[str, object]


def write_openslo(application: str, slas: Sequence[Sla], metrics: Mapping[MetricId, Metric]) -> str:
    """Return the documents for some SLAs; `application` is the label that the platform publishes them under."""
    found = [each for sla in slas for each in _objects(application, sla, metrics)]
    if any(sla.slos for sla in slas):
        found.append(_target())
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump_all(found, Dumper=dumper, sort_keys=False, allow_unicode=True, width=10_000, explicit_start=True)
    return text


def _objects(application: str, sla: Sla, metrics: Mapping[MetricId, Metric]) -> Iterator[Tree]:
    service = _service_name(application, sla)
    annotations: dict[str, str] = {}
    for own, text in _unsaid(sla):
        # two ids may differ only in signs that a key cannot have
        annotations[own if own not in annotations else key(own.removeprefix("musa."), str(len(annotations)))] = text
    kind = {"kind": label(sla.kind)} if sla.kind else {}
    yield _object(
        "Service",
        _metadata(service, sla.name, {"application": label(application), **kind}, annotations),
        {"description": described(_about(sla))},
    )
    for slo in sla.slos:
        yield from _Promise(application, sla, slo, metrics.get(slo.metric)).objects(service)


def _service_name(application: str, sla: Sla) -> str:
    return name(application, str(sla.component)) if sla.component else name(application)


def _about(sla: Sla) -> str:
    what = f"the component {sla.name}" if sla.component else f"the whole application, composed of {len(sla.members)} SLAs"
    return f"Security SLA {sla.id}, of {what}: {len(sla.terms)} controls and {len(sla.slos)} service levels are promised."


def _unsaid(sla: Sla) -> Iterator[tuple[str, str]]:
    """Yield what an SLA says and OpenSLO has no words for."""
    yield key("sla"), sla.id
    yield key("customer"), sla.customer
    if sla.framework:
        yield key("framework"), sla.framework
    for term in sla.terms:
        scope = f" · for {', '.join(term.granted_for)}" if term.granted_for else ""
        not_applicable = f" · not applicable to {', '.join(term.not_applicable)}" if term.not_applicable else ""
        by = f" · by {', '.join(term.granted_by)}" if term.granted_by else ""
        text = f"{term.control} {term.title} · {term.weight.lower()} · rule {term.rule}{by}{scope}{not_applicable}"
        yield key("control", term.control), text
    for threat in sla.threats:
        yield key("threat", threat.threat), f"{threat.title} · {threat.stride} · {threat.rating} · {threat.source}"
    for count, place in enumerate(sla.resources, 1):
        os = f" · {place.os}" if place.os else ""
        yield key("resource", str(count)), f"{place.provider} · {place.offering} · {place.zone} · {place.title}{os}"
    for member in sla.members:
        yield key("member", member.component), f"{member.document} · sha256:{member.digest}"


class _Promise:
    """The objects of one service level."""

    def __init__(self, application: str, sla: Sla, slo: Slo, metric: Metric | None) -> None:
        self._application, self._sla, self._slo, self._metric = application, sla, slo, metric
        self._level = level(slo, metric, application, str(sla.component or ""))
        self._of = (application, *([str(sla.component)] if sla.component else []), str(slo.metric))
        self._title = f"{metric.title if metric else slo.metric} of {sla.name}"

    def objects(self, service: str) -> Iterator[Tree]:
        """Yield the indicator, the objective, and its alerts."""
        yield _object("SLI", self._meta(name(*self._of)), {**self._about(), **self._level.indicator})
        yield _object("SLO", self._meta(name(*self._of), self._unsaid()), self._objective(service))
        for alert in self._level.alerts:
            yield from self._alert(alert)

    def _objective(self, service: str) -> Tree:
        return {
            "description": described(self._promise()),
            "service": service,
            "indicatorRef": name(*self._of),
            "timeWindow": [dict(WINDOW)],
            "budgetingMethod": self._level.budgeting,
            "objectives": [{"displayName": titled(self._promise()), **self._level.objective}],
            "alertPolicies": [{"alertPolicyRef": name(*self._of, each.name)} for each in self._level.alerts],
        }

    def _alert(self, alert: Alert) -> Iterator[Tree]:
        own = name(*self._of, alert.name)
        about = described(f"{self._title}: {alert.sentence}.")
        meta = _metadata(own, f"{self._title} {alert.name.replace('-', ' ')}", self._labels())
        yield _object("AlertCondition", meta, {"description": about, "severity": alert.severity, "condition": condition(alert)})
        yield _object(
            "AlertPolicy",
            meta,
            {
                "description": about,
                "alertWhenNoData": alert.name == "violated",
                "alertWhenResolved": True,
                "alertWhenBreaching": True,
                "conditions": [{"conditionRef": own}],
                "notificationTargets": [{"targetRef": TARGET}],
            },
        )

    def _about(self) -> Tree:
        return {"description": described(self._metric.definition)} if self._metric and self._metric.definition else {}

    def _meta(self, own: str, annotations: Mapping[str, str] | None = None) -> Tree:
        return _metadata(own, self._title, self._labels(), annotations)

    def _labels(self) -> dict[str, object]:
        component = {"component": label(self._sla.component)} if self._sla.component else {}
        found = {"application": label(self._application), **component, "metric": label(self._slo.metric)}
        return {**found, "weight": self._slo.weight.lower()}

    def _unsaid(self) -> dict[str, str]:
        slo, metric = self._slo, self._metric
        found = {
            key("operator"): str(slo.operator),
            key("bound"): number(slo.bound),
            key("unit"): slo.unit,
            key("because"): slo.because,
            key("alert"): self._level.unsaid,
            key("evidence-lasts"): f"{metric.max_age}s" if metric else "",
            key("source"): str(metric.source) if metric else "",
        }
        return {name_: text for name_, text in found.items() if text}

    def _promise(self) -> str:
        unit = f" {self._slo.unit}" if self._slo.unit else ""
        return f"{self._title} {COMPARISON[self._slo.operator]} {number(self._slo.bound)}{unit}"


def _target() -> Tree:
    about = "who is on call for this application: put your own object of this name here"
    return _object("AlertNotificationTarget", _metadata(TARGET, "Operators", {}), {"target": "operators", "description": about})


def _metadata(own: str, title: str, labels: Mapping[str, object], annotations: Mapping[str, str] | None = None) -> Tree:
    found: Tree = {"name": own, "displayName": titled(title) or own}
    if labels:
        found["labels"] = dict(labels)
    if annotations:
        found["annotations"] = dict(annotations)
    return found


def _object(kind: str, metadata: Tree, spec: Tree) -> Tree:
    return {"apiVersion": "openslo/v1", "kind": kind, "metadata": metadata, "spec": spec}
