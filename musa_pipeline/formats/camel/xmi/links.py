"""What a reference in XMI leads to: `//@vms.1` by position, `_id` by id, `other.xmi#...` in a file beside this one."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.xmi.tree import Document, Element, parse
from musa_pipeline.text.commands import holds_secret
from musa_pipeline.text.fetch import Fetch, Missing

MOST_FILES: Final = 50
MOST_CHARACTERS: Final = 40_000_000
"""Of all files of one model together."""
_SEGMENT: Final = re.compile(r"@?([\w-]+)(?:\.(\d{1,9})|\[(\w+)\s*=\s*['\"]([^'\"]*)['\"]\])?")
_STEP: Final = re.compile(r"(?:[^/\[]|\[[^\]]*\])*")
_NOT_FILES: Final = ("cdo:", "platform:", "pathmap:", "archive:", "resource:", "data:")
_DEEPEST: Final = 20
"""Files that only name the next one."""


class Links:
    """The files of one model, read when something leads into them."""

    def __init__(self, first: Document, fetch: Fetch | None, problems: Problems) -> None:
        self.problems, self._fetch = problems, fetch
        self.documents: dict[str, Document] = {first.file: first}
        self._read = 0
        self._asked: dict[tuple[str, str], Document | None] = {}
        self._why: dict[str, Missing] = {}
        self._absent: dict[str, tuple[Span, int]] = {}
        self._beside: dict[Element, dict[str, list[Element]]] = {}
        self._ids: dict[str, dict[str, Element]] = {}
        self._found: dict[tuple[str, str], Element | None] = {}

    def find(self, document: Document, said: str, where: Callable[[], Span]) -> Element | None:
        """Return the element that a reference leads to; None if there is none, or if its file is not here."""
        file, sign, fragment = said.partition("#")
        if file and sign:
            other = self._document(unquote(file), document, where)
            return self._in(other, fragment) if other else None
        return self._in(document, fragment if sign else said)

    def leads_away(self, said: str) -> bool:
        """Tell whether a reference leads into a file that is not here, which is told once for all of them."""
        return "#" in said and unquote(said.partition("#")[0]) in self._absent

    def follow(self, element: Element) -> Element | None:
        """Return what an element stands for: itself, or what its `href` leads to."""
        for _ in range(_DEEPEST):
            said = element.attributes.get("href")
            if said is None:
                return element
            document, here = element.document, element
            found = self.find(document, said, lambda here=here: here.document.at(here, "href"))  # type: ignore[misc]
            if found is None:
                return None
            element = found
        return None

    def tell_absent(self) -> None:
        """Tell which files are not here, each once."""
        for file, (at, count) in self._absent.items():
            shown = "another file" if holds_secret(file) else repr(file[:200])
            times = f", which {count} references lead into," if count > 1 else ""
            why = self._why.get(file)
            if why:
                severity = Severity.ERROR if why.wrong else Severity.WARNING
                self.problems.report("K067", at, f"{shown}{times} {why.why}", help=why.way_out, severity=severity)
                continue
            help_ = (
                "put it beside the model" if not file.startswith(_NOT_FILES) else "export the model with all that it refers to"
            )
            self.problems.warn("K067", at, f"{shown}{times} is not here", help=help_)

    def _document(self, file: str, origin: Document, where: Callable[[], Span]) -> Document | None:
        key = (file, origin.file)
        if key not in self._asked:
            self._asked[key] = self._load(file, origin)
        found = self._asked[key]
        if found is None:
            at, count = self._absent.get(file) or (where(), 0)
            self._absent[file] = (at, count + 1)
        return found

    def _load(self, file: str, origin: Document) -> Document | None:
        if not file or file == origin.file.rpartition("/")[2]:
            return origin
        if file.startswith(_NOT_FILES) or not self._fetch or len(self.documents) >= MOST_FILES:
            return None
        got = self._fetch(file, origin.file)
        if got is None or isinstance(got, Missing):
            if got:
                self._why[file] = got
            return None
        name, text = got
        if name not in self.documents:
            self._read += len(text)
            if self._read > MOST_CHARACTERS:
                said = f"the files that this model refers to have more than {MOST_CHARACTERS:,} characters"
                self.problems.report("K063", Span(name), said, help="split the model")
                return None
            read = parse(text, name, self.problems)
            if read is None:
                return None
            self.documents[name] = read
        return self.documents[name]

    def _in(self, document: Document, fragment: str) -> Element | None:
        key = (document.file, fragment)
        if key not in self._found:
            self._found[key] = None  # what leads back to itself leads nowhere
            self._found[key] = self._by_path(document, fragment) if fragment.startswith("/") else self._by_id(document, fragment)
        return self._found[key]

    def _by_path(self, document: Document, fragment: str) -> Element | None:
        steps = list(_STEP.findall(fragment[1:])) if "[" in fragment else fragment[1:].split("/")
        root = steps[0] if steps else ""
        index = int(root) if root.isdecimal() and len(root) < 9 else 0
        here = document.roots[index] if (not root or root.isdecimal()) and index < len(document.roots) else None
        for step in steps[1:]:
            if here is None:
                return None
            if step:
                here = self._step(here, step)
        return here

    def _step(self, element: Element, step: str) -> Element | None:
        said = _SEGMENT.fullmatch(step)
        if not said:
            return None
        if element not in self._beside:
            beside: dict[str, list[Element]] = {}
            for part in element.parts:
                beside.setdefault(part.tag, []).append(part)
            self._beside[element] = beside
        several = self._beside[element].get(said[1], [])
        if said[3]:
            several = [each for each in several if each.attributes.get(said[3]) == said[4]]
        index = int(said[2] or 0)
        found = several[index] if index < len(several) else None
        return self.follow(found) if found and "href" in found.attributes else found

    def _by_id(self, document: Document, word: str) -> Element | None:
        if document.file not in self._ids:
            ids: dict[str, Element] = {}
            elements = [each for root in document.roots for each in root.within() if "href" not in each.attributes]
            for attribute in ("xmi:id", "id", "ID", "name"):
                for each in elements:
                    if attribute in each.attributes:
                        ids.setdefault(each.attributes[attribute], each)
            self._ids[document.file] = ids
        return self._ids[document.file].get(word)
