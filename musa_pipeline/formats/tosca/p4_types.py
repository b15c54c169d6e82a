"""Phase 4: what each type of the model, its imports and the norm has, with all it inherits (TOSCA 1.3, section 3.7)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from musa_pipeline.formats.tosca.builtin import PREFIXES, PRIMITIVES, facts
from musa_pipeline.formats.tosca.definitions import (
    CapabilityDefinition,
    Definition,
    Operation,
    PropertyDefinition,
    RequirementDefinition,
    constraints_of,
    named,
    occurrences,
    operations,
    property_of,
)
from musa_pipeline.formats.tosca.names import CAPABILITIES, DATA, NODES, RELATIONSHIPS, Names
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, entries, items, mapping_in, word
from musa_pipeline.formats.tosca.p2_imports import Imported
from musa_pipeline.text.yaml import Mapping, Node, Scalar

__all__ = [
    "CAPABILITIES",
    "DATA",
    "NODES",
    "RELATIONSHIPS",
    "Definition",
    "Kind",
    "NodeType",
    "Operation",
    "RequirementDefinition",
    "Types",
    "operations",
]

_LIFECYCLE: Final = "tosca.interfaces.node.lifecycle.Standard"


@dataclass(slots=True)
class Kind:
    """A type with all it inherits; `chain` leads from itself to its root, nearest first.

    `complete` tells that every type of the chain is defined, `closed` that all its properties are known.
    """

    chain: tuple[str, ...]
    complete: bool
    closed: bool = False
    properties: dict[str, PropertyDefinition] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    constraints: tuple[tuple[str, Node], ...] = ()


@dataclass(slots=True)
class NodeType(Kind):
    """A node type with all it inherits. `defaults` and `own_kinds` are those that files of the chain define."""

    capabilities: dict[str, str] = field(default_factory=dict)
    offers: dict[str, CapabilityDefinition] = field(default_factory=dict)
    requirements: dict[str, RequirementDefinition] = field(default_factory=dict)
    defaults: dict[str, Node] = field(default_factory=dict)
    own_kinds: dict[str, Node] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    lifecycles: set[str] = field(default_factory=set)
    artifacts: dict[str, Node] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How much a template has by its type, what the norm gives left out."""
        defined = (self.properties.values(), self.offers.values(), self.requirements.values())
        return sum(not each.builtin for some in defined for each in some) + len(self.operations) + len(self.artifacts)


_DEEPEST: Final = 500
"""Types that one is derived through; real ones are a fiftieth of it."""


