"""Policies on disk: those that came with the tool, and the repository's own, which win over them."""

from pathlib import Path

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.files import inside, read_text
from musa_pipeline.workspace.places import repository, shipped

FOLDERS = ("catalogs/policies", "policies")


def policy_files(problems: Problems, root: Path | None = None) -> dict[str, str]:
    """Return path -> text of all policies by their names: shipped, then the repository's catalogs/policies/ and policies/."""
    found: dict[str, tuple[str, str]] = {}
    for base in dict.fromkeys((shipped(), root or repository())):
        for folder in FOLDERS:
            for path in sorted((base / folder).glob("*.yaml")):
                shown = f"{folder}/{path.name}"
                if not inside(path, base):
                    problems.report("W007", Span(shown), "this is a link to a place outside the repository")
                elif (text := read_text(path, shown, problems)) is not None:
                    found[path.stem] = (shown, text)
    return dict(sorted(found.values()))
