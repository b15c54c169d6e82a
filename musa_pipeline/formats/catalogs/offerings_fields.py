"""Fields of catalog files on offerings: what is there, what is missing, what is misspelt; sources, amounts, grades."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Source, Span
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

DATE = re.compile(r"^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_ID = re.compile(r"^[a-z0-9][a-z0-9._-]*$")
_SIZE = re.compile(r"^(\d+(?:\.\d+)?) ?(MiB|GiB|TiB|MB|GB|TB)$")
_MIB = {"MiB": 1, "GiB": 1024, "TiB": 1024**2, "MB": 1e6 / 2**20, "GB": 1e9 / 2**20, "TB": 1e12 / 2**20}
_LARGEST = 1e15


@dataclass(slots=True)
class Fields:
    """One mapping of a file and what reads it; every lack is reported once, at its place."""

    node: Mapping
    problems: Problems
    what: str

    def known(self, names: Collection[str]) -> "Fields":
        """Report every field that is not one of these."""
        for name in self.node.entries.keys() - set(names):
            self.report("O003", self.node.keys[name], f"{self.what} has unknown field {name!r}", near(name, names))
        return self

    def report(self, code: str, at: Span, text: str, way_out: str = "") -> None:
        """Report an error of this entry."""
        self.problems.report(code, at, text, help=way_out)

    def missing(self, name: str, way_out: str = "") -> None:
        """Report that a field must be here."""
        self.report("O002", self.node.at, f"{self.what} has no {name!r}", way_out)

    def get(self, name: str) -> Node | None:
        """Return the value of a field; None if it is absent or empty."""
        node = self.node.entries.get(name)
        return None if isinstance(node, Scalar) and node.value is None else node

    def at(self, name: str) -> Span:
        """Return the place of a field's value, or of the entry."""
        node = self.node.entries.get(name)
        return node.at if node else self.node.at

    def text(self, name: str, *, needed: bool = False) -> str:
        """Return a field as text; empty if it is absent or no text."""
        node = self.get(name)
        if node is None:
            if needed:
                self.missing(name)
            return ""
        if not isinstance(node, Scalar):
            self.report("O001", node.at, f"{name!r} of {self.what} must be text")
            return ""
        return node.text.strip()

    def id(self, name: str = "id") -> str:
        """Return an identifier: lower case, digits, dot, hyphen, underscore."""
        text = self.text(name, needed=True)
        if text and not _ID.match(text):
            self.report("O012", self.at(name), f"{name} {text!r} is no identifier", "use lower-case letters, digits and hyphens")
            return ""
        return text

    def country(self, name: str) -> str:
        """Return an ISO 3166 alpha-2 code."""
        text = self.text(name, needed=True)
        if text and not _COUNTRY.match(text):
            self.report(
                "O012", self.at(name), f"{name} {text!r} is no country", "use the two capital letters of ISO 3166, as in 'DE'"
            )
            return ""
        return text

    def date(self, name: str) -> str:
        """Return a day, or a month where the document says no more."""
        text = self.text(name)
        if text and not DATE.match(text):
            self.report("O012", self.at(name), f"{name} {text!r} is no date", "write year-month-day, as in 2026-11-22")
            return ""
        return text

    def number(self, name: str, *, needed: bool = False) -> float | None:
        """Return a number that is not negative."""
        node = self.get(name)
        if node is None:
            if needed:
                self.missing(name)
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LARGEST:
            self.report("O012", node.at, f"{name!r} of {self.what} must be a number from 0 upwards")
            return None
        return value

    def mib(self, name: str) -> float:
        """Return a size in MiB; a bare number counts MiB."""
        node = self.get(name)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            found = _SIZE.match(node.value.strip())
            if found and float(found[1]) * _MIB[found[2]] < _LARGEST:
                return float(found[1]) * _MIB[found[2]]
            self.report("O012", node.at, f"{name} {node.value!r} is no size", "write a number and its unit, as in '4 GiB'")
            return 0.0
        return self.number(name) or 0.0

    def mapping(self, name: str, *, needed: bool = False) -> Mapping | None:
        """Return a field that is a mapping."""
        node = self.get(name)
        if node is None and needed:
            self.missing(name)
        if node is None or isinstance(node, Mapping):
            return node
        self.report("O001", node.at, f"{name!r} of {self.what} must be a mapping")
        return None

    def entries(self, name: str, *, needed: bool = False) -> Iterator["Fields"]:
        """Yield the mappings of a list."""
        node = self.get(name)
        if node is None:
            if needed:
                self.missing(name)
            return
        if not isinstance(node, Sequence):
            self.report("O001", node.at, f"{name!r} of {self.what} must be a list")
            return
        for item in node:
            if isinstance(item, Mapping):
                yield Fields(item, self.problems, f"an entry of {name!r}")
            else:
                self.report("O001", item.at, f"each entry of {name!r} must be a mapping")

    def words(self, name: str) -> list[Scalar]:
        """Return a list of texts; one text alone counts as a list of one."""
        node = self.get(name)
        if isinstance(node, Scalar):
            return [node]
        if not isinstance(node, Sequence):
            if node is not None:
                self.report("O001", node.at, f"{name!r} of {self.what} must be a list of texts")
            return []
        words = [item for item in node if isinstance(item, Scalar)]
        for item in node:
            if not isinstance(item, Scalar):
                self.report("O001", item.at, f"each entry of {name!r} must be text")
        return words


_SOURCE = ("document", "version", "clause", "link", "date")


def read_source(node: Node | None, named: dict[str, Source], problems: Problems, at: Span, what: str) -> Source | None:
    """Return who says so: a mapping with document and date, or the name of one in the file's `sources`."""
    match node:
        case Mapping():
            fields = Fields(node, problems, "a source").known(_SOURCE)
            source = Source(**{name: fields.date(name) if name == "date" else fields.text(name) for name in _SOURCE})
            if source.document and source.date:
                return source
            lack = "document" if not source.document else "date"
            problems.report(
                "O004", node.at, f"the source of {what} has no {lack}", help="state the document and the day it was read"
            )
        case Scalar(value=str() as name) if name in named:
            return named[name]
        case Scalar(value=str() as name):
            problems.report(
                "O004", node.at, f"{what} names source {name!r}, which the file does not have", help=near(name, named)
            )
        case None:
            problems.report(
                "O004", at, f"{what} has no source", help="state the document and the day it was read, or leave the claim out"
            )
        case _:
            problems.report("O001", node.at, f"the source of {what} must be a mapping, or a name in 'sources'")
    return None


def read_grade(fields: Fields, name: str, allowed: Collection[Evidence]) -> Evidence | None:
    """Return an evidence grade that is allowed here."""
    text = fields.text(name, needed=True)
    if not text:
        return None
    grade = Evidence.__members__.get(text)
    if grade in allowed:
        return grade
    choice = ", ".join(sorted(allowed))
    fields.report("O013", fields.at(name), f"{fields.what} has evidence {text!r}", f"allowed here: {choice}")
    return None
