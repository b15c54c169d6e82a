"""The implementation plan: providers, pools, machines, components, agents, ports, and the steps in order."""

from dataclasses import dataclass
from typing import TypeAlias

from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, MetricId, OfferingId, ProviderId

Variable: TypeAlias = str | int | float | bool | list["Variable"] | dict[str, "Variable"]
"""What a role takes: plain data, ready for YAML and JSON."""


def variable_prefix(role: str) -> str:
    """Return what the variables of an Ansible role begin with.

    >>> variable_prefix("web-front")
    'web_front'
    """
    return role.replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPort:
    """A port that must be reachable, from whom: `internet`, or component ids."""

    number: int
    protocol: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedComponent:
    """A component on its machine."""

    id: ComponentId
    kind: str
    ports: tuple[OpenPort, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAgent:
    """An agent on its machine: what it protects or measures, and the SLA controls and metrics that count on it."""

    agent: AgentId
    role: str
    component: ComponentId
    controls: tuple[ControlId, ...] = ()
    metrics: tuple[MetricId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One host to make or to use."""

    id: str
    offering: OfferingId
    region: str
    cores: int
    memory: int
    storage: int
    os: str
    components: tuple[PlannedComponent, ...]
    agents: tuple[PlannedAgent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """A provider's managed service that is itself a component: nothing of ours runs on it."""

    component: ComponentId
    offering: OfferingId
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What is used of one provider in one region."""

    region: str
    machines: tuple[Machine, ...]
    managed: tuple[Managed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Csp:
    """One provider's part of the plan."""

    provider: ProviderId
    pools: tuple[Pool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One repeatable step: a role on a machine with variables, because of what; `after` are numbers of earlier steps."""

    number: int
    title: str
    machine: str
    role: str
    variables: dict[str, Variable]
    because: str
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTask:
    """A duty no role does: to be done by a person at the provider, with the control it serves."""

    number: int
    title: str
    control: ControlId
    component: ComponentId
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole plan; the same input gives the same plan."""

    application: str
    csps: tuple[Csp, ...]
    steps: tuple[Step, ...]
    tasks: tuple[ManualTask, ...] = ()
