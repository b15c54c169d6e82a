"""Windows of event time: samples lie in panes one step long, and a window is the panes before its end."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import fsum, isfinite
from typing import NamedTuple

from musa_pipeline.assurance.bounds import limits, range_of, worse
from musa_pipeline.domain.verdict import Objective, Over

NEVER = float("-inf")
SOURCES = 32
"""Agents times machines that may tell of one objective; more than these are turned away and counted."""
FEW = 4
"""Samples of one source that are counted in one by one."""
CROWD = 20
"""Times the expected number of samples that one pane takes from one source."""


class Bad(NamedTuple):
    """A sample beyond the bound: when, where it was observed, and by whom."""

    time: float
    machine: str
    agent: str


class Reading(NamedTuple):
    """What one source read last of a state; the value None stands for "nothing it could apply to"."""

    time: float
    value: float | None
    agent: str
    machine: str


class Tally(NamedTuple):
    """What the evidence of one window comes to. `run`: samples since the last bad one, the first of them at `since` (None: no bad one is known).

    `absent`: samples that say there is nothing the promise could apply to. `split`: agents that say otherwise than the others.
    """

    value: float | None = None
    samples: int = 0
    bad: tuple[Bad, ...] = ()
    newest: float | None = None
    run: int = 0
    since: float | None = None
    absent: int = 0
    agents: tuple[str, ...] = ()
    machine: str = ""
    split: tuple[str, ...] = ()


NOTHING = Tally()


class _Sum(NamedTuple):
    """One pane of one source, added up."""

    samples: int
    total: float
    lowest: float
    highest: float
    newest: float
    bad: tuple[float, ...]
    absent: int


class Pane:
    """Samples of one source in one step, by time; None stands for "nothing it could apply to"."""

    __slots__ = ("samples", "sum")

    def __init__(self) -> None:
        self.samples: dict[float, float | None] = {}
        self.sum: _Sum | None = None

    def takes(self, part: dict[float, float | None], crowd: int) -> bool:
        """Tell whether so many more samples have room, and none of them is there already."""
        return len(self.samples) + len(part) <= crowd and self.samples.keys().isdisjoint(part)

    def summed(self, least: float, most: float) -> _Sum:
        """Return the pane added up; counted again only after a new sample."""
        if self.sum is None:
            self.sum = self._add(least, most)
        return self.sum

    def _add(self, least: float, most: float) -> _Sum:
        values: list[float] = [*self.samples.values()]  # type: ignore[list-item]
        absent = 0
        try:
            total = fsum(values)
        except TypeError:  # there are some that say that there is nothing it could apply to, which is rare
            values = [each for each in values if each is not None]
            absent, total = len(self.samples) - len(values), fsum(values)
        if not values:
            return _Sum(0, 0.0, 0.0, 0.0, max(self.samples), (), absent)
        lowest, highest = min(values), max(values)
        bad: tuple[float, ...] = ()
        if lowest < least or highest > most:
            bad = tuple(sorted(time for time, value in self.samples.items() if value is not None and not least <= value <= most))
        return _Sum(len(values), total, lowest, highest, max(self.samples), bad, absent)


class Source:
    """What one agent on one machine tells of one objective.

    Panes below `oldest` are in no window any more; a sample in one below `fresh` is `late`: windows that held it are judged already.
    """

    __slots__ = (
        "agent", "crowd", "fresh", "highest", "late", "lowest", "machine", "newest", "oldest", "panes", "step", "unit"
    )  # fmt: skip

    def __init__(self, objective: Objective, agent: str, machine: str, oldest: int) -> None:
        self.agent, self.machine = agent, machine
        self.step = objective.window.step
        self.unit = objective.slo.unit
        self.lowest, self.highest = range_of(objective.slo)
        expected = self.step / objective.period if objective.period else 1.0
        self.crowd = int(CROWD * max(1.0, expected)) + CROWD
        self.panes: dict[int, Pane] = {}
        self.newest = float("-inf")
        self.oldest = oldest
        self.fresh = oldest
        self.late = False

    def pane(self, number: int) -> Pane | None:
        """Return a pane that samples may still come into; None if no window looks at it any more."""
        if number < self.fresh:
            if number < self.oldest:
                return None
            self.late = True
        found = self.panes.get(number)
        if found is None:
            found = self.panes[number] = Pane()
        return found

    def put(self, time: float, value: float, behind: float, ahead: float) -> bool:
        """Count a sample in if nothing about it is odd; else return False, and nothing was done."""
        if not self.lowest <= value <= self.highest or not behind <= time <= ahead:
            return False
        number = int(time // self.step)
        pane = self.panes.get(number)
        if pane is None or number < self.fresh or time in pane.samples or len(pane.samples) >= self.crowd:
            return False
        pane.samples[time] = value
        pane.sum = None
        if time > self.newest:
            self.newest = time
        return True

    def put_all(self, times: list[float], values: list[float], behind: float, ahead: float) -> bool:
        """Count samples in at once, if nothing about any of them is odd; else return False, and nothing was done."""
        if not (isfinite(sum(times)) and isfinite(sum(values))) or times != sorted(times):
            return False
        if times[0] < behind or times[-1] > ahead or min(values) < self.lowest or max(values) > self.highest:
            return False
        parts: list[tuple[int, dict[float, float | None]]] = []
        at, many, number, last = 0, len(times), int(times[0] // self.step), int(times[-1] // self.step)
        if number < self.oldest:
            return False
        while at < many:
            end = many if number == last else bisect_left(times, number + 1, at, key=self._pane_of)
            part: dict[float, float | None] = dict(zip(times[at:end], values[at:end], strict=True))
            known = self.panes.get(number)
            if len(part) < end - at or len(part) > self.crowd or (known is not None and not known.takes(part, self.crowd)):
                return False
            parts.append((number, part))
            if end < many:
                number = int(times[end] // self.step)
            at = end
        for number, part in parts:
            pane = self.pane(number)
            if pane is None:
                continue  # cannot be: not even the first is too old
            if pane.samples:
                pane.samples.update(part)
            else:
                pane.samples = part
            pane.sum = None
        self.newest = max(self.newest, times[-1])
        return True

    def _pane_of(self, time: float) -> int:
        return int(time // self.step)

    def put_back(self, time: float, value: float | None) -> None:
        """Take back a reading of an earlier run."""
        number = int(time // self.step)
        self.panes.setdefault(number, Pane()).samples[time] = value
        self.newest, self.oldest, self.late = max(self.newest, time), min(self.oldest, number), True


class Series:
    """All evidence of one objective that is measured itself."""

    __slots__ = ("agents", "least", "most", "objective", "panes", "sources")

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.panes = max(1, round(objective.window.length / objective.window.step))
        self.least, self.most = limits(objective.slo.operator, objective.slo.bound)
        self.sources: list[Source] = []

    def source(self, agent: str, machine: str, oldest: int) -> Source | None:
        """Return the new source of an agent on a machine; None if there are too many."""
        if len(self.sources) >= SOURCES:
            return None
        source = Source(self.objective, agent, machine, oldest)
        self.sources.append(source)
        self.sources.sort(key=lambda each: (each.agent, each.machine))
        return source

    def tally(self, end: int) -> Tally:
        """Return what the window comes to that ends with pane `end` (not in it)."""
        if self.objective.over is Over.LAST:
            return self._latest(end)
        counted: list[tuple[Source, int, _Sum]] = []
        samples = absent = 0
        newest, unseen, any_bad, least, most = NEVER, NEVER, False, self.least, self.most
        for source in self.sources:
            panes = source.panes
            for number in range(end - self.panes, end):
                pane = panes.get(number)
                if pane is None:
                    continue
                found = pane.sum or pane.summed(least, most)
                many, _, _, _, latest, bad, nothing = found
                absent += nothing
                if latest > unseen:
                    unseen = latest
                if many:
                    if latest > newest:
                        newest = latest
                    samples += many
                    if bad:
                        any_bad = True
                    counted.append((source, number, found))
        if not counted:
            return Tally(newest=unseen if absent else None, absent=absent, agents=_agents(self.sources) if absent else ())
        if any_bad:
            return self._bad(counted, samples, absent, newest)
        return Tally(
            value=self._value([each for _, _, each in counted], samples),
            samples=samples,
            newest=newest,
            run=samples,
            absent=absent,
            agents=_agents(source for source, _, _ in counted),
            machine=counted[0][0].machine,
        )

    def _bad(self, counted: Sequence[tuple[Source, int, _Sum]], samples: int, absent: int, newest: float) -> Tally:
        """Return what a window comes to in which samples are beyond the bound."""
        bad = tuple(sorted(Bad(time, source.machine, source.agent) for source, _, each in counted for time in each.bad))
        run, since = self._run(bad, counted, samples)
        return Tally(
            value=self._value([each for _, _, each in counted], samples),
            samples=samples,
            bad=bad,
            newest=newest,
            run=run,
            since=since,
            absent=absent,
            agents=_agents(source for source, _, _ in counted),
            machine=bad[-1].machine,
            split=_split(counted) if len(self.sources) > 1 else (),
        )

    def _value(self, sums: Sequence[_Sum], samples: int) -> float:
        if self.objective.over is Over.MEAN:
            return fsum(each.total for each in sums) / samples
        slo = self.objective.slo
        return worse(slo.operator, slo.bound, min(each.lowest for each in sums), max(each.highest for each in sums))

    def _run(self, bad: Sequence[Bad], counted: Sequence[tuple[Source, int, _Sum]], samples: int) -> tuple[int, float | None]:
        """Return how many samples there are after the last bad one, and when the first of these was."""
        last = bad[-1].time
        pane = int(last // self.objective.window.step)
        after = [
            time
            for source, number, _ in counted
            if number >= pane
            for time, value in source.panes[number].samples.items()
            if value is not None and time > last
        ]
        return min(len(after), samples), min(after, default=None)

    def _latest(self, end: int) -> Tally:
        """Return the newest sample before the end; of several agents the fresher one counts, at one time the worse."""
        readings = [each for source in self.sources if (each := _newest(source, end))]
        if not readings:
            return NOTHING
        newest = max(time for time, _, _ in readings)
        if newest < (end - self.panes) * self.objective.window.step:
            return Tally(newest=newest)
        slo, latest = self.objective.slo, [each for each in readings if each[0] == newest]
        held = [(value, source) for _, value, source in latest if value is not None]
        if not held:
            return Tally(newest=newest, absent=1, agents=_agents(source for _, _, source in latest))
        value, source = held[0]
        for other, another in held[1:]:
            if worse(slo.operator, slo.bound, value, other) != value:
                value, source = other, another
        good = self.least <= value <= self.most
        return Tally(
            value=value,
            samples=1,
            bad=() if good else (Bad(newest, source.machine, source.agent),),
            newest=newest,
            run=int(good),
            since=newest if good else None,
            agents=(source.agent,),
            machine=source.machine,
            split=_agents(
                other for _, said, other in readings if said is not None and (self.least <= said <= self.most) is not good
            ),
        )

    def readings(self, end: int) -> tuple[Reading, ...]:
        """Return the newest sample of each source before pane `end`."""
        found = [each for source in self.sources if (each := _newest(source, end))]
        return tuple(Reading(time, value, source.agent, source.machine) for time, value, source in found)

    def change(self, end: int, until: int) -> int:
        """Return the first window end from `end` up to `until` at which a sample enters or leaves; `until` + 1 if there is none."""
        found = until + 1
        leaves = self.panes + 1 if self.objective.over is not Over.LAST else None
        for source in self.sources:
            panes = source.panes
            if source.late or end - 1 in panes or (leaves and end - leaves in panes):
                return end
            for number in panes:
                for each in (number + 1, number + leaves if leaves else 0):
                    if end <= each < found:
                        found = each
        return found

    def forget(self, end: int) -> None:
        """Drop what no window from `end` on needs; of what stands until something newer comes, the newest is kept."""
        before = end - 1 - self.panes
        for source in self.sources:
            if self.objective.over is Over.LAST:
                _keep_newest(source, end)
            elif source.panes and min(source.panes) < before:
                for each in [each for each in source.panes if each < before]:
                    del source.panes[each]
            source.oldest, source.fresh, source.late = before + 1, end - 1, False


def _agents(sources: Iterable[Source]) -> tuple[str, ...]:
    found = {each.agent for each in sources}
    return tuple(found) if len(found) == 1 else tuple(sorted(found))


def _split(counted: Sequence[tuple[Source, int, _Sum]]) -> tuple[str, ...]:
    """Return the agents that saw nothing bad while others did."""
    accusing = {(source.agent, source.machine) for source, _, each in counted if each.bad}
    return _agents(source for source, _, _ in counted if (source.agent, source.machine) not in accusing)


def _newest(source: Source, end: int) -> tuple[float, float | None, Source] | None:
    """Return a source's newest sample before a pane."""
    number = max((each for each in source.panes if each < end), default=None)
    if number is None:
        return None
    samples = source.panes[number].samples
    time = max(samples)
    return time, samples[time], source


def _keep_newest(source: Source, end: int) -> None:
    numbers = sorted(each for each in source.panes if each < end)
    for each in numbers[:-1]:
        del source.panes[each]
    if numbers:
        samples = source.panes[numbers[-1]].samples
        newest = max(samples)
        source.panes[numbers[-1]].samples = {newest: samples[newest]}
