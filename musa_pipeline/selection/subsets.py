"""Which agents stand before one component: exactly the cheapest set that grants most and measures all, or the whole front.

Many components ask the same: each distinct question is answered once.
"""

from functools import lru_cache
from itertools import combinations
from typing import NamedTuple, TypeAlias

from musa_pipeline.domain.ids import AgentId

Scores: TypeAlias = tuple[tuple[int, int], ...]
Subset: TypeAlias = tuple[int, int, tuple[AgentId, ...]]
"""Coverage gained, price in cents, the agents."""


class Useful(NamedTuple):
    """An agent with what it would add here: controls and metrics as bitsets, its price in cents; `must`: the model asks for it."""

    agent: AgentId
    gain: int
    measures: int
    cents: int
    must: bool


def weigh(mask: int, scores: Scores) -> int:
    """Return the sum of scores of some controls."""
    return sum(score * (each & mask).bit_count() for score, each in scores)


@lru_cache(maxsize=65_536)
def best(useful: tuple[Useful, ...], scores: Scores) -> Subset:
    """Return the cheapest set that grants and measures all that any set could: a weighted set cover, solved exactly.

    Agents that alone bring something are in; only the rest, mostly two or three, is enumerated.
    """
    chosen = {each for each in useful if each.must or _alone(each, useful)}
    gain, measures = _union(chosen)
    rest = [each for each in useful if each not in chosen and (each.gain & ~gain or each.measures & ~measures)]
    all_gain, all_measures = _union(useful)
    cheapest: tuple[int, int, tuple[Useful, ...]] | None = None
    for size in range(len(rest) + 1):
        for some in combinations(rest, size):
            more_gain, more_measures = _union(some)
            if gain | more_gain == all_gain and measures | more_measures == all_measures:
                cost = (sum(each.cents for each in some), size, some)
                cheapest = cost if cheapest is None or cost < cheapest else cheapest
    return _subset((*chosen, *(cheapest[2] if cheapest else ())), scores)


@lru_cache(maxsize=65_536)
def front(useful: tuple[Useful, ...], scores: Scores) -> tuple[Subset, ...]:
    """Return every set that measures all and that no other such set beats in coverage and price, cheapest first."""
    _, all_measures = _union(useful)
    must = {each for each in useful if each.must or _measures_alone(each, useful)}
    free = [each for each in useful if each not in must]
    found = [
        _subset((*must, *some), scores)
        for size in range(len(free) + 1)
        for some in combinations(free, size)
        if _union((*must, *some))[1] == all_measures
    ]
    kept: list[Subset] = []
    for each in sorted(found, key=lambda one: (one[1], -one[0], len(one[2]), one[2])):
        if not kept or each[0] > kept[-1][0]:
            kept.append(each)
    return tuple(kept)


def _union(some: "set[Useful] | tuple[Useful, ...] | list[Useful]") -> tuple[int, int]:
    gain = measures = 0
    for each in some:
        gain |= each.gain
        measures |= each.measures
    return gain, measures


def _alone(one: Useful, useful: tuple[Useful, ...]) -> bool:
    gain, measures = _union(tuple(each for each in useful if each is not one))
    return bool(one.gain & ~gain or one.measures & ~measures)


def _measures_alone(one: Useful, useful: tuple[Useful, ...]) -> bool:
    return bool(one.measures & ~_union(tuple(each for each in useful if each is not one))[1])


def _subset(some: tuple[Useful, ...], scores: Scores) -> Subset:
    gain, _ = _union(some)
    return weigh(gain, scores), sum(each.cents for each in some), tuple(sorted(each.agent for each in some))
