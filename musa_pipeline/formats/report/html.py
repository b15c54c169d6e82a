"""A report as one HTML file: nothing from elsewhere, no script, its own style named by digest, so that it can be mailed and kept."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from musa_pipeline.formats.report.model import (
    Badge,
    Bar,
    Bars,
    Below,
    Block,
    Cell,
    Code,
    Fold,
    Picture,
    Piece,
    Report,
    Section,
    Table,
    Text,
    Tile,
    Tiles,
)
from musa_pipeline.formats.report.style import STYLE
from musa_pipeline.text.markup import one_line


def write_html(report: Report) -> str:
    """Return the page. Whatever words hold, they stay words: markup is escaped, signs that are not printed are replaced."""
    title = _words(report.title)
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}: Security SLA</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            f"<header><h1>{title}</h1><p>{_cell(report.subtitle)}</p></header>",
            '<div class="page">',
            _contents(report.sections),
            "<main>",
            *map(_section, report.sections),
            "</main>",
            "</div>",
            "</body>",
            "</html>",
            "",
        )
    )


def _policy() -> str:
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _contents(sections: tuple[Section, ...]) -> str:
    links = "".join(f'<li><a href="#{each.id}">{_words(each.title)}</a></li>' for each in sections)
    return f'<nav aria-label="Contents"><ol>{links}</ol></nav>'


def _section(section: Section) -> str:
    inside = "\n".join(map(_block, section.blocks))
    return f'<section id="{section.id}" aria-labelledby="{section.id}-title">\n<h2 id="{section.id}-title">{_words(section.title)}</h2>\n{inside}\n</section>'


def _block(block: Block) -> str:
    match block:
        case Text():
            return f"<p>{_cell(block.pieces)}</p>"
        case Tiles():
            return f'<dl class="tiles">{"".join(map(_tile, block.tiles))}</dl>'
        case Bars():
            return f'<div class="bars">{"".join(map(_bar, block.bars))}</div>'
        case Table():
            return _table(block)
        case Picture():
            return _picture(block)
        case Fold():
            inside = "\n".join(map(_block, block.blocks))
            return f"<details><summary>{_cell(block.title)}</summary><div>\n{inside}\n</div></details>"


def _tile(tile: Tile) -> str:
    note = f"<small>{_words(tile.note)}</small>" if tile.note else ""
    return f'<div class="tile {tile.tone}"><dd>{_words(tile.value)}</dd><dt>{_words(tile.label)}{note}</dt></div>'


def _bar(bar: Bar) -> str:
    whole = sum(number for _, number, _ in bar.parts) or 1
    said = ", ".join(f"{number} {name}" for name, number, _ in bar.parts if number)
    drawn, x = [], 0.0
    for _, number, tone in bar.parts:
        width = 100 * number / whole
        if number:
            drawn.append(f'<rect class="{tone}" x="{x:.2f}%" width="{width:.2f}%" height="100%"/>')
        x += width
    badges = " ".join(_piece(Badge(f"{number} {name}", tone)) for name, number, tone in bar.parts if number)
    picture = f'<svg role="img" aria-label="{_words(f"{bar.label}: {said}")}">{"".join(drawn)}</svg>'
    return f"<span>{_words(bar.label)}</span>{picture}<span>{badges}</span>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col"{_class(table, number)}>{_words(each)}</th>' for number, each in enumerate(table.head))
    rows = "\n".join(
        f"<tr>{''.join(f'<td{_class(table, number)}>{_cell(each)}</td>' for number, each in enumerate(row))}</tr>"
        for row in table.rows
    )
    more = f'<p class="more">{_words(table.more)}</p>' if table.more else ""
    return f'<div class="scroll" tabindex="0">\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>{more}'


def _class(table: Table, column: int) -> str:
    return ' class="right"' if column in table.right else ""


def _picture(picture: Picture) -> str:
    # as an image of its own the drawing can neither run anything nor change the page's style
    source = b64encode(picture.svg.encode("utf-8", "replace")).decode()
    return f'<figure><img alt="{_words(picture.words)}" src="data:image/svg+xml;base64,{source}"></figure>' if picture.svg else ""


def _cell(cell: Cell) -> str:
    return "".join(map(_piece, cell))


def _piece(piece: Piece) -> str:
    match piece:
        case Code():
            return f"<code>{_words(piece.text)}</code>"
        case Badge():
            return f'<span class="badge {piece.tone}">{_words(piece.text)}</span>'
        case Below():
            return f"<small>{_words(piece.text)}</small>"
        case _:
            # a space at either end stands between this piece and its neighbour
            return f"{' ' * piece[:1].isspace()}{_words(piece)}{' ' * (len(piece) > 1 and piece[-1:].isspace())}"


def _words(text: str) -> str:
    return escape(one_line(text))
