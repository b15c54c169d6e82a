"""Phase 3: which TOSCA the file is written in, where that dialect keeps its topology, and all of it in the shape of TOSCA 1.3."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca import cloudify
from musa_pipeline.formats.tosca.alternatives import first_alternatives, first_templates
from musa_pipeline.formats.tosca.dialects import EXACT, PLACES, UNKNOWN, Dialect, Turn, dialect_of
from musa_pipeline.formats.tosca.p1_read import EMPTY, Document, Findings, at_path, items, word
from musa_pipeline.formats.tosca.shapes import (
    group_policies,
    open_expressions,
    requirement_types,
    tidy,
    with_entry,
)
from musa_pipeline.formats.tosca.v2_0 import plain_definitions
from musa_pipeline.text.yaml import Mapping, Node, Sequence

_VERSION: Final = "tosca_definitions_version"
_TYPES: Final = (
    *("node_types", "capability_types", "relationship_types", "policy_types", "group_types"),
    *("artifact_types", "interface_types", "data_types"),
)
_OF_FILES: Final = frozenset(
    {
        *(_VERSION, "description", "metadata", "imports", "repositories", "dsl_definitions", "namespace", "profile", "functions"),
        *("template_name", "template_author", "template_version", "tosca_default_namespace"),
        *(place[0] for place in PLACES),
        *_TYPES,
    }
)
_OF_TOPOLOGIES: Final = frozenset(
    {
        *("description", "metadata", "inputs", "outputs", "node_templates", "relationship_templates", "groups", "policies"),
        *("workflows", "substitution_mappings"),
    }
)
"""Keys of a file and of its topology (TOSCA 1.3, 3.10 and 3.9; TOSCA 2.0, 6 and 7)."""
_OF_BLUEPRINTS: Final = frozenset({"capabilities", "labels", "plugins", "relationships", "resource_tags", "upload_resources"})
"""What Cloudify has beside them, where the topology is the file."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The sections of the model in the shape of TOSCA 1.3, empty where it has none."""

    at: Span
    name: str
    inputs: Mapping
    nodes: Mapping
    relationships: Mapping
    groups: Mapping
    policies: Node | None
    body: Mapping = field(default_factory=lambda: EMPTY)
    root: Mapping = field(default_factory=lambda: EMPTY)
    """The section that has the topology, and the whole file."""
    dialect: Dialect = UNKNOWN


def read_dialect(document: Document, findings: Findings) -> Topology | None:
    """Return the topology; None, after an error, if the file has nothing to deploy."""
    dialect = _say_dialect(document, findings)
    found = read_topology(document, findings)
    _say_keys(document.root, findings)
    if found.nodes.entries or (Turn.WHOLE_IMPORTS in dialect.turns and "imports" in document.root.entries):
        return found
    findings.error("T005", found.at, "the model has no node templates", "write them below topology_template, node_templates")
    return None


def with_imported(topology: Topology, others: Iterable[Document], findings: Findings) -> Topology:
    """Return the topology with what its imports bring of one, where the dialect has it so; the model's own counts first."""
    if Turn.WHOLE_IMPORTS not in topology.dialect.turns:
        return topology
    nodes, inputs, groups, policies = topology.nodes, topology.inputs, topology.groups, [*items(topology.policies)]
    for each in others:
        brought = read_topology(each, findings, topology.dialect)
        nodes, inputs, groups = _joined(nodes, brought.nodes), _joined(inputs, brought.inputs), _joined(groups, brought.groups)
        policies += items(brought.policies)
    joined: Node | None = Sequence(policies, topology.at) if policies else None
    return replace(topology, nodes=nodes, inputs=inputs, groups=groups, policies=joined)


def _joined(own: Mapping, brought: Mapping) -> Mapping:
    return Mapping({**brought.entries, **own.entries}, {**brought.keys, **own.keys}, own.at) if brought.entries else own


def read_topology(document: Document, findings: Findings, model: Dialect = UNKNOWN) -> Topology:
    """Return the sections of a file's topology, each empty where it has none; `model` is the dialect where it says none."""
    dialect, root = document_dialect(document) or model, document.root
    path = next((each for each in PLACES if isinstance(at_path(root, *each), Mapping)), ())
    if not path and (place := next((each[0] for each in PLACES if each[0] in root.entries), "")):
        findings.mapping(root.get(place), place)
        path = (place,)
    found = at_path(root, *path)
    body = _body(found if isinstance(found, Mapping) else EMPTY, dialect, findings)
    nodes = findings.mapping(body.get("node_templates"), "'node_templates'")
    groups = findings.mapping(body.get("groups"), "'groups'")
    grouped = Turn.GROUP_POLICIES in dialect.turns
    return Topology(
        at=_place(root, path) if path else root.at if nodes.entries else Span(document.file),
        name=word(at_path(root, "metadata", "template_name")) or word(root.get("template_name")),
        inputs=findings.mapping(body.get("inputs"), "'inputs'"),
        nodes=_templates(nodes, dialect, findings),
        relationships=findings.mapping(body.get("relationship_templates"), "'relationship_templates'"),
        groups=groups,
        policies=group_policies(groups, body.get("policies")) if grouped else body.get("policies"),
        body=body,
        root=root,
        dialect=dialect,
    )


