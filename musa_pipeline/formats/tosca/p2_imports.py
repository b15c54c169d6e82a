"""Phase 2: the files that a file imports, each once, innermost first (TOSCA 1.3, section 3.6.8)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import Document, Findings, entries, read_document, word
from musa_pipeline.text.fetch import PROFILE, Fetch, Missing, shown_address
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_DEEPEST: Final = 50
_MOST: Final = 2_000
_LONGEST: Final = 64 * 2**20
"""Characters of all imported files together."""
_LONG: Final = frozenset({"file", "url", "profile", "repository", "namespace", "namespace_uri", "namespace_prefix"})
_NORM: Final = ("tosca-normative-types", "normative-types", "org.oasis-open.simple", "org.oasis-open.tosca", "tosca_simple_yaml")
"""Names by which dialects import the normative types, which we know without a file."""
_FILES: Final = (".yaml", ".yml", ".tosca")


@dataclass(frozen=True, slots=True)
class Imported:
    """A file and the prefix its types got where it was imported."""

    document: Document
    prefix: str = ""


@dataclass(slots=True)
class Files:
    """Every file of the model, the model itself last; `absent` if definitions are missing."""

    files: list[Imported] = field(default_factory=list)
    absent: bool = False


@dataclass(frozen=True, slots=True)
class _Request:
    name: str
    at: Span
    prefix: str = ""
    repository: str = ""
    profile: bool = False


def read_imports(main: Document, fetch: Fetch, findings: Findings, also: Iterable[str] = ()) -> Files:
    """Return the model's file and all it imports; what cannot be had is a warning, and its types stay unknown.

    `also`: further files that belong to the model, an archive's Other-Definitions.
    """
    reader = _Reader(fetch, findings)
    for name in also:
        reader.add(_Request(name, Span(main.file)), main)
    reader.visit(Imported(main), {})
    return reader.files


class _Reader:
    def __init__(self, fetch: Fetch, findings: Findings) -> None:
        self.fetch, self.findings = fetch, findings
        self.files = Files()
        self.documents: dict[str, Document] = {}
        self.given: set[tuple[str, str]] = set()
        self.length = 0

    def visit(self, imported: Imported, open_files: dict[str, Span]) -> None:
        """Read what a file imports, then give the file itself; `open_files` are those whose imports are being read."""
        document = imported.document
        self.documents[document.file] = document
        for request in _requests(document.root.get("imports"), self.findings):
            within = request if request.prefix else replace(request, prefix=imported.prefix)
            self.add(within, document, open_files)  # what it brings without a prefix belongs to its own (TOSCA 2.0, section 6.6)
        self._give(imported)

    def add(self, request: _Request, importer: Document, open_files: dict[str, Span] | None = None) -> None:
        """Read what one line of `imports` asks for."""
        found = self._fetch(request, importer)
        if found is None:
            return
        file, text = found
        open_files = {**(open_files or {}), importer.file: request.at}
        if file in open_files:
            there = open_files[file]
            self.findings.warn(
                "T008", request.at, f"{file!r} imports itself in a circle", f"the circle begins at {there}; drop one import"
            )
            if request.prefix:  # under this prefix its types have other names than where it was opened
                self._give(Imported(self.documents[file], request.prefix))
        elif file in self.documents:
            self._give(Imported(self.documents[file], request.prefix))
        elif len(open_files) > _DEEPEST or len(self.documents) >= _MOST:
            self._absent("T009", request.at, f"more than {_MOST} imports, or deeper than {_DEEPEST}", "merge some of the files")
        elif self.length + len(text) > _LONGEST:
            self._absent("T009", request.at, f"the imports have more than {_LONGEST // 2**20} MiB", "import what is needed")
        else:
            self.length += len(text)
            self._read(file, text, request, open_files)

    def _fetch(self, request: _Request, importer: Document) -> tuple[str, str] | None:
        """Return the file and its text; nothing, with a finding, if it cannot be had."""
        shown = shown_address(request.name)
        if request.repository:
            found = self._from_repository(request, importer)
        else:
            found = self.fetch(PROFILE + request.name if request.profile else request.name, importer.file)
        if isinstance(found, tuple):
            return found
        if request.name.startswith(_NORM):
            return None
        if isinstance(found, Missing):
            text = f"import {shown!r} {found.why}"
            if found.wrong:
                self.files.absent = True
                self.findings.error(found.code, request.at, text, found.way_out)
            else:
                self._absent(found.code, request.at, text + "; its types stay unknown", found.way_out)
        elif "://" in request.name or "://" in _address(importer, request.repository):
            text = f"import {shown!r} is on the network and is not fetched"
            self._absent("T007", request.at, text, "save the file beside the model and import it by its name")
        else:
            text = f"import {shown!r} is not here; its types stay unknown"
            self._absent("T006", request.at, text, f"put the file where {importer.file!r} says, or drop the import")
        return None

    def _from_repository(self, request: _Request, importer: Document) -> tuple[str, str] | Missing | None:
        """Return a file that is named from a repository: an address, a folder, or the very file (TOSCA 1.3, section 3.6.6)."""
        address = _address(importer, request.repository)
        if not address:
            found = self.fetch(request.name, importer.file)
            known = _names(importer.root.get("repositories"))
            way_out = self.findings.near(request.repository, known) or "define it below repositories, with its url"
            return found or Missing(f"is in the repository {request.repository!r}, which the file does not define", way_out)
        if "://" in request.name:
            return self.fetch(request.name, importer.file)
        found = self.fetch(f"{address.rstrip('/')}/{request.name.lstrip('/')}", importer.file)
        if not isinstance(found, tuple) and address.endswith(_FILES) and not (isinstance(found, Missing) and found.wrong):
            return self.fetch(address, importer.file)
        return found

    def _read(self, file: str, text: str, request: _Request, open_files: dict[str, Span]) -> None:
        document = self._document(text, file)
        if document is None:
            self.files.absent = True
            return
        if not any(key.endswith(("_types", "_template", "_version")) or key == "imports" for key in document.root.entries):
            self.findings.warn("T009", request.at, f"import {file!r} defines no types", "it does not look like TOSCA")
        self.visit(Imported(document, request.prefix), open_files)

    def _document(self, text: str, file: str) -> Document | None:
        """Read an imported file; a key that is there twice is only a warning in it, as the author of the model may not own it."""
        problems = Problems()
        document = read_document(text, file, problems)
        for each in problems:
            mild = each.code == "Y002" and document is not None
            self.findings.problems.extend([replace(each, severity=Severity.WARNING) if mild else each])
        return document

    def _give(self, imported: Imported) -> None:
        """Add a file once under each prefix."""
        key = (imported.document.file, imported.prefix)
        if key not in self.given:
            self.given.add(key)
            self.files.files.append(imported)

    def _absent(self, code: str, at: Span, text: str, way_out: str) -> None:
        self.files.absent = True
        self.findings.warn(code, at, text, way_out)


def _requests(node: Node | None, findings: Findings) -> Iterator[_Request]:
    """Yield what `imports` asks for, in all the forms in use: a name, a mapping with `file`, and both below a name."""
    if isinstance(node, Mapping) and not _LONG & node.entries.keys():
        yield from _named(node)
        return
    for each in node if isinstance(node, Sequence) else [node] if node else []:
        if isinstance(each, Scalar) and each.value is not None:
            yield _Request(each.text, each.at)
        elif isinstance(each, Mapping) and _LONG & each.entries.keys():
            yield from _long(each)
        elif isinstance(each, Mapping):
            yield from _named(each)
        elif isinstance(each, Sequence):
            findings.fault("T019", each.at, "an import is a file name, not a list", "write '- types.yaml'")


def _named(node: Mapping) -> Iterator[_Request]:
    for _, value, _ in entries(node):
        if isinstance(value, Mapping):
            yield from _long(value)
        elif word(value):
            yield _Request(word(value), value.at)


def _long(node: Mapping) -> Iterator[_Request]:
    for key in ("file", "url", "profile"):
        if word(node.get(key)):
            prefix = word(node.get("namespace_prefix")) or word(node.get("namespace"))
            at = node.entries[key].at
            yield _Request(word(node.get(key)), at, prefix, word(node.get("repository")), key == "profile")
            return


def _address(document: Document, repository: str) -> str:
    """Return where a repository is; nothing if the file does not say."""
    if not repository:
        return ""
    said = next((value for name, value, _ in entries(document.root.get("repositories")) if name == repository), None)
    return word(said) or word(said.get("url") if isinstance(said, Mapping) else None)


def _names(node: Node | None) -> list[str]:
    return [name for name, _, _ in entries(node)]
