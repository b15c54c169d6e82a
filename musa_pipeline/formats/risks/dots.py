"""Which risks share a dot in the matrix: those so near to each other that their dots would overlap, never those of two cells."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.risk import Rating

APART: Final = 0.5
"""The least distance of two dots of one cell, in steps of the scale 0..9."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One risk: what it is called, where it is, and where the granted controls leave it, if that is known."""

    name: str
    likelihood: float
    impact: float
    rating: Rating
    left: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """Some risks in one place: that of most of them."""

    likelihood: float
    impact: float
    points: tuple[Point, ...]


def cell(likelihood: float, impact: float) -> tuple[int, int]:
    """Return the column and row of the matrix, from 0: the band of each.

    >>> cell(0, 2.99), cell(6, 9), cell(3, 5.9)
    ((0, 0), (2, 2), (1, 1))
    """
    return min(int(likelihood // 3), 2), min(int(impact // 3), 2)


def dots(points: Iterable[Point], *, left: bool = False) -> tuple[Dot, ...]:
    """Return the dots for these risks, or for what is `left` of them; the order of the risks does not matter."""
    at: dict[tuple[float, float], list[Point]] = defaultdict(list)
    for each in points:
        if not left:
            at[each.likelihood, each.impact].append(each)
        elif each.left:
            at[each.left].append(each)
    centres: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    members: dict[tuple[float, float], list[Point]] = {}
    for place in sorted(at, key=lambda each: (-len(at[each]), each)):
        inside = centres[cell(*place)]
        near = min(inside, key=lambda each: (_distance(each, place), each), default=None)
        if near is None or _distance(near, place) >= APART:
            inside.append(place)
            members[place] = at[place]
        else:
            members[near] = members[near] + at[place]
    return tuple(
        Dot(likelihood=place[0], impact=place[1], points=tuple(sorted(found, key=lambda each: each.name)))
        for place, found in sorted(members.items(), key=lambda each: (-each[0][0] * each[0][1], each[0]))
    )


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)