def in_shape(document: Document, dialect: Dialect | None = None) -> Document:
    """Return a file whose types are in the shape of 1.3; `dialect` is that of the model, for a file that does not say its own."""
    own = document_dialect(document) or dialect or UNKNOWN
    root = document.root
    if Turn.CONDITIONS in own.turns:
        for section in _TYPES:
            if (said := root.get(section)) is not None:
                root = with_entry(root, section, plain_definitions(said))
    if Turn.RELATIONSHIPS in own.turns:
        root = cloudify.types(root)
    return document if root is document.root else Document(document.file, root)


def document_dialect(document: Document) -> Dialect | None:
    """Return the dialect that a file says it is written in; None if it does not say."""
    version = word(document.root.get(_VERSION)) or word(at_path(document.root, "spec", "service_template", _VERSION))
    version = version or word(document.root.get("apiVersion"))
    return dialect_of(version) if version else None


def _place(root: Mapping, path: tuple[str, ...]) -> Span:
    """Return the place of the last key of a path."""
    parent = at_path(root, *path[:-1])
    return parent.keys[path[-1]] if isinstance(parent, Mapping) else root.at


def _body(body: Mapping, dialect: Dialect, findings: Findings) -> Mapping:
    """Return the topology with functions, expressions and lists of alternatives as 1.3 writes them."""
    if Turn.ALTERNATIVES in dialect.turns:
        body = first_templates(body, findings)
    if Turn.EXPRESSIONS in dialect.turns:
        found = open_expressions(body)
        body = found if isinstance(found, Mapping) else body
    return body


def _templates(nodes: Mapping, dialect: Dialect, findings: Findings) -> Mapping:
    found: dict[str, Node] = {}
    for name, body in nodes:
        if Turn.ALTERNATIVES in dialect.turns:
            body = first_alternatives(name, nodes.keys[name], body, findings)
        if Turn.RELATIONSHIPS in dialect.turns:
            body = cloudify.template(body)
        elif isinstance(body, Mapping) and isinstance(body.entries.get("relationships"), Sequence):
            body = cloudify.template(body)  # no other dialect has them, so that a file without a version is known by them
        if isinstance(body, Mapping) and (said := body.entries.get("requirements")) is not None:
            requirements = tidy(said, "node")
            if Turn.REQUIREMENT_TYPES in dialect.turns:
                requirements = requirement_types(requirements)
            body = with_entry(body, "requirements", requirements)
        found[name] = body
    return Mapping(found, nodes.keys, nodes.at)


def _say_keys(root: Mapping, findings: Findings) -> None:
    """Tell of sections that nothing reads, as what stands below a misspelt one is lost; of other dialects only what is misspelt."""
    path = next((each for each in PLACES if isinstance(at_path(root, *each), Mapping)), ())
    body = at_path(root, *path)
    if not path or not isinstance(body, Mapping):
        _say_unknown("the file", root, _OF_FILES | _OF_TOPOLOGIES | _OF_BLUEPRINTS, {}, findings)
        return
    above = ".".join(path)
    _say_unknown("the file", root, _OF_FILES, dict.fromkeys(_OF_TOPOLOGIES, f"write it below {above}"), findings)
    _say_unknown(repr(above), body, _OF_TOPOLOGIES, dict.fromkeys(_OF_FILES, "write it at the top of the file"), findings)


def _say_unknown(what: str, section: Mapping, known: frozenset[str], elsewhere: dict[str, str], findings: Findings) -> None:
    for key, at in section.keys.items():
        if key in known:
            continue
        way_out = elsewhere.get(key) or findings.near(key, known)
        if way_out or not findings.lenient:
            text = f"{what} has unknown key {key!r}; what stands below it is not read"
            findings.warn("T020", at, text, way_out or "correct it, or take it away")


def _say_dialect(document: Document, findings: Findings) -> Dialect:
    """Name the dialect: nothing is said of the Simple Profile, and of others what is not read in them."""
    dialect = document_dialect(document)
    if dialect is None:
        text, way_out = f"{_VERSION} is missing", f"write '{_VERSION}: tosca_simple_yaml_1_3' on top"
        findings.warn("T002", Span(document.file), text, way_out)
        findings.lenient = True
        return UNKNOWN
    if dialect.whole:
        return dialect
    findings.lenient = True
    node = document.root.get(_VERSION) or document.root.get("apiVersion")
    version, at = word(node), node.at if node else Span(document.file)
    if dialect is UNKNOWN:
        text = f"{version!r} is no TOSCA version known here; it is read like TOSCA 1.3"
        findings.warn("T003", at, text, findings.near(version, EXACT) or "write tosca_simple_yaml_1_3")
    else:
        text = f"{version!r} is {dialect.name}: it is read in the shape of TOSCA 1.3"
        findings.warn("T003", at, text, f"not read: {dialect.left_out}")
    return dialect
