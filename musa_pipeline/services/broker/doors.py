"""The doors of the broker: what each is asked and answers, and how it finds the answer in the context."""

import base64
import binascii
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Struct

from musa_pipeline.context import fold
from musa_pipeline.context.port import Context
from musa_pipeline.domain.context import Bucket, Change, Entity, Kind
from musa_pipeline.domain.event import Event
from musa_pipeline.formats.events import Corrupt, read_time, write_time
from musa_pipeline.services.broker import shapes
from musa_pipeline.services.broker.outlook import capabilities, configuration
from musa_pipeline.services.broker.roles import Role

OWN_NAMES = frozenset({"self", "kind", "at"})
"""Fields that `find` cannot be asked for by name."""

DEEPEST = 20_000
"""Events of one moment that are looked through for where the answer before ended."""


class Refused(Exception):
    """The question cannot be answered as it is put."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status, self.detail = status, detail


Given: TypeAlias = Mapping[str, str]
"""The parts of the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One operation: `asked` is the shape of its query, `body` of what it is sent."""

    path: str
    name: str
    says: str
    asked: type[Struct]
    answers: type[Struct]
    open: Callable[[Context, Given, Any, Any], Struct]
    method: str = "GET"
    body: type[Struct] | None = None
    role: Role = Role.VIEWER
    refuses: Sequence[int] = field(default=(400,))


def _entities(context: Context, given: Given, asked: shapes.Asked, _: object) -> shapes.Things:
    kind, at = _kind(given), _moment_or_now(asked.at)
    try:
        where = msgspec.json.decode(asked.where, type=dict[str, str | bool | float])
    except msgspec.MsgspecError as problem:
        raise Refused(
            400, f'where: {problem}; give fields with texts, numbers or true and false: {{"machine": "m1"}}'
        ) from problem
    named = {name: value for name, value in where.items() if name not in OWN_NAMES}
    found = [
        each for each in context.find(kind, at, **named) if each.id.encode() > asked.after.encode() and fold.matches(each, where)
    ]
    more = len(found) > asked.limit
    shown = found[: asked.limit]
    return shapes.Things(entities=[_thing(each) for each in shown], next=shown[-1].id if more else None)


def _entity(context: Context, given: Given, asked: shapes.AnyTime, _: object) -> shapes.Thing:
    found = context.get(_kind(given), given["id"], _moment_or_now(asked.at))
    if found is None:
        raise Refused(404, f"there is no {given['kind']} {given['id']!r}{' at that time' if asked.at else ''}")
    return _thing(found)


def _history(context: Context, given: Given, asked: shapes.AskedHistory, _: object) -> shapes.History:
    states = context.history(_kind(given), given["id"], asked.limit)
    if not states:
        raise Refused(404, f"there never was a {given['kind']} {given['id']!r}, as far as is remembered")
    return shapes.History(states=[_thing(each) for each in states])


def _series(context: Context, _given: Given, asked: shapes.AskedSeries, _: object) -> shapes.Series:
    since, until = _moment(asked.since, "since"), _moment(asked.until, "until")
    if (until - since) / asked.step > shapes.MOST_BUCKETS:
        raise Refused(400, f"that is more than {shapes.MOST_BUCKETS} buckets: give a longer step or a shorter time")
    buckets = context.series(asked.subject, asked.metric, since, until, asked.step)
    return shapes.Series(
        subject=asked.subject,
        metric=asked.metric,
        since=since,
        until=until,
        step=asked.step,
        buckets=[_span(each) for each in buckets],
    )


def _events(context: Context, _given: Given, asked: shapes.AskedEvents, _: object) -> shapes.Events:
    since, until = _moment(asked.since, "since"), _moment_or_now(asked.until)
    if asked.after:
        found = _after(context, asked, since)
    else:
        found = context.told(which=asked.type, subject=asked.subject, since=since, until=until, most=asked.limit + 1)
    shown = found[: asked.limit]
    mark = msgspec.json.encode([shown[-1].time, shown[-1].id]) if len(found) > len(shown) else None
    return shapes.Events(events=[_cloud(each) for each in shown], next=base64.urlsafe_b64encode(mark).decode() if mark else None)


def _after(context: Context, asked: shapes.AskedEvents, since: float) -> Sequence[Event]:
    """Return the events after the one where the answer before ended: several may be of one moment."""
    try:
        time, last = msgspec.json.decode(base64.urlsafe_b64decode(asked.after), type=tuple[float, str])
    except (binascii.Error, ValueError) as problem:
        raise Refused(400, "after: give `next` of an answer as it was") from problem
    most = asked.limit + 1
    while True:
        most = min(most * 2, DEEPEST)
        found = context.told(
            which=asked.type, subject=asked.subject, since=since, until=math.nextafter(time, math.inf), most=most
        )
        place = next((number for number, each in enumerate(found, 1) if each.id == last and each.time == time), None)
        if place is None:
            place = next((number for number, each in enumerate(found) if each.time < time), len(found))
        if len(found) < most or len(found) - place > asked.limit or most == DEEPEST:
            return found[place:]


def _capabilities(context: Context, _given: Given, asked: shapes.AnyTime, _: object) -> shapes.Capabilities:
    at = _moment_or_now(asked.at)
    return capabilities(context.find(Kind.AGENT, at), context.find(Kind.STREAM, at), context.find(Kind.SLO, at))


def _configuration(context: Context, _given: Given, asked: shapes.AnyTime, _: object) -> shapes.Configuration:
    at = _moment_or_now(asked.at)
    return configuration(context.find(Kind.AGENT, at), context.find(Kind.STREAM, at), context.find(Kind.PROGRAM, at))


def _changes(context: Context, _given: Given, _asked: object, body: shapes.NewChanges) -> shapes.Applied:
    try:
        return shapes.Applied(applied=context.apply([Change(**msgspec.structs.asdict(each)) for each in body.changes]))
    except ValueError as problem:
        raise Refused(400, str(problem)) from problem


def _kind(given: Given) -> Kind:
    try:
        return Kind(given["kind"])
    except ValueError as problem:
        raise Refused(404, f"no kind is called {given['kind']!r}: there are {', '.join(Kind)}") from problem


def _moment_or_now(said: str | None) -> float | None:
    return None if said is None else _moment(said, "time")


def _moment(said: str, what: str) -> float:
    try:
        time = float(said)
    except ValueError:
        read = read_time(said)
        time = math.nan if isinstance(read, Corrupt) else read
    if not fold.sane(time):
        raise Refused(400, f"{what}: {said!r} is no time; give seconds since 1970, or 2026-01-01T12:00:00Z")
    return time


def _thing(of: Entity) -> shapes.Thing:
    return shapes.Thing(
        kind=of.kind, id=of.id, desired=of.desired, observed=of.observed, time=of.time, revision=of.revision, gone=of.gone
    )


def _span(of: Bucket) -> shapes.Span:
    total = of.total if math.isfinite(of.total) else None
    return shapes.Span(
        start=of.start,
        count=of.count,
        total=total,
        mean=None if total is None else total / of.count,
        lowest=of.lowest,
        highest=of.highest,
    )


def _cloud(of: Event) -> shapes.CloudEvent:
    made = shapes.CloudEvent(
        specversion="1.0", id=of.id, type=of.type, source=of.source, subject=of.subject or UNSET, time=write_time(of.time)
    )
    try:
        made.data = msgspec.json.decode(of.data)
        made.datacontenttype = "application/json"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        made.data_base64 = base64.b64encode(of.data).decode()
    return made


DOORS: Sequence[Door] = (
    Door(
        path="/entities/{kind}",
        name="listEntities",
        says="Entities of a kind, now or at a time",
        asked=shapes.Asked,
        answers=shapes.Things,
        open=_entities,
        refuses=(400, 404),
    ),
    Door(
        path="/entities/{kind}/{id}",
        name="getEntity",
        says="One entity, now or at a time",
        asked=shapes.AnyTime,
        answers=shapes.Thing,
        open=_entity,
        refuses=(400, 404),
    ),
    Door(
        path="/history/{kind}/{id}",
        name="getHistory",
        says="The states of an entity, newest first",
        asked=shapes.AskedHistory,
        answers=shapes.History,
        open=_history,
        refuses=(400, 404),
    ),
    Door(
        path="/series",
        name="getSeries",
        says="Measurements of a component or machine, by spans of time",
        asked=shapes.AskedSeries,
        answers=shapes.Series,
        open=_series,
    ),
    Door(
        path="/events",
        name="listEvents",
        says="Findings, verdicts, incidents and actions, newest first",
        asked=shapes.AskedEvents,
        answers=shapes.Events,
        open=_events,
    ),
    Door(
        path="/capabilities",
        name="getCapabilities",
        says="What can be measured",
        asked=shapes.AnyTime,
        answers=shapes.Capabilities,
        open=_capabilities,
    ),
    Door(
        path="/configuration",
        name="getConfiguration",
        says="What is measured now, and where it is not as it should be",
        asked=shapes.AnyTime,
        answers=shapes.Configuration,
        open=_configuration,
    ),
    Door(
        path="/changes",
        name="applyChanges",
        says="Write changes; a change with a known id changes nothing",
        asked=shapes.Nothing,
        answers=shapes.Applied,
        open=_changes,
        method="POST",
        body=shapes.NewChanges,
        role=Role.OPERATOR,
        refuses=(400, 408, 413, 415),
    ),
)
