"""The node templates of a topology, each with its type, and what templates and types say about one of them."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import Findings, at_path, mapping_in, word
from musa_pipeline.formats.tosca.p3_dialect import Topology
from musa_pipeline.formats.tosca.p4_types import NODES, NodeType, Types
from musa_pipeline.formats.tosca.values import Values
from musa_pipeline.text.yaml import Mapping, Node

_NAMES: Final = (
    "type description metadata directives properties attributes requirements capabilities interfaces artifacts"
    " node_filter copy count instances"
)
_KEYS: Final = frozenset(_NAMES.split())


@dataclass(frozen=True, slots=True)
class Template:
    """One node template; its properties and capabilities are empty mappings if they are absent or something else."""

    name: str
    at: Span
    body: Mapping
    type: NodeType
    properties: Mapping
    capabilities: Mapping

    @property
    def type_name(self) -> str:
        """The full name of its type."""
        return self.type.chain[0] if self.type.chain else ""

    def isa(self, *types: str) -> bool:
        """Tell whether it is of one of these types, or of one derived from them."""
        return any(each in types for each in self.type.chain)


class Model:
    """A topology with its types: what the last phase asks."""

    def __init__(self, topology: Topology, types: Types, findings: Findings) -> None:
        self.topology, self.types, self.findings = topology, types, findings
        self.values = Values(topology.inputs, self._property)
        self.templates = {name: self._template(name, body, topology.nodes.keys[name]) for name, body in topology.nodes}

    @cached_property
    def by_type(self) -> dict[str, list[Template]]:
        """Templates by each type they are of."""
        found: dict[str, list[Template]] = defaultdict(list)
        for template in self.templates.values():
            for name in template.type.chain:
                found[name].append(template)
        return found

    @cached_property
    def by_capability(self) -> dict[str, list[Template]]:
        """Templates by each capability type they offer."""
        found: dict[str, list[Template]] = defaultdict(list)
        for template in self.templates.values():
            offered = {
                name for each in template.type.capabilities.values() for name in self.types.chain("capability_types", each)
            }
            for name in offered:
                found[name].append(template)
        return found

    def property(self, template: Template, name: str) -> Node | None:
        """Return a property's value, functions evaluated: the template's own, else its type's default."""
        return self.values.node(self._raw(template, name), template.name)

    def capability_property(self, template: Template, capability: str, name: str) -> Node | None:
        """Return a property of a capability: the template's own, else the default of the capability's type."""
        assigned = template.capabilities.entries.get(capability)
        found = at_path(assigned, "properties", name) if assigned is not None else None
        if found is None and (kind := template.type.capabilities.get(capability)):
            found = self.types.capability_defaults(kind).get(name)
        return self.values.node(found, template.name) if found is not None else None

    def _template(self, name: str, body: Node, at: Span) -> Template:
        shape = self.findings.mapping(body, f"node template {name!r}")
        written = word(shape.get("type"))
        self._check(name, shape, written, at)
        kind = self.types.node_type(written) if written else NodeType((), False)
        return Template(name, at, shape, kind, mapping_in(shape, "properties"), mapping_in(shape, "capabilities"))

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

    def _raw(self, template: Template, name: str) -> Node | None:
        found = template.properties.get(name)
        return found if found is not None else template.type.defaults.get(name)

    def _property(self, name: str, path: list[str]) -> Node | None:
        """Return what get_property names: a property, or one of a capability (TOSCA 1.3, section 4.4.2)."""
        template = self.templates.get(name) if hasattr(self, "templates") else None
        if template is None:
            return None
        found = self._raw(template, path[0])
        if found is not None:
            for key in path[1:]:
                found = found.get(key) if isinstance(found, Mapping) else None
            return found
        return self.capability_property(template, path[0], path[1]) if len(path) > 1 else None
