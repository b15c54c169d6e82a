"""The parts of a platform: each a loop in a thread of its own, started again when it breaks, ended together."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from musa_pipeline.bus.port import BusAway
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.services.controller import Controller

log = logging.getLogger("musa.platform")
AGAIN: Final = 2.0
"""Seconds until a part that broke is started again; twice as many each time it breaks at once."""
AGAIN_AT_MOST: Final = 60.0
PATIENCE: Final = 10.0
"""Seconds that the parts have to end."""
REMEMBERED: Final = 30 * 86_400.0
"""Seconds of the past that the context can tell of; of what is older only how it is now."""
TIDY: Final = 600.0
"""Seconds between two times that what is older is forgotten."""


class Part(Protocol):
    """One loop of the platform."""

    def run(self, stopping: threading.Event, /) -> None: ...


class Parts:
    """Starts parts and keeps them running. `health` has how each is: running, waiting for something, or broken."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.health: dict[str, str] = {}
        self._threads: list[threading.Thread] = []

    def start(self, name: str, make: Callable[[], Part]) -> None:
        """Run a part in a thread; what breaks is told, and started again from what it kept."""
        thread = threading.Thread(target=self._keep, args=(name, make), name=name, daemon=True)
        self._threads.append(thread)
        self.health[name] = "starting"
        thread.start()

    def close(self) -> None:
        """Tell all parts to end, and wait for them."""
        self.stopping.set()
        until = time.monotonic() + PATIENCE
        for each in self._threads:
            each.join(max(0.1, until - time.monotonic()))
        self._threads.clear()

    def _keep(self, name: str, make: Callable[[], Part]) -> None:
        pause = AGAIN
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                part = make()
                self.health[name] = "running"
                part.run(self.stopping)
            except (BusAway, ContextAway) as error:
                self.health[name] = f"waiting: {error}"
                self.stopping.wait(1.0)
            except Exception as error:
                pause = AGAIN if time.monotonic() - began > AGAIN_AT_MOST else pause
                log.exception("%s broke; it starts again in %.0f s", name, pause)
                self.health[name] = f"broken: {type(error).__name__}"
                self.stopping.wait(pause)
                pause = min(2 * pause, AGAIN_AT_MOST)


class Closing:
    """A controller that lets go of its files when it ends."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller

    def run(self, stopping: threading.Event) -> None:
        try:
            self.controller.run(stopping)
        finally:
            self.controller.close()


class Memory:
    """Forgets what is long past, so that the store does not grow for ever."""

    def __init__(self, context: Context, clock: Callable[[], float]) -> None:
        self.context, self.clock = context, clock

    def run(self, stopping: threading.Event) -> None:
        """Forget now and then, until told to stop; not at once, when all parts begin."""
        while not stopping.wait(TIDY):
            self.context.forget(self.clock() - REMEMBERED)
