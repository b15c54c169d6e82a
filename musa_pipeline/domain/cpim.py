"""The cloud-provider-independent model (CPIM): what the user deploys, before any provider."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.source import NOWHERE, Span


class Trust(StrEnum):
    """How far what stands in a zone is trusted by the rest of the application, least first."""

    PUBLIC = "public"  # anybody is in it: the internet, other people's networks and devices
    EDGE = "edge"  # ours, and reachable from a public zone: a DMZ
    INTERNAL = "internal"
    RESTRICTED = "restricted"  # for few, such as administration or a vault


class Initiator(StrEnum):
    """Who opens the connection between a component and what it uses (TOSCA 1.3, section 5.5.5)."""

    SOURCE = "source"
    TARGET = "target"
    PEER = "peer"


class Role(StrEnum):
    """What a node of the model is to us: software we deploy, a machine it runs on, or a service others run."""

    COMPONENT = "component"
    HOST = "host"
    EXTERNAL = "external"


class DataClass(StrEnum):
    """Classification of data, least first."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    PERSONAL = "personal"
    SPECIAL = "special"  # GDPR article 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Where a component listens. None means that the model does not say; `path` is what follows the port in an address."""

    number: int | None = None
    protocol: str = ""
    secure: bool | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Data that a component holds."""

    name: str
    classification: DataClass
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a machine must have at least: cores, memory in MiB, storage in GiB; zero: the model does not say."""

    cores: int = 0
    memory: int = 0
    storage: int = 0
    os: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A control that the model asks for explicitly, and where; `capability` names the group of controls it was asked for with."""

    control: ControlId
    capability: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One life-cycle operation: create, configure, start, stop or delete, as a command or a file beside the model."""

    operation: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What the model leaves to its deployment: which fact of a component, and the expression that stands for it."""

    what: str
    expression: str
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A trust zone: a part of the application in which components trust each other alike."""

    name: str
    trust: Trust = Trust.INTERNAL
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One node of the model: a TOSCA node template, a CAMEL internal component, VM or external service.

    `host` names the node it runs on; None: it needs an offering of its own (a machine or a managed service).
    `exposed`: reachable from outside the application; None: the model does not say.
    `countries` are ISO 3166 codes or regional groups (EU) where it may run; empty: anywhere.
    `implements` are controls that the component's own code or configuration claims.
    `zone` names the trust zone it stands in; '': the model does not say.
    `instances` are wanted to begin with, `most_instances` when it is scaled; zero: the model does not say.
    `unknown` are facts that only the deployment decides.
    `roles` are Ansible roles that configure it, in this order; `sla` is the id or file of what its makers promise of it.
    """

    id: ComponentId
    name: str
    kind: KindId
    role: Role = Role.COMPONENT
    type: str = ""
    host: ComponentId | None = None
    exposed: bool | None = None
    ports: tuple[Port, ...] = ()
    data: tuple[DataSet, ...] = ()
    resources: Resources = Resources()
    countries: frozenset[str] = frozenset()
    wanted: tuple[Wanted, ...] = ()
    implements: tuple[Wanted, ...] = ()
    slos: tuple[Slo, ...] = ()
    scripts: tuple[Script, ...] = ()
    image: str = ""
    instances: int = 1
    most_instances: int = 0
    zone: str = ""
    unknown: tuple[Unknown, ...] = ()
    roles: tuple[str, ...] = ()
    sla: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`source` uses `target`; the port and protocol it uses where the model says.

    `initiator` opens the connection; `authenticated`: the model says that the source proves who it is; None: it does not say.
    """

    source: ComponentId
    target: ComponentId
    port: Port = Port()
    initiator: Initiator = Initiator.SOURCE
    authenticated: bool | None = None
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAgent:
    """An agent that the model asks for, before which components."""

    agent: AgentId
    protects: tuple[ComponentId, ...]
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpim:
    """The whole model. Components and connections are sorted by id, zones by name; `language` is what it was written in.

    Components of one set in `apart` run at different providers, those of one in `together` at the same.
    """

    name: str
    language: str
    components: tuple[Component, ...]
    connections: tuple[Connection, ...] = ()
    agents: tuple[WantedAgent, ...] = ()
    apart: tuple[frozenset[ComponentId], ...] = ()
    together: tuple[frozenset[ComponentId], ...] = ()
    zones: tuple[Zone, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)
