"""Side by side where lines would lie upon each other: each gets the first track that is free along its whole way."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from heapq import heappop, heappush
from typing import Final, TypeVar

_MOST: Final = 12
"""Tracks of one gap; with more lines than that, some share one."""

Name = TypeVar("Name", bound=Hashable)


def tracks(wanted: Mapping[Name, tuple[int, float, float]]) -> dict[Name, int]:
    """Return the track of each line, given the gap it lies in and from where to where.

    >>> tracks({"a": (0, 1, 5), "b": (0, 2, 3), "c": (0, 6, 7), "d": (1, 2, 3)})
    {'a': 0, 'b': 1, 'c': 0, 'd': 0}
    """
    gaps: dict[int, list[tuple[float, float, int, Name]]] = defaultdict(list)
    for order, (name, (gap, start, end)) in enumerate(wanted.items()):
        gaps[gap].append((start, end, order, name))
    found: dict[Name, int] = {}
    for lines in gaps.values():
        busy: list[tuple[float, int]] = []  # until where, which track
        free: list[int] = []
        made = 0
        for start, end, _, name in sorted(lines, key=lambda each: each[:3]):
            while busy and busy[0][0] < start:
                heappush(free, heappop(busy)[1])
            if free:
                track = heappop(free)
            else:
                track, made = made, made + 1
            heappush(busy, (end, track))
            found[name] = track % _MOST
    return {each: found[each] for each in wanted}
