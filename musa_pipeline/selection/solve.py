"""The exact choice: unit by unit where nothing binds units together, else one mixed-integer program in HiGHS.

One candidate a unit and provider is enough (a front of them when money is bounded), because all joint bounds speak of providers
and money only; the program stays an assignment problem, which is what makes it fast (formulation matters more than solver).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.ids import ComponentId, ProviderId
from musa_pipeline.selection.bounds import Bound
from musa_pipeline.selection.candidates import Candidate

_FEASIBLE = 2  # HiGHS: kSolutionStatusFeasible
Choices = Mapping[ComponentId, Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Solution:
    """One candidate a unit; `gap` is how far from the best it may be (0: proven)."""

    chosen: dict[ComponentId, Candidate]
    gap: float
    method: str


def solve(choices: Choices, joint: Sequence[Bound], time_limit: float) -> Solution | None:
    """Return the best choice: most coverage, then least money, then fewest providers; None if there is none."""
    if not all(choices.values()):
        return None
    if joint:
        return _program(choices, joint, time_limit)
    best = {unit: min(each, key=lambda one: one.key) for unit, each in choices.items()}
    tied = {unit: [one for one in choices[unit] if one.key[:2] == best[unit].key[:2]] for unit in choices}
    if all(len({one.provider for one in each}) == 1 for each in tied.values()):
        return Solution(best, 0.0, "each unit by itself: nothing binds them together")
    return _program(tied, (), time_limit)


class _Model:
    """A thin hand over highspy: columns, rows, objectives by name."""

    def __init__(self, time_limit: float) -> None:
        import highspy

        self.hs = highspy
        self.limit = time_limit
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 1),
            ("mip_rel_gap", 0.0),
            ("time_limit", time_limit),
        ):
            self.highs.setOptionValue(option, value)
        self.columns = 0

    def binary(self) -> int:
        self.highs.addVar(0.0, 1.0)
        self.highs.changeColIntegrality(self.columns, self.hs.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def row(self, low: float, high: float, terms: dict[int, float]) -> None:
        self.highs.addRow(low, high, len(terms), list(terms), list(terms.values()))

    def best(self, costs: dict[int, float], *, largest: bool) -> tuple[list[float], float, float] | None:
        """Return the values, the objective and the relative gap; None if there is no solution."""
        self.highs.changeColsCost(self.columns, list(range(self.columns)), [costs.get(each, 0.0) for each in range(self.columns)])
        sense = self.hs.ObjSense.kMaximize if largest else self.hs.ObjSense.kMinimize
        self.highs.changeObjectiveSense(sense)
        self.highs.run()
        status = self.highs.getModelStatus()
        info: Any = self.highs.getInfo()
        if status == self.hs.HighsModelStatus.kInfeasible:
            return None
        if info.primal_solution_status != _FEASIBLE:
            raise OutsideFailed(
                f"the solver found no choice of providers within {self.limit:g} s, nor that there is none",
                "raise selection.time_limit in musa.yaml",
            )
        values = list(self.highs.getSolution().col_value)
        gap = 0.0 if status == self.hs.HighsModelStatus.kOptimal else float(info.mip_gap)
        return values, float(info.objective_function_value), gap


def _program(choices: Choices, joint: Sequence[Bound], time_limit: float) -> Solution | None:
    model = _Model(time_limit)
    inf = model.hs.kHighsInf
    column: dict[tuple[ComponentId, int], int] = {}
    at: dict[tuple[ComponentId, ProviderId], list[int]] = defaultdict(list)
    for unit, candidates in choices.items():
        for number, candidate in enumerate(candidates):
            column[unit, number] = model.binary()
            at[unit, candidate.provider].append(column[unit, number])
        model.row(1.0, 1.0, {column[unit, number]: 1.0 for number in range(len(candidates))})
    providers = sorted({provider for _, provider in at})
    used = {provider: model.binary() for provider in providers}
    for (_, provider), columns in at.items():
        model.row(-inf, 0.0, {used[provider]: -1.0, **dict.fromkeys(columns, 1.0)})
    for provider in providers:  # a provider counts as used only if something is there
        there = [each for (_, other), columns in at.items() if other == provider for each in columns]
        model.row(0.0, inf, {used[provider]: -1.0, **dict.fromkeys(there, 1.0)})
    candidate_of = {column[unit, number]: one for unit, each in choices.items() for number, one in enumerate(each)}
    for bound in joint:
        _bind(model, bound, at, used, candidate_of)
    coverage = {each: float(one.coverage) for each, one in candidate_of.items()}
    cents = {each: float(one.cents) for each, one in candidate_of.items()}
    found = model.best(coverage, largest=True)
    if not found:
        return None
    _, most, gap = found
    model.row(round(most) - 0.5, inf, coverage)
    least = model.best(cents, largest=False) or found
    model.row(-inf, round(least[1]) + 0.5, cents)
    fewest = model.best(dict.fromkeys(used.values(), 1.0), largest=False) or least
    chosen = {
        unit: next(candidate_of[column[unit, number]] for number in range(len(each)) if fewest[0][column[unit, number]] > 0.5)
        for unit, each in choices.items()
    }
    return Solution(chosen, max(gap, least[2], fewest[2]), "mixed-integer program in HiGHS")


def _bind(
    model: _Model,
    bound: Bound,
    at: dict[tuple[ComponentId, ProviderId], list[int]],
    used: dict[ProviderId, int],
    candidate_of: dict[int, Candidate],
) -> None:
    inf = model.hs.kHighsInf
    if bound.budget is not None:
        model.row(-inf, float(bound.budget), {each: float(one.cents) for each, one in candidate_of.items()})
    if bound.at_most is not None:
        model.row(-inf, float(bound.at_most), dict.fromkeys(used.values(), 1.0))
    if bound.at_least is not None:
        model.row(float(bound.at_least), inf, dict.fromkeys(used.values(), 1.0))
    for provider in used:
        for group in (bound.apart,) if bound.apart else ():
            model.row(-inf, 1.0, {each: 1.0 for unit in sorted(group) for each in at.get((unit, provider), [])})
        if bound.together:
            first, *others = sorted(bound.together)
            for other in others:
                terms = dict.fromkeys(at.get((first, provider), []), 1.0) | dict.fromkeys(at.get((other, provider), []), -1.0)
                model.row(0.0, 0.0, terms)
