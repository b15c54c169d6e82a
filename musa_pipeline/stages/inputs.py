"""Values for a model's inputs: of the settings, then of files, then of single flags; the last one counts."""

import os
from pathlib import Path
from typing import Any

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.stages.work import Work
from musa_pipeline.text.yaml import Mapping, plain, read_yaml


def inputs_of(work: Work) -> dict[str, Any]:
    """Return the values by name; what cannot be read is reported and left out.

    Raises UsageWrong for a flag that is no `name=value`.
    """
    found: dict[str, Any] = {}
    for application, said, at in work.settings.model.inputs:
        if application == work.place.application:
            found |= said if isinstance(said, dict) else _file(work, work.place.root / str(said), at)
    for name in work.inputs.given.files:
        found |= _file(work, Path(os.path.abspath(name)), Span(name), anywhere=True)  # noqa: PTH100
    for each in work.inputs.given.values:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise UsageWrong(f"--input {name!r} has no value", "write --input name=value")
        found[name.strip()] = _value(name.strip(), value, work.problems)
    return found


def _file(work: Work, path: Path, at: Span, *, anywhere: bool = False) -> dict[str, Any]:
    """Return the values of a file: a mapping of names to values, or one below the key `inputs`."""
    path = Path(os.path.normpath(path))
    text = work.inputs.text(path, shown=at.file if anywhere else "", anywhere=anywhere)
    if text is None:
        return {}
    shown = at.file if anywhere else work.place.shown(path)
    notes = Problems()
    tree = read_yaml(text, shown, notes)
    work.problems.extend(each for each in notes if each.code != "Y006")  # a file without values is no mistake
    if isinstance(tree, Mapping):
        inner = tree.get("inputs")
        found = plain(inner if isinstance(inner, Mapping) and len(tree.entries) == 1 else tree)
        return dict(found)
    if tree is not None:
        work.problems.report(
            "M005", tree.at, "a file of inputs is a mapping of names to values", help="write 'name: value' lines"
        )
    return {}


def _value(name: str, value: str, problems: Problems) -> Any:
    """Return what a flag's value means in YAML; nothing and text that is no YAML are text."""
    unheard = Problems()
    tree = read_yaml(value, f"--input {name}", unheard) if value.strip() else None
    if tree is None:
        if any(each.code == "Y003" for each in unheard):
            problems.extend(unheard)
        return value if value.strip() else ""
    return plain(tree)
