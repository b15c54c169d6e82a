"""Folders of type definitions that the user names with `--catalog`: files are found by path, by name, by profile."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from musa_pipeline.workspace.files import digest

MOST_FILES: Final = 20_000
"""Files of one folder and those below it that are looked at."""

_ENDINGS: Final = (".yaml", ".yml", ".tosca", ".camel", ".xmi")
_HEAD: Final = 8 * 1024
_PASSED_OVER: Final = {"node_modules", "__pycache__"}
_NAMES: Final = re.compile(rb"^(?:profile|\s*template_name|namespace)\s*:\s*[\"']?([\w.:/-]+?)[\"']?\s*(?:#.*)?$", re.MULTILINE)
_VERSION: Final = re.compile(rb"^(?:profile_version|\s*template_version)\s*:\s*[\"']?([\w.-]+)", re.MULTILINE)


@dataclass(slots=True)
class TypeFolder:
    """One folder; what is in it is listed when a file is first asked for by its name. `said`: how the user wrote it."""

    path: Path
    said: str
    _by_name: dict[str, list[str]] | None = field(default=None, init=False)
    _profiles: dict[str, str] | None = field(default=None, init=False)

    def shown(self, path: Path) -> str:
        """Return how a file of the folder is written in findings."""
        return os.path.normpath(f"{self.said}/{path.relative_to(self.path).as_posix()}")

    def named(self, name: str) -> list[Path]:
        """Return the files that an import may mean: of those with its last name, the ones whose folders agree most."""
        wanted = [each for each in PurePosixPath(_path_of(name)).parts if each not in ("..", ".", "/")]
        if not wanted:
            return []
        best, found = 0, list[str]()
        for each in self._names().get(wanted[-1], ()):
            common = _common(wanted, each.split("/"))
            if common > best:
                best, found = common, []
            if common == best:
                found.append(each)
        return [self.path / each for each in found]

    def profile(self, name: str) -> Path | None:
        """Return the file that calls itself so: a profile of TOSCA 2.0, a template with name and version."""
        if self._profiles is None:
            self._profiles = {}
            for file in self.files():
                for each in _profiles_of(self.path / file):
                    self._profiles.setdefault(each, file)
        found = self._profiles.get(name)
        return self.path / found if found else None

    def files(self) -> list[str]:
        """Return the definitions below the folder, by their paths from it."""
        return sorted(each for some in self._names().values() for each in some)

    def listing(self) -> str:
        """Return a digest over the names of all files: whether one was added or taken away."""
        return digest("\n".join(self.files()).encode("utf-8", "surrogateescape"))

    def _names(self) -> dict[str, list[str]]:
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for count, file in enumerate(_walk(self.path)):
                if count == MOST_FILES:
                    break
                self._by_name[file.rpartition("/")[2]].append(file)
        return self._by_name


def _walk(top: Path) -> Iterator[str]:
    for here, folders, files in os.walk(top):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in _PASSED_OVER)
        inner = Path(here).relative_to(top).as_posix()
        for each in sorted(files):
            if each.lower().endswith(_ENDINGS):
                yield each if inner == "." else f"{inner}/{each}"


def _profiles_of(path: Path) -> Iterator[str]:
    try:
        if not path.is_file():
            return
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return
    version = _VERSION.search(head)
    for each in _NAMES.finditer(head):
        name = each[1].decode()
        yield name
        if version:
            yield f"{name}:{version[1].decode()}"


def _path_of(name: str) -> str:
    return unquote(urlsplit(name).path) if "://" in name else name


def _common(wanted: list[str], there: list[str]) -> int:
    """Return how many parts two paths end with alike.

    >>> _common(["a", "types", "x.yaml"], ["b", "types", "x.yaml"])
    2
    """
    count = 0
    for one, other in zip(reversed(wanted), reversed(there), strict=False):
        if one != other:
            break
        count += 1
    return count
