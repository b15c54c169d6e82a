"""Catalog and schema files without a model: those that came with the tool, and the repository's own."""

from pathlib import Path

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.files import inside, read_text
from musa_pipeline.workspace.inputs import Inputs
from musa_pipeline.workspace.places import Place, repository, shipped


def catalog_files(problems: Problems, root: Path | None = None) -> dict[str, str]:
    """Return path -> text of all catalog entries, shipped ones first."""
    here = root or repository()
    return Inputs(Place(application="", model=here / "none", root=here, out=here), problems).catalogs()


def review_files(problems: Problems, root: Path | None = None) -> dict[str, str]:
    """Return path -> text of what says when each catalog was looked through: the shipped one, then the repository's own."""
    found: dict[str, str] = {}
    for base in dict.fromkeys((shipped(), root or repository())):
        path = base / "catalogs/reviewed.yaml"
        shown = "catalogs/reviewed.yaml" if not found else "./catalogs/reviewed.yaml"
        if path.is_file() and (text := read_text(path, shown, problems)) is not None:
            found[shown] = text
    return found


def schema_files() -> dict[str, str]:
    """Return name -> text of all schemas that came with the tool."""
    folder = shipped() / "catalogs/schemas"
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.suffix in (".json", ".xsd")}


def role_names(root: Path) -> frozenset[str]:
    """Return the names of the Ansible roles that a plan may use: the shipped ones, and the repository's own."""
    return frozenset(
        path.parent.parent.name for base in (shipped(), root) for path in (base / "playbooks/roles").glob("*/tasks/main.y*ml")
    )


def role_files(root: Path, problems: Problems) -> dict[str, str]:
    """Return path -> text of all Ansible roles: shipped, and the repository's own of other or the same names, which win."""
    found: dict[str, str] = {}
    for base in dict.fromkeys((shipped(), root)):
        folder = base / "playbooks/roles"
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if "__pycache__" in path.parts or not path.is_file():
                continue
            if not inside(path, base):
                problems.report("W007", Span(f"playbooks/roles/{name}"), "this is a link to a place outside the repository")
            elif (text := read_text(path, f"playbooks/roles/{name}", problems)) is not None:
                found[name] = text
    return found
