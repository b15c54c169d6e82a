"""A picture as one self-contained SVG document: no script, no font, no link to anywhere, readable in light and dark."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from musa_pipeline.formats.graph.card import BOLD, DETAIL, LABEL, MARK, MARK_GAP, MARK_HEIGHT, PADDING, Card, mark_width
from musa_pipeline.formats.graph.layout import MARGIN, TITLE, WORD, Layout, Line, Rect, lay_out
from musa_pipeline.formats.graph.model import Graph, Group, Link, Mark, MarkKind, Shape
from musa_pipeline.formats.graph.style import css
from musa_pipeline.text.lettering import fitted, lettered, pixels, safe, width

_LEGEND: Final = {
    MarkKind.EXPOSED: "reachable from outside",
    MarkKind.SENSITIVE: "sensitive data",
    MarkKind.DATA: "data",
    MarkKind.AGENT: "agent beside it",
    MarkKind.ZONE: "in a trust zone of its own",
    MarkKind.MISSING: "controls it lacks",
    MarkKind.FULFILLED: "promises kept",
    MarkKind.AT_RISK: "a promise is at risk",
    MarkKind.VIOLATED: "a promise is broken",
    MarkKind.NOT_DETERMINED: "no evidence",
    MarkKind.CRITICAL: "critical risk",
    MarkKind.HIGH: "high risk",
    MarkKind.MEDIUM: "medium risk",
    MarkKind.LOW: "low risk",
}
_HEAD: Final = (
    '<defs><marker id="musa-head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="head" d="M0 0.5 8 4 0 7.5z"/></marker>'
    '<marker id="musa-head-plain" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="head plain" d="M0 0.5 8 4 0 7.5z"/></marker></defs>'
)
_WORST: Final = (MarkKind.VIOLATED, MarkKind.AT_RISK, MarkKind.MISSING, MarkKind.EXPOSED, MarkKind.CRITICAL, MarkKind.HIGH)
"""The marks that colour the edge of their card, the first of them that it has."""
_LEGEND_HEIGHT: Final = 30.0
_BEND: Final = 6.0
_MOST_TOLD: Final = 100


def svg(graph: Graph) -> str:
    """Return the SVG document; every word from the graph is escaped."""
    layout = lay_out(graph)
    legend = list(_legend(layout))
    wide = max(layout.width, 2 * MARGIN + max(sum(each for _, each in legend), width(graph.caption, MARK)), 240.0)
    above = layout.height + (_LEGEND_HEIGHT if legend else 0)
    tall = above + (_LEGEND_HEIGHT if graph.caption else 0)
    size = f'width="{pixels(wide)}" height="{pixels(tall)}" viewBox="0 0 {pixels(wide)} {pixels(tall)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="musa-graph" role="img" {size} aria-label="{safe(graph.title)}">',
        f"<title>{safe(graph.title)}</title><desc>{safe(_summary(graph, layout))}</desc><style>{css()}</style>",
        _HEAD,
        f'<rect class="ground" width="{pixels(wide)}" height="{pixels(tall)}"/>',
        *(_box(group, at, layout.card_width) for group, at in layout.groups),
        *map(_way, layout.lines),
        *(_card(card, layout.places[name]) for name, card in layout.cards.items()),
        *_labels(layout),
    ]
    x = MARGIN
    for item, needed in legend:
        parts.append(f'<g transform="translate({pixels(x)} {pixels(layout.height)})">{item}</g>')
        x += needed
    if graph.caption:
        parts.append(lettered(graph.caption, MARGIN, above + 8, MARK, "muted"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _summary(graph: Graph, layout: Layout) -> str:
    """Return what the picture shows, for those who cannot see it."""
    names = {each.id: each.label for each in graph.vertices}
    linked: dict[str, dict[Link, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in layout.lines:
        linked[line.edge.source][line.edge.link].append(names[line.edge.target])
    sentences = [f"{len(layout.cards)} boxes and {len(layout.lines)} links."]
    for name, card in islice(layout.cards.items(), _MOST_TOLD):
        marks = ", ".join(each.text for line in card.marks for each in line)
        links = "; ".join(f"{link} {', '.join(targets)}" for link, targets in linked[name].items())
        sentences.append(f"{card.vertex.label}{f' ({marks})' if marks else ''}{f' {links}' if links else ''}.")
    return " ".join(sentences)


def _box(group: Group, at: Rect, room: float) -> str:
    """Return a group; its name is no wider than a card, since lines may pass behind that."""
    label = fitted(group.label, DETAIL, room + 4)
    size = f'x="{pixels(at.x)}" y="{pixels(at.y)}" width="{pixels(at.width)}" height="{pixels(at.height)}"'
    outer = group.shape in (Shape.PROVIDER, Shape.ZONE)
    text = lettered(label, at.x + 8, at.y + TITLE - 5, DETAIL, "muted", bold=outer)
    kind = f"{group.shape} {group.tone}".strip()
    return f'<g><title>{safe(group.label)}</title><rect class="box {safe(kind)}" rx="8" {size}/>{text}</g>'


def _card(card: Card, at: Rect) -> str:
    vertex = card.vertex
    kinds = {each.kind for line in card.marks for each in line}
    worst = next((f" is-{each}" for each in _WORST if each in kinds), "")
    room = at.width - 2 * PADDING
    x, y = at.x + PADDING, at.y + PADDING + LABEL - 2
    said = ", ".join(part for part in (vertex.label, vertex.detail, *(each.text for line in card.marks for each in line)) if part)
    size = f'x="{pixels(at.x)}" y="{pixels(at.y)}" width="{pixels(at.width)}" height="{pixels(at.height)}"'
    parts = [
        f"<g><title>{safe(said)}</title>",
        f'<rect class="card {vertex.shape}{worst}" rx="{18 if vertex.shape is Shape.EXTERNAL else 6}" {size}/>',
        lettered(fitted(vertex.label, LABEL * BOLD, room), x, y, LABEL, bold=True),
    ]
    if vertex.detail:
        y += DETAIL + 4
        parts.append(lettered(fitted(vertex.detail, DETAIL, room), x, y, DETAIL, "muted"))
    y += MARK_GAP + 2
    for line in card.marks:
        left = x
        for mark in line:
            parts.append(_mark(mark, left, y, min(mark_width(mark), room)))
            left += mark_width(mark) + MARK_GAP
        y += MARK_HEIGHT + MARK_GAP
    return "".join([*parts, "</g>"])


def _mark(mark: Mark, x: float, y: float, wide: float) -> str:
    dashed = ' stroke-dasharray="3 2"' if mark.kind is MarkKind.AGENT else ""
    text = lettered(fitted(mark.text, MARK, wide - 10), x + wide / 2, y + MARK_HEIGHT - 4.5, MARK, mark.kind, middle=True)
    size = f'x="{pixels(x)}" y="{pixels(y)}" width="{pixels(wide)}" height="{pixels(MARK_HEIGHT)}"'
    return f'<rect class="mark {mark.kind}" rx="8" {size}{dashed}/>{text}'


def _way(line: Line) -> str:
    edge = line.edge
    head = "" if edge.link is Link.PROTECTS else f' marker-end="url(#musa-head{"-plain" if edge.plain else ""})"'
    told = f"<title>{safe(f'{edge.link} {edge.label}'.strip())}</title>"
    return (
        f'<path class="way {edge.link.replace(" ", "-")}{" plain" if edge.plain else ""}" d="{_path(line)}"{head}>{told}</path>'
    )


def _path(line: Line) -> str:
    """Return a sweep between two points, or a way with rounded corners through several."""
    (x, y), *rest = line.points
    if line.curved:
        x2, y2 = rest[-1]
        bow = min((x2 - x) / 2, 60.0)
        return f"M{pixels(x)} {pixels(y)}C{pixels(x + bow)} {pixels(y)} {pixels(x2 - bow)} {pixels(y2)} {pixels(x2)} {pixels(y2)}"
    path = [f"M{pixels(x)} {pixels(y)}"]
    before = (x, y)
    for corner, after in pairwise(rest):
        start, end = _short_of(corner, before), _short_of(corner, after)
        path.append(
            f"L{pixels(start[0])} {pixels(start[1])}Q{pixels(corner[0])} {pixels(corner[1])} {pixels(end[0])} {pixels(end[1])}"
        )
        before = corner
    return "".join([*path, f"L{pixels(rest[-1][0])} {pixels(rest[-1][1])}"])


def _short_of(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return the point a little before a corner; lines are level or upright here."""
    found = []
    for here, there in zip(corner, other, strict=True):
        step = min(_BEND, abs(there - here) / 2)
        found.append(here + (step if there > here else -step))
    return (found[0], found[1])


