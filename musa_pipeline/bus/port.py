"""The bus as the platform sees it; every adapter obeys the laws in `tests/bus/`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from musa_pipeline.domain.event import Event, Topic

Place = tuple[Topic, int]
"""A topic and one of its partitions."""


class Delivered:
    """A record as it comes from the bus: offsets of one place grow by one or more.

    Its type and data are at hand; the whole `event` is made when it is asked for, which most readers of masses never do.
    """

    __slots__ = ("_event", "_read", "_told", "data", "offset", "partition", "topic", "type")

    def __init__(
        self, topic: Topic, partition: int, offset: int, kind: str, data: bytes, told: Any, read: Callable[[Any], Event]
    ) -> None:
        """`read` makes the event of what the bus was `told`."""
        self.topic, self.partition, self.offset, self.type, self.data = topic, partition, offset, kind, data
        self._told, self._read = told, read
        self._event: Event | None = None

    @property
    def event(self) -> Event:
        """The record whole."""
        if self._event is None:
            self._event = self._read(self._told)
        return self._event


MOST_OCTETS = 2 * 2**20
"""What an event may carry at most. A larger one is a mistake of its maker, who gets ValueError from `publish`."""


class BusAway(Exception):
    """The bus cannot be reached now; whoever gets this waits, says so, and tries again."""


class Subscription(Protocol):
    """One member of a consumer group. Members of a group share the partitions; each record goes to one of them, at least once."""

    @property
    def generation(self) -> int:
        """Grows whenever the partitions of this member change: what was built from the old ones is to be dropped then."""

    def poll(self, wait: float, most: int = 10_000) -> Sequence[Delivered]:
        """Return what came, in order within each partition; empty after `wait` seconds. Raises BusAway."""

    def commit(self, upto: Mapping[Place, int] | None = None) -> None:
        """Remember for the group that every record below these offsets is done with; None: all that was polled. Raises BusAway."""

    def lag(self) -> int:
        """Return how many records of this member's partitions were not polled yet."""

    def close(self) -> None: ...


class Bus(Protocol):
    """Publish is durable when it returns."""

    def publish(self, topic: Topic, events: Sequence[Event]) -> None:
        """Append records; those of one subject keep their order. Raises BusAway: then some may have been appended."""

    def subscribe(self, topics: Sequence[Topic], group: str, *, beginning: bool = True) -> Subscription:
        """Join a group: it goes on at what it committed; a new group starts at the beginning, or at the end."""

    def close(self) -> None: ...


def refuse_large(events: Sequence[Event]) -> None:
    """Raise ValueError for an event that carries more than any bus takes: before anything is appended."""
    for each in events:
        if len(each.data) > MOST_OCTETS:
            raise ValueError(f"event {each.id!r} carries {len(each.data)} octets, more than {MOST_OCTETS}")
