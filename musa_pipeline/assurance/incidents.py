"""Incidents: from the first bad sample of a confirmed violation to the recovery, each told once when it opens and once when it closes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from musa_pipeline.assurance.causes import Causes
from musa_pipeline.assurance.judge import Judged
from musa_pipeline.domain.event import MachineId
from musa_pipeline.domain.verdict import Incident, Objective, Stage, State

NEVER = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What was told of an objective so far: its state and when (`told`: the end of that window), and the incident that is open.

    `closed` is the newest evidence when the last incident ended: what was bad until then opens no other one.
    """

    state: State | None = None
    told: float = NEVER
    incident: Incident | None = None
    closed: float = NEVER


def follow(objective: Objective, judged: Judged, track: Track, causes: Causes) -> tuple[Track, Incident | None]:
    """Return what becomes of the incidents of an objective after a verdict, and the incident to tell, if one opened or closed."""
    if track.incident is not None:
        return _closed(objective, judged, track)
    verdict, tally = judged
    if verdict.state is not State.VIOLATED:
        return track, None
    fresh = [each for each in tally.bad if each.time > track.closed]
    if len(fresh) < objective.window.confirm and (tally.bad or verdict.last is None or verdict.last <= track.closed):
        return track, None
    began = _last_run(objective, [each.time for each in fresh]) if fresh else verdict.time
    cause = causes.of(objective, verdict.time)
    incident = Incident(
        id=f"{objective.id}@{began:.3f}",
        objective=objective.id,
        component=objective.component,
        metric=objective.slo.metric,
        stage=Stage.OPEN,
        began=began,
        told=verdict.time,
        ended=None,
        cause=cause.component,
        machine=cause.machine or MachineId(tally.machine),
        because=cause.because or verdict.reason,
        recommendation=causes.advice(objective, cause.component),
    )
    return replace(track, incident=incident), incident


def _last_run(objective: Objective, times: Sequence[float]) -> float:
    """Return when the last run of bad samples began: what good samples in between would have ended is not part of it."""
    apart = objective.period * (objective.window.recover + 1)
    began = times[0]
    for before, after in pairwise(times):
        if apart and after - before > apart:
            began = after
    return began


def _closed(objective: Objective, judged: Judged, track: Track) -> tuple[Track, Incident | None]:
    """Close the open incident once enough good samples came in a row; that they stopped coming closes nothing."""
    verdict, tally = judged
    if track.incident is None or tally.value is None or tally.run < objective.window.recover or tally.newest is None:
        return track, None
    ended = tally.since if tally.since is not None else tally.newest
    incident = replace(track.incident, stage=Stage.CLOSED, told=verdict.time, ended=max(ended, track.incident.began))
    return replace(track, incident=None, closed=tally.newest), incident
