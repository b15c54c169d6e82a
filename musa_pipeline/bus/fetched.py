"""What Kafka sent, unpacked for us: a third of the work of kafka-python's own unpacking, for of a record's headers we need one at once.

The library has no public place for this. Where a version of it is made otherwise, its own records are taken (`delivered`).
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from musa_pipeline.bus.cloudevents import STRUCTURED, event_of, type_of
from musa_pipeline.bus.port import Delivered
from musa_pipeline.domain.event import Event, Topic

if TYPE_CHECKING:
    from kafka import KafkaConsumer

_MAGIC = 2
"""The form of a batch since Kafka 0.11."""


def unpack_ourselves(consumer: "KafkaConsumer", topic_of: Callable[[str], Topic]) -> None:
    """Have a consumer give `Delivered` records, if its library is made as we know it."""
    fetcher: Any = getattr(consumer, "_fetcher", None)
    theirs = getattr(fetcher, "PartitionRecords", None)
    if theirs is None or not hasattr(theirs, "_unpack_records"):
        return
    from kafka.errors import UnsupportedVersionError
    from kafka.record.default_records import DefaultRecordBatch

    if not hasattr(DefaultRecordBatch, "_maybe_uncompress"):
        return

    class Ours(theirs):  # type: ignore[misc, valid-type]
        def _unpack_records(self, place: Any, records: Any, *_: object) -> Iterator[Delivered]:
            topic = topic_of(place.topic)
            while (batch := records.next_batch()) is not None:
                if batch.magic != _MAGIC:
                    raise UnsupportedVersionError(f"{place.topic} holds records in a form from before Kafka 0.11")
                self.leader_epoch = batch.leader_epoch
                for each in () if batch.is_control_batch else unpacked(batch, topic, place.topic, place.partition):
                    self.next_fetch_offset = each.offset + 1
                    yield each
                self.next_fetch_offset = batch.next_offset  # the last records of a batch may be gone
                self.bytes_read += batch.size_in_bytes
            self.drain()

    fetcher.PartitionRecords = Ours


def delivered(topic: Topic, record: Any) -> Delivered:
    """Return a record as ours, if it is the library's."""
    if isinstance(record, Delivered):
        return record
    told = (record.topic, record.timestamp, record.key, record.value, record.headers)
    return _delivered(topic, record.partition, record.offset, type_of(record.headers), record.value, told, _event_of_theirs)


def unpacked(batch: Any, topic: Topic, name: str, partition: int) -> Iterator[Delivered]:
    """Return the records of a batch of the library (form 2). Raises its CorruptRecordError."""
    from kafka.errors import CorruptRecordError

    batch._maybe_uncompress()
    octets, at = bytes(batch._buffer), batch._pos
    base, first = batch.base_offset, batch.first_timestamp
    fixed = batch.max_timestamp if batch.timestamp_type else None
    try:
        for _ in range(batch.records_count):
            size, at = _number(octets, at)
            end = at + size
            since, at = _number(octets, at + 1)  # after the attributes, which mean nothing yet
            offset, at = _number(octets, at)
            key, at = _octets(octets, at)
            value, at = _octets(octets, at)
            kind = _type(octets, at, end)
            told = (name, first + since if fixed is None else fixed, key, value, octets, at)
            at = end
            yield _delivered(topic, partition, base + offset, kind, value, told, _event_of_ours)
        if at != len(octets):
            raise IndexError(f"{len(octets) - at} octets too many")
    except IndexError as error:
        raise CorruptRecordError(f"a batch of {name}-{partition} from {base} on cannot be read: {error}") from error


def _delivered(
    topic: Topic,
    partition: int,
    offset: int,
    kind: str | None,
    value: bytes | None,
    told: tuple[Any, ...],
    read: Callable[[Any], Event],
) -> Delivered:
    if kind is None:  # its value says it
        event = read((*told, partition, offset))
        return Delivered(topic, partition, offset, event.type, event.data, (*told, partition, offset), read)
    return Delivered(topic, partition, offset, kind, value or b"", (*told, partition, offset), read)


def _event_of_theirs(told: Any) -> Event:
    name, time, key, value, headers, partition, offset = told
    return event_of(headers, key, value, place=f"{name}-{partition}-{offset}", time=time / 1000)


def _event_of_ours(told: Any) -> Event:
    name, time, key, value, octets, at, partition, offset = told
    return _event_of_theirs((name, time, key, value, [*_headers(octets, at)], partition, offset))


def _type(octets: bytes, at: int, end: int) -> str | None:
    """Return what headers say of the type, as `type_of` does; IndexError if they do not end where they should."""
    kind, structured = b"", False
    count, at = _number(octets, at)
    for _ in range(count):
        size = octets[at]
        if size & 0x81:
            size, at = _number(octets, at)
        else:
            size, at = size >> 1, at + 1
        if size < 0:  # else spoilt octets would lead backwards, and round and round
            raise IndexError("a header has no name")
        name = octets[at : at + size]
        at += size
        size = octets[at]
        if size & 0x81:
            size, at = _number(octets, at)
        else:
            size, at = size >> 1, at + 1
        if name == b"ce_type":
            kind = octets[at : at + size] if size > 0 else b""
        elif name == b"content-type":
            structured = size > 0 and octets.startswith(STRUCTURED, at, at + size)
        if size > 0:
            at += size
    if at != end or count < 0:
        raise IndexError("a record does not end where it should")
    return None if structured else kind.decode("utf-8", "replace")


def _headers(octets: bytes, at: int) -> Iterator[tuple[str, bytes | None]]:
    count, at = _number(octets, at)
    for _ in range(count):
        name, at = _octets(octets, at)
        value, at = _octets(octets, at)
        yield (name or b"").decode("utf-8", "replace"), value


def _octets(octets: bytes, at: int) -> tuple[bytes | None, int]:
    """Return octets whose number stands before them, None for -1, and where the next thing begins."""
    size, at = _number(octets, at)
    if size < 0:
        return None, at
    return octets[at : at + size], at + size


def _number(octets: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length, and where the next thing begins."""
    found = octets[at]
    if not found & 0x81:
        return found >> 1, at + 1
    low = shift = 0
    while found & 0x80:
        low |= (found & 0x7F) << shift
        shift += 7
        at += 1
        found = octets[at]
    low |= found << shift
    return (low >> 1) ^ -(low & 1), at + 1
