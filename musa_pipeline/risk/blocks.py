"""A covering taken apart: what shares no point is solved by itself, and what binds the blocks is tried set by set.

A machine's risk wants controls at everything that runs on it. Few controls make sense at all of it, so the sets of them that bring
its risks to their goals are few; for each such set the components are problems of their own, with these points wanted. The cheapest
total is the cheapest of all, because every solution holds one of those sets.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from musa_pipeline.domain.risk import Rating
from musa_pipeline.risk.covering import Burden, Covered, Covering, goals_of, rating_under, solve

MOST_ANSWERS: Final = 12
MOST_SETS: Final = 48
"""Joint answers, and sets of them, up to which they are tried one by one; above, everything is one program."""


LARGE: Final = 5_000
"""Options from which trying many sets costs less time than one program of all (measured: 300 unlike components of one machine)."""


def solve_apart(covering: Covering, large: int = LARGE) -> Covered:
    """Return what `solve` returns, or another solution of the same cost; below `large` options what is bound stays together."""
    if covering.wanted:
        return solve(covering)
    goals = goals_of(covering)
    open_ = [
        (burden, goal)
        for burden, goal in zip(covering.burdens, goals, strict=True)
        if rating_under(burden, covering.given).score > goal.score
    ]
    sold = covering.given.union(*(each.points for each in covering.options))
    parts: list[tuple[Burden, frozenset[frozenset[int]]]] = []
    for burden, _ in open_:
        wanted = (each.points - covering.given for each in burden.answers if each.points <= sold)
        parts.append((burden, frozenset(each for each in wanted if each)))
    joint = [at for at, (_, answers) in enumerate(parts) if any(len(each) > 1 for each in answers)]
    answers = sorted({each for at in joint for each in parts[at][1]}, key=sorted)
    if len(answers) > MOST_ANSWERS:
        return solve(covering)
    sets = list(_least(covering, [open_[at] for at in joint], answers))
    if len(sets) > MOST_SETS or (len(sets) > 1 and len(covering.options) < large):
        return solve(covering)
    alone = [part for at, part in enumerate(parts) if at not in set(joint)]
    return _cheapest(_Blocks(covering, alone), sets)


def _least(
    covering: Covering, joint: Sequence[tuple[Burden, Rating]], answers: Sequence[frozenset[int]]
) -> Iterator[frozenset[int]]:
    """Yield the points of every set of joint answers that brings all joint burdens to their goals, and of which none can be missed."""
    found: list[frozenset[int]] = []
    for count in range(len(answers) + 1):
        for some in combinations(range(len(answers)), count):
            mine = frozenset(some)
            if any(each <= mine for each in found):
                continue
            points = covering.given.union(*(answers[each] for each in some))
            if all(rating_under(burden, points).score <= goal.score for burden, goal in joint):
                found.append(mine)
                yield points - covering.given


@dataclass(frozen=True, slots=True)
class _Block:
    """A covering of its own, and the numbers that its options have in the whole."""

    covering: Covering
    numbers: tuple[int, ...]
    points: frozenset[int]


class _Blocks:
    """The blocks of a covering, each solved once for the points that are wanted of it."""

    def __init__(self, covering: Covering, alone: Sequence[tuple[Burden, frozenset[frozenset[int]]]]) -> None:
        self._options, self._top = covering.options, dict[int, int]()
        for option in covering.options:
            self._join(option.points - covering.given)
        for _, answers in alone:
            self._join(frozenset().union(*answers))
        options: dict[int, list[int]] = defaultdict(list)
        burdens: dict[int, list[Burden]] = defaultdict(list)
        points: dict[int, set[int]] = defaultdict(set)
        for point in self._top:
            points[self._root(point)].add(point)
        for number, option in enumerate(covering.options):
            if mine := option.points - covering.given:
                options[self._root(next(iter(mine)))].append(number)
        for burden, answers in alone:
            burdens[self._root(next(iter(next(iter(answers)))))].append(burden)
        self.blocks = [
            _Block(
                Covering(covering.given, tuple(covering.options[each] for each in options[top]), tuple(burdens[top])),
                tuple(options[top]),
                frozenset(points[top]),
            )
            for top in sorted(options)
        ]
        self._solved: dict[tuple[int, frozenset[int]], Covered] = {}

    def solved(self, at: int, wanted: frozenset[int]) -> Covered:
        """Return the solution of one block, in the numbers of the whole."""
        block = self.blocks[at]
        mine = wanted & block.points
        if (at, mine) not in self._solved:
            part = block.covering
            found = solve(Covering(part.given, part.options, part.burdens, mine))
            self._solved[at, mine] = Covered(tuple(block.numbers[each] for each in found.taken), found.gap)
        return self._solved[at, mine]

    def cost(self, found: Covered) -> int:
        """Return what a solution costs."""
        return sum(self._options[each].cost for each in found.taken)

    def _root(self, point: int) -> int:
        while self._top.setdefault(point, point) != point:
            self._top[point] = self._top[self._top[point]]
            point = self._top[point]
        return point

    def _join(self, points: frozenset[int]) -> None:
        for each in points:
            self._top[self._root(each)] = self._root(min(points))


def _cheapest(blocks: _Blocks, sets: Sequence[frozenset[int]]) -> Covered:
    """Return the cheapest solution over all sets of wanted points; of equals that with the lower numbers."""
    best: tuple[int, int, tuple[int, ...]] | None = None
    least = float("inf")
    for wanted in sets:
        parts = [blocks.solved(at, wanted) for at in range(len(blocks.blocks))]
        costs = [blocks.cost(each) for each in parts]
        taken = tuple(sorted(number for each in parts for number in each.taken))
        least = min(least, sum(cost * (1 - each.gap) for cost, each in zip(costs, parts, strict=True)))
        mine = sum(costs), sum(taken), taken
        best = mine if best is None else min(best, mine)
    cost, _, taken = best or (0, 0, ())
    return Covered(taken, (cost - least) / cost if cost and best else 0.0)
