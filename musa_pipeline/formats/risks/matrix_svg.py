"""The risk matrix as one self-contained SVG document: likelihood to the right, impact upwards, every risk where its numbers put it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import hypot, log2
from typing import Final

from musa_pipeline.domain.risk import Rating
from musa_pipeline.formats.risks.dots import Dot, Point, cell, dots
from musa_pipeline.formats.risks.matrix_style import css
from musa_pipeline.text.lettering import fitted, lettered, pixels, safe, width

_STEP: Final = 60.0
_LEFT, _TOP, _PLOT = 78.0, 64.0, 9 * _STEP
_KEY: Final = _LEFT + _PLOT + 28
_KEY_WIDTH: Final = 372.0
_BELOW: Final = 76.0
_NAMED: Final = 20
"""Dots that the list beside the matrix names; the others say what they are when they are pointed at."""
_ARROWS: Final = 40
_TOLD: Final = 60
_TIP: Final = (
    '<defs><marker id="musa-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="tip" d="M0 0.5 8 4 0 7.5z"/></marker></defs>'
)
_STRIP: Final = 0.55
"""Steps of the scale that a cell's name takes, with some air."""
_SMALL: Final = 4.5
_BOLD: Final = 1.16
"""How much wider bold type is."""
_BOW: Final = 0.16
"""How far an arrow swings out, as a share of its length."""
_BANDS: Final = ("low", "medium", "high")
_MATRIX: Final = (
    (Rating.VERY_LOW, Rating.LOW, Rating.MEDIUM),
    (Rating.LOW, Rating.MEDIUM, Rating.HIGH),
    (Rating.MEDIUM, Rating.HIGH, Rating.CRITICAL),
)
"""By row, the band of impact, and column, the band of likelihood."""


def matrix(title: str, points: Sequence[Point]) -> str:
    """Return the SVG document; every word of the risks is escaped."""
    found, left = sorted(dots(points), key=_worst), dots(points, left=True)
    names = dict(zip(found[:_NAMED], "abcdefghijklmnopqrstuvwxyz", strict=False))
    wide, tall = _KEY + _KEY_WIDTH + 16, _TOP + _PLOT + _BELOW
    size = f'width="{pixels(wide)}" height="{pixels(tall)}" viewBox="0 0 {pixels(wide)} {pixels(tall)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="musa-matrix" role="img" {size} aria-label="{safe(title)}: risk matrix">',
        f"<title>{safe(title)}: risk matrix</title><desc>{safe(_summary(points))}</desc><style>{css()}</style>",
        _TIP,
        f'<rect class="ground" width="{pixels(wide)}" height="{pixels(tall)}"/>',
        lettered(fitted(f"{title} · risks", 17 * _BOLD, wide - 32), 16, 28, 17, bold=True),
        lettered(_counted(points), 16, 48, 12, "muted"),
        *_cells(points, (*found, *left)),
        *_axes(),
        *_arrows(found, left),
        *map(_remainder, left),
        *map(_dot, found),
        *(_letter(each, name) for each, name in names.items()),
        *_key(found, names),
        *_legend(bool(left)),
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _counted(points: Sequence[Point]) -> str:
    if not points:
        return "no risk applies"
    bands = _bands(each.rating for each in points)
    left = _bands(_in(*each.left) for each in points if each.left)
    return (
        f"{len(points)} risk{'' if len(points) == 1 else 's'}: {bands}{f' · with the granted controls: {left}' if left else ''}"
    )


def _bands(ratings: Iterable[Rating]) -> str:
    count = Counter(ratings)
    return ", ".join(f"{count[each]} {each}" for each in reversed(Rating) if count[each])


def _summary(points: Sequence[Point]) -> str:
    """Return what the picture shows, for those who cannot see it."""
    told = [f"{each.name}: {each.rating}, likelihood {each.likelihood:.1f}, impact {each.impact:.1f}" for each in points[:_TOLD]]
    more = f" And {len(points) - _TOLD} more." if len(points) > _TOLD else ""
    return f"{_counted(points)}. {'; '.join(told)}{'.' if told else ''}{more}"


