"""What is guaranteed: variables bound to controls, objectives on metrics, and the range that each bound may be chosen from."""

from collections.abc import Sequence

from lxml import etree

from musa_pipeline.domain.metric import Scale, Slo
from musa_pipeline.formats.wsag.build import add
from musa_pipeline.formats.wsag.layout import Layout, Objective, Placed
from musa_pipeline.formats.wsag.names import control_parts, literal
from musa_pipeline.formats.wsag.values import spell, spell_bound


def properties(parent: etree._Element, layout: Layout, service: str, service_name: str) -> None:
    """Add one `ServiceProperties` for each capability with objectives, and one for the service if any are left."""
    root = parent.getroottree().getroot()
    for capability in layout.capabilities:
        if capability.objectives:
            _variables(parent, _capability_path(capability.id), service_name, capability.objectives, "")
    if layout.loose:
        _variables(parent, service, service_name, layout.loose, f"/wsag:{etree.QName(root).localname}")


def guarantees(parent: etree._Element, layout: Layout, service: str) -> None:
    """Add one `GuaranteeTerm` for each capability with objectives, and one named after the service if any are left."""
    for capability in layout.capabilities:
        if capability.objectives:
            _guarantee(parent, _capability_path(capability.id), capability.objectives)
    if layout.loose:
        _guarantee(parent, service, layout.loose)


def constraints(parent: etree._Element, objectives: Sequence[Objective]) -> None:
    """Add `CreationConstraints`: for each objective whose metric has a range, that range as facets of XML Schema."""
    section = add(parent, "wsag:CreationConstraints")
    for objective in objectives:
        facets = _facets(objective)
        if facets:
            item = add(section, "wsag:Item", None, {"wsag:Name": objective.id})
            add(item, "wsag:Location", f"//specs:SLO[@SLO_ID={literal(objective.id)}]//specs:operand")
            constraint = add(item, "wsag:ItemConstraint")
            for name, value in facets:
                add(constraint, f"xs:{name}", None, {"value": value})


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


def _variables(parent: etree._Element, name: str, service_name: str, objectives: Sequence[Objective], whole: str) -> None:
    terms = add(parent, "wsag:ServiceProperties", None, {"wsag:Name": name, "wsag:ServiceName": service_name})
    variables = add(terms, "wsag:VariableSet")
    seen: set[str] = set()
    for objective in objectives:
        metric = objective.slo.metric
        if metric not in seen:
            seen.add(metric)
            variable = add(variables, "wsag:Variable", None, {"wsag:Name": metric, "wsag:Metric": metric})
            add(variable, "wsag:Location", whole or " | ".join(map(_control_path, objective.shows)))


def _control_path(placed: Placed) -> str:
    framework = "NIST" if control_parts(placed.term.control) else "CCM"
    return f"//specs:{framework}securityControl[@id={literal(placed.ref)}]"


def _guarantee(parent: etree._Element, name: str, objectives: Sequence[Objective]) -> None:
    term = add(parent, "wsag:GuaranteeTerm", None, {"wsag:Name": name, "wsag:Obligated": "ServiceProvider"})
    level = add(add(term, "wsag:ServiceLevelObjective"), "wsag:CustomServiceLevel")
    listed = add(level, "specs:objectiveList")
    for objective in objectives:
        _objective(listed, objective.id, objective.slo)
    add(term, "wsag:BusinessValueList")


def _objective(parent: etree._Element, name: str, slo: Slo) -> None:
    element = add(parent, "specs:SLO", None, {"SLO_ID": name})
    add(element, "specs:MetricREF", slo.metric)
    expression = add(add(element, "specs:SLOexpression"), "specs:oneOpExpression")
    add(expression, "specs:operator", slo.operator)
    add(expression, "specs:operand", spell(slo.bound))
    add(element, "specs:importance_weight", slo.weight)
