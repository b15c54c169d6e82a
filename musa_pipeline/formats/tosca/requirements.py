"""The edges of the topology: which template each requirement leads to, and by what kind of relationship (TOSCA 1.3, 3.8.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.filters import fits
from musa_pipeline.formats.tosca.p1_read import EMPTY, is_null, items, word
from musa_pipeline.formats.tosca.p4_types import NODES, RequirementDefinition
from musa_pipeline.formats.tosca.templates import CAPABILITIES, Edge, Link, Model, Template
from musa_pipeline.formats.tosca.values import function_of
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

RELATIONSHIPS: Final = "relationship_types"

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
_TRIED: Final = 200
"""Candidates that one node filter is tried on: every template with a filter may otherwise try all others."""
_LOOKED_AT: Final = 20
"""Candidates whose capabilities are looked at."""
_BESIDE: Final = frozenset(
    {"type", "relationship", "relationship_type", "capability", "node_filter", "properties", "interfaces"}
    | {"constraints", "instances", "instancesPOC"}
)
"""Keys that older drafts write beside the name of a requirement instead of below it."""
_OPEN_TYPES: Final = frozenset({"", "tosca.nodes.Root", "tosca.capabilities.Node", "tosca.capabilities.Root"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """One requirement of a template, in any of its forms."""

    source: Template
    name: str
    node: Node | None
    assignment: Mapping
    definition: RequirementDefinition
    at: Span

    @property
    def place(self) -> Span:
        """Where the target is written, else the requirement's name."""
        return self.node.at if isinstance(self.node, Scalar) and not is_null(self.node) else self.at


def edges_of(model: Model, template: Template) -> Iterator[Edge]:
    """Yield the edges of one template in the order written; what leads nowhere is reported."""
    assigned: set[str] = set()
    for name, value, at in _assigned(template.body.get("requirements")):
        asked = _asked(template, name, value, at)
        assigned.add(name)
        found = _target(model, asked)
        if found is not None:
            yield _edge(model, asked, found)
    yield from _unassigned(model, template, assigned)


def _edge(model: Model, asked: _Asked, found: Template) -> Edge:
    relationship, properties = _relationship(model, asked)
    link = _link(model, asked.name, relationship, asked.definition)
    capability = word(asked.assignment.get("capability"))
    target, capability = _inside(model, found, capability, asked.definition.capability)
    return Edge(asked.source, target, link, asked.name, asked.place, capability, properties)


def _assigned(node: Node | None) -> Iterator[tuple[str, Node, Span]]:
    """Yield name, assignment and place of each requirement, from a list or a mapping; a name may stand for several."""
    for each in items(node):
        if not isinstance(each, Mapping):
            continue
        beside = {name: value for name, value in each if name in _BESIDE}
        if beside and len(beside) < len(each.entries):
            [*named] = [name for name in each.entries if name not in beside]
            value = each.entries[named[0]]
            own = value.entries if isinstance(value, Mapping) else {"node": value}
            yield named[0], Mapping({**beside, **own}, each.keys, each.at), each.keys[named[0]]
            continue
        for name, value in each:
            for one in value.items if isinstance(value, Sequence) and _is_several(value) else (value,):
                yield name, one, each.keys[name]


def _is_several(value: Sequence) -> bool:
    """Tell a list of assignments from `[node, index]`, as TOSCA 2.0 names one of several instances."""
    pair = len(value.items) == 2 and isinstance(value.items[1], Scalar) and isinstance(value.items[1].value, int)
    return not pair


def _asked(template: Template, name: str, value: Node, at: Span) -> _Asked:
    definition = template.type.requirements.get(name, RequirementDefinition())
    assignment = value if isinstance(value, Mapping) and not function_of(value) else EMPTY
    target = assignment.get("node") if assignment is not EMPTY else value
    if isinstance(target, Sequence):  # TOSCA 2.0: [name, index]
        target = target.items[0] if target.items else None
    return _Asked(template, name, target, assignment, definition, at)