class Types(Names):
    """All types, each with what it inherits; each is looked at once."""

    def __init__(self, files: list[Imported], findings: Findings, catalogued: frozenset[str]) -> None:
        super().__init__(files, findings, catalogued)
        for section in self.sections:
            self._bound(section)
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._nodes: dict[str, NodeType] = {}
        self._defaults: dict[str, dict[str, Node]] = {}

    def _bound(self, section: str) -> None:
        """End chains that are longer than anybody means: each type has all that its ancestors say."""
        depths: dict[str, int] = {}
        for start in self.sections[section]:
            path: list[str] = []
            name = start
            while name and name not in depths:
                path.append(name)
                depths[name] = 0  # until it is known; what is derived from itself is told already
                name = self._parent_in_full(section, name)
            depth = depths.get(name, 0)
            for each in reversed(path):
                depth += 1
                if depth > _DEEPEST and each in self.sections[section]:
                    self._cut(section, each)
                    depth = 1
                depths[each] = depth

    def _cut(self, section: str, name: str) -> None:
        definition = self.sections[section][name]
        said = definition.body.get("derived_from")
        text = f"type {name!r} is derived through more than {_DEEPEST} types; what those say does not count for it"
        self.findings.error("T011", said.at if said else definition.at, text, "derive it from a type nearer to the root")
        self._broken.add((section, name))

    def kind(self, section: str, written: str, space: str = "") -> Kind:
        """Return a type of any section with the properties and targets it inherits."""
        key = (section, self.name(section, written, space) or written)
        if key not in self._kinds:
            self._kinds[key] = self._fill(Kind(*self._start(*key)), section)
        return self._kinds[key]

    def node_type(self, written: str) -> NodeType:
        """Return a node type with all it inherits."""
        name = self.name(NODES, written) or written
        if name not in self._nodes:
            result = NodeType(*self._start(NODES, name))
            self._fill(result, NODES)
            for each in self._definitions(NODES, result.chain):
                self._add(result, each)
            self._nodes[name] = result
        return self._nodes[name]

    def capability_defaults(self, written: str) -> dict[str, Node]:
        """Return the defaults of a capability type's properties, inherited ones included; the norm's say nothing of a model."""
        if written not in self._defaults:
            self._defaults[written] = _said(self.kind(CAPABILITIES, written))
        return self._defaults[written]

    def offered(self, kind: NodeType, capability: str) -> dict[str, Node]:
        """Return the values that a node type gives a capability's properties, else the defaults of the capability's type."""
        offer = kind.offers.get(capability)
        if offer is None or not offer.properties.entries:
            return self.capability_defaults(kind.capabilities[capability]) if capability in kind.capabilities else {}
        key = f"{kind.chain[0]} {capability}"
        if key not in self._defaults:
            said = {name: _value_in(value) for name, value in offer.properties}
            given = {name: value for name, value in said.items() if value is not None}
            self._defaults[key] = {**self.capability_defaults(offer.type), **given}
        return self._defaults[key]

    def _start(self, section: str, name: str) -> tuple[tuple[str, ...], bool]:
        chain = self.chain(section, name)
        return chain, bool(chain) and all(self.name(section, each) or each in PRIMITIVES for each in chain)

    def _definitions(self, section: str, chain: tuple[str, ...]) -> Iterator[Definition]:
        """Yield the definitions of a chain, the root first; a twin from the norm lends its name, not its facts."""
        twins = {PREFIXES[section] + each for each in chain if (section, each) in self._twins}
        for name in reversed(chain):
            if name not in twins and (found := self.definition(section, name)):
                yield found

    def _fill(self, result: Kind, section: str) -> Kind:
        """Add the properties of a chain, those of the nearest type last."""
        norm = facts(section)
        result.closed = result.complete and not any(each in norm and norm[each].open for each in result.chain)
        for each in self._definitions(section, result.chain):
            for name, value, _ in entries(each.body.get("properties")):
                inherited = result.properties.get(name)
                result.properties[name] = property_of(value, each.space, builtin=_is_norm(section, each), inherited=inherited)
            if targets := each.body.get("valid_target_types"):
                result.targets = tuple(filter(None, map(word, items(targets))))
            result.constraints += constraints_of(each.body)
        return result

    def _add(self, result: NodeType, definition: Definition) -> None:
        contents, user = definition.body, f"node type {definition.name!r}"
        for capability, value, _ in named(contents.get("capabilities")):
            self._add_capability(result, capability, value, definition, user)
        for requirement, value, _ in named(contents.get("requirements")):
            inherited = result.requirements.get(requirement, RequirementDefinition())
            result.requirements[requirement] = self._requirement(value, inherited, user, definition)
        if definition.file:
            declared = mapping_in(contents, "properties")
            found = {name: value.get("default") for name, value in declared if isinstance(value, Mapping)}
            defaults = {name: value for name, value in found.items() if value is not None}
            result.defaults.update({} if _is_norm(NODES, definition) else defaults)
            if "kind" in defaults:
                result.own_kinds[definition.name] = defaults["kind"]
        result.artifacts.update(_artifacts(contents.get("artifacts")))
        for name, interface, _ in entries(contents.get("interfaces")):
            kind = word(interface.get("type")) if isinstance(interface, Mapping) else ""
            if kind and _LIFECYCLE in self.chain("interface_types", kind):
                result.lifecycles.add(name)
        if definition.file:
            result.operations.update(operations(contents.get("interfaces"), definition.file, result.lifecycles))

    def _add_capability(self, result: NodeType, name: str, value: Node, definition: Definition, user: str) -> None:
        said = value.get("type") if isinstance(value, Mapping) else value
        inherited = result.offers.get(name)
        kind = self._checked(CAPABILITIES, said, user, definition) or (inherited.type if inherited else "")
        if not kind:
            return
        declared = value if isinstance(value, Mapping) else EMPTY
        sources = tuple(filter(None, map(word, items(declared.get("valid_source_types")))))
        if inherited and not sources:
            sources = inherited.sources
        properties = mapping_in(declared, "properties")
        if inherited and inherited.properties.entries:
            before = inherited.properties
            properties = Mapping({**before.entries, **properties.entries}, {**before.keys, **properties.keys}, declared.at)
        result.capabilities[name] = kind
        result.offers[name] = CapabilityDefinition(kind, sources, properties, not definition.file)

    def _requirement(
        self, value: Node, inherited: RequirementDefinition, user: str, definition: Definition
    ) -> RequirementDefinition:
        if isinstance(value, Scalar):
            return self._plain_requirement(value, inherited, user, definition)
        if not isinstance(value, Mapping):
            return inherited
        relationship = value.get("relationship") or value.get("relationship_type")
        if isinstance(relationship, Mapping):
            relationship = relationship.get("type")
        capability = value.get("capability") or value.get("type")
        node = value.get("node")
        if node is None and capability is not None and self._is_node(capability, definition):
            capability, node = None, capability
        least, most = occurrences(value.get("occurrences"))
        if "lower_bound" in value.entries or "upper_bound" in value.entries:
            least, most = occurrences(value.get("lower_bound"))[0], occurrences(value.get("upper_bound"))[0]
        return RequirementDefinition(
            self._checked(CAPABILITIES, capability, user, definition) or inherited.capability,
            self._checked(NODES, node, user, definition) or inherited.node,
            self._checked(RELATIONSHIPS, relationship, user, definition) or inherited.relationship,
            inherited.least if least is None else least,
            inherited.most if most is None else most,
            not definition.file,
        )

    def _plain_requirement(
        self, value: Scalar, inherited: RequirementDefinition, user: str, definition: Definition
    ) -> RequirementDefinition:
        """Return the short form: a capability type; drafts have a node type there."""
        if self._is_node(value, definition):
            return replace(inherited, node=self._checked(NODES, value, user, definition), builtin=not definition.file)
        capability = self._checked(CAPABILITIES, value, user, definition)
        return replace(inherited, capability=capability or inherited.capability, builtin=not definition.file)

    def _is_node(self, node: Node, definition: Definition) -> bool:
        written = word(node)
        return not self.name(CAPABILITIES, written, definition.space) and bool(self.name(NODES, written, definition.space))

    def _checked(self, section: str, node: Node | None, user: str, definition: Definition) -> str:
        """Return the full name of the type a node names; what is unknown is reported and kept as written."""
        written = word(node)
        if written and node:
            self.check(section, written, node.at, user, definition.space)
        return self.name(section, written, definition.space) or written


def _is_norm(section: str, definition: Definition) -> bool:
    """Tell whether a type is of the norm, also where a file brings the norm's definitions along."""
    return not definition.file or definition.name in facts(section)


def _value_in(node: Node) -> Node | None:
    """Return the value that a refined property gets: its default, or what is written instead of a definition."""
    if not isinstance(node, Mapping):
        return node
    return node.get("default") or node.get("value") if {"type", "default", "value", "constraints"} & node.entries.keys() else None


def _said(kind: Kind) -> dict[str, Node]:
    return {name: each.default for name, each in kind.properties.items() if each.default is not None and not each.builtin}


def _artifacts(node: Node | None) -> Iterator[tuple[str, Node]]:
    for name, value, _ in named(node):
        yield name, value
