"""A model and all that it imports as one dict: the topology, and only those types that it leads to."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.builtin import PREFIXES, facts
from musa_pipeline.formats.tosca.builtin import body as definition_of
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, entries, is_null, mapping_in, read_document, word
from musa_pipeline.formats.tosca.p2_imports import read_imports
from musa_pipeline.text.fetch import Fetch
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, plain

MOST_NODES: Final = 5_000
"""Node templates; the validator takes two seconds for these."""
MOST_VALUES: Final = 200_000
DEEPEST: Final = 12
"""Types above a type: the validator's time doubles with each where types have interfaces of their own."""

_VERSION: Final = re.compile(r"tosca_simple_yaml_1_[0-3](?:_0)?|http://docs\.oasis-open\.org/tosca/ns/simple/yaml/1\.[0-3]")
_PROFILES: Final = frozenset({"tosca_simple_profile_for_nfv_1_0_0", "tosca_simple_profile_for_mec_1_0_0"})
_NEWEST: Final = "tosca_simple_yaml_1_3"
_SECTIONS: Final = (
    "node_types",
    "relationship_types",
    "capability_types",
    "data_types",
    "interface_types",
    "policy_types",
    "group_types",
)
_ELSEWHERE: Final = frozenset(
    [
        "tosca_definitions_version",
        "imports",
        "repositories",
        "dsl_definitions",
        "topology_template",
        "metadata",
        "namespace",
        "artifact_types",
        "description",
        "template_name",
        "template_author",
        "template_version",
        "tosca_default_namespace",
    ]
)
"""Keys of a file that the validator need not see."""
_PROFILED: Final = (".nfv.", ".mec.")
_LEFT_OUT: Final = frozenset({"workflows"})
"""Keys of a topology that are in the standard and unknown to the validator."""
_ANY: Final = [0, "UNBOUNDED"]
_BARE: Final = {"type": "tosca.nodes.Root"}
"""A node template that is only there for others to lead to."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A file that the validator is not asked about, and why."""

    at: Span
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What the validator is given, and the trees it came from.

    `bare`: node templates of types that are not known to their root, given without anything; `absent` if definitions are missing.
    """

    template: dict[str, Any]
    at: Span
    root: Mapping
    topology: Mapping
    types: dict[str, tuple[Span, Mapping]] = field(default_factory=dict)
    bare: frozenset[str] = frozenset()
    absent: bool = False


def normative() -> dict[str, dict[str, Any]]:
    """Return the definition of every normative type, for a validator that lacks some of TOSCA 1.3."""
    return {
        name: plain(definition_of(section, name))
        for section in _SECTIONS
        for name in facts(section)
        if name.startswith(PREFIXES[section]) and not any(each in name for each in _PROFILED)
    }


def merged(text: str, file: str, fetch: Fetch, also: Iterable[str] = ()) -> Merged | Unfit | None:
    """Return what can be asked about a file; None if it cannot be read, which its reader tells."""
    unheard = Problems()
    document = read_document(text, file, unheard)
    if document is None:
        return None
    root = document.root
    version = word(root.get("tosca_definitions_version"))
    at = root.entries["tosca_definitions_version"].at if "tosca_definitions_version" in root.entries else Span(file)
    if version and not _VERSION.fullmatch(version) and version not in _PROFILES:
        return Unfit(at, f"{version!r} is a dialect that it does not know")
    topology = mapping_in(root, "topology_template")
    nodes = mapping_in(topology, "node_templates")
    if not nodes.entries:
        return None
    if len(nodes.entries) > MOST_NODES:
        return Unfit(at, f"the model has more than {MOST_NODES:,} node templates")
    files = read_imports(document, fetch, Findings(unheard), also)
    known = _Types()
    for each in files.files:
        known.add(each.document.root, each.prefix)
    return _build(root, topology, known, version if version in _PROFILES else _NEWEST, at, absent=files.absent)


def _build(root: Mapping, topology: Mapping, known: "_Types", version: str, at: Span, *, absent: bool) -> Merged | Unfit:
    used = known.led_to(topology)
    if used is None:
        return Unfit(at, f"the model and its types have more than {MOST_VALUES:,} values")
    template: dict[str, Any] = {"tosca_definitions_version": version}
    for section, names in used.items():
        template[section] = {name: known.definition(section, name) for name in names}
    if (deep := known.deepest(used)) is not None:
        return Unfit(at, f"type {deep!r} is derived over more than {DEEPEST} others")
    for key, value in root:
        if key not in _ELSEWHERE and key not in _SECTIONS and not is_null(value):
            template[key] = {}  # the validator says that it does not know it, whatever is in it
    template["topology_template"] = _topology(topology, known)
    nodes = mapping_in(topology, "node_templates")
    made = template["topology_template"]["node_templates"]
    bare = frozenset(name for name, body in nodes if name not in made or (made[name] == _BARE and len(_entries(body)) > 1))
    types = {name: known.sections[section][name] for section, names in used.items() for name in names}
    return Merged(template=template, at=at, root=root, topology=topology, types=types, bare=bare, absent=absent)


def _entries(node: Node) -> dict[str, Node]:
    return node.entries if isinstance(node, Mapping) else {}


class _Types:
    """All definitions of the model's files, by section and name; of two the outermost file's counts."""

    def __init__(self) -> None:
        self.sections: dict[str, dict[str, tuple[Span, Mapping]]] = {each: {} for each in _SECTIONS}

    def add(self, root: Mapping, prefix: str) -> None:
        for section, found in self.sections.items():
            for name, body, at in entries(root.get(section)):
                if isinstance(body, Mapping) or is_null(body):
                    shape = body if isinstance(body, Mapping) else EMPTY
                    found[name] = (at, shape)
                    if prefix:
                        found[f"{prefix}:{name}"] = (at, shape)

    def led_to(self, topology: Mapping) -> dict[str, list[str]] | None:
        """Return the names of types that a topology leads to, by section, in the order of their definition; None if that is too much."""
        wanted: set[tuple[str, str]] = set()
        pending: list[Node] = [topology]
        left = MOST_VALUES
        while pending:
            for written in _words(pending.pop()):
                left -= 1
                if left < 0:
                    return None
                for section, found in self.sections.items():
                    for name in (written, written.rpartition(":")[2]):
                        if name in found and (section, name) not in wanted:
                            wanted.add((section, name))
                            pending.append(found[name][1])
        order = {section: [name for name in found if (section, name) in wanted] for section, found in self.sections.items()}
        return {section: names for section, names in order.items() if names}

    def definition(self, section: str, name: str) -> dict[str, Any]:
        """Return a definition as the validator can take it: circles cut, requirements with occurrences, nothing empty."""
        body = {key: plain(value) for key, value in self.sections[section][name][1] if not is_null(value)}
        if not body:
            body = {"derived_from": PREFIXES[section] + "Root"}
        if "derived_from" in body and self._circular(section, name):
            body["derived_from"] = PREFIXES[section] + "Root"
        if section == "node_types" and "requirements" in body:
            body["requirements"] = [_definition(each) for each in _listed(body["requirements"])]
        if not isinstance(body.get("description", ""), str):
            body["description"] = str(body["description"])
        return body

    def deepest(self, used: dict[str, list[str]]) -> str | None:
        """Return a type with more ancestors than the validator has time for."""
        for section, names in used.items():
            for name in names:
                if len(self.chain(section, name)) > DEEPEST:
                    return name
        return None

    def _circular(self, section: str, name: str) -> bool:
        """Tell whether the ancestors of a type come back to it."""
        chain = self.chain(section, name)
        return bool(chain) and self._parent(section, chain[-1]) == name

    def chain(self, section: str, name: str) -> list[str]:
        """Return a type and its ancestors as far as files define them, nearest first."""
        seen: dict[str, None] = {}
        at = name
        while at in self.sections[section] and at not in seen and len(seen) <= 4 * DEEPEST:
            seen[at] = None
            at = self._parent(section, at)
        return list(seen)

    def _parent(self, section: str, name: str) -> str:
        return word(self.sections[section][name][1].get("derived_from")) if name in self.sections[section] else ""


def _words(node: Node) -> Iterator[str]:
    """Yield every text in a tree, keys included: a type is named by one of them."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, Scalar):
            yield each.text
        elif isinstance(each, Sequence):
            pending.extend(each.items)
        else:
            for key, value in each:
                yield key
                pending.append(value)


