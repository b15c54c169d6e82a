"""XMI as elements that know their place. Read by expat, which tells columns; no DOCTYPE, no entities, bounded size and depth."""

import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn
from xml.parsers import expat

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.xmi.letters import decode

LONGEST: Final = 20_000_000
"""Characters of one file; the longest real model has a third of a million."""
MOST: Final = 200_000
"""Elements of one file."""
DEEPEST: Final = 100
"""Elements within elements; the deepest real model has nine."""
_LONGEST_TAG: Final = 20_000
"""Bytes of a start tag that are searched for the place of an attribute."""
_LONGEST_TEXT: Final = 10_000
_ATTRIBUTE: Final = re.compile(r"(?<=\s)([\w:.-]+)\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_END_OF_TAG: Final = re.compile(r"(?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+")


class Element:
    """One element: its name without prefix, its attributes as written, what is in it, and where it begins."""

    __slots__ = ("attributes", "column", "document", "line", "named", "offset", "parts", "tag", "text", "up")

    def __init__(self, tag: str, attributes: dict[str, str], up: "Element | None", document: "Document") -> None:
        self.tag, self.attributes, self.up, self.document = tag, attributes, up, document
        self.parts: list[Element] = []
        self.text = ""
        self.line = self.column = self.offset = 0
        self.named: Any = None  # what the model calls it, once it is read

    @property
    def kind(self) -> str:
        """The class that `xsi:type` names, without its prefix; '' if there is none."""
        return self.attributes.get("xsi:type", "").rpartition(":")[2]

    def within(self) -> Iterator["Element"]:
        """Return the element and all that is in it, in the order written."""
        waiting = [self]
        while waiting:
            each = waiting.pop()
            yield each
            waiting += reversed(each.parts)


class Document:
    """One XMI file: its roots, and where its elements stand."""

    def __init__(self, file: str, said: bytes) -> None:
        self.file, self._said = file, said
        self.roots: list[Element] = []
        self._places: dict[Element, dict[str, Span]] = {}
        self.namespaces: dict[str, str] = {}

    def at(self, element: Element, attribute: str = "") -> Span:
        """Return the place of an element, or of one of its attributes."""
        if not attribute:
            return Span(self.file, element.line, element.column, len(element.tag) + 1)
        if element not in self._places:
            self._places[element] = dict(self._attributes(element))
        return self._places[element].get(attribute) or self.at(element)

    def _attributes(self, element: Element) -> Iterator[tuple[str, Span]]:
        tag = self._said[element.offset : element.offset + _LONGEST_TAG].decode("utf-8", "ignore")
        line, begin = element.line, 1 - element.column
        done = 0
        for found in _ATTRIBUTE.finditer(tag[: _END_OF_TAG.match(tag).end()]):  # type: ignore[union-attr]
            lines = tag.count("\n", done, found.start())
            if lines:
                line, begin = line + lines, tag.rindex("\n", done, found.start()) + 1
            done = found.start()
            yield found[1], Span(self.file, line, done - begin + 1, len(found[1]))


class _Refused(Exception):
    """The file is left unread after a finding."""


def parse(said: str | bytes, file: str, problems: Problems) -> Document | None:
    """Return the elements of an XMI file, or None after an error."""
    text = decode(said, file, problems)
    if text is None:
        return None
    if len(text) > LONGEST:
        problems.report("K063", Span(file), f"more than {LONGEST:,} characters", help="split the model")
        return None
    document = Document(file, text.encode("utf-8", "surrogatepass"))
    try:
        _Parser(document, problems).run(document._said)
    except _Refused:
        return None
    return document


class _Parser:
    """Builds the elements of one document; the depth is bounded, as is their number."""

    def __init__(self, document: Document, problems: Problems) -> None:
        self.document, self.problems = document, problems
        self.open: list[Element] = []
        self.count = 0
        self.expat = expat.ParserCreate("utf-8")
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        self.expat.CharacterDataHandler = self._letters
        self.expat.StartDoctypeDeclHandler = self._doctype

    def run(self, said: bytes) -> None:
        try:
            self.expat.Parse(said, True)
        except expat.ExpatError as wrong:
            at = Span(self.document.file, max(wrong.lineno, 1), wrong.offset + 1)
            self.problems.report("K060", at, f"not XML: {expat.ErrorString(wrong.code)}", help="export the model anew")
            raise _Refused from None

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        up = self.open[-1] if self.open else None
        element = Element(tag.rpartition(":")[2], attributes, up, self.document)
        element.line = self.expat.CurrentLineNumber
        element.column = self.expat.CurrentColumnNumber + 1
        element.offset = self.expat.CurrentByteIndex
        if len(self.open) >= DEEPEST or self.count > MOST:
            said = f"elements are nested deeper than {DEEPEST}" if self.count <= MOST else f"more than {MOST:,} elements"
            self._refuse("K063", said, "split the model")
        if up:
            up.parts.append(element)
            if up.tag == "XMI" and len(self.open) == 1:
                self.document.roots.append(element)
        elif element.tag != "XMI":
            self.document.roots.append(element)
        if len(self.open) < 2:
            found = {each: said for each, said in attributes.items() if each.startswith("xmlns")}
            self.document.namespaces.update((each.partition(":")[2], said) for each, said in found.items())
        self.open.append(element)

    def _end(self, _: str) -> None:
        element = self.open.pop()
        element.text = element.text.strip()

    def _letters(self, said: str) -> None:
        element = self.open[-1]
        if not element.parts and len(element.text) < _LONGEST_TEXT:
            element.text += said

    def _doctype(self, *_: object) -> None:
        said = "a DOCTYPE is not allowed: it may define entities and name other files"
        self._refuse("K061", said, "remove it; XMI has none")

    def _refuse(self, code: str, said: str, help_: str) -> NoReturn:
        at = Span(self.document.file, self.expat.CurrentLineNumber, self.expat.CurrentColumnNumber + 1)
        self.problems.report(code, at, said, help=help_)
        raise _Refused
