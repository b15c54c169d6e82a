"""Tells the story of a running platform, as text or as one JSON object a line."""

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.render.story import told

if TYPE_CHECKING:
    from musa_pipeline.assurance.story import Line
    from musa_pipeline.services.watched import Watched


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
