"""What is drawn: boxes with marks, links between them, and the boxes around boxes (machines, providers, trust zones)."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

DEEPEST: Final = 5
"""Boxes within boxes; what lies deeper is drawn in the last one."""


class Shape(StrEnum):
    """What a box stands for."""

    COMPONENT = "component"
    HOST = "host"
    EXTERNAL = "external"
    AGENT = "agent"
    PROVIDER = "provider"
    ZONE = "zone"


class Link(StrEnum):
    """What a line between two boxes means."""

    USES = "uses"
    RUNS_ON = "runs on"
    PROTECTS = "protects"


class MarkKind(StrEnum):
    """What a mark on a box tells."""

    EXPOSED = "exposed"
    DATA = "data"
    SENSITIVE = "sensitive"
    AGENT = "agent"
    ZONE = "zone"
    MISSING = "missing"
    FULFILLED = "fulfilled"
    AT_RISK = "at-risk"
    VIOLATED = "violated"
    NOT_DETERMINED = "not-determined"
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One short word on a box."""

    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """One box; `detail` is its second line, `group` the box around it."""

    id: str
    label: str
    shape: Shape = Shape.COMPONENT
    detail: str = ""
    group: str | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`source` uses, runs on, or protects `target`; `plain`: what passes is not encrypted."""

    source: str
    target: str
    link: Link = Link.USES
    label: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A box around boxes: a machine, a provider, a trust zone; `parent` is the box around it, `tone` how far a zone is trusted."""

    id: str
    label: str
    shape: Shape = Shape.HOST
    parent: str | None = None
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Everything in the picture, in a fixed order. Edges that lead nowhere are not drawn; `caption` is a line of text below."""

    title: str
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...] = ()
    groups: tuple[Group, ...] = ()
    caption: str = ""

    @cached_property
    def drawn(self) -> tuple[Edge, ...]:
        """The edges whose two ends exist, each once."""
        known = {each.id for each in self.vertices}
        return tuple(dict.fromkeys(each for each in self.edges if each.source in known and each.target in known))

    @cached_property
    def around(self) -> dict[str, tuple[str, ...]]:
        """The boxes around the members of each group, itself last; at most DEEPEST, whatever the parents say."""
        parents = {each.id: each.parent for each in self.groups}
        found: dict[str, tuple[str, ...]] = {}
        for each in parents:
            chain: dict[str, None] = {}
            at: str | None = each
            while at is not None and at in parents and at not in chain:
                chain[at] = None
                at = parents[at]
            found[each] = tuple(reversed(chain))[:DEEPEST] if at is None or at not in chain else (each,)
        return found

    def boxes_of(self, vertex: Vertex) -> tuple[str, ...]:
        """Return the boxes around a vertex, the outermost first."""
        return self.around.get(vertex.group, ()) if vertex.group is not None else ()
