"""Agents: software beside a component that measures metrics or enforces controls."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.condition import ALWAYS, Condition
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, MetricId
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.source import NOWHERE, Source, Span


class AgentWork(StrEnum):
    """What an agent is for (paper, section 5)."""

    MONITORING = "monitoring"
    ENFORCEMENT = "enforcement"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGrant:
    """A control that an agent grants to what it protects, and why."""

    control: ControlId
    because: str
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A catalog entry. `role` is the Ansible role that installs it; `price` is EUR a month each; `protects`: before which components.

    `evidence`: how well its grants are backed by its source; nobody's word but ours unless the entry says more.
    """

    id: AgentId
    title: str
    work: AgentWork
    role: str
    source: Source
    grants: tuple[AgentGrant, ...] = ()
    measures: tuple[MetricId, ...] = ()
    protects: Condition = ALWAYS
    price: float = 0.0
    evidence: Evidence = Evidence.E0
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInstance:
    """One agent deployed beside one component."""

    agent: AgentId
    component: ComponentId
    because: str = ""
