"""The typed facts of each component, over which conditions in catalogs are decided."""

from collections import defaultdict

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts
from musa_pipeline.domain.cpim import Component, Cpim, Trust
from musa_pipeline.domain.exposure import shown_by
from musa_pipeline.domain.ids import ComponentId


def facts_of(cpim: Cpim, catalogs: Catalogs) -> dict[ComponentId, Facts]:
    """Return, for each component, fact name -> values that are known to hold; what the model does not say is absent.

    Facts: kind, category, role, exposed, data, protocol, secure, uses, used-by (kinds of neighbours), hosted, zone (its trust),
    and those that the graph shows: reachable, less-trusted, passes, single-point, uses-plain, unauthenticated.
    """
    kinds = {each.id: each.kind for each in cpim.components}
    trust = {each.name: each.trust for each in cpim.zones}
    uses: dict[ComponentId, set[str]] = defaultdict(set)
    used_by: dict[ComponentId, set[str]] = defaultdict(set)
    for link in cpim.connections:
        uses[link.source].add(kinds[link.target])
        used_by[link.target].add(kinds[link.source])
    shown: dict[ComponentId, dict[str, frozenset[str]]] = defaultdict(dict)
    for (fact, value), names in shown_by(cpim).items():
        for name in names:
            shown[name][fact] = shown[name].get(fact, frozenset()) | {str(value)}
    return {
        each.id: _facts(each, catalogs, uses[each.id], used_by[each.id], trust.get(each.zone)) | shown[each.id]
        for each in cpim.components
    }


def _facts(
    component: Component, catalogs: Catalogs, uses: set[str], used_by: set[str], trust: Trust | None
) -> dict[str, frozenset[str]]:
    kind = catalogs.kind.get(component.kind)
    facts: dict[str, frozenset[str]] = {
        "kind": frozenset({str(component.kind)}),
        "role": frozenset({str(component.role)}),
        "hosted": frozenset({"true" if component.host else "false"}),
        "uses": frozenset(uses),
        "used-by": frozenset(used_by),
        "data": frozenset(str(each.classification) for each in component.data),
        "protocol": frozenset(each.protocol.lower() for each in component.ports if each.protocol),
        "secure": frozenset("true" if each.secure else "false" for each in component.ports if each.secure is not None),
    }
    if kind and kind.category:
        facts["category"] = frozenset({kind.category})
    if trust:
        facts["zone"] = frozenset({str(trust)})
    if component.exposed is not None:
        facts["exposed"] = frozenset({"true" if component.exposed else "false"})
    return facts
