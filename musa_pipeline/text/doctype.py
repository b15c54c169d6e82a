"""Where a document of XML declares a type, found without reading what it declares: entities and other files begin there."""

from contextlib import suppress
from typing import NoReturn
from xml.parsers import expat

from musa_pipeline.domain.source import Span


class _Found(Exception):
    """The first element or the DOCTYPE was reached."""


def doctype(data: bytes, file: str) -> Span | None:
    """Return the place of the document's DOCTYPE, None if it has none.

    Raises LookupError or ValueError for an encoding that nobody knows.
    """
    reader = expat.ParserCreate()
    found: list[Span] = []

    def stop(*_: object) -> NoReturn:
        raise _Found

    def at_doctype(*_: object) -> NoReturn:
        found.append(Span(file, reader.CurrentLineNumber, reader.CurrentColumnNumber + 1))
        raise _Found

    reader.StartDoctypeDeclHandler = at_doctype
    reader.StartElementHandler = stop
    with suppress(_Found, expat.ExpatError):  # what is not XML is told by the parser proper
        reader.Parse(data, True)
    return found[0] if found else None
