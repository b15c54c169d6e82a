"""A deployment while it goes on: a line for each step that is done, a bar on a terminal, JSON lines when asked."""

import shutil
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final

import click

from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.runners.ansible import Told, What
from musa_pipeline.stages.pace import Pace, Turn

BAR: Final = 20


class Watch:
    """Tells what it hears; leaving the block clears the bar."""

    def __init__(self, outlet: Outlet, turns: Sequence[Turn]) -> None:
        self.outlet, self.pace = outlet, Pace(turns)
        self.began = time.perf_counter()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._ended(self.pace.end() if kind is None else None)
        self._clear()

    def say(self, text: str) -> None:
        """Tell what is done beside the plan's steps."""
        self._ended(self.pace.end() if self.pace.at >= 0 else None)
        self._line(f"  {text} …")
        self.outlet.log(doing=text)

    def tell(self, told: Told) -> None:
        """Take an event of Ansible's."""
        self._ended(self.pace.hear(told))
        if told.what in (What.FAILED, What.UNREACHABLE):
            self._line(f"  {click.style(str(told.what), fg='red', bold=True)}  {told.machine}: {told.task}")
        self._bar()

    def _ended(self, turn: Turn | None) -> None:
        if turn is None:
            return
        now = time.perf_counter()
        took, self.began = now - self.began, now
        numbers = [each.number for each in turn.steps]
        first, last = min(numbers), max(numbers)
        span = str(first) if first == last else f"{first}–{last}"
        state = click.style(f"{turn.changed} changed", fg="yellow") if turn.changed else click.style("unchanged", dim=True)
        if turn.failed:
            state = click.style("failed", fg="red", bold=True)
        self._line(f"  {span:>5}/{self.pace.total}  {turn.title[:80]:<80} {state}  {took:.1f} s")
        self.outlet.log(
            step=first, to=last, role=turn.role, title=turn.title, ok=turn.ok, changed=turn.changed,
            failed=turn.failed, seconds=round(took, 3),
        )  # fmt: skip

    def _line(self, text: str) -> None:
        if self.outlet.quiet or self.outlet.json_logs:
            return
        self._clear()
        self.outlet.err(text)

    def _clear(self) -> None:
        if self.outlet.live:
            self.outlet.err("\r\x1b[K", newline=False)

    def _bar(self) -> None:
        if not self.outlet.live or self.pace.turn is None:
            return
        done, total = self.pace.done, max(self.pace.total, 1)
        full = BAR * done // total
        room = max(shutil.get_terminal_size().columns - BAR - 14, 10)
        text = f"{self.pace.turn.title} · {self.pace.task}"
        shown = text if len(text) <= room else text[: room - 1] + "…"
        self.outlet.err(
            f"\r\x1b[K  {'█' * full}{'░' * (BAR - full)} {done:>3}/{total}  {click.style(shown, dim=True)}", newline=False
        )