def _x(likelihood: float) -> float:
    return _LEFT + likelihood * _STEP


def _y(impact: float) -> float:
    return _TOP + _PLOT - impact * _STEP


def _cells(points: Sequence[Point], drawn: Sequence[Dot]) -> Iterator[str]:
    """Yield the nine cells, each named at its upper edge, or at its lower one where that is freer of dots."""
    count = Counter(cell(each.likelihood, each.impact) for each in points)
    at_top = Counter(cell(each.likelihood, each.impact) for each in drawn if each.impact % 3 > 3 - _STRIP)
    at_foot = Counter(cell(each.likelihood, each.impact) for each in drawn if each.impact % 3 < _STRIP)
    for row, ratings in enumerate(_MATRIX):
        for column, rating in enumerate(ratings):
            x, y, side = _x(3 * column), _y(3 * row + 3), 3 * _STEP
            style = _class(rating)
            yield f'<rect class="cell {style}" x="{pixels(x)}" y="{pixels(y)}" width="{pixels(side)}" height="{pixels(side)}"/>'
            y += side - 9 if at_top[column, row] > at_foot[column, row] else 17
            yield lettered(str(rating), x + 8, y, 12, style, bold=True)
            if count[column, row]:
                yield lettered(str(count[column, row]), x + side - 8, y, 12, style, end=True)


def _axes() -> Iterator[str]:
    lines = "".join(
        f"M{pixels(_x(at))} {pixels(_y(0))}V{pixels(_y(9))}M{pixels(_x(0))} {pixels(_y(at))}H{pixels(_x(9))}"
        for at in (0, 3, 6, 9)
    )
    yield f'<path class="grid" d="{lines}"/>'
    for at in (0, 3, 6, 9):
        yield lettered(str(at), _x(at), _y(0) + 16, 11, "muted", middle=True)
        yield lettered(str(at), _x(0) - 7, _y(at) + 4, 11, "muted", end=True)
    for number, band in enumerate(_BANDS):
        middle = 3 * number + 1.5
        yield lettered(band, _x(middle), _y(0) + 16, 11, "muted", middle=True)
        yield _upright(band, _x(0) - 18, _y(middle), 11, "muted")
    yield lettered("likelihood →", _x(4.5), _y(0) + 36, 13, middle=True, bold=True)
    yield _upright("impact →", _x(0) - 42, _y(4.5), 13, "", bold=True)


def _arrows(found: Sequence[Dot], left: Sequence[Dot]) -> Iterator[str]:
    """Yield a line from each dot to where the granted controls leave its risks; where they change nothing there is none."""
    ends = {id(point): each for each in left for point in each.points}
    pairs = dict.fromkeys((start, end) for start in found for point in start.points if (end := ends.get(id(point))))
    drawn = 0
    for start, end in pairs:
        x, y, x2, y2 = _x(start.likelihood), _y(start.impact), _x(end.likelihood), _y(end.impact)
        far = hypot(x2 - x, y2 - y)
        room = far - _radius(start) - _SMALL
        if room < 6 or drawn == _ARROWS:
            continue
        drawn += 1
        yield f'<path class="way" d="{_arc(x, y, x2, y2, _radius(start) / far)}" marker-end="url(#musa-tip)"/>'


def _arc(x: float, y: float, x2: float, y2: float, begun: float) -> str:
    """Return a bow from one point to just before another, begun at a share of the way: lines in one row would hide each other."""
    bow_x, bow_y = (x + x2) / 2 - (y2 - y) * _BOW, (y + y2) / 2 + (x2 - x) * _BOW
    start_x, start_y = x + (bow_x - x) * 2 * begun, y + (bow_y - y) * 2 * begun
    back = (_SMALL + 1) / max(hypot(x2 - bow_x, y2 - bow_y), 1)
    end_x, end_y = x2 - (x2 - bow_x) * back, y2 - (y2 - bow_y) * back
    return f"M{pixels(start_x)} {pixels(start_y)}Q{pixels(bow_x)} {pixels(bow_y)} {pixels(end_x)} {pixels(end_y)}"


