"""Our own notes in a document's `Context`, by the ids of the elements that they are about."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from musa_pipeline.domain.agreement import Member, Resource, ThreatNote
from musa_pipeline.domain.ids import ComponentId, ThreatId
from musa_pipeline.domain.metric import Value
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.threat import Stride
from musa_pipeline.formats.wsag.elements import Elements, child, children, text_of
from musa_pipeline.formats.wsag.values import value_of

_Word = TypeVar("_Word", bound=StrEnum)
_WHOLE = re.compile(r"-?[0-9]{1,9}", re.ASCII)


class Notes:
    """One `musa:template` or `musa:agreement`."""

    def __init__(self, note: etree._Element, elements: Elements) -> None:
        self.element, self._elements = note, elements
        self.terms = {each.get("ref", ""): each for each in children(note, "musa:terms", "musa:term")}
        self.objectives = {each.get("ref", ""): each for each in children(note, "musa:objectives", "musa:objective")}
        self._groups = {
            group.get("id", ""): tuple(elements.need(part, "name") for part in children(group, "musa:part"))
            for group in children(note, "musa:groups", "musa:group")
        }

    def threats(self) -> Iterator[ThreatNote]:
        """Return the threats as they are shown."""
        for each in children(self.element, "musa:threats", "musa:threat"):
            stride, rating = self.word(each, "stride", Stride), self.word(each, "rating", Rating)
            if stride and rating:
                yield ThreatNote(
                    threat=ThreatId(self.need(each, "id")),
                    title=self.need(each, "title"),
                    stride=stride,
                    rating=rating,
                    source=self.need(each, "source"),
                )

    def members(self) -> Iterator[Member]:
        """Return the documents that this one is composed of."""
        for each in children(self.element, "musa:members", "musa:member"):
            yield Member(
                component=ComponentId(self.need(each, "component")),
                document=self.need(each, "document"),
                digest=self.need(each, "sha256"),
            )

    def resources(self) -> Iterator[Resource]:
        """Return where the service runs, for a document without a service description."""
        for each in children(self.element, "musa:resources", "musa:resource"):
            yield Resource(
                provider=self.need(each, "provider"),
                offering=self.need(each, "offering"),
                zone=self.need(each, "zone"),
                title=self.need(each, "title"),
                os=each.get("os", ""),
            )

    def group(self, term: etree._Element, name: str) -> tuple[str, ...]:
        """Return the names in the group that an attribute of a promise refers to."""
        reference = term.get(name)
        if reference is None:
            return ()
        if reference not in self._groups:
            self._elements.broken(term, f"there is no 'musa:group' {reference!r}")
        return self._groups.get(reference, ())

    def alert(self, objective: etree._Element) -> Value | None:
        """Return the value at which people are warned, before the bound breaks."""
        written = objective.get("alert")
        if written is None:
            return None
        alert = value_of(written)
        if alert is None:
            self._elements.broken(objective, f"alert {written!r} is neither a number nor yes or no")
        return alert

    def need(self, element: etree._Element, name: str) -> str:
        """Return an attribute that must be there."""
        return self._elements.need(element, name)

    def word(self, element: etree._Element, name: str, words: type[_Word]) -> _Word | None:
        """Return an attribute that is one of a few words."""
        written = self.need(element, name)
        known = {each.value: each for each in words}
        if written not in known and element.get(name) is not None:
            self._elements.broken(element, f"{name} {written!r} is unknown", f"write one of: {', '.join(known)}")
        return known.get(written)

    def whole(self, element: etree._Element, name: str) -> int:
        """Return an attribute that is a whole number."""
        written = self.need(element, name).strip()
        if _WHOLE.fullmatch(written):
            return int(written)
        if element.get(name) is not None:
            self._elements.broken(element, f"{name} {written!r} is not a whole number")
        return 0


def because_of(element: etree._Element) -> str:
    """Return the reason that an element of ours gives."""
    return text_of(child(element, "musa:because"))
