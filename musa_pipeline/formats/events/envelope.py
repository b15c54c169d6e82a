"""The envelope of an event after CloudEvents 1.0.2: its JSON format (structured mode), and its time as RFC 3339 says it."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

from musa_pipeline.domain.event import Event
from musa_pipeline.formats.events.corrupt import Corrupt

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_NANO = 1_000_000_000
_LAST = 253_402_300_799.0
"""The end of the year 9999, the last that RFC 3339 can say."""


class _Envelope(msgspec.Struct, kw_only=True):
    specversion: str
    id: str
    type: str
    source: str
    subject: str = ""
    time: str
    datacontenttype: str = "application/json"
    data: msgspec.Raw = msgspec.Raw(b"{}")


_decoder = msgspec.json.Decoder(_Envelope)
_encoder = msgspec.json.Encoder()


def write_event(event: Event) -> bytes:
    """Return an event as one JSON object; `data` must be JSON text, and is put in as it is."""
    return _encoder.encode(
        _Envelope(
            specversion="1.0",
            id=event.id,
            type=event.type,
            source=event.source,
            subject=event.subject,
            time=write_time(event.time),
            data=msgspec.Raw(event.data),
        )
    )


def read_event(text: bytes) -> Event | Corrupt:
    """Return the event that a JSON object of CloudEvents 1.x tells."""
    try:
        said = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Corrupt(why=str(error))
    if not said.specversion.startswith("1."):
        return Corrupt(why="no CloudEvents 1.x")
    time = read_time(said.time)
    if isinstance(time, Corrupt):
        return time
    return Event(id=said.id, type=said.type, source=said.source, subject=said.subject, time=time, data=bytes(said.data))


def write_time(time: float) -> str:
    """Return UTC seconds since 1970 as RFC 3339, to the nanosecond: finer than the number itself, so that it comes back the same.

    >>> write_time(1767225600.25)
    '2026-01-01T00:00:00.250000000Z'
    """
    if not 0 <= time <= _LAST:
        raise ValueError(f"no time that can be written: {time}")
    whole, rest = divmod(round(time % 1 * _NANO), _NANO)
    return f"{_second_as_text(int(time) + whole)}.{rest:09d}Z"


def read_time(text: str) -> float | Corrupt:
    """Return UTC seconds since 1970; offsets other than Z are heeded.

    >>> read_time('2026-01-01T01:00:00+01:00')
    1767225600.0
    """
    second, rest = text[:19], text[19:]
    try:
        if rest[-1:] == "Z" and rest[:1] == "." and rest[1:-1].isdecimal() and len(rest) < 32:
            return float(f"{_text_as_second(second)}{rest[:-1]}")
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return Corrupt(why="a time without its offset from UTC")
        return (moment - _BEGIN).total_seconds()
    except (ValueError, OverflowError):
        return Corrupt(why="no time after RFC 3339")


@lru_cache(4096)
def _second_as_text(second: int) -> str:
    return (_BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(4096)
def _text_as_second(text: str) -> int:
    return int((datetime.fromisoformat(text + "+00:00") - _BEGIN).total_seconds())
