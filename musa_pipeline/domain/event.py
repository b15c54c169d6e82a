"""Records on the bus, after CloudEvents 1.0, and where each kind of them goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, TypeAlias

from musa_pipeline.domain.ids import ComponentId

MachineId = NewType("MachineId", str)

Plain: TypeAlias = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None
"""What JSON can say."""


class Topic(StrEnum):
    """The streams of the platform. Records of one key (component or machine) keep their order."""

    MEASUREMENTS = "measurements"
    EVENTS = "events"
    COMMANDS = "commands"
    RESULTS = "results"


class EventType(StrEnum):
    """What a record says; the payload of each is the value of the same name."""

    MEASUREMENTS = "musa.measurements"
    FINDING = "musa.finding"
    VERDICT = "musa.verdict"
    INCIDENT = "musa.incident"
    COMMAND = "musa.command"
    RESULT = "musa.result"
    ACTION = "musa.action"
    MANAGEMENT = "musa.management"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One record: `subject` is its key (a component, else a machine), `time` UTC seconds since 1970, `data` JSON text.

    Two records with one `id` in one topic are the same record told twice.
    """

    id: str
    type: str
    source: str
    subject: str
    time: float
    data: bytes = b"{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One observed figure. `component` empty: of the machine as a whole. `time` is when it was observed, UTC seconds since 1970.

    `agent` says who observed it; `unit` is the unit of `value`; `about` holds what more is known (the source address of a counter).
    """

    component: ComponentId
    machine: MachineId
    agent: str
    metric: str
    value: float
    unit: str
    time: float
    about: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class Samples:
    """Measurements of one series, in the order in which they came: `values[n]` was observed at `times[n]`.

    Where they come in masses they are handled by the series: what is the same in all of them is looked at once. Not frozen,
    unlike all else here: it grows while batches are read.
    """

    component: ComponentId
    machine: MachineId
    agent: str
    metric: str
    unit: str
    about: tuple[tuple[str, str], ...] = ()
    times: list[float]
    values: list[float]

    def one(self, time: float, value: float) -> Measurement:
        """Return a measurement of this series."""
        return Measurement(
            component=self.component,
            machine=self.machine,
            agent=self.agent,
            metric=self.metric,
            value=value,
            unit=self.unit,
            time=time,
            about=self.about,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a detection algorithm concludes, with confidence 0..1. `source`: the address that causes it, if one does."""

    id: str
    type: str
    component: ComponentId
    machine: MachineId
    time: float
    confidence: float
    algorithm: str
    source: str = ""
    detail: str = ""
    evidence: tuple[tuple[str, float], ...] = ()


def gathered(measurements: Iterable[Measurement]) -> Sequence[Samples]:
    """Return measurements series by series, in the order in which the series came."""
    found: dict[tuple[object, ...], Samples] = {}
    for each in measurements:
        key = (each.metric, each.component, each.machine, each.agent, each.unit, each.about)
        samples = found.get(key)
        if samples is None:
            samples = found[key] = Samples(
                component=each.component,
                machine=each.machine,
                agent=each.agent,
                metric=each.metric,
                unit=each.unit,
                about=each.about,
                times=[],
                values=[],
            )
        samples.times.append(each.time)
        samples.values.append(each.value)
    return (*found.values(),)
