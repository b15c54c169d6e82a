"""What the controller still has to send: kept with what was decided, sent in order, let go of only when it arrived."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

from musa_pipeline.assurance.reactions import Record
from musa_pipeline.bus.port import Bus
from musa_pipeline.context.port import Context
from musa_pipeline.domain.command import Command, Verb
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.event import Event, EventType, Plain, Topic
from musa_pipeline.formats.events import write_payload
from musa_pipeline.services.reaction_effects import changes_of, event_of
from musa_pipeline.services.reaction_store import Parcel, ReactionStore

SOURCE: Final = "musa/controller"


class Outbox:
    """`put_*` belong into the write that decides; `flush_*` send what waits and may be cut off at any moment."""

    def __init__(self, store: ReactionStore) -> None:
        self._store = store

    def put_command(self, command: Command) -> None:
        """Keep a signed command to be sent."""
        self._store.send("command", json.dumps(asdict(command)))

    def put_state(self, record: Record, now: float) -> None:
        """Keep what the context and the bus are to be told of an action's present state."""
        for change in changes_of(record, now):
            self._store.send("change", json.dumps(asdict(change)))
        self._store.send("event", json.dumps(_plain(event_of(record, SOURCE))))

    def flush_to_bus(self, bus: Bus) -> int:
        """Send commands, then events; return how many. What was told on the bus waits for the context. Raises BusAway."""
        return self._publish(bus, "command", Topic.COMMANDS, _command_event) + self._publish(bus, "event", Topic.EVENTS, _event)

    def flush_to_context(self, context: Context) -> None:
        """Apply changes, then tell events; raises ContextAway."""
        while parcels := self._store.parcels("change"):
            context.apply([_change(each) for each in parcels])
            self._sent(parcels)
        while parcels := self._store.parcels("told"):
            context.tell([_event(each) for each in parcels])
            self._sent(parcels)

    def _publish(self, bus: Bus, kind: str, topic: Topic, read: Callable[[Parcel], Event]) -> int:
        count = 0
        while parcels := self._store.parcels(kind):
            bus.publish(topic, [read(each) for each in parcels])
            with self._store.turn():
                self._store.sent(parcels)
                if kind == "event":
                    for each in parcels:
                        self._store.send("told", each.body)
            count += len(parcels)
        return count

    def _sent(self, parcels: Sequence[Parcel]) -> None:
        with self._store.turn():
            self._store.sent(parcels)


def _plain(event: Event) -> dict[str, Plain]:
    return {**asdict(event), "data": event.data.decode()}


def _event(parcel: Parcel) -> Event:
    said = json.loads(parcel.body)
    return Event(**{**said, "data": said["data"].encode()})


def _command_event(parcel: Parcel) -> Event:
    said = json.loads(parcel.body)
    command = Command(**{**said, "verb": Verb(said["verb"])})
    return Event(
        id=command.id,
        type=EventType.COMMAND,
        source=SOURCE,
        subject=command.machine,
        time=command.issued,
        data=write_payload(command),
    )


def _change(parcel: Parcel) -> Change:
    said = json.loads(parcel.body)
    return Change(**{**said, "kind": Kind(said["kind"])})
