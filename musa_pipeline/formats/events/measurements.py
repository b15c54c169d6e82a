"""Measurements as a JSON list: the one payload that comes in masses, so it is read in one step where it can be."""

from collections.abc import Iterable
from math import isfinite

import msgspec

from musa_pipeline.domain.event import MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.events.corrupt import Corrupt


class _Written(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A measurement as it is written: `about` is an object, left out when there is nothing to say."""

    component: ComponentId
    machine: MachineId
    agent: str
    metric: str
    value: float
    unit: str
    time: float
    about: dict[str, str] = {}


_written = msgspec.json.Decoder(list[_Written])
_encoder = msgspec.json.Encoder()
_measured = msgspec.json.Decoder(list[Measurement])


def read_measurements(data: bytes) -> tuple[Measurement, ...] | Corrupt:
    """Return a batch, whole or not at all."""
    try:
        if b'"about"' not in data:  # three times as fast: nothing is built twice
            return tuple(_measured.decode(data))
        return tuple(map(_measurement, _written.decode(data)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Corrupt(why=str(error))


def write_measurements(measurements: Iterable[Measurement]) -> bytes:
    """Return the text of a batch. A figure that JSON cannot say (no number, infinite) is a mistake of the caller."""
    return _encoder.encode([_written_of(each) for each in measurements])


def _measurement(said: _Written) -> Measurement:
    return Measurement(
        component=said.component,
        machine=said.machine,
        agent=said.agent,
        metric=said.metric,
        value=said.value,
        unit=said.unit,
        time=said.time,
        about=tuple(said.about.items()),
    )


def _written_of(each: Measurement) -> _Written:
    if not (isfinite(each.value) and isfinite(each.time)):
        raise ValueError(f"{each.metric!r} of {each.component or each.machine!r} is {each.value} at {each.time}")
    return _Written(
        component=each.component,
        machine=each.machine,
        agent=each.agent,
        metric=each.metric,
        value=each.value,
        unit=each.unit,
        time=each.time,
        about=dict(each.about),
    )
