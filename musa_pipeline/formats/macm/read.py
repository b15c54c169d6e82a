"""A composition model (MACM) in Cypher text to the cloud-provider-independent model: docs/formats/macm.md."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Connection, Cpim, Initiator, Port, Role, Trust, WantedAgent, Zone
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import AgentId, ComponentId, KindId, slug
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.macm.checks import check
from musa_pipeline.formats.macm.cypher import read_cypher
from musa_pipeline.formats.macm.dialects import Node, in_todays_words
from musa_pipeline.formats.macm.facts import Facts, port
from musa_pipeline.formats.macm.graph import Arc
from musa_pipeline.formats.macm.kinds import EXTERNAL, Kinds
from musa_pipeline.formats.macm.patterns import RELATIONS
from musa_pipeline.formats.macm.standing import Standing
from musa_pipeline.formats.macm.words import AGENT, CSP, EXTENSION, HW, MANAGED, NETWORK, OURS, PARTY, PLAIN, SECURE, SLA, WAN

LONGEST: Final = 20_000_000
"""Characters of one file."""
_HEAD: Final = 10_000
_BEGINS: Final = re.compile(r"(?:\s|//[^\n]*\n|/\*(?s:.*?)\*/)*(?:CREATE|MERGE)\s*\(", re.IGNORECASE)
_CLIENTS: Final = frozenset({"mobile-client", "iot-device"})
_MOST_PORTS: Final = 65_535


def looks_like_macm(text: str) -> bool:
    r"""Tell, without reading it, whether a text begins to create a graph.

    >>> looks_like_macm("// shop\nCREATE (a:CSP {name: 'A'})"), looks_like_macm("create: (a)")
    (True, False)
    """
    return bool(_BEGINS.match(text[:_HEAD].lstrip("\ufeff")))


def read_macm(text: str, file: str, *, catalogs: Catalogs, problems: Problems) -> Cpim | None:
    """Return the model that a composition model describes; None if it describes none. Codes H001 to H031: docs/formats/macm.md."""
    findings = Findings(problems)
    if len(text) > LONGEST:
        findings.error("H001", Span(file), f"more than {LONGEST:,} characters")
        return None
    graph = read_cypher(text.lstrip("\ufeff"), file, findings)
    if not graph.vertices:
        if not problems.errors:
            findings.error("H001", Span(file), "no node is created here", "begin with CREATE (web:Service:Server {name: 'Web'})")
        return None
    nodes = in_todays_words(graph, file, findings)
    arcs = [_in_small_letters(each, findings) for each in graph.arcs]
    check(nodes, arcs, findings)
    return _Model(nodes, arcs, catalogs, findings).cpim(file)


def _in_small_letters(arc: Arc, findings: Findings) -> Arc:
    small = arc.kind.lower()
    if small == arc.kind or small not in RELATIONS | EXTENSION:
        return arc
    findings.warn(
        "H011", arc.at, f"{arc.kind!r} is written {small!r} in composition models; it is read as that", f"write {small!r}"
    )
    return replace(arc, kind=small)


class _Model:
    """A graph on its way to a model."""

    def __init__(self, nodes: dict[str, Node], arcs: list[Arc], catalogs: Catalogs, findings: Findings) -> None:
        self._nodes, self._arcs, self._catalogs, self._findings = nodes, arcs, catalogs, findings
        self._standing = Standing(nodes, arcs, findings)
        self._ids = _ids(nodes[each] for each in self._standing.parts)
        self._provided = {each.target for each in arcs if each.kind == "provides" and nodes[each.source].primary == CSP}
        self._networks: dict[str, list[Node]] = defaultdict(list)
        for each in arcs:
            if each.kind == "connects" and nodes[each.source].primary == NETWORK and not nodes[each.source].ours:
                self._networks[each.target].append(nodes[each.source])
        self._zones: dict[str, Zone] = {}
        self._zoned: dict[str, tuple[str, bool | None]] = {}

    def cpim(self, file: str) -> Cpim:
        for node in self._nodes.values():
            if node.primary == NETWORK and node.vertex.text(f"{OURS}trust") in list(Trust):
                self._zones[node.name] = Zone(name=node.name, trust=Trust(node.vertex.text(f"{OURS}trust")), at=node.at)
        kinds = Kinds(self._catalogs, self._findings)
        found = {key: self._component(self._nodes[key], kinds) for key in self._standing.parts}
        self._reach(found)
        self._promised(found)
        components = tuple(sorted(found.values(), key=lambda each: each.id))
        self._tell_passed_over()
        return Cpim(
            name=self._name(file),
            language="macm",
            components=components,
            connections=self._connections(found),
            agents=self._agents(),
            apart=self._sets("apart"),
            together=self._sets("together"),
            zones=tuple(self._zones[each] for each in sorted(self._zones)),
            at=Span(file),
        )

    def _name(self, file: str) -> str:
        """Return the application's name: the nodes say it, as in files of 2020, else the file's own."""
        said = next((name for each in self._nodes.values() if (name := each.vertex.text("application"))), "")
        return " ".join(said.split()) or slug(file.rpartition("/")[2].partition(".")[0])

    # components

    def _component(self, node: Node, kinds: Kinds) -> Component:
        device = self._standing.on_device[node.key]
        kind = EXTERNAL if device and not node.ours else kinds.of(node)
        host = self._standing.host[node.key]
        plain = Component(
            id=self._ids[node.key],
            name=node.name,
            kind=kind,
            type=node.type,
            host=self._ids[host] if host else None,
            at=node.at,
        )
        if node.ours:
            facts = Facts(node.vertex, node.name, self._catalogs, self._findings).added()
            facts["zone"] = self._zone_of_ours(node, facts["zone"])
            return replace(plain, **facts, host=self._host_of_ours(node, plain.host))
        role, kind = self._role(node, kind)
        zone, exposed = self._zone(node)
        if role is Role.EXTERNAL:
            return replace(plain, role=role, kind=kind, zone=zone, host=None)
        if role is Role.HOST:
            exposed = None
        if exposed:
            self._findings.note("H030", node.at, f"{node.name!r} is connected to a public network: it is taken as exposed")
        return replace(plain, role=role, kind=kind, zone=zone, exposed=exposed, ports=_ports(node))

    def _role(self, node: Node, kind: KindId) -> tuple[Role, KindId]:
        if self._standing.is_machine(node.key):
            return Role.HOST, COMPUTE
        if device := self._standing.on_device[node.key]:
            on = self._nodes[device]
            self._findings.note(
                "H030", node.at, f"{node.name!r} runs on {on.name!r}, a device of its user: it is used, not deployed"
            )
            return Role.EXTERNAL, KindId("mobile-client") if on.type == "HW.UE" else EXTERNAL
        if node.primary == HW:
            self._findings.note("H030", node.at, f"{node.name!r} is hardware that runs nothing of ours: it is used, not deployed")
            return Role.EXTERNAL, kind if kind in _CLIENTS else EXTERNAL
        if node.key in self._provided and kind not in MANAGED and node.primary == "Service":
            text = f"{node.name!r} is provided by a CSP as it is: it is taken as a service of others"
            self._findings.note("H030", node.at, text)
            return Role.EXTERNAL, EXTERNAL
        return Role.COMPONENT, kind

    def _host_of_ours(self, node: Node, host: ComponentId | None) -> ComponentId | None:
        said = node.vertex.text(f"{OURS}host")
        if said and said not in self._ids.values():
            hint = self._findings.near(said, self._ids.values()) or "name a component of the file"
            self._findings.warn("H027", node.vertex.place(f"{OURS}host"), f"{OURS + 'host'!r} of {node.name!r} is {said!r}", hint)
            return host
        return ComponentId(said) if said else host

    def _zone_of_ours(self, node: Node, zone: str) -> str:
        if not zone or zone in self._zones:
            return zone
        hint = self._findings.near(zone, self._zones) or f"a zone is a Network with {OURS}trust"
        self._findings.warn("H027", node.vertex.place(f"{OURS}zone"), f"{OURS + 'zone'!r} of {node.name!r} is {zone!r}", hint)
        return ""

    def _zone(self, node: Node) -> tuple[str, bool | None]:
        """Return the zone of a component by the nearest networks around it, and whether one of them is public."""
        around = next((each for each in self._standing.around(node.key) if each in self._networks), "")
        if around not in self._zoned:
            self._zoned[around] = self._zone_around(self._networks.get(around, []))
        return self._zoned[around]

    def _zone_around(self, networks: list[Node]) -> tuple[str, bool | None]:
        exposed = True if any(each.type == WAN for each in networks) else None
        inner = [each for each in networks if each.type != WAN]
        if not inner:
            return "", exposed
        network = min(inner, key=lambda each: (_trust(each) is Trust.EDGE, each.name))
        self._zones.setdefault(network.name, Zone(name=network.name, trust=_trust(network), at=network.at))
        return network.name, exposed

    def _reach(self, found: dict[str, Component]) -> None:
        """What people use, by themselves or from their devices, is exposed."""
        seen = set[str]()
        for arc in self._arcs:
            person = self._nodes[arc.source]
            outside = person.primary == PARTY or self._standing.on_device.get(arc.source)
            if not outside or arc.kind not in ("uses", "interacts") or arc.target in seen:
                continue
            seen.add(arc.target)
            for key in self._standing.listening(arc.target):
                if key in found and found[key].role is Role.COMPONENT and not self._nodes[key].ours:
                    if not found[key].exposed:
                        text = f"{found[key].name!r} is exposed, for {person.name!r} uses it"
                        self._findings.note("H030", arc.at, text)
                    found[key] = replace(found[key], exposed=True)

    def _promised(self, found: dict[str, Component]) -> None:
        """Take over what the makers of a component promise: an SLA that it grants."""
        for arc in self._arcs:
            if arc.kind == "grants" and arc.source in found and self._nodes[arc.target].primary == SLA:
                node = self._nodes[arc.target]
                if f"{OURS}composed" not in node.vertex.properties and not found[arc.source].sla:
                    found[arc.source] = replace(found[arc.source], sla=node.vertex.text("document") or node.name)

    # relations

    def _connections(self, found: dict[str, Component]) -> tuple[Connection, ...]:
        links: dict[tuple[str, str, int, str, str], Connection] = {}
        for arc in self._arcs:
            if (link := self._connection(arc, found)) is not None:
                key = (link.source, link.target, link.port.number or 0, link.port.protocol, link.port.path)
                links.setdefault(key, link)
        return tuple(links[each] for each in sorted(links))

    def _connection(self, arc: Arc, found: dict[str, Component]) -> Connection | None:
        source, target = self._nodes[arc.source], self._nodes[arc.target]
        if arc.kind not in ("uses", "connects") or {source.primary, target.primary} & {PARTY, CSP, AGENT, SLA}:
            return None
        if NETWORK in (source.primary, target.primary) and not {arc.source, arc.target} <= found.keys():
            return None
        ends = [self._standing.listening(each) for each in (arc.source, arc.target)]
        if source.ours or target.ours:
            ends = [[each] if each in found else some for each, some in zip((arc.source, arc.target), ends, strict=True)]
        if not all(len(each) == 1 for each in ends) or ends[0] == ends[1]:
            text = f"who uses whom cannot be told from {source.name!r} {arc.kind} {target.name!r}; it is left out"
            self._findings.note("H031", arc.at, text, "let one service use another")
            return None
        said = arc.text(f"{OURS}initiator")
        authenticated = arc.properties.get(f"{OURS}authenticated")
        return Connection(
            source=found[ends[0][0]].id,
            target=found[ends[1][0]].id,
            port=self._port(arc),
            initiator=Initiator(said) if said in list(Initiator) else Initiator.SOURCE,
            authenticated=authenticated.value if authenticated and isinstance(authenticated.value, bool) else None,
            at=arc.at,
        )

    def _port(self, arc: Arc) -> Port:
        said = arc.properties.get(f"{OURS}port")
        if said is None:
            return concluded(arc.text("application_protocol", "protocol"), arc.text("presentation_protocol"))
        if (found := port(said.value)) is not None:
            return found
        self._findings.warn("H027", said.at, f"{OURS + 'port'!r} is {str(said.value)[:80]!r}", 'write JSON: {"number": 443}')
        return Port()

    # the extension

    def _agents(self) -> tuple[WantedAgent, ...]:
        protects: dict[str, list[ComponentId]] = defaultdict(list)
        for arc in self._arcs:
            if arc.kind == "protects" and arc.target in self._ids and self._nodes[arc.source].primary == AGENT:
                protects[arc.source].append(self._ids[arc.target])
            elif arc.kind == "protects" and self._nodes[arc.source].primary != AGENT:
                text = f"{self._nodes[arc.source].name!r} protects {self._nodes[arc.target].name!r}: only agents do; it is read as a component"
                self._findings.note("H031", arc.at, text, "label it Agent, and name it as the catalog does")
        found = []
        for key, node in self._nodes.items():
            if node.primary != AGENT or f"{OURS}chosen" in node.vertex.properties:
                continue
            agent = AgentId(node.vertex.text(f"{OURS}agent") or slug(node.name))
            if agent in self._catalogs.agent:
                found.append(WantedAgent(agent=agent, protects=tuple(protects[key]), at=node.at))
            else:
                hint = self._findings.near(agent, self._catalogs.agent) or "agents are listed by: musa catalog list agents"
                self._findings.warn("H026", node.at, f"no catalog has an agent {agent!r}; it is left out", hint)
        return tuple(found)

    def _sets(self, name: str) -> tuple[frozenset[ComponentId], ...]:
        """Return the sets of components that run at different providers, or at the same: each says the numbers of its own."""
        found: dict[str, set[ComponentId]] = defaultdict(set)
        for key, each in self._ids.items():
            said = self._nodes[key].vertex.properties.get(f"{OURS}{name}")
            for number in said.value if said and isinstance(said.value, tuple) else ():
                found[str(number)].add(each)
        return tuple(frozenset(found[each]) for each in sorted(found, key=lambda each: (len(each), each)))

    def _tell_passed_over(self) -> None:
        marks = {f"{OURS}chosen", f"{OURS}composed"}
        chosen = [each for each in self._nodes.values() if marks & each.vertex.properties.keys()]
        if chosen:
            text = f"{len(chosen)} agents and SLAs that a run of musa chose are not taken over: they are found anew"
            self._findings.note("H031", chosen[0].at, text)


def concluded(protocol: str, presentation: str = "") -> Port:
    """Return the port that protocols tell: the name in small letters, and whether it encrypts; of several the weakest.

    >>> concluded("HTTP", "TLS"), concluded("MQTT,HTTPS").protocol
    (Port(number=None, protocol='http', secure=True, path=''), 'mqtt')
    """
    names = sorted(each.strip().lower() for each in protocol.split(",") if each.strip())
    name = next((each for each in names if each in PLAIN), names[0] if names else "")
    if presentation.lower().partition(" ")[0] in SECURE:
        return Port(protocol=name, secure=True)
    return Port(protocol=name, secure=True if name in SECURE else False if name in PLAIN else None)


def _trust(network: Node) -> Trust:
    if network.type == WAN:
        return Trust.PUBLIC
    return Trust.EDGE if network.vertex.text("access").lower() == "public" else Trust.INTERNAL


def _ports(node: Node) -> tuple[Port, ...]:
    """Return the port that the parameters of a node name, as files of 2020 do: JSON in a text."""
    try:
        said: Any = json.loads(node.vertex.text("parameters") or "{}")
    except (ValueError, RecursionError):
        return ()
    number = str(said.get("port", "")) if isinstance(said, dict) else ""
    sound = number.isascii() and number.isdigit() and len(number) < 6 and 0 < int(number) <= _MOST_PORTS
    return (Port(number=int(number)),) if sound else ()


def _ids(nodes: Iterable[Node]) -> dict[str, ComponentId]:
    """Return the id of each component: as we wrote it, else from its variable or name; numbered where two would be alike."""
    wanted = {each.key: each.vertex.text(f"{OURS}id") or slug(each.vertex.variable or each.name) for each in nodes}
    taken, used = set(wanted.values()), set[str]()
    numbers: dict[str, int] = {}
    found = {}
    for key, first in wanted.items():
        name = slug(first)
        while name in used or (name != first and name in taken):
            numbers[first] = numbers.get(first, 1) + 1
            end = f"-{numbers[first]}"
            name = slug(first)[: 80 - len(end)].rstrip("-") + end
        used.add(name)
        found[key] = ComponentId(name)
    return found
