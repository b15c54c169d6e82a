"""Where everything stands: cards on a grid of columns and rows, groups around them, lines in the free space between."""

from collections import defaultdict
from dataclasses import dataclass

from musa_pipeline.formats.graph.card import Card, cards
from musa_pipeline.formats.graph.columns import columns
from musa_pipeline.formats.graph.model import Edge, Graph, Group
from musa_pipeline.formats.graph.rows import rows
from musa_pipeline.formats.graph.tracks import tracks
from musa_pipeline.text.lettering import width

MARGIN = 16.0
TITLE = 20.0
WORD = 9.0
"""Size of type of what a line says."""
_PAD, _CHANNEL, _GAP, _TRACK = 8.0, 44.0, 14.0, 7.0
_LEAST, _MOST = 64.0, 128.0
"""Pixels for what a line says before it arrives."""


@dataclass(frozen=True, slots=True)
class Rect:
    """An area of the picture, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Half-way down."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Turn:
    """How a line that cannot go straight runs: out into a channel, along a gap between rows, in from another channel."""

    out: int
    gap: int
    into: int


@dataclass(frozen=True, slots=True)
class Line:
    """One edge with the points it passes; `curved`: a single sweep from the first to the last."""

    edge: Edge
    points: tuple[tuple[float, float], ...]
    curved: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture, measured."""

    width: float
    height: float
    cards: dict[str, Card]
    places: dict[str, Rect]
    groups: tuple[tuple[Group, Rect], ...]
    lines: tuple[Line, ...]
    card_width: float
    room: float
    borders: dict[Edge, float]

    def border(self, edge: Edge) -> float:
        """Return how far to the left the boxes reach that a line enters."""
        return self.borders.get(edge, self.width)


def lay_out(graph: Graph) -> Layout:
    """Return the measured picture; the same graph gives the same picture."""
    made, card_width = cards(graph)
    column = columns(graph, list(made))
    row, area = rows(graph, list(made), column)
    return _Measure(graph, made, card_width, column, row, area).layout()