def _listed(value: Any) -> list[dict[str, Any]]:
    """Return a list of one-entry mappings, from one or from a mapping."""
    if isinstance(value, dict):
        return [{key: each} for key, each in value.items()]
    return (
        [{key: each} for some in value if isinstance(some, dict) for key, each in some.items()] if isinstance(value, list) else []
    )


def _definition(requirement: dict[str, Any]) -> dict[str, Any]:
    """Return a requirement's definition in its long form; without occurrences it may stay open, for whoever deploys fills it."""
    [(name, value)] = requirement.items()
    body = dict(value) if isinstance(value, dict) else {"capability": value} if isinstance(value, str) else {}
    said = body.get("occurrences")
    whole = isinstance(said, list) and len(said) == 2 and isinstance(said[0], int) and isinstance(said[1], int | str)
    body["occurrences"] = said if whole else list(_ANY)
    return {name: body}


def _topology(topology: Mapping, known: _Types) -> dict[str, Any]:
    found = {key: plain(value) for key, value in topology if key not in _LEFT_OUT and not is_null(value)}
    nodes = mapping_in(topology, "node_templates")
    found["node_templates"] = {
        name: _template(body, nodes, known) for name, body in nodes if isinstance(body, Mapping) and word(body.get("type"))
    }
    for key, kind in (("inputs", dict), ("outputs", dict), ("groups", dict), ("relationship_templates", dict)):
        if key in found and not isinstance(found[key], kind):
            del found[key]
    if "policies" in found:
        found["policies"] = [each for each in _listed(found["policies"]) if all(isinstance(one, dict) for one in each.values())]
    return found


