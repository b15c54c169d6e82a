"""Alternatives of Variability4TOSCA: of each name the first is taken, and what stands aside is told."""

from collections import Counter
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import Findings, entries, word
from musa_pipeline.formats.tosca.shapes import text_of, tidy, with_entry
from musa_pipeline.text.yaml import Mapping, Node, Sequence

_NOUNS: Final = {
    "inputs": "input",
    "node_templates": "component",
    "relationship_templates": "relationship template",
    "groups": "group",
}
_SECTIONS: Final = {"properties": "property", "attributes": "attribute", "capabilities": "capability", "artifacts": "artifact"}
_NAMED: Final = 12
"""Things of one component that are named in a finding."""
_WAY_OUT: Final = "resolve the conditions before, or leave only what is meant"


def first_templates(body: Mapping, findings: Findings) -> Mapping:
    """Return a topology whose lists of named things are mappings; the first of each name counts."""
    for section, noun in _NOUNS.items():
        said = body.get(section)
        if isinstance(said, Sequence):
            found = _by_name(said)
            body = with_entry(body, section, found)
            for name, others in _others(said).items():
                text = f"{noun} {name!r} is here {others + 1} times; the first is taken, and {_aside(others)}"
                findings.note("T036", found.keys[name], text, _WAY_OUT)
    return body


def first_alternatives(name: str, at: Span, template: Node, findings: Findings) -> Node:
    """Return a template with the first alternative of each thing; one note says what is taken."""
    if not isinstance(template, Mapping):
        return template
    found, taken, aside = template, list[str](), 0
    said = tidy(template.get("requirements"), "node")
    if isinstance(said, Sequence):
        found = with_entry(found, "requirements", kept := _first_of_each(said))
        others = _others(said) - _others(kept)
        taken += [f"requirement {each!r}{_leading(kept, each)}" for each in others]
        aside += others.total()
    kind = template.get("type")
    if isinstance(kind, Sequence) and (types := [each for each, _, _ in entries(kind)]):
        found = with_entry(found, "type", text_of(types[0], kind))
        taken += [f"type {types[0]!r}"] if len(types) > 1 else []
        aside += len(types) - 1
    for section, noun in _SECTIONS.items():
        said = template.get(section)
        if isinstance(said, Sequence):
            found = with_entry(found, section, _values(_by_name(said)))
            others = _others(said)
            taken += [f"{noun} {each!r}" for each in others]
            aside += others.total()
    if aside:
        more = f" and {len(taken) - _NAMED} more" if len(taken) > _NAMED else ""
        text = f"component {name!r} has alternatives: the first is taken of {', '.join(taken[:_NAMED])}{more}; {_aside(aside)}"
        findings.note("T036", at, text, _WAY_OUT)
    return found


def _aside(count: int) -> str:
    return f"{count} {'stands' if count == 1 else 'stand'} aside"


def _others(node: Node) -> Counter[str]:
    """Return how many further ones of a name are there, after the first."""
    count = Counter(name for name, _, _ in entries(node))
    return Counter({name: some - 1 for name, some in count.items() if some > 1})


def _leading(requirements: Node, name: str) -> str:
    """Return where the one requirement that is taken leads, as it is written; '' if it says no name."""
    said = next((value for each, value, _ in entries(requirements) if each == name), None)
    node = word(said.get("node") if isinstance(said, Mapping) else said)
    return f" ({node!r})" if node else ""


def _by_name(node: Node) -> Mapping:
    """Return a list of named things as a mapping; the first of each name counts."""
    found: dict[str, Node] = {}
    keys: dict[str, Span] = {}
    for name, value, at in entries(node):
        if name not in found:
            found[name], keys[name] = value, at
    return Mapping(found, keys, node.at)


def _values(node: Mapping) -> Mapping:
    """Return values that stand beside their conditions as plain ones."""
    found: dict[str, Node] = {}
    for name, value in node:
        if isinstance(value, Mapping) and "expression" in value.entries:
            value = Mapping({"$eval": value.entries["expression"]}, {"$eval": value.at}, value.at)
        elif isinstance(value, Mapping):
            value = value.entries.get("value", value)
        found[name] = value
    return Mapping(found, node.keys, node.at)


def _first_of_each(node: Sequence) -> Sequence:
    """Return requirements without those that are another alternative of one before them, as every further host is."""
    seen: set[str] = set()
    found: list[Node] = []
    for each in node.items:
        name, value = next(iter(each.entries.items()), ("", each)) if isinstance(each, Mapping) else ("", each)
        other = isinstance(value, Mapping) and bool({"conditions", "default_alternative"} & value.entries.keys())
        if not (name in seen and (other or name == "host")):
            found.append(each)
        seen.add(name)
    return Sequence(found, node.at)
