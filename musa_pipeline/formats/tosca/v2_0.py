"""Definitions of TOSCA 2.0 in the shape of 1.3: conditions as constraints, counts as occurrences (sections 7.2, 9.10)."""

from collections.abc import Iterator
from typing import Final

from musa_pipeline.formats.tosca.p1_read import word
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_COMPARISONS: Final = frozenset(
    {"equal", "greater_than", "greater_or_equal", "less_than", "less_or_equal", "in_range", "valid_values"}
    | {"length", "min_length", "max_length", "pattern", "schema"}
)
_CALLED: Final = {"matches": "pattern"}
_KEYS: Final = {
    "count_range": "occurrences",
    "valid_source_node_types": "valid_source_types",
    "valid_capability_types": "valid_target_types",
}
_AS_WRITTEN: Final = frozenset({"default", "metadata", "node_filter", "implementation"})
_DEEPEST: Final = 100


def plain_definitions(node: Node, depth: int = 0) -> Node:
    """Return definitions of types and parameters with constraints and occurrences instead of conditions and counts."""
    if isinstance(node, Scalar) or depth > _DEEPEST:
        return node
    if isinstance(node, Sequence):
        items = [plain_definitions(each, depth + 1) for each in node.items]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else Sequence(items, node.at)
    entries: dict[str, Node] = {}
    keys = dict(node.keys)
    same = True
    for key, value in node.entries.items():
        if key == "validation" and not (isinstance(value, Mapping) and "type" in value.entries):
            turned: Node = Sequence(list(_clauses(value, 0)), value.at)
            keys["constraints"] = node.keys[key]
            entries["constraints"] = turned
            same = False
            continue
        turned = value if key in _AS_WRITTEN else plain_definitions(value, depth + 1)
        name = _KEYS.get(key, key)
        if name != key:
            keys[name] = node.keys[key]
        same = same and name == key and turned is value
        entries[name] = turned
    return node if same else Mapping(entries, keys, node.at)


def _clauses(node: Node, depth: int) -> Iterator[Mapping]:
    """Yield the comparisons of `$value` that all must hold, each as a constraint clause."""
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        return
    for key, value in node.entries.items():
        name = key.removeprefix("$")
        name = _CALLED.get(name, name)
        if name == "and" and isinstance(value, Sequence):
            for each in value.items:
                yield from _clauses(each, depth + 1)
        elif name in _COMPARISONS and isinstance(value, Sequence) and len(value.items) == 2:
            subject, bound = value.items
            at = node.keys[key]
            if word(subject) == "$value" or (isinstance(subject, Mapping) and "$value" in subject.entries):
                yield Mapping({name: bound}, {name: at}, at)
