"""The model as a picture: machines are boxes around what runs on them; who uses whom, on which port."""

from musa_pipeline.domain.cpim import Component, Connection, Cpim, Port, Role
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.graph.marks import marks_of
from musa_pipeline.formats.graph.model import Edge, Graph, Group, Link, Shape, Vertex

_SHAPES = {Role.COMPONENT: Shape.COMPONENT, Role.HOST: Shape.HOST, Role.EXTERNAL: Shape.EXTERNAL}


def graph_of_cpim(cpim: Cpim) -> Graph:
    """Return the picture of a model."""
    known = {each.id: each for each in cpim.components}
    hosting = {each.host for each in cpim.components if each.host}
    linked = {end for each in cpim.connections for end in (each.source, each.target)}
    groups = {each.id for each in cpim.components if each.role is Role.HOST and each.id in hosting}
    vertices = [_vertex(each, groups, known) for each in cpim.components if each.id not in groups or each.id in linked]
    edges = [_edge(each) for each in cpim.connections]
    edges += [
        Edge(source=each.id, target=each.host, link=Link.RUNS_ON)
        for each in cpim.components
        if each.host and each.host not in groups
    ]
    for agent in cpim.agents:
        name = f"agent/{agent.agent}"
        vertices.append(Vertex(id=name, label=agent.agent, shape=Shape.AGENT))
        edges += [Edge(source=name, target=each, link=Link.PROTECTS) for each in agent.protects]
    return Graph(
        title=cpim.name,
        vertices=tuple({each.id: each for each in vertices}.values()),
        edges=tuple(edges),
        groups=tuple(
            Group(id=each, label=known[each].name, parent=_machine(known[each], groups, known)) for each in sorted(groups)
        ),
    )


def _vertex(component: Component, groups: set[ComponentId], known: dict[ComponentId, Component]) -> Vertex:
    own = component.id if component.id in groups else _machine(component, groups, known)
    detail = component.kind + (f" × {component.instances}" if component.instances > 1 else "")
    return Vertex(
        id=component.id,
        label=component.name,
        shape=_SHAPES[component.role],
        detail=detail,
        group=own,
        marks=marks_of(component),
    )


def _machine(component: Component, groups: set[ComponentId], known: dict[ComponentId, Component]) -> ComponentId | None:
    """Return the machine below a component, through the software that it runs on."""
    seen = {component.id}
    at = component.host
    while at is not None and at not in seen:
        if at in groups:
            return at
        seen.add(at)
        at = known[at].host if at in known else None
    return None


def _edge(link: Connection) -> Edge:
    return Edge(source=link.source, target=link.target, label=_port(link.port))


def _port(port: Port) -> str:
    return " ".join(part for part in (str(port.number) if port.number is not None else "", port.protocol) if part)
