"""The model's file: by itself, in an archive, or in an archive that was unpacked; and what is read with it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.stages.work import Work
from musa_pipeline.text.fetch import Fetch
from musa_pipeline.workspace.archives import LARGEST_ARCHIVE, is_archive, metadata_of, open_archive
from musa_pipeline.workspace.files import decoded
from musa_pipeline.workspace.type_folders import TypeFolder

_MOST: Final = 10_000
"""Files of an unpacked archive that are looked at."""


@dataclass(frozen=True, slots=True)
class Source:
    """The main file with all that its reader needs. `also`: further files of the model; `root`: of an archive, its root."""

    data: bytes
    file: str
    fetch: Fetch
    also: tuple[str, ...] = ()
    root: str = ""

    def text(self, problems: Problems) -> str | None:
        """Return the file as text, or report why it is none."""
        return decoded(self.data, self.file, problems)


def source(work: Work) -> Source | None:
    """Return the model's file; None, after an error, if it cannot be had. The same for all who ask in one run."""
    return work.once("source", lambda: _source(work))


def _source(work: Work) -> Source | None:
    work.inputs.folders = _folders(work)
    model = work.place.model
    if work.place.base is not None and model == metadata_of(work.place.base):
        return _unpacked(work, work.place.base)
    if is_archive(model):
        return _packed(work)
    data = work.inputs.data(model)
    root = work.place.shown(work.place.base) if work.place.base else ""
    return None if data is None else Source(data, work.place.shown(model), work.inputs.fetch(), root=root)


def _packed(work: Work) -> Source | None:
    from musa_pipeline.formats.csar import find_entry

    shown = work.place.shown(work.place.model)
    data = work.inputs.data(work.place.model, most=LARGEST_ARCHIVE)
    packed = open_archive(data, shown, work.problems) if data is not None else None
    entry = find_entry(packed.archive.names, packed.text, shown, work.problems) if packed else None
    if packed is None or entry is None:
        return None
    content = packed.archive.read(entry.name, work.problems)
    if content is None:
        return None
    return Source(content, packed.archive.shown(entry.name), work.inputs.fetch(packed), entry.others, shown)


def _unpacked(work: Work, base: Path) -> Source | None:
    from musa_pipeline.formats.csar import find_entry

    shown = work.place.shown(base)
    names = _names(base)
    entry = find_entry(names, lambda name: work.inputs.text(base / name), shown, work.problems)
    data = work.inputs.data(base / entry.name) if entry else None
    if entry is None or data is None:
        return None
    return Source(data, work.place.shown(base / entry.name), work.inputs.fetch(), entry.others, shown)


def _names(base: Path) -> list[str]:
    found: list[str] = []
    for here, folders, files in os.walk(base):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        inner = Path(here).relative_to(base).as_posix()
        found += [each if inner == "." else f"{inner}/{each}" for each in sorted(files)]
        if len(found) > _MOST:
            break
    return found


def _folders(work: Work) -> tuple[TypeFolder, ...]:
    """Return the folders of types: those of the command line, then those of the settings."""
    found = []
    for said in work.inputs.given.catalogs:
        path = Path(os.path.abspath(said))  # noqa: PTH100  links stay as the user wrote them
        if not path.is_dir():
            raise UsageWrong(f"--catalog {said!r} is no folder", "give a folder of type definitions")
        found.append(TypeFolder(path, os.path.relpath(path, work.place.root) if path.is_relative_to(work.place.root) else said))
    for said, at in work.settings.model.catalogs:
        path = Path(os.path.normpath(work.place.root / said))
        if path.is_dir():
            found.append(TypeFolder(path, os.path.normpath(said)))
        else:
            _absent(work, said, at)
    return tuple(found)


def _absent(work: Work, said: str, at: Span) -> None:
    text = f"there is no folder {said!r}"
    work.problems.report("M004", at, text, help="give its path from the repository's root", severity=Severity.WARNING)
