"""Beside the road: what is wrong with some models, each read by itself; nothing is derived, nothing is written."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.errors import FilesWrong, MusaError, UsageWrong
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.findings import Checked
from musa_pipeline.runners.conformance import Validator
from musa_pipeline.stages import read
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.given import NOTHING, Given
from musa_pipeline.workspace.models import models_below
from musa_pipeline.workspace.places import Place, find, repository, shipped


def models_named(named: Iterable[str]) -> Iterator[Path | Problem]:
    """Yield the files that some words name: a file, a folder of models, a model's name; a finding for a word that names none."""
    seen: set[Path] = set()
    for word in named:
        found: Iterable[Path | Problem]
        try:
            path = Path(word)
            if path.is_dir():
                found = list(models_below(path)) or [
                    _none(word, "this folder has no model", "a model says tosca_definitions_version")
                ]
            elif path.exists():
                found = [path]
            else:
                found = [_shown(find(word).model)]
        except UsageWrong as error:
            found = [_none(word, error.text, error.way_out)]
        except (OSError, ValueError) as error:
            found = [_none(word, f"cannot be looked at: {getattr(error, 'strerror', None) or error}", "")]
        for each in found:
            if isinstance(each, Problem):
                yield each
            elif (real := each.resolve()) not in seen:
                seen.add(real)
                yield each


def check_models(
    named: Iterable[str], given: Given = NOTHING, *, validator: Validator | None = None, strict: bool = False
) -> Iterator[Checked]:
    """Read each model and yield what was found; a conformance validator is asked too, and what it says is an error when `strict`."""
    first: dict[Path, Work] = {}
    for each in models_named(named):
        if isinstance(each, Problem):
            yield Checked(file=each.at.file, problems=(each,))
            continue
        try:
            place = find(os.fspath(each))
        except UsageWrong as error:
            yield Checked(file=os.fspath(_shown(each)), problems=(_none(os.fspath(_shown(each)), error.text, error.way_out),))
            continue
        work = Work(place, given)
        if place.root in first:
            work.take_catalogs_of(first[place.root])
        yield _check(work, os.fspath(_shown(each)), validator, strict=strict)
        first.setdefault(place.root, work)


def _check(work: Work, file: str, validator: Validator | None, *, strict: bool) -> Checked:
    cpim: Cpim | None = None
    try:
        read.run(work)
    except FilesWrong as error:
        work.problems.extend(error.problems)
    except MusaError as error:  # what stops a reader altogether is a finding here, for the next file goes on
        work.problems.report("M003", work.model_at, str(error), help=getattr(error, "way_out", ""))
    if not work.problems.errors:
        cpim = work.get("cpim", Cpim, f"{work.place.sla}/cpim.json")
    if validator:
        from musa_pipeline.stages.conformance import conformance

        work.problems.extend(list(conformance(work, list(work.problems), validator, strict=strict)))
    return Checked(
        file=file,
        language=cpim.language if cpim else "",
        components=len(cpim.components) if cpim else None,
        problems=tuple(placed(work.problems, work.place)),
    )


def placed(problems: Iterable[Problem], place: Place) -> Iterator[Problem]:
    """Yield the findings with their files named as one opens them from here."""
    names: dict[str, str] = {}
    for each in problems:
        if each.at:
            if each.at.file not in names:
                names[each.at.file] = _from_here(each.at.file, place)
            at = Span(names[each.at.file], each.at.line, each.at.column, each.at.length)
            yield replace(each, at=at)
        else:
            yield each


def _from_here(file: str, place: Place) -> str:
    """Return a file's path from the present folder; of one in an archive the archive's, with the name that its reader gave it."""
    bases = (place.root, place.folder, shipped())
    for base in bases:
        path = base / file
        if path.is_file():
            return os.fspath(_shown(path))
    first, slash, rest = file.partition("/")
    there = next((each / first for each in bases if first and os.path.lexists(each / first)), None)
    return file if there is None else os.fspath(_shown(there)) + slash + rest


def _shown(path: Path) -> Path:
    """Return a path from the present folder; the whole path of what is far from here."""
    near = Path(os.path.relpath(path))
    return Path(os.path.abspath(path)) if near.parts[:2] == ("..", "..") else near  # noqa: PTH100  links stay


def _none(word: str, text: str, way_out: str) -> Problem:
    return Problem(code="W001", at=Span(word), text=text, help=way_out, severity=Severity.ERROR)


def all_models() -> tuple[str, ...]:
    """Return the folder of the repository's models, if it has one."""
    folder = repository() / "models"
    return (os.path.relpath(folder),) if folder.is_dir() else ()
