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
_GROUND = {Label.CSP, Label.IAAS, Label.PAAS}


def graph_of_macm(macm: Macm, composition: Composition | None = None, cpim: Cpim | None = None) -> Graph:
    """Return the picture of a composition; with the model: what is exposed and holds data; with its result: what is missing."""
    components = {each.id: each for each in cpim.components} if cpim else {}
    missing = {each.component: len(each.missing) for each in composition.components} if composition else {}
    labels = {each.id: each.label for each in macm.nodes}
    below: dict[NodeId, NodeId] = {}
    for each in macm.relations:
        if each.kind in _BELOW and each.source in labels and each.target in labels:
            below.setdefault(each.target, each.source)
    linked = {end for each in macm.relations if each.kind in _LINKS for end in (each.source, each.target)}
    groups = {each for each in below.values() if labels[each] in _GROUND and each not in linked}
    edges = [
        Edge(source=each.source, target=each.target, link=_LINKS[each.kind]) for each in macm.relations if each.kind in _LINKS
    ]
    edges += [Edge(source=top, target=host, link=Link.RUNS_ON) for top, host in sorted(below.items()) if host not in groups]
    return Graph(
        title=macm.name,
        vertices=tuple(
            Vertex(
                id=each.id,
                label=each.name,
                shape=_SHAPES[each.label],
                detail=_detail(each, components),
                group=_ground(each.id, below, groups),
                marks=_marks(each, components, missing),
            )
            for each in macm.nodes
            if each.id not in groups
        ),
        edges=tuple(edges),
        groups=tuple(
            Group(id=each.id, label=each.name, shape=_SHAPES[each.label], parent=_ground(each.id, below, groups))
            for each in macm.nodes
            if each.id in groups
        ),
    )


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