def _radius(dot: Dot) -> float:
    return min(8 + 1.2 * log2(len(dot.points)), 14.5)


def _dot(dot: Dot) -> str:
    x, y = _x(dot.likelihood), _y(dot.impact)
    number = str(len(dot.points)) if len(dot.points) < 1000 else f"{len(dot.points) // 1000}k"
    return (
        f'<g><title>{safe(_said(dot))}</title><circle class="dot {_class(_rating(dot))}" '
        f'cx="{pixels(x)}" cy="{pixels(y)}" r="{pixels(_radius(dot))}"/>{lettered(number, x, y + 3.6, 10, "in", middle=True, bold=True)}</g>'
    )


def _remainder(dot: Dot) -> str:
    """Return the small ring where the granted controls leave some risks."""
    x, y = _x(dot.likelihood), _y(dot.impact)
    return (
        f"<g><title>{safe(f'with the granted controls, {_said(dot)}')}</title>"
        f'<circle class="left {_class(_rating(dot))}" cx="{pixels(x)}" cy="{pixels(y)}" r="{pixels(_SMALL)}"/></g>'
    )


def _said(dot: Dot) -> str:
    shown = "; ".join(each.name for each in dot.points[:8]) + (f"; {len(dot.points) - 8} more" if len(dot.points) > 8 else "")
    return f"likelihood {dot.likelihood:.1f}, impact {dot.impact:.1f}: {shown}"


def _letter(dot: Dot, name: str) -> str:
    far = _radius(dot) * 0.72
    style = f"halo {_class(_rating(dot))}"
    return lettered(name, _x(dot.likelihood) + far + 1.5, _y(dot.impact) - far, 11, style, bold=True)


def _key(found: Sequence[Dot], names: dict[Dot, str]) -> Iterator[str]:
    """Yield the list beside the matrix: what stands where, worst first."""
    y = _TOP + 10
    for dot, name in names.items():
        style = _class(_rating(dot))
        place = f"{dot.likelihood:.1f} × {dot.impact:.1f}"
        yield lettered(name, _KEY, y, 12, style, bold=True)
        yield lettered(place, _KEY + 18, y, 11, "muted")
        yield lettered(fitted(dot.points[0].name, 12, _KEY_WIDTH - 130), _KEY + 76, y, 12)
        if len(dot.points) > 1:
            yield lettered(f"+ {len(dot.points) - 1}", _KEY + _KEY_WIDTH, y, 11, "muted", end=True)
        y += 26
    if rest := sum(len(each.points) for each in found[len(names) :]):
        yield lettered(f"and {rest} smaller risk{'' if rest == 1 else 's'} that no letter names", _KEY + 18, y, 11, "muted")


def _legend(arrows: bool) -> Iterator[str]:
    y = _TOP + _PLOT + 60
    yield f'<circle class="dot medium" cx="{pixels(_LEFT + 8)}" cy="{pixels(y - 4)}" r="7"/>'
    x = _LEFT + 21
    said = "risks before controls, with their number; those too near to each other share a dot"
    yield lettered(said, x, y, 11, "muted")
    if arrows:
        x += width(said, 11) + 24
        yield f'<circle class="left low" cx="{pixels(x)}" cy="{pixels(y - 4)}" r="{pixels(_SMALL)}"/>'
        yield lettered("what the granted controls leave of them", x + 13, y, 11, "muted")


def _worst(dot: Dot) -> tuple[float, float, float]:
    return (-_rating(dot).score, -dot.likelihood * dot.impact, dot.likelihood)


def _rating(dot: Dot) -> Rating:
    return _in(dot.likelihood, dot.impact)


def _in(likelihood: float, impact: float) -> Rating:
    column, row = cell(likelihood, impact)
    return _MATRIX[row][column]


def _class(rating: Rating) -> str:
    return rating.replace(" ", "-")


def _upright(said: str, x: float, y: float, size: float, style: str, *, bold: bool = False) -> str:
    return f'<g transform="translate({pixels(x)} {pixels(y)}) rotate(-90)">{lettered(said, 0, 0, size, style, middle=True, bold=bold)}</g>'
