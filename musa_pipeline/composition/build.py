"""Builds the application composition model (MACM) of a chosen deployment: who provides, hosts, uses and protects whom."""

from collections import defaultdict
from collections.abc import Iterator

from musa_pipeline.domain.agent import AgentInstance
from musa_pipeline.domain.answers import Answers, Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Duty
from musa_pipeline.domain.condition import holds
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId, ControlId, NodeId, OfferingId, control_key
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.macm import Label, Macm, Node, Relation, RelationKind
from musa_pipeline.domain.offering import Evidence, Offering, configurable, provided
from musa_pipeline.domain.selection import Placement, Selection

Claims = dict[ComponentId, dict[ControlId, Grant]]


def build(cpim: Cpim, selection: Selection, answers: Answers, catalogs: Catalogs, evidence: Evidence) -> Macm:
    """Return the graph; what an offering says counts from this grade of evidence on."""
    return _Builder(cpim, selection, answers, catalogs, evidence).macm()


def duties(cpim: Cpim, selection: Selection, answers: Answers, catalogs: Catalogs, evidence: Evidence) -> tuple[Duty, ...]:
    """Return what the customer must configure: controls required of the service by an answer that the offering leaves to him."""
    claims = said_by(answers)
    name = {each.id: each.name for each in cpim.components}
    found: list[Duty] = []
    for placement in selection.placements:
        offering = catalogs.offering.get(placement.offering)
        if offering is None:
            continue
        always = provided(offering, evidence)
        sources = {each.control: str(each.source) for each in offering.configurable if each.control not in always}
        for member in placement.members:
            found.extend(
                Duty(component=member, control=control, offering=offering.title, source=sources[control])
                for control, by in claims.get(member, {}).items()
                if by is Grant.SERVICE and control in sources and member in name
            )
    return tuple(sorted(found, key=lambda each: (each.component, control_key(each.control))))


def said_by(answers: Answers) -> Claims:
    """Return who implements each control, by component, as the questionnaire says."""
    return {one.component: {each.control: each.by for each in one.controls} for one in answers.components}


def offered(offering: Offering, taken: frozenset[ControlId], evidence: Evidence) -> frozenset[ControlId]:
    """Return what an offering grants: provided with enough evidence, and configurable where the duty is taken."""
    return provided(offering, evidence) | (configurable(offering) & taken)


def claimed(component: Component, said: dict[ControlId, Grant]) -> frozenset[ControlId]:
    """Return what a component grants by itself; an answer wins over the model's claim, and only answers speak for others' services."""
    answered = {control for control, by in said.items() if by is Grant.COMPONENT}
    if component.role is Role.EXTERNAL:
        return frozenset(answered)
    return frozenset(answered | {each.control for each in component.implements if each.control not in said})


class _Builder:
    def __init__(self, cpim: Cpim, selection: Selection, answers: Answers, catalogs: Catalogs, evidence: Evidence) -> None:
        self._cpim, self._selection, self._catalogs, self._evidence = cpim, selection, catalogs, evidence
        self._components = {each.id: each for each in cpim.components}
        self._claims = said_by(answers)
        self._answers = {
            one.component: tuple(sorted(one.controls, key=lambda each: control_key(each.control))) for one in answers.components
        }
        self._granted: dict[tuple[OfferingId, frozenset[ControlId]], frozenset[ControlId]] = {}
        self._nodes: dict[NodeId, Node] = {}
        self._relations: set[tuple[RelationKind, NodeId, NodeId]] = set()
        self._host: dict[ComponentId, NodeId] = {}
        self._managed: set[ComponentId] = set()

    def macm(self) -> Macm:
        for component in self._cpim.components:
            self._add(self._component(component))
        for placement in self._selection.placements:
            self._place(placement)
        for component in self._cpim.components:
            self._on_its_host(component)
        for link in self._cpim.connections:
            if link.source in self._components and link.target in self._components:
                self._relate(RelationKind.USES, NodeId(link.source), NodeId(link.target))
        for agent in self._agents():
            self._add(agent)
        return Macm(
            name=self._cpim.name,
            nodes=tuple(self._nodes[each] for each in sorted(self._nodes)),
            relations=tuple(
                Relation(kind=kind, source=source, target=target) for kind, source, target in sorted(self._relations)
            ),
        )

    def _add(self, node: Node) -> None:
        self._nodes[node.id] = node

    def _relate(self, kind: RelationKind, source: NodeId, target: NodeId) -> None:
        self._relations.add((kind, source, target))

    def _component(self, component: Component) -> Node:
        return Node(
            id=NodeId(component.id),
            label=Label.EXTERNAL if component.role is Role.EXTERNAL else Label.SERVICE,
            name=component.name,
            grants=claimed(component, self._claims.get(component.id, {})),
            component=component.id,
            answered=self._answers.get(component.id, ()),
        )

    def _place(self, placement: Placement) -> None:
        offering = self._catalogs.offering.get(placement.offering)
        label = Label.IAAS if offering is None or COMPUTE in offering.kinds else Label.PAAS
        provider = self._catalogs.provider.get(placement.provider)
        csp = NodeId(f"csp/{placement.provider}")
        node = NodeId(f"{label.lower()}/{placement.unit}")
        self._add(
            Node(id=csp, label=Label.CSP, name=provider.name if provider else placement.provider, provider=placement.provider)
        )
        self._add(
            Node(
                id=node,
                label=label,
                name=offering.title if offering else placement.offering,
                grants=self._offered(offering, placement) if offering else frozenset(),
                offering=placement.offering,
                provider=placement.provider,
            )
        )
        self._relate(RelationKind.PROVIDES, csp, node)
        if placement.unit in self._components:
            self._host[placement.unit] = node
        if label is Label.PAAS:
            self._managed.update(placement.members, (placement.unit,))

    def _offered(self, offering: Offering, placement: Placement) -> frozenset[ControlId]:
        taken = frozenset(
            control for member in placement.members for control, by in self._claims.get(member, {}).items() if by is Grant.SERVICE
        )
        key = (offering.id, taken)
        if key not in self._granted:
            self._granted[key] = offered(offering, taken, self._evidence)
        return self._granted[key]

    def _on_its_host(self, component: Component) -> None:
        """MACM, single host or provider: the placement of a component wins over the machine that the model gives it."""
        if component.id not in self._host and component.host in self._components and component.host is not None:
            self._host[component.id] = NodeId(component.host)
        if component.id in self._host:
            self._relate(RelationKind.HOSTS, self._host[component.id], NodeId(component.id))

    def _agents(self) -> Iterator[Node]:
        beside: dict[ComponentId, list[AgentInstance]] = defaultdict(list)
        for instance in self._selection.agents:
            beside[instance.component].append(instance)
        if not beside:
            return
        facts = facts_of(self._cpim, self._catalogs)
        for component in sorted(beside):
            for instance in beside[component]:
                agent = self._catalogs.agent.get(instance.agent)
                node = NodeId(f"agent/{instance.agent}/{component}")
                # an agent protects nothing that it is not made for, nor where nothing of ours can run: on a managed service
                fits = agent and component in facts and holds(agent.protects, facts[component])
                if fits and component not in self._managed:
                    self._relate(RelationKind.PROTECTS, node, NodeId(component))
                if component in self._host:
                    self._relate(RelationKind.HOSTS, self._host[component], node)
                yield Node(
                    id=node,
                    label=Label.AGENT,
                    name=agent.title if agent else instance.agent,
                    grants=frozenset(each.control for each in agent.grants) if agent else frozenset(),
                    agent=instance.agent,
                )
