"""The order in which nested boxes are written as text: each group opens, holds its members and closes."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from musa_pipeline.formats.graph.model import Graph, Group, Vertex


@dataclass(frozen=True, slots=True)
class Open:
    """A group begins, `depth` groups deep."""

    group: Group
    number: int
    depth: int


@dataclass(frozen=True, slots=True)
class Close:
    """The group at this depth ends."""

    depth: int


@dataclass(frozen=True, slots=True)
class Put:
    """A vertex stands here."""

    vertex: Vertex
    depth: int


def outline(graph: Graph) -> Iterator[Open | Close | Put]:
    """Yield groups and vertices in the order they are written, nested; groups without members are left out."""
    groups = {each.id: (number, each) for number, each in enumerate(graph.groups)}
    members: dict[tuple[str, ...], list[Vertex]] = defaultdict(list)
    for vertex in graph.vertices:
        members[graph.boxes_of(vertex)].append(vertex)
    opened: tuple[str, ...] = ()
    for boxes in sorted(members, key=lambda path: [groups[each][0] for each in path]):
        common = 0
        while common < min(len(opened), len(boxes)) and opened[common] == boxes[common]:
            common += 1
        for depth in reversed(range(common, len(opened))):
            yield Close(depth)
        for depth in range(common, len(boxes)):
            number, group = groups[boxes[depth]]
            yield Open(group, number, depth)
        opened = boxes
        for vertex in members[boxes]:
            yield Put(vertex, len(boxes))
    for depth in reversed(range(len(opened))):
        yield Close(depth)
