"""A model in a TOSCA archive, packed or unpacked: its main file, and where its other files are."""

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.workspace.files import decoded, digest, read_bytes, write_whole

if TYPE_CHECKING:
    from musa_pipeline.formats.csar import Archive


LARGEST_ARCHIVE: Final = 64 * 2**20
"""Octets of an archive; what is larger carries images of machines, which no model needs to be read."""
ENDINGS: Final = (".csar", ".zip")
_METAS: Final = ("TOSCA-Metadata/TOSCA.meta", "TOSCA.meta")


def is_archive(path: Path) -> bool:
    """Tell by its name whether a file is an archive."""
    return path.suffix.lower() in ENDINGS


def metadata_of(folder: Path) -> Path | None:
    """Return the file of an unpacked archive that says which of its files is the model; None if the folder is no archive."""
    return next((folder / each for each in _METAS if (folder / each).is_file()), None)


@dataclass(frozen=True, slots=True)
class Packed:
    """An archive that was opened: what can be asked of it while a model in it is read."""

    archive: "Archive"
    problems: Problems

    @property
    def root(self) -> str:
        """How the archive's root is written in findings."""
        return self.archive.file

    def has(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return name in self.archive.names

    def text(self, name: str) -> str | None:
        """Return a file as text, or report why it is none."""
        data = self.archive.read(name, self.problems)
        return None if data is None else decoded(data, self.archive.shown(name), self.problems)

    def find(self, name: str, importing: str) -> tuple[str, str] | None:
        """Return (file, text) of an import: beside the importing file, in the folders above it, up to the archive's root."""
        here = posixpath.dirname(importing.removeprefix(self.root + "/")) if importing.startswith(self.root + "/") else ""
        while True:
            found = posixpath.normpath(posixpath.join(here, name))
            if self.has(found):
                text = self.text(found)
                return (self.archive.shown(found), text) if text is not None else None
            if not here:
                return None
            here = posixpath.dirname(here)


def open_archive(data: bytes, shown: str, problems: Problems) -> Packed | None:
    """Return an archive; None, after an error, if it may not be read."""
    from musa_pipeline.formats.csar import read_archive

    archive = read_archive(data, shown, problems)
    return Packed(archive, problems) if archive else None


def unpack(model: Path, shown: str, into: Path) -> Path | None:
    """Return the folder that has the files of an archive, scripts among them: below `into`, unpacked once.

    Raises OutsideFailed if that cannot be written; None if the archive may not be read.
    """
    problems = Problems()
    data = read_bytes(model, shown, problems, most=LARGEST_ARCHIVE)
    packed = open_archive(data, shown, problems) if data is not None else None
    if data is None or packed is None:
        return None
    folder = into / digest(data)
    if not (folder / ".whole").is_file():
        for name in packed.archive.names:
            content = packed.archive.read(name, problems)
            if content is not None:
                write_whole(folder / name, content)
        write_whole(folder / ".whole", b"")
    return folder
