"""What a run reads, each with its digest, so that the next run knows what changed."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.files import OURS, decoded, digest, digest_of, inside, read_bytes, read_text
from musa_pipeline.workspace.places import Place, shipped

CATALOG_ENDINGS = (".yaml", ".json")


class Inputs:
    """Reads for one application and remembers the digest of everything that was read, or was looked for in vain."""

    def __init__(self, place: Place, problems: Problems) -> None:
        self.place, self.problems = place, problems
        self.seen: dict[str, str | None] = {}
        self._catalogs: dict[str, dict[str, str]] | None = None
        self._tokens: dict[str, str] = {}

    def text(self, path: Path, *, optional: bool = False) -> str | None:
        """Return the text of a file of the repository; None if it is absent (when optional) or cannot be read."""
        shown = self.place.shown(path)
        self.seen[self.name(path)] = None
        if optional and not path.exists():
            return None
        if not inside(path, self.place.root, self.place.folder):
            self.problems.report(
                "W007", Span(shown), "this is a link to a place outside the repository", help="put the file itself here"
            )
            return None
        data = read_bytes(path, shown, self.problems)
        if data is None:
            return None
        self.seen[self.name(path)] = digest(data)  # of what was read, not of what may stand there a moment later
        return decoded(data, shown, self.problems)

    def name(self, path: Path) -> str:
        """Return the name under which an input is remembered."""
        try:
            return path.relative_to(self.place.root).as_posix()
        except ValueError:
            return path.as_posix()

    def fetch(self) -> "Fetcher":
        """Return what readers ask for imported files."""
        return Fetcher(self)

    def share(self, other: "Inputs") -> None:
        """Use the catalog files that were read for another model of the same repository."""
        self._catalogs = other._folders()

    def catalogs(self) -> dict[str, str]:
        """Return all catalog files, shipped ones first, then the user's: path from the root -> text."""
        return {path: text for folder in sorted(self._folders()) for path, text in self._folders()[folder].items()}

    def catalog(self, folder: str) -> dict[str, str]:
        """Return the files of one catalog folder."""
        return self._folders().get(folder, {})

    def _folders(self) -> dict[str, dict[str, str]]:
        if self._catalogs is None:
            self._catalogs = defaultdict(dict)
            roots = [shipped()] if shipped() == self.place.root else [shipped(), self.place.root]
            for root in roots:
                for path in sorted((root / "catalogs").glob("*/*")):
                    if path.suffix in CATALOG_ENDINGS and path.parent.name != "schemas":
                        name = path.relative_to(root).as_posix()
                        if not inside(path, root):
                            self.problems.report("W007", Span(name), "this is a link to a place outside the repository")
                        elif (text := read_text(path, name, self.problems)) is not None:
                            self._catalogs[path.parent.name][name] = text
        return self._catalogs

    def token(self, name: str) -> str | None:
        """Return the present digest of an input by its name: `code`, `roles`, `catalogs/<folder>`, or a file."""
        if name == "code":  # everything in the package: a grammar is code too
            return self._once(name, lambda: _tree((Path(__file__).resolve().parent.parent,)))
        if name.startswith("out:"):
            return digest_of(self.place.out / name.removeprefix("out:"), OURS)
        if name == "roles":
            return self._once(name, lambda: _tree((shipped() / "playbooks/roles", self.place.root / "playbooks/roles")))
        if name.startswith("catalogs/") and name.count("/") == 1:
            return self._once(name, lambda: _texts(self.catalog(name.removeprefix("catalogs/"))))
        return digest_of(self.place.root / name)

    def _once(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._tokens:
            self._tokens[name] = make()
        return self._tokens[name]


def _texts(files: Mapping[str, str]) -> str:
    """Return one digest over files as they were read."""
    return digest("\n".join(f"{name}\0{digest(text.encode())}" for name, text in files.items()).encode())


def _tree(roots: tuple[Path, ...]) -> str:
    """Return one digest over the names and contents of all files below some folders."""
    parts: list[str] = []
    for root in dict.fromkeys(roots):
        parts.extend(
            f"{path.relative_to(root).as_posix()}\0{digest_of(path)}"
            for path in sorted(root.rglob("*"))
            if path.is_file() and not {"__pycache__", "share"} & set(path.relative_to(root).parts)
        )
    return digest("\n".join(parts).encode())


class Fetcher:
    """Finds imported files: beside the importing one, in the model's folder, among the shipped types, at the repository's root.

    Nothing outside the repository (or the model's folder) is ever opened, not even through a link.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs

    def __call__(self, name: str, importing: str) -> tuple[str, str] | None:
        """Return (file, text) of an import, or None."""
        place = self.inputs.place
        if "://" in name or Path(name).is_absolute() or "\0" in name:
            return None
        beside = (place.root / importing).parent
        # the repository's settings are called musa.yaml, and so are our types: a shipped name wins over the root
        return self._below((beside, place.folder), name) or self._shipped(name) or self._below((place.root,), name)

    def _below(self, folders: tuple[Path, ...], name: str) -> tuple[str, str] | None:
        for folder in dict.fromkeys(folders):
            path = Path(_normal(folder / name))
            if not self._allowed(path):
                continue
            if os.path.isfile(path):  # noqa: PTH113  a name that no file can have is no file, and no failure
                text = self.inputs.text(path)
                return (self.inputs.place.shown(path), text) if text is not None else None
            self.inputs.seen[self.inputs.name(path)] = None  # should it appear one day, the model must be read again
        return None

    def _shipped(self, name: str) -> tuple[str, str] | None:
        types = {path.rsplit("/", 1)[1]: (path, text) for path, text in self.inputs.catalog("tosca").items()}
        return types.get(name)

    def _allowed(self, path: Path) -> bool:
        return inside(path, self.inputs.place.root, self.inputs.place.folder)


def _normal(path: Path) -> str:
    return os.path.normpath(path)
