"""Policies of other projects: what they say of security, placement and scaling is used; what is not used is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.places import place_code
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import entries, items, word
from musa_pipeline.formats.tosca.scalars import boolean, whole
from musa_pipeline.formats.tosca.templates import Model
from musa_pipeline.formats.tosca.zones import anywhere
from musa_pipeline.text.yaml import Mapping, Node, Scalar

_FAR: Final = frozenset({"nfvi_pop", "provider", "cloud", "vim", "cloud_provider"})
"""Scopes of an anti-affinity that are as wide as a provider; narrower ones keep apart what one provider may run."""
_PLACES: Final = ("countries", "country", "jurisdiction", "jurisdictions", "region", "regions", "location", "locations", "zone")
_LEAST: Final = ("default_instances", "min_instances", "min_size", "default_size", "initial_instances")
_MOST: Final = ("max_instances", "max_size", "maximum_instances")
_HIGHEST: Final = 10_000
_CONTROLS: Final = ("controls", "security_controls", "nist_controls")


@dataclass(slots=True)
class Used:
    """What a policy of another project asks of its targets; `told` says it in words, '' where nothing is used."""

    told: str = ""
    apart: bool = False
    together: bool = False
    countries: tuple[Node, ...] = ()
    controls: Node | None = None
    instances: int = 0
    most: int = 0
    secure_ports: frozenset[int] | None = None
    open_at: Span | None = None


def read_wild(model: Model, chain: Iterable[str], properties: Mapping) -> Used:
    """Return what a policy says, by its type, the types it is derived from, and its properties."""
    kinds = [each.lower().replace("_", "").replace("-", "") for each in chain]
    used = Used()
    for reader in (_affinity, _placement, _scaling, _network, _firewall, _controls):
        reader(model, kinds, properties, used)
    return used


def _says(kinds: list[str], *words: str) -> bool:
    return any(word in each for each in kinds for word in words)


def _affinity(model: Model, kinds: list[str], properties: Mapping, used: Used) -> None:
    rule = model.values.text(properties.get("policy") or properties.get("affinity")).lower().replace("_", "-")
    anti = _says(kinds, "antiaffinity", "anticolocat") or "anti-affinity" in rule
    scope = model.values.text(properties.get("scope")).lower()
    if anti and (scope in _FAR or _says(kinds, "provider", "cloudantiaffinity")):
        used.apart, used.told = True, "its targets run at different providers"
    elif not anti and (_says(kinds, "affinity", "colocat") or rule in {"affinity", "soft-affinity"}):
        used.together, used.told = True, "its targets run at one provider"


def _placement(model: Model, kinds: list[str], properties: Mapping, used: Used) -> None:
    if not _says(kinds, "placement", "location", "residency", "sovereignty", "geo"):
        return
    found = [each for key in _PLACES for each in items(model.values.deep(properties.get(key)))]
    codes = sorted(place_code(word(each)) for each in found)
    if codes and all(codes):
        used.countries, used.told = tuple(found), "its targets run in " + ", ".join(codes)


def _scaling(model: Model, kinds: list[str], properties: Mapping, used: Used) -> None:
    if not _says(kinds, "scaling", "scale", "cluster", "vduinitialdelta"):
        return
    delta = model.values.node(properties.get("initial_delta"))
    least = delta.get("number_of_instances") if isinstance(delta, Mapping) else None
    used.instances = _first_whole(model, [least, *(properties.get(key) for key in _LEAST)])
    used.most = _first_whole(model, [properties.get(key) for key in _MOST])
    said = [f"begin with {used.instances}" if used.instances else "", f"have at most {used.most} instances" if used.most else ""]
    if any(said):
        used.told = "its targets " + " and ".join(filter(None, said))


def _first_whole(model: Model, nodes: Iterable[Node | None]) -> int:
    for node in nodes:
        found = model.values.scalar(node)
        number = whole(found.value) if found else None
        if number:
            return min(number, _HIGHEST)
    return 0


def _network(model: Model, kinds: list[str], properties: Mapping, used: Used) -> None:
    """Read a policy that puts a proxy with TLS before ports."""
    if not _says(kinds, "security", "network", "tls", "encrypt"):
        return
    said = model.values.scalar(properties.get("encryption") or properties.get("tls") or properties.get("tls_enabled"))
    if said is None or boolean(said.value) is not True:
        return
    ports = (model.values.scalar(each) for each in items(properties.get("target_ports") or properties.get("ports")))
    used.secure_ports = frozenset(number for each in ports if each and (number := whole(each.value)))
    used.told = "connections to its targets are encrypted"


def _firewall(model: Model, kinds: list[str], properties: Mapping, used: Used) -> None:
    if not _says(kinds, "securitygroup", "firewall", "networkaccess", "ingress"):
        return
    direction = model.values.text(properties.get("direction")).lower()
    place = anywhere(properties)
    if place is not None and direction != "egress":
        used.open_at, used.told = place.at, "its targets can be reached from any address"


def _controls(model: Model, kinds: list[str], properties: Mapping, used: Used) -> None:
    if not _says(kinds, "security", "compliance", "control", "privacy"):
        return
    found = next((properties.get(key) for key in _CONTROLS if properties.get(key) is not None), None)
    listed = items(model.values.deep(found))
    if listed and all(isinstance(each, Scalar) and _is_control(each.text) for each in listed):
        used.controls, used.told = model.values.deep(found), "its targets need " + ", ".join(word(each) for each in listed)


def _is_control(text: str) -> bool:
    family, _, number = slug(text).partition("-")
    return len(family) == 2 and number[:1].isdigit()


class Unused:
    """Policies that are recognised and not used, told in one note for each type."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._by_type: dict[str, list[tuple[str, Span]]] = {}

    def add(self, kind: str, name: str, at: Span) -> None:
        """Remember one."""
        self._by_type.setdefault(kind, []).append((name, at))

    def tell(self) -> None:
        """Report all."""
        for kind, some in self._by_type.items():
            name, at = some[0]
            more = f", and so are {len(some) - 1} more of this type" if len(some) > 2 else ""
            more = ", and so is one more of this type" if len(some) == 2 else more
            text = f"policy {name!r} of type {kind!r} is read and not used{more}"
            self.model.findings.note("T065", at, text, "what it asks for can be said by the policies of musa.yaml")


def check_triggers(model: Model, name: str, body: Mapping) -> list[str]:
    """Report triggers for nodes that the model does not have; return the names of all triggers, which planning does not use."""
    found = []
    for trigger, said, _ in entries(body.get("triggers")):
        found.append(trigger)
        if not isinstance(said, Mapping):
            continue
        filter_ = said.get("target_filter")
        node = filter_.get("node") if isinstance(filter_, Mapping) else filter_
        target = word(node)
        known = model.find(target, "") or target in model.topology.groups.entries or model.types.name("node_types", target)
        if node is not None and target and not known:
            close = model.findings.near(target, model.topology.nodes.entries, model.topology.groups.entries)
            text = f"trigger {trigger!r} of policy {name!r} is for {target!r}, which the model does not have"
            model.findings.fault("T012", node.at, text, close or "write the name of a node template or group of this file")
    return found
