"""Trust zones: from groups of our type, from the networks that components are on, and from what they run on."""

from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.domain.cpim import Trust, Zone
from musa_pipeline.domain.ids import slug
from musa_pipeline.formats.tosca.p1_read import entries, items, mapping_in, word
from musa_pipeline.formats.tosca.roles import OURS
from musa_pipeline.formats.tosca.templates import Edge, Model, Template, last_words
from musa_pipeline.text.yaml import Mapping, Node, Sequence

GROUP: Final = "musa.groups.TrustZone"
_KEYS: Final = frozenset({"type", "description", "metadata", "properties", "members", "attributes"})
_NETWORK: Final = "tosca.nodes.network.Network"
_PORT: Final = "tosca.nodes.network.Port"
_ANYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
_NETWORK_WORDS: Final = frozenset({"network", "subnet", "vpc", "vlan"})
_PUBLIC_WORDS: Final = frozenset({"public", "external", "internet", "floating", "elastic"})
_ADDRESSES: Final = ("floating-ip", "floating-ip-address", "elastic-ip", "eip", "public-ip", "public-ip-address")
_EDGE_WORDS: Final = frozenset({"dmz", "edge", "perimeter"})


@dataclass(slots=True)
class Zones:
    """The zones of a model, and in which each template stands; `public` are templates on a public network."""

    zones: dict[str, Zone] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)
    public: set[str] = field(default_factory=set)


def read_zones(model: Model, edges: dict[str, list[Edge]], hosts: dict[str, str]) -> Zones:
    """Return the zones: those of groups first, then of networks; what says none stands in the zone of its host."""
    found = Zones()
    _of_networks(model, edges, found)
    _of_groups(model, found)
    without: set[str] = set()
    for name in model.templates:
        path = [name]
        while path[-1] not in found.of and path[-1] not in without and path[-1] in hosts:
            path.append(hosts[path[-1]])
        if zone := found.of.get(path[-1]):
            found.of.update(dict.fromkeys(path, zone))
        else:
            without.update(path)
    used = set(found.of.values())
    found.zones = {name: found.zones[name] for name in sorted(found.zones) if name in used}
    return found


def is_network(template: Template) -> bool:
    """Tell whether a template is a network or part of one, by the norm or by the last word of its type."""
    named = last_words(template.type_name)[-1] in _NETWORK_WORDS and not template.isa(OURS)
    return named or template.isa(_NETWORK)


def is_public_address(template: Template) -> bool:
    """Tell whether a template is an address on the internet, such as a floating IP: what has it can be reached."""
    return "-".join(last_words(template.type_name)).endswith(_ADDRESSES)


def trust_of(model: Model, template: Template) -> Trust:
    """Return how far a network is trusted: by its type, its name in the cloud, or the name of its type."""
    said = [model.values.text(model.property(template, key), template.name) for key in ("network_type", "network_name")]
    words = set(last_words(template.type_name)).union(*(slug(each).split("-") for each in said if each))
    if words & _PUBLIC_WORDS:
        return Trust.PUBLIC
    return Trust.EDGE if (words | set(slug(template.name).split("-"))) & _EDGE_WORDS else Trust.INTERNAL


def opens_to_all(template: Template) -> Node | None:
    """Return where a firewall part lets in any address; None if it does not."""
    return anywhere(template.properties)


def anywhere(node: Node) -> Node | None:
    """Return where an address range that is all addresses is written below a node."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, Mapping):
            pending.extend(each.entries.values())
        elif isinstance(each, Sequence):
            pending.extend(each.items)
        elif each.text in _ANYWHERE:
            return each
    return None


def _of_networks(model: Model, edges: dict[str, list[Edge]], found: Zones) -> None:
    """Put what is bound to a network, at once or by a port, into the zone of that network; of several the least trusted."""
    networks = {name: trust_of(model, each) for name, each in model.templates.items() if is_network(each)}
    addresses = {name for name, each in model.templates.items() if is_public_address(each)}
    if not networks and not addresses:
        return
    reached: list[str] = []
    links: dict[str, list[str]] = {}
    bound: dict[str, list[str]] = {}
    for name, some in edges.items():
        port = model.templates[name].isa(_PORT)
        for edge in some:
            if edge.target.name in addresses:
                reached.append(name)
            elif edge.target.name in networks:
                links.setdefault(name, []).append(edge.target.name)
            elif port or edge.target.isa(_PORT):
                bound.setdefault(name if port else edge.target.name, []).append(edge.target.name if port else name)
    for name in reached:
        found.public.update(bound.get(name, []) if model.templates[name].isa(_PORT) else [name])
    order = list(Trust)
    for name, some_networks in links.items():
        if name in networks:
            continue
        least = min(some_networks, key=lambda each: (order.index(networks[each]), each))
        for member in bound.get(name, []) if model.templates[name].isa(_PORT) else [name]:
            before = found.of.get(member)
            if before is None or order.index(networks[least]) < order.index(found.zones[before].trust):
                found.zones.setdefault(least, Zone(name=least, trust=networks[least], at=model.templates[least].at))
                found.of[member] = least
            if networks[least] is Trust.PUBLIC:
                found.public.add(member)


def _of_groups(model: Model, found: Zones) -> None:
    taken: dict[str, str] = {}
    for name, body, at in entries(model.topology.groups):
        if not isinstance(body, Mapping) or GROUP not in model.types.chain("group_types", word(body.get("type"))):
            continue
        for key in body.entries:
            if key not in _KEYS:
                close = model.findings.near(key, _KEYS)
                model.findings.error("T021", body.keys[key], f"trust zone {name!r} has unknown key {key!r}", close)
        found.zones[name] = Zone(name=name, trust=_trust(model, name, mapping_in(body, "properties")), at=at)
        for node in {word(each): each for each in items(body.get("members"))}.values():
            for template in model.inside(model.find(word(node), "")):
                if taken.setdefault(template.name, name) != name:
                    text = f"component {template.name!r} stands in trust zone {taken[template.name]!r} and in {name!r}; the first counts"
                    model.findings.warn("T067", node.at, text, "let it be a member of one zone")
    found.of.update(taken)


def _trust(model: Model, name: str, properties: Mapping) -> Trust:
    for key in properties.entries:
        if key != "trust":
            close = model.findings.near(key, ["trust"])
            text = f"trust zone {name!r} has unknown property {key!r}"
            model.findings.error("T021", properties.keys[key], text, close or "its only property is 'trust'")
    node = properties.get("trust")
    said = model.values.scalar(node)
    if said is None or node is None:
        return Trust.INTERNAL
    known = [str(each) for each in Trust]
    if said.text.lower() in known:
        return Trust(said.text.lower())
    text = f"trust zone {name!r} has trust {said.text!r}"
    model.findings.error("T067", node.at, text, model.findings.near(said.text, known) or "write one of " + ", ".join(known))
    return Trust.INTERNAL
