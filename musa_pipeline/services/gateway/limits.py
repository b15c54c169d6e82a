"""How much one machine may ask for: requests and octets in a second, and requests at once."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from musa_pipeline.domain.event import MachineId

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of each machine. A spool that was filled while we were away is emptied within them."""

    requests: float = 20.0
    requests_at_first: float = 100.0
    octets: float = 4.0 * MIB
    octets_at_first: float = 32.0 * MIB
    at_once: int = 4
    waiting: int = 4
    """Requests that wait for commands."""


class Bucket:
    """Fills at a rate up to a bound; taking more than is there is refused."""

    def __init__(self, rate: float, bound: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._bound, self._clock = rate, bound, clock
        self._level, self._last = bound, clock()

    def take(self, amount: float) -> float:
        """Take some; return 0, or the seconds after which there is enough."""
        now = self._clock()
        self._level = min(self._bound, self._level + (now - self._last) * self._rate)
        self._last = now
        if amount <= self._level:
            self._level -= amount
            return 0.0
        return (amount - self._level) / self._rate


class Ration:
    """What is left of the limits, by machine."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._requests: dict[MachineId, Bucket] = defaultdict(lambda: Bucket(limits.requests, limits.requests_at_first))
        self._octets: dict[MachineId, Bucket] = defaultdict(lambda: Bucket(limits.octets, limits.octets_at_first))
        self._now: dict[MachineId, int] = defaultdict(int)
        self._waiting: dict[MachineId, int] = defaultdict(int)

    def request(self, machine: MachineId) -> float:
        """Count a request; return 0, or the seconds after which it may come again."""
        return self._requests[machine].take(1)

    def body(self, machine: MachineId, octets: int) -> float:
        """Count a body; return 0, or the seconds after which it may come again."""
        return self._octets[machine].take(octets)

    def begin(self, machine: MachineId) -> bool:
        """Begin a request; False: too many of this machine are under way."""
        if self._now[machine] >= self.limits.at_once:
            return False
        self._now[machine] += 1
        return True

    def wait(self, machine: MachineId) -> bool:
        """Let a request wait, so that the next is not refused for it; False: too many of this machine wait."""
        if self._waiting[machine] >= self.limits.waiting:
            return False
        self._waiting[machine] += 1
        self._now[machine] -= 1
        return True

    def waited(self, machine: MachineId) -> None:
        """Go on with a request that waited."""
        self._waiting[machine] -= 1
        self._now[machine] += 1

    def end(self, machine: MachineId) -> None:
        """End a request that was begun."""
        self._now[machine] -= 1
