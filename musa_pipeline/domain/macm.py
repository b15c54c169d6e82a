"""The application composition model (MACM): the application as a graph of labelled nodes and relations (Rak 2017; VSecLab).

First "Multi-cloud", now "Multi-purpose Application Composition Model".
"""

from dataclasses import dataclass
from enum import StrEnum

from musa_pipeline.domain.answers import ControlAnswer
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, NodeId, OfferingId, ProviderId


class Label(StrEnum):
    """What a node is."""

    CSP = "CSP"
    IAAS = "IaaS"
    PAAS = "PaaS"
    SERVICE = "Service"
    EXTERNAL = "SaaS"
    AGENT = "Agent"


class RelationKind(StrEnum):
    """How two nodes are related; read `source kind target`."""

    PROVIDES = "provides"
    HOSTS = "hosts"
    USES = "uses"
    PROTECTS = "protects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node. `grants` are the controls it grants by itself: an offering's provided (and taken duties), what a component
    implements, what an agent enforces, what an external service's SLA says. `answered` is what the questionnaire says of a
    component, whether a control is required of it or not: it overrides the control's type here."""

    id: NodeId
    label: Label
    name: str
    grants: frozenset[ControlId] = frozenset()
    component: ComponentId | None = None
    offering: OfferingId | None = None
    provider: ProviderId | None = None
    agent: AgentId | None = None
    answered: tuple[ControlAnswer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Relation:
    """`source kind target`, as in `web uses orders`."""

    kind: RelationKind
    source: NodeId
    target: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Macm:
    """Nodes sorted by id, relations sorted."""

    name: str
    nodes: tuple[Node, ...]
    relations: tuple[Relation, ...]
