"""Kafka as the bus: events are keyed records in CloudEvents binary mode, acknowledged by all replicas that are in step."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from musa_pipeline.bus.cloudevents import event_of, headers_of
from musa_pipeline.bus.port import MOST_OCTETS, BusAway, Delivered, Place, Subscription, refuse_large
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import Event, Topic

if TYPE_CHECKING:
    from kafka import KafkaConsumer, KafkaProducer

_LARGEST = MOST_OCTETS + 64 * 1024
"""A record is an event's data with its headers around it."""
_PROBE = 1.0
"""So often (seconds) a member that gets nothing asks whether there is nothing, or nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """How the brokers are reached. Topics and groups are named with `prefix`, so that others may use the same cluster.

    `ca`, `certificate` and `key` are PEM files; a `ca` means TLS, the other two that we show who we are.
    """

    servers: tuple[str, ...]
    prefix: str = "musa."
    partitions: int = 8
    replicas: int = -1
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""

    def settings(self) -> dict[str, Any]:
        """Return the settings that every client of the library takes."""
        common: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "client_id": "musa",
            "reconnect_backoff_max_ms": 500,
            "request_timeout_ms": 5_000,
            "bootstrap_timeout_ms": 3_000,
            "connections_max_idle_ms": 540_000,
        }
        if self.tls or self.ca:
            common |= {"security_protocol": "SSL", "ssl_cafile": self.ca or None, "ssl_certfile": self.certificate or None}
            common |= {"ssl_keyfile": self.key or None}
        return common


class Kafka:
    """The bus in a cluster. `publish` waits at most `patience` seconds for the brokers; a dead member's partitions go to others
    after `session` seconds."""

    def __init__(self, cluster: Cluster, *, patience: float = 10.0, session: float = 6.0) -> None:
        _need_library()
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
            end = time.monotonic() + self._patience
            producer = self._connected()
            name = self._cluster.prefix + topic
            sent = [producer.send(name, value=data, key=key, headers=headers) for key, data, headers in records]
            producer.flush(max(0.1, end - time.monotonic()))
            for each in sent:
                each.get(max(0.0, end - time.monotonic()))

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
            make_topics(self._cluster, tuple(Topic))
            self._ready = True
        if self._producer is None:
            self._producer = KafkaProducer(
                **self._cluster.settings(),
                acks="all",
                enable_idempotence=True,
                linger_ms=2,
                batch_size=256 * 1024,
                max_request_size=_LARGEST,
                max_block_ms=int(self._patience * 1000),
                delivery_timeout_ms=int(max(self._patience, 6.0) * 1000),
                metrics_enabled=False,
            )
        return self._producer

    def _drop(self) -> None:
        producer, self._producer, self._ready = self._producer, None, False
        if producer:
            with suppress(Exception):  # whatever it still holds was refused already
                producer.close(timeout=0)

    @contextmanager
    def _away(self) -> Iterator[None]:
        """A producer whose records failed may hold some of them yet: it is thrown away with them."""
        try:
            with bus_away():
                yield
        except BusAway:
            self._drop()
            raise


class Member:
    """One member of a consumer group; it may be used from several threads."""

    def __init__(self, cluster: Cluster, topics: tuple[Topic, ...], group: str, *, beginning: bool, session: float) -> None:
        self._cluster, self._topics, self._group = cluster, topics, group
        self._beginning, self._session = beginning, session
        self._lock = threading.RLock()
        self._consumer: KafkaConsumer | None = None
        self._assigned = self._generation = 0
        self._positions: dict[Place, int] = {}
        self._answered = time.monotonic()
        self.closed = False

    @property
    def generation(self) -> int:
        return self._generation

    def poll(self, wait: float, most: int = 10_000) -> Sequence[Delivered]:
        with self._lock, bus_away():
            consumer = self._connected()
            batches = consumer.poll(timeout_ms=int(wait * 1000), max_records=most)
            if self._assigned != self._generation:
                self._generation = self._assigned
                self._positions.clear()
                if not self._beginning:
                    self._hold_the_end(consumer)
            if not batches:
                self._ask(consumer)
                return ()
            self._answered = time.monotonic()
            return [each for place, records in batches.items() for each in self._deliver(place.topic, place.partition, records)]

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
                consumer.commit(offsets, timeout_ms=5_000)

    def lag(self) -> int:
        with self._lock, bus_away():
            consumer = self._connected()
            mine = sorted(consumer.assignment())
            ends = consumer.end_offsets(mine, timeout_ms=5_000) if mine else {}
            return sum(max(0, end - (consumer.position(place, timeout_ms=5_000) or 0)) for place, end in ends.items())

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
        make_topics(self._cluster, self._topics)
        member = self

        class Watch(ConsumerRebalanceListener):  # type: ignore[misc]
            def on_partitions_revoked(self, revoked: object) -> None: ...

            def on_partitions_assigned(self, assigned: object) -> None:  # noqa: ARG002 (the library's own signature)
                member._assigned += 1

        consumer = KafkaConsumer(
            **self._cluster.settings(),
            group_id=self._cluster.prefix + self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest" if self._beginning else "latest",
            # All partitions are given back and taken anew: whoever keeps one goes on at what was committed, like everybody else.
            partition_assignment_strategy=[RangePartitionAssignor],
            session_timeout_ms=int(self._session * 1000),
            heartbeat_interval_ms=int(self._session * 250),
            max_partition_fetch_bytes=_LARGEST,
            fetch_max_wait_ms=250,
            check_crcs=False,  # the broker has checked them, TCP or TLS the way; in Python it takes half the time of reading
            metrics_enabled=False,
            allow_auto_create_topics=False,
        )
        consumer.subscribe([self._cluster.prefix + each for each in self._topics], listener=Watch())
        self._consumer = consumer
        return consumer

    def _deliver(self, name: str, partition: int, records: Sequence[Any]) -> Iterator[Delivered]:
        topic = Topic(name.removeprefix(self._cluster.prefix))
        for each in records:
            where = f"{name}-{partition}-{each.offset}"
            event = event_of(each.headers, each.key, each.value, place=where, time=each.timestamp / 1000)
            yield Delivered(topic=topic, partition=partition, offset=each.offset, event=event)
        self._positions[topic, partition] = records[-1].offset + 1

    def _hold_the_end(self, consumer: "KafkaConsumer") -> None:
        """A new group that begins at the end keeps that place even if its first member dies before it has read anything."""
        from kafka import OffsetAndMetadata

        new = [each for each in consumer.assignment() if consumer.committed(each, timeout_ms=5_000) is None]
        places = {each: consumer.position(each, timeout_ms=5_000) for each in new}
        offsets = {each: OffsetAndMetadata(offset) for each, offset in places.items() if offset is not None}
        if offsets:
            consumer.commit(offsets, timeout_ms=5_000)

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


def make_topics(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Make the topics that are not there yet; who may not make them must find them."""
    from kafka import KafkaAdminClient
    from kafka.admin import NewTopic
    from kafka.errors import TopicAlreadyExistsError

    admin = KafkaAdminClient(**cluster.settings())
    try:
        there = set(admin.list_topics())
        settings = {"max.message.bytes": str(_LARGEST)}
        missing = [
            NewTopic(name, num_partitions=cluster.partitions, replication_factor=cluster.replicas, topic_configs=settings)
            for name in (cluster.prefix + each for each in topics)
            if name not in there
        ]
        if missing:
            with suppress(TopicAlreadyExistsError):  # somebody else was faster
                admin.create_topics(missing)
    finally:
        admin.close()


@contextmanager
def bus_away() -> Iterator[None]:
    """What the library cannot do now is `BusAway`."""
    from kafka.errors import KafkaError

    try:
        yield
    except (KafkaError, OSError) as error:
        raise BusAway(f"Kafka cannot be used now: {str(error) or type(error).__name__}") from error


def _need_library() -> None:
    try:
        import kafka  # noqa: F401
    except ImportError as error:
        raise OutsideFailed(
            "a Kafka bus needs kafka-python, which is not installed", "pip install 'musa-pipeline[kafka]'"
        ) from error
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it tells of every try to connect; we tell once, by BusAway
