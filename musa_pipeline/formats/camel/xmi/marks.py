"""Places of statements that come from XMI: numbers that stand for elements and their attributes, as offsets do in a text."""

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.lexing import Places
from musa_pipeline.formats.camel.xmi.tree import Element


class Marks(Places):
    """Gives each element or attribute a number; its line and column are looked up only for findings and components."""

    def __init__(self, file: str) -> None:
        super().__init__("", file)
        self._marked: list[tuple[Element, str]] = []

    def mark(self, element: Element, attribute: str = "") -> int:
        """Return the number of a place."""
        self._marked.append((element, attribute))
        return len(self._marked) - 1

    def at(self, offset: int, length: int = 1) -> Span:  # noqa: ARG002
        """Return the place of a number."""
        element, attribute = self._marked[offset]
        return element.document.at(element, attribute)
