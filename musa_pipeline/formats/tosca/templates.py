"""The node templates of a model, each with its type, and what templates and types say about one of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.copies import Copies
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, at_path, items, mapping_in, word
from musa_pipeline.formats.tosca.p3_dialect import Topology
from musa_pipeline.formats.tosca.p4_types import NODES, NodeType, Types
from musa_pipeline.formats.tosca.values import Values
from musa_pipeline.text.yaml import Mapping, Node

CAPABILITIES: Final = "capability_types"
_NAMES: Final = (
    "type description metadata directives properties attributes requirements capabilities interfaces artifacts"
    " node_filter copy count instances"
)
_KEYS: Final = frozenset(_NAMES.split())
_MOST: Final = 100_000
"""Templates of one model, those that substitution brings included."""
_MOST_BY_TYPE: Final = 1_000_000
"""Properties, capabilities, requirements and the like that templates have because files give them to their types."""


class Link(Enum):
    """What a relationship means for us."""

    HOSTED = auto()
    CONNECTED = auto()
    ATTACHED = auto()


@dataclass(frozen=True, slots=True)
class Space:
    """One topology that templates are in: the model's own, or one that takes the place of a node template.

    `inputs` are values given from outside, each with the template whose SELF it speaks of; `node` is the full name
    of the template whose place the topology takes; `files` are the topologies that it is within, itself included.
    """

    prefix: str
    topology: Topology
    inputs: Dict[str, tuple[Node, str]]
    node: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """One node template; its properties and capabilities are empty mappings if they are absent or something else."""

    name: str
    at: Span
    body: Mapping
    type: NodeType
    properties: Mapping
    capabilities: Mapping
    space: Space

    @property
    def type_name(self) -> str:
        """The full name of its type."""
        return self.type.chain[0] if self.type.chain else ""

    @property
    def directives(self) -> frozenset[str]:
        """What the orchestrator is told to do with it, in lower case."""
        return frozenset(word(each).lower() for each in items(self.body.get("directives")))

    def isa(self, *types: str) -> bool:
        """Tell whether it is of one of these types, or of one derived from them."""
        return any(each in types for each in self.type.chain)


@dataclass(frozen=True, slots=True)
class Edge:
    """One requirement of a template that leads to another one; `properties` are those of the relationship."""

    source: Template
    target: Template
    link: Link
    name: str
    at: Span
    capability: str = ""
    properties: Mapping = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Substitution:
    """The topology that takes the place of a node template, and what of it stands for which capability and requirement."""

    template: Template
    space: Space
    mappings: Mapping


Resolve = Callable[["Model", Template], Iterable[Edge]]
Substitute = Callable[["Model", Template], Substitution | None]


class Model:
    """The templates of all topologies with their types: what the last phase asks.

    `templates` are those that stay, by full name; `replaced` those whose place a topology takes; `tries` of filters are counted.
    """

    def __init__(
        self,
        topology: Topology,
        types: Types,
        findings: Findings,
        *,
        resolve: Resolve,
        substitute: Substitute,
        inputs: Dict[str, Node],
    ) -> None:
        self.topology, self.types, self.findings = topology, types, findings
        self._resolve, self._substitute = resolve, substitute
        self.values = Values(self, findings)
        self.unknown: dict[str, dict[str, Node]] = defaultdict(dict)
        self.templates: dict[str, Template] = {}
        self.replaced: dict[str, Substitution] = {}
        self.every: dict[str, Template] = {}
        self.spaces: list[Space] = []
        self._copies = Copies(findings)
        self.left = _MOST_BY_TYPE
        self.main = Space("", topology, {name: (value, "") for name, value in inputs.items()}, files=(topology.at.file,))
        self.tries = 0
        self._edges: dict[str, list[Edge]] = {}
        self._resolving: set[str] = set()
        self._by: dict[str, dict[tuple[str, str], list[Template]]] = {}
        self._fill(self.main)

    def by_type(self, space: Space, name: str) -> list[Template]:
        """Return the templates of a topology that are of a type, or of one derived from it."""
        return self._index("type", lambda each: each.type.chain).get((space.prefix, name), [])

    def by_capability(self, space: Space, name: str) -> list[Template]:
        """Return the templates of a topology that offer a capability type."""
        return self._index("capability", self.offered).get((space.prefix, name), [])

    def offered(self, template: Template) -> set[str]:
        """Return all capability types that a template offers, those they are derived from included."""
        return {name for each in template.type.capabilities.values() for name in self.types.chain(CAPABILITIES, each)}

    def edges(self, name: str) -> list[Edge]:
        """Return where the requirements of a template lead, in the order written."""
        if name not in self._edges and name in self.every and name not in self._resolving:
            self._resolving.add(name)
            self._edges[name] = list(self._resolve(self, self.every[name]))
            self._resolving.discard(name)
        return self._edges.get(name, [])

    def inside(self, name: str) -> list[Template]:
        """Return the templates that stand for a name: itself, or all of the topology that takes its place."""
        if name in self.templates:
            return [self.templates[name]]
        found: list[Template] = []
        pending = [name]
        while pending and (substitution := self.replaced.get(pending.pop())):
            prefix = substitution.space.prefix
            for inner in substitution.space.topology.nodes.entries:
                full = prefix + inner
                if full in self.templates:
                    found.append(self.templates[full])
                elif full in self.replaced:
                    pending.append(full)
        return found

    def property(self, template: Template, name: str) -> Node | None:
        """Return a property's value, functions evaluated: the template's own, else its type's default."""
        return self._evaluated(template, name, self.raw(template.name, name))

    def capability_property(self, template: Template, capability: str, name: str) -> Node | None:
        """Return a property of a capability: the template's own, else the default of the capability's type."""
        return self._evaluated(template, f"{capability}.{name}", self.raw_capability(template.name, capability, name))

    def input(self, name: str, me: str) -> tuple[Node | None, str]:
        """Return the value of an input of the topology that `me` is in: as given, else its default."""
        space = self.every[me].space if me in self.every else self.main
        if name in space.inputs:
            return space.inputs[name]
        definition = space.topology.inputs.get(name)
        if not isinstance(definition, Mapping):
            return definition, me
        return next((definition.entries[key] for key in ("value", "default") if key in definition.entries), None), me

    def find(self, name: str, me: str) -> str:
        """Return the full name of the template that a name means where `me` is."""
        prefix = self.every[me].space.prefix if me in self.every else ""
        return prefix + name if prefix + name in self.every else ""

    def raw(self, template: str, name: str) -> Node | None:
        """Return a property as written, else its type's default."""
        it = self.every.get(template)
        if it is None:
            return None
        found = it.properties.get(name)
        return found if found is not None else it.type.defaults.get(name)

    def raw_attribute(self, template: str, name: str) -> Node | None:
        """Return an attribute as written."""
        it = self.every.get(template)
        return at_path(it.body, "attributes", name) if it else None

    def raw_capability(self, template: str, capability: str, name: str) -> Node | None:
        """Return a property of a capability as written, else its type's default."""
        it = self.every.get(template)
        if it is None:
            return None
        assigned = it.capabilities.entries.get(capability)
        found = at_path(assigned, "properties", name) if assigned is not None else None
        if found is None:
            found = self.types.offered(it.type, capability).get(name)
        return found

    def raw_offered(self, template: str, name: str) -> Node | None:
        """Return a property of the only one of its capabilities that has it, as written or by default."""
        it = self.every.get(template)
        offered = {**it.capabilities.entries, **it.type.capabilities} if it else {}
        found = [value for each in offered if (value := self.raw_capability(template, each, name)) is not None]
        return found[0] if len(found) == 1 else None

    def met(self, template: str, requirement: str) -> tuple[str, str, Mapping] | None:
        """Return the template, its capability and the relationship's properties that a requirement leads to."""
        found = next((each for each in self.edges(template) if each.name == requirement), None)
        return (found.target.name, found.capability, found.properties) if found else None

    def host(self, template: str) -> str:
        """Return what a template runs on."""
        return next((each.target.name for each in self.edges(template) if each.link is Link.HOSTED), "")

    def of_type(self, written: str) -> list[str]:
        """Return the templates of a type, by name."""
        full = self.types.name(NODES, written)
        return [each.name for each in self.by_type(self.main, full)] if full else []

    def artifact(self, template: str, name: str) -> Node | None:
        """Return an artifact of a template or of its type."""
        it = self.every.get(template)
        if it is None:
            return None
        return mapping_in(it.body, "artifacts").get(name) or it.type.artifacts.get(name)

    def _evaluated(self, template: Template, what: str, raw: Node | None) -> Node | None:
        """Return the value; what is unknown is remembered with the words that stand for it."""
        found = self.values.node(raw, template.name)
        if found is None and raw is not None:
            self.unknown[template.name].setdefault(what, raw)
        return found

    def _index(self, what: str, names: Callable[[Template], Iterable[str]]) -> dict[tuple[str, str], list[Template]]:
        if what not in self._by:
            found: dict[tuple[str, str], list[Template]] = defaultdict(list)
            for template in self.every.values():
                for name in names(template):
                    found[template.space.prefix, name].append(template)
            self._by[what] = found
        return self._by[what]

    def _fill(self, space: Space) -> None:
        """Add the templates of a topology, then those of the topologies that take the place of one of them."""
        self.spaces.append(space)
        added = [
            self._template(space, name, self._copies.of(space.topology.nodes, name, body)) for name, body in space.topology.nodes
        ]
        self.every.update((each.name, each) for each in added)
        for template in added:
            substitution = self._substitute(self, template) if len(self.every) < _MOST else None
            if substitution is None:
                self.templates[template.name] = template
            else:
                self.replaced[template.name] = substitution
                self._fill(substitution.space)

    def _template(self, space: Space, name: str, body: Node) -> Template:
        at = space.topology.nodes.keys[name]
        shape = self.findings.mapping(body, f"node template {name!r}")
        written = word(shape.get("type"))
        self._check(name, shape, written, at)
        kind = self._bounded(written, name, at) if written else NodeType((), False)
        return Template(
            space.prefix + name, at, shape, kind, mapping_in(shape, "properties"), mapping_in(shape, "capabilities"), space
        )

    def _bounded(self, written: str, name: str, at: Span) -> NodeType:
        """Return a type, while what all templates have by their types is no more than anybody means; else an unknown one."""
        kind = self.types.node_type(written)
        before = self.left
        self.left -= kind.size
        if self.left >= 0:
            return kind
        if before >= 0:
            text = f"up to {name!r}, node templates have more than {_MOST_BY_TYPE:,} properties and the like by their types"
            self.findings.error("T004", at, text, "split the model, or its types")
        return NodeType((written,), False)

    def _check(self, name: str, body: Mapping, written: str, at: Span) -> None:
        if not written:
            self.findings.fault("T004", at, f"node template {name!r} has no type", "write 'type: musa.nodes.WebApplication'")
        else:
            self.types.check(NODES, written, body.entries["type"].at, f"component {name!r}")
        if self.findings.lenient:
            return
        for key in body.entries:
            if key not in _KEYS:
                close = self.findings.near(key, _KEYS)
                self.findings.warn("T020", body.keys[key], f"node template {name!r} has unknown key {key!r}", close)


@lru_cache(maxsize=4096)
def last_words(type_name: str) -> tuple[str, ...]:
    """Return the words of the last name of a type, in lower case.

    >>> last_words("sodalite.nodes.OpenStack.SecurityRules")
    ('security', 'rules')
    """
    return tuple(slug(type_name.rpartition(".")[2]).split("-"))


def definitions(types: Types, section: str, chain: Iterable[str], key: str) -> Iterator[tuple[str, Node, str]]:
    """Yield what the types of a chain define below a key, nearest first: name, definition and the type that says it."""
    for name in chain:
        definition = types.sections.get(section, {}).get(name)
        if definition:
            for each in items(definition.body.get(key)):
                for inner, value in each if isinstance(each, Mapping) else ():
                    yield inner, value, name
