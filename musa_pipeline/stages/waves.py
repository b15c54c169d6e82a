"""Machines that do not wait for one another are worked on at the same time: lanes, each a run of its own limited to its machines."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from musa_pipeline.domain.plan import Plan
from musa_pipeline.runners.ansible import Played, Told, together
from musa_pipeline.stages.pace import Pace, turns

AT_ONCE: Final = max(4, os.cpu_count() or 1)
"""Runs at the same time: each takes the greater part of a core, and waits for machines between."""
Run = Callable[[str, Callable[[Told], None], Callable[[], bool]], Played]
"""Does all steps of a lane: its name, who is told, and whether to stop."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Machines that are worked on together. `needs`: steps on other machines that must be done before; `name` limits Ansible to it."""

    machines: tuple[str, ...]
    needs: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """Its machines, as Ansible takes a limit."""
        return ",".join(self.machines)


def lanes(plan: Plan) -> tuple[Lane, ...]:
    """Return the lanes of a plan: machines that share a step beyond being made ready, or wait for each other, are one."""
    on = {step.number: step.machine for step in plan.steps}
    near: dict[str, set[str]] = {each: set() for each in on.values()}
    for step in plan.steps:
        near[step.machine] |= {on[number] for number in step.after} - {step.machine}
    for turn in turns(plan):
        machines = [step.machine for step in turn.steps]
        if len(machines) > 1 and any(step.after for step in turn.steps):
            for one, other in zip(machines, [*machines[1:], machines[0]], strict=True):
                near[one].add(other)
    reached = {each: _reached(each, near) for each in near}
    found: dict[str, list[str]] = {}
    for each in sorted(near):
        first = min({each} | {other for other in reached[each] if each in reached[other]})
        found.setdefault(first, []).append(each)
    return tuple(
        Lane(
            tuple(machines),
            frozenset(
                number for step in plan.steps if step.machine in machines for number in step.after if on[number] not in machines
            ),
        )
        for machines in found.values()
    )


def _reached(start: str, near: Mapping[str, set[str]]) -> set[str]:
    """Return all that a machine waits for, and what these wait for."""
    found: set[str] = set()
    left = [start]
    while left:
        new = near[left.pop()] - found
        found |= new
        left.extend(new)
    return found


def run_lanes(plan: Plan, run: Run, tell: Callable[[Told], None]) -> Played:
    """Run all lanes, each as soon as the steps it needs are done or their lanes have ended; return them as one run.

    What fails on one machine does not keep the others, as within one run of Ansible. A signal to stop ends all, and then KeyboardInterrupt is raised.
    """
    began = time.monotonic()
    road = _Road(plan, run, tell)
    with _asked_to_stop(road.stop):
        road.travel(lanes(plan))
    return replace(together(road.played), seconds=time.monotonic() - began)


class _Road:
    """What is done so far, shared by the lanes."""

    def __init__(self, plan: Plan, run: Run, tell: Callable[[Told], None]) -> None:
        self.plan, self.run, self.say = plan, run, tell
        self.stop = threading.Event()
        self.news = threading.Condition()
        self.done: set[int] = set()
        self.active = 0
        self.played: list[Played] = []
        self.wrong: list[BaseException] = []

    def travel(self, waiting: Sequence[Lane]) -> None:
        left, threads = list(waiting), []
        with self.news:
            while (left or self.active) and not (self.stop.is_set() and not self.active):
                ready = [] if self.stop.is_set() else [each for each in left if each.needs <= self.done]
                for lane in ready[: AT_ONCE - self.active]:
                    left.remove(lane)
                    self.active += 1
                    threads.append(threading.Thread(target=self._go, args=(lane,), name=f"lane-{lane.name[:40]}"))
                    threads[-1].start()
                # A handler of a signal cannot notify: it is seen within the second.
                self.news.wait(1)
        for each in threads:
            each.join()
        if self.wrong:
            raise self.wrong[0]
        if self.stop.is_set():
            raise KeyboardInterrupt

    def _go(self, lane: Lane) -> None:
        own = tuple(step for step in self.plan.steps if step.machine in lane.machines)
        pace = Pace(turns(replace(self.plan, steps=own)))

        def hear(told: Told) -> None:
            with self.news:
                ended = pace.hear(told)
                if ended:
                    self._reach({step.number for turn in pace.turns[: pace.at] for step in turn.steps})
                self.say(replace(told, lane=lane.name))

        try:
            played = self.run(lane.name, hear, self.stop.is_set)
            with self.news:
                self.played.append(played)
        except BaseException as error:
            with self.news:
                self.wrong.append(error)
            self.stop.set()
        finally:
            with self.news:
                self.active -= 1
                self._reach({step.number for step in own})

    def _reach(self, numbers: set[int]) -> None:
        self.done |= numbers
        self.news.notify_all()


@contextlib.contextmanager
def _asked_to_stop(stop: threading.Event) -> Iterator[None]:
    """Have SIGINT and SIGTERM end the lanes, not this process in the middle of them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda _number, _frame: stop.set()) for each in kinds]
    try:
        yield
    finally:
        for each, handler in zip(kinds, before, strict=True):
            signal.signal(each, handler)
