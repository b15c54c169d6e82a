"""The cheapest measures that bring every risk of a model to its bar, and what the bars beside it would cost.

Components bind each other only through machines: a machine has a control when every component on it has it. So each group of components that share machines is a problem of its own, equal components of a group are one with its
number, and equal groups are solved once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from musa_pipeline.domain.agent import Agent
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.cover import Cover, Measure, Price, Stubborn
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.residual import State
from musa_pipeline.domain.risk import Rating, Risk, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.risk.required import Asked
from musa_pipeline.risk.residual import UNDECIDED, bars_of
from musa_pipeline.risk.shapes import Alike, Answered, Harm, Kind, Shape, Shapes
from musa_pipeline.risk.tailor import Tailoring, tailored

LIVED_WITH = (State.ACCEPTED, State.TRANSFERRED)


def cover(
    profile: RiskProfile,
    cpim: Cpim,
    facts: Mapping[ComponentId, Facts],
    catalogs: Catalogs,
    settings: RiskSettings,
    decided: Mapping[str, State] = UNDECIDED,
) -> Cover:
    """Return the cheapest measures for the appetite of the settings, with the prices one rating lower and one higher.

    What model or policy ask anyway is there for nothing, what the profile removes is no candidate, and risks that people
    decided to live with ask for nothing.
    """
    towards = _Towards(profile, cpim, facts, catalogs, settings, decided)
    ratings = list(Rating)
    at = ratings.index(settings.appetite)
    solved = {each: towards.solved(each) for each in ratings[max(at - 1, 0) : at + 2]}
    here = solved[settings.appetite]
    return Cover(
        application=profile.application,
        appetite=settings.appetite,
        measures=here.measures,
        asked=tuple((each, tuple(sorted(towards.asked.of(each), key=control_key))) for each in towards.with_asked),
        stubborn=here.stubborn,
        prices=tuple(each.price(rating) for rating, each in solved.items()),
    )


def chosen_by(
    profile: RiskProfile,
    cpim: Cpim,
    facts: Mapping[ComponentId, Facts],
    catalogs: Catalogs,
    settings: RiskSettings,
    decided: Mapping[str, State] = UNDECIDED,
) -> tuple[dict[ComponentId, frozenset[ControlId]], float]:
    """Return the controls of each component in the cheapest cover, those that are asked anyway among them, and its gap."""
    towards = _Towards(profile, cpim, facts, catalogs, settings, decided)
    found: dict[ComponentId, set[ControlId]] = defaultdict(set)
    solved = towards.solved(settings.appetite)
    for each in solved.measures:
        found[each.component].update(each.controls)
    for component in towards.with_asked:
        found[component] |= towards.asked.of(component)
    return {component: frozenset(controls) for component, controls in found.items()}, solved.gap


@dataclass(frozen=True, slots=True)
class _Solved:
    measures: tuple[Measure, ...]
    stubborn: tuple[Stubborn, ...]
    gap: float

    def price(self, appetite: Rating) -> Price:
        return Price(
            appetite=appetite,
            controls=len({(each.component, control) for each in self.measures for control in each.controls}),
            measures=len(self.measures),
            cost=sum(each.cost for each in self.measures),
            over=len(self.stubborn),
            gap=self.gap,
        )


class _Towards:
    """A model with everything that does not depend on the appetite."""

    def __init__(
        self,
        profile: RiskProfile,
        cpim: Cpim,
        facts: Mapping[ComponentId, Facts],
        catalogs: Catalogs,
        settings: RiskSettings,
        decided: Mapping[str, State],
    ) -> None:
        self.profile, self.catalogs, self.settings = profile, catalogs, settings
        self.tailoring: Tailoring = tailored(settings.profile, catalogs)
        self.shapes = Shapes(catalogs, self.tailoring)
        self.asked = Asked(cpim, facts, catalogs, self.tailoring)
        self.with_asked = sorted({component for component, _ in (*self.asked.wanted, *self.asked.policy)})
        self.risks: dict[ComponentId, list[Risk]] = defaultdict(list)
        for each in sorted(profile.risks, key=lambda one: (one.component, one.threat)):
            if decided.get(each.id) not in LIVED_WITH:
                self.risks[each.component].append(each)
        self.members = {each.id for each in cpim.components if each.role is Role.COMPONENT}
        self.below: dict[ComponentId, list[ComponentId]] = defaultdict(list)
        for machine, bearers in self.asked.bearers.items():
            if machine not in self.members and machine in self.risks:
                for bearer in bearers:
                    self.below[bearer].append(machine)
        self._facts = facts
        self._candidates: dict[object, tuple[tuple[ControlId, ...], tuple[AgentId, ...]]] = {}

    def solved(self, appetite: Rating) -> _Solved:
        """Return the measures for one appetite, and the risks that stay over it."""
        bars = bars_of(self.profile, replace(self.settings, appetite=appetite))
        measures: list[Measure] = []
        stubborn: list[Stubborn] = []
        may_save = spent = 0.0
        for components in self.groups:
            shape, names, machines = self._shape(components, bars)
            answer = self.shapes.answered(shape)
            spent, may_save = spent + answer.cost, may_save + answer.gap * answer.cost
            measures.extend(self._measures(answer, names, bars))
            stubborn.extend(self._stubborn(answer, names, machines))
        for component in sorted(set(self.risks) - self.members):
            if not self.asked.bearers[component]:
                stubborn.extend(_left_alone(each, bars[component]) for each in self.risks[component])
        return _Solved(
            measures=tuple(sorted(measures, key=lambda each: (each.component, [control_key(one) for one in each.controls]))),
            stubborn=tuple(
                sorted(
                    (each for each in stubborn if each.best.score > each.appetite.score),
                    key=lambda each: (-each.best.score, each.component, each.threat),
                )
            ),
            gap=may_save / spent if spent else 0.0,
        )

    @cached_property
    def groups(self) -> list[list[ComponentId]]:
        """The components that share machines, by name."""
        top: dict[ComponentId, ComponentId] = {}

        def root(name: ComponentId) -> ComponentId:
            while top.setdefault(name, name) != name:
                top[name] = top[top[name]]
                name = top[name]
            return name

        for component in sorted(self.members):
            for machine in self.below[component]:
                top[root(machine)] = root(component)
        found: dict[ComponentId, list[ComponentId]] = defaultdict(list)
        for component in sorted(self.members):
            if self.risks.get(component) or self.below[component]:
                found[root(component)].append(component)
        return list(found.values())

    def _shape(
        self, components: Sequence[ComponentId], bars: Mapping[ComponentId, Rating]
    ) -> tuple[Shape, list[list[ComponentId]], list[ComponentId]]:
        """Return a group without names, and the names: of the components at each of its places, of its machines in order."""
        machines = sorted(
            {machine for each in components for machine in self.below[each]},
            key=lambda each: (self.shapes.kind(Alike(self._harms(each, bars))), each),
        )
        number = {each: at for at, each in enumerate(machines)}
        places: dict[tuple[Kind, tuple[int, ...]], list[ComponentId]] = defaultdict(list)
        for each in components:
            below = tuple(sorted(number[machine] for machine in self.below[each]))
            places[self.shapes.kind(self._alike(each, bars)), below].append(each)
        shape = Shape(
            tuple(self.shapes.kind(Alike(self._harms(each, bars))) for each in machines),
            tuple((*place, len(places[place])) for place in sorted(places)),
        )
        return shape, [places[place] for place in sorted(places)], machines

    def _harms(self, component: ComponentId, bars: Mapping[ComponentId, Rating]) -> tuple[Harm, ...]:
        return tuple((each.threat, each.likelihood, each.impact, bars[component]) for each in self.risks.get(component, ()))

    def _alike(self, component: ComponentId, bars: Mapping[ComponentId, Rating]) -> Alike:
        threats = {each.threat for node in (component, *self.below[component]) for each in self.risks.get(node, ())}
        key = frozenset(threats), frozenset(self._facts[component].items())
        if key not in self._candidates:
            self._candidates[key] = self._open_to(component, sorted(threats))
        controls, agents = self._candidates[key]
        asked = self.asked.of(component)
        return Alike(
            self._harms(component, bars),
            tuple(sorted({*controls, *(each for each in asked if self._answers(each, threats))}, key=control_key)),
            asked,
            agents,
        )

    def _answers(self, control: ControlId, threats: set[ThreatId]) -> bool:
        return any(control in self.shapes.effects(each) for each in threats)

    def _open_to(self, component: ComponentId, threats: Sequence[ThreatId]) -> tuple[tuple[ControlId, ...], tuple[AgentId, ...]]:
        """Return the controls that answer some threats and may be asked of a component, and the agents that may stand before it."""
        beside = self.asked.senseless.at(component)
        controls = {
            control
            for threat in threats
            for control in self.shapes.effects(threat)
            if control in self.catalogs.borne and control not in beside and control not in self.tailoring.remove
        }
        agents = (each for each in self.catalogs.agents if holds(each.protects, self._facts[component]))
        return tuple(sorted(controls, key=control_key)), tuple(each.id for each in agents if self._saves(each, controls))

    def _saves(self, agent: Agent, controls: set[ControlId]) -> bool:
        """Tell whether an agent costs less than the controls that it grants, one by one."""
        return self.tailoring.cost(agent.id) < sum(
            self.tailoring.cost(each) for each in {grant.control for grant in agent.grants} & controls
        )

    def _measures(
        self, answer: Answered, names: Sequence[Sequence[ComponentId]], bars: Mapping[ComponentId, Rating]
    ) -> Iterator[Measure]:
        for each in answer.bought:
            for component in names[each.place]:
                yield Measure(
                    component=component,
                    controls=each.controls,
                    cost=each.cost // len(names[each.place]),
                    agent=each.agent,
                    answers=tuple(sorted(self._over_of(component, each.controls, bars))),
                )

    def _over_of(
        self, component: ComponentId, controls: Sequence[ControlId], bars: Mapping[ComponentId, Rating]
    ) -> set[ThreatId]:
        """Return the threats to a component and its machines that are over their bar and that some controls answer."""
        return {
            each.threat
            for node in (component, *self.below[component])
            for each in self.risks.get(node, ())
            if each.rating.score > bars[node].score and any(one in self.shapes.effects(each.threat) for one in controls)
        }

    def _stubborn(
        self, answer: Answered, names: Sequence[Sequence[ComponentId]], machines: Sequence[ComponentId]
    ) -> Iterator[Stubborn]:
        for machine, which, threat, best, bar in answer.over:
            for name in (machines[which],) if machine else names[which]:
                inherent = next(each.rating for each in self.risks[name] if each.threat == threat)
                yield Stubborn(component=name, threat=threat, inherent=inherent, best=best, appetite=bar)


def _left_alone(risk: Risk, bar: Rating) -> Stubborn:
    return Stubborn(component=risk.component, threat=risk.threat, inherent=risk.rating, best=risk.rating, appetite=bar)
