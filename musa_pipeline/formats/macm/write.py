"""A cloud-provider-independent model, and what was chosen for it, as a composition model in Cypher text (docs/formats/macm.md)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Connection, Cpim, Initiator, Role, Trust
from musa_pipeline.domain.ids import AgentId, ComponentId, NodeId, slug
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.macm import Label, Macm, RelationKind
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.formats.macm.facts import facts_of, tell_port
from musa_pipeline.formats.macm.graph import Value
from musa_pipeline.formats.macm.read import concluded
from musa_pipeline.formats.macm.tokens import quoted
from musa_pipeline.formats.macm.words import AGENT, ASSET_TYPES, CONTAINER, KINDS, OS, OURS, RUNTIME, SLA, VM, WAN, WRITTEN

_LAN: Final = "Network.LAN"
_RESERVED: Final = frozenset(
    {
        "create",
        "match",
        "merge",
        "set",
        "where",
        "with",
        "return",
        "null",
        "true",
        "false",
        "in",
        "and",
        "or",
        "not",
        "as",
        "on",
        "is",
    }
    | {"all", "any", "case", "when", "then", "else", "end", "call", "delete", "remove", "unwind", "limit", "order", "by", "union"}
)
_RUNTIME_KIND: Final = "container-runtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a run decided: offerings, who protects whom, and where the SLA of each component is: its document, and that one's SHA-256."""

    selection: Selection
    macm: Macm
    documents: Mapping[ComponentId, tuple[str, str]] = field(default_factory=dict)


def write_macm(cpim: Cpim, *, catalogs: Catalogs, chosen: Chosen | None = None, plain: bool = False) -> str:
    """Return the text. What the schema needs and the model does not have (providers, systems, containers) is added, marked as assumed.

    `plain` leaves out all that is not of the schema: properties of ours, agents, SLAs.
    """
    return _Writer(cpim, catalogs, chosen, plain=plain).text()


