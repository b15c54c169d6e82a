"""The decision support tool (DST): one offering a unit, agents beside components, proven best (paper, section 4, step 3)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from musa_pipeline.domain.agent import AgentInstance
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, ProviderId
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.offering import Offering, Region
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.selection import Alternative, Placement, Selection
from musa_pipeline.domain.settings import SelectionSettings
from musa_pipeline.selection.bounds import Bound, Fits, bounds_of
from musa_pipeline.selection.candidates import (
    Bits,
    Candidate,
    Demand,
    Point,
    demand_of,
    granted_without_agents,
    host_of,
    hosted,
    merge,
    points,
)
from musa_pipeline.selection.conflict import explain_conflict
from musa_pipeline.selection.solve import Choices, Solution, solve
from musa_pipeline.selection.units import Unit, units_of


class Market:
    """Everything about one choice that stays the same while bounds come and go."""

    def __init__(self, cpim: Cpim, slats: Sequence[Slat], catalogs: Catalogs, settings: SelectionSettings) -> None:
        self.cpim, self.catalogs, self.settings = cpim, catalogs, settings
        self.units = units_of(cpim)
        self.bits = Bits(catalogs.control)
        facts = facts_of(cpim, catalogs)
        self.demands = {slat.component: demand_of(slat, catalogs, self.bits, facts[slat.component]) for slat in slats}
        self.best: dict[ComponentId, tuple[Candidate, ...]] = {}
        self.host = {each.id: hosted(each, settings.evidence, self.bits) for each in catalogs.offerings}
        self.prices = {each.id: round(each.price * 100) for each in catalogs.agents}
        self.forced: dict[ComponentId, frozenset[AgentId]] = defaultdict(frozenset)
        for wish in cpim.agents:
            for component in wish.protects:
                self.forced[component] |= {wish.agent}
        shapes: dict[Demand, int] = {}
        self._shape = {
            name: shapes.setdefault(replace(each, component=ComponentId("")), len(shapes)) for name, each in self.demands.items()
        }
        self._memo: dict[tuple[int, int, frozenset[AgentId], bool, bool, bool], tuple[Point, ...]] = {}
        self._by_kind: dict[str, list[Offering]] = defaultdict(list)
        for offering in catalogs.offerings:
            for kind in offering.kinds:
                self._by_kind[kind].append(offering)

    def choices(self, bounds: Sequence[Bound]) -> Choices:
        """Return the candidates of every unit under some bounds."""
        money = any(each.budget is not None for each in bounds)
        local: dict[ComponentId | None, list[Fits]] = defaultdict(list)
        for bound in bounds:
            if bound.fits:
                local[bound.unit].append(bound.fits)
        seen = any(each.measured for each in bounds)
        return {
            unit.id: self._candidates(unit, (*local[None], *local[unit.id]), front=money, measured=seen) for unit in self.units
        }

    def fitting(self, unit: Unit, local: Sequence[Fits]) -> list[tuple[Offering, Region]]:
        """Return the offerings that a unit may be on, each with the first region (by name) that fits."""
        found = {}
        for kind in sorted(unit.kinds):
            for offering in self._by_kind[kind]:
                provider = self.catalogs.provider[offering.provider]
                for region in offering.regions:
                    if all(fits(offering, region, provider) for fits in local):
                        found[offering.id] = (offering, region)
                        break
        return [found[each] for each in sorted(found)]

    def _candidates(self, unit: Unit, local: Sequence[Fits], *, front: bool, measured: bool) -> tuple[Candidate, ...]:
        found: list[Candidate] = []
        for offering, region in self.fitting(unit, local):
            on_machine = COMPUTE in offering.kinds
            fronts = [
                self._points(self.demands[each], offering, on_machine=on_machine, front=front, measured=measured)
                for each in unit.members
                if each in self.demands
            ]
            price = round(offering.price * 100)
            found.extend(
                Candidate(
                    offering.id, offering.provider, region, point.coverage, (price + point.cents) * unit.copies, point.agents
                )
                for point in merge(fronts)
            )
        self.best[unit.id] = _best_of_each(found)[:3]
        return _undominated(found)

    def _points(self, demand: Demand, offering: Offering, *, on_machine: bool, front: bool, measured: bool) -> tuple[Point, ...]:
        """Return the front of one component; components that ask for the same share it, and differ in name only."""
        host = host_of(demand, *self.host[offering.id])
        forced = self.forced[demand.component] if on_machine else frozenset()
        key = (self._shape[demand.component], host, forced, on_machine, front, measured)
        if key not in self._memo:
            # nothing of ours runs on a managed service, so no agent does
            asked = demand if on_machine else replace(demand, agents=())
            self._memo[key] = points(asked, host, self.prices, forced, front=front, measured=measured)
        return tuple(each.of(demand.component) for each in self._memo[key])


def _best_of_each(found: list[Candidate]) -> tuple[Candidate, ...]:
    """Return the best candidate of each offering, best first."""
    best: dict[str, Candidate] = {}
    for each in sorted(found, key=lambda one: one.key):
        best.setdefault(each.offering, each)
    return tuple(best.values())


def _undominated(found: list[Candidate]) -> tuple[Candidate, ...]:
    """Keep, for each provider, the candidates that no other of the same provider beats in coverage and money."""
    by_provider: dict[ProviderId, list[Candidate]] = defaultdict(list)
    for each in sorted(found, key=lambda one: (one.cents, -one.coverage, one.offering)):
        kept = by_provider[each.provider]
        if not kept or each.coverage > kept[-1].coverage:
            kept.append(each)
    return tuple(each for provider in sorted(by_provider) for each in by_provider[provider])


def select(
    cpim: Cpim, slats: Sequence[Slat], catalogs: Catalogs, settings: SelectionSettings, problems: Problems
) -> Selection | None:
    """Choose the best offerings and agents; None, with the smallest conflict reported, if the bounds leave no choice.

    Best is: most risk-weighted required controls granted, then least money, then fewest providers.
    """
    market = Market(cpim, slats, catalogs, settings)
    _warn(cpim, market, problems)
    bounds = bounds_of(cpim, market.units, settings)
    joint = [each for each in bounds if each.couples]
    choices = market.choices(bounds)
    solution = solve(choices, joint, settings.time_limit)
    if solution is None:
        explain_conflict(market.units, bounds, lambda some: _feasible(market, some), problems)
        return None
    return _selection(market, solution, joint)


def _warn(cpim: Cpim, market: Market, problems: Problems) -> None:
    """Tell of what the model says and no choice can heed."""
    placed = {unit.id for unit in market.units} | {member for unit in market.units for member in unit.members}
    for component in cpim.components:
        if component.role is Role.HOST and component.host is None and component.id not in placed:
            problems.warn(
                "S003",
                component.at,
                f"nothing runs on {component.name!r}",
                help="it is not placed; host a component on it, or drop it",
            )
    names = {each.id: each for each in cpim.components}
    for group in (*cpim.apart, *cpim.together):
        for each in sorted(group):
            if each in names and names[each].role is Role.EXTERNAL:
                text = f"others run {names[each].name!r}: where it runs is not ours to choose"
                problems.warn("S004", names[each].at, text, help="leave it out of the policies on separation and co-location")


def _feasible(market: Market, bounds: Sequence[Bound]) -> bool:
    return solve(market.choices(bounds), [each for each in bounds if each.couples], market.settings.time_limit) is not None


def _selection(market: Market, solution: Solution, joint: Sequence[Bound]) -> Selection:
    chosen = solution.chosen
    copies = {member: unit.copies for unit in market.units for member in unit.members}
    beside = sorted({pair for candidate in chosen.values() for pair in candidate.agents})
    placements = tuple(_placement(market, unit, chosen[unit.id], joint) for unit in market.units)
    agents_price = sum(market.prices[agent] * copies[component] for component, agent in beside) / 100
    return Selection(
        application=market.cpim.name,
        placements=placements,
        agents=tuple(
            AgentInstance(agent=agent, component=component, because=_why_agent(market, agent, component))
            for component, agent in beside
        ),
        coverage=sum(each.coverage for each in placements),
        of=sum(each.of for each in placements),
        price=round(sum(each.price for each in placements) + agents_price, 2),
        agents_price=round(agents_price, 2),
        status="optimal" if solution.gap == 0 else "not proven",
        gap=round(solution.gap, 6),
        method=solution.method,
    )


def _why_agent(market: Market, agent: AgentId, component: ComponentId) -> str:
    demand = market.demands.get(component)
    _, grants, measures = next((each for each in demand.agents if each[0] == agent), (agent, 0, 0)) if demand else (agent, 0, 0)
    words = []
    if grants:
        words.append("grants " + ", ".join(market.bits.names(grants)))
    if measures and demand:
        words.append("measures " + ", ".join(name for number, name in enumerate(demand.metrics) if measures >> number & 1))
    return "; ".join(words) or "the model asks for it"


def _placement(market: Market, unit: Unit, chosen: Candidate, joint: Sequence[Bound]) -> Placement:
    offering = market.catalogs.offering[chosen.offering]
    total = sum(market.demands[each].total for each in unit.members if each in market.demands)
    runner_up = next((each for each in market.best[unit.id] if each.offering != chosen.offering), None)
    return Placement(
        unit=unit.id,
        offering=chosen.offering,
        provider=chosen.provider,
        region=chosen.region.id,
        country=chosen.region.country,
        members=unit.members,
        price=round(offering.price * unit.copies, 2),
        coverage=chosen.coverage,
        of=total,
        because=_why(chosen, runner_up, total, [each for each in joint if each.concerns(unit.id)]),
        copies=unit.copies,
        missing=tuple(_missing(market, unit, chosen, offering)),
        runner_up=_alternative(market, unit, chosen, runner_up) if runner_up else None,
    )


def _why(chosen: Candidate, runner_up: Candidate | None, total: int, joint: Sequence[Bound]) -> str:
    words = f"grants {chosen.coverage} of {total} risk points"
    if runner_up is None:
        return f"{words}; no other offering fits"
    if chosen.key[:2] > runner_up.key[:2]:
        return f"{words}; better ones are ruled out by {'; '.join(each.text for each in joint)}"
    if chosen.coverage > runner_up.coverage:
        return f"{words}, the most of all that fit"
    return f"{words}, and none that grants as much costs less"


def _alternative(market: Market, unit: Unit, chosen: Candidate, other: Candidate) -> Alternative:
    difference = other.coverage - chosen.coverage
    money = (other.cents - chosen.cents) / 100
    risk = f"{abs(difference)} risk points {'more' if difference > 0 else 'fewer'}" if difference else "the same risk points"
    return Alternative(
        offering=other.offering,
        coverage=other.coverage,
        price=round(market.catalogs.offering[other.offering].price * unit.copies, 2),
        because=f"{risk}, {money:+.2f} EUR a month with its agents",
    )


def _missing(market: Market, unit: Unit, chosen: Candidate, offering: Offering) -> list[tuple[ComponentId, ControlId]]:
    found: list[tuple[ComponentId, ControlId]] = []
    beside: dict[ComponentId, set[AgentId]] = defaultdict(set)
    for component, agent in chosen.agents:
        beside[component].add(agent)
    for member in unit.members:
        if demand := market.demands.get(member):
            host = host_of(demand, *market.host[offering.id])
            granted = granted_without_agents(demand, host)
            for agent, mask, _ in demand.agents:
                if agent in beside[member]:
                    granted |= mask & (demand.specific | demand.common | (demand.hybrid & host))
            asked = demand.specific | demand.common | demand.hybrid
            found.extend((member, control) for control in market.bits.names(asked & ~granted))
    return found
