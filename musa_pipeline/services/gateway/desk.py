"""Commands that wait for their agents. The bus keeps them; what lies here is only what has not expired."""

import asyncio
import logging
import threading
from bisect import insort
from collections import deque
from collections.abc import Callable

from musa_pipeline.bus.port import Bus, BusAway, Delivered, Place, Subscription
from musa_pipeline.domain.command import Command
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import EventType, MachineId, Topic
from musa_pipeline.formats.events import Corrupt, read_command
from musa_pipeline.services.gateway.counts import Counts

log = logging.getLogger("musa.gateway")
GROUP = "gateway"
MOST = 1000
"""Commands that wait for one machine; beyond it the oldest are not given any more."""


class Desk:
    """One thread reads the bus; agents that wait are woken on the loop of the gateway."""

    def __init__(self, bus: Bus, clock: Callable[[], float], counts: Counts) -> None:
        self._bus, self._clock, self._counts = bus, clock, counts
        self._lock = threading.Lock()
        self._waiting: dict[MachineId, list[tuple[int, str, Command]]] = {}
        self._open: dict[Place, deque[tuple[int, float]]] = {}
        self._read: dict[Place, int] = {}
        self._bells: dict[MachineId, asyncio.Event] = {}
        self._stop = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="commands", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to read commands."""
        self._loop = loop
        self._thread.start()

    def close(self) -> None:
        """Stop reading, and let nobody wait any longer; any thread may ask for it."""
        self._stop.set()
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring_all)

    def after(self, machine: MachineId, number: int) -> list[Command]:
        """Return what waits for a machine above a number, in order."""
        now = self._clock()
        with self._lock:
            return [each for at, _, each in self._waiting.get(machine, ()) if at > number and each.expires > now]

    async def wait(self, machine: MachineId, number: int, seconds: float) -> list[Command]:
        """Return what waits for a machine above a number, as soon as something does. One waits for a machine: the last who came."""
        before = self._bells.get(machine)
        if before:
            before.set()
        bell = self._bells[machine] = asyncio.Event()
        try:
            found = self.after(machine, number)
            if not found and not self._stop.is_set():
                try:
                    await asyncio.wait_for(bell.wait(), seconds)
                except TimeoutError:
                    return []
                found = self.after(machine, number)
            return found
        finally:
            if self._bells.get(machine) is bell:
                del self._bells[machine]

    def _ring_all(self) -> None:
        for bell in self._bells.values():
            bell.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                subscription = self._bus.subscribe([Topic.COMMANDS], GROUP)
                try:
                    self._follow(subscription)
                finally:
                    subscription.close()
            except (BusAway, OutsideFailed, OSError) as away:
                log.warning("no commands: %s", away)
                self._stop.wait(1.0)

    def _follow(self, subscription: Subscription) -> None:
        while not self._stop.is_set():
            came = subscription.poll(0.5)
            for each in came:
                self._take(each)
            if came:
                # Whoever starts again begins where the first command lies that may still be obeyed.
                subscription.commit(self._done())

    def _take(self, delivered: Delivered) -> None:
        place = (delivered.topic, delivered.partition)
        self._read[place] = delivered.offset + 1
        command = read_command(delivered.event.data) if delivered.event.type == EventType.COMMAND else Corrupt(why="no command")
        if isinstance(command, Corrupt):
            self._counts.add("refused", "corrupt-command")
            log.warning("command %.80r is left out: %s", delivered.event.id, command.why)
            return
        if command.expires <= self._clock():
            return
        self._open.setdefault(place, deque()).append((delivered.offset, command.expires))
        with self._lock:
            lying = self._waiting.setdefault(command.machine, [])
            if all((number, name) != (command.number, command.id) for number, name, _ in lying):
                insort(lying, (command.number, command.id, command), key=lambda each: each[:2])
            now = self._clock()
            lying[:] = [each for each in lying if each[2].expires > now][-MOST:]
        if self._loop:
            self._loop.call_soon_threadsafe(self._ring, command.machine)

    def _ring(self, machine: MachineId) -> None:
        bell = self._bells.get(machine)
        if bell:
            bell.set()

    def _done(self) -> dict[Place, int]:
        now = self._clock()
        for lying in self._open.values():
            while lying and lying[0][1] <= now:
                lying.popleft()
        return {place: self._open[place][0][0] if self._open.get(place) else upto for place, upto in self._read.items()}
