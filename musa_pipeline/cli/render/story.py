"""What happens while the platform runs, a line each: when, a word for the eye, a sentence, what more there is to know."""

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.outlet import Outlet

if TYPE_CHECKING:
    from musa_pipeline.assurance.story import Line
    from musa_pipeline.services.watched import Watched

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


class Teller:
    """Prints lines; times count from the beginning."""

    def __init__(self, outlet: Outlet, *, json: bool) -> None:
        self.outlet, self.json, self.since = outlet, json, time.time()

    def begun(self, watched: "Watched", page: str) -> None:
        """Say what is watched, and where to look."""
        if self.json:
            self.outlet.out(json.dumps({"word": "watching", "application": watched.application, "page": page}))
        elif not self.outlet.quiet:
            machines = len(watched.deployment.machines) or len({*watched.around.machine.values()})
            bold = click.style(watched.application, bold=True)
            counted = f"{len(watched.objectives)} promises, {machines} machines, {len(watched.policies)} policies"
            self.outlet.out(f"{bold} · watching {counted} · {page} · Ctrl-C stops")

    def line(self, line: "Line") -> None:
        """Print one line."""
        if self.json:
            self.outlet.out(json.dumps(asdict(line)))
            return
        self.outlet.out(told(line, self.since))

    def ending(self) -> None:
        """Say that it ends, which may take a moment."""
        if not self.json and not self.outlet.quiet:
            self.outlet.out("stopping; what is known stays, and the next start goes on from it")


def told(line: "Line", since: float) -> str:
    """Return a line as text, with minutes and seconds since a time."""
    seconds = max(0.0, line.time - since)
    clock = f"{int(seconds // 60):>3}:{seconds % 60:04.1f}"
    word = click.style(f"{line.word:<15}", fg=_COLORS.get(line.word))
    return f"{clock}  {word} {line.text}" + (click.style(f"   {line.detail}", dim=True) if line.detail else "")
