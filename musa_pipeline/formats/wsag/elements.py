"""Elements of a document that is read: their attributes, texts and places, with a warning for whatever had to be mended."""

from collections.abc import Iterator
from functools import cache
from typing import cast

from lxml import etree

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.wsag.names import CCM, MUSA, NIST, SPECS, WSAG, XSD

BROKEN, MENDED, LEFT_OUT = "A005", "A006", "A008"
_SPACES = {"wsag": WSAG, "specs": SPECS, "nist": NIST, "ccm": CCM, "musa": MUSA, "xs": XSD}


class Elements:
    """Looks at elements of one file."""

    def __init__(self, file: str, problems: Problems) -> None:
        self._file, self._problems = file, problems

    def at(self, element: etree._Element) -> Span:
        """Return the place of an element: its line."""
        line = cast("int | None", element.sourceline)
        return Span(self._file, line or 1)

    def broken(self, element: etree._Element, text: str, way_out: str = "") -> None:
        """Report what cannot be used."""
        self._problems.report(BROKEN, self.at(element), text, help=way_out)

    def mended(self, element: etree._Element, text: str) -> None:
        """Tell what was taken for something else than it says."""
        self._problems.warn(MENDED, self.at(element), text)

    def left_out(self, element: etree._Element, text: str) -> None:
        """Tell what a value of ours cannot say."""
        self._problems.warn(LEFT_OUT, self.at(element), text)

    def wsag(self, element: etree._Element, name: str) -> str | None:
        """Return an attribute of WS-Agreement, which ought to be namespace-qualified."""
        value = element.get(qualified(f"wsag:{name}"))
        if value is None and element.get(name) is not None:
            value = element.get(name)
            self.mended(element, f"attribute {name!r} has no prefix; it was taken for 'wsag:{name}'")
        return value

    def need(self, element: etree._Element, name: str) -> str:
        """Return an attribute that our own elements must have."""
        value = element.get(name)
        if value is None:
            self.broken(element, f"'musa:{local(element)}' has no attribute {name!r}")
        return value or ""


@cache
def qualified(name: str) -> str:
    """Return `prefix:name` in the notation of lxml.

    >>> qualified("musa:term"), qualified("id")
    ('{urn:musa-pipeline:sla:1}term', 'id')
    """
    prefix, colon, local = name.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}" if colon else name


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(parent: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first element along a path of `prefix:Name`."""
    for name in path:
        parent = None if parent is None else parent.find(qualified(name))
    return parent


def children(parent: etree._Element | None, *path: str) -> Iterator[etree._Element]:
    """Return all elements at the end of a path of `prefix:Name`, in the order of the document."""
    *way, last = path
    found = [] if parent is None else [parent]
    for name in way:
        found = [each for one in found for each in one.findall(qualified(name))]
    for one in found:
        yield from one.findall(qualified(last))


def text_of(element: etree._Element | None) -> str:
    """Return the text of an element, of those inside it too."""
    return "" if element is None else "".join(map(str, element.itertext()))
