"""Kafka as the bus: events are keyed records in CloudEvents binary mode, acknowledged by all replicas that are in step."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from musa_pipeline.bus.cloudevents import headers_of
from musa_pipeline.bus.cluster import LARGEST, Cluster, bus_away, need_library
from musa_pipeline.bus.fetched import delivered, unpack_ourselves
from musa_pipeline.bus.port import BusAway, Delivered, Place, Subscription, refuse_large
from musa_pipeline.domain.event import Event, Topic

if TYPE_CHECKING:
    from kafka import KafkaConsumer, KafkaProducer

_JOIN = 5_000
"""So long (milliseconds) a member waits for the others when partitions change hands."""
_GRACE = 2.0
"""So long (seconds) after its time a record may still be found to be too late."""
_PROBE = 1.0
"""So often (seconds) a member that gets nothing asks whether there is nothing, or nobody."""


class Kafka:
    """The bus in a cluster. `publish` waits at most `patience` seconds for the brokers; a dead member's partitions go to others
    after `session` seconds."""

    def __init__(self, cluster: Cluster, *, patience: float = 5.0, session: float = 6.0) -> None:
        need_library()
        self._cluster, self._patience, self._session = cluster, patience, session
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._ready = False
        self._members: list[Member] = []
        self._closed = False

    def publish(self, topic: Topic, events: Sequence[Event]) -> None:
        """Append records and wait until all of them are acknowledged. One that was told twice may come twice, under one id."""
        refuse_large(events)
        records = [(each.subject.encode(), each.data, headers_of(each)) for each in events]
        with self._lock, self._away():
            if self._closed:
                raise BusAway("the bus was closed")
            producer = self._connected()
            name = self._cluster.prefix + topic
            sent = [producer.send(name, value=data, key=key, headers=headers) for key, data, headers in records]
            producer.flush(self._patience + _GRACE)
            for each in sent:
                each.get(0)

    def subscribe(self, topics: Sequence[Topic], group: str, *, beginning: bool = True) -> Subscription:
        """Join a group, with the first poll: nothing is asked of the brokers before."""
        member = Member(self._cluster, tuple(dict.fromkeys(topics)), group, beginning=beginning, session=self._session)
        self._members = [each for each in self._members if not each.closed] + [member]
        return member

    def close(self) -> None:
        self._closed = True
        for each in self._members:
            each.close()
        with self._lock:
            self._drop()

    def _connected(self) -> "KafkaProducer":
        from kafka import KafkaProducer

        if not self._ready:
            self._cluster.make_topics(tuple(Topic))
            self._ready = True
        if self._producer is None:
            self._producer = self._cluster.connect(
                KafkaProducer,
                acks="all",
                compression_type="gzip",  # smaller, and faster too: plain Python's checksums are over what is sent
                enable_idempotence=True,
                linger_ms=2,
                batch_size=256 * 1024,
                max_request_size=LARGEST,
                max_block_ms=int(self._patience * 1000),
                # What is not delivered by then has failed: nothing of a refused batch is sent later, behind the next one
                delivery_timeout_ms=int(self._patience * 1000),
                request_timeout_ms=int(self._patience * 1000) - 100,
                metrics_enabled=False,
            )
        return self._producer

    def _drop(self) -> None:
        producer, self._producer, self._ready = self._producer, None, False
        if producer:
            with suppress(Exception):  # whatever it still holds was refused, and is too late soon
                producer.close(timeout=self._patience + _GRACE)
            _end(producer)

    @contextmanager
    def _away(self) -> Iterator[None]:
        """A producer whose records failed may hold some of them yet: it is thrown away with them."""
        try:
            with bus_away():
                yield
        except BusAway:
            self._drop()
            raise


def _end(producer: "KafkaProducer") -> None:
    """End a producer's thread: `close` leaves it running for ever when what is held cannot be sent in time (kafka-python 3.0.12)."""
    sender = getattr(producer, "_sender", None)
    if sender is not None and sender.is_alive():
        sender.initiate_close()
        sender.force_close()
        sender.join(_GRACE)


