"""What the Context Broker and the bus are told of an action: its life, the program or the dropped source that it is about."""

from musa_pipeline.assurance.reactions import RENEWED, UNDO, Record
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.event import Event, EventType, Plain
from musa_pipeline.domain.policy import Life, Step
from musa_pipeline.formats.events import write_payload

_OVER = (Life.EXPIRED, Life.REVERTED, Life.FAILED)


def changes_of(record: Record, now: float) -> tuple[Change, ...]:
    """Return the changes that an action's present state brings; made again they have the same ids, so they are made once."""
    action = record.action
    identity = f"{action.id}:{action.life}:{record.attempts}:{now:.6f}"
    desired: dict[str, Plain] = {
        "policy": action.policy,
        "step": str(action.step),
        "target": action.target,
        "machine": record.machine,
        "about": record.main,
        "arguments": action.arguments,
        "event": action.event,
        "undoes": action.undoes or None,
    }
    observed: dict[str, Plain] = {
        "life": str(action.life),
        "time": now,
        "reason": action.reason or None,
        "until": record.until,
        "trace": action.trace or None,
    }
    own = Change(
        id=identity, kind=Kind.ACTION, entity=action.id, time=now, desired=desired, observed=observed, because=action.policy
    )
    return (own, *(change for change in (_program(record, identity, now), _block(record, identity, now)) if change))


def event_of(record: Record, source: str) -> Event:
    """Return the event that tells an action's present state."""
    action = record.action
    return Event(
        id=f"{action.id}:{action.life}:{record.attempts}:{action.time:.6f}",
        type=EventType.ACTION,
        source=source,
        subject=action.target or action.policy,
        time=action.time,
        data=write_payload(action),
    )


def _program(record: Record, identity: str, now: float) -> Change | None:
    if record.step not in (Step.LOAD, Step.UNLOAD):
        return None
    wanted = "loaded" if record.step is Step.LOAD else "absent"
    entity, because = f"{record.main}@{record.machine}", record.action.policy
    desired: dict[str, Plain] = {"program": record.main, "machine": record.machine, "state": wanted}
    match record.life:
        case Life.SENT:
            return Change(id=f"{identity}:program", kind=Kind.PROGRAM, entity=entity, time=now, desired=desired, because=because)
        case Life.APPLIED | Life.VERIFIED:
            seen: dict[str, Plain] = {"state": wanted}
            return Change(
                id=f"{identity}:program",
                kind=Kind.PROGRAM,
                entity=entity,
                time=now,
                desired=desired,
                observed=seen,
                because=because,
            )
        case Life.FAILED if record.step is Step.LOAD:
            absent: dict[str, Plain] = {"state": "absent"}
            return Change(id=f"{identity}:program", kind=Kind.PROGRAM, entity=entity, time=now, desired=absent, because=because)
        case _:
            return None


def _block(record: Record, identity: str, now: float) -> Change | None:
    if record.step is not Step.BLOCK or record.action.arguments.get(UNDO):
        return None
    entity, name = f"{record.main}@{record.machine}", f"{identity}:block"
    if record.life in (Life.APPLIED, Life.VERIFIED):
        desired: dict[str, Plain] = {"source": record.main, "machine": record.machine, "until": record.until}
        return Change(id=name, kind=Kind.BLOCK, entity=entity, time=now, desired=desired, because=record.action.policy)
    if record.life in _OVER and record.action.reason != RENEWED:
        return Change(id=name, kind=Kind.BLOCK, entity=entity, time=now, gone=True, because=record.action.reason)
    return None