def _labels(layout: Layout) -> Iterator[str]:
    """Yield what the lines say, before the arrow; the same words at one box only once, at the highest of its lines."""
    highest: dict[tuple[str, str, bool], tuple[float, float]] = {}
    for line in layout.lines:
        x, y = line.points[-1]
        x = min(x - 9, layout.border(line.edge) - 4)
        if line.edge.label:
            said = (line.edge.target, line.edge.label, line.edge.plain)
            highest[said] = min(highest.get(said, (y, x)), (y, x))
    for (_, label, plain), (y, x) in highest.items():
        yield lettered(fitted(label, WORD, layout.room), x, y - 4, WORD, f"{'plain' if plain else 'muted'} halo", end=True)


def _legend(layout: Layout) -> Iterator[tuple[str, float]]:
    """Yield what the marks in the picture mean, each with the width it takes."""
    used = {mark.kind: mark for card in layout.cards.values() for line in card.marks for mark in line}
    for kind, meaning in _LEGEND.items():
        if kind in used:
            swatch = f'<rect class="mark {kind}" rx="5" y="3" width="16" height="10"/>'
            yield swatch + lettered(meaning, 21, 12, MARK, "muted"), 40 + width(meaning, MARK)
    drawn = {
        "not encrypted": ('<path class="way plain" d="M0 8H16"/>', any(each.edge.plain for each in layout.lines)),
        "runs on": ('<path class="way runs-on" d="M0 8H16"/>', any(each.edge.link is Link.RUNS_ON for each in layout.lines)),
        "trust zone": ('<rect class="box zone" rx="3" y="3" width="16" height="10"/>', _has(layout, Shape.ZONE)),
        "machine": ('<rect class="box host" rx="3" y="3" width="16" height="10"/>', _has(layout, Shape.HOST)),
    }
    for meaning, (swatch, there) in drawn.items():
        if there:
            yield swatch + lettered(meaning, 21, 12, MARK, "muted"), 40 + width(meaning, MARK)


def _has(layout: Layout, shape: Shape) -> bool:
    """Tell whether a picture with trust zones has a box of this shape: without them its boxes need no explanation."""
    shapes = {group.shape for group, _ in layout.groups}
    return Shape.ZONE in shapes and shape in shapes