class Member:
    """One member of a consumer group; it may be used from several threads."""

    def __init__(self, cluster: Cluster, topics: tuple[Topic, ...], group: str, *, beginning: bool, session: float) -> None:
        self._cluster, self._topics, self._group = cluster, topics, group
        self._beginning, self._session = beginning, session
        self._lock = threading.RLock()
        self._consumer: KafkaConsumer | None = None
        self._assigned = self._generation = 0
        self._positions: dict[Place, int] = {}
        self._begun: dict[Any, int] = {}
        self._astray = False
        self._answered = time.monotonic()
        self.closed = False

    @property
    def generation(self) -> int:
        return self._generation

    def poll(self, wait: float, most: int = 10_000) -> Sequence[Delivered]:
        with self._lock, bus_away():
            consumer = self._connected()
            self._join(consumer)
            batches = consumer.poll(timeout_ms=int(wait * 1000), max_records=most)
            if self._assigned != self._generation or self._astray:
                batches = self._settle(consumer, batches)
            if not batches:
                self._ask(consumer)
                return ()
            self._answered = time.monotonic()
            return [each for place, records in batches.items() for each in self._deliver(place, records)]

    def commit(self, upto: Mapping[Place, int] | None = None) -> None:
        from kafka import OffsetAndMetadata, TopicPartition
        from kafka.errors import CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError

        with self._lock, bus_away():
            consumer = self._connected()
            mine = consumer.assignment()
            offsets = {}
            for (topic, partition), offset in (self._positions if upto is None else upto).items():
                place = TopicPartition(self._cluster.prefix + topic, partition)
                if place in mine:
                    offsets[place] = OffsetAndMetadata(offset)
            if not offsets:
                return
            # The partitions went to somebody else meanwhile; the next poll says so, and what is not committed comes again.
            with suppress(CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError):
                consumer.commit(offsets, timeout_ms=2_000)

    def lag(self) -> int:
        with self._lock, bus_away():
            consumer = self._connected()
            mine = sorted(consumer.assignment())
            ends = consumer.end_offsets(mine, timeout_ms=2_000) if mine else {}
            return sum(max(0, end - (consumer.position(place, timeout_ms=2_000) or 0)) for place, end in ends.items())

    def close(self) -> None:
        with self._lock:
            self.closed = True
            self._drop()

    def _connected(self) -> "KafkaConsumer":
        from kafka import ConsumerRebalanceListener, KafkaConsumer
        from kafka.coordinator.assignors.range import RangePartitionAssignor

        if self.closed:
            raise BusAway("this subscription was closed")
        if self._consumer:
            return self._consumer
        self._cluster.make_topics(self._topics)
        member = self

        class Watch(ConsumerRebalanceListener):  # type: ignore[misc]
            def on_partitions_revoked(self, revoked: object) -> None: ...

            def on_partitions_assigned(self, assigned: object) -> None:  # noqa: ARG002 (the library's own signature)
                member._assigned += 1

        consumer = self._cluster.connect(
            KafkaConsumer,
            group_id=self._cluster.prefix + self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest" if self._beginning else "latest",
            partition_assignment_strategy=[RangePartitionAssignor],
            session_timeout_ms=int(self._session * 1000),
            heartbeat_interval_ms=int(self._session * 250),
            max_partition_fetch_bytes=LARGEST,
            fetch_max_wait_ms=250,
            check_crcs=False,  # the broker has checked them, TCP or TLS the way; plain Python takes long for it
            metrics_enabled=False,
            allow_auto_create_topics=False,
        )
        unpack_ourselves(consumer, self._topic)
        names = [self._cluster.prefix + each for each in self._topics]
        consumer.subscribe(names, listener=Watch())
        for each in names:  # who joins without knowing the partitions joins twice
            consumer.partitions_for_topic(each)
        self._consumer = consumer
        return consumer

    def _join(self, consumer: "KafkaConsumer") -> None:
        """Join the group now, if need be, however short the poll is that asks for it.

        A join that is given up and found done by a later poll is begun once more (kafka-python 3.0.12), and may end without partitions.
        The library has no public name for this step of its own `poll`.
        """
        consumer._coordinator.poll(timeout_ms=_JOIN)

    def _topic(self, name: str) -> Topic:
        return Topic(name.removeprefix(self._cluster.prefix))

    def _deliver(self, place: Any, records: Sequence[Any]) -> Iterator[Delivered]:
        topic = self._topic(place.topic)
        self._positions[topic, place.partition] = records[-1].offset + 1
        return (delivered(topic, each) for each in records)

    def _settle(self, consumer: "KafkaConsumer", batches: dict[Any, list[Any]]) -> dict[Any, list[Any]]:
        """See to it that new partitions begin where the group is; return what may be handed out of what was read."""
        first = not self._generation and not self._astray
        self._astray = True  # until all of this is done: it may be the bus that goes away now
        if not self._beginning:
            self._hold_the_end(consumer, batches)
        if not first:
            self._rewind(consumer)
            batches = {}
        self._astray, self._generation = False, self._assigned
        self._positions.clear()
        return batches

    def _rewind(self, consumer: "KafkaConsumer") -> None:
        """Go on at what the group committed in every partition; the library goes on where it was in those that it kept."""
        for each in sorted(consumer.assignment()):
            offset = consumer.committed(each, timeout_ms=2_000)
            if offset is None:
                offset = self._begun.get(each)
            if offset is None:
                consumer.seek_to_beginning(each)
            else:
                consumer.seek(each, offset)

    def _hold_the_end(self, consumer: "KafkaConsumer", batches: dict[Any, list[Any]]) -> None:
        """A new group that begins at the end keeps that place, even if its first member dies before it has committed anything."""
        from kafka import OffsetAndMetadata

        for each in sorted(consumer.assignment()):
            if each not in self._begun and consumer.committed(each, timeout_ms=2_000) is None:
                at = batches[each][0].offset if each in batches else consumer.position(each, timeout_ms=2_000)
                if at is None:
                    raise BusAway(f"Kafka does not say where {each.topic} ends")
                self._begun[each] = at
                consumer.commit({each: OffsetAndMetadata(at)}, timeout_ms=2_000)

    def _ask(self, consumer: "KafkaConsumer") -> None:
        """The library waits without a word while the brokers are away; one question tells whether they are there."""
        now = time.monotonic()
        if now - self._answered < _PROBE:
            return
        mine = sorted(consumer.assignment())
        if mine:
            consumer.end_offsets(mine[:1], timeout_ms=1_500)
        else:
            consumer.bootstrap(timeout_ms=1_500, refresh=True)
        self._answered = time.monotonic()

    def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer:
            with suppress(Exception):  # it leaves the group, or is taken out of it later
                consumer.close(autocommit=False, timeout_ms=1_500)
