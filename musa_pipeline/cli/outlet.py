"""How this run speaks: colours, how much, and where to; every command gets one."""

import json
import sys
from dataclasses import dataclass

import click

from musa_pipeline.domain.errors import FilesWrong


@dataclass(slots=True)
class Outlet:
    """Standard output for results, standard error for progress and findings."""

    color: bool | None = None
    quiet: bool = False
    verbose: bool = False
    json_logs: bool = False

    @property
    def live(self) -> bool:
        """Tell whether somebody watches the progress."""
        return sys.stderr.isatty() and not self.quiet and not self.json_logs

    def out(self, text: str = "") -> None:
        """Print a result."""
        click.echo(text, color=self.color)

    def err(self, text: str, *, newline: bool = True) -> None:
        """Print what is not a result."""
        click.echo(text, err=True, color=self.color, nl=newline)

    def log(self, **fields: object) -> None:
        """Print one line of JSON, when asked to."""
        if self.json_logs:
            click.echo(json.dumps(fields, sort_keys=True), err=True)

    def wrong(self, error: FilesWrong) -> int:
        """Show what is wrong in files; return the exit code."""
        from musa_pipeline.cli.render.problems import render_problems

        self.err(render_problems(error.problems, everything=self.verbose))
        return 2

    def failed(self, text: str, way_out: str, code: int) -> int:
        """Show why a run ended; return the exit code."""
        self.err(f"{click.style('musa:', bold=True)} {text}" + (f"\n  {way_out}" if way_out else ""))
        return code