class _Writer:
    def __init__(self, cpim: Cpim, catalogs: Catalogs, chosen: Chosen | None, *, plain: bool) -> None:
        self._cpim, self._catalogs, self._chosen, self._plain = cpim, catalogs, chosen, plain
        self._parts = {each.id: each for each in cpim.components}
        self._placed = {each.unit: each for each in chosen.selection.placements} if chosen else {}
        self._talking = {end for each in cpim.connections for end in (each.source, each.target)}
        self._names: set[str] = set()
        self._variable = {each: self._new(each, slug(each.replace("-", "_")) == each) for each in self._parts}
        self._guests = {each.host for each in cpim.components if each.host}
        self._system: dict[ComponentId, str] = {}
        self._providers: dict[str, str] = {}
        self._nodes: list[tuple[str, tuple[str, ...], dict[str, Value]]] = []
        self._arcs: list[str] = []

    def text(self) -> str:
        for component in self._cpim.components:
            self._component(component)
        for component in self._cpim.components:
            self._stand(component)
        self._networks()
        for connection in self._cpim.connections:
            self._connection(connection)
        if not self._plain:
            self._agents()
            self._documents()
        lines = [self._written(number, *each) for number, each in enumerate(self._nodes, 1)]
        head = f"// Application composition model (MACM) of {quoted(self._cpim.name)}."
        if not self._plain:
            head += f" Properties that begin with {OURS}, labels {AGENT} and {SLA}, protects and grants are an extension."
        body = ",\n".join(f"  {each}" for each in lines + self._arcs)
        return f"{head}\nCREATE\n{body};\n"

    # lines

    def _new(self, name: str, as_identifier: bool = True) -> str:
        """Return a variable of its own: the name as identifier where that says the same, else between backticks."""
        plain = name.replace("-", "_")
        said = (
            plain
            if as_identifier and plain.isidentifier() and plain.isascii() and plain.lower() not in _RESERVED
            else f"`{name}`"
        )
        count, first = 1, said
        while said in self._names:
            count += 1
            said = f"{first}_{count}" if first[0] != "`" else f"`{name}_{count}`"
        self._names.add(said)
        return said

    def _node(self, variable: str, name: str, asset: str, facts: dict[str, Value], label: str = "") -> str:
        labels = (label,) if label else tuple(each for each in ASSET_TYPES[asset] if each)
        ours: dict[str, Value] = {
            f"{OURS}{key}": each for key, each in facts.items() if each not in ("", 0, (), None) or each is True
        }
        said: dict[str, Value] = {"name": name, "type": asset}
        self._nodes.append((variable, labels, said if self._plain else said | ours))
        return variable

    def _arc(self, source: str, kind: str, target: str, properties: Mapping[str, Value] | None = None) -> None:
        some = {key: each for key, each in (properties or {}).items() if not (self._plain and key.startswith(OURS))}
        self._arcs.append(f"({source})-[:{kind}{' ' + _mapping(some) if some else ''}]->({target})")

    def _written(self, number: int, variable: str, labels: tuple[str, ...], properties: dict[str, Value]) -> str:
        first: dict[str, Value] = {"component_id": str(number)}
        last: dict[str, Value] = {"application": self._cpim.name} if number == 1 and self._cpim.name else {}
        return f"({':'.join((variable, *labels))} {_mapping(first | properties | last)})"

    # components

    def _component(self, component: Component) -> None:
        asset = self._asset(component)
        facts = dict(facts_of(component))
        if KINDS.get(asset) != component.kind:
            facts["kind"] = component.kind
        variable = self._variable[component.id]
        if slug(variable.strip("`")) != component.id:
            facts["id"] = component.id
        if component.host and not self._stands_there(component):
            facts["host"] = component.host
        for name, sets in (("apart", self._cpim.apart), ("together", self._cpim.together)):
            facts[name] = tuple(str(number) for number, each in enumerate(sets, 1) if component.id in each)
        if (place := self._placed.get(component.id)) and not self._needs_machine(component, place):
            facts |= {"offering": place.offering, "region": place.region}
        self._node(variable, component.name, asset, facts)

    def _asset(self, component: Component) -> str:
        if component.role is Role.HOST:
            return VM
        if component.kind == _RUNTIME_KIND and component.role is Role.COMPONENT and component.id not in self._talking:
            return RUNTIME
        return WRITTEN.get(component.kind, "Service")

    def _stands_there(self, component: Component) -> bool:
        """Tell whether the place of a component can be said by relations: it is there, and ends at the ground."""
        seen, here = set[ComponentId](), component
        while here.host:
            if here.id in seen or here.host not in self._parts or here.role is Role.HOST:
                return False
            if self._asset(here) == RUNTIME and self._asset(self._parts[here.host]) != VM:
                return False
            seen.add(here.id)
            here = self._parts[here.host]
        return True

    def _stand(self, component: Component) -> None:
        """Write what a component stands on, with the layers that the schema asks for between."""
        variable = self._variable[component.id]
        if component.host and self._stands_there(component):
            self._arc(self._holder(component, self._parts[component.host]), "hosts", variable)
            return
        place = self._placed.get(component.id)
        provider = self._provider(place)
        if place and self._needs_machine(component, place):
            facts: dict[str, Value] = {"assumed": True, "offering": place.offering, "region": place.region}
            machine = self._node(self._new(f"{component.id}-machine"), f"Machine of {component.name}", VM, facts)
            self._arc(provider, "provides", machine)
            self._arc(self._under(machine, component, component.name), "hosts", variable)
        else:
            self._arc(provider, "provides", variable)

    def _needs_machine(self, component: Component, place: Placement) -> bool:
        offering = self._catalogs.offering.get(place.offering)
        return component.role is Role.COMPONENT and bool(offering and COMPUTE in offering.kinds)

    def _holder(self, component: Component, host: Component) -> str:
        """Return the node that hosts a component which runs on another: that, its system, or a container of its own."""
        variable = self._variable[host.id]
        match self._asset(host):
            case asset if asset == VM:
                if host.id not in self._system:
                    self._system[host.id] = self._under(variable, host, host.resources.os or f"System of {host.name}")
                return self._system[host.id]
            case asset if asset == RUNTIME:
                container = self._node(
                    self._new(f"{component.id}-container"), f"Container of {component.name}", CONTAINER, {"assumed": True}
                )
                self._arc(variable, "hosts", container)
                return self._under(container, component, f"System of {component.name}")
        return variable

    def _under(self, holder: str, component: Component, name: str) -> str:
        system = self._node(self._new(f"{component.id}-os"), name, OS, {"assumed": True})
        self._arc(holder, "hosts", system)
        return system

    def _provider(self, place: Placement | None) -> str:
        key = place.provider if place else ""
        if key not in self._providers:
            provider = self._catalogs.provider.get(place.provider) if place else None
            name = provider.name if provider else key or "Provider"
            facts: dict[str, Value] = {} if place else {"assumed": True}
            self._providers[key] = self._node(self._new(f"csp-{slug(key)}" if key else "csp"), name, "CSP", facts)
        return self._providers[key]

    # relations

    def _networks(self) -> None:
        """Write zones as networks that connect their machines, and the internet between providers."""
        for zone in self._cpim.zones:
            asset = WAN if zone.trust is Trust.PUBLIC else _LAN
            network = self._node(self._new(f"zone-{slug(zone.name)}"), zone.name, asset, {"trust": str(zone.trust)})
            machines = [each for each in self._cpim.components if each.zone == zone.name and self._asset(each) == VM]
            for each in machines:
                self._arc(network, "connects", self._variable[each.id])
            if not machines:
                self._arc(network, "connects", next(iter(self._providers.values()), self._provider(None)))
        if len(self._providers) > 1:
            internet = self._node(self._new("internet"), "Internet", WAN, {"assumed": True})
            for provider in self._providers.values():
                self._arc(internet, "connects", provider)

    def _connection(self, connection: Connection) -> None:
        if not {connection.source, connection.target} <= self._parts.keys():
            return
        port = connection.port
        said: dict[str, Value] = {"application_protocol": port.protocol.upper()} if port.protocol else {}
        if concluded(port.protocol.upper()) != port:
            said[f"{OURS}port"] = tell_port(port)
        if connection.initiator is not Initiator.SOURCE:
            said[f"{OURS}initiator"] = str(connection.initiator)
        if connection.authenticated is not None:
            said[f"{OURS}authenticated"] = connection.authenticated
        self._arc(self._variable[connection.source], "uses", self._variable[connection.target], said)

    # the extension

    def _agents(self) -> None:
        for each in self._cpim.agents:
            self._agent(each.agent, each.protects, {"agent": each.agent})
        protected = self._protected()
        for agent in self._chosen.macm.nodes if self._chosen else ():
            if agent.label is Label.AGENT and agent.agent:
                self._agent(agent.agent, tuple(protected[agent.id]), {"agent": agent.agent, "chosen": True})

    def _protected(self) -> dict[NodeId, list[ComponentId]]:
        found = defaultdict[NodeId, list[ComponentId]](list)
        for each in self._chosen.macm.relations if self._chosen else ():
            if each.kind is RelationKind.PROTECTS:
                found[each.source].append(ComponentId(each.target))
        return found

    def _agent(self, agent: str, protects: tuple[ComponentId, ...], facts: dict[str, Value]) -> None:
        known = self._catalogs.agent.get(AgentId(agent))
        before = f"-{protects[0]}" if len(protects) == 1 else ""
        variable = self._node(self._new(f"agent-{agent}{before}"), known.title if known else agent, AGENT, facts, label=AGENT)
        for each in protects:
            if each in self._parts:
                self._arc(variable, "protects", self._variable[each])

    def _documents(self) -> None:
        for component, (document, digest) in sorted(self._chosen.documents.items()) if self._chosen else ():
            if component not in self._parts:
                continue
            name = f"SLA of {self._parts[component].name}"
            facts: dict[str, Value] = {"composed": True, "document": document, "digest": digest}
            variable = self._node(self._new(f"sla-{component}"), name, SLA, facts, label=SLA)
            self._arc(self._variable[component], "grants", variable)


def _mapping(properties: Mapping[str, Value]) -> str:
    return "{" + ", ".join(f"{key}: {_literal(each)}" for key, each in properties.items()) + "}"


def _literal(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case tuple():
            return "[" + ", ".join(map(_literal, value)) + "]"
        case None:
            return "null"
    return str(value)
