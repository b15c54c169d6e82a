"""The composition graph as a picture: providers around machines around components, agents, and what is missing where."""

from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import ComponentId, NodeId
from musa_pipeline.domain.macm import Label, Macm, Node, RelationKind
from musa_pipeline.formats.graph.marks import marks_of
from musa_pipeline.formats.graph.model import Edge, Graph, Group, Link, Mark, MarkKind, Shape, Vertex

_SHAPES = {
    Label.CSP: Shape.PROVIDER,
    Label.IAAS: Shape.HOST,
    Label.PAAS: Shape.HOST,
    Label.SERVICE: Shape.COMPONENT,
    Label.EXTERNAL: Shape.EXTERNAL,
    Label.AGENT: Shape.AGENT,
}
_LINKS = {RelationKind.USES: Link.USES, RelationKind.PROTECTS: Link.PROTECTS}
_BELOW = {RelationKind.HOSTS, RelationKind.PROVIDES}


def graph_of_macm(macm: Macm, composition: Composition | None = None, cpim: Cpim | None = None) -> Graph:
    """Return the picture of a composition; with the model: what is exposed and holds data; with its result: what is missing.

    A node that others run on, and that nobody uses or protects, is a box around them.
    """
    components = {each.id: each for each in cpim.components} if cpim else {}
    missing = {each.component: len(each.missing) for each in composition.components} if composition else {}
    known = {each.id: each for each in macm.nodes}
    below: dict[NodeId, NodeId] = {}
    for each in macm.relations:
        if each.kind in _BELOW and each.source in known and each.target in known:
            below.setdefault(each.target, each.source)
    linked = {end for each in macm.relations if each.kind in _LINKS for end in (each.source, each.target)}
    groups = {each for each in below.values() if each not in linked}
    edges = [
        Edge(source=each.source, target=each.target, link=_LINKS[each.kind]) for each in macm.relations if each.kind in _LINKS
    ]
    edges += [Edge(source=top, target=host, link=Link.RUNS_ON) for top, host in sorted(below.items()) if host not in groups]
    return Graph(
        title=macm.name,
        vertices=tuple(
            Vertex(
                id=each.id,
                label=each.agent or each.name,
                shape=_SHAPES[each.label],
                detail=_detail(each, components),
                group=_ground(each.id, below, groups),
                marks=_marks(each, components, missing),
            )
            for each in known.values()
            if each.id not in groups
        ),
        edges=tuple(edges),
        groups=_groups(known, below, groups, missing),
    )


def _groups(
    known: dict[NodeId, Node], below: dict[NodeId, NodeId], groups: set[NodeId], missing: dict[ComponentId, int]
) -> tuple[Group, ...]:
    """Return the boxes; an offering and the one machine of the model that runs on it are one box with both names."""
    on: dict[NodeId, list[NodeId]] = {}
    for top, host in below.items():
        on.setdefault(host, []).append(top)
    found: list[Group] = []
    merged: dict[NodeId, NodeId] = {}
    for each in groups:
        if known[each].label in (Label.IAAS, Label.PAAS) and len(on[each]) == 1 and on[each][0] in groups:
            merged[on[each][0]] = each
    for each in sorted(groups - set(merged.values())):
        node, offering = known[each], merged.get(each)
        lacking = missing.get(node.component, 0) if node.component else 0
        parts = [node.name, known[offering].name if offering else "", f"{lacking} missing" if lacking else ""]
        shape = _SHAPES[node.label] if node.label is Label.CSP else Shape.HOST
        parent = _ground(offering or each, below, groups)
        found.append(Group(id=each, label=" · ".join(part for part in parts if part), shape=shape, parent=parent))
    return tuple(found)


def _ground(node: NodeId, below: dict[NodeId, NodeId], groups: set[NodeId]) -> NodeId | None:
    """Return the machine or provider below a node, through the software that it runs on."""
    seen = {node}
    at = below.get(node)
    while at is not None and at not in seen:
        if at in groups:
            return at
        seen.add(at)
        at = below.get(at)
    return None


def _detail(node: Node, components: dict[ComponentId, Component]) -> str:
    if node.label is Label.AGENT:
        return "agent"
    component = components.get(node.component) if node.component else None
    if component:
        return component.kind
    return node.offering or ("" if node.label is Label.SERVICE else str(node.label))


def _marks(node: Node, components: dict[ComponentId, Component], missing: dict[ComponentId, int]) -> tuple[Mark, ...]:
    if node.component is None or node.label is Label.AGENT:
        return ()
    count = missing.get(node.component, 0)
    if node.component in components:
        return marks_of(components[node.component], count)
    return (Mark(kind=MarkKind.MISSING, text=f"{count} missing"),) if count else ()
