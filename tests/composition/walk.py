"""An oracle: composition as one plain walk for each control over a networkx graph, written apart from the product's bits."""

from collections.abc import Sequence

import networkx as nx

from musa_pipeline.domain.agreement import Slat, type_of
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import holds
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.macm import Macm, RelationKind


class Walk:
    def __init__(self, macm: Macm, cpim: Cpim, slats: Sequence[Slat], catalogs: Catalogs) -> None:
        self.catalogs = catalogs
        self.facts = facts_of(cpim, catalogs)
        self.components = {each.id: each for each in cpim.components}
        self.members = sorted(each.id for each in cpim.components if each.role is Role.COMPONENT)
        self.said = {(node.id, each.control): each.by for node in macm.nodes for each in node.answered}
        self.graph = nx.MultiDiGraph()
        names = {each.id: each.component or each.id for each in macm.nodes}
        for each in macm.nodes:
            self.graph.add_node(names[each.id], grants=each.grants)
        for each in cpim.components:
            self.graph.add_node(each.id)
        for each in macm.relations:
            self.graph.add_edge(names[each.source], names[each.target], key=each.kind)
        self.floating = self._floating()

    def _before(self, node: str, *kinds: RelationKind) -> list[str]:
        return [source for source, _, kind in self.graph.in_edges(node, keys=True) if kind in kinds]

    def _own(self, node: str, control: str) -> bool:
        entry = self.catalogs.control.get(control)
        return entry is not None and not entry.withdrawn and control in self.graph.nodes[node].get("grants", ())

    def _floating(self) -> set[str]:
        """Return the nodes that host one another in a circle, and what stands on them."""
        stands = nx.DiGraph()
        stands.add_edges_from(
            (s, t) for s, t, k in self.graph.edges(keys=True) if k in {RelationKind.HOSTS, RelationKind.PROVIDES}
        )
        circles = {n for part in nx.strongly_connected_components(stands) for n in part if len(part) > 1 or stands.has_edge(n, n)}
        return circles.union(*(nx.descendants(stands, each) for each in circles)) if circles else set()

    def _host(self, node: str, control: str) -> bool:
        if node in self.floating:
            return False
        hosts = self._before(node, RelationKind.HOSTS, RelationKind.PROVIDES)
        return bool(hosts) and all(self._own(each, control) or self._host(each, control) for each in hosts)

    def applies(self, component: str, control: str) -> bool:
        entry = self.catalogs.control.get(control)
        node = self.components.get(component)
        if node is not None and any(each.control == control for each in node.wanted):
            return True
        if entry is None or entry.withdrawn:
            return False
        scope = self.catalogs.scope.get(control)
        return node is None or scope is None or holds(scope.applies, self.facts[component])

    def _local(self, node: str, control: str) -> bool:
        entry = self.catalogs.control.get(control)
        if entry is None or entry.withdrawn:
            return False
        if node not in self.members:
            return self._own(node, control) or self._host(node, control)
        kind = type_of(entry, self.said.get((node, control)))
        host = self._host(node, control)
        shield = any(
            self._own(agent, control) and (kind is not ControlType.HYBRID or self._host(agent, control))
            for agent in self._before(node, RelationKind.PROTECTS)
        )
        own = self._own(node, control)
        if kind is ControlType.SPECIFIC:
            return own or shield
        if kind is ControlType.COMMON:
            return host or shield
        return (own or shield) and host

    def granted(self, control: str) -> dict[str, bool]:
        """Return what each member is granted after all rules."""
        has = {node: self._local(node, control) for node in self.graph}
        scope = self.catalogs.scope.get(control)
        if scope and scope.travels:
            changed = True
            while changed:
                changed = False
                for node in list(has):
                    used = [target for _, target, kind in self.graph.out_edges(node, keys=True) if kind is RelationKind.USES]
                    if has[node] and any(self.applies(each, control) and not has[each] for each in used):
                        has[node], changed = False, True
        if scope and scope.boundary:
            entries = [each for each in self.members if self.components[each].exposed] or self.members
            at = [each for each in entries if self.applies(each, control)]
            if at and all(has[each] for each in at):
                return dict.fromkeys(self.members, True)
        return {each: has[each] for each in self.members}

    def promised(self, control: str) -> bool:
        granted = self.granted(control)
        entry = self.catalogs.control.get(control)
        inside = [each for each in self.members if self.applies(each, control)]
        return entry is not None and not entry.withdrawn and bool(inside) and all(granted[each] for each in inside)
