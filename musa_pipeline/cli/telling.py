"""Tells the story of a running platform, as text or as one JSON object a line."""

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from musa_pipeline.assurance.board import WORST, Board
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.render.status import state
from musa_pipeline.cli.render.story import told
from musa_pipeline.domain.verdict import State
from musa_pipeline.stages.words import count as several

if TYPE_CHECKING:
    from musa_pipeline.assurance.story import Line
    from musa_pipeline.services.watched import Watched


class Teller:
    """Prints lines, each with its time of day in UTC."""

    def __init__(self, outlet: Outlet, *, json: bool) -> None:
        self.outlet, self.json = outlet, json

    def begun(self, watched: "Watched", page: str, shown: Board) -> None:
        """Say what is watched, and where to look."""
        if self.json:
            self.outlet.out(json.dumps({"word": "watching", "application": watched.application, "page": page}))
        elif not self.outlet.quiet:
            machines = len(watched.deployment.machines) or len({*watched.around.machine.values()})
            bold = click.style(watched.application, bold=True)
            numbers = {"promise": len(watched.objectives), "machine": machines, "policy": len(watched.policies)}
            counted = ", ".join(several(number, noun) for noun, number in numbers.items())
            by = f" by agreement {watched.agreement}" if watched.agreement else ""
            self.outlet.out(f"{bold} · watching {counted}{by} · {page} · Ctrl-C stops")
            count = Counter(each.state for each in shown.promises)
            if any(each is not State.NOT_DETERMINED for each in count):
                said = ", ".join(f"{count[each]} {state(each)}" for each in WORST if count[each])
                self.outlet.out(f"  as it stood  {said}   musa status {watched.application}")

    def line(self, line: "Line") -> None:
        """Print one line."""
        if self.json:
            self.outlet.out(json.dumps(asdict(line)))
            return
        self.outlet.out(told(line))

    def ending(self) -> None:
        """Say that it ends, which may take a moment."""
        if not self.json and not self.outlet.quiet:
            self.outlet.out("stopping; what is known stays, and the next start goes on from it")
