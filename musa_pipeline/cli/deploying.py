"""A deployment while it goes on: a line for each step that is done, a bar on a terminal, JSON lines when asked."""

import shutil
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final

import click

from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.runners.ansible import Told, What
from musa_pipeline.stages.pace import Paces, Turn

BAR: Final = 20


class Watch:
    """Tells what it hears; leaving the block clears the bar."""

    def __init__(self, outlet: Outlet, turns: Sequence[Turn]) -> None:
        self.outlet, self.pace = outlet, Paces(turns)
        self.began: dict[str, float] = {}
        self.entered = time.perf_counter()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if kind is None:
            self._end()
        self._clear()

    def say(self, text: str) -> None:
        """Tell what is done beside the plan's steps."""
        self._end()
        self._line(f"  {text} …")
        self.outlet.log(doing=text)

    def tell(self, told: Told) -> None:
        """Take an event of Ansible's."""
        before = self.pace.turn_of(told.lane)
        ended = self.pace.hear(told)
        began = self.began.setdefault(told.lane, self.entered)
        if self.pace.turn_of(told.lane) is not before:
            self.began[told.lane] = time.perf_counter()
        if ended:
            self._ended(ended, began)
        if told.what in (What.FAILED, What.UNREACHABLE):
            self._line(f"  {click.style(str(told.what), fg='red', bold=True)}  {told.machine}: {told.task}")
        self._bar()

    def _end(self) -> None:
        for lane, turn in self.pace.end():
            self._ended(turn, self.began.get(lane, self.entered))

    def _ended(self, turn: Turn, began: float) -> None:
        took = time.perf_counter() - began
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
        if not self.outlet.live or self.pace.now is None:
            return
        done, total = self.pace.done, max(self.pace.total, 1)
        full = BAR * done // total
        room = max(shutil.get_terminal_size().columns - BAR - 14, 10)
        text = f"{self.pace.now.title} · {self.pace.task}"
        shown = text if len(text) <= room else text[: room - 1] + "…"
        self.outlet.err(
            f"\r\x1b[K  {'█' * full}{'░' * (BAR - full)} {done:>3}/{total}  {click.style(shown, dim=True)}", newline=False
        )
