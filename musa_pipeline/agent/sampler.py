"""When which input is looked at. Each has its own period, and one that hangs keeps no other waiting."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from musa_pipeline.agent.disk import say
from musa_pipeline.agent.inputs import INPUTS, sample
from musa_pipeline.agent.record import Record
from musa_pipeline.agent.watch import LONGEST, SHORTEST, Watch

TOGETHER = 0.02
"""Seconds in which samples of one moment come together into one batch."""


class Out(Protocol):
    """Where records go."""

    def put(self, records: Sequence[Record]) -> None: ...


class Task:
    """One thing to look at, again and again. `told`: the period that the deployment gave it."""

    def __init__(self, name: str, agent: str, component: str, period: float, look: Callable[[], Sequence[Record]]) -> None:
        self.name, self.agent, self.component, self.look = name, agent, component, look
        self.told = self.period = period
        self.due = 0.0
        self.busy = False

    @property
    def key(self) -> str:
        """What it is called where set periods are kept."""
        return f"{self.name} {self.agent}@{self.component}"


def tasks_of(watches: Sequence[Watch]) -> list[Task]:
    """Return a task for each input of each watch."""
    return [
        Task(name, watch.agent, watch.component, watch.period, lambda watch=watch, name=name: list(sample(watch, name)))  # type: ignore[misc]
        for watch in watches
        for name in watch.inputs
        if name in INPUTS
    ]


class Sampler:
    """Looks when it is time, hands on what was seen, and calls `flush` when something was."""

    def __init__(self, tasks: list[Task], out: Out, flush: Callable[[], None], stop: threading.Event) -> None:
        self.tasks, self.out, self.flush, self.stop = tasks, out, flush, stop
        self.wake = threading.Event()

    def run(self) -> None:
        """Look until told to stop; what was seen last is still handed on."""
        with ThreadPoolExecutor(8, "input") as pool:
            while not self.stop.is_set():
                now = time.monotonic()
                for task in self.tasks:
                    if task.due <= now and not task.busy:
                        # From when it was due, not from now: else it drifts. What was missed is not made up for.
                        task.due = max(task.due + task.period, now) if task.due else now + task.period
                        task.busy = True
                        pool.submit(self._look, task)
                soonest = min((task.due for task in self.tasks if not task.busy), default=now + 60)
                if self.wake.wait(max(0.0, soonest - time.monotonic())):
                    self.stop.wait(TOGETHER)
                    self.wake.clear()
                    self.flush()
        self.flush()

    def set_period(self, name: str, component: str, seconds: float) -> list[tuple[Task, float]]:
        """Change the period of an input (or of all inputs of an agent); return what it was before. Empty: there is none."""
        if not SHORTEST <= seconds <= LONGEST:
            raise ValueError(f"a period is {SHORTEST:g} to {LONGEST:g} seconds")
        found = [each for each in self.tasks if name in (each.name, each.agent) and component in ("", each.component)]
        before = [(each, each.period) for each in found]
        now = time.monotonic()
        for each in found:
            each.period = seconds
            each.due = min(each.due, now + seconds) if each.due else each.due
        self.wake.set()
        return before

    def _look(self, task: Task) -> None:
        try:
            self.out.put(task.look())
        except (OSError, ValueError, LookupError) as wrong:
            say(f"{task.name} of {task.component or 'the machine'}: {wrong!r}")
        finally:
            task.busy = False
            self.wake.set()