class _Measure:
    def __init__(
        self,
        graph: Graph,
        made: dict[str, Card],
        card_width: float,
        column: dict[str, int],
        row: dict[str, int],
        area: dict[str, tuple[int, int, int, int]],
    ) -> None:
        self.graph, self.cards, self.card_width = graph, made, card_width
        self.column, self.row, self.area = column, row, area
        self.columns, self.rows = max(column.values(), default=-1) + 1, max(row.values(), default=-1) + 1
        self.edges = [each for each in graph.drawn if each.source in made and each.target in made]
        self.taken = {(column[each], row[each]) for each in made}
        self.nesting = self._nesting()
        self.room = min(max((width(each.label, WORD) for each in self.edges), default=0) + 2, _MOST)
        self.room = max(self.room, _LEAST) if any(each.label for each in self.edges) else 0.0

    def layout(self) -> Layout:
        turns = {each: turn for each in self.edges if (turn := self._turn(each))}
        lanes = tracks({each: (turn.gap, min(turn.out, turn.into), max(turn.out, turn.into)) for each, turn in turns.items()})
        gaps = self._set_rows(turns, lanes)
        places = {each: Rect(0, self._card_top(each), self.card_width, self.cards[each].height) for each in self.cards}
        ends = self._ends(places, turns)
        verticals: dict[tuple[Edge, int], tuple[int, float, float]] = {}
        along = {each: gaps[turn.gap] + lanes[each] * _TRACK for each, turn in turns.items()}
        for edge, turn in turns.items():
            for side, (channel, y) in enumerate(((turn.out, ends[edge][0]), (turn.into, ends[edge][1]))):
                verticals[edge, side] = (channel, min(y, along[edge]), max(y, along[edge]))
        sides = tracks(verticals)
        channels = self._set_columns(verticals, sides)
        places = {each: Rect(self.left[self.column[each]], at.y, at.width, at.height) for each, at in places.items()}
        lines = []
        for edge in self.edges:
            start, end = self._start(places, edge, ends[edge][0]), (places[edge.target].x, ends[edge][1])
            turn = turns.get(edge)
            if turn is None:
                lines.append(Line(edge, (start, end), curved=True))
                continue
            out, into = (channels[at] + sides[edge, side] * _TRACK for side, at in enumerate((turn.out, turn.into)))
            y = along[edge]
            lines.append(Line(edge, (start, (out, start[1]), (out, y), (into, y), (into, end[1]), end), curved=False))
        return Layout(
            self.width, self.height, self.cards, places, self._groups(), tuple(lines), self.card_width, self.room, self._borders()
        )

    def _nesting(self) -> dict[str, int]:
        """Return how many boxes deep each group is from inside: 1 for one that holds no other."""
        depth: dict[str, int] = defaultdict(lambda: 1)
        for path in self.graph.around.values():
            drawn = [each for each in path if each in self.area]
            for place, each in enumerate(drawn):
                depth[each] = max(depth[each], len(drawn) - place)
        return depth

    def _turn(self, edge: Edge) -> Turn | None:
        """Return the way around; None when the next column is the target, or nothing stands between in the row."""
        (left, top), (right, bottom) = ((self.column[each], self.row[each]) for each in (edge.source, edge.target))
        if right == left + 1:
            return None
        if right > left and top == bottom and not any((at, top) in self.taken for at in range(left + 1, right)):
            return None
        return Turn(out=left + 1, gap=top + 1 if bottom >= top else top, into=right)

    def _set_rows(self, turns: dict[Edge, Turn], lanes: dict[Edge, int]) -> list[float]:
        """Fix the rows from top to bottom; return where the first track of each gap is (gap n lies above row n)."""
        tall = [0.0] * self.rows
        for each, card in self.cards.items():
            tall[self.row[each]] = max(tall[self.row[each]], card.height)
        above, below = [0.0] * self.rows, [0.0] * self.rows
        for name, (_, top, _, bottom) in self.area.items():
            above[top] = max(above[top], self._head(name))
            below[bottom] = max(below[bottom], self.nesting[name] * _PAD)
        used = [0] * (self.rows + 1)
        for edge, turn in turns.items():
            used[turn.gap] = max(used[turn.gap], lanes[edge] + 1)
        self.top, self.tall = [], tall
        gaps = []
        y = MARGIN
        for at in range(self.rows + 1):
            gaps.append(y + _GAP / 2)
            y += _GAP + used[at] * _TRACK if used[at] or 0 < at < self.rows else 0
            if at < self.rows:
                self.top.append(y + above[at])
                y += above[at] + tall[at] + below[at]
        self.height = y + MARGIN
        return gaps

    def _head(self, group: str) -> float:
        return self.nesting[group] * (TITLE + 2)

    def _card_top(self, name: str) -> float:
        at = self.row[name]
        return self.top[at] + (self.tall[at] - self.cards[name].height) / 2

    def _ends(self, places: dict[str, Rect], turns: dict[Edge, Turn]) -> dict[Edge, list[float]]:
        """Return the heights at which each line leaves and arrives, spread over the sides of the cards without crossing."""
        sides: dict[tuple[str, int], list[tuple[float, int, Edge]]] = defaultdict(list)
        for number, edge in enumerate(self.edges):
            towards = places[edge.target].middle, places[edge.source].middle
            turn = turns.get(edge)
            if turn:  # the gap decides from where a line comes that has turned
                gap = self.top[turn.gap] if turn.gap < self.rows else self.height
                towards = gap, gap
            sides[edge.source, 0].append((towards[0], number, edge))
            sides[edge.target, 1].append((towards[1], number, edge))
        ends: dict[Edge, list[float]] = {each: [0.0, 0.0] for each in self.edges}
        for (name, side), lines in sides.items():
            place = places[name]
            step = min(12.0, (place.height - 16) / len(lines))
            for rank, (_, _, edge) in enumerate(sorted(lines, key=lambda each: each[:2])):
                ends[edge][side] = place.middle + (rank - (len(lines) - 1) / 2) * step
        return ends

    def _set_columns(
        self, verticals: dict[tuple[Edge, int], tuple[int, float, float]], sides: dict[tuple[Edge, int], int]
    ) -> list[float]:
        """Fix the columns from left to right; return where the first track of each channel is (channel n lies left of column n)."""
        used = [0] * (self.columns + 1)
        for each, (channel, _, _) in verticals.items():
            used[channel] = max(used[channel], sides[each] + 1)
        channel_width = self.room + 20 if self.room else _CHANNEL
        before, behind = [0.0] * (self.columns + 1), [0.0] * (self.columns + 1)
        for name, (left, _, right, _) in self.area.items():
            before[left] = max(before[left], self.nesting[name] * _PAD)
            behind[right + 1] = max(behind[right + 1], self.nesting[name] * _PAD)
        self.left = []
        channels = []
        x = MARGIN
        for at in range(self.columns + 1):
            x += behind[at]
            inside = 0 < at < self.columns
            channels.append(x + (channel_width / 2 if inside else _TRACK))
            x += (channel_width if inside else 0) + (used[at] * _TRACK + (0 if inside else 2 * _TRACK) if used[at] else 0)
            if at < self.columns:
                self.left.append(x + before[at])
                x += before[at] + self.card_width
        self.width = x + MARGIN
        return channels

    def _start(self, places: dict[str, Rect], edge: Edge, y: float) -> tuple[float, float]:
        place = places[edge.source]
        return (place.x + place.width, y)

    def _borders(self) -> dict[Edge, float]:
        """Return where each line crosses the outermost box that is around its target and not around its source."""
        around = {each.id: self.graph.boxes_of(each) for each in self.graph.vertices}
        left = {group.id: at.x for group, at in self._groups()}
        found = {}
        for edge in self.edges:
            entered = [left[each] for each in around[edge.target] if each not in around[edge.source] and each in left]
            if entered:
                found[edge] = min(entered)
        return found

    def _groups(self) -> tuple[tuple[Group, Rect], ...]:
        """Return the groups with their areas, the outer ones first."""
        found = []
        for group in self.graph.groups:
            if group.id in self.area:
                left, top, right, bottom = self.area[group.id]
                pad, head = self.nesting[group.id] * _PAD, self._head(group.id)
                x, y = self.left[left] - pad, self.top[top] - head
                x2, y2 = self.left[right] + self.card_width + pad, self.top[bottom] + self.tall[bottom] + pad
                found.append((group, Rect(x, y, x2 - x, y2 - y)))
        return tuple(sorted(found, key=lambda each: (-self.nesting[each[0].id], each[0].id)))
