"""The cheapest measures that bring every risk of a model to its bar, and what the bars beside it would cost.

Components bind each other only through machines: a machine has a control when every component on it has it. So each group of components that share machines is a problem of its own, equal components of a group are one with its
number, and equal groups are solved once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log
from typing import TypeAlias

from musa_pipeline.domain.agent import Agent
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.cover import Cover, Measure, Price, Stubborn
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.residual import Effect, State
from musa_pipeline.domain.risk import Rating, Risk, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.risk.blocks import solve_apart
from musa_pipeline.risk.covering import Answer, Burden, Covered, Covering, Option, best_of
from musa_pipeline.risk.required import Asked
from musa_pipeline.risk.residual import UNDECIDED, bars_of, effect
from musa_pipeline.risk.tailor import Tailoring, tailored

LIVED_WITH = (State.ACCEPTED, State.TRANSFERRED)
Kind: TypeAlias = int
"""The number of all components, or machines, that are alike: same risks, bars, candidates, controls asked anyway, agents."""
Harm: TypeAlias = tuple[ThreatId, float, float, Rating]


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
) -> dict[ComponentId, frozenset[ControlId]]:
    """Return the controls of each component in the cheapest cover, those that are asked anyway among them."""
    towards = _Towards(profile, cpim, facts, catalogs, settings, UNDECIDED)
    found: dict[ComponentId, set[ControlId]] = defaultdict(set)
    for each in towards.solved(settings.appetite).measures:
        found[each.component].update(each.controls)
    for component in towards.with_asked:
        found[component] |= towards.asked.of(component)
    return {component: frozenset(controls) for component, controls in found.items()}


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


@dataclass(frozen=True, slots=True)
class _Alike:
    """What components, or machines, of one kind have in common; `controls` in the standard's order may be granted to them."""

    harms: tuple[Harm, ...]
    controls: tuple[ControlId, ...] = ()
    asked: frozenset[ControlId] = frozenset()
    agents: tuple[AgentId, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """A group without names: its kinds of machines, and its components as kind, machines below by number, and how many."""

    machines: tuple[Kind, ...]
    components: tuple[tuple[Kind, tuple[int, ...], int], ...]


@dataclass(frozen=True, slots=True)
class _Bought:
    """An option in words: at which component of the shape, which controls, and by which agent if by one."""

    place: int
    controls: tuple[ControlId, ...]
    cost: int
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True)
class _Answered:
    """The solution of a shape: what is bought, and the best rating of each harm that stays over: machine or component, number."""

    bought: tuple[_Bought, ...]
    over: tuple[tuple[bool, int, ThreatId, Rating, Rating], ...]
    gap: float
    cost: int


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
        self._effects: dict[ThreatId, dict[ControlId, Effect]] = {}

    def solved(self, appetite: Rating) -> _Solved:
        """Return the measures for one appetite, and the risks that stay over it."""
        bars = bars_of(self.profile, replace(self.settings, appetite=appetite))
        kinds = _Kinds()
        answers: dict[_Shape, _Answered] = {}
        measures: list[Measure] = []
        stubborn: list[Stubborn] = []
        may_save = spent = 0.0
        for components in self.groups:
            shape, names, machines = self._shape(components, bars, kinds)
            if shape not in answers:
                answers[shape] = self._answered(shape, kinds)
            answer = answers[shape]
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
        self, components: Sequence[ComponentId], bars: Mapping[ComponentId, Rating], kinds: "_Kinds"
    ) -> tuple[_Shape, list[list[ComponentId]], list[ComponentId]]:
        """Return a group without names, and the names: of the components at each of its places, of its machines in order."""
        machines = sorted(
            {machine for each in components for machine in self.below[each]},
            key=lambda each: (kinds.of(_Alike(self._harms(each, bars))), each),
        )
        number = {each: at for at, each in enumerate(machines)}
        places: dict[tuple[Kind, tuple[int, ...]], list[ComponentId]] = defaultdict(list)
        for each in components:
            below = tuple(sorted(number[machine] for machine in self.below[each]))
            places[kinds.of(self._alike(each, bars)), below].append(each)
        shape = _Shape(
            tuple(kinds.of(_Alike(self._harms(each, bars))) for each in machines),
            tuple((*place, len(places[place])) for place in sorted(places)),
        )
        return shape, [places[place] for place in sorted(places)], machines

    def _harms(self, component: ComponentId, bars: Mapping[ComponentId, Rating]) -> tuple[Harm, ...]:
        return tuple((each.threat, each.likelihood, each.impact, bars[component]) for each in self.risks.get(component, ()))

    def _alike(self, component: ComponentId, bars: Mapping[ComponentId, Rating]) -> _Alike:
        threats = {each.threat for node in (component, *self.below[component]) for each in self.risks.get(node, ())}
        key = frozenset(threats), frozenset(self._facts[component].items())
        if key not in self._candidates:
            self._candidates[key] = self._open_to(component, sorted(threats))
        controls, agents = self._candidates[key]
        asked = self.asked.of(component)
        return _Alike(
            self._harms(component, bars),
            tuple(sorted({*controls, *(each for each in asked if self._answers(each, threats))}, key=control_key)),
            asked,
            agents,
        )

    def _answers(self, control: ControlId, threats: set[ThreatId]) -> bool:
        return any(control in self.effects(each) for each in threats)

    def _open_to(self, component: ComponentId, threats: Sequence[ThreatId]) -> tuple[tuple[ControlId, ...], tuple[AgentId, ...]]:
        """Return the controls that answer some threats and may be asked of a component, and the agents that may stand before it."""
        beside = self.asked.senseless.at(component)
        controls = {
            control
            for threat in threats
            for control in self.effects(threat)
            if control in self.catalogs.borne and control not in beside and control not in self.tailoring.remove
        }
        agents = (each for each in self.catalogs.agents if holds(each.protects, self._facts[component]))
        return tuple(sorted(controls, key=control_key)), tuple(each.id for each in agents if self._saves(each, controls))

    def _saves(self, agent: Agent, controls: set[ControlId]) -> bool:
        """Tell whether an agent costs less than the controls that it grants, one by one."""
        return self.tailoring.cost(agent.id) < sum(
            self.tailoring.cost(each) for each in {grant.control for grant in agent.grants} & controls
        )

    def effects(self, threat: ThreatId) -> dict[ControlId, Effect]:
        """Return the controls in force that answer a threat, with what each does to it."""
        if threat not in self._effects:
            known = self.catalogs.control
            self._effects[threat] = {
                each.control: effect(each)
                for each in self.catalogs.threat[threat].controls
                if each.control in known and not known[each.control].withdrawn
            }
        return self._effects[threat]

    def _answered(self, shape: _Shape, kinds: "_Kinds") -> _Answered:
        """Solve one shape."""
        at = [kinds.alike(kind) for kind, _, _ in shape.components]
        points = {(place, control): None for place, alike in enumerate(at) for control in alike.controls}
        number = {point: each for each, point in enumerate(points)}
        given = frozenset(number[place, control] for place, control in points if control in at[place].asked)
        harms = list(self._harms_of(shape, at, kinds))
        burdens = [self._burden(harm, places, number) for _, _, harm, places in harms]
        bought = self._options(shape, at, burdens, number, given)
        options = [Option(each.cost, frozenset(number[each.place, one] for one in each.controls)) for each in bought]
        covering = Covering(given, tuple(options), tuple(burdens))
        found: Covered = solve_apart(covering)
        over = [
            (machine, which, harm[0], best, harm[3])
            for (machine, which, harm, _), best in zip(harms, best_of(covering), strict=True)
            if best.score > harm[3].score
        ]
        taken = tuple(bought[each] for each in found.taken)
        return _Answered(taken, tuple(over), found.gap, sum(each.cost for each in taken))

    def _harms_of(
        self, shape: _Shape, at: Sequence[_Alike], kinds: "_Kinds"
    ) -> Iterator[tuple[bool, int, Harm, tuple[int, ...]]]:
        """Yield every harm: whether a machine's, of which number, and the places that bear it."""
        for place, alike in enumerate(at):
            for harm in alike.harms:
                yield False, place, harm, (place,)
        for machine, kind in enumerate(shape.machines):
            on = tuple(place for place, (_, below, _) in enumerate(shape.components) if machine in below)
            for harm in kinds.alike(kind).harms:
                yield True, machine, harm, on

    def _burden(self, harm: Harm, places: tuple[int, ...], number: Mapping[tuple[int, ControlId], int]) -> Burden:
        threat, likelihood, impact, bar = harm
        answers = []
        for control, does in self.effects(threat).items():
            points = frozenset(number[place, control] for place in places if (place, control) in number)
            if points and len(points) == len(places):
                answers.append(Answer(points, does))
        return Burden(likelihood, impact, bar, tuple(answers))

    def _options(
        self,
        shape: _Shape,
        at: Sequence[_Alike],
        burdens: Sequence[Burden],
        number: Mapping[tuple[int, ControlId], int],
        given: frozenset[int],
    ) -> list[_Bought]:
        """Return what can be bought, that which lowers most first: of equal costs it is taken."""
        worth: dict[int, float] = defaultdict(float)
        for burden in burdens:
            for each in burden.answers:
                for point in each.points:
                    worth[point] -= log(each.effect.factor) if each.effect.factor > 0 else -9.0
        found: list[_Bought] = []
        for place, alike in enumerate(at):
            often = shape.components[place][2]
            found.extend(
                _Bought(place, (control,), often * self.tailoring.cost(control))
                for control in alike.controls
                if number[place, control] not in given
            )
            for name in alike.agents:
                grants = {grant.control for grant in self.catalogs.agent[name].grants}
                controls = tuple(each for each in alike.controls if each in grants and number[place, each] not in given)
                if controls:
                    found.append(_Bought(place, controls, often * self.tailoring.cost(name), name))
        return sorted(
            found,
            key=lambda each: (
                -round(sum(worth[number[each.place, one]] for one in each.controls), 6),
                each.place,
                [control_key(one) for one in each.controls],
                each.agent or "",
            ),
        )

    def _measures(
        self, answer: _Answered, names: Sequence[Sequence[ComponentId]], bars: Mapping[ComponentId, Rating]
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
            if each.rating.score > bars[node].score and any(one in self.effects(each.threat) for one in controls)
        }

    def _stubborn(
        self, answer: _Answered, names: Sequence[Sequence[ComponentId]], machines: Sequence[ComponentId]
    ) -> Iterator[Stubborn]:
        for machine, which, threat, best, bar in answer.over:
            for name in (machines[which],) if machine else names[which]:
                inherent = next(each.rating for each in self.risks[name] if each.threat == threat)
                yield Stubborn(component=name, threat=threat, inherent=inherent, best=best, appetite=bar)


class _Kinds:
    """Numbers for what is alike."""

    def __init__(self) -> None:
        self._number: dict[_Alike, Kind] = {}
        self._alike: list[_Alike] = []

    def of(self, alike: _Alike) -> Kind:
        if alike not in self._number:
            self._number[alike] = len(self._alike)
            self._alike.append(alike)
        return self._number[alike]

    def alike(self, kind: Kind) -> _Alike:
        return self._alike[kind]


def _left_alone(risk: Risk, bar: Rating) -> Stubborn:
    return Stubborn(component=risk.component, threat=risk.threat, inherent=risk.rating, best=risk.rating, appetite=bar)
