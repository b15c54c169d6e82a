"""What agents say, read strictly: anything else is no message of an agent."""

from typing import Annotated, Any

import msgspec

from musa_pipeline.domain.command import Outcome, Result
from musa_pipeline.domain.event import Event, EventType, MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.events import too_deep, write_measurements, write_payload
from musa_pipeline.services.gateway.accounts import Account

MOST_MEASUREMENTS = 20_000
MOST_BATCHES = 500
AHEAD = 300.0
"""Seconds by which an agent's clock may be ahead of ours: a measurement from the future would end every window before it began."""

_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_About = Annotated[dict[_Name, Annotated[str, msgspec.Meta(max_length=2000)]], msgspec.Meta(max_length=40)]
_Time = Annotated[float, msgspec.Meta(ge=0, le=1e11)]


class _Measurement(msgspec.Struct, gc=False):
    component: _Name
    machine: _Word
    agent: _Word
    metric: _Word
    value: float
    unit: _Name
    time: _Time
    about: _About = {}


class _Batch(msgspec.Struct):
    batch: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z-]{1,80}$")]
    measurements: Annotated[list[_Measurement], msgspec.Meta(max_length=MOST_MEASUREMENTS)]


class _Batches(msgspec.Struct):
    batches: Annotated[list[_Batch], msgspec.Meta(min_length=1, max_length=MOST_BATCHES)]


class _Result(msgspec.Struct):
    command: _Name
    machine: _Word
    outcome: Outcome
    time: _Time
    reason: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    before: Any = None
    after: Any = None


class _Results(msgspec.Struct):
    results: Annotated[list[_Result], msgspec.Meta(max_length=1000)]


_batch, _batches, _results = msgspec.json.Decoder(_Batch), msgspec.json.Decoder(_Batches), msgspec.json.Decoder(_Results)


class Malformed(Exception):
    """The text is not what agents send."""


class NotYours(Exception):
    """The text speaks of what this machine may not speak of; `reason`: other-machine or other-component."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(f"{name[:100]!r} is not this machine's")
        self.reason = reason


def read_batch(data: bytes, machine: MachineId, account: Account, now: float) -> tuple[list[Event], int, int]:
    """Return a batch, or several, as one event for each component; how many measurements are in them, and how many were from the future.

    The ids come from the agent's own: a batch that is sent again is the same batch. Raises Malformed and NotYours.
    """
    try:
        several = _batches.decode(data).batches if data.startswith(b'{"batches":') else [_batch.decode(data)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error
    events: list[Event] = []
    accepted = early = 0
    for each in several:
        some, late = _one(each, machine, account, now)
        events += some
        accepted += len(each.measurements) - late
        early += late
    return events, accepted, early


def _one(told: _Batch, machine: MachineId, account: Account, now: float) -> tuple[list[Event], int]:
    groups: dict[str, list[Measurement]] = {}
    early = 0
    for each in told.measurements:
        _check_owner(each.machine, each.component, machine, account)
        if each.time > now + AHEAD:
            early += 1
            continue
        groups.setdefault(each.component, []).append(
            Measurement(
                component=ComponentId(each.component),
                machine=machine,
                agent=each.agent,
                metric=each.metric,
                value=each.value,
                unit=each.unit,
                time=each.time,
                about=tuple(each.about.items()),
            )
        )
    return [_event(machine, told.batch, component, some) for component, some in sorted(groups.items())], early


def _event(machine: MachineId, batch: str, component: str, measurements: list[Measurement]) -> Event:
    return Event(
        id=f"{machine}/{batch}/{component}" if component else f"{machine}/{batch}",
        type=EventType.MEASUREMENTS,
        source=f"agent/{machine}",
        subject=component or machine,
        time=max(each.time for each in measurements),
        data=write_measurements(measurements),
    )


def _check_owner(told: str, component: str, machine: MachineId, account: Account) -> None:
    if told != machine:
        raise NotYours("other-machine", told)
    if component and component not in account.components:
        raise NotYours("other-component", component)


def read_results(data: bytes, machine: MachineId) -> list[tuple[Event, Outcome]]:
    """Return answers to commands as events. Raises Malformed and NotYours."""
    try:
        told = _results.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error
    found = []
    for each in told.results:
        if each.machine != machine:
            raise NotYours("other-machine", each.machine)
        if too_deep(each.before) or too_deep(each.after):
            raise Malformed("a state that is nested too deeply")
        result = Result(
            command=each.command,
            machine=machine,
            outcome=each.outcome,
            time=each.time,
            reason=each.reason,
            before=each.before,
            after=each.after,
        )
        event = Event(
            id=f"{machine}-{each.command}-{each.outcome.value}",
            type=EventType.RESULT,
            source=f"agent/{machine}",
            subject=machine,
            time=each.time,
            data=write_payload(result),
        )
        found.append((event, each.outcome))
    return found
