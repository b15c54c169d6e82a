"""Kafka as the bus, with a broker that is killed under load, with strangers' records, and with certificates and access rights."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import Bus, BusAway
from musa_pipeline.domain.event import Event, Topic
from tests.bus.worlds import World, by_subject, collect, events, ids, said, wait_until
from tests.servers.kafka import Kafka, kafka


@pytest.fixture(scope="module")
def broker() -> Iterator[Kafka]:
    with kafka() as server:
        yield server


@pytest.fixture(scope="module")
def guarded() -> Iterator[Kafka]:
    with kafka(secure=True) as server:
        yield server


class Publisher(threading.Thread):
    """Publishes batches until told to stop; a batch that was refused is published again, as the gateway's agents do."""

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self._bus, self._over = bus, threading.Event()
        self.accepted: list[Event] = []
        self.refused = 0

    def run(self) -> None:
        number = 0
        while not self._over.is_set():
            batch = events(20, prefix=f"{number}-")
            try:
                self._bus.publish(Topic.MEASUREMENTS, batch)
            except BusAway:
                self.refused += 1
                continue
            self.accepted += batch
            number += 1

    def stop(self) -> None:
        self._over.set()
        self.join()


def test_a_broker_killed_under_load_loses_nothing_and_everybody_goes_on(broker: Kafka, tmp_path: Path) -> None:
    threads = threading.active_count()
    world = World(f"{broker.url}?prefix=load.&partitions=4&patience=2", tmp_path, once=False)
    with world.bus() as bus, world.bus() as other:
        publisher, member = Publisher(other), bus.subscribe([Topic.MEASUREMENTS], "g")
        publisher.start()
        came = list(collect(member, 100))
        member.commit()
        broker.kill()

        def away() -> bool:
            try:
                came.extend(member.poll(0.2))
            except BusAway:
                return publisher.refused > 0
            return False

        wait_until(away, lambda: "nobody notices that the broker is away")
        with pytest.raises(BusAway):
            member.lag()
        with pytest.raises(BusAway):
            member.commit()
        broker.start()
        before = len(publisher.accepted)
        wait_until(lambda: len(publisher.accepted) > before + 100, lambda: "publishing does not go on")
        publisher.stop()

        def complete() -> bool:
            came.extend(member.poll(0.2))
            return {each.id for each in publisher.accepted} <= set(ids(came))

        wait_until(complete, lambda: f"{len(set(ids(came)))} of {len(publisher.accepted)} came")
        member.commit()
    wait_until(lambda: threading.active_count() <= threads, lambda: f"a client left a thread behind: {threading.enumerate()}")
    first: dict[str, str] = {}
    for each in came:
        first.setdefault(each.event.id, each.event.subject)
    in_order = {subject: [name for name in first if first[name] == subject] for subject in set(first.values())}
    assert in_order == said(publisher.accepted), "in order, even where some came twice"


def test_a_platform_that_starts_before_the_broker_waits_for_it(broker: Kafka, tmp_path: Path) -> None:
    threads = threading.active_count()
    world = World(f"{broker.url}?prefix=early.&partitions=1&patience=1", tmp_path, once=False)
    broker.kill()
    with world.bus() as bus:
        member = bus.subscribe([Topic.EVENTS], "g")
        for attempt in (lambda: bus.publish(Topic.EVENTS, events(1)), lambda: member.poll(0.1), member.commit):
            with pytest.raises(BusAway, match="Kafka cannot be used now: "):
                attempt()
        assert threading.active_count() <= threads, "no attempt leaves anything behind"
        broker.start()
        bus.publish(Topic.EVENTS, events(3))
        assert by_subject(collect(member, 3)) == said(events(3))


def test_records_are_cloudevents_in_binary_mode(broker: Kafka, tmp_path: Path) -> None:
    from kafka import KafkaConsumer, TopicPartition

    event = Event(id="7", type="musa.finding", source="detector", subject="web", time=1_767_225_600.25, data=b'{"a":1}')
    with World(f"{broker.url}?prefix=binary.&partitions=1", tmp_path, once=False).bus() as bus:
        bus.publish(Topic.EVENTS, [event])
    bare = KafkaConsumer(bootstrap_servers=broker.address, auto_offset_reset="earliest", consumer_timeout_ms=20_000)
    bare.assign([TopicPartition("binary.events", 0)])
    record = next(bare)
    bare.close()
    assert (record.key, record.value) == (b"web", b'{"a":1}')
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"7",
        "ce_type": b"musa.finding",
        "ce_source": b"detector",
        "ce_subject": b"web",
        "ce_time": b"2026-01-01T00:00:00.250000000Z",
        "content-type": b"application/json",
    }


