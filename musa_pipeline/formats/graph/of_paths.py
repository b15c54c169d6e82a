"""Attack paths as a picture: the internet, what is entered on the way and by which risk, and the data at the end, in their zones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

from musa_pipeline.domain.attack import AttackPath, AttackPaths
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import ComponentId, ThreatId
from musa_pipeline.domain.risk import Rating
from musa_pipeline.formats.graph.model import Edge, Graph, Link, Mark, MarkKind, Shape, Vertex
from musa_pipeline.formats.graph.of_cpim import graph_of_cpim

MOST: Final = 12
"""Paths that one picture can show and a reader still follow."""
LONGEST: Final = 12
"""Components of one path that are drawn; of a longer one its last."""
_INTERNET: Final = "attack/internet"
_KINDS: Final = {
    Rating.CRITICAL: MarkKind.CRITICAL,
    Rating.HIGH: MarkKind.HIGH,
    Rating.MEDIUM: MarkKind.MEDIUM,
    Rating.LOW: MarkKind.LOW,
    Rating.VERY_LOW: MarkKind.LOW,
}


def graph_of_paths(cpim: Cpim, found: AttackPaths, titles: Mapping[ThreatId, str]) -> Graph:
    """Return the picture of the worst paths; `titles` are those of the threats. What is on no path is left out."""
    shown = found.paths[:MOST]
    hops = {each: each.hops[-LONGEST:] for each in shown}
    steps = {frozenset((a.component, b.component)) for path in hops.values() for a, b in pairwise(path)}
    known = {each.id: each for each in cpim.components}
    kept = _with_hosts({hop.component for path in hops.values() for hop in path}, known)
    graph = graph_of_cpim(
        replace(
            cpim,
            components=tuple(_bare(each) for each in cpim.components if each.id in kept),
            connections=tuple(each for each in cpim.connections if frozenset((each.source, each.target)) in steps),
            agents=(),
        )
    )
    marks = _marks(shown, titles)
    vertices = tuple(replace(each, marks=(*marks.get(each.id, ()), *_of_data(each))) for each in graph.vertices)
    linked = tuple(each for each in graph.edges if each.link is Link.USES)
    drawn = {each.id for each in graph.vertices}
    ways = dict.fromkeys(edge for path in shown for edge in _ways(path, drawn, known))
    there = {frozenset((each.source, each.target)) for each in linked}
    return replace(
        graph,
        title=f"{found.application}: attack paths",
        vertices=(Vertex(id=_INTERNET, label="internet", shape=Shape.EXTERNAL), *vertices),
        edges=(
            *sorted((each for each in ways if frozenset((each.source, each.target)) not in there), key=lambda each: each.target),
            *linked,
        ),
        caption=_caption(found, len(shown)),
    )


def _ways(path: AttackPath, drawn: set[str], known: Mapping[ComponentId, Component]) -> Iterator[Edge]:
    """Yield the steps of a path from the internet on; a machine that is drawn as a box is no end of a line, but gone through."""
    left_out = len(path.hops) - LONGEST
    before, through = _INTERNET, f"through {left_out} more" if left_out > 0 else ""
    for hop in path.hops[-LONGEST:]:
        if hop.component in drawn:
            yield Edge(source=before, target=hop.component, label=through)
            before, through = hop.component, ""
        else:
            through = f"through {known[hop.component].name}"


def _with_hosts(wanted: set[ComponentId], known: Mapping[ComponentId, Component]) -> set[ComponentId]:
    kept: set[ComponentId] = set()
    for each in wanted:
        at: ComponentId | None = each
        while at is not None and at in known and at not in kept:
            kept.add(at)
            at = known[at].host
    return kept


def _bare(component: Component) -> Component:
    """Return a component without the marks of which this picture does not speak: how many there are of it is left too."""
    return replace(component, exposed=None, instances=1)


def _of_data(vertex: Vertex) -> tuple[Mark, ...]:
    return tuple(each for each in vertex.marks if each.kind is MarkKind.SENSITIVE)


def _marks(paths: Iterable[AttackPath], titles: Mapping[ThreatId, str]) -> dict[str, tuple[Mark, ...]]:
    """Return, for each component, the paths that end there by number, and the risks by which it is entered or struck."""
    found: dict[str, dict[Mark, None]] = defaultdict(dict)
    for number, path in enumerate(paths, 1):
        text = f"path {number}: {path.rating} · {path.likelihood:.1f} × {path.impact:.1f}"
        found[path.target][Mark(kind=_KINDS[path.rating], text=text)] = None
        for hop in path.hops:
            if hop.risk:
                text = f"{hop.risk.rating} · {titles.get(hop.risk.threat, hop.risk.threat)}"
                found[hop.component][Mark(kind=_KINDS[hop.risk.rating], text=text)] = None
    return {each: tuple(marks) for each, marks in found.items()}


def _caption(found: AttackPaths, shown: int) -> str:
    if not shown:
        return "the model shows no way from the internet to data that must not be read"
    total = len(found.paths) + found.more
    parts = [f"the {shown} worst of {total} paths" if total > shown else f"{total} path{'' if total == 1 else 's'}"]
    parts.append("a path is as likely as its least likely hop; its impact is that at its end (likelihood × impact, 0 to 9)")
    if found.unreached:
        parts.append(f"no way shown to {', '.join(found.unreached[:4])}{' …' if len(found.unreached) > 4 else ''}")
    return " · ".join(parts)
