"""Which offerings fit a unit, and what each would grant: coverage by bitsets, agents by the Pareto front of their subsets."""

from collections.abc import Iterable
from dataclasses import dataclass

from musa_pipeline.domain.agreement import Slat, type_in
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, MetricId, OfferingId, ProviderId
from musa_pipeline.domain.offering import Evidence, Offering, Region, configurable, provided
from musa_pipeline.selection import subsets
from musa_pipeline.selection.subsets import Useful


@dataclass(frozen=True, slots=True)
class Demand:
    """What one component asks for, as bitsets: of controls over the catalog, of metrics over its own service levels.

    `agents`: each agent that fits here, the controls it could grant, the metrics it measures.
    """

    component: ComponentId
    specific: int
    common: int
    hybrid: int
    implemented: int
    by_service: int
    scores: tuple[tuple[int, int], ...]  # (score, controls of that score)
    agents: tuple[tuple[AgentId, int, int], ...]
    metrics: tuple[MetricId, ...] = ()

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


def demand_of(slat: Slat, catalogs: Catalogs, bits: Bits, facts: Facts) -> Demand:
    """Turn a template into bitsets."""
    by_type = dict.fromkeys(ControlType, 0)
    scores: dict[int, int] = {}
    implemented = by_service = 0
    grants: dict[AgentId, int] = {}
    for term in slat.terms:
        bit = bits.set((term.control,))
        by_type[type_in(term, catalogs.control[term.control])] |= bit
        scores[term.score] = scores.get(term.score, 0) | bit
        if term.by is Grant.COMPONENT:
            implemented |= bit
        if term.by is Grant.SERVICE and term.answered:
            by_service |= bit
        for agent in term.agents:
            grants[agent] = grants.get(agent, 0) | bit
    metrics = tuple(each.metric for each in slat.slos)
    measures = _measures(metrics, catalogs, facts)
    return Demand(
        slat.component,
        by_type[ControlType.SPECIFIC],
        by_type[ControlType.COMMON],
        by_type[ControlType.HYBRID],
        implemented,
        by_service,
        tuple(sorted(scores.items())),
        tuple((each, grants.get(each, 0), measures.get(each, 0)) for each in sorted({*grants, *measures})),
        metrics,
    )


def _measures(metrics: tuple[MetricId, ...], catalogs: Catalogs, facts: Facts) -> dict[AgentId, int]:
    bit = {metric: 1 << number for number, metric in enumerate(metrics)}
    found = {each.id: sum(bit.get(metric, 0) for metric in set(each.measures)) for each in catalogs.agents if each.measures}
    return {agent: mask for agent, mask in found.items() if mask and holds(catalogs.agent[agent].protects, facts)}


def hosted(offering: Offering, floor: Evidence, bits: Bits) -> tuple[int, int]:
    """Return what an offering provides with enough evidence, and what it lets the customer configure."""
    return bits.set(provided(offering, floor)), bits.set(configurable(offering))


def granted_without_agents(demand: Demand, host: int) -> int:
    """Return what a component is granted on a host, before any agent (composition's rule 3, transitive controls aside)."""
    return (demand.specific & demand.implemented) | (demand.common & host) | (demand.hybrid & demand.implemented & host)


def host_of(demand: Demand, always: int, on_request: int) -> int:
    """Return what the host grants this component: a configurable control counts once the component takes the duty."""
    return always | (on_request & demand.by_service)


def points(
    demand: Demand, host: int, prices: dict[AgentId, int], forced: frozenset[AgentId], *, front: bool, measured: bool
) -> tuple[Point, ...]:
    """Return the Pareto front of agent subsets (coverage up, price up), or only its last point: most coverage, least money.

    `measured`: every service level that an agent here can measure must be measured.
    """
    base = granted_without_agents(demand, host)
    open_ = (demand.specific | demand.common | (demand.hybrid & host)) & ~base
    could = dict.fromkeys(forced, (0, 0)) | {agent: (mask & open_, measures) for agent, mask, measures in demand.agents}
    useful = tuple(
        Useful(agent, gain, measures if measured else 0, prices.get(agent, 0), agent in forced)
        for agent, (gain, measures) in sorted(could.items())
        if gain or agent in forced or (measured and measures)
    )
    found = subsets.front(useful, demand.scores) if front else (subsets.best(useful, demand.scores),)
    start = demand.weigh(base)
    return tuple(
        Point(start + gain, cents, tuple((demand.component, agent) for agent in agents)) for gain, cents, agents in found
    )


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
