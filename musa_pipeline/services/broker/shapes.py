"""What goes over the wire, as types: the readers, the writers and the OpenAPI document are made of them."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from musa_pipeline.domain.context import Kind

MOST = 1_000
"""Things in one answer, changes in one request."""

MOST_BUCKETS = 10_000

Time = Annotated[float, Meta(description="UTC, seconds since 1970", ge=0)]
Moment = Annotated[
    str,
    Meta(
        description="UTC: seconds since 1970, or a time after RFC 3339",
        examples=["1767268800", "2026-01-01T12:00:00Z"],
        max_length=40,
    ),
]
Limit = Annotated[int, Meta(description="of the answer: so many at most", ge=1, le=MOST)]
Word = Annotated[str, Meta(max_length=2_000)]
Fields = Annotated[dict[str, Any], Meta(description="fields by name")]


class Thing(Struct, kw_only=True):
    """An entity as it is, or was at `time`; `revision` counts its changes."""

    kind: Kind
    id: str
    desired: Fields
    observed: Fields
    time: Time
    revision: Annotated[int, Meta(ge=1)]
    gone: Annotated[bool, Meta(description="it ended with this")] = False


class Things(Struct, kw_only=True):
    """Entities in the order of their ids."""

    entities: list[Thing]
    next: Annotated[str | None, Meta(description="give it as `after` to go on; null: that was all")]


class History(Struct, kw_only=True):
    """The states of an entity, newest first."""

    states: list[Thing]


class Span(Struct, kw_only=True):
    """Measurements in [start, start + step). Null: larger than a number can be."""

    start: Time
    count: Annotated[int, Meta(ge=1)]
    total: float | None
    mean: float | None
    lowest: float
    highest: float


class Series(Struct, kw_only=True):
    """Measurements of one component or machine, by spans of time; empty ones are left out."""

    subject: str
    metric: str
    since: Time
    until: Time
    step: float
    buckets: list[Span]


class CloudEvent(Struct, kw_only=True):
    """An event after CloudEvents 1.0.2 in its JSON format."""

    specversion: str
    id: str
    type: str
    source: str
    subject: str | UnsetType = UNSET
    time: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    datacontenttype: str | UnsetType = UNSET
    data: Any | UnsetType = UNSET
    data_base64: Annotated[str, Meta(description="what is no JSON")] | UnsetType = UNSET


class Events(Struct, kw_only=True):
    """Events, newest first."""

    events: list[CloudEvent]
    next: Annotated[str | None, Meta(description="give it as `after` to go on; null: that was all")]


class Capability(Struct, kw_only=True):
    """A metric that can be measured of a component or machine: who can, and whether anybody has."""

    subject: str
    metric: str
    agents: list[str]
    machines: list[str]
    unit: str | None
    period: Annotated[float | None, Meta(description="seconds between two measurements, as promised")]
    measured: Annotated[bool, Meta(description="there is a stream of it")]
    objectives: Annotated[list[str], Meta(description="promises that rest on it")]


class Capabilities(Struct, kw_only=True):
    """What can be measured."""

    capabilities: list[Capability]


class AgentNow(Struct, kw_only=True):
    """An agent: how it should be, how it says it is; `drift` names the fields in which both differ."""

    id: str
    desired: Fields
    observed: Fields
    seen: float | None
    drift: list[str]


class StreamNow(Struct, kw_only=True):
    """A stream of measurements; `last` is the time of the newest, `value` what it was."""

    id: str
    subject: str
    metric: str
    agent: str | None
    unit: str | None
    last: float | None
    value: float | None


class ProgramNow(Struct, kw_only=True):
    """A program in the kernel of a machine: loaded or absent, as it should be and as it is."""

    id: str
    desired: str | None
    observed: str | None
    drift: bool


class Configuration(Struct, kw_only=True):
    """What is measured now, by whom, and where it is not as it should be."""

    agents: list[AgentNow]
    streams: list[StreamNow]
    programs: list[ProgramNow]


class NewChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """One write. The id makes it once only: a second change with the same id changes nothing and is no error."""

    id: Annotated[str, Meta(min_length=1, max_length=500)]
    kind: Kind
    entity: Annotated[str, Meta(min_length=1, max_length=2_000)]
    time: Annotated[float, Meta(description="since when it is so: UTC, seconds since 1970", ge=0, lt=253_402_300_800)]
    desired: Annotated[dict[str, Any], Meta(description="merged key by key; null removes")] = {}
    observed: Annotated[dict[str, Any], Meta(description="merged key by key; null removes")] = {}
    gone: bool = False
    because: Annotated[str, Meta(max_length=2_000)] = ""


class NewChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """Changes, made in their order."""

    changes: Annotated[list[NewChange], Meta(max_length=MOST)]


class Applied(Struct, kw_only=True):
    """How many changes were new."""

    applied: Annotated[int, Meta(ge=0)]


class Problem(Struct, kw_only=True):
    """What is wrong, after RFC 9457."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


class AnyTime(Struct, kw_only=True, forbid_unknown_fields=True):
    """Now, or at a time."""

    at: Annotated[Moment | None, Meta(description="as of then; without it: now")] = None


class Asked(AnyTime, kw_only=True, forbid_unknown_fields=True):
    """Which entities."""

    where: Annotated[
        str,
        Meta(
            description="fields and their values as JSON, desired before observed",
            examples=['{"machine": "m1"}'],
            max_length=8_000,
        ),
    ] = "{}"
    limit: Limit = 100
    after: Annotated[str, Meta(description="go on after this: `next` of the answer before", max_length=8_000)] = ""


class AskedHistory(Struct, kw_only=True, forbid_unknown_fields=True):
    """How much of a history."""

    limit: Limit = 100


class AskedSeries(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which measurements."""

    subject: Annotated[Word, Meta(description="a component or a machine")]
    metric: Word
    since: Moment
    until: Moment
    step: Annotated[float, Meta(description=f"seconds; {MOST_BUCKETS} buckets at most", ge=0.001, le=1e9)] = 60.0


class AskedEvents(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which events."""

    type: Annotated[Word, Meta(examples=["musa.verdict"])] = ""
    subject: Word = ""
    since: Moment = "0"
    until: Moment | None = None
    limit: Limit = 100
    after: Annotated[str, Meta(description="go on after this: `next` of the answer before", max_length=8_000)] = ""


class Nothing(Struct, kw_only=True, forbid_unknown_fields=True):
    """No question but the address."""
