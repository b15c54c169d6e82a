"""Shapes that several dialects write, and people by mistake, turned into that of TOSCA 1.3: lists of names with more beside them."""

from collections.abc import Iterator
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import EMPTY, entries, is_null, items, word
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_BESIDE: Final = frozenset(
    {"node", "relationship", "relationship_type", "capability", "node_filter", "occurrences", "directives", "type", "file"}
    | {"type_requirement", "lower_bound", "upper_bound", "interfaces", "properties", "credential", "count", "description"}
    | {"conditions", "count_range", "optional", "allocation", "repository", "deploy_path", "constraints", "instancesPOC"}
)
"""Keys that stand below a name, and not beside it."""


def tidy(node: Node | None, plain_key: str) -> Node | None:
    """Return a list of named entries of which each has one key.

    Working drafts and Alien4Cloud write `- host: vm` and below it, at the same depth, `relationship: X`; people who lose
    an indentation write `- host:` and `node: vm`. The plain value is what `plain_key` says.
    """
    if not isinstance(node, Sequence) or not any(isinstance(each, Mapping) and len(each.entries) > 1 for each in node.items):
        return node
    return Sequence([_named(each, plain_key) for each in node.items], node.at)


def _named(node: Node, plain_key: str) -> Node:
    if not isinstance(node, Mapping) or len(node.entries) < 2:
        return node
    (name, value), *rest = node.entries.items()
    if name in _BESIDE or any(key not in _BESIDE for key, _ in rest):
        return node
    body, keys = dict(rest), dict(node.keys)
    if isinstance(value, Mapping):
        body, keys = {**body, **value.entries}, {**keys, **value.keys}
    elif not is_null(value):
        body.setdefault(plain_key, value)
        keys.setdefault(plain_key, value.at)
    return Mapping({name: Mapping(body, keys, value.at)}, {name: node.keys[name]}, node.at)


def with_entry(node: Mapping, key: str, value: Node | None) -> Mapping:
    """Return a mapping with one more entry, or another one; as it is if there is nothing to say."""
    if value is None or node.entries.get(key) is value:
        return node
    return Mapping({**node.entries, key: value}, {**node.keys, key: node.keys.get(key, value.at)}, node.at)


def text_of(value: str, node: Node) -> Scalar:
    """Return a text that stands where a node stood."""
    return Scalar(value, value, node.at)


def requirement_types(node: Node | None) -> Node | None:
    """Return requirements under the names that `type_requirement` gives them (Alien4Cloud)."""
    if not any(isinstance(value, Mapping) and "type_requirement" in value.entries for _, value, _ in entries(node)):
        return node
    found: list[Node] = []
    for name, value, at in entries(node):
        said = word(value.get("type_requirement")) if isinstance(value, Mapping) else ""
        found.append(Mapping({said or name: value}, {said or name: at}, value.at))
    return Sequence(found, node.at if node else EMPTY.at)


def group_policies(groups: Mapping, policies: Node | None) -> Node | None:
    """Return the policies with those that stand in groups; such a one is for its group, and counts if it has a type."""
    found: list[Node] = []
    for group, body in groups:
        said = body.get("policies") if isinstance(body, Mapping) else None
        for each in items(said):
            for name, policy, at in _policies(each):
                if isinstance(policy, Mapping) and word(policy.get("type")):
                    targets = Sequence([Scalar(group, group, groups.keys[group])], at)
                    found.append(Mapping({name: with_entry(policy, "targets", targets)}, {name: at}, at))
    if not found:
        return policies
    before: list[Node] = list(policies.items) if isinstance(policies, Sequence) else [policies] if policies else []
    return Sequence(before + found, policies.at if policies else groups.at)


def _policies(node: Node) -> Iterator[tuple[str, Node, Span]]:
    """Yield the policies of one entry: `{name: p, type: T}`, or `{p: {type: T}}`."""
    if isinstance(node, Mapping) and word(node.get("name")) and "type" in node.entries:
        yield word(node.get("name")), node, node.at
    else:
        yield from entries(node)


def open_expressions(node: Node) -> Node:
    """Return a tree whose texts with `{{ }}` are expressions, which only a deployment knows."""
    if isinstance(node, Scalar):
        return Mapping({"$eval": node}, {"$eval": node.at}, node.at) if "{{" in node.text else node
    if isinstance(node, Sequence):
        turned = [open_expressions(each) for each in node.items]
        same = all(new is old for new, old in zip(turned, node.items, strict=True))
        return node if same else Sequence(turned, node.at)
    found = {key: open_expressions(value) for key, value in node.entries.items()}
    return node if all(found[key] is value for key, value in node.entries.items()) else Mapping(found, node.keys, node.at)
