"""What happens while the platform runs, a line each: when, a word for the eye, a sentence, what more there is to know."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.services.pages.words import clock

if TYPE_CHECKING:
    from musa_pipeline.assurance.story import Line

_COLORS = {
    "violated": "red",
    "incident": "red",
    "failed": "red",
    "refused": "red",
    "at risk": "yellow",
    "held back": "yellow",
    "not determined": "yellow",
    "fulfilled": "green",
    "recovered": "green",
    "verified": "green",
    "policy": "cyan",
}


def told(line: "Line") -> str:
    """Return a line as text, with its time of day in UTC."""
    word = click.style(f"{line.word:<15}", fg=_COLORS.get(line.word))
    # what agents say may hold line breaks; a line of ours is one line
    text, detail = (" ".join(each.split()) for each in (line.text, line.detail))
    return f"{clock(line.time)}  {word} {text}" + (click.style(f"   {detail}", dim=True) if detail else "")
