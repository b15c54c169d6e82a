"""What the Context Broker knows: a graph of things with desired and observed state, every change kept."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.event import Plain


class Kind(StrEnum):
    """What an entity is (paper: service graph, execution environments, links, agents, data, programs)."""

    APPLICATION = "application"
    SERVICE = "service"
    """A component. desired: {"kind", "exposed", "machine", "ports", "uses": [ids], "data": [classes], "protected": bool}"""
    HOST = "host"
    """A machine. desired: {"provider", "region", "address", "components": [ids], "exposed": bool}; observed: {"seen": time, "agent": version}"""
    LINK = "link"
    """id "from>to". desired: {"from", "to", "relation": uses | hosts | protects, "port", "encrypted"}"""
    AGENT = "agent"
    """id "agent@component". desired: {"machine", "inputs": {name: period}, "metrics"}; observed: {"inputs", "seen"}"""
    STREAM = "stream"
    """What can be measured: id "metric@component or machine". desired: {"agent", "metric", "unit", "period"}; observed: {"last", "value"}"""
    PROGRAM = "program"
    """An eBPF program on a machine: id "program@machine". desired: {"state": "loaded" | "absent", ...}; observed: {"state", "digest"}"""
    SLO = "slo"
    """The state of an objective, by its id. desired: bound, alert, operator, controls; observed: the last verdict."""
    INCIDENT = "incident"
    BLOCK = "block"
    """A source that is dropped: id "address@machine". desired: {"until": time}; observed: {"packets", "octets", "until"}"""
    ACTION = "action"
    """An action of the controller and where it is in its life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One thing as it was at `time` (UTC seconds): `revision` counts its changes. `gone`: it is no more."""

    kind: Kind
    id: str
    desired: dict[str, Plain] = field(default_factory=dict)
    observed: dict[str, Plain] = field(default_factory=dict)
    time: float = 0.0
    revision: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One write. The `id` makes it once only: a second change with the same id changes nothing and is no error.

    `desired` and `observed` are merged key by key; a key set to None is removed. `gone` ends the entity.
    """

    id: str
    kind: Kind
    entity: str
    time: float
    desired: dict[str, Plain] = field(default_factory=dict)
    observed: dict[str, Plain] = field(default_factory=dict)
    gone: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Measurements of one series in [start, start + length): what any store can aggregate alike."""

    start: float
    count: int
    total: float
    lowest: float
    highest: float