def _template(body: Mapping, nodes: Mapping, known: _Types) -> dict[str, Any]:
    """Return a node template; one whose type is not known to its root is only there for others to lead to."""
    written = word(body.get("type"))
    name = _known(known, written)
    if name is None:
        return dict(_BARE)
    found = {key: plain(value) for key, value in body if not is_null(value) and key not in ("copy", "count", "node_filter")}
    found["type"] = name
    if "requirements" in found:
        found["requirements"] = list(map(_leading(nodes), _listed(found["requirements"])))
    for key in ("properties", "capabilities", "interfaces", "attributes", "artifacts"):
        if key in found and not isinstance(found[key], dict):
            del found[key]  # its reader tells that this must be a mapping
    for key in ("capabilities", "interfaces"):
        if key in found:
            found[key] = {name: value for name, value in found[key].items() if isinstance(value, dict)}
    return found


def _known(known: _Types, written: str) -> str | None:
    """Return the name of a node type all of whose ancestors are defined; None for another."""
    own, norm = known.sections["node_types"], facts("node_types")
    forms = (written, written.rpartition(":")[2], PREFIXES["node_types"] + written)
    name = next((each for each in forms if each in own or each in norm), None)
    if name is None:
        return None
    chain = known.chain("node_types", name)
    root = word(own[chain[-1]][1].get("derived_from")) if chain else name
    root = root if root in norm or not root else PREFIXES["node_types"] + root
    complete = not root or root in norm or root in chain or root.removeprefix(PREFIXES["node_types"]) in chain
    return name if complete else None


def _leading(nodes: Mapping) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what opens a requirement that names no node template of the file: the validator cannot follow it, but counts it."""

    def lead(requirement: dict[str, Any]) -> dict[str, Any]:
        [(name, value)] = requirement.items()
        target = value.get("node") if isinstance(value, dict) else value
        if not isinstance(target, str) or target not in nodes.entries:
            return {name: {}}
        if isinstance(value, dict):
            value = {key: each for key, each in value.items() if each is not None and key != "node_filter"}
        return {name: value}

    return lead
