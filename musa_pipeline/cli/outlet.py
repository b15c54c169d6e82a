"""How this run speaks: colours, how much, and where to; every command gets one."""

import contextlib
import json
import os
import re
import sys
from dataclasses import dataclass

import click

from musa_pipeline.domain.errors import FilesWrong

_STYLE = re.compile(r"\x1b\[(?:\d{1,3}(?:;\d{1,3})*)?[mK]")


def harmless(text: str) -> str:
    r"""Return a text with every sign that a terminal obeys made visible, our own colours aside.

    >>> harmless("a\x1b]0;title\x07b\u202ec")
    'a\\x1b]0;title\\x07b\\u202ec'
    """
    if text.isprintable():
        return text
    parts = []
    end = 0
    for style in _STYLE.finditer(text):
        parts += [_visible(text[end : style.start()]), style[0]]
        end = style.end()
    return "".join((*parts, _visible(text[end:])))


def _visible(text: str) -> str:
    return "\n".join(each if each.isprintable() else _escaped(each) for each in text.split("\n"))


def _escaped(line: str) -> str:
    end = "\r" if line.endswith("\r") else ""  # of a line that ends as Windows ends it; elsewhere it writes over the line
    return "".join(_sign(each) for each in line.removesuffix("\r")) + end


def _sign(each: str) -> str:
    return each if each.isprintable() or each == "\t" else each.encode("unicode_escape").decode()


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
        return bool(sys.stderr and sys.stderr.isatty()) and not self.quiet and not self.json_logs

    def out(self, text: str = "") -> None:
        """Print a result."""
        self._say(text, error=False)

    def err(self, text: str, *, newline: bool = True) -> None:
        """Print what is not a result."""
        with contextlib.suppress(OSError):  # who closed standard error does not want to hear it
            self._say(text, error=True, newline=newline)

    def _say(self, text: str, *, error: bool, newline: bool = True) -> None:
        try:
            click.echo(harmless(text), err=error, color=self.color, nl=newline)
        except BrokenPipeError:  # the reader of our output went away: not our failure, and nobody is there to be told
            os.dup2(os.open(os.devnull, os.O_WRONLY), (sys.stderr if error else sys.stdout).fileno())

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
