"""Beside the road: which applications some words name, for what judges several; a word that names none is a finding."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.problems import Problem
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.archives import metadata_of
from musa_pipeline.workspace.models import PASSED_OVER, is_model
from musa_pipeline.workspace.places import Place, find, repository

_OF_A_MODEL = {"answers.yaml", "decisions.yaml", "measured.yaml"}


def applications(named: Iterable[str], out: str | None) -> Iterator[Place | Problem]:
    """Yield the applications that some words name; without any, those of the repository. A finding for a word that names none."""
    words = list(named)
    for word in words or [os.fspath(_all())]:
        path = Path(word)
        try:
            if path.is_dir():
                found = list(inside(path, out))
                yield from found or [
                    no_model(word, UsageWrong("this folder has no model", "name a model, or a folder of models"))
                ]
            else:
                yield find(word, out)
        except UsageWrong as wrong:
            yield no_model(word, wrong)
        except (OSError, ValueError) as error:
            yield no_model(word, UsageWrong(f"cannot be looked at: {getattr(error, 'strerror', None) or error}"))


def _all() -> Path:
    """Return the folder whose models are all of the repository's."""
    root = repository()
    return Path(os.path.relpath(root / "models" if (root / "models").is_dir() else root))


def inside(folder: Path, out: str | None) -> Iterator[Place | Problem]:
    """Yield the application that a folder is, else those of the folders in it; types and data in between are passed over."""
    try:
        entries = sorted(folder.iterdir())
        if any(map(is_model, entries)) or metadata_of(folder):
            yield find(os.fspath(folder), out)
            return
    except UsageWrong as wrong:
        yield no_model(os.fspath(folder), wrong)
        return
    except (OSError, ValueError) as error:
        yield no_model(os.fspath(folder), UsageWrong(f"cannot be looked at: {getattr(error, 'strerror', None) or error}"))
        return
    found = False
    for each in entries:
        if each.is_dir() and not each.is_symlink() and not each.name.startswith(".") and each.name not in PASSED_OVER:
            for one in inside(each, out):
                found = True
                yield one
    if not found and (left := _left_of_a_model(folder, entries)):
        why = UsageWrong(f"there is no model here, but {left}", "mend the model's file, or remove what it left")
        yield no_model(os.fspath(folder), why)


def _left_of_a_model(folder: Path, entries: list[Path]) -> str:
    """Return what only an application has, in a folder without a model: a file that became empty is no way past the gate."""
    derived = f"sla/{slug(folder.name)}/sla.xml"
    if folder.parent.name == "models" and (folder.parent.parent / derived).is_file():
        return derived
    return next((each.name for each in entries if each.name in _OF_A_MODEL), "")


def no_model(word: str, wrong: UsageWrong) -> Problem:
    """Return the finding for a word that names no model."""
    return Problem(code="W001", at=Span(word), text=wrong.text, help=wrong.way_out)
