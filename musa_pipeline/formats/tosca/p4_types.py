"""Phase 4: the types of the model, its imports and the norm, with what each inherits (TOSCA 1.3, section 3.7)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.formats.tosca.builtin import PREFIXES, PRIMITIVES, body, facts, shorts
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
from musa_pipeline.formats.tosca.dialects import Turn
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, entries, is_null, items, mapping_in, word
from musa_pipeline.formats.tosca.p2_imports import Imported
from musa_pipeline.formats.tosca.p3_dialect import document_dialect, in_shape
from musa_pipeline.text.yaml import Mapping, Node, Scalar

__all__ = ["NODES", "Definition", "NodeType", "Operation", "RequirementDefinition", "Types", "operations"]

NODES: Final = "node_types"
CAPABILITIES: Final = "capability_types"
RELATIONSHIPS: Final = "relationship_types"
DATA: Final = "data_types"
_NOUNS: Final = {
    NODES: "node type",
    CAPABILITIES: "capability type",
    RELATIONSHIPS: "relationship type",
    "policy_types": "policy type",
    "group_types": "group type",
    "artifact_types": "artifact type",
    "interface_types": "interface type",
    DATA: "data type",
}
_COMPARED: Final = 500
"""Unknown types for which the nearest known one is looked for."""
_ALIKE: Final = 0.8
_QUIET: Final = frozenset({"artifact_types", "interface_types"})
"""Sections whose unknown types change nothing that is read."""


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


class Types:
    """All types by section and name."""

    def __init__(self, files: list[Imported], findings: Findings, catalogued: frozenset[str]) -> None:
        self.findings, self.catalogued = findings, catalogued
        self.sections: dict[str, dict[str, Definition]] = {section: {} for section in PREFIXES}
        self._aliases: dict[tuple[str, str], str] = {}
        self._twins: set[tuple[str, str]] = set()
        self._chains: dict[tuple[str, str], tuple[str, ...]] = {}
        self._names: dict[tuple[str, str, str], str] = {}
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._nodes: dict[str, NodeType] = {}
        self._defaults: dict[str, dict[str, Node]] = {}
        self._broken: set[tuple[str, str]] = set()
        self._compared = 0
        self._unknown: dict[tuple[str, str], dict[Span, str]] = {}
        for each in files:
            self._register(each, files[-1])
        for section in self.sections:
            self._settle(section)
        for section in self.sections:
            self._check_parents(section)

    def name(self, section: str, written: str, space: str = "") -> str:
        """Return the full name of a type, short and prefixed names resolved (TOSCA 1.3, section 5.1); '' if it is unknown.

        `space` is the prefix of the import that the name stands in: its own types come first.
        """
        key = (section, written, space)
        if key not in self._names:
            self._names[key] = self._resolve(section, written, space) if written else ""
        return self._names[key]

    def chain(self, section: str, written: str) -> tuple[str, ...]:
        """Return the type and its ancestors, nearest first; an unknown one ends the chain under its written name."""
        name = self.name(section, written) or written
        key = (section, name)
        if key not in self._chains:
            found: dict[str, None] = {}
            while name and name not in found:
                found[name] = None
                if (section, name) in self._twins:
                    found[PREFIXES[section] + name] = None
                name = self._parent_in_full(section, name)
            self._chains[key] = tuple(found)
        return self._chains[key]

    def parent(self, section: str, name: str) -> str:
        """Return the parent as written; '' for a root."""
        if (section, name) in self._broken:
            return ""
        definition = self.sections[section].get(name)
        written = word(definition.body.get("derived_from")) if definition else ""
        return written or (facts(section)[name].parent if name in facts(section) else "")

    def definition(self, section: str, name: str) -> Definition | None:
        """Return a type by its full name, one of the norm as if it were written."""
        found = self.sections[section].get(name)
        return found or (Definition(name, body(section, name), NOWHERE, "") if name in facts(section) else None)

    def check(self, section: str, written: str, at: Span, user: str, space: str = "") -> None:
        """Report a type that neither the model, an import nor the norm defines."""
        if not self.name(section, written, space):
            self._unknown.setdefault((section, written), {}).setdefault(at, user)

    def report_unknown(self) -> None:
        """Report each unknown type once, with how many places name it: an error where it can only be a mistake.

        That is so for our own types, and where a type of nearly that name stands beside it. It is not where definitions
        are known to be missing: an import is absent, or our catalog knows the type or others of its family.
        """
        families = {_family(written) for _, written in self._unknown if written in self.catalogued} - {"tosca", "musa"}
        for (section, written), places in self._unknown.items():
            (at, user), others = next(iter(places.items())), len(places) - 1
            text = f"{user} has unknown {_NOUNS[section]} {written!r}"
            if others:
                text += f", and so in {others} more {'place' if others == 1 else 'places'}"
            family, close = _family(written), self._close(section, written)
            known = written in self.catalogued or family in families or section in _QUIET
            mistaken = family == "musa" or close
            absent = self.findings.lenient or known or not mistaken
            if written.startswith("musa.") and not any(each.startswith("musa.") for each in self.sections[section]):
                way_out = "our own types come with an import: add 'imports: [musa.yaml]'"
            elif written in self.catalogued:
                way_out = "the catalog of kinds knows what it is, not what it inherits: import its file"
            else:
                way_out = (
                    f"did you mean {close!r}?" if close else f"import the file that defines it, or define it below {section}"
                )
            (self.findings.warn if absent else self.findings.error)("T004", at, text, way_out)

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

    def _resolve(self, section: str, written: str, space: str) -> str:
        known, norm = self.sections[section], facts(section)
        for name in (f"{space}:{written}", written) if space else (written,):
            if found := self._aliases.get((section, name)):
                return found
            if name in known or name in norm:
                return name
        plain = written.rpartition(":")[2]  # under another prefix, only what the norm defines is known
        if plain == written and PREFIXES[section] + plain in known:
            return PREFIXES[section] + plain
        if section == DATA and plain in PRIMITIVES:
            return plain
        return plain if plain in norm else shorts(section).get(plain, "")

    def _parent_in_full(self, section: str, name: str) -> str:
        written = self.parent(section, name)
        definition = self.sections[section].get(name)
        return self.name(section, written, definition.space if definition else "") or written

    def _close(self, section: str, written: str) -> str:
        """Return the type that is meant: of the same namespace and nearly the same last name; '' if there is none.

        The first names are compared whatever else was: how bad a finding is must not depend on others.
        """
        import difflib  # costs start-up time that a run without mistakes need not pay

        self._compared += 1
        if self._compared > _COMPARED:
            return ""
        space, _, last = written.rpartition(".")
        beside = {
            end: each
            for some in (facts(section), self.sections[section])
            for each in some
            for start, _, end in (each.rpartition("."),)
            if start == space
        }
        found = difflib.get_close_matches(last, beside, n=1, cutoff=_ALIKE)
        return beside[found[0]] if found else ""

    def _register(self, imported: Imported, model: Imported) -> None:
        """Take the types of a file; under a prefix, a name that another file has too is kept apart."""
        document = in_shape(imported.document, document_dialect(model.document))
        dialect = document_dialect(document) or document_dialect(model.document)
        twins = dialect is not None and Turn.PROFILE_NAMES in dialect.turns
        for section, known in self.sections.items():
            for name, value, at in entries(document.root.get(section)):
                if not isinstance(value, Mapping) and not is_null(value):
                    self.findings.fault(
                        "T019", value.at, f"{_NOUNS[section]} {name!r} must be a mapping", "begin with derived_from"
                    )
                full, before = name, known.get(name)
                if before is not None and before.at != at:
                    if before.space != imported.prefix:
                        full = f"{imported.prefix}:{name}" if imported.prefix else name
                    if full in known and known[full].space == imported.prefix:
                        text = f"{_NOUNS[section]} {name!r} is defined twice"
                        self.findings.warn("T010", at, text, f"this one counts, not {known[full].at}")
                    elif full == name:  # the other came with a prefix, which goes on meaning it
                        moved = f"{before.space}:{name}"
                        known[moved] = replace(before, name=moved)
                        self._aliases.pop((section, moved), None)
                contents = value if isinstance(value, Mapping) else EMPTY
                known[full] = Definition(full, contents, at, document.file, imported.prefix)
                if imported.prefix and full == name:
                    self._aliases[section, f"{imported.prefix}:{name}"] = full
                if twins and PREFIXES[section] + name in facts(section):
                    self._twins.add((section, full))

    def _settle(self, section: str) -> None:
        """Take types that are defined in another section's place, as old NFV files have them, for what they are derived from."""
        known, homes = self.sections[section], dict[str, str]()
        for start in list(known):
            path: dict[str, None] = {}
            name = start
            while name in known and name not in homes and name not in path:
                path[name] = None
                name = word(known[name].body.get("derived_from")) or f"{name} "
            home = homes.get(name) or next((each for each in PREFIXES if self._is_home(each, section, name)), section)
            homes.update(dict.fromkeys(path, home))
        for name, home in homes.items():
            if home != section and name not in self.sections[home]:
                definition = self.sections[home][name] = known.pop(name)
                text = f"{_NOUNS[home]} {name!r} is defined below {section}"
                self.findings.warn("T088", definition.at, text, f"write it below {home}")

    def _is_home(self, home: str, section: str, root: str) -> bool:
        """Tell whether a root is of another section: a type of the norm, or one without a parent that is named like such."""
        if home == section or root in facts(section):
            return False
        return root in facts(home) if not root.endswith(" ") else root.startswith(PREFIXES[home])

    def _check_parents(self, section: str) -> None:
        done: set[str] = set()
        for start in list(self.sections[section]):
            path: dict[str, None] = {}
            name = start
            while name in self.sections[section] and name not in done and name not in path:
                path[name] = None
                written = self.parent(section, name)
                definition = self.sections[section][name]
                if written and not self.name(section, written, definition.space) and written not in PRIMITIVES:
                    at = definition.body.entries["derived_from"].at
                    self.check(section, written, at, f"{_NOUNS[section]} {name!r}", definition.space)
                name = self.name(section, written, definition.space)
            if name and name in path:
                self._broken.add((section, name))
                at = self.sections[section][name].body.entries["derived_from"].at
                self.findings.error(
                    "T011", at, f"{_NOUNS[section]} {name!r} is derived from itself", "end the circle at one type"
                )
            done.update(path)

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


_LIFECYCLE: Final = "tosca.interfaces.node.lifecycle.Standard"


def _family(name: str) -> str:
    return name.rpartition(":")[2].partition(".")[0] if "." in name else ""


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
