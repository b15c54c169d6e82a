"""The shape of Cloudify blueprints in that of TOSCA 1.3: relationships as requirements, plugins' tasks as operations."""

import re
from typing import Final

from musa_pipeline.formats.tosca.p1_read import at_path, items, mapping_in, word
from musa_pipeline.formats.tosca.shapes import text_of, with_entry
from musa_pipeline.text.yaml import Mapping, Node, Sequence

_LIFECYCLE: Final = "cloudify.interfaces.lifecycle"
_TASK: Final = re.compile(r"[\w-]+(\.[\w-]+)+")
_FILE: Final = re.compile(r"/|\.(sh|bash|py|rb|ps1|bat|cmd|ya?ml|pp|j2)$")
_SCRIPTS: Final = ("script_path", "playbook_path", "playbook_source_path")


def template(node: Node) -> Node:
    """Return a node template with requirements, the interface `Standard`, and its number of instances as `scalable`."""
    if not isinstance(node, Mapping):
        return node
    turned = with_entry(node, "requirements", _requirements(node.get("relationships")))
    turned = with_entry(turned, "capabilities", _capabilities(node))
    turned = with_entry(turned, "interfaces", interfaces(node.get("interfaces")))
    kept = {key: value for key, value in turned if key not in {"relationships", "instances"}}
    return Mapping(kept, turned.keys, turned.at)


def _requirements(node: Node | None) -> Node | None:
    """Return relationships as requirements; one that contains is called `host`."""
    if not isinstance(node, Sequence):
        return None
    found: list[Node] = []
    for each in node.items:
        if not isinstance(each, Mapping) or "target" not in each.entries:
            continue
        kind = word(each.get("type"))
        last = kind.rpartition(".")[2]
        name = "host" if "contained_in" in last or "hosted_on" in last else last or "relationship"
        relation: dict[str, Node] = {key: each.entries[key] for key in ("type", "properties") if key in each.entries}
        body: dict[str, Node] = {"node": each.entries["target"], "relationship": Mapping(relation, each.keys, each.at)}
        keys = {"node": each.keys["target"], "relationship": each.keys.get("type", each.at)}
        found.append(Mapping({name: Mapping(body, keys, each.at)}, {name: each.at}, each.at))
    return Sequence(found, node.at)


def _capabilities(node: Mapping) -> Node | None:
    """Return the capabilities; `instances: {deploy: 2}` of the first version is `scalable` of the later ones."""
    count = at_path(node.get("instances"), "deploy")
    own = mapping_in(node, "capabilities")
    if count is None or "scalable" in own.entries:
        return node.get("capabilities")
    properties = Mapping({"default_instances": count}, {"default_instances": count.at}, count.at)
    scalable = Mapping({"properties": properties}, {"properties": count.at}, count.at)
    return Mapping({**own.entries, "scalable": scalable}, {**own.keys, "scalable": count.at}, count.at)


def interfaces(node: Node | None) -> Node | None:
    """Return interfaces with the life cycle under its name in TOSCA; tasks of plugins run the script they are given, or nothing."""
    if not isinstance(node, Mapping) or _LIFECYCLE not in node.entries:
        return node
    found, keys = dict(node.entries), dict(node.keys)
    keys["Standard"] = keys[_LIFECYCLE]
    found["Standard"] = _operations(found.pop(_LIFECYCLE))
    return Mapping(found, keys, node.at)


def _operations(node: Node) -> Node:
    if not isinstance(node, Mapping):
        return node
    found = {name: _operation(value) for name, value in node}
    return Mapping({name: value for name, value in found.items() if value is not None}, node.keys, node.at)


def _operation(node: Node) -> Node | None:
    said = node.get("implementation") if isinstance(node, Mapping) else node
    if _FILE.search(word(said)) or not _TASK.fullmatch(word(said)):
        return node
    given = node.get("inputs") if isinstance(node, Mapping) else None
    script = next((word(at_path(given, key)) for key in _SCRIPTS if word(at_path(given, key))), "")
    script = script or next((word(each) for each in items(at_path(given, "scripts")) if word(each)), "")
    if not script or said is None or not isinstance(node, Mapping):
        return None
    return with_entry(node, "implementation", text_of(script, said))


def types(root: Mapping) -> Mapping:
    """Return the types of a blueprint: its `relationships` are types of relationships, its `dict` is a map."""
    kinds = root.get("relationships")
    if isinstance(kinds, Mapping):
        root = with_entry(root, "relationship_types", kinds)
    nodes = root.get("node_types")
    if not isinstance(nodes, Mapping):
        return root
    turned: dict[str, Node] = {}
    for name, body in nodes:
        turned[name] = with_entry(body, "interfaces", interfaces(body.get("interfaces"))) if isinstance(body, Mapping) else body
    return with_entry(root, "node_types", Mapping(turned, nodes.keys, nodes.at))
