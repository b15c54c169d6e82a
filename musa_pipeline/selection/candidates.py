"""Which offerings fit a unit, and what each would grant: coverage by bitsets, agents by the Pareto front of their subsets."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from musa_pipeline.domain.agreement import Slat, type_in
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, OfferingId, ProviderId
from musa_pipeline.domain.offering import Evidence, Offering, Region

MOST_AGENTS = 12
"""Subsets of more agents than this are not enumerated; the cheapest that grant most are kept."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one component asks for, as bitsets over all controls."""

    component: ComponentId
    specific: int
    common: int
    hybrid: int
    implemented: int
    by_service: int
    scores: tuple[tuple[int, int], ...]  # (score, controls of that score)
    agents: tuple[tuple[AgentId, int], ...]  # agent, what it could grant here

    def weigh(self, granted: int) -> int:
        """Return the sum of scores of granted controls."""
        return sum(score * (mask & granted).bit_count() for score, mask in self.scores)

    @property
    def total(self) -> int:
        """The sum of all scores."""
        return sum(score * mask.bit_count() for score, mask in self.scores)


@dataclass(frozen=True, slots=True)
class Point:
    """One way to serve one component or unit: coverage, price of the agents in cents, which agents."""

    coverage: int
    cents: int
    agents: tuple[tuple[ComponentId, AgentId], ...] = ()

    def of(self, component: ComponentId) -> "Point":
        """Return the same point for another component."""
        return Point(self.coverage, self.cents, tuple((component, agent) for _, agent in self.agents))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit on an offering in a region with some agents; cents are of both together, a month."""

    offering: OfferingId
    provider: ProviderId
    region: Region
    coverage: int
    cents: int
    agents: tuple[tuple[ComponentId, AgentId], ...]

    @property
    def key(self) -> tuple[int, int, str]:
        """Better first: more coverage, less money, then the name."""
        return (-self.coverage, self.cents, self.offering)


class Bits:
    """Numbers the controls of a catalog, so that sets of them are integers."""

    def __init__(self, controls: Iterable[ControlId]) -> None:
        self.order = tuple(controls)
        self._bit = {control: 1 << number for number, control in enumerate(self.order)}

    def set(self, controls: Iterable[ControlId]) -> int:
        """Return the bitset of some controls; unknown ones are left out."""
        mask = 0
        for control in controls:
            mask |= self._bit.get(control, 0)
        return mask

    def names(self, mask: int) -> tuple[ControlId, ...]:
        """Return the controls of a bitset, in the catalog's order."""
        found = []
        while mask:
            low = mask & -mask
            found.append(self.order[low.bit_length() - 1])
            mask ^= low
        return tuple(found)


def demand_of(slat: Slat, catalogs: Catalogs, bits: Bits) -> Demand:
    """Turn a template into bitsets."""
    by_type = dict.fromkeys(ControlType, 0)
    scores: dict[int, int] = {}
    implemented = by_service = 0
    agents: dict[AgentId, int] = {}
    for term in slat.terms:
        bit = bits.set((term.control,))
        by_type[type_in(term, catalogs.control[term.control])] |= bit
        scores[term.score] = scores.get(term.score, 0) | bit
        if term.by is Grant.COMPONENT:
            implemented |= bit
        if term.by is Grant.SERVICE and term.answered:
            by_service |= bit
        for agent in term.agents:
            agents[agent] = agents.get(agent, 0) | bit
    return Demand(
        slat.component,
        by_type[ControlType.SPECIFIC],
        by_type[ControlType.COMMON],
        by_type[ControlType.HYBRID],
        implemented,
        by_service,
        tuple(sorted(scores.items())),
        tuple(sorted(agents.items())),
    )


def hosted(offering: Offering, floor: Evidence, bits: Bits) -> tuple[int, int]:
    """Return what an offering provides with enough evidence, and what it lets the customer configure."""
    provided = bits.set(each.control for each in offering.provided if each.evidence >= floor)
    return provided, bits.set(each.control for each in offering.configurable)


def granted_without_agents(demand: Demand, host: int) -> int:
    """Return what a component is granted on a host, before any agent (composition's rule 3, transitive controls aside)."""
    return (demand.specific & demand.implemented) | (demand.common & host) | (demand.hybrid & demand.implemented & host)


def host_of(demand: Demand, provided: int, configurable: int) -> int:
    """Return what the host grants this component: a configurable control counts once the component takes the duty."""
    return provided | (configurable & demand.by_service)


def points(
    demand: Demand, host: int, prices: dict[AgentId, int], forced: frozenset[AgentId], *, front: bool
) -> tuple[Point, ...]:
    """Return the Pareto front of agent subsets (coverage up, price up), or only its last point: most coverage, least money."""
    base = granted_without_agents(demand, host)
    open_ = (demand.specific | demand.common | (demand.hybrid & host)) & ~base
    could = dict.fromkeys(forced, 0) | dict(demand.agents)
    gains = tuple((agent, gain) for agent, mask in sorted(could.items()) if (gain := mask & open_) or agent in forced)
    chosen = _front(gains, tuple(prices[agent] for agent, _ in gains), forced, demand.scores)
    start = demand.weigh(base)
    found = tuple(
        Point(start + gain, cents, tuple((demand.component, gains[number][0]) for number in numbers))
        for gain, cents, numbers in chosen
    )
    return found if front else found[-1:]


@lru_cache(maxsize=65_536)
def _front(
    gains: tuple[tuple[AgentId, int], ...],
    cents: tuple[int, ...],
    forced: frozenset[AgentId],
    scores: tuple[tuple[int, int], ...],
) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
    """Return (gain, cents, agents) of every subset that no other beats, cheapest first. Many components ask the same: kept."""

    def weigh(mask: int) -> int:
        return sum(score * (each & mask).bit_count() for score, each in scores)

    must = tuple(number for number, (agent, _) in enumerate(gains) if agent in forced)
    free = [number for number in range(len(gains)) if number not in must]
    if len(free) > MOST_AGENTS:
        free = sorted(free, key=lambda number: (-weigh(gains[number][1]), cents[number], number))[:MOST_AGENTS]
    options = []
    for size in range(len(free) + 1):
        for extra in combinations(sorted(free), size):
            numbers = tuple(sorted((*must, *extra)))
            mask = 0
            for number in numbers:
                mask |= gains[number][1]
            options.append((weigh(mask), sum(cents[number] for number in numbers), numbers))
    options.sort(key=lambda each: (each[1], -each[0], len(each[2]), each[2]))
    best: list[tuple[int, int, tuple[int, ...]]] = []
    for option in options:
        if not best or option[0] > best[-1][0]:
            best.append(option)
    return tuple(best)


def merge(fronts: list[tuple[Point, ...]]) -> tuple[Point, ...]:
    """Return the front of a unit from the fronts of its members."""
    merged: tuple[Point, ...] = (Point(0, 0),)
    for each in fronts:
        sums = [Point(a.coverage + b.coverage, a.cents + b.cents, a.agents + b.agents) for a in merged for b in each]
        sums.sort(key=lambda point: (point.cents, -point.coverage, point.agents))
        kept: list[Point] = []
        for point in sums:
            if not kept or point.coverage > kept[-1].coverage:
                kept.append(point)
        merged = tuple(kept)
    return merged