def _target(model: Model, asked: _Asked) -> Template | None:
    """Return the template a requirement leads to: by name, by type, or by what its type asks for."""
    source = asked.source
    said = model.values.scalar(asked.node, source.name)
    if said is None:
        if asked.node is not None and not is_null(asked.node):
            model.unknown[source.name].setdefault(f"requirements.{asked.name}", asked.node)
            text = f"where requirement {asked.name!r} of component {source.name!r} leads is only known to its deployment; it stays open"
            model.findings.note("T066", asked.at, text, "name the node it leads to, or give the input a value")
            return None  # a function that only the deployment can evaluate
        return _open(model, asked)
    if full := model.find(said.text, source.name):
        _check_filter(model, asked, model.every[full])
        return model.every[full]
    if full := model.types.name(NODES, said.text):
        return _only(model, asked, _offering(model, asked, model.by_type(source.space, full)), f"type {said.text!r}")
    if not asked.assignment.entries and (full := model.types.name(CAPABILITIES, said.text)):
        return _only(model, asked, model.by_capability(source.space, full), f"capability {said.text!r}")
    _report_absent(model, asked, said.text)
    return None


def _report_absent(model: Model, asked: _Asked, said: str) -> None:
    findings = model.findings
    needs = f"uses {said!r}" if asked.name == "uses" else f"needs {said!r} as its {asked.name!r}"
    text = f"component {asked.source.name!r} {needs}, which the model does not have"
    if "." in said:  # the name of a type, and an unknown type is legal
        findings.warn("T012", asked.place, text, "if it is a type, import the file that defines it")
    else:
        way_out = findings.near(said, asked.source.space.topology.nodes.entries)
        findings.fault("T012", asked.place, text, way_out or "write the name of a node template of this file")


def _open(model: Model, asked: _Asked) -> Template | None:
    """Resolve a requirement that names no node by the types that the assignment or its definition asks for."""
    space, definition = asked.source.space, asked.definition
    written = word(asked.assignment.get("capability"))
    if written and (full := model.types.name(CAPABILITIES, written)):
        return _only(model, asked, model.by_capability(space, full), f"capability {written!r}")
    if definition.node not in _OPEN_TYPES:
        candidates = _offering(model, asked, model.by_type(space, definition.node))
        return _only(model, asked, candidates, f"type {definition.node!r}")
    if definition.capability not in _OPEN_TYPES:
        return _only(model, asked, model.by_capability(space, definition.capability), f"capability {definition.capability!r}")
    if _filter(asked) is not None:
        everything = [model.every[space.prefix + name] for name in space.topology.nodes.entries]
        return _only(model, asked, everything, "what fits its node filter")
    text = f"requirement {asked.name!r} of component {asked.source.name!r} says neither a node nor a type; it stays open"
    model.findings.note("T066", asked.at, text, "name the node it leads to")
    return None


def _offering(model: Model, asked: _Asked, candidates: list[Template]) -> list[Template]:
    """Return the candidates that have the capability which the assignment names, where it names one."""
    written = word(asked.assignment.get("capability"))
    if not written or len(candidates) > _LOOKED_AT:
        return candidates
    full = model.types.name(CAPABILITIES, written)
    return [
        each
        for each in candidates
        if not each.type.complete
        or written in each.type.capabilities
        or written in each.capabilities.entries
        or (full and full in model.offered(each))
    ]


def _filter(asked: _Asked) -> Node | None:
    """Return the node filter of a requirement, or that of its template, which is for all its requirements."""
    own = asked.assignment.get("node_filter")
    return own if own is not None else asked.source.body.get("node_filter") if not asked.source.directives else None


def _check_filter(model: Model, asked: _Asked, target: Template) -> None:
    condition = asked.assignment.get("node_filter")
    if condition is not None and fits(model, target, condition, asked.source.name) is False:
        text = f"requirement {asked.name!r} of component {asked.source.name!r} names {target.name!r}, which its node filter rules out"
        model.findings.warn("T013", asked.place, text, "name another node, or drop the filter")


def _only(model: Model, asked: _Asked, candidates: list[Template], what: str) -> Template | None:
    """Return the one other template that fits; a warning if there is none, or a choice."""
    condition = _filter(asked)
    text = f"requirement {asked.name!r} of component {asked.source.name!r} asks for {what}"
    if condition is None:
        few = [each for each in candidates[: _SAYING + 2] if each is not asked.source]
    else:
        tried = [each for each in candidates[:_TRIED] if each is not asked.source]
        truths = [(each, fits(model, each, condition, asked.source.name)) for each in tried]
        surely = [each for each, truth in truths if truth]
        few = surely if len(surely) == 1 else [each for each, truth in truths if truth is not False]
        text += "" if what.endswith("filter") else " and has a node filter"
    if len(few) == 1:
        if condition is not None:
            model.findings.note("T063", asked.place, f"{text}; only {few[0].name!r} fits, and is taken", "name it to be sure")
        return few[0]
    if not few:
        way_out = "name the node it leads to"
        model.findings.warn("T013", asked.place, f"{text}, which no other component has; it stays open", way_out)
        return None
    named = ", ".join(repr(each.name) for each in few[:_SAYING]) + (" or others" if len(few) > _SAYING else "")
    model.findings.warn("T013", asked.place, f"{text}, which several have; it stays open", f"name one of them: {named}")
    return None


