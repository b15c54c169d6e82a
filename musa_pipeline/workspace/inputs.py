"""What a run reads, each with its digest, so that the next run knows what changed."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.archives import LARGEST_ARCHIVE, Packed, is_archive
from musa_pipeline.workspace.files import LARGEST, OURS, decoded, digest, digest_of, inside, read_bytes, read_text
from musa_pipeline.workspace.given import NOTHING, Given
from musa_pipeline.workspace.imports import Fetcher
from musa_pipeline.workspace.places import Place, shipped
from musa_pipeline.workspace.remote import Remote
from musa_pipeline.workspace.type_folders import TypeFolder

CATALOG_ENDINGS = (".yaml", ".json")


class Inputs:
    """Reads for one application and remembers the digest of everything that was read, or was looked for in vain."""

    def __init__(self, place: Place, problems: Problems, given: Given = NOTHING, remembered: str | None = None) -> None:
        """`remembered` is the token of what was given last time, for a command that is given nothing of the kind itself."""
        self.place, self.problems, self.given = place, problems, given
        self.seen: dict[str, str | None] = {}
        self.folders: tuple[TypeFolder, ...] = ()
        self._given = given.token if remembered is None else remembered
        self._catalogs: dict[str, dict[str, str]] | None = None
        self._tokens: dict[str, str] = {}

    def text(self, path: Path, *, optional: bool = False, shown: str = "", anywhere: bool = False) -> str | None:
        """Return the text of a file of the repository; None if it is absent (when optional) or cannot be read.

        `anywhere`: the user named this very file on the command line.
        """
        shown = shown or self.shown(path)
        data = self.data(path, optional=optional, shown=shown, anywhere=anywhere)
        return None if data is None else decoded(data, shown, self.problems)

    def data(
        self, path: Path, *, optional: bool = False, shown: str = "", anywhere: bool = False, most: int = LARGEST
    ) -> bytes | None:
        """Return the content of a file of the repository, as `text` does."""
        shown = shown or self.shown(path)
        self.seen[self.name(path)] = None
        if optional and not path.exists():
            return None
        if not anywhere and not self.allowed(path):
            self.problems.report(
                "W007", Span(shown), "this is a link to a place outside the repository", help="put the file itself here"
            )
            return None
        data = read_bytes(path, shown, self.problems, most=most)
        if data is not None:
            self.seen[self.name(path)] = digest(data)  # of what was read, not of what may stand there a moment later
        return data

    def allowed(self, path: Path) -> bool:
        """Tell whether a path leads, links followed, into the repository or into a folder of types that the user named."""
        return inside(path, self.place.root, self.place.folder, *(each.path for each in self.folders))

    def shown(self, path: Path) -> str:
        """Return how a path is written in findings: from the repository's root, or below the folder that the user named."""
        if not path.is_relative_to(self.place.root):
            for folder in self.folders:
                if path.is_relative_to(folder.path):
                    return folder.shown(path)
        return self.place.shown(path)

    def name(self, path: Path) -> str:
        """Return the name under which an input is remembered."""
        try:
            return path.relative_to(self.place.root).as_posix()
        except ValueError:
            return path.as_posix()

    def fetch(self, packed: Packed | None = None) -> Fetcher:
        """Return what readers ask for imported files; `packed` is the archive that the model is in."""
        return Fetcher(self, self.folders, packed, Remote(self, fetch=self.given.fetch))

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
            roots = [self.place.root] if self.place.whole or shipped() == self.place.root else [shipped(), self.place.root]
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
        if name == "given":
            return self._given
        if name == "fetch":
            return "yes" if self.given.fetch else "no"
        if name.startswith("listing:"):
            return TypeFolder(Path(name.removeprefix("listing:")), "").listing()
        if name.startswith("out:"):
            return digest_of(self.place.out / name.removeprefix("out:"), OURS)
        if name == "roles":
            return self._once(name, lambda: _tree((shipped() / "playbooks/roles", self.place.root / "playbooks/roles")))
        if name.startswith("catalogs/") and name.count("/") == 1:
            return self._once(name, lambda: _texts(self.catalog(name.removeprefix("catalogs/"))))
        return digest_of(self.place.root / name, LARGEST_ARCHIVE if is_archive(Path(name)) else LARGEST)

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
