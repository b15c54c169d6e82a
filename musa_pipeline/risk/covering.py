"""The cheapest measures under which every burden is at its bar: a set cover over logarithms, exact by HiGHS.

Effects multiply, so their logarithms add; `rating <= bar` is a choice among pairs of bands of likelihood and impact, one binary
variable each. Rows are taken a hair too wide, and what the rating itself refuses afterwards is cut off: more measures never raise a
risk, so a set that fails wants at least one more of those that would help.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final

from musa_pipeline.domain.residual import Effect
from musa_pipeline.domain.risk import Band, Rating
from musa_pipeline.domain.threat import Lowers
from musa_pipeline.risk.owasp import rate

_TOPS: Final = {Band.LOW: 3.0, Band.MEDIUM: 6.0, Band.HIGH: 10.0}
"""What likelihood or impact must stay below to be in a band or a lower one."""
_HALF_CENT: Final = 0.005
"""Residual values are rounded to two decimals before they are rated: 2.994 is low."""
_HAIR: Final = 1e-7
_SOLVED: Final = 0.5
_FEASIBLE: Final = 2  # HiGHS: kSolutionStatusFeasible
NODES: Final = 10_000
"""Of the search tree for one group; then the best found counts, with its gap. Not seconds: a slower machine finds the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An effect on a burden that needs all of some points at once: a control at every component that bears the risk."""

    points: frozenset[int]
    effect: Effect


@dataclass(frozen=True, slots=True)
class Burden:
    """A risk to be brought to a rating."""

    likelihood: float
    impact: float
    bar: Rating
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """What can be bought: points at a cost above 0 or for nothing; of equal sets that with the lower ranks is taken."""

    cost: int
    points: frozenset[int]


@dataclass(frozen=True, slots=True)
class Covering:
    """A problem: points that are there for nothing (`given`), options, burdens, points that must be bought whatever they do.

    Equal problems have one solution.
    """

    given: frozenset[int]
    options: tuple[Option, ...]
    burdens: tuple[Burden, ...]
    wanted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Covered:
    """The numbers of the options taken, and by which part of their cost a cheaper set may still exist (0: proven that none does)."""

    taken: tuple[int, ...]
    gap: float


def rating_under(burden: Burden, points: frozenset[int]) -> Rating:
    """Return the rating that a burden has under some points, as residual risk is rated."""
    value = {Lowers.LIKELIHOOD: 1.0, Lowers.IMPACT: 1.0}
    for each in burden.answers:
        if each.points <= points:
            value[each.effect.on] *= each.effect.factor
    return rate(round(burden.likelihood * value[Lowers.LIKELIHOOD], 2), round(burden.impact * value[Lowers.IMPACT], 2))


def best_of(covering: Covering) -> tuple[Rating, ...]:
    """Return the rating of each burden under everything that can be bought."""
    everything = covering.given.union(*(each.points for each in covering.options))
    return tuple(rating_under(each, everything) for each in covering.burdens)


def goals_of(covering: Covering) -> tuple[Rating, ...]:
    """Return what each burden is to be brought to: its bar, or the best rating that it can have."""
    bests = zip(covering.burdens, best_of(covering), strict=True)
    return tuple(max(burden.bar, best, key=lambda each: each.score) for burden, best in bests)


def solve(covering: Covering) -> Covered:
    """Return the cheapest options under which each burden is at its bar, or at the best rating that it can have.

    Of equal costs that with the lower sum of option numbers; the same problem has the same solution.
    """
    goals = zip(covering.burdens, goals_of(covering), strict=True)
    open_ = [(burden, goal) for burden, goal in goals if rating_under(burden, covering.given).score > goal.score]
    if not open_ and covering.wanted <= covering.given:
        return Covered((), 0.0)
    program = _Program(covering)
    program.want(covering.wanted - covering.given)
    for burden, goal in open_:
        program.demand(burden, goal)
    while True:
        found = program.run()
        points = covering.given.union(*(covering.options[each].points for each in found.taken))
        failing = [burden for burden, goal in open_ if rating_under(burden, points).score > goal.score]
        if not failing:
            return found
        for burden in failing:
            program.cut(burden, points)


def bands(goal: Rating) -> Iterator[tuple[Band, Band]]:
    """Yield the highest pairs of bands, likelihood and impact, whose rating is at most a goal.

    >>> [(one.value, other.value) for one, other in bands(Rating.LOW)]
    [('low', 'medium'), ('medium', 'low')]
    """
    order = list(Band)
    fits = {(one, other) for one in order for other in order if rate(_TOPS[one] - 1, _TOPS[other] - 1).score <= goal.score}
    for one in order:
        for other in order:
            above = {(up, beside) for up in order[order.index(one) :] for beside in order[order.index(other) :]} - {(one, other)}
            if (one, other) in fits and not above & fits:
                yield one, other


class _Program:
    """The mixed-integer program of one covering: an option is a binary column, an answer of several points one below all of them."""

    def __init__(self, covering: Covering) -> None:
        import highspy

        self.hs = highspy
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 1),
            ("mip_rel_gap", 0.0),
            ("mip_max_nodes", NODES),
        ):
            self.highs.setOptionValue(option, value)
        self.covering, self.columns = covering, 0
        count = len(covering.options)
        tie = _SOLVED / (1 + count * (count + 1) / 2)
        self.options = [self._column(each.cost + tie * (number + 1)) for number, each in enumerate(covering.options)]
        self.granting: dict[int, list[int]] = {}
        for column, each in zip(self.options, covering.options, strict=True):
            for point in each.points - covering.given:
                self.granting.setdefault(point, []).append(column)
        self._point: dict[int, int] = {}
        self._answer: dict[frozenset[int], int] = {}

    def want(self, points: frozenset[int]) -> None:
        """Add the rows that buy points whatever they do."""
        for point in sorted(points):
            self._row(1.0, dict.fromkeys(self.granting[point], 1.0))

    def demand(self, burden: Burden, goal: Rating) -> None:
        """Add the rows that bring a burden to a goal: one pair of bands is reached on both sides."""
        there = [each for each in burden.answers if each.points <= self.covering.given]
        open_ = [each for each in burden.answers if each not in there and self._can(each)]
        ways: list[dict[Lowers, float]] = []
        for likely, harm in bands(goal):
            needs = {
                side: _need(value, _TOPS[top], [each.effect.factor for each in there if each.effect.on is side])
                for side, value, top in ((Lowers.LIKELIHOOD, burden.likelihood, likely), (Lowers.IMPACT, burden.impact, harm))
            }
            if all(
                sum(_weight(each, needs[side]) for each in open_ if each.effect.on is side) >= needs[side] - _HAIR
                for side in Lowers
            ):
                ways.append(needs)
        switches = [self._column(0.0) for _ in ways] if len(ways) > 1 else []
        if switches:
            self._row(1.0, dict.fromkeys(switches, 1.0))
        for number, needs in enumerate(ways):
            for side in Lowers:
                if needs[side] > 0:
                    terms: dict[int, float] = {}
                    for each in open_:
                        if each.effect.on is side:
                            column = self._column_of(each.points)
                            terms[column] = terms.get(column, 0.0) + _weight(each, needs[side])
                    if switches:
                        terms[switches[number]] = -needs[side]
                    self._row((0.0 if switches else needs[side]) - _HAIR, terms)

    def cut(self, burden: Burden, points: frozenset[int]) -> None:
        """Ask for one more of the options that would help a burden which these points do not bring to its goal."""
        helpful = {point for each in burden.answers for point in each.points} - points
        self._row(1.0, {column: 1.0 for point in helpful for column in self.granting.get(point, ())})

    def run(self) -> Covered:
        """Return the best options; every program has a solution, for all options together are one."""
        self.highs.run()
        info: Any = self.highs.getInfo()
        proven = self.highs.getModelStatus() == self.hs.HighsModelStatus.kOptimal
        if info.primal_solution_status != _FEASIBLE:  # not even one set within the nodes: all of them are one
            return Covered(tuple(range(len(self.options))), 1.0)
        values = list(self.highs.getSolution().col_value)
        taken = tuple(number for number, column in enumerate(self.options) if values[column] > _SOLVED)
        return Covered(taken, 0.0 if proven else min(1.0, float(info.mip_gap)))

    def _can(self, answer: Answer) -> bool:
        return all(point in self.granting for point in answer.points - self.covering.given)

    def _column_of(self, points: frozenset[int]) -> int:
        """Return the column that is at most 1 and only as much as each of these points is granted."""
        wanted = points - self.covering.given
        if len(wanted) == 1:
            return self._column_at(next(iter(wanted)))
        if wanted not in self._answer:
            self._answer[wanted] = column = self._column(0.0, whole=False)
            for point in sorted(wanted):
                self._row(0.0, {column: -1.0, self._column_at(point): 1.0})
        return self._answer[wanted]

    def _column_at(self, point: int) -> int:
        columns = self.granting[point]
        if len(columns) == 1:
            return columns[0]
        if point not in self._point:
            self._point[point] = column = self._column(0.0, whole=False)
            self._row(0.0, {column: -1.0, **dict.fromkeys(columns, 1.0)})
        return self._point[point]

    def _column(self, cost: float, *, whole: bool = True) -> int:
        self.highs.addCol(cost, 0.0, 1.0, 0, [], [])
        if whole:
            self.highs.changeColIntegrality(self.columns, self.hs.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def _row(self, low: float, terms: Mapping[int, float]) -> None:
        self.highs.addRow(low, self.hs.kHighsInf, len(terms), list(terms), list(terms.values()))


def _need(value: float, top: float, factors: Sequence[float]) -> float:
    """Return the logarithm by which a value must still sink to be below a top, after some factors; 0 if it is there."""
    for each in factors:
        value *= each
    return max(0.0, log(value / (top - _HALF_CENT))) if value > 0 else 0.0


def _weight(answer: Answer, need: float) -> float:
    """Return how far an answer goes towards a need; more than all of it is worth no more."""
    return min(need, -log(answer.effect.factor)) if answer.effect.factor > 0 else need
