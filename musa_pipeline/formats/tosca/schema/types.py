"""The types that the schema knows: those of the norm and those of our own files, each with all that it inherits."""

from collections.abc import Mapping as Facts
from dataclasses import dataclass, field
from typing import Any, Final

from musa_pipeline.formats.tosca.builtin import body, facts
from musa_pipeline.formats.tosca.p1_read import entries, word
from musa_pipeline.formats.tosca.schema.values import Schema, constrained, type_schema, value_schema
from musa_pipeline.text.yaml import Mapping

OURS: Final = "musa."
_NORM: Final = (
    "tosca.nodes.",
    "tosca.capabilities.",
    "tosca.policies.",
    "tosca.groups.",
    "tosca.datatypes.",
    "tosca.relationships.",
)
_NOT: Final = (".nfv.", ".mec.")
SECTIONS: Final = ("node_types", "capability_types", "policy_types", "group_types", "relationship_types", "data_types")


@dataclass(slots=True)
class Known:
    """One type: its properties, capabilities (name to type) and requirements with all inherited; `open` if it may have more."""

    name: str
    description: str = ""
    properties: dict[str, Mapping] = field(default_factory=dict)
    capabilities: dict[str, str] = field(default_factory=dict)
    requirements: list[str] = field(default_factory=list)
    open: bool = False
    base: str = ""
    """For a data type: what it is derived from in the end."""
    body: Mapping | None = None

    @property
    def ours(self) -> bool:
        """Tell whether it is one of our own, about which our reader is strict."""
        return self.name.startswith(OURS)


class Types:
    """Every known type by section and name, in the order in which editors should offer them: ours first."""

    def __init__(self, files: Facts[str, Mapping]) -> None:
        self._own: dict[str, dict[str, Mapping]] = {section: {} for section in SECTIONS}
        for root in files.values():
            for section, found in self._own.items():
                found.update((name, value) for name, value, _ in entries(root.get(section)) if isinstance(value, Mapping))
        self.sections = {section: self._known(section) for section in SECTIONS}
        self.data = frozenset(self.sections["data_types"])

    def _known(self, section: str) -> dict[str, Known]:
        norm = sorted(name for name in facts(section) if name.startswith(_NORM) and not any(each in name for each in _NOT))
        return {name: self._inherited(section, name) for name in [*sorted(self._own[section]), *norm]}

    def _definition(self, section: str, name: str) -> Mapping | None:
        return self._own[section].get(name) or (body(section, name) if name in facts(section) else None)

    def _inherited(self, section: str, name: str) -> Known:
        known = Known(name)
        chain: dict[str, Mapping] = {}
        at = name
        while at not in chain and (definition := self._definition(section, at)) is not None:
            chain[at] = definition
            known.open = known.open or (at in facts(section) and facts(section)[at].open)
            at = word(definition.get("derived_from"))
        known.base, known.body = at, chain[name]
        known.description = " ".join(word(chain[name].get("description")).split())
        for definition in reversed(chain.values()):
            for key, value, _ in entries(definition.get("properties")):
                if isinstance(value, Mapping):
                    known.properties[key] = _merged(known.properties.get(key), value)
            for key, value, _ in entries(definition.get("capabilities")):
                kind = word(value.get("type") if isinstance(value, Mapping) else value)
                known.capabilities[key] = kind or known.capabilities.get(key, "")
            known.requirements += [key for key, _, _ in entries(definition.get("requirements")) if key not in known.requirements]
        return known

    def properties(self, known: Known, *, closed: bool) -> Schema:
        """Return the schema of a `properties` section of a type."""
        found: Schema = {
            "type": "object",
            "properties": {name: value_schema(each, self.data) for name, each in known.properties.items()},
        }
        if closed and (known.ours or not known.open):
            found["additionalProperties"] = False
        return found

    def required(self, known: Known) -> list[str]:
        """Return the names of properties that must be written."""
        return [
            name
            for name, each in known.properties.items()
            if each.get("default") is None and word(each.get("required")).lower() != "false"
        ]

    def data_schemas(self) -> dict[str, Any]:
        """Return the schema of each data type."""
        found: dict[str, Any] = {}
        for name, known in self.sections["data_types"].items():
            if known.properties:
                schema = self.properties(known, closed=True)
                if required := self.required(known):
                    schema["required"] = required
            else:
                schema = constrained(type_schema(known.base, frozenset()), known.body) if known.body else {}
            found[name] = {"description": known.description, **schema} if known.description else schema
        return found


def _merged(inherited: Mapping | None, own: Mapping) -> Mapping:
    """Return a property's definition with what it does not say itself taken from the one it refines."""
    if inherited is None:
        return own
    return Mapping({**inherited.entries, **own.entries}, {**inherited.keys, **own.keys}, own.at)
