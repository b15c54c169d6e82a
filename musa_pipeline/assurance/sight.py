"""What a condition sees of the live context: answers to the questions of `domain.sight`, each asked once for one condition."""

import json
from collections.abc import Collection, Sequence
from typing import Protocol

from musa_pipeline.domain.context import Bucket, Entity, Kind
from musa_pipeline.domain.event import Event, EventType, Plain
from musa_pipeline.domain.verdict import State
from musa_pipeline.text.quantity import read_quantity

MOST = 10_000
"""Events that are counted at most."""


BEHIND = 60.0
"""Seconds by which what is known of a standing promise may be behind: the checker writes it anew that often."""


class View(Protocol):
    """The Context Broker as far as conditions may ask it: its store is one, and so is a test's."""

    def get(self, kind: Kind, entity: str, at: float | None = None) -> Entity | None: ...

    def find(self, kind: Kind, at: float | None = None, **where: str | float | bool) -> Sequence[Entity]: ...

    def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Sequence[Bucket]: ...

    def told(
        self, *, which: str = "", subject: str = "", since: float = 0.0, until: float | None = None, most: int = 100
    ) -> Sequence[Event]: ...


class Unknown(Exception):
    """A question has no answer now; the text says why."""


class Sight:
    """Answers the questions of one condition. `fields`: the names that it uses, so that nothing else is looked for."""

    def __init__(self, view: View, now: float, fields: Collection[str] = ()) -> None:
        self.view, self.now, self.fields = view, now, fields
        self._known: dict[tuple[str, ...], Plain] = {}

    def ask(self, question: str, *arguments: str) -> Plain:
        """Return the answer.

        Raises Unknown if there is none.
        """
        key = (question, *arguments)
        if key not in self._known:
            answer = getattr(self, f"_{question}")
            self._known[key] = answer(*arguments)
        return self._known[key]

    def _component(self, name: str) -> Plain:
        found = self._entity(Kind.SERVICE, name, "component")
        said: dict[str, Plain] = {"id": name, **found.desired}
        if "used_by" in self.fields:
            links = self.view.find(Kind.LINK, to=name, relation="uses")
            said["used_by"] = [each.desired.get("from") for each in links]
        return said

    def _host(self, name: str) -> Plain:
        found = self._entity(Kind.HOST, name, "machine")
        said: dict[str, Plain] = {"id": name, **found.desired}
        seen = found.observed.get("seen")
        if isinstance(seen, int | float):
            said["silent"] = max(0.0, self.now - seen)
        if "exposed" in self.fields and not isinstance(said.get("exposed"), bool):
            there = [self.view.get(Kind.SERVICE, each) for each in words(found.desired.get("components"))]
            facing = [each.desired.get("exposed") for each in there if each]
            if facing and all(isinstance(each, bool) for each in facing):
                said["exposed"] = any(facing)
        return said

    def _incident(self, name: str) -> Plain:
        return _incident(self._entity(Kind.INCIDENT, name, "incident"))

    def _incidents(self, component: str) -> Plain:
        found = [_incident(each) for each in self.view.find(Kind.INCIDENT)]
        return [each for each in found if each["stage"] == "open" and component in (each.get("component"), each.get("cause"))]

    def _state(self, component: str, metric: str) -> Plain:
        for each in self.view.find(Kind.SLO, component=component, metric=metric):
            state = each.observed.get("state")
            if isinstance(state, str):
                if is_outdated(each, self.now):
                    raise Unknown(f"the verdict on {metric!r} of {component!r} is too old, and nobody judged since")
                return state
        raise Unknown(f"no verdict on {metric!r} of {component!r}")

    def _loaded(self, program: str, machine: str) -> Plain:
        found = self.view.get(Kind.PROGRAM, f"{program}@{machine}")
        return bool(found and not found.gone and found.observed.get("state") == "loaded")

    def _blocked(self, address: str, machine: str) -> Plain:
        found = self.view.get(Kind.BLOCK, f"{address}@{machine}")
        until = (found.observed.get("until") or found.desired.get("until")) if found and not found.gone else None
        return isinstance(until, int | float) and until > self.now

    def _seen(self, finding: str, target: str, time: str) -> Plain:
        since = self.now - self._seconds(time)
        told = self.view.told(which=EventType.FINDING, subject=target, since=since, most=MOST)
        return float(sum(_type_of(each) == finding for each in told))

    def _series(self, subject: str, metric: str, time: str) -> Plain:
        length = self._seconds(time)
        buckets = self.view.series(subject, metric, self.now - length, self.now, length)
        if not buckets:
            raise Unknown(f"nothing was measured of {metric!r} at {subject!r} in {time}")
        count, total = sum(each.count for each in buckets), sum(each.total for each in buckets)
        return {
            "count": float(count),
            "total": total,
            "mean": total / count,
            "lowest": min(each.lowest for each in buckets),
            "highest": max(each.highest for each in buckets),
        }

    def _entity(self, kind: Kind, name: str, what: str) -> Entity:
        found = self.view.get(kind, name) if name else None
        if found is None or found.gone:
            raise Unknown(f"there is no {what} {name!r}")
        return found

    def _seconds(self, time: str) -> float:
        found = read_quantity(time, "s")
        if found is None or not found > 0:
            raise Unknown(f"{time!r} is no time")
        return float(found)


def is_outdated(slo: Entity, now: float) -> bool:
    """Tell whether a verdict says more than its evidence bears by now, for nobody judges any more.

    Evidence counts for `max_age`, is waited for as long as it may be `late`, and is told again within `BEHIND`.
    """
    last, oldest, late = slo.observed.get("last"), slo.desired.get("max_age"), slo.desired.get("late")
    if slo.observed.get("state") in (State.NOT_DETERMINED, State.NOT_APPLICABLE):
        return False
    if not isinstance(last, int | float) or not isinstance(oldest, int | float):
        return False
    return now - last > oldest + (late if isinstance(late, int | float) else 0.0) + BEHIND


def words(value: Plain) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _incident(entity: Entity) -> dict[str, Plain]:
    said: dict[str, Plain] = {"id": entity.id, **entity.desired, **entity.observed}
    if not isinstance(said.get("stage"), str):
        said["stage"] = "closed" if isinstance(said.get("ended"), int | float) or entity.gone else "open"
    return said


def _type_of(event: Event) -> str:
    try:
        said = json.loads(event.data)
    except ValueError:
        return ""
    kind = said.get("type") if isinstance(said, dict) else None
    return kind if isinstance(kind, str) else ""
