"""Phase 3: which TOSCA the file is written in, and where that dialect keeps its topology."""

from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import EMPTY, Document, Findings, word
from musa_pipeline.text.yaml import Mapping, Node

_FULL: Final = {
    **{f"tosca_simple_yaml_{version}": "TOSCA " + version.replace("_", ".") for version in ("1_0", "1_0_0", "1_1", "1_2", "1_3")},
    **{f"tosca_simple_yaml_{version}_0": f"TOSCA {version.replace('_', '.')}" for version in ("1_1", "1_2", "1_3")},
    **{
        f"http://docs.oasis-open.org/tosca/ns/simple/yaml/{version}": f"TOSCA {version}"
        for version in ("1.0", "1.1", "1.2", "1.3")
    },
}
_PARTLY: Final = (
    ("tosca_2", "TOSCA 2.0"),
    ("tosca_simple_yaml_2", "TOSCA 2.0"),
    ("tosca_simple_yaml_1_0_0_wd", "a working draft of TOSCA 1.0"),
    ("tosca_simple_profile_for_nfv", "the NFV profile"),
    ("tosca_simple_profile_for_mec", "the MEC profile"),
    ("alien_dsl", "the Alien4Cloud dialect"),
    ("cloudify_dsl", "the Cloudify dialect"),
    ("unfurl", "the Unfurl dialect"),
    ("tosca_variability", "the variability dialect"),
)
_PLACES: Final = ("topology_template", "service_template")


@dataclass(frozen=True, slots=True)
class Topology:
    """The sections of the model, empty where it has none."""

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


def read_dialect(document: Document, findings: Findings) -> Topology | None:
    """Return the topology; None, after an error, if the file has nothing to deploy."""
    _say_dialect(document, findings)
    found = read_topology(document, findings)
    if found.nodes.entries:
        return found
    findings.error("T005", found.at, "the model has no node templates", "write them below topology_template, node_templates")
    return None


def read_topology(document: Document, findings: Findings) -> Topology:
    """Return the sections of a file's topology, each empty where the file has none."""
    root = document.root
    place = next((each for each in _PLACES if each in root.entries), None)
    body = findings.mapping(root.get(place), place) if place else root
    nodes = findings.mapping(body.get("node_templates"), "'node_templates'")
    metadata = root.get("metadata")
    return Topology(
        at=root.keys[place] if place else root.at if nodes.entries else Span(document.file),
        name=word(metadata.get("template_name")) if isinstance(metadata, Mapping) else word(root.get("template_name")),
        inputs=findings.mapping(body.get("inputs"), "'inputs'"),
        nodes=nodes,
        relationships=findings.mapping(body.get("relationship_templates"), "'relationship_templates'"),
        groups=_groups(body, findings),
        policies=body.get("policies"),
        body=body,
        root=root,
    )


def _groups(body: Mapping, findings: Findings) -> Mapping:
    return findings.mapping(body.get("groups"), "'groups'") if "groups" in body.entries else EMPTY


def _say_dialect(document: Document, findings: Findings) -> None:
    version = word(document.root.get("tosca_definitions_version"))
    if version in _FULL:
        return
    findings.lenient = True
    if not version:
        text, way_out = "tosca_definitions_version is missing", "write 'tosca_definitions_version: tosca_simple_yaml_1_3' on top"
        findings.warn("T002", Span(document.file), text, way_out)
        return
    at = document.root.entries["tosca_definitions_version"].at
    name = next((name for prefix, name in _PARTLY if version.startswith(prefix)), "")
    if name:
        text = f"{version!r} is {name}: it is read as far as its topology is that of TOSCA 1.3"
        findings.warn("T003", at, text, "what it says in its own way is left out")
    else:
        text = f"{version!r} is no TOSCA version known here; it is read like TOSCA 1.3"
        findings.warn("T003", at, text, findings.near(version, _FULL) or "write tosca_simple_yaml_1_3")
