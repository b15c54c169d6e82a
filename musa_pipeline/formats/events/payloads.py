"""What events carry beside measurements: findings, verdicts, incidents, commands, results and actions, each as one JSON object."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from math import isfinite
from typing import Any, TypeAlias, TypeVar

import msgspec

from musa_pipeline.domain.command import Command, Result
from musa_pipeline.domain.event import Event, EventType, Finding, Measurement, Plain
from musa_pipeline.domain.policy import Action
from musa_pipeline.domain.verdict import Incident, Verdict
from musa_pipeline.formats.events.corrupt import Corrupt
from musa_pipeline.formats.events.measurements import read_measurements, write_measurements

Payload: TypeAlias = tuple[Measurement, ...] | Finding | Verdict | Incident | Command | Result | Action | dict[str, Plain]
"""The value of an event, by its type; a management event carries a plain object."""

T = TypeVar("T")

DEEPEST = 40
"""How deep lists and objects of a payload nest; what is deeper could be read, but not be copied and written again."""


def too_deep(value: object) -> bool:
    """Tell whether lists and objects nest deeper than a payload may.

    >>> too_deep([{"a": [1]}]), too_deep(msgspec.json.decode(b"[" * 100 + b"]" * 100))
    (False, True)
    """
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        inside = (inner for each in level for inner in (each.values() if isinstance(each, dict) else each))
        level = [each for each in inside if isinstance(each, dict | list)]
    return bool(level)


def _reader(cls: Callable[..., T], written: Mapping[str, Any]) -> Callable[[bytes], T | Corrupt]:
    """Return a reader of one kind of value: field by field of its vocabulary, except those that are `written` otherwise."""
    shape = msgspec.defstruct(
        getattr(cls, "__name__", "Value"),
        [
            (each.name, written.get(each.name, each.type), *(() if each.default is MISSING else (each.default,)))
            for each in fields(cls)  # type: ignore[arg-type]
        ],
        kw_only=True,
    )
    decoder, names = msgspec.json.Decoder(shape), shape.__struct_fields__
    pairs = {name for name, kind in written.items() if kind is _PAIRS}
    free = {*written} - pairs

    def read(data: bytes) -> T | Corrupt:
        try:
            said = decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return Corrupt(why=str(error))
        values = {name: getattr(said, name) for name in names}
        if any(too_deep(values[name]) for name in free):
            return Corrupt(why="nested too deeply")
        for name in pairs:
            values[name] = tuple(dict(values[name]).items())
        return cls(**values)

    return read


_PAIRS = dict[str, float]
_OBJECT = dict[str, Any]

read_finding = _reader(Finding, {"evidence": _PAIRS})
read_verdict = _reader(Verdict, {})
read_incident = _reader(Incident, {})
read_command = _reader(Command, {"arguments": _OBJECT})
read_result = _reader(Result, {"before": Any, "after": Any})
read_action = _reader(Action, {"arguments": _OBJECT})

_plain: "msgspec.json.Decoder[dict[str, Any]]" = msgspec.json.Decoder(_OBJECT)
_encoder = msgspec.json.Encoder()


def read_plain(data: bytes) -> dict[str, Plain] | Corrupt:
    """Return any JSON object."""
    try:
        said = _plain.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Corrupt(why=str(error))
    return Corrupt(why="nested too deeply") if too_deep(said) else said


_READERS: dict[str, Callable[[bytes], Payload | Corrupt]] = {
    EventType.MEASUREMENTS: read_measurements,
    EventType.FINDING: read_finding,
    EventType.VERDICT: read_verdict,
    EventType.INCIDENT: read_incident,
    EventType.COMMAND: read_command,
    EventType.RESULT: read_result,
    EventType.ACTION: read_action,
    EventType.MANAGEMENT: read_plain,
}


def read_payload(event: Event) -> Payload | Corrupt:
    """Return what an event carries, as its type says."""
    reader = _READERS.get(event.type)
    return reader(event.data) if reader else Corrupt(why="not a type of event that is known here")


def write_payload(payload: Payload) -> bytes:
    """Return the JSON text of what an event carries."""
    match payload:
        case tuple():
            return write_measurements(payload)
        case Finding(evidence=pairs):
            if not all(isfinite(value) for _, value in pairs):
                raise ValueError(f"finding {payload.id!r}: evidence that is no finite number")
            return _encoder.encode(
                {**{each.name: getattr(payload, each.name) for each in fields(payload)}, "evidence": dict(pairs)}
            )
        case _:
            return _encoder.encode(payload)
