"""A property graph as Cypher text writes it: nodes with labels, arcs of one type, properties, each at its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from musa_pipeline.domain.source import Span

Value: TypeAlias = str | int | float | bool | tuple["Value", ...] | None
"""What a property may hold: one of the scalars, or a list of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One value, and where it is written."""

    value: Value
    at: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """One node. `key` is its own in the graph; `variable` is what the text calls it, '' where it does not."""

    key: str
    variable: str
    labels: tuple[str, ...]
    properties: Mapping[str, Property]
    at: Span

    def text(self, *names: str) -> str:
        """Return the first of these properties that says something, as text."""
        for name in names:
            if (found := self.properties.get(name)) and found.value not in (None, "", ()):
                return str(found.value).strip()
        return ""

    def place(self, *names: str) -> Span:
        """Return where the first of these properties is written, else the node's own place."""
        return next((self.properties[each].at for each in names if each in self.properties), self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """One relation from the node with the key `source` to that with the key `target`."""

    kind: str
    source: str
    target: str
    properties: Mapping[str, Property]
    at: Span

    def text(self, *names: str) -> str:
        """Return the first of these properties that says something, as text; of a list its members with commas."""
        for name in names:
            if (found := self.properties.get(name)) and found.value not in (None, "", ()):
                value = found.value
                return ",".join(map(str, value)) if isinstance(value, tuple) else str(value).strip()
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """All nodes and arcs of a text, in its order."""

    vertices: tuple[Vertex, ...]
    arcs: tuple[Arc, ...]
