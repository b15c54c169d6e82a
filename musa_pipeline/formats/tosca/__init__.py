"""TOSCA Simple Profile in YAML, and what other dialects share with it, to the cloud-provider-independent model."""

from collections.abc import Iterable, Mapping
from typing import Any

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca.checks import check_topology
from musa_pipeline.formats.tosca.inputs import check_inputs, given_inputs
from musa_pipeline.formats.tosca.p1_read import Findings, looks_like_tosca, read_document
from musa_pipeline.formats.tosca.p2_imports import read_imports
from musa_pipeline.formats.tosca.p3_dialect import read_dialect, with_imported
from musa_pipeline.formats.tosca.p4_types import Types
from musa_pipeline.formats.tosca.p5_normalise import normalise
from musa_pipeline.formats.tosca.requirements import edges_of
from musa_pipeline.formats.tosca.substitution import Substitutions
from musa_pipeline.formats.tosca.templates import Model
from musa_pipeline.text.fetch import Fetch

__all__ = ["looks_like_tosca", "read_tosca"]


def read_tosca(
    text: str,
    file: str,
    *,
    fetch: Fetch,
    catalogs: Catalogs,
    problems: Problems,
    inputs: Mapping[str, Any] | None = None,
    also: Iterable[str] = (),
    name: str = "",
    root: str = "",
) -> Cpim | None:
    """Return the model that a TOSCA file describes; None if it has no topology. All mistakes are in `problems`.

    `inputs` are plain values for the model's inputs; what is not given is at its default. Codes: docs/formats/tosca.md.
    `also` are further files that belong to the model, `name` is the application's if the file's place does not tell it, and
    `root` the folder from which scripts are named if it is not the file's own.
    """
    findings = Findings(problems)
    document = read_document(text, file, problems)
    if document is None:
        return None
    topology = read_dialect(document, findings)
    if topology is None:
        return None
    files = read_imports(document, fetch, findings, also)
    findings.lenient = findings.lenient or files.absent
    catalogued = frozenset(name for kind in catalogs.kinds for name in kind.types)
    types = Types(files.files, findings, catalogued)
    others = [each.document for each in files.files if each.document.file != document.file]
    topology = with_imported(topology, others, findings)
    substitutions = Substitutions(others, types, findings)
    given = given_inputs(inputs or {}, topology, findings)
    model = Model(topology, types, findings, resolve=edges_of, substitute=substitutions.choose, inputs=given)
    check_inputs(model)
    cpim = normalise(model, catalogs, name or _name(file), f"{root}/model" if root else file)
    check_topology(topology, types, findings)
    model.types.report_unknown()
    if not model.every:
        findings.error(
            "T005", topology.at, "the model has no node templates", "write them below topology_template, node_templates"
        )
        return None
    if not cpim.components:
        way_out = "networks, volumes and providers are parts of components; add what runs on them"
        findings.warn("T005", topology.at, "the model has no node template that is a component", way_out)
    return cpim


def _name(file: str) -> str:
    """Return the application's name: its folder's, or the file's own where the folder says nothing.

    >>> _name("models/shop/shop.yaml"), _name("models/shop.yaml"), _name("shop.yaml")
    ('shop', 'shop', 'shop')
    """
    folder, _, own = file.replace("\\", "/").rpartition("/")
    folder = folder.rpartition("/")[2]
    return slug(own.partition(".")[0] if folder in {"", ".", "..", "models"} else folder)
