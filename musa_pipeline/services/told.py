"""What the checker tells, as events and as changes of the context; and back again, when it goes on after an end."""

from collections.abc import Iterable
from dataclasses import fields
from math import inf
from typing import Any

from musa_pipeline.assurance.bounds import budget
from musa_pipeline.assurance.check import Checker, Told
from musa_pipeline.assurance.incidents import NEVER, Track
from musa_pipeline.assurance.windows import Reading
from musa_pipeline.context.port import Context
from musa_pipeline.domain.context import Change, Entity, Kind
from musa_pipeline.domain.event import Event, EventType, Plain
from musa_pipeline.domain.verdict import Incident, Stage, State, Verdict
from musa_pipeline.formats.events import Corrupt, read_incident, read_verdict, write_payload

SOURCE = "musa/checker"


def event_of(each: Told) -> Event:
    """Return the record of a verdict or incident; its id comes from what it says, so that it is one however often it is told."""
    if isinstance(each, Verdict):
        name, time, kind = f"verdict:{each.objective}@{each.time:.3f}", each.time, EventType.VERDICT
    else:
        name, time, kind = f"incident:{each.id}:{each.stage}", each.told, EventType.INCIDENT
    subject = each.component or each.objective.partition("/")[0]
    return Event(id=name, type=kind, source=SOURCE, subject=subject, time=time, data=write_payload(each))


def incident_change(incident: Incident) -> Change:
    """Return what the context is to know of an incident."""
    return Change(
        id=f"incident:{incident.id}:{incident.stage}",
        kind=Kind.INCIDENT,
        entity=incident.id,
        time=incident.told,
        observed={each.name: _plain(getattr(incident, each.name)) for each in fields(incident)},
        because=incident.because,
    )


def promise_change(checker: Checker, objective: str, published: float | None = None) -> Change | None:
    """Return how an objective stands, and what a later run needs to go on; None if nothing was judged yet."""
    judged, track, checked = checker.latest(objective), checker.track(objective), checker.checked(objective)
    if judged is None or checked == NEVER:
        return None
    verdict = judged.verdict
    observed: dict[str, Plain] = {
        each.name: _plain(getattr(verdict, each.name))
        for each in fields(verdict)
        if each.name not in {"objective", "component", "metric"}
    }
    observed |= {
        "state": str(track.state or verdict.state),
        "checked": checked,
        "told": _known(track.told),
        "closed": _known(track.closed),
        "incident": track.incident.id if track.incident else None,
        "budget": budget(checker.objectives[objective].slo, verdict.value),
        "readings": [list(each) for each in checker.readings(objective)] or None,
    }
    if published is not None:
        observed["published"] = published
    time = max(verdict.time, checked)
    # what is told and what was judged since make it another change; the same again after a crash is the same change
    name = f"slo:{objective}:{time:.3f}:{_known(track.told)}:{verdict.state}:{published}"
    return Change(id=name, kind=Kind.SLO, entity=objective, time=time, observed=observed, because=verdict.reason)


def _plain(value: object) -> Plain:
    if isinstance(value, State | Stage):
        return str(value)
    return list(value) if isinstance(value, tuple) else value  # type: ignore[return-value]


def _known(time: float) -> float | None:
    return None if time == NEVER else time


def restore(checker: Checker, context: Context) -> tuple[dict[str, float], list[Event], list[Change]]:
    """Bring a checker to where an earlier run was.

    Returns how far each objective is judged, the events that may not have been published, and their changes of the context.

    What was told is in the context before it is on the bus: a run that was killed in between is made up for here.
    """
    checked: dict[str, float] = {}
    tracks: dict[str, Track] = {}
    published: dict[str, float] = {}
    entities = {each.id: each for each in context.find(Kind.SLO) if each.id in checker.objectives and each.observed}
    for name, entity in entities.items():
        tracks[name] = _track(entity, context)
        checked[name] = _number(entity, "checked")
        published[name] = _number(entity, "published")
    unpublished = _unpublished(context, published)
    for _, each in unpublished:
        if each.objective in tracks:
            tracks[each.objective] = _after(tracks[each.objective], each)
    for name, track in tracks.items():
        checker.restore(name, track, checked[name], _readings(entities[name]))
    changes = [incident_change(each) for _, each in unpublished if isinstance(each, Incident)]
    return checked, [event for event, _ in unpublished], changes


def _track(entity: Entity, context: Context) -> Track:
    said = entity.observed.get("state")
    name = entity.observed.get("incident")
    found = context.get(Kind.INCIDENT, name) if isinstance(name, str) else None
    return Track(
        state=State(said) if isinstance(said, str) and said in set(State) else None,
        told=_number(entity, "told"),
        incident=_incident(found) if found else None,
        closed=_number(entity, "closed"),
    )


def _incident(entity: Entity) -> Incident | None:
    said: dict[str, Any] = {each.name: entity.observed.get(each.name) for each in fields(Incident)}
    if not all(isinstance(said[each], str) for each in ("id", "objective", "stage", "cause", "machine")):
        return None
    return Incident(**{**said, "stage": Stage(said["stage"])})


def _number(entity: Entity, name: str) -> float:
    value = entity.observed.get(name)
    return float(value) if isinstance(value, int | float) else NEVER


def _readings(entity: Entity) -> Iterable[Reading]:
    said = entity.observed.get("readings")
    for each in said if isinstance(said, list) else ():
        match each:
            case [int() | float() as time, int() | float() | None as value, str() as agent, str() as machine]:
                yield Reading(float(time), None if value is None else float(value), agent, machine)


def _unpublished(context: Context, published: dict[str, float]) -> list[tuple[Event, Told]]:
    since = min((each for each in published.values() if each > NEVER), default=None)
    found: list[tuple[Event, Told]] = []
    for kind in (EventType.VERDICT, EventType.INCIDENT):
        for event in context.told(which=kind, since=since or 0.0, most=10_000):
            said = read_verdict(event.data) if kind is EventType.VERDICT else read_incident(event.data)
            if not isinstance(said, Corrupt) and event.time > published.get(said.objective, inf):
                found.append((event, said))
    return sorted(found, key=lambda each: (each[0].time, each[1].objective, isinstance(each[1], Incident)))


def _after(track: Track, each: Told) -> Track:
    """Return what was told after one more thing that was."""
    told = max(track.told, each.time if isinstance(each, Verdict) else each.told)
    if isinstance(each, Verdict):
        return Track(state=each.state, told=told, incident=track.incident, closed=track.closed)
    if each.stage is Stage.OPEN:
        return Track(state=track.state, told=told, incident=each, closed=track.closed)
    return Track(state=track.state, told=told, incident=None, closed=max(track.closed, each.told))
