"""Batches of Kafka are unpacked by us as by the library, whatever is in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.bus.cloudevents import headers_of
from musa_pipeline.bus.fetched import delivered, unpack_ourselves, unpacked
from musa_pipeline.bus.port import Delivered
from musa_pipeline.domain.event import Event, Topic

pytest.importorskip("kafka")

from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords
from kafka.structs import TopicPartition

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
OCTETS = st.none() | st.binary(max_size=200)
EVENTS = st.builds(
    Event, id=WORDS, type=st.sampled_from(["musa.measurements", "x"]) | WORDS, source=WORDS, subject=WORDS, time=st.floats(0, 4e9),
    data=st.binary(max_size=300),
)  # fmt: skip
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_type", "ce_id", "ce_time", "content-type"]) | WORDS,
        OCTETS | st.sampled_from([b"application/cloudevents+json", b"application/json", b"x" * 9000]),
    ),
    max_size=5,
)
RECORDS = st.lists(
    st.tuples(st.integers(0, 2**41), OCTETS, OCTETS, HEADERS)
    | EVENTS.map(lambda each: (int(each.time * 1000), each.subject.encode(), each.data, headers_of(each))),
    min_size=1,
    max_size=5,
)


def batch(records: list[tuple[int, Any, Any, Any]], first: int = 0, packed: bool = True) -> bytes:
    made = DefaultRecordBatchBuilder(2, int(packed), False, -1, -1, -1, 2**24)
    for offset, (time, key, value, headers) in enumerate(records, first):
        assert made.append(offset, time, key, value, headers)
    return bytes(made.build())


def said(each: Delivered) -> tuple[object, ...]:
    return each.topic, each.partition, each.offset, each.type, each.data, each.event


def read(octets: bytes, consumer: Any, begin: int = 0) -> tuple[list[tuple[object, ...]], int]:
    """Return what a consumer's own machinery gives of some batches, and where it goes on."""
    place = TopicPartition("musa.measurements", 3)
    part = consumer.PartitionRecords(begin, place, MemoryRecords(octets), check_crcs=False)
    return [said(delivered(Topic.MEASUREMENTS, each)) for each in part.take()], part.next_fetch_offset


class Theirs:
    PartitionRecords = Fetcher.PartitionRecords


class Consumer:
    def __init__(self) -> None:
        self._fetcher: Any = Theirs()


@given(st.lists(RECORDS, min_size=1, max_size=3), st.booleans(), st.integers(0, 6))
def test_what_is_in_a_batch_comes_as_the_library_reads_it(batches: list[list[Any]], packed: bool, begin: int) -> None:
    ours = Consumer()
    unpack_ourselves(ours, lambda name: Topic(name.removeprefix("musa.")))  # type: ignore[arg-type]
    octets = b"".join(batch(each, sum(map(len, batches[:place])) * 10, packed=packed) for place, each in enumerate(batches))
    assert read(octets, ours._fetcher, begin) == read(octets, Theirs, begin)


class MadeOtherwise:
    PartitionRecords = object


def test_a_library_that_is_made_otherwise_is_left_alone() -> None:
    unpack_ourselves(object(), Topic)  # type: ignore[arg-type]
    consumer = Consumer()
    consumer._fetcher = MadeOtherwise()
    unpack_ourselves(consumer, Topic)  # type: ignore[arg-type]
    assert consumer._fetcher.PartitionRecords is object


@given(RECORDS, st.data())
def test_octets_that_were_spoilt_on_the_way_are_an_error_or_other_records_and_never_a_crash(
    records: list[Any], data: Any
) -> None:
    octets = bytearray(batch(records, packed=False))
    place = data.draw(st.integers(DefaultRecordBatch.HEADER_STRUCT.size, len(octets) - 1))
    octets[place] ^= data.draw(st.integers(1, 255))
    try:
        came = [*unpacked(DefaultRecordBatch(bytes(octets)), Topic.EVENTS, "musa.events", 0)]
    except CorruptRecordError:
        return
    assert len(came) == len(records)
    assert all(said(each) for each in came)


def test_a_library_that_is_made_otherwise_is_left_as_it_is() -> None:
    class Other:
        pass

    other = Other()
    unpack_ourselves(other, Topic)  # type: ignore[arg-type]
    assert vars(other) == {}
