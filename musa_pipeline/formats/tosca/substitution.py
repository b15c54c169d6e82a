"""Topologies that take the place of a node template (TOSCA 1.3, section 3.8.13; TOSCA 2.0, section 15): found, chosen, spread out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca.filters import fits
from musa_pipeline.formats.tosca.p1_read import EMPTY, Document, Findings, entries, is_null, mapping_in, word
from musa_pipeline.formats.tosca.p3_dialect import Topology, read_topology
from musa_pipeline.formats.tosca.p4_types import NODES, Types
from musa_pipeline.formats.tosca.requirements import mapping_pair
from musa_pipeline.formats.tosca.templates import Edge, Link, Model, Space, Substitution, Template
from musa_pipeline.text.yaml import Mapping, Node, Sequence

SUBSTITUTE: Final = frozenset({"substitute", "substitutable"})
_DEEPEST: Final = 10
_TOPOLOGIES: Final = frozenset({"topology_template", "service_template"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topology that can take the place of a node of a type."""

    file: str
    topology: Topology
    node_type: str
    mappings: Mapping


class Substitutions:
    """The topologies of other files that can take a node's place."""

    def __init__(self, documents: Iterable[Document], types: Types, findings: Findings) -> None:
        self.findings = findings
        self.by_type: dict[str, list[Candidate]] = defaultdict(list)
        for document in {each.file: each for each in documents}.values():
            # what is wrong with a file that nobody substitutes is not this model's fault
            topology = read_topology(document, Findings(Problems())) if _TOPOLOGIES & document.root.entries.keys() else None
            mappings = topology.body.get("substitution_mappings") if topology else None
            written = word(mappings.get("node_type") if isinstance(mappings, Mapping) else mappings)
            if topology is None or not written or not topology.nodes.entries:
                continue
            body = mappings if isinstance(mappings, Mapping) else EMPTY
            candidate = Candidate(document.file, topology, types.name(NODES, written) or written, body)
            for name in types.chain(NODES, candidate.node_type):
                self.by_type[name].append(candidate)

    def choose(self, model: Model, template: Template) -> Substitution | None:
        """Return what takes the place of a template: what its directive asks for, or the one file that is for just its type."""
        asked = bool(template.directives & SUBSTITUTE)
        known = self.by_type.get(template.type_name, [])
        found = [each for each in known if each.file not in template.space.files and len(template.space.files) <= _DEEPEST]
        if not asked:
            found = [each for each in found if each.node_type == template.type_name]
        if len(found) > 1:
            found = [each for each in found if self._fits(model, template, each)]
        if len(found) == 1:
            return self._take(template, found[0])
        if asked:
            files = ", ".join(repr(each.file) for each in found) or "no other file describes its type"
            text = f"component {template.name!r} asks for a topology that takes its place: {files}; it stays as it is"
            way_out = "keep one of them" if found else "import the file whose substitution_mappings name its type"
            self.findings.warn("T064", template.at, text, way_out)
        return None

    def _fits(self, model: Model, template: Template, candidate: Candidate) -> bool:
        condition = candidate.mappings.get("substitution_filter")
        return condition is None or fits(model, template, condition, template.name) is not False

    def _take(self, template: Template, candidate: Candidate) -> Substitution:
        prefix = template.name + "."
        while any(prefix + name in template.space.topology.nodes.entries for name in candidate.topology.nodes.entries):
            prefix += "."
        inputs = _inputs(template, candidate)
        files = (*template.space.files, candidate.file)
        space = Space(prefix, candidate.topology, inputs, template.name, files)
        many = len(candidate.topology.nodes.entries)
        nodes = "node" if many == 1 else f"{many} nodes"
        text = f"the {nodes} of {candidate.file!r} take the place of {template.name!r}; their names begin with {prefix!r}"
        self.findings.note("T064", template.at, text)
        return Substitution(template, space, candidate.mappings)


def _inputs(template: Template, candidate: Candidate) -> dict[str, tuple[Node, str]]:
    """Return what the properties of a template give to the inputs of the topology: as mapped, else by the same name."""
    properties = {**template.type.defaults, **template.properties.entries}
    mapped = candidate.mappings.get("properties")
    names = {
        (mapping_pair(value)[0] or name): name
        for name, value, _ in entries(mapped)
        if isinstance(value, Sequence | Mapping) and not is_null(value)
    }
    wanted = mapping_in(candidate.mappings, "input_mappings").entries  # earlier drafts of 2.0
    found = {
        **{name: name for name in candidate.topology.inputs.entries},
        **{word(value): name for name, value in wanted.items()},
    }
    found.update(names)
    return {input_: (properties[name], template.name) for input_, name in found.items() if name in properties}


def own_edges(model: Model, substitution: Substitution) -> list[Edge]:
    """Return the edges of a template whose place is taken, from the inner nodes whose requirements stand for its own."""
    return [
        replace(edge, source=source)
        for edge in model.edges(substitution.template.name)
        for source in _sources(model, substitution, edge)
    ]


def _sources(model: Model, substitution: Substitution, edge: Edge) -> list[Template]:
    """Return the inner nodes that have a requirement of the template: as mapped; else those without a host, or the first, and told."""
    name, mapped = substitution.template.name, substitution.mappings.get("requirements")
    inner = next((mapping_pair(value)[0] for each, value, _ in entries(mapped) if each == edge.name), "")
    if inner and (named := model.inside(substitution.space.prefix + inner)):
        return named[:1]
    within = [each for each in model.inside(name) if each is not edge.target]
    if edge.link is Link.HOSTED:
        sources = [each for each in within if not model.host(each.name) and not each.isa("tosca.nodes.Compute")]
        said = "what has no host in it runs there" if sources else "all of it has hosts of its own"
    else:
        sources = within[:1]
        said = f"{sources[0].name!r} is taken" if sources else "nothing in it can have it"
    text = f"the topology in the place of {name!r} does not say which of its nodes has requirement {edge.name!r}; {said}"
    model.findings.note("T064", edge.at, text, "map it below substitution_mappings, requirements")
    return sources
