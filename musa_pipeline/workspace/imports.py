"""Imported files: where they may be, in which order they are looked for, and where nobody may look."""

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from musa_pipeline.text.fetch import PROFILE, Missing
from musa_pipeline.workspace.archives import Packed
from musa_pipeline.workspace.reading import Reads
from musa_pipeline.workspace.remote import Remote
from musa_pipeline.workspace.type_folders import TypeFolder

_WEB: Final = ("http://", "https://")
_VERSIONED: Final = re.compile(r"[\w.-]+:[\w.${}-]+")
"""A template by name and version, as Alien4Cloud writes imports."""
_SHOWN: Final = 3


class Fetcher:
    """Finds imported files: beside the importing one, in the folders above it, in the model's folder, among the shipped types,
    at the repository's root, in the folders of types that the user named; and at addresses, where that is allowed.

    Nothing outside of these folders is ever opened, not even through a link; what is in an archive sees the archive alone.
    """

    def __init__(
        self,
        inputs: Reads,
        folders: tuple[TypeFolder, ...] = (),
        packed: Packed | None = None,
        remote: Remote | None = None,
    ) -> None:
        self.inputs, self.folders, self.packed = inputs, folders, packed
        self.remote = remote or Remote(inputs, fetch=False)
        self._paths: dict[str, Path] = {}

    def __call__(self, name: str, importing: str) -> tuple[str, str] | Missing | None:
        """Return (file, text) of an import, or why there is none."""
        name = name.strip()
        if not name or "\0" in name:
            return None
        try:
            return self._find(name, importing)
        except ValueError:  # half an address of version 6, a port that is no number
            return Missing("is no address that can be read", "write it as browsers show it", "T007")

    def _find(self, name: str, importing: str) -> tuple[str, str] | Missing | None:
        if name.startswith(PROFILE):
            return self._profile(name.removeprefix(PROFILE))
        if name.startswith("<") and name.endswith(">"):  # Yorc's way to name what comes with the orchestrator
            name = name[1:-1]
        if name.startswith("file:"):
            name = unquote(urlsplit(name).path or name.removeprefix("file:"))
        if importing.startswith(_WEB) and "://" not in name:
            name = urljoin(importing, name)
        if "://" in name:
            return self._remote(name, importing)
        if self.packed is not None and self._is_packed(importing):
            return self._in_archive(self.packed, name, importing)
        return self._local(name, importing)

    def _is_packed(self, importing: str) -> bool:
        return self.packed is not None and importing.startswith(self.packed.root + "/")

    def _profile(self, name: str) -> tuple[str, str] | Missing | None:
        """Return the file that is a profile: of the folders of types, then of the model's own."""
        plain = name.partition(":")[0]
        own = () if self.packed else (TypeFolder(self.inputs.place.folder, self.inputs.shown(self.inputs.place.folder)),)
        for folder in (*self.folders, *own):
            self._listed(folder)
            path = folder.profile(name) or folder.profile(plain)
            if path is not None and (found := self._text(path, folder)) is not None:
                return found
        return Missing("is a profile that is not here", "give the folder that has it with --catalog")

    def _remote(self, url: str, importing: str) -> tuple[str, str] | Missing:
        found = self._in_folders(url)
        if isinstance(found, tuple):
            return found
        if not url.startswith(_WEB):
            return Missing("is at an address that is neither http nor https", "save the file beside the model", "T007")
        if "@" in urlsplit(url).netloc:
            return Missing("has a password in its address, which is not sent", "save the file beside the model", "T007")
        if not importing.startswith(_WEB) and not self._is_packed(importing):  # an archive may be a stranger's
            self.remote.name(url)
        return self.remote.get(url)

    def _in_archive(self, packed: Packed, name: str, importing: str) -> tuple[str, str] | Missing | None:
        if name.startswith("/") or "\\" in name:
            return Missing("is an absolute path, which is not followed", "write its path from the importing file", "W011")
        found = packed.find(name, importing)
        return found or self._shipped(name) or self._in_folders(name)

    def _local(self, name: str, importing: str) -> tuple[str, str] | Missing | None:
        place = self.inputs.place
        here = self._paths[importing].parent if importing in self._paths else (place.root / importing).parent
        if Path(name).is_absolute():
            path = Path(os.path.normpath(name))
            if self.inputs.allowed(path) and path.is_file():
                return self._text(path)
            return Missing("is an absolute path, which is not followed", "write its path from the importing file", "W011")
        # the repository's settings are called musa.yaml, and so are our types: a shipped name wins over the root
        above = [each for each in here.parents if each.is_relative_to(place.root) and each != place.root]
        folders = dict.fromkeys((here, *above, place.folder))
        found: tuple[str, str] | Missing | None = None
        for folder in folders:
            if folder == place.root and self._shipped(name):
                continue
            found = self._below(folder, name)
            if found is not None:
                return found
        found = self._shipped(name) or self._below(place.root, name) or self._in_folders(name)
        if found is None and not self.inputs.allowed(Path(os.path.normpath(here / name))):
            return Missing("leads out of the repository, where nothing is read", "give its folder with --catalog", "W011")
        return found

    def _below(self, folder: Path, name: str) -> tuple[str, str] | Missing | None:
        path = Path(os.path.normpath(folder / name))
        if not self.inputs.allowed(path):
            if os.path.islink(path):  # noqa: PTH114  a name that no file can have is no link, and no failure
                return Missing("is a link to a place outside the repository", "put the file itself there", "W007")
            return None
        if os.path.isfile(path):  # noqa: PTH113  the same
            return self._text(path)
        self.inputs.seen[self.inputs.name(path)] = None  # should it appear one day, the model must be read again
        if os.path.isdir(path):  # noqa: PTH112  the same
            return Missing("is a folder", "import a file of it", "W002") if folder == path.parent else None
        if os.path.exists(path):  # noqa: PTH110  the same
            return Missing("is not an ordinary file", "import a file", "W006")
        return None

    def _text(self, path: Path, folder: TypeFolder | None = None) -> tuple[str, str] | None:
        text = self.inputs.text(path, shown=folder.shown(path) if folder else "")
        if text is None:
            return None
        shown = folder.shown(path) if folder and not path.is_relative_to(self.inputs.place.root) else self.inputs.shown(path)
        self._paths[shown] = path
        return shown, text

    def _shipped(self, name: str) -> tuple[str, str] | None:
        types = {path.rsplit("/", 1)[1]: (path, text) for path, text in self.inputs.catalog("tosca").items()}
        return types.get(name)

    def _in_folders(self, name: str) -> tuple[str, str] | Missing | None:
        """Return a file of the folders of types: by its path there, else the one with its name whose folders agree most."""
        for folder in self.folders:
            path = Path(os.path.normpath(folder.path / name)) if "://" not in name else folder.path
            if path.is_relative_to(folder.path) and os.path.isfile(path):  # noqa: PTH113  as above
                return self._text(path, folder)
        for folder in self.folders:
            self._listed(folder)
            found = folder.named(name)
            if len(found) == 1:
                return self._text(found[0], folder)
            if found:
                listed = ", ".join(folder.shown(each) for each in found[:_SHOWN])
                return Missing(f"may be any of {len(found)} files: {listed}", "name more of its path")
            if _VERSIONED.fullmatch(name) and (path_ := folder.profile(name) or folder.profile(name.partition(":")[0])):
                return self._text(path_, folder)
        return None

    def _listed(self, folder: TypeFolder) -> None:
        """Remember what is in a folder, for a file that is added may be the one that was looked for."""
        name = f"listing:{folder.path.as_posix()}"
        if name not in self.inputs.seen:
            self.inputs.seen[name] = folder.listing()
