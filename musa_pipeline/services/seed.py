"""Brings what the Context Broker knows in line with what is deployed: changes only what differs."""

from collections.abc import Iterable

from musa_pipeline.context.port import Context
from musa_pipeline.domain.context import Change, Entity, Kind

PLANNED = (Kind.APPLICATION, Kind.SERVICE, Kind.HOST, Kind.LINK, Kind.AGENT, Kind.SLO)
"""Kinds that come from the plan alone: what the plan no longer has is gone."""


def seed(context: Context, entities: Iterable[Entity], now: float) -> int:
    """Write the desired state of a deployed plan; return how many changes were needed."""
    changes: list[Change] = []
    wanted = tuple(entities)
    for kind in PLANNED:
        there = {each.id: each for each in context.find(kind)}
        mine = {each.id: each for each in wanted if each.kind is kind}
        changes += [_set(each, there.get(each.id), now) for each in mine.values() if _differs(each, there.get(each.id))]
        changes += [
            Change(
                id=f"seed:{kind}:{name}:{old.revision}:gone",
                kind=kind,
                entity=name,
                time=now,
                gone=True,
                because="no longer planned",
            )
            for name, old in there.items()
            if name not in mine
        ]
    return context.apply(changes) if changes else 0


def _differs(wanted: Entity, there: Entity | None) -> bool:
    return there is None or {name: value for name, value in wanted.desired.items() if value is not None} != there.desired


def _set(wanted: Entity, there: Entity | None, now: float) -> Change:
    """Return the change from what is there: a key that is no longer wanted is removed."""
    removed = dict.fromkeys(set(there.desired) - set(wanted.desired)) if there else {}
    # a plan that comes back after another one is a new change, so the id counts revisions (and, after an end, time)
    serial = str(there.revision) if there else f"new-{now:.3f}"
    return Change(
        id=f"seed:{wanted.kind}:{wanted.id}:{serial}",
        kind=wanted.kind,
        entity=wanted.id,
        time=now,
        desired={**removed, **wanted.desired},
        because="the deployed plan",
    )
