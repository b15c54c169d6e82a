"""A bus and a context that can be killed or taken away at any call, and a stream of samples to run over them."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.bus.port import Bus, BusAway, Place, Subscription
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.event import Event, EventType, Measurement, Topic
from musa_pipeline.domain.metric import Combine
from musa_pipeline.domain.verdict import Over
from musa_pipeline.formats.events import write_measurements
from musa_pipeline.services.checker import CheckerService
from tests.assurance.promises import AVAILABLE, SCAN, START, WINDOW, promise, sample, whole

STANDS = replace(WINDOW, length=1000, max_age=1000, fewest=1, confirm=1, recover=1)
OBJECTIVES = (
    promise("engine"),
    promise("planner"),
    whole(("engine", "planner"), replace(AVAILABLE, bound=81, alert=90)),
    promise("engine", SCAN, STANDS, over=Over.LAST, combine=Combine.MAX),
)


class Killed(BaseException):
    """The process is no more."""


class Fate:
    """Counts the calls that leave the process, and ends or refuses the chosen ones."""

    def __init__(self, kill_at: int = -1, away: tuple[range, type[Exception]] | None = None, after: bool = False) -> None:
        self.calls, self.kill_at, self.away, self.after = 0, kill_at, away, after

    def meet(self, kind: type[Exception], call: Any, *given: Any, **more: Any) -> Any:
        number, self.calls = self.calls, self.calls + 1
        if self.away and number in self.away[0] and kind is self.away[1]:
            raise self.away[1]("not now")
        if number == self.kill_at and not self.after:
            raise Killed
        result = call(*given, **more)
        if number == self.kill_at:
            raise Killed
        return result


class FatedContext:
    """A context whose writes meet their fate."""

    def __init__(self, inner: Context, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name in {"apply", "tell", "record", "keep"}:
            return lambda *given, **more: self._fate.meet(ContextAway, found, *given, **more)
        return found


class FatedBus:
    """A bus whose calls meet their fate."""

    def __init__(self, inner: Bus, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    def publish(self, topic: Topic, events: Sequence[Event]) -> None:
        self._fate.meet(BusAway, self._inner.publish, topic, events)

    def subscribe(self, topics: Sequence[Topic], group: str, *, beginning: bool = True) -> Subscription:
        return FatedSubscription(self._inner.subscribe(topics, group, beginning=beginning), self._fate)

    def close(self) -> None:
        self._inner.close()


class FatedSubscription:
    def __init__(self, inner: Subscription, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    @property
    def generation(self) -> int:
        return self._inner.generation

    def poll(self, wait: float, most: int = 10_000) -> Any:
        del wait
        return self._fate.meet(BusAway, self._inner.poll, 0.0, most)

    def commit(self, upto: Mapping[Place, int] | None = None) -> None:
        self._fate.meet(BusAway, self._inner.commit, upto)

    def lag(self) -> int:
        return self._inner.lag()

    def close(self) -> None:
        self._inner.close()


class World:
    """One bus and one context in a folder, and a clock that the test moves."""

    def __init__(self, folder: Path, bus: Bus | None = None, context: Context | None = None) -> None:
        self.now = START
        self.said: list[str] = []
        self.bus: Bus = bus or Embedded(folder / "bus.sqlite", clock=lambda: self.now)
        self.context: Context = context or SqliteContext(folder / "context.sqlite")

    def service(self, fate: Fate | None = None) -> CheckerService:
        fate = fate or Fate()
        for each in getattr(self.bus, "_members", ()):
            each.close()  # a process that ends lets go of its partitions, however it ends
        return CheckerService(
            FatedBus(self.bus, fate),
            FatedContext(self.context, fate),  # type: ignore[arg-type]
            OBJECTIVES,
            clock=lambda: self.now,
            say=self.said.append,
        )

    def publish(self, second: int) -> None:
        for component in ("engine", "planner"):
            batch = samples(component, second)
            self.bus.publish(
                Topic.MEASUREMENTS,
                [
                    Event(
                        id=f"{component}-{second}", type=EventType.MEASUREMENTS, source="agent", subject=component,
                        time=START + second, data=write_measurements(batch),
                    )
                ],
            )  # fmt: skip

    def events(self) -> list[Event]:
        """Return all that is on the bus for others to hear."""
        reader = self.bus.subscribe([Topic.EVENTS], f"reader-{self.now}-{len(self.said)}")
        found: list[Event] = []
        end = time.monotonic() + 60
        while time.monotonic() < end and not (reader.generation and not reader.lag()):
            found += [each.event for each in reader.poll(0.2)]
        reader.close()
        return found

    def told(self) -> list[tuple[str, float, str]]:
        """Return what the events say, by objective: when, and which state or stage."""
        found = [(each, json.loads(each.data)) for each in self.events()]
        return sorted((said["objective"], each.time - START, said.get("state") or said["stage"]) for each, said in found)


def samples(component: str, second: int) -> list[Measurement]:
    """Return one batch: the engine fails from 15 to 20 and from 40 on; its list was scanned late at 30."""
    down = component == "engine" and (15 <= second < 20 or second >= 40)
    found = [sample(component, second - 0.5, 0 if down else 100)]
    if component == "engine" and second in (2, 30):
        found.append(sample("engine", second - 0.5, 5 if second == 2 else 30, SCAN))
    return found
