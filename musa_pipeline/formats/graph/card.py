"""One box of the picture: its lines of text and its marks, and so its size."""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final

from musa_pipeline.formats.graph.model import Graph, Link, Mark, MarkKind, Shape, Vertex
from musa_pipeline.formats.graph.text_size import width

LABEL, DETAIL, MARK = 13.0, 11.0, 10.0
"""Sizes of type."""
PADDING: Final = 10.0
MARK_HEIGHT: Final = 16.0
MARK_GAP: Final = 4.0
_NARROWEST, _WIDEST = 120.0, 210.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A vertex with its marks in lines that fit, and its height; all cards of a picture are equally wide."""

    vertex: Vertex
    marks: tuple[tuple[Mark, ...], ...]
    height: float


def cards(graph: Graph) -> tuple[dict[str, Card], float]:
    """Return the cards by vertex, and their width; an agent that only protects becomes a mark on what it protects."""
    vertices = with_agents_as_marks(graph)
    room = max((_wish(each) for each in vertices), default=_NARROWEST)
    room = min(max(room, _NARROWEST), _WIDEST)
    return {each.id: _card(each, room - 2 * PADDING) for each in vertices}, room


def with_agents_as_marks(graph: Graph) -> list[Vertex]:
    """Return the vertices that are drawn as boxes."""
    agents = {each.id: each for each in graph.vertices if each.shape is Shape.AGENT}
    for edge in graph.drawn:
        for end in (edge.source, edge.target):
            if edge.link is not Link.PROTECTS or (end == edge.target and end in agents):
                agents.pop(end, None)
    protected: dict[str, list[Mark]] = defaultdict(list)
    for edge in graph.drawn:
        if edge.source in agents:
            protected[edge.target].append(Mark(kind=MarkKind.AGENT, text=agents[edge.source].label))
    protecting = {edge.source for edge in graph.drawn}
    kept = [each for each in graph.vertices if each.id not in agents or each.id not in protecting]
    return [replace(each, marks=(*each.marks, *dict.fromkeys(protected[each.id]))) for each in kept]


def mark_width(mark: Mark) -> float:
    """Return the width of one mark."""
    return width(mark.text, MARK) + 12


def _wish(vertex: Vertex) -> float:
    return 2 * PADDING + max(
        width(vertex.label, LABEL) * 1.06,  # set in bold
        width(vertex.detail, DETAIL),
        *(mark_width(each) for each in vertex.marks),
        0,
    )


def _card(vertex: Vertex, room: float) -> Card:
    lines: list[list[Mark]] = []
    left = 0.0
    for mark in vertex.marks:
        needed = mark_width(mark) + MARK_GAP
        if not lines or needed > left + MARK_GAP:
            lines.append([])
            left = room
        lines[-1].append(mark)
        left -= needed
    height = PADDING * 2 + LABEL + (DETAIL + 4 if vertex.detail else 0) + len(lines) * (MARK_HEIGHT + MARK_GAP)
    return Card(vertex=vertex, marks=tuple(map(tuple, lines)), height=height)
