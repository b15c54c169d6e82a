"""What happens while the platform runs, a line each: when, a word for the eye, a sentence, what more there is to know."""

from typing import TYPE_CHECKING

import click

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


def told(line: "Line", since: float) -> str:
    """Return a line as text, with minutes and seconds since a time."""
    seconds = max(0.0, line.time - since)
    clock = f"{int(seconds // 60):>3}:{seconds % 60:04.1f}"
    word = click.style(f"{line.word:<15}", fg=_COLORS.get(line.word))
    return f"{clock}  {word} {line.text}" + (click.style(f"   {line.detail}", dim=True) if line.detail else "")
