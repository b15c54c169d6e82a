"""The service description of the SPECS extension: resources, capabilities with their controls, definitions of metrics."""

from collections.abc import Sequence
from functools import partial

from musa_pipeline.domain.agreement import Resource
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import MetricId, ProviderId
from musa_pipeline.domain.metric import Combine, Metric, Scale, Slo
from musa_pipeline.formats.wsag.build import Element, Kept, add, put
from musa_pipeline.formats.wsag.layout import Capability, Layout, Objective, Placed
from musa_pipeline.formats.wsag.names import control_parts
from musa_pipeline.formats.wsag.values import spell_bound

_CONTROLS, _METRICS = Kept(), Kept()
_COMBINED = {
    Combine.MIN: "the whole holds the lowest value of its members",
    Combine.MAX: "the whole holds the highest value of its members",
    Combine.ALL: "the whole holds it when every member does",
    Combine.PRODUCT: "the whole holds the product of its members' values",
}


def describe(parent: Element, layout: Layout, framework: str, catalogs: Catalogs, resources: Sequence[Resource] = ()) -> None:
    """Add `specs:serviceDescription` of a document that has at least one control."""
    description = add(parent, "specs:serviceDescription")
    for resource in resources:
        _resource(description, resource, catalogs)
    capabilities = add(description, "specs:capabilities")
    for capability in layout.capabilities:
        _capability(capabilities, capability, framework, catalogs)
    if layout.objectives:
        metrics = add(description, "specs:security_metrics")
        firsts: dict[MetricId, Objective] = {}
        for objective in layout.objectives:
            firsts.setdefault(objective.slo.metric, objective)
        for objective in firsts.values():
            slo = objective.slo
            _METRICS.add(
                metrics, (objective.metric or slo.metric, slo.unit, type(slo.bound)), partial(_metric, objective=objective)
            )


def _resource(parent: Element, resource: Resource, catalogs: Catalogs) -> None:
    provider = catalogs.provider.get(ProviderId(resource.provider))
    attributes = {
        "id": resource.provider,
        "name": provider.name if provider else resource.provider,
        "zone": resource.zone,
        "description": resource.title,
        "label": resource.offering,
    }
    element = add(add(parent, "specs:serviceResources"), "specs:resourcesProvider", attributes)
    if resource.os:
        put(element, "specs:VM", None, {"appliance": resource.os, "hardware": resource.offering, "description": resource.title})


def _capability(parent: Element, capability: Capability, framework: str, catalogs: Catalogs) -> None:
    count = len(capability.terms)
    attributes = {
        "id": capability.id,
        "name": capability.title,
        "description": f"{count} control{'s' if count > 1 else ''} of {capability.title}",
        "mandatory": "yes",
    }
    element = add(parent, "specs:capability", attributes)
    named = {"id": framework, "frameworkName": _framework_name(framework, catalogs)}
    controls = add(element, "specs:controlFramework", named)
    for placed in capability.terms:
        term = placed.term
        _CONTROLS.add(controls, (placed.ref, term.control, term.title, term.weight), partial(_control, placed=placed))


def _framework_name(framework: str, catalogs: Catalogs) -> str:
    for each in (catalogs.controls, *catalogs.older):
        if each.id == framework:
            return f"NIST SP 800-53 revision {each.revision}"
    return framework


def _control(parent: Element, placed: Placed) -> None:
    term, parts = placed.term, control_parts(placed.term.control)
    if parts:
        family, number, enhancement = parts
        place = {"control_family": family, "securityControl": number, "control_enhancement": enhancement}
        element = add(parent, "specs:NISTsecurityControl", {"id": placed.ref, "name": term.title, **place})
    else:
        place = {"control_domain": term.control.split("-")[0]}
        element = add(parent, "specs:CCMsecurityControl", {"id": placed.ref, "name": term.title, **place})
    prefix = "nist" if parts else "ccm"
    put(element, f"{prefix}:description", term.title)
    put(element, f"{prefix}:importance_weight", term.weight)


def _metric(parent: Element, objective: Objective) -> None:
    slo, metric = objective.slo, objective.metric
    element = add(parent, "specs:Metric", {"name": metric.title if metric else slo.metric, "referenceId": slo.metric})
    definition = add(element, "specs:MetricDefinition")
    unit = add(definition, "specs:unit", {"name": slo.unit})
    scale = metric.scale if metric else _scale_of(slo)
    if scale is Scale.BOOLEAN:
        _yes_no(unit)
    else:
        _interval(unit, scale, metric)
    kind = add(definition, "specs:scale")
    match scale:
        case Scale.BOOLEAN:
            put(kind, "specs:Qualitative", "Nominal")
        case Scale.LEVEL:
            put(kind, "specs:Qualitative", "Ordinal")
        case _:
            put(kind, "specs:Quantitative", "Ratio")
    put(definition, "specs:expression", _COMBINED[metric.combine] if metric else "")
    put(definition, "specs:definition", metric.definition if metric else "")
    put(definition, "specs:note", _source(metric) if metric else "no catalog entry defines this metric")


def _scale_of(slo: Slo) -> Scale:
    return Scale.BOOLEAN if isinstance(slo.bound, bool) else Scale.NUMBER


def _source(metric: Metric) -> str:
    return f"{metric.reference} in {metric.source}" if metric.reference else str(metric.source)


def _yes_no(parent: Element) -> None:
    unit = add(parent, "specs:enumUnit")
    put(unit, "specs:enumItemsType", "boolean")
    items = add(unit, "specs:enumItems")
    for value, meaning in (("yes", "it holds"), ("no", "it does not hold")):
        item = add(items, "specs:enumItem")
        put(item, "specs:value", value)
        put(item, "specs:description", meaning)


def _interval(parent: Element, scale: Scale, metric: Metric | None) -> None:
    """An empty start, stop or step means: no bound, no steps."""
    unit = add(parent, "specs:intervalUnit")
    lowest, highest = (metric.lowest, metric.highest) if metric else (None, None)
    level = scale is Scale.LEVEL
    put(unit, "specs:intervalItemsType", "integer" if level else "float")
    put(unit, "specs:intervalItemStart", "" if lowest is None else spell_bound(lowest))
    put(unit, "specs:intervalItemStop", "" if highest is None else spell_bound(highest))
    put(unit, "specs:intervalItemStep", "1" if level else "")
