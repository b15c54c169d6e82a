"""Phase 4: the types of the model, its imports and the norm, with what each inherits (TOSCA 1.3, section 3.7)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.normative import CAPABILITIES, PARENTS, PREFIXES, REQUIREMENTS
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, entries, is_null, word
from musa_pipeline.formats.tosca.p2_imports import Imported
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

NODES: Final = "node_types"
_NOUNS: Final = {
    NODES: "node type",
    "capability_types": "capability type",
    "relationship_types": "relationship type",
    "policy_types": "policy type",
    "group_types": "group type",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """One type as written, and the file it was written in."""

    name: str
    body: Mapping
    at: Span
    file: str


@dataclass(frozen=True, slots=True)
class RequirementDefinition:
    """What a type says about one of its requirements; '' where it leaves that open."""

    capability: str = ""
    node: str = ""
    relationship: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a type or template runs for one operation, the place of the key that says so, and its file."""

    implementation: Node
    at: Span
    file: str


@dataclass(slots=True)
class NodeType:
    """A node type with all it inherits; `chain` leads from itself to its root, nearest first.

    `complete` tells that every type of the chain is defined, `properties` those that files of the chain define.
    """

    chain: tuple[str, ...]
    complete: bool
    capabilities: dict[str, str] = field(default_factory=dict)
    requirements: dict[str, RequirementDefinition] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)
    defaults: dict[str, Node] = field(default_factory=dict)
    own_kinds: dict[str, Node] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    artifacts: dict[str, Node] = field(default_factory=dict)


