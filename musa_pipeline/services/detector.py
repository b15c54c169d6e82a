"""The detector's loop: measurements from the bus through all algorithms, findings to bus and context."""

from collections.abc import Callable, Sequence

from musa_pipeline.bus.port import Bus, BusAway, Delivered
from musa_pipeline.context.fold import usable
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.detection.port import Algorithm
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.event import Event, EventType, Finding, Measurement, Plain, Topic
from musa_pipeline.formats.events import Corrupt, read_measurements, write_payload
from musa_pipeline.services.rounds import Rounds

GROUP = "detector"
SOURCE = "musa/detector"
REMEMBER = 30.0
"""Seconds between two notes in the context of what is usual: a detector that starts anew must not take a flood for it."""


class DetectorService(Rounds):
    """Runs algorithms over a bus and a context; `turn` does one round, `run` goes on until told to stop."""

    name = "detector"

    def __init__(
        self,
        bus: Bus,
        context: Context,
        algorithms: Sequence[Algorithm],
        *,
        clock: Callable[[], float],
        say: Callable[[str], None] = lambda _: None,
        group: str = GROUP,
    ) -> None:
        super().__init__(say)
        self._bus, self._context, self._algorithms, self._clock = bus, context, tuple(algorithms), clock
        self._group = group
        self._recalled = False
        self._remembered = clock()
        self._outbox: list[Event] = []
        self._polled = False
        self.corrupt = self.failed = 0

    def _round(self, wait: float) -> int:
        self._recall()
        self._deliver()
        if self._subscription is None:
            self._subscription = self._bus.subscribe([Topic.MEASUREMENTS], self._group)
        records = self._subscription.poll(wait)
        self._polled = self._polled or bool(records)
        self._outbox += map(_event, self._look(records))
        self._deliver()
        if self._clock() - self._remembered >= REMEMBER:
            self._remember()
        return len(records)

    def _write_down(self) -> None:
        try:
            self._deliver()
            if self._recalled:
                self._remember()
        except (BusAway, ContextAway) as error:
            self._say(f"what is usual is not written down: {error}")

    def _look(self, records: Sequence[Delivered]) -> list[Finding]:
        measurements: list[Measurement] = []
        for each in records:
            if each.event.type != EventType.MEASUREMENTS:
                continue
            said = read_measurements(each.event.data)
            if isinstance(said, Corrupt):
                self.corrupt += 1
            else:
                measurements += usable(said)
        found: list[Finding] = []
        for algorithm in self._algorithms if measurements else ():
            try:
                found += algorithm.take(measurements)
            except Exception as error:  # a plug-in of somebody else must not stop the others
                self.failed += 1
                self._say(f"detection {algorithm.id!r} failed: {error!r}")
        return sorted(found, key=lambda each: (each.time, each.id))

    def _deliver(self) -> None:
        """Hand over what was found, then let the bus forget what it came from; a finding told again has the same id."""
        if self._outbox:
            self._context.tell(self._outbox)
            self._bus.publish(Topic.EVENTS, self._outbox)
            self._outbox = []
        if self._polled and self._subscription is not None:
            self._subscription.commit()
            self._polled = False

    def _recall(self) -> None:
        if self._recalled:
            return
        streams = self._context.find(Kind.STREAM)
        for algorithm in self._algorithms:
            key = f"usual:{algorithm.id}"
            known = {each.id: said for each in streams if isinstance(said := each.observed.get(key), dict)}
            algorithm.recall(known)
        self._recalled = True

    def _remember(self) -> None:
        now = self._clock()
        changes = []
        for algorithm in self._algorithms:
            for stream, said in sorted(algorithm.memory().items()):
                observed: dict[str, Plain] = {f"usual:{algorithm.id}": said}
                name = f"usual:{algorithm.id}:{stream}@{now:.3f}"
                changes.append(Change(id=name, kind=Kind.STREAM, entity=stream, time=now, observed=observed, because="learnt"))
        if changes:
            self._context.apply(changes)
        self._remembered = now


def _event(finding: Finding) -> Event:
    return Event(
        id=f"finding:{finding.id}",
        type=EventType.FINDING,
        source=SOURCE,
        subject=finding.component or finding.machine,
        time=finding.time,
        data=write_payload(finding),
    )
