"""Groups of components without their names: what is alike is one, and each shape of a group is solved once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import AgentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.residual import Effect
from musa_pipeline.domain.risk import Rating
from musa_pipeline.risk.blocks import solve_apart
from musa_pipeline.risk.covering import Answer, Burden, Covered, Covering, Option, best_of
from musa_pipeline.risk.residual import effect
from musa_pipeline.risk.tailor import Tailoring

Kind: TypeAlias = int
"""The number of all components, or machines, that are alike: same risks, bars, candidates, controls asked anyway, agents."""
Harm: TypeAlias = tuple[ThreatId, float, float, Rating]
"""A threat with its likelihood and impact, and the bar."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What components, or machines, of one kind have in common; `controls` in the standard's order may be granted to them."""

    harms: tuple[Harm, ...]
    controls: tuple[ControlId, ...] = ()
    asked: frozenset[ControlId] = frozenset()
    agents: tuple[AgentId, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A group without names: its kinds of machines, and its components as kind, machines below by number, and how many."""

    machines: tuple[Kind, ...]
    components: tuple[tuple[Kind, tuple[int, ...], int], ...]


@dataclass(frozen=True, slots=True)
class Bought:
    """An option in words: at which component of the shape, which controls, and by which agent if by one."""

    place: int
    controls: tuple[ControlId, ...]
    cost: int
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The solution of a shape: what is bought, and the best rating of each harm that stays over: machine or component, number."""

    bought: tuple[Bought, ...]
    over: tuple[tuple[bool, int, ThreatId, Rating, Rating], ...]
    gap: float
    cost: int


class Shapes:
    """Numbers what is alike, and solves shapes of groups."""

    def __init__(self, catalogs: Catalogs, tailoring: Tailoring) -> None:
        self.catalogs, self.tailoring = catalogs, tailoring
        self._number: dict[Alike, Kind] = {}
        self._alike: list[Alike] = []
        self._solved: dict[Shape, Answered] = {}
        self._effects: dict[ThreatId, dict[ControlId, Effect]] = {}

    def kind(self, alike: Alike) -> Kind:
        """Return the number of what is alike."""
        if alike not in self._number:
            self._number[alike] = len(self._alike)
            self._alike.append(alike)
        return self._number[alike]

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

    def answered(self, shape: Shape) -> Answered:
        """Return the solution of a shape."""
        if shape not in self._solved:
            self._solved[shape] = self._answered(shape)
        return self._solved[shape]

    def _answered(self, shape: Shape) -> Answered:
        at = [self._alike[kind] for kind, _, _ in shape.components]
        points = {(place, control): None for place, alike in enumerate(at) for control in alike.controls}
        number = {point: each for each, point in enumerate(points)}
        given = frozenset(number[place, control] for place, control in points if control in at[place].asked)
        harms = list(self._harms_of(shape, at))
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
        return Answered(taken, tuple(over), found.gap, sum(each.cost for each in taken))

    def _harms_of(self, shape: Shape, at: Sequence[Alike]) -> Iterator[tuple[bool, int, Harm, tuple[int, ...]]]:
        """Yield every harm: whether a machine's, of which number, and the places that bear it."""
        for place, alike in enumerate(at):
            for harm in alike.harms:
                yield False, place, harm, (place,)
        for machine, kind in enumerate(shape.machines):
            on = tuple(place for place, (_, below, _) in enumerate(shape.components) if machine in below)
            for harm in self._alike[kind].harms:
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
        shape: Shape,
        at: Sequence[Alike],
        burdens: Sequence[Burden],
        number: Mapping[tuple[int, ControlId], int],
        given: frozenset[int],
    ) -> list[Bought]:
        """Return what can be bought, that which lowers most first: of equal costs it is taken."""
        worth: dict[int, float] = defaultdict(float)
        for burden in burdens:
            for each in burden.answers:
                for point in each.points:
                    worth[point] -= log(each.effect.factor) if each.effect.factor > 0 else -9.0
        found: list[Bought] = []
        for place, alike in enumerate(at):
            often = shape.components[place][2]
            found.extend(
                Bought(place, (control,), often * self.tailoring.cost(control))
                for control in alike.controls
                if number[place, control] not in given
            )
            for name in alike.agents:
                grants = {grant.control for grant in self.catalogs.agent[name].grants}
                controls = tuple(each for each in alike.controls if each in grants and number[place, each] not in given)
                if controls:
                    found.append(Bought(place, controls, often * self.tailoring.cost(name), name))
        return sorted(
            found,
            key=lambda each: (
                -round(sum(worth[number[each.place, one]] for one in each.controls), 6),
                each.place,
                [control_key(one) for one in each.controls],
                each.agent or "",
            ),
        )
