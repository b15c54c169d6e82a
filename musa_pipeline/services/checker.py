"""The checker's loop: measurements from the bus, verdicts and incidents to bus and context, and nothing lost or told twice."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from musa_pipeline.assurance.causes import Surroundings
from musa_pipeline.assurance.check import AHEAD, Checker, Told
from musa_pipeline.assurance.incidents import NEVER
from musa_pipeline.assurance.judge import Judged
from musa_pipeline.bus.port import Bus, BusAway, Delivered, Place, Subscription
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.domain.context import Change
from musa_pipeline.domain.event import Event, EventType, Samples, Topic
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.verdict import Incident, Objective, Over, State
from musa_pipeline.formats.events import Corrupt, Gathering
from musa_pipeline.services.keeping import Keeping
from musa_pipeline.services.rounds import PAUSE, Rounds
from musa_pipeline.services.told import event_of, incident_change, promise_change, restore

GROUP = "checker"
REFRESH = 10.0
"""Seconds between two looks of the context at promises whose state stays; those that are not held are told with every window."""
BEHIND = 1000
"""Records on the bus that still count as being caught up, as long as what comes is from now."""
STANDING = 60.0
"""The same for promises on states, whose last reading stands for hours."""
NAP = 0.02
"""Seconds that are waited for records at least, where somebody waits at all."""
ROUND = 10_000
"""Records that are handled in one round at most,"""
ROUND_OCTETS = 64 * 2**20
"""and the octets in them after which no more are fetched for it."""
MEASUREMENTS = str(EventType.MEASUREMENTS)
TOGETHER = 100
"""Records whose positions are remembered as one."""


class Positions:
    """Which records are still needed by open windows: only what lies below all of these is committed."""

    def __init__(self) -> None:
        self._places: dict[Place, deque[list[float]]] = {}
        self._last: dict[Place, list[float]] = {}
        self._next: dict[Place, int] = {}

    def add(self, record: Delivered, newest: float) -> None:
        """Remember a record and the newest event time in it that was of use."""
        place = (record.topic, record.partition)
        self._next[place] = record.offset + 1
        last = self._last.get(place)
        if last is None or last[2] >= TOGETHER:
            self._last[place] = last = [record.offset, newest, 0]
            self._places.setdefault(place, deque()).append(last)
        if newest > last[1]:
            last[1] = newest
        last[2] += 1

    def done(self, floor: float) -> dict[Place, int]:
        """Return the lowest offset of each place that is still needed, when only event times from `floor` on are."""
        for place, groups in self._places.items():
            while groups and groups[0][1] < floor:
                if groups.popleft() is self._last[place]:
                    del self._last[place]
        return {place: int(groups[0][0]) if groups else self._next[place] for place, groups in self._places.items()}


class CheckerService(Rounds):
    """Watches objectives over a bus and a context; `turn` does one round, `run` goes on until told to stop.

    One service watches one application: what is combined of components needs the evidence of all of them in one place.
    """

    name = "checker"

    def __init__(
        self,
        bus: Bus,
        context: Context,
        objectives: Sequence[Objective],
        *,
        around: Surroundings | None = None,
        advice: Mapping[tuple[ComponentId, str], str] | None = None,
        clock: Callable[[], float],
        say: Callable[[str], None] = lambda _: None,
        group: str = GROUP,
        refresh: float = REFRESH,
        since: float = NEVER,
    ) -> None:
        """`since`: what was observed before it is kept and not judged: the application did not stand yet."""
        super().__init__(say)
        self._bus, self._context, self._clock = bus, context, clock
        self._watched: tuple[Objective, ...] = tuple(objectives)
        self._around, self._advice = around, advice
        self._group, self._refresh, self._since = group, refresh, since
        self._generation = -1
        self.corrupt = 0
        self._begin()

    def _begin(self) -> None:
        """Forget all that was built; the context and the bus tell it anew."""
        self.checker = Checker(self._watched, self._around, self._advice)
        self._gathering, self._keeping, self._positions = Gathering(), Keeping(), Positions()
        self._came: list[Delivered] = []
        self._judged: dict[str, float] = {}
        self._unrecorded: list[Samples] = []
        self._outbox: list[tuple[list[Event], list[Change]]] = []
        self._refreshed: dict[str, float] = {}
        self._shown: dict[str, tuple[object, ...]] = {}
        self._committed: dict[Place, int] = {}
        self._restored = False

    # one round

    def _round(self, wait: float) -> int:
        self._restore()
        self._deliver()
        if self._subscription is None:
            self._subscription = self._bus.subscribe([Topic.MEASUREMENTS], self._group)
            self._generation = self._subscription.generation
        # a window is judged when it is time, also if nothing comes then that would wake us
        self._poll(self._subscription, min(wait, max(NAP, self.checker.due() - self._clock())))
        records, self._came = self._came, []
        self._take(records)
        self._judge(self._caught_up(records))
        self._deliver()
        self._commit()
        return len(records)

    def _write_down(self) -> None:
        try:
            if self._restored:
                self._write(self.checker.objectives)
                self._deliver()
                self._commit()
        except (BusAway, ContextAway) as error:
            self._say(f"where the checker was is not written down: {error}; it reads from its last position on")

    def _meanwhile(self, error: BusAway | ContextAway) -> None:
        """Silence is judged without the bus too."""
        if isinstance(error, BusAway) and self._restored:
            try:
                self._tell(self.checker.silent(self._clock()))
                self._remember()
            except ContextAway:
                return

    def _restore(self) -> None:
        if self._restored:
            return
        self._judged, left, changes = restore(self.checker, self._context)
        if left:
            self._outbox.append((left, changes))
        self._restored = True

    # measurements in

    def _poll(self, subscription: Subscription, wait: float) -> None:
        """Let in what came; where much waits, more of it at once, for a round costs the same however much it handles."""
        octets = 0
        while len(self._came) < ROUND and octets < ROUND_OCTETS:
            more = subscription.poll(0.0 if self._came else wait, ROUND - len(self._came))
            if subscription.generation != self._generation:
                self._generation = subscription.generation
                self._begin()  # what came before and is still ours comes again
            self._came += more  # before anything can fail: these are not given to us twice
            self._restore()
            if len(more) < BEHIND:
                return
            octets += sum(len(each.data) for each in more)

    def _take(self, records: Iterable[Delivered]) -> None:
        now = self._clock()
        latest = now + AHEAD
        for each in records:
            newest = NEVER
            if each.type == MEASUREMENTS:
                times = self._gathering.add(each.data)
                if isinstance(times, Corrupt):
                    self.corrupt += 1
                    self._say(f"record {each.event.id!r} is not readable: {times.why}")
                elif times:
                    newest = max(times)
                    if newest > latest:  # by a wrong clock: nobody waits for it
                        newest = max((one for one in times if one <= latest), default=NEVER)
            self._positions.add(each, newest)
        samples = self._gathering.take()
        self._keeping.hear(samples)
        self._unrecorded += samples
        self.checker.count(samples if self._since == NEVER else _from(samples, self._since), now)

    def _caught_up(self, records: Sequence[Delivered]) -> bool:
        if self._subscription is None or not self._subscription.generation:
            return False  # nothing is assigned yet: that nothing comes says nothing
        live = any(each.event.time > self._clock() - PAUSE for each in records[-10:])
        if len(records) >= BEHIND and not live:
            return False  # more of it comes with the next round, or nothing
        lag = self._subscription.lag()
        return not lag or (lag < BEHIND and live)

    # verdicts out

    def _judge(self, caught_up: bool) -> None:
        now = self._clock()
        self._tell(self.checker.advance(now, caught_up))
        due = [name for name in self.checker.objectives if self._due(name, now)]
        self._write(due)
        changes = self._keeping.changes(now)
        if changes:
            self._outbox.append(([], changes))

    def _tell(self, told: Sequence[Told]) -> None:
        if not told:
            return
        changes = [incident_change(each) for each in told if isinstance(each, Incident)]
        spoken = dict.fromkeys(each.objective for each in told)
        changes += [found for each in spoken if (found := promise_change(self.checker, each))]
        self._outbox.append(([event_of(each) for each in told], changes))

    def _due(self, objective: str, now: float) -> bool:
        """Tell whether the context is to see a promise anew: from time to time, and whenever the value of one not held moves."""
        judged, known = self.checker.latest(objective), self.checker.objectives[objective]
        if judged is None:
            return False
        if now - self._refreshed.get(objective, NEVER) >= (STANDING if known.over is Over.LAST else self._refresh):
            return True
        shown, before = self._look(objective, judged), self._shown.get(objective)
        return shown != before and (judged.verdict.state in (State.AT_RISK, State.VIOLATED) or shown[-2:] != (before or ())[-2:])

    def _look(self, objective: str, judged: Judged) -> tuple[object, ...]:
        verdict = judged.verdict
        return verdict.value, verdict.beyond, verdict.state, self.checker.track(objective).told

    def _write(self, objectives: Iterable[str]) -> None:
        changes, now = [], self._clock()
        for name in objectives:
            judged, change = self.checker.latest(name), promise_change(self.checker, name, self._told_of(name))
            if judged and change:
                changes.append(change)
                self._refreshed[name] = now
                self._shown[name] = self._look(name, judged)
        if changes:
            self._outbox.append(([], changes))

    def _told_of(self, objective: str) -> float | None:
        """Return up to which time all that was told of an objective is on the bus: what is written after it in the outbox."""
        told = self.checker.track(objective).told
        return None if told == NEVER else told

    def _remember(self) -> None:
        """Write what came and what is new to the context, the events before what follows from them."""
        if self._unrecorded:
            self._context.keep(self._unrecorded)
            self._unrecorded = []
        for events, changes in self._outbox:
            if events:
                self._context.tell(events)
            if changes and events:
                self._context.apply(changes)

    def _deliver(self) -> None:
        """Hand over all that waits, in order; what fails in the middle is handed over again, and is the same for whoever has it."""
        self._remember()
        while self._outbox:
            events, changes = self._outbox[0]
            if events:
                self._bus.publish(Topic.EVENTS, events)
            elif changes:
                self._context.apply(changes)
                self._saved(changes)
            self._outbox.pop(0)

    def _saved(self, changes: Iterable[Change]) -> None:
        for each in changes:
            checked = each.observed.get("checked")
            if each.entity in self.checker.objectives and isinstance(checked, int | float):
                self._judged[each.entity] = float(checked)

    def _commit(self) -> None:
        if self._subscription is None or len(self._judged) < len(self.checker.objectives):
            return
        floor = min((self.checker.needs(name, checked) for name, checked in self._judged.items()), default=NEVER)
        upto = self._positions.done(floor)
        fresh = {place: offset for place, offset in upto.items() if self._committed.get(place) != offset}
        if fresh:
            self._subscription.commit(fresh)
            self._committed |= fresh


def _from(samples: Iterable[Samples], since: float) -> Iterator[Samples]:
    """Return what was observed from a time on."""
    for each in samples:
        pairs = [(time, value) for time, value in zip(each.times, each.values, strict=True) if time >= since]
        yield (
            each
            if len(pairs) == len(each.times)
            else replace(each, times=[time for time, _ in pairs], values=[value for _, value in pairs])
        )
