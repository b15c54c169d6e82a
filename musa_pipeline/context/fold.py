"""How changes become states: what every store does alike, in plain values."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from musa_pipeline.domain.context import Bucket, Change, Entity
from musa_pipeline.domain.event import Event, Measurement, Plain, Samples

FIRST, END = 0.0, 253_402_300_800.0
"""Times are from 1970 to the end of the year 9999."""

FINEST = 0.001
"""Seconds of the shortest bucket."""

_ENCODER = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A change as it is kept: in the order of `change.time` and, among equals, `arrival`; with the state it led to."""

    change: Change
    arrival: int
    state: Entity


def key(*parts: str | float | bool) -> str:
    """Return a short name for any words, whatever signs they hold and however long they are.

    >>> key("service", "web") == key("service", "web"), key("a", "b") == key("ab", ""), len(key("x" * 10_000))
    (True, False, 32)
    """
    return blake2b(_ENCODER.encode(parts), digest_size=16).hexdigest()


def text(value: object) -> str:
    """Return a plain value as JSON, the same text for equal values."""
    return _ENCODER.encode(value).decode()


def sane(time: float) -> bool:
    """Tell whether this is a time that can be kept."""
    return FIRST <= time < END


def checked(changes: Iterable[Change]) -> list[Change]:
    """Return the changes that differ in id, in their order, as JSON would give them back; ValueError if one cannot be kept."""
    found: dict[str, Change] = {}
    for each in changes:
        if not sane(each.time):
            raise ValueError(f"change {each.id!r} has the time {each.time!r}")
        found.setdefault(
            _writable(each.id), replace(each, time=each.time + 0.0, desired=_plain(each.desired), observed=_plain(each.observed))
        )
        _writable(each.entity)
        _writable(each.because)
    return list(found.values())


def _writable(word: str) -> str:
    try:
        word.encode()
    except UnicodeEncodeError as problem:
        raise ValueError(f"{word!r} is not text") from problem
    return word


def _plain(value: Mapping[str, Plain]) -> dict[str, Plain]:
    try:
        return msgspec.json.decode(_ENCODER.encode(value), type=dict[str, Any])
    except (TypeError, UnicodeEncodeError) as problem:
        raise ValueError(f"{value!r} is not what JSON can say") from problem


def after(before: Entity | None, change: Change) -> Entity:
    """Return the state that a change leads to. What comes after an end begins anew, with nothing of the old."""
    old = None if before is None or before.gone else before
    return Entity(
        kind=change.kind,
        id=change.entity,
        desired=_merged(old.desired if old else {}, change.desired),
        observed=_merged(old.observed if old else {}, change.observed),
        time=change.time,
        revision=before.revision + 1 if before else 1,
        gone=change.gone,
    )


def _merged(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: value for name, value in {**old, **new}.items() if value is not None}


def folded(before: Entity | None, arrivals: Iterable[tuple[int, Change]]) -> list[Row]:
    """Return changes (with their arrival) in the order of time, and the states they lead to from a first state on."""
    result: list[Row] = []
    for arrival, change in sorted(arrivals, key=lambda each: (each[1].time, each[0])):
        before = after(before, change)
        result.append(Row(change=change, arrival=arrival, state=before))
    return result


def facts(entity: Entity) -> dict[str, str | float | bool]:
    """Return the fields that `find` can ask for: those with one plain value, desired before observed."""
    return {
        name: value
        for name, value in {**entity.observed, **entity.desired}.items()
        if isinstance(value, str | float | bool | int)
    }


def tokens(known: Mapping[str, str | float | bool]) -> list[str]:
    """Return a short word for each field with its value; those of equal fields are equal."""
    return sorted(
        key(name, type(value).__name__, value) for name, value in ((name, _number(each)) for name, each in known.items())
    )


def _number(value: str | float | bool) -> str | float | bool:
    if isinstance(value, str | bool):
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf


def same(one: object, other: object) -> bool:
    """Tell whether two plain values are equal as JSON sees it: true is not 1, but 1 is 1.0.

    >>> same(1, 1.0), same(True, 1), same("1", 1)
    (True, False, False)
    """
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def matches(entity: Entity, where: Mapping[str, str | float | bool]) -> bool:
    """Tell whether an entity has these fields."""
    known = facts(entity)
    return all(name in known and same(known[name], value) for name, value in where.items())


