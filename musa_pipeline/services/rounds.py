"""A loop over bus and context: goes round, waits for what is away and says so once, and leaves its group at the end."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from musa_pipeline.bus.port import BusAway, Subscription
from musa_pipeline.context.port import ContextAway

PAUSE: Final = 1.0
"""Seconds between two tries of what is away, and of a round in which nothing comes."""


class Rounds(ABC):
    """`turn` does one round, `run` goes on until told to stop. Who inherits says what a round is, and what is written down at the end."""

    name: str

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._subscription: Subscription | None = None
        self._away = ""

    @property
    def away(self) -> str:
        """What is waited for now, the bus or the context; empty when all is well."""
        return self._away

    def turn(self, wait: float = PAUSE) -> int:
        """Do one round; return how many records came. What is away is waited for, and said once."""
        try:
            came = self._round(wait)
        except (BusAway, ContextAway) as error:
            what = "the bus" if isinstance(error, BusAway) else "the context"
            if self._away != what:
                self._say(f"{what} is away: {error}; the {self.name} waits")
                self._away = what
            self._meanwhile(error)
            return 0
        if self._away:
            self._say(f"{self._away} is back")
            self._away = ""
        return came

    def run(self, stop: threading.Event) -> None:
        """Go round until told to stop; then write down what is to be known and let go of the bus."""
        try:
            while not stop.is_set():
                self.turn()
                if self._away:
                    stop.wait(PAUSE)
            self._write_down()
        finally:
            self._leave()

    def close(self) -> None:
        """Write down what is to be known, and leave the group."""
        self._write_down()
        self._leave()

    @abstractmethod
    def _round(self, wait: float) -> int:
        """Take in what came, and do what follows from it; return how many records came."""

    @abstractmethod
    def _write_down(self) -> None:
        """Keep what is known."""

    def _meanwhile(self, error: BusAway | ContextAway) -> None:  # noqa: B027  most have nothing to do then
        """Do what can be done while something is away."""

    def _leave(self) -> None:
        """Leave the group: a member that is no more and did not leave keeps its partitions from whoever comes after."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
