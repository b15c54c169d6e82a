"""A bus to try the laws on, wherever it lives, and what tests do with it again and again."""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import Bus, BusAway, Delivered, Subscription
from musa_pipeline.domain.event import Event
from tests.support import ROOT

PATIENCE = 30.0
"""Loops that wait for something give up after so many seconds."""


@dataclass(frozen=True)
class World:
    """An empty bus under an address of its own."""

    url: str
    folder: Path
    once: bool
    """Whether a record that is told twice is kept once."""

    @contextmanager
    def bus(self) -> Iterator[Bus]:
        bus = open_bus(self.url, self.folder)
        try:
            yield bus
        finally:
            bus.close()

    @contextmanager
    def process(self, module: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
        """Run one of our modules with this bus in a process of its own; it is killed in the end."""
        command = [sys.executable, "-m", module, self.url, str(self.folder), *words]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def events(count: int, *, subjects: int = 5, prefix: str = "", data: bytes = b"{}") -> list[Event]:
    return [
        Event(
            id=f"{prefix}{each}", type="musa.finding", source="test", subject=f"c{each % subjects}", time=1000.0 + each, data=data
        )
        for each in range(count)
    ]


def poll_all(members: Sequence[Subscription], wait: float = 0.2) -> list[Sequence[Delivered]]:
    """Poll members at once, as they do in life: to share the partitions anew, all of them must be there together."""
    with ThreadPoolExecutor(len(members)) as pool:
        return list(pool.map(lambda each: each.poll(wait), members))


def collect(members: Subscription | Sequence[Subscription], count: int) -> list[Delivered]:
    """Poll until so many records came."""
    some = list(members) if isinstance(members, Sequence) else [members]
    came: list[Delivered] = []

    def enough() -> bool:
        for each in poll_all(some):
            came.extend(each)
        return len(came) >= count

    wait_until(enough, lambda: f"{len(came)} of {count} records came")
    return came


def quiet(member: Subscription, seconds: float = 0.4) -> bool:
    """Return whether nothing more comes."""
    return not member.poll(seconds)


def wait_until(true: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait for something, through times when the bus is away."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if true():
                return
        except BusAway:
            time.sleep(0.1)
        assert time.monotonic() < end, what()


def ids(came: Iterable[Delivered]) -> list[str]:
    return [each.event.id for each in came]


def by_subject(came: Iterable[Delivered]) -> dict[str, list[str]]:
    told = defaultdict(list)
    for each in came:
        told[each.event.subject].append(each.event.id)
    return dict(told)


def said(some: Iterable[Event]) -> dict[str, list[str]]:
    told = defaultdict(list)
    for each in some:
        told[each.subject].append(each.id)
    return dict(told)
