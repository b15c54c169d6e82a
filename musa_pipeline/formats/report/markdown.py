"""A report as Markdown (GitHub's flavour), for a merge request, a wiki or a terminal."""

from collections.abc import Iterator

from musa_pipeline.formats.report.model import (
    Badge,
    Bars,
    Below,
    Block,
    Cell,
    Code,
    Fold,
    Picture,
    Piece,
    Report,
    Table,
    Text,
    Tiles,
    Tone,
)
from musa_pipeline.text.markup import code, head, plain, row

LARGEST_DIAGRAM = 50_000
"""Characters of Mermaid that a page still draws."""
_STRONG = frozenset({Tone.BAD, Tone.WORST})


def write_markdown(report: Report) -> str:
    """Return the text; words of other people are shown as they are, and mean nothing to a reader of Markdown."""
    lines = [f"# {plain(report.title)}", "", _cell(report.subtitle)]
    for section in report.sections:
        lines += ["", f"## {plain(section.title)}"]
        for block in section.blocks:
            lines += ["", *_block(block)]
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Text():
            yield _cell(block.pieces)
        case Tiles():
            for tile in block.tiles:
                note = f" ({plain(tile.note)})" if tile.note else ""
                yield f"- **{plain(tile.value)}** {plain(tile.label)}{note}"
        case Bars():
            names = [name for name, _, _ in block.bars[0].parts] if block.bars else []
            yield from head("", *names, right=frozenset(range(1, len(names) + 1)))
            for bar in block.bars:
                yield row(plain(bar.label), *(str(number) for _, number, _ in bar.parts))
        case Table():
            yield from _table(block)
        case Picture():
            if block.mermaid and len(block.mermaid) <= LARGEST_DIAGRAM:
                yield from ("```mermaid", block.mermaid.rstrip(), "```")
            else:
                yield plain(block.words)
        case Fold():
            yield f"### {_cell(block.title)}"
            for inside in block.blocks:
                yield ""
                yield from _block(inside)


def _table(table: Table) -> Iterator[str]:
    yield from head(*(plain(each) for each in table.head), right=table.right)
    for each in table.rows:
        yield row(*map(_cell, each))
    if table.more:
        yield from ("", plain(table.more))


def _cell(cell: Cell) -> str:
    return "".join(map(_piece, cell)).strip()


def _piece(piece: Piece) -> str:
    match piece:
        case Code():
            return code(piece.text)
        case Badge():
            return f"**{plain(piece.text)}**" if piece.tone in _STRONG else plain(piece.text)
        case Below():
            return f"<br>{plain(piece.text)}" if piece.text else ""
        case _:
            return f"{' ' * piece[:1].isspace()}{plain(piece)}{' ' * (len(piece) > 1 and piece[-1:].isspace())}"
