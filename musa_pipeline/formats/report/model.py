"""What a report is made of, whatever it is written in: sections of tiles, tables, bars, pictures and folded parts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Tone(StrEnum):
    """What a figure or a word means to who reads it; the word itself always says it too."""

    PLAIN = "plain"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    BAD = "bad"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Code:
    """A name as it stands in files: a component, a control, a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with a tone."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Below:
    """Smaller words on a line of their own."""

    text: str


Piece: TypeAlias = str | Code | Badge | Below
Cell: TypeAlias = tuple[Piece, ...]
"""Pieces one after the other, nothing between them."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    pieces: Cell


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that a manager asks for."""

    value: str
    label: str
    note: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures side by side."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A whole and its parts, each with its count and tone."""

    label: str
    parts: tuple[tuple[str, int, Tone], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars below each other, to be compared."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; columns in `right` hold figures. `more`: what is not listed, and where it is."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[int] = frozenset()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph: as SVG for a page, as Mermaid for Markdown, in words for who sees none. Either text may be empty."""

    svg: str
    mermaid: str
    words: str


@dataclass(frozen=True, slots=True)
class Fold:
    """A part that is opened when asked for."""

    title: Cell
    blocks: "tuple[Block, ...]"


Block: TypeAlias = Text | Tiles | Bars | Table | Picture | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """One section; `id` is unique in its report."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole."""

    title: str
    subtitle: Cell
    sections: tuple[Section, ...]


def names(found: Iterable[str], most: int = 8) -> Cell:
    """Return names with commas between, the first of them when there are many.

    >>> names(["web", "store"]), names("abc", 2)
    ((Code(text='web'), ', ', Code(text='store')), (Code(text='a'), ', ', Code(text='b'), ' and 1 more'))
    """
    every = list(found)
    pieces: list[Piece] = []
    for each in every[:most]:
        pieces += [", ", Code(each)]
    rest = (f" and {len(every) - most} more",) if len(every) > most else ()
    return (*pieces[1:], *rest)


def table(
    head: Sequence[str], rows: Iterable[Sequence[Cell | str]], *, right: Iterable[int] = (), most: int = 500, where: str = ""
) -> tuple[Block, ...]:
    """Return a table of the first rows, none at all without rows; `where` tells how to see the others."""
    every = [tuple((cell,) if isinstance(cell, str) else cell for cell in row) for row in rows]
    left = len(every) - most
    more = "" if left <= 0 else f"and {left:,} more" + (f": {where}" if where else "")
    return (Table(tuple(head), tuple(every[:most]), frozenset(right), more),) if every else ()


def count(number: int, what: str) -> str:
    """Return `1 control`, `2 controls`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
