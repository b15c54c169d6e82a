"""One box of the picture: its lines of text and its marks, and so its size."""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final

from musa_pipeline.formats.graph.model import Graph, Link, Mark, MarkKind, Shape, Vertex
from musa_pipeline.text.lettering import width

LABEL, DETAIL, MARK = 13.0, 11.0, 10.0
"""Sizes of type."""
PADDING: Final = 10.0
MARK_HEIGHT: Final = 16.0
MARK_GAP: Final = 4.0
BOLD: Final = 1.16
"""How much wider bold type is."""
_NARROWEST, _WIDEST = 120.0, 240.0
_MANY = 4


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
    room = max((room, *(width(each.label, DETAIL) + PADDING for each in graph.groups)))  # a box names itself above its cards
    room = min(max(room, _NARROWEST), _WIDEST)
    return {each.id: _card(each, room - 2 * PADDING) for each in vertices}, room


def with_agents_as_marks(graph: Graph) -> list[Vertex]:
    """Return the vertices that are drawn as boxes."""
    agents = {each.id: each for each in graph.vertices if each.shape is Shape.AGENT}
    for edge in graph.drawn:
        agents.pop(edge.target, None)
        if edge.link is Link.USES:
            agents.pop(edge.source, None)
    protected: dict[str, list[Mark]] = defaultdict(list)
    protecting = set()
    for edge in graph.drawn:
        if edge.source in agents and edge.link is Link.PROTECTS:
            protecting.add(edge.source)
            protected[edge.target].append(Mark(kind=MarkKind.AGENT, text=agents[edge.source].label))
    kept = [each for each in graph.vertices if each.id not in agents or each.id not in protecting]
    return [replace(each, marks=(*each.marks, *dict.fromkeys(protected[each.id]))) for each in kept]


def mark_width(mark: Mark) -> float:
    """Return the width of one mark."""
    return width(mark.text, MARK) + 12


def _wish(vertex: Vertex) -> float:
    """Return how wide a card would like to be; with many marks, so wide that the two longest stand side by side."""
    marks = sorted(map(mark_width, vertex.marks), reverse=True)
    abreast = sum(marks[:2]) + MARK_GAP if len(marks) > _MANY else max(marks, default=0)
    return 2 * PADDING + max(width(vertex.label, LABEL) * BOLD, width(vertex.detail, DETAIL), abreast)


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
