"""In which column each box stands: users left of what they use (longest path), after links that close a circle are set aside."""

from collections import defaultdict
from math import isqrt
from typing import Final

from musa_pipeline.formats.graph.model import Graph, Link

_MOST: Final = 24
"""Columns that a reader can still follow; a longer chain is laid out as a grid."""


def columns(graph: Graph, boxes: list[str]) -> dict[str, int]:
    """Return the column of each of these boxes, from 0."""
    known = set(boxes)
    after: dict[str, list[str]] = {each: [] for each in boxes}
    for edge in graph.drawn:
        if edge.link is not Link.PROTECTS and edge.source in known and edge.target in known and edge.source != edge.target:
            after[edge.source].append(edge.target)
    found = _longest(after)
    if max(found.values(), default=0) < _MOST:
        return found
    width = isqrt(len(boxes))
    order = sorted(boxes, key=lambda each: (found[each], each))
    return {each: place % width for place, each in enumerate(order)}


def _longest(after: dict[str, list[str]]) -> dict[str, int]:
    order, forward = _without_circles(after)
    column = dict.fromkeys(after, 0)
    for each in order:
        for target in forward[each]:
            column[target] = max(column[target], column[each] + 1)
    return _pulled(order, forward, column)


def _pulled(order: list[str], forward: dict[str, list[str]], column: dict[str, int]) -> dict[str, int]:
    """Move what nobody uses to the right, next to the first thing that it uses itself."""
    used = {target for targets in forward.values() for target in targets}
    for each in reversed(order):
        if each not in used and forward[each]:
            column[each] = min(column[target] for target in forward[each]) - 1
    return column


def _without_circles(after: dict[str, list[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """Return a topological order and the links that agree with it, by one depth-first walk without recursion."""
    forward: dict[str, list[str]] = defaultdict(list)
    state: dict[str, int] = {}  # 1: on the way, 2: done
    done: list[str] = []
    users = {target for targets in after.values() for target in targets}
    for start in sorted(after, key=lambda each: (each in users, each)):
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(after[start]))]
        while stack:
            each, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                stack.pop()
                state[each] = 2
                done.append(each)
            elif state.get(target) != 1:
                forward[each].append(target)
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(after[target])))
    return done[::-1], forward
