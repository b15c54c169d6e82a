"""The model as a picture: trust zones around machines around what runs on them; who uses whom, on which port, in plain text or not."""

from collections import Counter
from collections.abc import Mapping

from musa_pipeline.domain.cpim import Component, Connection, Cpim, Port, Role, Zone
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.graph.marks import marks_of
from musa_pipeline.formats.graph.model import Edge, Graph, Group, Link, Mark, MarkKind, Shape, Vertex

_SHAPES = {Role.COMPONENT: Shape.COMPONENT, Role.HOST: Shape.HOST, Role.EXTERNAL: Shape.EXTERNAL}


def graph_of_cpim(cpim: Cpim) -> Graph:
    """Return the picture of a model."""
    known = {each.id: each for each in cpim.components}
    hosting = Counter(each.host for each in cpim.components if each.host)
    linked = {end for each in cpim.connections for end in (each.source, each.target)}
    protected = {each for agent in cpim.agents for each in agent.protects}
    busy = (
        linked | protected | {each.id for each in cpim.components if each.role is not Role.HOST and (each.exposed or each.data)}
    )
    groups = {each.id for each in cpim.components if _is_box(each, hosting[each.id], busy, known)}
    around = _Around(known, groups)
    vertices = [_vertex(each, around) for each in cpim.components if each.id not in groups or each.id in busy]
    edges = [_edge(each, known) for each in cpim.connections]
    edges += [
        Edge(source=each.id, target=each.host, link=Link.RUNS_ON)
        for each in cpim.components
        if each.host and each.host not in groups
    ]
    for agent in cpim.agents:
        name = f"agent/{agent.agent}"
        vertices.append(Vertex(id=name, label=agent.agent, shape=Shape.AGENT))
        edges += [Edge(source=name, target=each, link=Link.PROTECTS) for each in agent.protects]
    zones = {each.name: each for each in cpim.zones}
    return Graph(
        title=cpim.name,
        vertices=tuple({each.id: each for each in vertices}.values()),
        edges=tuple(edges),
        groups=(
            *(Group(id=each, label=_name(known[each]), parent=around.parent(known[each])) for each in sorted(groups)),
            *(_zone(each, zones) for each in sorted(around.zones())),
        ),
    )


def _is_box(component: Component, carried: int, busy: set[ComponentId], known: Mapping[ComponentId, Component]) -> bool:
    """Tell whether what others run on is drawn as a box around them: a machine, software that does nothing else or carries several."""
    if component.role is Role.HOST or not carried:
        return carried > 0
    if component.id in busy and carried == 1:
        return False
    seen: set[ComponentId] = set()
    at = component.host
    while at is not None and at in known and at not in seen:
        seen.add(at)
        at = known[at].host
    return component.id not in seen  # what runs on itself would be a box around nothing


def _name(component: Component) -> str:
    return component.name if component.role is Role.HOST else f"{component.name} · {component.kind}"


class _Around:
    """The boxes around components: the machine that each runs on in the end, and the trust zone around that."""

    def __init__(self, known: Mapping[ComponentId, Component], machines: set[ComponentId]) -> None:
        self.known, self.machines = known, machines
        self.machine = {each.id: self._machine(each) for each in known.values()}
        inside: dict[ComponentId, set[str]] = {}
        for each in known.values():
            for machine in self._below(each.id):
                inside.setdefault(machine, set()).add(each.zone)
        self.machine_zone = {each: known[each].zone or self._common(inside.get(each, set())) for each in machines}

    def parent(self, component: Component) -> str | None:
        """Return the box around a component: its machine, else its zone."""
        machine = self.machine[component.id]
        return machine if machine is not None else self._zone_group(self.zone(component))

    def zone(self, component: Component) -> str:
        """Return the zone that a component is drawn in: that of the outermost machine that it runs on, else its own."""
        at = [component.id, *self._below(component.id)][-1]
        return self.machine_zone.get(at, self.known[at].zone)

    def zones(self) -> set[str]:
        """Return the zones in which something is drawn."""
        return {zone for each in self.known.values() if (zone := self.zone(each))}

    def _below(self, component: ComponentId) -> list[ComponentId]:
        """Return the machines below a component, the nearest first."""
        found: dict[ComponentId, None] = {}
        at = self.machine[component]
        while at is not None and at not in found and at != component:
            found[at] = None
            at = self.machine[at]
        return list(found)

    def _zone_group(self, zone: str) -> str | None:
        return f"zone/{zone}" if zone else None

    @staticmethod
    def _common(zones: set[str]) -> str:
        return next(iter(zones)) if len(zones) == 1 else ""

    def _machine(self, component: Component) -> ComponentId | None:
        """Return the machine below a component, through the software that it runs on."""
        seen = {component.id}
        at = component.host
        while at is not None and at not in seen:
            if at in self.machines:
                return at
            seen.add(at)
            at = self.known[at].host if at in self.known else None
        return None


def _zone(name: str, zones: Mapping[str, Zone]) -> Group:
    trust = str(zones[name].trust) if name in zones else ""
    label = name if not trust or trust in name.lower() else f"{name} · {trust}"
    return Group(id=f"zone/{name}", label=label, shape=Shape.ZONE, tone=trust)


def _vertex(component: Component, around: _Around) -> Vertex:
    own = component.id if component.id in around.machines else around.parent(component)
    detail = component.kind + (f" × {component.instances}" if component.instances > 1 else "")
    elsewhere = component.zone and component.zone != around.zone(component)
    return Vertex(
        id=component.id,
        label=component.name,
        shape=_SHAPES[component.role],
        detail=detail,
        group=own,
        marks=(*marks_of(component, named=True), *((Mark(kind=MarkKind.ZONE, text=component.zone),) if elsewhere else ())),
    )


def _edge(link: Connection, known: Mapping[ComponentId, Component]) -> Edge:
    port = _told(link, known.get(link.target))
    plain = port.secure is False
    return Edge(source=link.source, target=link.target, label=f"{_port(port)}{' plain' if plain else ''}".strip(), plain=plain)


def _told(link: Connection, target: Component | None) -> Port:
    """Return the port of a connection; whether it is encrypted is told by the target, if the connection does not say."""
    if link.port.secure is not None or target is None:
        return link.port
    fitting = [each for each in target.ports if link.port.number in (None, each.number)]
    said = {each.secure for each in fitting}
    if len(said) != 1:
        return link.port
    number = fitting[0].number if link.port.number is None and len(fitting) == 1 else link.port.number
    protocol = link.port.protocol or (fitting[0].protocol if len(fitting) == 1 else "")
    return Port(number=number, protocol=protocol, secure=said.pop())


def _port(port: Port) -> str:
    return " ".join(part for part in (str(port.number) if port.number is not None else "", port.protocol) if part)