def test_records_of_strangers_come_through_as_values(broker: Kafka, tmp_path: Path) -> None:
    from kafka import KafkaProducer

    structured = b'{"specversion":"1.0","id":"s","type":"t","source":"x","subject":"y","time":"2026-01-01T00:00:00Z","data":[1]}'
    mark = [("content-type", b"application/cloudevents+json; charset=utf-8")]
    world = World(f"{broker.url}?prefix=strange.&partitions=1", tmp_path, once=False)
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, events(1))
        producer = KafkaProducer(bootstrap_servers=broker.address)
        for value, headers in (
            (b"no event at all", []),
            (b"", [("ce_id", b"\xff"), ("ce_time", b"yesterday")]),
            (structured, mark),
            (b"{", mark),
        ):
            producer.send("strange.events", value=value, headers=headers, timestamp_ms=5000)
        producer.close()
        came = [each.event for each in collect(bus.subscribe([Topic.EVENTS], "g"), 5)][1:]
    assert came == [
        Event(id="strange.events-0-1", type="", source="", subject="", time=5.0, data=b"no event at all"),
        Event(id="\N{REPLACEMENT CHARACTER}", type="", source="", subject="", time=5.0, data=b""),
        Event(id="s", type="t", source="x", subject="y", time=1_767_225_600.0, data=b"[1]"),
        Event(id="strange.events-0-4", type="", source="", subject="", time=5.0, data=b"{"),
    ]


def _allow(guarded: Kafka) -> None:
    """What docs/bus.md tells an administrator to allow: the writer publishes, the reader reads in our groups."""
    from kafka import KafkaAdminClient
    from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

    pem = str(guarded.certificate("admin"))
    admin = KafkaAdminClient(
        bootstrap_servers=guarded.address,
        security_protocol="SSL",
        ssl_cafile=str(guarded.certificate("ca")),
        ssl_certfile=pem,
        ssl_keyfile=pem,
    )
    ours = ResourcePattern(ResourceType.TOPIC, "musa.", ACLResourcePatternType.PREFIXED)
    groups = ResourcePattern(ResourceType.GROUP, "musa.", ACLResourcePatternType.PREFIXED)
    allowed = [("writer", ACLOperation.WRITE, ours), ("reader", ACLOperation.READ, ours), ("reader", ACLOperation.READ, groups)]
    admin.create_acls([ACL(f"User:{who}", "*", what, ACLPermissionType.ALLOW, where) for who, what, where in allowed])
    admin.close()


def test_with_certificates_each_does_only_what_it_may(guarded: Kafka, tmp_path: Path) -> None:
    _allow(guarded)
    with World(guarded.url_of("admin"), tmp_path, once=False).bus() as admin:
        admin.publish(Topic.EVENTS, events(1, prefix="first"))  # makes the topics, which the others may not
    with World(guarded.url_of("writer") + "&patience=3", tmp_path, once=False).bus() as writer:
        writer.publish(Topic.EVENTS, events(9))
        with pytest.raises(BusAway, match="Authorization"):
            writer.subscribe([Topic.EVENTS], "g").poll(10.0)
    with World(guarded.url_of("reader") + "&patience=3", tmp_path, once=False).bus() as reader:
        member = reader.subscribe([Topic.EVENTS], "g")
        assert len(collect(member, 10)) == 10
        member.commit()
        with pytest.raises(BusAway, match="Authorization"):
            reader.publish(Topic.EVENTS, events(1))
    with World(guarded.url_of("stranger") + "&patience=3", tmp_path, once=False).bus() as stranger:
        with pytest.raises(BusAway):
            stranger.publish(Topic.EVENTS, events(1))
        with pytest.raises(BusAway):
            stranger.subscribe([Topic.EVENTS], "g").poll(5.0)


def test_without_a_certificate_nobody_gets_in(guarded: Kafka, tmp_path: Path) -> None:
    for settings in (f"ca={guarded.certificate('ca')}", "tls=no"):
        bus = open_bus(f"kafka://{guarded.address}?{settings}&patience=2", tmp_path)
        with pytest.raises(BusAway):
            bus.publish(Topic.EVENTS, events(1))
        bus.close()


def test_a_server_that_the_authority_does_not_know_is_not_talked_to(guarded: Kafka, tmp_path: Path) -> None:
    from tests.servers.certificates import Authority

    other = Authority(tmp_path / "other").certificate
    pem = guarded.certificate("admin")
    bus = open_bus(f"kafka://{guarded.address}?ca={other}&cert={pem}&key={pem}&patience=2", tmp_path)
    with pytest.raises(BusAway):
        bus.publish(Topic.EVENTS, events(1))
    bus.close()