def subject(measurement: Measurement | Samples) -> str:
    """Return whom a measurement is about: its component, else its machine."""
    return measurement.component or measurement.machine


def about(measurement: Measurement | Samples) -> str:
    """Return what more is known of a measurement, the same text for the same knowledge."""
    return text(sorted(measurement.about))


def shown(newest_first: Iterable[Entity], horizon: float) -> list[Entity]:
    """Return the states since the horizon, and of what was before it the last one, unless that was the end."""
    result: list[Entity] = []
    for each in newest_first:
        if each.time >= horizon:
            result.append(each)
            continue
        return result if each.gone else [*result, each]
    return result


def usable_of(samples: Samples, since: float) -> tuple[Sequence[float], Sequence[float]]:
    """Return the times and values that can be kept, from a time on."""
    times, values = samples.times, samples.values
    if not times or (max(since, FIRST) <= min(times) and max(times) < END and _finite(times) and _finite(values)):
        return times, values
    kept = [
        (time, value) for time, value in zip(times, values, strict=True) if sane(time) and time >= since and math.isfinite(value)
    ]
    return [time for time, _ in kept], [value for _, value in kept]


def _finite(values: Sequence[float]) -> bool:
    return math.isfinite(sum(values)) or all(map(math.isfinite, values))


def usable(measurements: Iterable[Measurement]) -> list[Measurement]:
    """Return the measurements that can be kept: a figure that is no number says nothing."""
    return [each for each in measurements if sane(each.time) and math.isfinite(each.value)]


def told_once(events: Iterable[Event]) -> list[Event]:
    """Return the events that differ in id, in their order; ValueError if one cannot be kept."""
    found: dict[str, Event] = {}
    for each in events:
        if not sane(each.time):
            raise ValueError(f"event {each.id!r} has the time {each.time!r}")
        for word in (each.id, each.type, each.source, each.subject):
            _writable(word)
        found.setdefault(each.id, each)
    return list(found.values())


def steps(since: float, until: float, step: float) -> tuple[float, float]:
    """Return the span of a series as far as times go; ValueError if the step is none."""
    if not FINEST <= step < END:
        raise ValueError(f"a step of {step!r} seconds: it must be {FINEST} at least")
    if not math.isfinite(since) or math.isnan(until):
        raise ValueError(f"a series from {since!r} to {until!r} has no beginning or no end")
    return since, min(until, END)


def bounded(time: float) -> float:
    """Return a time within what can be kept; ValueError if it is none.

    >>> bounded(-5.0), bounded(5.0)
    (0.0, 5.0)
    """
    if math.isnan(time):
        raise ValueError("a horizon needs a time")
    return min(max(time, FIRST), END - 1)


def month(time: float) -> str:
    """Return the month of a time, as in the name of an index.

    >>> month(0.0), month(END - 1)
    ('1970-01', '9999-12')
    """
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m")


def beside(name: str) -> tuple[str, ...]:
    """Return a month with the one before and the one after.

    >>> beside("2026-01")
    ('2025-12', '2026-01', '2026-02')
    """
    year, number = int(name[:4]), int(name[5:])
    return tuple(f"{(year * 12 + number - 1 + more) // 12:04d}-{(number - 1 + more) % 12 + 1:02d}" for more in (-1, 0, 1))


def joined(buckets: Iterable[Bucket]) -> list[Bucket]:
    """Return one bucket for each start, in their order: parts of one may come from several places."""
    found: dict[float, Bucket] = {}
    for each in buckets:
        known = found.get(each.start)
        found[each.start] = each if known is None else both(known, each)
    return [found[start] for start in sorted(found)]


def both(one: Bucket, other: Bucket) -> Bucket:
    """Return two parts of a bucket as one."""
    return Bucket(
        start=one.start,
        count=one.count + other.count,
        total=one.total + other.total,
        lowest=min(one.lowest, other.lowest),
        highest=max(one.highest, other.highest),
    )
