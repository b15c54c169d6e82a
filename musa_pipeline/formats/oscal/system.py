"""What OSCAL is told of one application: its parts, what each grants, and who grants what to whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from musa_pipeline.domain.agreement import Sla, type_of
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition, Duty, Gap, Outcome
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.decision import DecidedRisk, Decisions, Term, Waiver
from musa_pipeline.domain.ids import ComponentId, ControlId, NodeId, control_key
from musa_pipeline.domain.macm import Label, Macm, Node, RelationKind
from musa_pipeline.domain.residual import ResidualProfile, ResidualRisk
from musa_pipeline.domain.selection import Selection
from musa_pipeline.formats.oscal.elements import identity
from musa_pipeline.formats.oscal.parts import Part, PartId, of_agent, of_component, of_offering


@dataclass(frozen=True, kw_only=True)
class System:
    """One application after composition, `at` the moment of which the documents speak."""

    cpim: Cpim
    macm: Macm
    composition: Composition
    selection: Selection
    residual: ResidualProfile
    decisions: Decisions
    whole: Sla
    catalogs: Catalogs
    at: datetime

    @property
    def name(self) -> str:
        """The application's name; every identity within the application begins with it."""
        return self.whole.application

    def identity(self, *names: str) -> str:
        """Return the UUID of something within the application."""
        return identity("application", self.name, *names)

    @property
    def itself(self) -> str:
        """The UUID of the application as one of its own components."""
        return self.identity("this-system")

    def uuid(self, part: PartId) -> str:
        """Return the UUID of a part in the plan of this application, and in all that speaks of the plan."""
        return self.identity("part", *part)

    def defined(self, part: PartId) -> str:
        """Return the UUID of a part in component definitions: what comes from the catalogs is the same for all applications."""
        return self.identity("defined", *part) if part[0] == "component" else identity("defined", *part)

    @cached_property
    def parts(self) -> dict[PartId, Part]:
        """Components of the model, then agents, then what providers offer."""
        made = [of_component(each, self._node[NodeId(each.id)].grants) for each in self.cpim.components]
        agents = {each.agent for each in self.macm.nodes if each.agent}
        offerings = {each.offering for each in self.macm.nodes if each.offering}
        made += [of_agent(self.catalogs.agent[each]) for each in sorted(agents) if each in self.catalogs.agent]
        known = [self.catalogs.offering[each] for each in sorted(offerings) if each in self.catalogs.offering]
        made += [of_offering(each, self.catalogs.provider.get(each.provider)) for each in known]
        return {each.id: each for each in made}

    def part(self, component: ComponentId) -> Part:
        """Return the part that is a component of the model."""
        return self.parts["component", component]

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each required control, as the standard orders them."""
        return tuple(sorted(self.composition.outcomes, key=lambda each: control_key(each.control)))

    @cached_property
    def controls(self) -> tuple[ControlId, ...]:
        """Every control that the risks call for, those of the organisation too."""
        of_people = {each.control for each in self.composition.organisation}
        return tuple(sorted({each.control for each in self.outcomes} | of_people, key=control_key))

    @cached_property
    def duties(self) -> dict[tuple[ComponentId, ControlId], Duty]:
        """What somebody must configure at a provider's, by component and control."""
        return {(each.component, each.control): each for each in self.composition.duties}

    @cached_property
    def holders(self) -> dict[ControlId, tuple[ComponentId, ...]]:
        """The components that are granted a control, whether or not the whole can promise it."""
        found: dict[ControlId, set[ComponentId]] = {}
        for one in self.composition.components:
            for control in one.granted:
                found.setdefault(control, set()).add(one.component)
        for each in self.outcomes:
            found.setdefault(each.control, set()).update(each.granted_for)
            found[each.control].difference_update(each.failing)
        return {control: tuple(sorted(those)) for control, those in found.items()}

    @cached_property
    def gaps(self) -> dict[ControlId, tuple[Gap, ...]]:
        """Why each control is missing, worst first, component by component."""
        found: dict[ControlId, list[Gap]] = {}
        for each in self.composition.gaps:
            if each.control:
                found.setdefault(each.control, []).append(each)
        return {control: tuple(those) for control, those in found.items()}

    def grantors(self, component: ComponentId, control: ControlId) -> tuple[PartId, ...]:
        """Return the parts that grant a control to a component where it stands; none if it is met at the entry points for all."""
        return tuple(dict.fromkeys(self._grantors(NodeId(component), control)))

    def _grantors(self, node: NodeId, control: ControlId) -> Iterator[PartId]:
        answered = {each.control: each.by for each in self._node[node].answered}
        type_ = type_of(self.catalogs.control[control], answered.get(control))
        if type_ is not ControlType.COMMON and control in self._node[node].grants:
            yield ("component", node)
        for agent in self._sources(RelationKind.PROTECTS, node):
            if control in agent.grants and agent.agent:
                yield ("agent", agent.agent)
        if type_ is not ControlType.SPECIFIC:
            yield from self._hosts(node, control)

    def _hosts(self, node: NodeId, control: ControlId) -> Iterator[PartId]:
        seen, waiting = {node}, [node]
        while waiting:
            for host in self._sources(RelationKind.HOSTS, waiting.pop()):
                if host.id in seen:
                    continue
                seen.add(host.id)
                waiting.append(host.id)
                if control in host.grants:
                    yield ("offering", host.offering) if host.offering else ("component", host.id)

    @cached_property
    def _node(self) -> dict[NodeId, Node]:
        return {each.id: each for each in self.macm.nodes}

    @cached_property
    def _by_target(self) -> dict[tuple[RelationKind, NodeId], list[Node]]:
        found: dict[tuple[RelationKind, NodeId], list[Node]] = {}
        for each in self.macm.relations:
            if each.kind is not RelationKind.PROVIDES and self._node[each.source].label is not Label.CSP:
                found.setdefault((each.kind, each.target), []).append(self._node[each.source])
        return found

    def _sources(self, kind: RelationKind, target: NodeId) -> list[Node]:
        return self._by_target.get((kind, target), [])

    def waiver(self, component: ComponentId, control: ControlId) -> Waiver | None:
        """Return who answers, on the day, for a control that is missing."""
        return next((each for each in self.decisions.waivers if each.covers(component, control) and self._holds(each.term)), None)

    def decision(self, risk: ResidualRisk) -> DecidedRisk | None:
        """Return who answers, on the day, for a risk above the bar, and why."""
        return next((each for each in self.decisions.risks if each.risk == risk.id and self._holds(each.term)), None)

    def _holds(self, term: Term) -> bool:
        return term.since <= self.at.date() <= term.expires
