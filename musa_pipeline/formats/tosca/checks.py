"""What a topology assigns, held against what its types define: properties, capabilities, requirements (TOSCA 1.3, section 3.8)."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.builtin import facts
from musa_pipeline.formats.tosca.definitions import (
    UNBOUNDED,
    CapabilityDefinition,
    PropertyDefinition,
    RequirementDefinition,
    property_of,
)
from musa_pipeline.formats.tosca.dialects import Turn
from musa_pipeline.formats.tosca.fits import Fault, Fits
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, entries, mapping_in, word
from musa_pipeline.formats.tosca.p3_dialect import Topology
from musa_pipeline.formats.tosca.p4_types import CAPABILITIES, NODES, RELATIONSHIPS, Kind, NodeType, Types
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_ANY: Final = frozenset({"tosca.capabilities.Node", "tosca.capabilities.Root"})
_CONTAINERS: Final = frozenset({"tosca.capabilities.Container", "tosca.capabilities.Compute"})
"""Since 1.2 a machine offers `Compute` where it offered `Container` before; files of all editions ask for either."""
_READ: Final = frozenset({"T018", "T023", "T024", "T025", "T032"})
"""Findings about values that later phases read."""
_FUNCTION: Final = ("get_", "$", "concat", "join", "token", "eval")


def check_topology(topology: Topology, types: Types, findings: Findings) -> None:
    """Report what templates say that their types do not allow. Types that are unknown allow everything.

    What was told of a value when it was read is not told again.
    """
    told = frozenset(each.at for each in findings.problems if each.code in _READ)
    _Checks(topology, types, findings, told).run()


class _Checks:
    def __init__(self, topology: Topology, types: Types, findings: Findings, told: frozenset[Span]) -> None:
        self.topology, self.types, self.findings, self.told = topology, types, findings, told
        self.fits = Fits(types)
        self.later: set[str] = set()
        self.capabilities_count = Turn.RELATIONSHIPS not in topology.dialect.turns
        self._kinds: dict[str, NodeType | None] = {}
        self._required: dict[int, list[tuple[str, PropertyDefinition]]] = {}
        self._misfits: dict[tuple[str, str, str, str, str], tuple[str, str, str]] = {}
        self._refined: dict[tuple[str, str], dict[str, PropertyDefinition]] = {}

    def run(self) -> None:
        for name, body in self.topology.nodes:
            if isinstance(body, Mapping) and (kind := self._type(body)):
                self._template(name, body, kind, self.topology.nodes.keys[name])
        for name, body, at in entries(self.topology.relationships):
            self._properties_of(body, RELATIONSHIPS, f"relationship template {name!r}", at)
        for name, body, at in entries(self.topology.groups):
            self._properties_of(body, "group_types", f"group {name!r}", at)
        for name, body, at in entries(self.topology.policies):
            self._properties_of(body, "policy_types", f"policy {name!r}", at)

    def _type(self, body: Mapping) -> NodeType | None:
        written = word(body.get("type"))
        if written not in self._kinds:
            self._kinds[written] = self.types.node_type(written) if self.types.name(NODES, written) else None
        return self._kinds[written]

    def _template(self, name: str, body: Mapping, kind: NodeType, at: Span) -> None:
        user = f"component {name!r}"
        complete = kind.complete and not {"directives", "copy"} & body.entries.keys()
        ours = any(each.startswith("musa.") for each in kind.chain)
        self._edition(kind, body.entries["type"].at)
        self._assigned(mapping_in(body, "properties"), kind, user, at, complete=complete, ours=ours)
        for capability, value, place in entries(body.get("capabilities")):
            offer = kind.offers.get(capability)
            if offer is not None:
                self._capability(kind, capability, value, user)
            elif kind.closed and not self.findings.lenient:
                close = self.findings.near(capability, kind.offers)
                text = f"{user} has capability {capability!r}, which its type does not offer"
                self.findings.warn("T087", place, text, close or f"define it in {kind.chain[0]}")
        self._requirements(name, body, kind, at, complete)

    def _edition(self, kind: NodeType, at: Span) -> None:
        """Note, once, that a type of the norm came with a later edition than the file says."""
        edition, fact = self.topology.dialect.edition, facts(NODES).get(kind.chain[0])
        if fact and edition and fact.since > edition and kind.chain[0] not in self.later and not self._own(kind):
            self.later.add(kind.chain[0])
            text = f"{kind.chain[0]} came with TOSCA {fact.since}, and the file says {edition}"
            self.findings.note("T089", at, text, "write tosca_simple_yaml_1_3 on top, for other tools")

    def _capability(self, kind: NodeType, capability: str, value: Node, user: str) -> None:
        assigned = mapping_in(value, "properties") if isinstance(value, Mapping) else EMPTY
        if not assigned.entries:
            return
        offered = self.types.kind(CAPABILITIES, kind.offers[capability].type)
        where = f"capability {capability!r} of {user}"
        for name, each in assigned:
            definition = self._of_capability(kind, capability, offered).get(name)
            if definition is not None:
                self._told(self.fits.faults(each, definition.schema, name), where)
            elif offered.closed:
                self._unknown(
                    name, assigned.keys[name], offered.properties, where, offered.chain[0], builtin=not self._own(offered)
                )

    def _of_capability(self, kind: NodeType, capability: str, offered: Kind) -> dict[str, PropertyDefinition]:
        """Return the properties of a capability, as the node type refines them."""
        own = kind.offers[capability].properties
        if not own.entries:
            return offered.properties
        key = (kind.chain[0], capability)
        if key not in self._refined:
            refined = {name: property_of(value, "", builtin=False, inherited=offered.properties.get(name)) for name, value in own}
            self._refined[key] = {**offered.properties, **refined}
        return self._refined[key]

    def _own(self, kind: Kind) -> bool:
        """Tell whether a file defines the type."""
        return any(each in some for some in self.types.sections.values() for each in kind.chain[:1])

    def _assigned(self, assigned: Mapping, kind: Kind, user: str, at: Span, *, complete: bool, ours: bool = False) -> None:
        """Report properties that are unknown, unfit or absent."""
        for name, each in assigned:
            definition = kind.properties.get(name)
            if definition is not None:
                self._told(self.fits.faults(each, definition.schema, name), user)
            elif kind.closed and not ours:
                self._unknown(name, assigned.keys[name], kind.properties, user, kind.chain[0], builtin=not self._own(kind))
        if complete and not self.findings.lenient:
            for name, definition in self._required_of(kind):
                if name not in assigned.entries:
                    self._absent(name, at, user, kind.chain[0], builtin=definition.builtin)

    def _required_of(self, kind: Kind) -> list[tuple[str, PropertyDefinition]]:
        if id(kind) not in self._required:
            found = kind.properties.items()
            self._required[id(kind)] = [(name, each) for name, each in found if each.required and each.default is None]
        return self._required[id(kind)]

    def _absent(self, name: str, at: Span, user: str, where: str, *, builtin: bool) -> None:
        """Report a required property that is absent; that the norm wants it, an orchestrator may fill in, so it is only noted."""
        report = self.findings.note if builtin else self.findings.warn
        report("T083", at, f"{user} lacks property {name!r}, which {where} requires", "give it a value; else it stays unknown")

    def _unknown(self, name: str, at: Span, known: Iterable[str], user: str, where: str, *, builtin: bool) -> None:
        close = self.findings.near(name, list(known))
        if self.findings.lenient and builtin and not close:
            return  # the dialect's own edition of a type of the norm may have it
        text = f"{user} has property {name!r}, which {where} does not define"
        self.findings.warn("T080", at, text, close or "correct it, or define it in the type")

    def _told(self, faults: Iterable[Fault], user: str) -> None:
        for each in faults:
            if each.at in self.told:
                continue
            named = f"property {each.path!r} of {user}"
            match each.kind:
                case "type":
                    self.findings.fault("T081", each.at, f"{named} must be {each.should}", "write it so, or correct the type")
                case "shape":
                    self.findings.warn("T081", each.at, f"{named} must be {each.should}", "write it so, or correct the type")
                case "constraint":
                    self.findings.warn("T082", each.at, f"{named} must be {each.should}", "its definition says so")
                case "unknown":
                    close = self.findings.near(each.path.rpartition(".")[2], each.known)
                    if close or not self.findings.lenient:
                        self.findings.warn(
                            "T080", each.at, f"{named} is not of its data type", close or "correct it, or define it"
                        )
                case "missing" if not self.findings.lenient:
                    self.findings.warn("T083", each.at, f"{named} is required and absent", "give it a value")

    def _properties_of(self, body: Node, section: str, user: str, at: Span) -> None:
        """Check the properties of a relationship, group or policy of others; ours are checked where they are read."""
        written = word(body.get("type")) if isinstance(body, Mapping) else ""
        if not written or not isinstance(body, Mapping):
            return
        self.types.check(section, written, body.entries["type"].at, user)
        kind = self.types.kind(section, written)
        if self.types.name(section, written) and not any(
            each.startswith(("musa.policies.", "musa.groups.")) for each in kind.chain
        ):
            self._assigned(mapping_in(body, "properties"), kind, user, at, complete=kind.complete)

    def _requirements(self, name: str, body: Mapping, kind: NodeType, at: Span, complete: bool) -> None:
        count: Counter[str] = Counter()
        for requirement, value, place in entries(body.get("requirements")):
            count[requirement] += 1
            definition = kind.requirements.get(requirement)
            if definition is None:
                if (
                    kind.closed
                    and not self.findings.lenient
                    and (close := self.findings.near(requirement, kind.requirements.keys() - count.keys()))
                ):
                    text = f"component {name!r} has requirement {requirement!r}, which its type does not define"
                    self.findings.warn("T087", place, text, close)
                continue
            if self.capabilities_count:  # Cloudify's relationships ask for nodes, not for what they offer
                self._requirement(name, kind, requirement, definition, value)
        for requirement, definition in kind.requirements.items():
            if definition.least is None and definition.most is None:
                continue
            if definition.most is not None and definition.most < count[requirement]:
                text = f"component {name!r} has {count[requirement]} requirements {requirement!r}, of which its type allows"
                self.findings.warn("T086", at, f"{text} {definition.most}", "drop some, or widen occurrences in the type")
            elif definition.least and not definition.builtin and definition.least > count[requirement] and complete:
                most = "" if definition.most == definition.least else " or more" if (definition.most or UNBOUNDED) else ""
                text = f"component {name!r} has {count[requirement] or 'no'} requirement {requirement!r}, of which its type wants"
                self.findings.warn(
                    "T086", at, f"{text} {definition.least}{most}", "name the node that it leads to; else it stays open"
                )

    def _requirement(self, name: str, kind: NodeType, requirement: str, definition: RequirementDefinition, value: Node) -> None:
        """Check that the node a requirement leads to offers what is asked for, to such as this one."""
        said = value if isinstance(value, Mapping) and not _is_function(value) else EMPTY
        relation = said.get("relationship")
        if isinstance(relation, Mapping) and word(relation.get("type")):
            where = f"relationship {requirement!r} of component {name!r}"
            found = self.types.kind(RELATIONSHIPS, word(relation.get("type")))
            if isinstance(assigned := relation.get("properties"), Mapping) and self.types.name(RELATIONSHIPS, found.chain[0]):
                self._assigned(assigned, found, where, relation.at, complete=False)
        node = said.get("node") if said is not EMPTY else value
        if isinstance(node, Sequence):
            node = node.items[0] if node.items else None
        target = self.topology.nodes.get(word(node)) if isinstance(node, Scalar) else None
        if not isinstance(target, Mapping) or node is None:
            return
        offered = self._type(target)
        if offered is None or not offered.complete:
            return
        asked = word(said.get("capability"))
        kind_of = (
            word(relation)
            if isinstance(relation, Scalar)
            else word(relation.get("type"))
            if isinstance(relation, Mapping)
            else ""
        )
        key = (kind.chain[0], offered.chain[0], requirement, asked, kind_of)
        if key not in self._misfits:
            self._misfits[key] = self._misfit(kind, offered, definition, asked, kind_of or definition.relationship)
        code, text, way_out = self._misfits[key]
        if code:
            self.findings.warn(code, node.at, f"component {name!r} needs {word(node)!r} as its {requirement!r}, {text}", way_out)

    def _misfit(
        self, kind: NodeType, target: NodeType, definition: RequirementDefinition, asked: str, relationship: str
    ) -> tuple[str, str, str]:
        """Return what does not fit between two types; nothing where it fits, or where that cannot be told."""
        wanted = asked if asked and asked not in target.offers else definition.capability
        offers = {asked: target.offers[asked]} if asked in target.offers else target.offers
        full = self.types.name(CAPABILITIES, wanted)
        if asked and asked not in target.offers and not full and target.closed:
            known = ", ".join(map(repr, sorted(target.offers)[:6]))
            return (
                "T084",
                f"whose type has no capability {asked!r}",
                self.findings.near(asked, target.offers) or f"it has {known}",
            )
        if not full or full in _ANY:
            return "", "", ""
        accepted = _CONTAINERS if full in _CONTAINERS else {full}
        chains = {name: self.types.chain(CAPABILITIES, each.type) for name, each in offers.items()}
        fitting = [name for name, chain in chains.items() if accepted & set(chain) or not self._is_whole(chain)]
        if not fitting:
            return "T084", f"which offers no {full}", f"let {target.chain[0]} offer it, or name another node"
        return self._wrong_ends(kind, target, {name: offers[name] for name in fitting}, chains, relationship)

    def _wrong_ends(
        self,
        kind: NodeType,
        target: NodeType,
        offers: dict[str, CapabilityDefinition],
        chains: dict[str, tuple[str, ...]],
        relationship: str,
    ) -> tuple[str, str, str]:
        """Return what the valid source types of a capability, or the valid targets of a relationship, forbid."""
        refusing = [
            name
            for name, each in offers.items()
            if each.sources and not each.builtin and not self._among(NODES, kind.chain, each.sources)
        ]
        if len(refusing) == len(offers):
            allowed = ", ".join(offers[refusing[0]].sources)
            return "T085", f"whose {refusing[0]!r} is only for {allowed}", f"derive {kind.chain[0]} from one of them"
        found = self.types.kind(RELATIONSHIPS, relationship) if self.types.name(RELATIONSHIPS, relationship) else None
        if found is None or not found.targets or not found.complete or self._among(CAPABILITIES, tuple(_ANY), found.targets):
            return "", "", ""
        targets = (*found.targets, *_CONTAINERS) if _CONTAINERS & set(found.targets) else found.targets
        if any(self._among(CAPABILITIES, (*chains[name], *target.chain), targets) for name in offers):
            return "", "", ""
        if any(self.types.name(NODES, each) and self._among(NODES, target.chain, (each,)) for each in targets):
            return "", "", ""
        if not any(self.types.name(CAPABILITIES, each) or self.types.name(NODES, each) for each in targets):
            return "", "", ""
        return "T085", f"to which {found.chain[0]} cannot lead", f"it leads to {', '.join(found.targets)}"

    def _among(self, section: str, chain: tuple[str, ...], allowed: Iterable[str]) -> bool:
        return any((self.types.name(section, each) or each) in chain for each in allowed)

    def _is_whole(self, chain: tuple[str, ...]) -> bool:
        return all(self.types.name(CAPABILITIES, each) for each in chain)


def _is_function(node: Mapping) -> bool:
    return len(node.entries) == 1 and next(iter(node.entries)).startswith(_FUNCTION)
