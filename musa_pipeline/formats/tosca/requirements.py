"""The edges of the topology: which template each requirement leads to, and by what kind of relationship."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import EMPTY, entries, is_null, word
from musa_pipeline.formats.tosca.p4_types import NODES, RequirementDefinition
from musa_pipeline.formats.tosca.templates import Model, Template
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

RELATIONSHIPS: Final = "relationship_types"
CAPABILITIES: Final = "capability_types"


class Link(Enum):
    """What a relationship means for us."""

    HOSTED = auto()
    CONNECTED = auto()
    ATTACHED = auto()


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


_LINKS: Final = {
    "tosca.relationships.HostedOn": Link.HOSTED,
    "tosca.relationships.AttachesTo": Link.ATTACHED,
    "tosca.relationships.network.LinksTo": Link.ATTACHED,
    "tosca.relationships.network.BindsTo": Link.ATTACHED,
    "tosca.relationships.ConnectsTo": Link.CONNECTED,
    "tosca.relationships.DependsOn": Link.CONNECTED,
    "tosca.capabilities.Container": Link.HOSTED,
    "tosca.capabilities.Compute": Link.HOSTED,
    "tosca.capabilities.Attachment": Link.ATTACHED,
    "tosca.capabilities.Storage": Link.ATTACHED,
    "tosca.capabilities.network.Linkable": Link.ATTACHED,
    "tosca.capabilities.network.Bindable": Link.ATTACHED,
    "tosca.capabilities.Endpoint": Link.CONNECTED,
}
_HINTS: Final = (("host", Link.HOSTED), ("container", Link.HOSTED), ("attach", Link.ATTACHED), ("volume", Link.ATTACHED))
_SAYING: Final = 5
"""Candidates named in a warning."""


def edges_of(model: Model, template: Template) -> Iterator[Edge]:
    """Yield the edges of one template in the order written; what leads nowhere is reported."""
    for name, value, at in entries(template.body.get("requirements")):
        definition = template.type.requirements.get(name, RequirementDefinition())
        assignment = value if isinstance(value, Mapping) and not _is_function(value) else EMPTY
        target = assignment.get("node") if assignment is not EMPTY else value
        if isinstance(target, Sequence):  # TOSCA 2.0: [name, index]
            target = target.items[0] if target.items else None
        found = _target(model, template, name, target, assignment, definition, at)
        if found is not None:
            relationship, properties = _relationship(model, template, assignment, definition)
            link = _link(model, name, relationship, definition)
            place = target.at if isinstance(target, Scalar) and not is_null(target) else at
            yield Edge(template, found, link, name, place, word(assignment.get("capability")), properties)


def _is_function(node: Mapping) -> bool:
    return len(node.entries) == 1 and next(iter(node.entries)).removeprefix("$").startswith("get_")


def _target(
    model: Model,
    source: Template,
    name: str,
    target: Node | None,
    assignment: Mapping,
    definition: RequirementDefinition,
    at: Span,
) -> Template | None:
    """Return the template a requirement leads to: by name, by type, or by what its type asks for."""
    said = model.values.scalar(target, source.name)
    if said is None:
        if target is not None and not is_null(target):
            return None  # a function that only the deployment can evaluate
        return _open(model, source, name, assignment, definition, at)
    if said.text in model.templates:
        return model.templates[said.text]
    place = target.at if target else at
    if full := model.types.name(NODES, said.text):
        return _only(model, source, name, model.by_type.get(full, []), f"type {said.text!r}", place)
    if not assignment.entries and (full := model.types.name(CAPABILITIES, said.text)):
        return _only(model, source, name, model.by_capability.get(full, []), f"capability {said.text!r}", place)
    text = f"component {source.name!r} needs {said.text!r} as its {name!r}, which the model does not have"
    if name == "uses":
        text = f"component {source.name!r} uses {said.text!r}, which the model does not have"
    if model.findings.lenient and "." in said.text:
        model.findings.warn("T012", place, text, "if it is a type, import the file that defines it")
    else:
        way_out = model.findings.near(said.text, model.templates)
        model.findings.fault("T012", place, text, way_out or "write the name of a node template of this file")
    return None


def _open(
    model: Model, source: Template, name: str, assignment: Mapping, definition: RequirementDefinition, at: Span
) -> Template | None:
    """Resolve a requirement that names no node by the types that the assignment or its definition asks for."""
    if written := word(assignment.get("capability")):
        full = model.types.name(CAPABILITIES, written)
        candidates = model.by_capability.get(full, []) if full else None
        if candidates is not None:
            return _only(model, source, name, candidates, f"capability {written!r}", at)
    if definition.node and definition.node != "tosca.nodes.Root":
        return _only(model, source, name, model.by_type.get(definition.node, []), f"type {definition.node!r}", at)
    if definition.capability and definition.capability != "tosca.capabilities.Node":
        candidates = model.by_capability.get(definition.capability, [])
        return _only(model, source, name, candidates, f"capability {definition.capability!r}", at)
    return None


def _only(model: Model, source: Template, name: str, candidates: list[Template], what: str, at: Span) -> Template | None:
    """Return the one other template that fits; a warning if there is none, or a choice."""
    few = [each for each in candidates[: _SAYING + 2] if each is not source]
    if len(few) == 1:
        return few[0]
    text = f"requirement {name!r} of component {source.name!r} asks for {what}"
    if not few:
        model.findings.warn("T013", at, f"{text}, which no other component has; it stays open", "name the node it leads to")
        return None
    named = ", ".join(repr(each.name) for each in few[:_SAYING]) + (" or others" if len(few) > _SAYING else "")
    model.findings.warn("T013", at, f"{text}, which several have; it stays open", f"name one of them: {named}")
    return None


def _relationship(model: Model, source: Template, assignment: Mapping, definition: RequirementDefinition) -> tuple[str, Mapping]:
    """Return the relationship's type as written, and its properties, from the assignment, a relationship template or the type."""
    said = assignment.get("relationship")
    body = said if isinstance(said, Mapping) else model.topology.relationships.get(word(said)) if word(said) else None
    if isinstance(body, Mapping):
        kind, properties = body.get("type"), body.get("properties")
    else:
        kind, properties = said, assignment.get("properties")
    if word(kind) and kind:
        model.types.check(RELATIONSHIPS, word(kind), kind.at, f"component {source.name!r}")
    return word(kind) or definition.relationship, properties if isinstance(properties, Mapping) else EMPTY


def _link(model: Model, name: str, relationship: str, definition: RequirementDefinition) -> Link:
    """Return what a requirement means: by its relationship type, its capability type, or its name."""
    by_relationship = model.types.chain(RELATIONSHIPS, relationship) if relationship else ()
    by_capability = model.types.chain(CAPABILITIES, definition.capability) if definition.capability else ()
    for each in (*by_relationship, *by_capability):
        if each in _LINKS:
            return _LINKS[each]
    hint = f"{relationship.rpartition('.')[2]} {name}".lower()
    return next((link for sign, link in _HINTS if sign in hint), Link.CONNECTED)
