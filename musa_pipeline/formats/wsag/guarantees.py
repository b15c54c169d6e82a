"""What is guaranteed: variables bound to controls, objectives on metrics, and the range that each bound may be chosen from."""

from collections.abc import Sequence
from functools import partial

from musa_pipeline.domain.metric import Scale
from musa_pipeline.formats.wsag.build import Element, Kept, add, put
from musa_pipeline.formats.wsag.layout import Layout, Objective
from musa_pipeline.formats.wsag.names import control_parts, literal
from musa_pipeline.formats.wsag.values import spell, spell_bound

_ITEMS, _OBJECTIVES, _VARIABLES = Kept(), Kept(), Kept()


def properties(parent: Element, layout: Layout, service: str, service_name: str, document: str) -> None:
    """Add one `ServiceProperties` for each capability with objectives, and one for the service if any are left."""
    for capability in layout.capabilities:
        if capability.objectives:
            _variables(parent, _capability_path(capability.id), service_name, capability.objectives, "")
    if layout.loose:
        _variables(parent, service, service_name, layout.loose, f"/{document}")


def guarantees(parent: Element, layout: Layout, service: str) -> None:
    """Add one `GuaranteeTerm` for each capability with objectives, and one named after the service if any are left."""
    for capability in layout.capabilities:
        if capability.objectives:
            _guarantee(parent, _capability_path(capability.id), capability.objectives)
    if layout.loose:
        _guarantee(parent, service, layout.loose)


def constraints(parent: Element, objectives: Sequence[Objective]) -> None:
    """Add `CreationConstraints`: for each objective whose metric has a range, that range as facets of XML Schema."""
    section = add(parent, "wsag:CreationConstraints")
    for objective in objectives:
        facets = tuple(_facets(objective))
        if facets:
            _ITEMS.add(section, (objective.id, facets), partial(_item, name=objective.id, facets=facets))


def _item(parent: Element, name: str, facets: Sequence[tuple[str, str]]) -> None:
    item = add(parent, "wsag:Item", {"wsag:Name": name})
    put(item, "wsag:Location", f"//specs:SLO[@SLO_ID={literal(name)}]//specs:operand")
    constraint = add(item, "wsag:ItemConstraint")
    for facet, value in facets:
        put(constraint, f"xs:{facet}", None, {"value": value})


def _facets(objective: Objective) -> list[tuple[str, str]]:
    metric = objective.metric
    if not metric:
        return []
    if metric.scale is Scale.BOOLEAN:
        return [("enumeration", "yes"), ("enumeration", "no")]
    ends = (("minInclusive", metric.lowest), ("maxInclusive", metric.highest))
    return [(name, spell_bound(end)) for name, end in ends if end is not None]


def _capability_path(capability: str) -> str:
    return f"//specs:capability[@id={literal(capability)}]"


def _variables(parent: Element, name: str, service_name: str, objectives: Sequence[Objective], whole: str) -> None:
    terms = add(parent, "wsag:ServiceProperties", {"wsag:Name": name, "wsag:ServiceName": service_name})
    variables = add(terms, "wsag:VariableSet")
    seen: set[str] = set()
    for objective in objectives:
        metric = objective.slo.metric
        if metric not in seen:
            seen.add(metric)
            said = (metric, whole, tuple((each.ref, each.term.control) for each in objective.shows))
            _VARIABLES.add(variables, said, partial(_variable, said=said))


def _variable(parent: Element, said: tuple[str, str, tuple[tuple[str, str], ...]]) -> None:
    metric, whole, shows = said
    variable = add(parent, "wsag:Variable", {"wsag:Name": metric, "wsag:Metric": metric})
    put(variable, "wsag:Location", whole or " | ".join(_control_path(ref, control) for ref, control in shows))


def _control_path(ref: str, control: str) -> str:
    framework = "NIST" if control_parts(control) else "CCM"
    return f"//specs:{framework}securityControl[@id={literal(ref)}]"


def _guarantee(parent: Element, name: str, objectives: Sequence[Objective]) -> None:
    term = add(parent, "wsag:GuaranteeTerm", {"wsag:Name": name, "wsag:Obligated": "ServiceProvider"})
    level = add(add(term, "wsag:ServiceLevelObjective"), "wsag:CustomServiceLevel")
    listed = add(level, "specs:objectiveList")
    for objective in objectives:
        slo = objective.slo
        said = (objective.id, slo.metric, str(slo.operator), spell(slo.bound), str(slo.weight))
        _OBJECTIVES.add(listed, said, partial(_objective, said=said))
    put(term, "wsag:BusinessValueList")


def _objective(parent: Element, said: tuple[str, str, str, str, str]) -> None:
    name, metric, operator, operand, weight = said
    element = add(parent, "specs:SLO", {"SLO_ID": name})
    put(element, "specs:MetricREF", metric)
    expression = add(add(element, "specs:SLOexpression"), "specs:oneOpExpression")
    put(expression, "specs:operator", operator)
    put(expression, "specs:operand", operand)
    put(element, "specs:importance_weight", weight)
