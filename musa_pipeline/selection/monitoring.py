"""Which agents measure what is promised: for each component the cheapest set that measures every metric anybody can."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

from musa_pipeline.domain.agent import Agent, AgentInstance
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import holds
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import AgentId, ComponentId, MetricId


def monitors(
    cpim: Cpim, slats: Sequence[Slat], catalogs: Catalogs, present: frozenset[tuple[ComponentId, AgentId]]
) -> list[AgentInstance]:
    """Return the agents to add beside those present; a metric that no agent measures is left to the gaps."""
    facts = facts_of(cpim, catalogs)
    measuring = [each for each in catalogs.agents if each.measures]
    beside: dict[ComponentId, set[AgentId]] = defaultdict(set)
    for component, agent in present:
        beside[component].add(agent)
    added: list[AgentInstance] = []
    for slat in slats:
        here = [each for each in measuring if holds(each.protects, facts[slat.component])]
        wanted = {each.metric for each in slat.slos}
        wanted -= {metric for each in here if each.id in beside[slat.component] for metric in each.measures}
        offers = tuple((each.id, round(each.price * 100), frozenset(each.measures) & wanted) for each in here)
        added.extend(
            AgentInstance(agent=agent, component=slat.component, because=_why(catalogs.agent[agent], wanted))
            for agent in _cheapest(tuple(each for each in offers if each[2]))
        )
    return added


def _why(agent: Agent, wanted: set[MetricId]) -> str:
    return "measures " + ", ".join(each for each in agent.measures if each in wanted)


@lru_cache(maxsize=65_536)
def _cheapest(offers: tuple[tuple[AgentId, int, frozenset[MetricId]], ...]) -> tuple[AgentId, ...]:
    """Return the agents of the cheapest set that measures all that can be measured; fewer before more, then by name."""
    everything = frozenset[MetricId]().union(*(each[2] for each in offers)) if offers else frozenset()
    best: tuple[int, int, tuple[AgentId, ...]] | None = None
    for size in range(len(offers) + 1):
        for some in combinations(offers, size):
            if everything <= frozenset[MetricId]().union(*(each[2] for each in some)):
                cost = (sum(each[1] for each in some), size, tuple(each[0] for each in some))
                best = min(best, cost) if best else cost
    return best[2] if best else ()
