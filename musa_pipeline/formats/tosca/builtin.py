"""The types that a model may use without a definition: those of the norm, of NFV, and of other dialects, read from tables of facts.

A line that begins with a name is a type: `Name : Parent @1.2 ...`, where `@` tells the first edition and `...` that it has more
properties than are told. Below it, `.name type? = default | constraint` is a property, `+name Type from A,B` a capability
with its valid source types, `-name Capability:Node:Relationship:0..*` a requirement, `*name Type` an interface, `!a b`
operations, `>A,B` valid targets, `| constraint` a constraint on the whole. Names without a dot that leads are those of
`tosca.<kind>`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from musa_pipeline.domain.source import NOWHERE
from musa_pipeline.formats.tosca.norm_dialects import ALIEN, CLOUDIFY, MEC
from musa_pipeline.formats.tosca.norm_nfv import TABLE as NFV
from musa_pipeline.formats.tosca.norm_nfv_data import TABLE as NFV_DATA
from musa_pipeline.formats.tosca.norm_simple import TABLE as SIMPLE
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, Value

PREFIXES: Final = {
    "node_types": "tosca.nodes.",
    "capability_types": "tosca.capabilities.",
    "relationship_types": "tosca.relationships.",
    "policy_types": "tosca.policies.",
    "group_types": "tosca.groups.",
    "artifact_types": "tosca.artifacts.",
    "interface_types": "tosca.interfaces.",
    "data_types": "tosca.datatypes.",
}
PRIMITIVES: Final = frozenset(
    {"string", "integer", "float", "boolean", "timestamp", "null", "version", "range", "list", "map", "json", "xml"}
    | {"scalar-unit.size", "scalar-unit.time", "scalar-unit.frequency", "scalar-unit.bitrate"}
    | {"bytes", "scalar", "size", "time", "frequency", "bitrate", "number", "any", "dict", "text", "regex"}
)
"""Types of values that are built in, those of drafts and of other dialects included."""

_SHORTENED: Final = ("network.", "nfv.", "node.lifecycle.", "relationship.", "Implementation.", "Storage.")
"""What the shorthand names of the standard leave out: `Bash` is `tosca.artifacts.Implementation.Bash`."""
_TWO: Final = {
    "Lifecycle.Standard": "tosca.interfaces.node.lifecycle.Standard",
    "Relationship.Configure": "tosca.interfaces.relationship.Configure",
    "tosca.interfaces.node.Lifecycle": "tosca.interfaces.node.lifecycle.Standard",
    "tosca.interfaces.node.lifecycle": "tosca.interfaces.node.lifecycle.Standard",
    "tosca.interfaces.relationship.configure": "tosca.interfaces.relationship.Configure",
    "tosca.interfaces.Relationship": "tosca.interfaces.relationship.Configure",
}
"""Names that other editions and drafts have for the same."""
_OPERATORS: Final = {
    ">=": "greater_or_equal", ">": "greater_than", "<=": "less_or_equal", "<": "less_than", "==": "equal",
}  # fmt: skip


@dataclass(slots=True)
class Fact:
    """One type of the tables: its parent, the edition it came with, whether it has more properties, its lines.

    `norm`: it is of the Simple Profile.
    """

    parent: str
    since: str = ""
    open: bool = False
    norm: bool = False
    lines: list[str] = field(default_factory=list)


@cache
def facts(section: str) -> dict[str, Fact]:
    """Return the built-in types of a section by full name, parents in full too."""
    return _tables()[section]


@cache
def shorts(section: str) -> dict[str, str]:
    """Return the full names by the shorthand names and by the names of other editions."""
    prefix, found = PREFIXES[section], dict(_TWO) if section == "interface_types" else {}
    for name in facts(section):
        short = name.removeprefix(prefix)
        found.setdefault(short, name)
        for lead in _SHORTENED:
            if short.startswith(lead):
                found.setdefault(short[len(lead) :], name)
    return found


@cache
def body(section: str, name: str) -> Mapping:
    """Return a built-in type as a definition would be written, its parent included."""
    fact = facts(section)[name]
    found: dict[str, Node] = {"derived_from": _scalar(fact.parent)} if fact.parent else {}
    parts: dict[str, dict[str, Node]] = {"properties": {}, "capabilities": {}, "interfaces": {}}
    requirements: list[Node] = []
    for line in fact.lines:
        sign, rest = line[0], line[1:].strip()
        if sign == ".":
            parts["properties"].update([_property(rest)])
        elif sign == "+":
            parts["capabilities"].update([_capability(rest)])
        elif sign == "-":
            requirements.append(_requirement(rest))
        elif sign == "*":
            key, _, kind = rest.partition(" ")
            parts["interfaces"][key] = _mapping(type=_scalar(_full("interface_types", kind)))
        elif sign == "!":
            found.update((each, _mapping()) for each in rest.split())
        elif sign == ">":
            found["valid_target_types"] = _names("capability_types", rest)
        elif sign == "|":
            found["constraints"] = _constraints(rest.split(" | "))
    found.update((key, _mapping(**value)) for key, value in parts.items() if value)
    if requirements:
        found["requirements"] = Sequence(requirements, NOWHERE)
    return _mapping(**found)


@cache
def _tables() -> dict[str, dict[str, Fact]]:
    found: dict[str, dict[str, Fact]] = {section: {} for section in PREFIXES}
    for table in (SIMPLE, NFV, NFV_DATA, MEC, ALIEN, CLOUDIFY):
        section, fact = "", Fact("")
        for line in table.splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line.startswith(" "):
                fact.lines.append(line.strip())
            elif line:
                name, fact = _head(section, line)
                fact.norm = table is SIMPLE
                found[section][name] = fact
    return found


def _head(section: str, line: str) -> tuple[str, Fact]:
    opened = line.endswith(" ...")
    line, _, since = line.removesuffix(" ...").partition(" @")
    name, _, parent = line.partition(" : ")
    return _full(section, name), Fact(_full(section, parent) if parent else "", since, opened)


def _full(section: str, name: str) -> str:
    if not name or name.startswith(("tosca.", "cloudify.")) or (section == "data_types" and name in PRIMITIVES - {"json", "xml"}):
        return name
    return PREFIXES[section] + name


def _property(text: str) -> tuple[str, Mapping]:
    text, *constraints = text.split(" | ")
    text, _, default = text.partition(" = ")
    name, _, kind = text.partition(" ")
    found: dict[str, Node] = {"required": _scalar(kind.endswith("?"), turned=True)}
    kind = kind.removesuffix("?")
    if not kind:
        found["required"] = _scalar(False)
    else:
        kind, _, entry = kind.partition("<")
        found["type"] = _scalar(_full("data_types", kind))
        if entry:
            inner: dict[str, Node] = {"type": _scalar(_full("data_types", entry.removesuffix(">")))}
            if own := [each.removeprefix("entries ") for each in constraints if each.startswith("entries ")]:
                inner["constraints"] = _constraints(own)
            found["entry_schema"] = _mapping(**inner)
    if default:
        found["default"] = _value(default)
    if own := [each for each in constraints if not each.startswith("entries ")]:
        found["constraints"] = _constraints(own)
    return name, _mapping(**found)


def _capability(text: str) -> tuple[str, Mapping]:
    text, _, sources = text.partition(" from ")
    name, _, kind = text.partition(" ")
    found: dict[str, Node] = {"type": _scalar(_full("capability_types", kind))}
    if sources:
        found["valid_source_types"] = _names("node_types", sources)
    return name, _mapping(**found)


def _requirement(text: str) -> Mapping:
    name, _, rest = text.partition(" ")
    capability, node, relationship, *counts = rest.split(":")
    sections = (("capability", "capability_types", capability), ("node", "node_types", node))
    found: dict[str, Node] = {key: _scalar(_full(section, said)) for key, section, said in sections if said}
    if relationship:
        found["relationship"] = _scalar(_full("relationship_types", relationship))
    if counts:
        least, _, most = counts[0].partition("..")
        both: list[Node] = [_scalar(int(least)), _scalar("UNBOUNDED" if most == "*" else int(most))]
        found["occurrences"] = Sequence(both, NOWHERE)
    return _mapping(**{name: _mapping(**found)})


def _constraints(texts: list[str]) -> Sequence:
    return Sequence([_mapping(**{_OPERATORS.get(name, name): value}) for name, value in _split(texts)], NOWHERE)


def _split(texts: list[str]) -> Iterator[tuple[str, Node]]:
    for text in texts:
        name, _, value = text.strip().removeprefix("| ").partition(" ")
        yield name, _value(value)


def _value(text: str) -> Node:
    try:
        return _node(json.loads(text))
    except ValueError:
        return _scalar(text)


def _node(value: object) -> Node:
    if isinstance(value, list):
        return Sequence([_node(each) for each in value], NOWHERE)
    return _scalar(value if isinstance(value, str | int | float | bool) else None)


def _names(section: str, text: str) -> Sequence:
    return Sequence([_scalar(_full(section, each)) for each in text.split(",")], NOWHERE)


def _scalar(value: Value, *, turned: bool = False) -> Scalar:
    said = not value if turned else value
    return Scalar(said, str(said), NOWHERE)


def _mapping(**found: Node) -> Mapping:
    return Mapping(found, dict.fromkeys(found, NOWHERE), NOWHERE)
