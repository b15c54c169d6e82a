"""The context as its port describes it, in the plainest Python: lists, and everything told anew at each question. Stores are compared with it."""

import json
import math
from collections.abc import Sequence

from musa_pipeline.domain.context import Bucket, Change, Entity, Kind
from musa_pipeline.domain.event import Event, Measurement, Samples


class PlainContext:
    """Nothing is forgotten, nothing is fast."""

    def __init__(self) -> None:
        self.changes: dict[str, Change] = {}
        self.measurements: dict[tuple[object, ...], Measurement] = {}
        self.events: dict[str, Event] = {}

    def apply(self, changes: Sequence[Change]) -> int:
        before = len(self.changes)
        for each in changes:
            self.changes.setdefault(each.id, each)
        return len(self.changes) - before

    def states(self, kind: Kind, entity: str, at: float = math.inf) -> list[Entity]:
        desired: dict[str, object] = {}
        observed: dict[str, object] = {}
        result: list[Entity] = []
        mine = [each for each in self.changes.values() if each.kind is kind and each.entity == entity and each.time <= at]
        for change in sorted(mine, key=lambda each: each.time):  # the order of arrival stays among equals
            if result and result[-1].gone:
                desired, observed = {}, {}
            for fields, news in ((desired, change.desired), (observed, change.observed)):
                for name, value in news.items():
                    if value is None:
                        fields.pop(name, None)
                    else:
                        fields[name] = value
            result.append(
                Entity(
                    kind=kind,
                    id=entity,
                    desired=json.loads(json.dumps(desired)),
                    observed=json.loads(json.dumps(observed)),
                    time=change.time,
                    revision=len(result) + 1,
                    gone=change.gone,
                )
            )
        return result

    def get(self, kind: Kind, entity: str, at: float | None = None) -> Entity | None:
        states = self.states(kind, entity, math.inf if at is None else at)
        return states[-1] if states and not states[-1].gone else None

    def find(self, kind: Kind, at: float | None = None, **where: str | float | bool) -> Sequence[Entity]:
        names = sorted({each.entity for each in self.changes.values() if each.kind is kind}, key=str.encode)
        found = [self.get(kind, name, at) for name in names]
        return [each for each in found if each and all(equal(each, name, value) for name, value in where.items())]

    def history(self, kind: Kind, entity: str, most: int = 100) -> Sequence[Entity]:
        return self.states(kind, entity)[::-1][:most]

    def record(self, measurements: Sequence[Measurement]) -> int:
        before = len(self.measurements)
        for each in measurements:
            if math.isfinite(each.value):
                series = (each.component, each.machine, each.agent, each.metric, each.unit, tuple(sorted(each.about)))
                self.measurements.setdefault((*series, each.time), each)
        return len(self.measurements) - before

    def keep(self, samples: Sequence[Samples]) -> int:
        return self.record([each.one(*pair) for each in samples for pair in zip(each.times, each.values, strict=True)])

    def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Sequence[Bucket]:
        buckets: dict[int, list[float]] = {}
        for each in self.measurements.values():
            if (each.component or each.machine) == subject and each.metric == metric and since <= each.time < until:
                buckets.setdefault(math.floor((each.time - since) / step), []).append(each.value)
        return [
            Bucket(
                start=since + place * step, count=len(values), total=math.fsum(values), lowest=min(values), highest=max(values)
            )
            for place, values in sorted(buckets.items())
        ]

    def tell(self, events: Sequence[Event]) -> int:
        before = len(self.events)
        for each in events:
            self.events.setdefault(each.id, each)
        return len(self.events) - before

    def told(
        self, *, which: str = "", subject: str = "", since: float = 0.0, until: float | None = None, most: int = 100
    ) -> Sequence[Event]:
        found = [
            each
            for each in reversed(self.events.values())  # newest arrival first among equals
            if since <= each.time < (math.inf if until is None else until)
            and which in ("", each.type)
            and subject in ("", each.subject)
        ]
        return sorted(found, key=lambda each: each.time, reverse=True)[:most]


def equal(entity: Entity, name: str, value: object) -> bool:
    """A desired field counts before an observed one of the same name; true is not 1."""
    if name not in entity.desired and name not in entity.observed:
        return False
    known = entity.desired[name] if name in entity.desired else entity.observed[name]
    return isinstance(known, bool) == isinstance(value, bool) and known == value
