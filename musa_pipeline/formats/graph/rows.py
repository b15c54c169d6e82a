"""In which row each box stands, so that machines and providers stay whole, short and near to what they talk to."""

from collections import defaultdict
from dataclasses import dataclass, field

from musa_pipeline.formats.graph.model import Graph

_SWEEPS = 12


@dataclass(slots=True)
class Block:
    """A group or a single box on the grid: columns `left` to `right`, `height` rows from `top`; `top` is that in its parent."""

    name: str
    left: int
    right: int
    height: int = 1
    top: int = 0
    inner: list["Block"] = field(default_factory=list)
    wish: float = 0.0


def rows(graph: Graph, boxes: list[str], column: dict[str, int]) -> tuple[dict[str, int], dict[str, tuple[int, int, int, int]]]:
    """Return the row of each box, and the area of each group as (left, top, right, bottom), all from 0 and inclusive."""
    if not boxes:
        return {}, {}
    neighbours: dict[str, list[str]] = defaultdict(list)
    for edge in graph.drawn:
        if edge.source in column and edge.target in column and edge.source != edge.target:
            neighbours[edge.source].append(edge.target)
            neighbours[edge.target].append(edge.source)
    root = _blocks(graph, boxes, column)
    wish = {each: float(place) for place, each in enumerate(sorted(boxes))}
    best: tuple[float, dict[str, int], dict[str, tuple[int, int, int, int]]] | None = None
    for _ in range(_SWEEPS if len(boxes) < 2_000 else 2):
        _hope(root, wish)
        _pack(root)
        row: dict[str, int] = {}
        area: dict[str, tuple[int, int, int, int]] = {}
        _place(root, 0, row, area)
        cost = float(sum(abs(row[each] - row[other]) for each in boxes for other in neighbours[each])) + max(
            row.values(), default=0
        )
        if best is None or cost < best[0]:
            best = (cost, row, area)
        wish = {each: _middle([row[other] for other in neighbours[each]], row[each]) for each in boxes}
    return (best[1], best[2]) if best else ({}, {})


def _middle(values: list[int], own: int) -> float:
    """Return the mean row of the neighbours, drawn a little to where the box is, so that sweeps come to rest."""
    return 0.9 * sum(values) / len(values) + 0.1 * own if values else float(own)


def _blocks(graph: Graph, boxes: list[str], column: dict[str, int]) -> Block:
    """Return the tree of groups over the boxes; groups without members are left out."""
    root = Block("", 0, max(column.values(), default=0))
    made: dict[tuple[str, ...], Block] = {(): root}
    drawn = set(boxes)
    for vertex in graph.vertices:
        if vertex.id not in drawn:
            continue
        path = graph.boxes_of(vertex)
        at = column[vertex.id]
        for depth in range(1, len(path) + 1):
            block = made.get(path[:depth])
            if block is None:
                block = made[path[:depth]] = Block(path[depth - 1], at, at)
                made[path[: depth - 1]].inner.append(block)
            block.left, block.right = min(block.left, at), max(block.right, at)
        made[path].inner.append(Block(vertex.id, at, at))
    return root


def _hope(block: Block, wish: dict[str, float]) -> tuple[float, int]:
    """Set where each block would like to be: the mean of its members."""
    if not block.inner:
        block.wish = wish[block.name]
        return block.wish, 1
    parts = [_hope(each, wish) for each in block.inner]
    total, count = sum(each for each, _ in parts), sum(count for _, count in parts)
    block.wish = total / count
    return total, count


def _pack(block: Block) -> None:
    """Place what is inside, each as high as the columns it spans allow, in the order of their wishes."""
    if not block.inner:
        return
    for each in block.inner:
        _pack(each)
    block.inner.sort(key=lambda each: (each.wish, each.left, each.name))
    tight = _stack(block.inner, None)
    block.height = max(tight, 1)
    if not block.name:  # only the whole picture knows rows; a group does not know yet where it will stand
        _stack(block.inner, tight)


def _stack(blocks: list[Block], within: int | None) -> int:
    """Put each block below what is already in its columns; with `within`, lower if it wishes and the picture stays as high."""
    free: dict[int, int] = defaultdict(int)
    left = _needed(blocks)
    for each in blocks:
        span = range(each.left, each.right + 1)
        top = max(free[at] for at in span)
        if within is not None:
            for at in span:
                left[at] -= each.height
            last = min(within - each.height - left[at] for at in span)
            top = max(top, min(round(each.wish), last))
        each.top = top
        for at in span:
            free[at] = top + each.height
    return max(free.values(), default=0)


def _needed(blocks: list[Block]) -> dict[int, int]:
    """Return how many rows the blocks of each column take together."""
    left: dict[int, int] = defaultdict(int)
    for each in blocks:
        for at in range(each.left, each.right + 1):
            left[at] += each.height
    return left


def _place(block: Block, top: int, row: dict[str, int], area: dict[str, tuple[int, int, int, int]]) -> None:
    """Write down the rows of the boxes and the areas of the groups."""
    for each in block.inner:
        at = top + each.top
        if each.inner:
            area[each.name] = (each.left, at, each.right, at + each.height - 1)
            _place(each, at, row, area)
        else:
            row[each.name] = at