def _inside(model: Model, found: Template, capability: str, kind: str) -> tuple[Template, str]:
    """Return what stands for a template whose place a topology takes: the node that gives the capability asked for."""
    for _ in range(10):
        substitution = model.replaced.get(found.name)
        if substitution is None:
            return found, capability
        mapped = substitution.mappings.get("capabilities")
        inner, there = _mapped(model, substitution.template, mapped, capability, kind)
        full = substitution.space.prefix + inner
        if full not in model.every:
            rest = model.inside(found.name)
            return (rest[0] if rest else found), there
        found, capability = model.every[full], there
    return found, capability


def _mapped(model: Model, template: Template, mapped: Node | None, capability: str, kind: str) -> tuple[str, str]:
    """Return the inner node and its capability that stand for one of a template whose place a topology takes."""
    if not isinstance(mapped, Mapping):
        return "", capability
    by_type = [
        name
        for name in mapped.entries
        if kind in model.types.chain(CAPABILITIES, template.type.capabilities.get(name, "")) and kind not in _OPEN_TYPES
    ]
    for name in (capability, *by_type, *mapped.entries):
        pair = mapping_pair(mapped.get(name))
        if pair[0]:
            return pair
    return "", capability


def mapping_pair(node: Node | None) -> tuple[str, str]:
    """Return node and name of a mapping `[node, name]`, or of one below `mapping`."""
    if isinstance(node, Mapping):
        node = node.get("mapping")
    parts = [word(each) for each in items(node)]
    return (parts[0], parts[1] if len(parts) > 1 else "") if parts else ("", "")


def _unassigned(model: Model, template: Template, assigned: set[str]) -> Iterator[Edge]:
    """Follow requirements that types of the model ask for and the template leaves out, where only one node fits."""
    for name, definition in template.type.requirements.items():
        if name in assigned or definition.builtin or definition.least == 0 or not template.type.complete:
            continue
        asked = _Asked(template, name, None, EMPTY, definition, template.at)
        if (found := _fitting(model, asked)) is not None:
            text = f"component {template.name!r} does not say what meets requirement {name!r} of its type"
            model.findings.note("T063", template.at, f"{text}; only {found.name!r} fits, and is taken", "name it to be sure")
            yield _edge(model, asked, found)


def _fitting(model: Model, asked: _Asked) -> Template | None:
    """Return the only template of the node type that a requirement asks for."""
    if asked.definition.node in _OPEN_TYPES:
        return None
    few = [each for each in model.by_type(asked.source.space, asked.definition.node)[:3] if each is not asked.source]
    return few[0] if len(few) == 1 else None


def _relationship(model: Model, asked: _Asked) -> tuple[str, Mapping]:
    """Return the relationship's type as written, and its properties, from the assignment, a relationship template or the type."""
    said = asked.assignment.get("relationship") or asked.assignment.get("relationship_type")
    templates = asked.source.space.topology.relationships
    body = said if isinstance(said, Mapping) else templates.get(word(said)) if word(said) else None
    if isinstance(body, Mapping):
        kind, properties = body.get("type"), body.get("properties")
    else:
        kind, properties = said, asked.assignment.get("properties")
    if word(kind) and kind:
        model.types.check(RELATIONSHIPS, word(kind), kind.at, f"component {asked.source.name!r}")
    return word(kind) or asked.definition.relationship, properties if isinstance(properties, Mapping) else EMPTY


def _link(model: Model, name: str, relationship: str, definition: RequirementDefinition) -> Link:
    """Return what a requirement means: by its relationship type, its capability type, or its name."""
    by_relationship = model.types.chain(RELATIONSHIPS, relationship) if relationship else ()
    by_capability = model.types.chain(CAPABILITIES, definition.capability) if definition.capability else ()
    for each in (*by_relationship, *by_capability):
        if each in _LINKS:
            return _LINKS[each]
    hint = f"{relationship.rpartition('.')[2]} {name}".lower()
    return next((link for sign, link in _HINTS if sign in hint), Link.CONNECTED)
