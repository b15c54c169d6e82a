"""The SLA checker: samples in, verdicts and incidents out; the same whatever order samples come in, and however often."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf
from typing import TypeAlias

from musa_pipeline.assurance.bounds import same_unit, worse
from musa_pipeline.assurance.causes import Causes, Surroundings
from musa_pipeline.assurance.incidents import NEVER, Track, follow
from musa_pipeline.assurance.judge import AGEING, UNKNOWN, Judged, judge, judge_whole, seconds
from musa_pipeline.assurance.windows import FEW, Pane, Reading, Series, Source
from musa_pipeline.domain.event import Measurement, Samples
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.verdict import Incident, Objective, Over, State, Verdict

Told: TypeAlias = Verdict | Incident

AHEAD = 60.0
"""Seconds by which a sample's clock may be ahead of ours."""
BEHIND = 7 * 86400.0
"""A sample older than this tells nothing that anybody still waits for."""
HELD = 10
"""Windows of samples that are kept for a member that is far behind the others, while the backlog is read."""
ODD = ("ahead", "conflicting", "crowded", "duplicate", "late", "malformed", "unwatched")
NOTHING_APPLIES = ("applies", "no")
"""What a measurement says `about` when it was looked for and there is nothing the promise could apply to."""


@dataclass(slots=True)
class _Group:
    """Objectives that are judged at the same times: one metric, its components and the application."""

    own: list[Series] = field(default_factory=list)
    wholes: list[Objective] = field(default_factory=list)
    next: int | None = None
    step: float = 1.0
    late: float = 0.0

    @property
    def checked(self) -> float:
        """The end of the last window that was judged."""
        return NEVER if self.next is None else (self.next - 1) * self.step


