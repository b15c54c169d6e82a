"""Events as Kafka records, after the Kafka protocol binding of CloudEvents 1.0.2: binary mode is written, structured mode is read too."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from musa_pipeline.domain.event import Event
from musa_pipeline.formats.events import Corrupt, read_event, read_time, write_time

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]

STRUCTURED = b"application/cloudevents"
_FIXED = [("ce_specversion", b"1.0"), ("content-type", b"application/json")]


def headers_of(event: Event) -> list[tuple[str, bytes]]:
    """Return the headers of a record; its key is the subject and its value the data as it is."""
    return [
        ("ce_id", event.id.encode()),
        ("ce_type", event.type.encode()),
        ("ce_source", event.source.encode()),
        ("ce_subject", event.subject.encode()),
        ("ce_time", write_time(event.time).encode()),
        *_FIXED,
    ]


def type_of(headers: Headers) -> str | None:
    """Return the type of the event in a record as its headers say it; None if its value says it (structured mode)."""
    said = dict(headers)
    if (said.get("content-type") or b"").startswith(STRUCTURED):
        return None
    return _text(said.get("ce_type") or b"")


def event_of(headers: Headers, key: bytes | None, value: bytes | None, *, place: str, time: float) -> Event:
    """Return the event in a record. What is no CloudEvent comes through as an event of no type, whose id is its place."""
    said: dict[str, Any] = dict(headers)
    try:
        moment = read_time(said["ce_time"].decode())
        if said["content-type"] == b"application/json" and not isinstance(moment, Corrupt):
            return Event(
                id=said["ce_id"].decode(),
                type=said["ce_type"].decode(),
                source=said["ce_source"].decode(),
                subject=said["ce_subject"].decode(),
                time=moment,
                data=value or b"",
            )
    except (KeyError, AttributeError, UnicodeDecodeError):
        pass  # not one of ours: with care then
    return _foreign({name: text or b"" for name, text in headers}, key or b"", value or b"", place, time)


def _foreign(said: Mapping[str, bytes], key: bytes, value: bytes, place: str, time: float) -> Event:
    if said.get("content-type", b"").startswith(STRUCTURED):
        whole = read_event(value)
        if not isinstance(whole, Corrupt):
            return whole
    moment = read_time(_text(said.get("ce_time", b"")))
    return Event(
        id=_text(said["ce_id"]) if "ce_id" in said else place,
        type=_text(said.get("ce_type", b"")),
        source=_text(said.get("ce_source", b"")),
        subject=_text(said.get("ce_subject", key)),
        time=time if isinstance(moment, Corrupt) else moment,
        data=value,
    )


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