class Types:
    """All types by section and name."""

    def __init__(self, files: list[Imported], findings: Findings, catalogued: frozenset[str]) -> None:
        self.findings, self.catalogued = findings, catalogued
        self.sections: dict[str, dict[str, Definition]] = {section: {} for section in PARENTS}
        self._chains: dict[tuple[str, str], tuple[str, ...]] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._nodes: dict[str, NodeType] = {}
        self._defaults: dict[str, dict[str, Node]] = {}
        self._broken: set[tuple[str, str]] = set()
        self._unknown: dict[tuple[str, str], dict[Span, str]] = {}
        for each in files:
            self._register(each)
        for section in self.sections:
            self._check_parents(section)

    def name(self, section: str, written: str) -> str:
        """Return the full name of a type, short and prefixed names resolved (TOSCA 1.3, section 5.1); '' if it is unknown."""
        key = (section, written)
        if key not in self._names:
            plain = written.rpartition(":")[2]
            forms = (written, plain, PREFIXES[section] + plain) if plain else ()
            self._names[key] = next((form for form in forms if form in self.sections[section] or form in PARENTS[section]), "")
        return self._names[key]

    def chain(self, section: str, written: str) -> tuple[str, ...]:
        """Return the type and its ancestors, nearest first; an unknown one ends the chain under its written name."""
        name = self.name(section, written) or written
        key = (section, name)
        if key not in self._chains:
            found: dict[str, None] = {}
            while name and name not in found:
                found[name] = None
                parent = self.parent(section, name)
                name = self.name(section, parent) or parent
            self._chains[key] = tuple(found)
        return self._chains[key]

    def parent(self, section: str, name: str) -> str:
        """Return the parent as written; '' for a root."""
        if (section, name) in self._broken:
            return ""
        definition = self.sections[section].get(name)
        written = word(definition.body.get("derived_from")) if definition else ""
        return written or PARENTS[section].get(name, "")

    def check(self, section: str, written: str, at: Span, user: str) -> None:
        """Report a type that neither the model, an import nor the norm defines."""
        if not self.name(section, written):
            self._unknown.setdefault((section, written), {}).setdefault(at, user)

    def report_unknown(self) -> None:
        """Report the unknown types: each place; only the first, as a warning, where definitions are known to be missing.

        They are where an import is absent, and where our catalog knows types of the same family that nothing defines.
        """
        families = {written.partition(".")[0] for _, written in self._unknown if written in self.catalogued} - {"tosca", "musa"}
        for (section, written), places in self._unknown.items():
            few = self.findings.lenient or written in self.catalogued or written.partition(".")[0] in families
            for at, user in list(places.items())[: 1 if few else None]:
                text = f"{user} has unknown {_NOUNS[section]} {written!r}"
                if few and len(places) > 1:
                    text += f", and so in {len(places) - 1} more {'place' if len(places) == 2 else 'places'}"
                if written.startswith("musa.") and not any(each.startswith("musa.") for each in self.sections[section]):
                    way_out = "our own types come with an import: add 'imports: [musa.yaml]'"
                elif written in self.catalogued:
                    way_out = "the catalog of kinds knows what it is, not what it inherits: import its file"
                else:
                    way_out = self._close(section, written) or f"import the file that defines it, or define it below {section}"
                (self.findings.warn if few else self.findings.error)("T004", at, text, way_out)

    def node_type(self, written: str) -> NodeType:
        """Return a node type with all it inherits."""
        name = self.name(NODES, written) or written
        if name not in self._nodes:
            self._nodes[name] = self._inherit(self.chain(NODES, name))
        return self._nodes[name]

    def capability_defaults(self, written: str) -> dict[str, Node]:
        """Return the defaults of a capability type's properties, inherited ones included."""
        if written not in self._defaults:
            defaults: dict[str, Node] = {}
            for name in reversed(self.chain("capability_types", written)):
                definition = self.sections["capability_types"].get(name)
                if definition:
                    defaults.update(_defaults(definition.body))
            self._defaults[written] = defaults
        return self._defaults[written]

    def _close(self, section: str, written: str) -> str:
        """Return the nearest type of the same namespace, or of the same last name."""
        space, _, last = written.rpartition(".")
        known = [each for some in (self.sections[section], PARENTS[section]) for each in some]
        same_space = [each for each in known if each.rpartition(".")[0] == space]
        return self.findings.near(written, same_space or [each for each in known if each.rpartition(".")[2] == last])

    def _register(self, imported: Imported) -> None:
        document = imported.document
        for section, known in self.sections.items():
            for name, value, at in entries(document.root.get(section)):
                if not isinstance(value, Mapping) and not is_null(value):
                    self.findings.fault(
                        "T019", value.at, f"{_NOUNS[section]} {name!r} must be a mapping", "begin with derived_from"
                    )
                body = value if isinstance(value, Mapping) else EMPTY
                definition = Definition(name, body, at, document.file)
                if name in known and known[name].at != at:
                    there = known[name].at
                    self.findings.warn(
                        "T010", at, f"{_NOUNS[section]} {name!r} is defined twice", f"this one counts, not {there}"
                    )
                known[name] = definition
                if imported.prefix:
                    known[f"{imported.prefix}:{name}"] = definition

    def _check_parents(self, section: str) -> None:
        done: set[str] = set()
        for start in list(self.sections[section]):
            path: dict[str, None] = {}
            name = start
            while name in self.sections[section] and name not in done and name not in path:
                path[name] = None
                written = self.parent(section, name)
                if written and not self.name(section, written):
                    at = self.sections[section][name].body.entries["derived_from"].at
                    self.check(section, written, at, f"{_NOUNS[section]} {name!r}")
                name = self.name(section, written)
            if name and name in path:
                self._broken.add((section, name))
                at = self.sections[section][name].body.entries["derived_from"].at
                self.findings.error(
                    "T011", at, f"{_NOUNS[section]} {name!r} is derived from itself", "end the circle at one type"
                )
            done.update(path)

    def _inherit(self, chain: tuple[str, ...]) -> NodeType:
        result = NodeType(chain, all(self.name(NODES, each) for each in chain))
        for name in reversed(chain):
            result.capabilities.update(CAPABILITIES.get(name, {}))
            result.requirements.update({key: RequirementDefinition(*row) for key, row in REQUIREMENTS.get(name, {}).items()})
            definition = self.sections[NODES].get(name)
            if definition:
                self._add(result, name, definition)
        return result

    def _add(self, result: NodeType, name: str, definition: Definition) -> None:
        body, user = definition.body, f"node type {definition.name!r}"
        for capability, value, _ in entries(body.get("capabilities")):
            kind = value.get("type") if isinstance(value, Mapping) else value
            if word(kind):
                self.check("capability_types", word(kind), kind.at if kind else definition.at, user)
                result.capabilities[capability] = word(kind)
        for requirement, value, _ in entries(body.get("requirements")):
            inherited = result.requirements.get(requirement, RequirementDefinition())
            result.requirements[requirement] = self._requirement(value, inherited, user)
        if isinstance(properties := body.get("properties"), Mapping):
            result.properties.update(properties.entries)
            defaults = _defaults(body)
            result.defaults.update(defaults)
            if "kind" in defaults:
                result.own_kinds[name] = defaults["kind"]
        if isinstance(artifacts := body.get("artifacts"), Mapping):
            result.artifacts.update(artifacts.entries)
        result.operations.update(operations(body.get("interfaces"), definition.file))

    def _requirement(self, value: Node, inherited: RequirementDefinition, user: str) -> RequirementDefinition:
        if isinstance(value, Scalar):
            return RequirementDefinition(self._checked("capability_types", value, user), inherited.node, inherited.relationship)
        if not isinstance(value, Mapping):
            return inherited
        relationship = value.get("relationship")
        if isinstance(relationship, Mapping):
            relationship = relationship.get("type")
        return RequirementDefinition(
            self._checked("capability_types", value.get("capability"), user) or inherited.capability,
            self._checked(NODES, value.get("node"), user) or inherited.node,
            self._checked("relationship_types", relationship, user) or inherited.relationship,
        )

    def _checked(self, section: str, node: Node | None, user: str) -> str:
        """Return the full name of the type a node names; what is unknown is reported and kept as written."""
        written = word(node)
        if written and node:
            self.check(section, written, node.at, user)
        return self.name(section, written) or written


def _defaults(body: Mapping) -> dict[str, Node]:
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    found = ((name, value.get("default")) for name, value in properties if isinstance(value, Mapping))
    return {name: default for name, default in found if default is not None}


def operations(interfaces: Node | None, file: str) -> Iterator[tuple[str, Operation]]:
    """Yield what each life-cycle operation runs, in the short and the long forms (TOSCA 1.3, section 3.6.17)."""
    for name, interface, _ in entries(interfaces):
        if name.rpartition(".")[2].lower() not in {"standard", "lifecycle"} or not isinstance(interface, Mapping):
            continue
        nested = interface.get("operations")
        whole = nested if isinstance(nested, Mapping) else interface
        for operation, value in whole:
            found: Node | None = value
            at = whole.keys[operation]
            for keys in (("implementation",), ("primary", "file"), ("file",)):
                if isinstance(found, Mapping):
                    key = next((each for each in keys if found.get(each) is not None), "")
                    at = found.keys.get(key, at)
                    found = found.get(key)
            if found is not None and not isinstance(found, Sequence) and not is_null(found):
                yield operation, Operation(found, at, file)