class Checker:
    """Watches objectives. `taken` counts the samples that were not simply counted in, by what was odd."""

    def __init__(
        self,
        objectives: Iterable[Objective],
        around: Surroundings | None = None,
        advice: Mapping[tuple[ComponentId, str], str] | None = None,
    ) -> None:
        self.objectives = {each.id: each for each in sorted(objectives, key=lambda one: one.id)}
        self.taken: Counter[str] = Counter(dict.fromkeys(ODD, 0))  # never grows: others may look at it meanwhile
        self._causes = Causes(around or Surroundings(), self._of, advice)
        self._tracks: dict[str, Track] = {each: Track() for each in self.objectives}
        self._latest: dict[str, Judged] = {}
        self._series: dict[tuple[str, str], Series] = {}
        self._sources: dict[tuple[str, str, str, str], Source] = {}
        self._groups: dict[tuple[str, float], _Group] = {}
        self._group_of: dict[str, _Group] = {}
        for each in self.objectives.values():
            self._add(each)

    def _add(self, objective: Objective) -> None:
        group = self._groups.setdefault((objective.slo.metric, objective.window.step), _Group())
        group.step, group.late = objective.window.step, max(group.late, objective.window.late)
        self._group_of[objective.id] = group
        if objective.component:
            series = self._series[objective.component, objective.slo.metric] = Series(objective)
            group.own.append(series)
        else:
            group.wholes.append(objective)

    def _of(self, component: ComponentId, metric: str) -> Judged | None:
        series = self._series.get((component, metric))
        return self._latest.get(series.objective.id) if series else None

    # what is known

    def latest(self, objective: str) -> Judged | None:
        """Return the last verdict on an objective, with what it was made of."""
        return self._latest.get(objective)

    def track(self, objective: str) -> Track:
        """Return what was told of an objective."""
        return self._tracks[objective]

    def checked(self, objective: str) -> float:
        """Return the end of the last window that was judged for an objective."""
        return self._group_of[objective].checked

    def needs(self, objective: str, checked: float) -> float:
        """Return from which event time on samples are needed to go on after a window that ended at `checked`."""
        window = self.objectives[objective].window
        return checked if self.objectives[objective].over is Over.LAST else checked + window.step - window.length

    def readings(self, objective: str) -> tuple[Reading, ...]:
        """Return the newest reading of each source of a state: what a later run cannot find on the bus any more."""
        known, end = self.objectives[objective], self._group_of[objective].next
        series = self._series.get((known.component, known.slo.metric))
        if series is None or known.over is not Over.LAST or end is None:
            return ()
        return series.readings(end)

    def restore(self, objective: str, track: Track, checked: float, readings: Iterable[Reading] = ()) -> None:
        """Go on where an earlier run was: what it told, the end of the last window it judged, and the last readings of a state."""
        known = self.objectives.get(objective)
        if known is None:
            return
        self._tracks[objective] = track
        group = self._group_of[objective]
        end = round(checked / group.step) + 1
        group.next = end if group.next is None else min(group.next, end)
        series = self._series.get((known.component, known.slo.metric))
        for each in readings if series and known.over is Over.LAST else ():
            source = self._meet(series, each.agent, each.machine) if series else None
            if source is not None:
                source.put_back(each.time, each.value)

    # samples in

    def take(self, measurements: Iterable[Measurement], now: float) -> None:
        """Count samples in, one by one as they came."""
        sources, ahead, behind = self._sources, now + AHEAD, now - BEHIND
        for each in measurements:
            source = sources.get((each.component, each.metric, each.agent, each.machine))
            if source is None:
                source = self._first(each, 1)
                if source is None:
                    continue
            time, value = each.time, each.value
            if each.unit != source.unit or not source.lowest <= value <= source.highest or not behind <= time <= ahead:
                self._refuse(each, source, behind, ahead)
                continue
            number = int(time // source.step)
            pane = source.panes.get(number)
            if pane is None or number < source.fresh:
                pane = source.pane(number)
                if pane is None:
                    self.taken["late"] += 1
                    continue
            samples = pane.samples
            if time in samples or each.about or len(samples) >= source.crowd:
                self._odd(each, source, pane)
            else:
                samples[time] = value
                pane.sum = None
            if time > source.newest:
                source.newest = time

    def count(self, runs: Iterable[Samples], now: float) -> None:
        """Count samples in, series by series: what `take` does with each of them, at once where nothing is odd about any."""
        ahead, behind = now + AHEAD, now - BEHIND
        for run in runs:
            source = self._sources.get((run.component, run.metric, run.agent, run.machine)) or self._first(run, len(run.times))
            if source is None:
                continue
            if run.unit != source.unit:
                self.taken["malformed"] += len(run.times)
            elif run.about or len(run.times) < FEW or not source.put_all(run.times, run.values, behind, ahead):
                for time, value in zip(run.times, run.values, strict=True):
                    if run.about or not source.put(time, value, behind, ahead):
                        self.take([run.one(time, value)], now)

    def _first(self, each: Measurement | Samples, many: int) -> Source | None:
        """Return the new source of a sample, or of so many; None if nobody promised anything about it."""
        series = self._series.get((each.component, each.metric))
        if series is None:
            self.taken["unwatched"] += many
            return None
        if not same_unit(each.unit, series.objective.slo.unit):
            self.taken["malformed"] += many
            return None
        source = self._meet(series, each.agent, each.machine)
        if source is None:
            self.taken["crowded"] += many
        else:
            source.unit = each.unit
        return source

    def _meet(self, series: Series, agent: str, machine: str) -> Source | None:
        group = self._group_of[series.objective.id]
        known = self._sources.get((series.objective.component, series.objective.slo.metric, agent, machine))
        if known is not None:
            return known
        source = series.source(agent, machine, -1 if group.next is None else group.next - 1 - series.panes)
        if source is not None:
            source.fresh = -1 if group.next is None else group.next - 1
            self._sources[series.objective.component, series.objective.slo.metric, agent, machine] = source
        return source

    def _refuse(self, each: Measurement, source: Source, behind: float, ahead: float) -> None:
        """Count why a sample is no evidence."""
        if each.unit != source.unit or not source.lowest <= each.value <= source.highest:
            self.taken["malformed"] += 1
        elif each.time > ahead:
            self.taken["ahead"] += 1
        elif each.time < behind:
            self.taken["late"] += 1
        else:
            self.taken["malformed"] += 1

    def _odd(self, each: Measurement, source: Source, pane: Pane) -> None:
        """Take a sample that is there already, that says more than its value, or that is one too many."""
        value = None if NOTHING_APPLIES in each.about else each.value
        if each.time in pane.samples:
            before = pane.samples[each.time]
            if before == value:
                self.taken["duplicate"] += 1
                return
            self.taken["conflicting"] += 1
            slo = self._series[each.component, each.metric].objective.slo
            if before is not None and value is not None:
                value = worse(slo.operator, slo.bound, before, value)
            pane.samples[each.time] = before if value is None else value
        elif len(pane.samples) >= source.crowd:
            self.taken["crowded"] += 1
            return
        else:
            pane.samples[each.time] = value
        pane.sum = None

    # verdicts out

    def advance(self, now: float, caught_up: bool = True) -> tuple[Told, ...]:
        """Judge every window that has ended, and return what is new, oldest first: changed verdicts, incidents opened and closed.

        A window waits for late samples by the clock when the bus has no more to give (`caught_up`), else by the samples themselves.
        """
        told: list[Told] = []
        for group in self._groups.values():
            until = self._until(group, now, caught_up)
            if until is None:
                continue
            self._rewind(group, until, now)
            self._judge_until(group, until, told)
        return tuple(sorted(told, key=_order))

    def due(self) -> float:
        """Return the time at which the next window can be judged, plus infinity if none is known yet."""
        return min(
            (group.next * group.step + group.late for group in self._groups.values() if group.next is not None), default=inf
        )

    def _until(self, group: _Group, now: float, caught_up: bool) -> int | None:
        """Return the last window end that can be judged; None if nothing can be said yet."""
        if caught_up:
            return floor((now - group.late) / group.step)
        newest = [max((each.newest for each in one.sources), default=NEVER) for one in group.own if one.objective.agents]
        seen = [each for each in newest if each > NEVER]
        if not seen:
            return None
        length = max(one.objective.window.length for one in group.own)
        reached = max(min(newest), max(seen) - HELD * length)
        until = floor((min(reached, now) - group.late) / group.step)
        return until if group.next is None or until >= group.next else None

    def _rewind(self, group: _Group, until: int, now: float) -> None:
        """Start again from now if the clock was set back: windows that lie ahead of it were judged by a wrong clock."""
        if group.next is None or until >= group.next - 2 - AHEAD / group.step:
            return
        group.next = until + 1
        for each in group.own:
            for source in each.sources:
                source.oldest, source.fresh = until - each.panes, until
                source.newest = min(source.newest, now)
        for objective in (*(each.objective for each in group.own), *group.wholes):
            track = self._tracks[objective.id]
            self._tracks[objective.id] = replace(track, told=min(track.told, until * group.step), closed=min(track.closed, now))

    def _judge_until(self, group: _Group, until: int, told: list[Told]) -> None:
        if group.next is None:
            firsts = [number for one in group.own for source in one.sources for number in source.panes]
            group.next = min(min(firsts, default=until - 1) + 1, until)
        while group.next <= until:
            due = [(self._due(one, group, until), one) for one in group.own]
            end = min((each for each, _ in due), default=until if self._unjudged(group) else until + 1)
            if end > until:
                break
            self._judge(group, end, [one for each, one in due if each == end], told)
            group.next = end + 1
            for one in group.own:
                one.forget(group.next)
        if group.next <= until:
            group.next = until + 1
            for one in group.own:
                one.forget(group.next)

    def _unjudged(self, group: _Group) -> bool:
        return any(each.id not in self._latest for each in group.wholes)

    def _due(self, series: Series, group: _Group, until: int) -> int:
        """Return the next window end at which the verdict on a series may change: by a sample, or by the age of the newest."""
        start = group.next or 0
        latest = self._latest.get(series.objective.id)
        if latest is None:
            return start
        due = series.change(start, until)
        if due == start or latest.tally.newest is None:
            return due
        for share in (AGEING, 1.0):
            crossing = floor((latest.tally.newest + share * series.objective.window.max_age) / group.step) + 1
            if start <= crossing < due:
                due = crossing
        return due

    def _judge(self, group: _Group, end: int, due: Sequence[Series], told: list[Told]) -> None:
        time = end * group.step
        for series in due:
            tally = series.tally(end)
            self._latest[series.objective.id] = Judged(judge(series.objective, tally, time), tally)
        for series in due:
            self._tell(series.objective, self._latest[series.objective.id], told)
        for whole in group.wholes:
            members = [found for each in whole.members if (found := self._of(each, whole.slo.metric))]
            judged = self._latest[whole.id] = judge_whole(whole, members, time)
            self._tell(whole, judged, told)

    def _tell(self, objective: Objective, judged: Judged, told: list[Told]) -> None:
        """Add what is new since the last time this objective was spoken of; what an earlier run told stays told."""
        track, verdict = self._tracks[objective.id], judged.verdict
        if verdict.time <= track.told:
            return
        news: list[Told] = []
        if verdict.state is not track.state:
            news.append(verdict)
            track = replace(track, state=verdict.state)
        track, incident = follow(objective, judged, track, self._causes)
        if incident is not None:
            news.append(incident)
        self._tracks[objective.id] = replace(track, told=verdict.time) if news else track
        told.extend(news)

    def silent(self, now: float) -> tuple[Verdict, ...]:
        """Return what can no longer be said while the bus gives nothing: evidence too old by the clock is not determined."""
        found = []
        for group in self._groups.values():
            lost = []
            for series in group.own:
                judged, window = self._latest.get(series.objective.id), series.objective.window
                newest = max((each.newest for each in series.sources), default=NEVER)
                if (
                    judged
                    and judged.verdict.state not in UNKNOWN
                    and now - max(newest, judged.verdict.last or NEVER) > window.max_age
                ):
                    lost.append(self._lost(series.objective, judged, window.max_age))
            if lost:
                for whole in group.wholes:
                    judged = self._latest.get(whole.id)
                    if judged and judged.verdict.state not in UNKNOWN:
                        lost.append(self._lost(whole, judged, whole.window.max_age))
            found += lost
        return tuple(sorted(found, key=_order))

    def _lost(self, objective: Objective, judged: Judged, age: float) -> Verdict:
        verdict = replace(
            judged.verdict,
            state=State.NOT_DETERMINED,
            time=(judged.verdict.last or judged.verdict.time) + age,
            confidence=0.0,
            reason=f"the newest evidence is older than {seconds(age)}, and the bus gives none",
        )
        self._latest[objective.id] = Judged(verdict, judged.tally)
        self._tracks[objective.id] = replace(self._tracks[objective.id], state=State.NOT_DETERMINED)
        return verdict


def _order(each: Told) -> tuple[float, str, bool]:
    if isinstance(each, Verdict):
        return (each.time, each.objective, False)
    return (each.told, each.objective, True)
