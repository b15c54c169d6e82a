"""Aligned tables: columns as wide as they need, numbers to the right, nothing between but space."""

import re
from collections.abc import Sequence

import click

from musa_pipeline.cli.render.words import one_line

MOST = 200
"""Of what a whole model has, so many lines are for people; the rest is counted, and for programs."""
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_NUMBER = re.compile(r"^-?[\d ,.]+(\s?(%|EUR|EUR/month))?$")


def width(text: str) -> int:
    """Return the width of a text on the screen, styles left out."""
    return len(_STYLE.sub("", text))


def table(rows: Sequence[Sequence[str]], head: Sequence[str] = (), indent: int = 2) -> str:
    """Return rows as aligned lines; a column of numbers is set to the right."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    everything = [list(head), *rows] if head else rows
    if not everything:
        return ""
    count = max(map(len, everything))
    widths = [max((width(row[i]) for row in everything if i < len(row)), default=0) for i in range(count)]
    right = [all(_NUMBER.match(_STYLE.sub("", row[i])) for row in rows if i < len(row) and row[i]) for i in range(count)]
    lines = []
    for number, row in enumerate(everything):
        cells = []
        for i, cell in enumerate(row):
            space = " " * (widths[i] - width(cell))
            cells.append(space + cell if right[i] and rows else cell + space)
        line = (" " * indent + "  ".join(cells)).rstrip()
        lines.append(click.style(line, dim=True) if head and number == 0 else line)
    return "\n".join(lines)
