"""Proofs as trees."""

from dataclasses import dataclass, field

import click

from musa_pipeline.cli.render.words import one_line


@dataclass(slots=True)
class Branch:
    """One line of a tree, the place it can be looked up, and what is beneath."""

    text: str
    place: str = ""
    beneath: list["Branch"] = field(default_factory=list)


def draw(branches: list[Branch], before: str = "") -> list[str]:
    """Return the lines of a tree."""
    lines = []
    for number, each in enumerate(branches):
        last = number == len(branches) - 1
        place = click.style(f"  {each.place}", dim=True) if each.place else ""
        lines.append(f"{before}{'└─ ' if last else '├─ '}{one_line(each.text)}{place}")
        lines += draw(each.beneath, before + ("   " if last else "│  "))
    return lines
