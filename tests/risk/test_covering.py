"""The exact cover against trying every set, and the law that more appetite never costs more."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.residual import Effect
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.threat import Lowers
from musa_pipeline.risk.blocks import solve_apart
from musa_pipeline.risk.covering import Answer, Burden, Covering, Option, best_of, rating_under, solve

POINTS = 6
points = st.integers(0, POINTS - 1)
effects = st.builds(Effect, on=st.sampled_from(Lowers), factor=st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0]))
answers = st.builds(Answer, st.frozensets(points, min_size=1, max_size=2), effects)
scales = st.integers(0, 900).map(lambda each: each / 100)
burdens = st.builds(Burden, scales, scales, st.sampled_from(Rating), st.lists(answers, max_size=5).map(tuple))
options = st.builds(Option, st.integers(0, 4), st.frozensets(points, min_size=1, max_size=3))
coverings = st.builds(
    Covering,
    st.frozensets(points, max_size=1),
    st.lists(options, max_size=7).map(tuple),
    st.lists(burdens, min_size=1, max_size=4).map(tuple),
)
few = settings(max_examples=120, deadline=None)


def goals(covering: Covering) -> list[int]:
    """The scores to be reached: the bar, or the best that everything together reaches."""
    return [max(each.bar.score, best.score) for each, best in zip(covering.burdens, best_of(covering), strict=True)]


def covers(covering: Covering, taken: tuple[int, ...]) -> bool:
    there = covering.given.union(*(covering.options[each].points for each in taken))
    return all(rating_under(each, there).score <= goal for each, goal in zip(covering.burdens, goals(covering), strict=True))


def cost(covering: Covering, taken: tuple[int, ...]) -> int:
    return sum(covering.options[each].cost for each in taken)


@given(coverings)
@few
def test_no_set_at_all_is_cheaper_than_the_one_that_is_found(covering: Covering) -> None:
    found = solve(covering)
    every = range(len(covering.options))
    sets = (some for count in range(len(covering.options) + 1) for some in combinations(every, count))
    assert covers(covering, found.taken)
    assert cost(covering, found.taken) == min(cost(covering, some) for some in sets if covers(covering, some))
    assert found.gap == 0.0
    apart = solve_apart(covering, large=0)
    assert covers(covering, apart.taken)
    assert (cost(covering, apart.taken), apart.gap) == (cost(covering, found.taken), 0.0)


@given(coverings)
@few
def test_the_same_problem_has_the_same_solution(covering: Covering) -> None:
    assert solve(covering) == solve(covering)


def test_exactly_half_of_six_is_still_medium() -> None:
    """A logarithm that just reaches the band does not leave it: 6 x 0.5 is 3, and 3 is medium."""
    halving = (Answer(frozenset({0}), Effect(on=Lowers.LIKELIHOOD, factor=0.5)),)
    burden = Burden(6.0, 5.0, Rating.LOW, (*halving, Answer(frozenset({1}), Effect(on=Lowers.LIKELIHOOD, factor=0.8))))
    both = Covering(frozenset(), (Option(1, frozenset({0})), Option(1, frozenset({1}))), (burden,))
    assert rating_under(burden, frozenset({0})) is Rating.MEDIUM
    assert solve(both).taken == (0, 1)


def test_what_is_there_for_nothing_is_not_bought() -> None:
    burden = Burden(5.0, 5.0, Rating.LOW, (Answer(frozenset({0}), Effect(on=Lowers.IMPACT, factor=0.5)),))
    assert solve(Covering(frozenset({0}), (Option(1, frozenset({0})),), (burden,))).taken == ()


def test_what_is_wanted_is_bought_apart_too() -> None:
    wanted = Covering(frozenset(), (Option(5, frozenset({0})), Option(1, frozenset({0, 1}))), (), frozenset({0}))
    assert solve_apart(wanted, large=0).taken == solve(wanted).taken == (1,)


def test_one_agent_is_cheaper_than_the_two_controls_that_it_grants() -> None:
    both = tuple(Answer(frozenset({each}), Effect(on=Lowers.LIKELIHOOD, factor=0.5)) for each in (0, 1))
    burden = Burden(9.0, 5.0, Rating.LOW, both)
    shop = (Option(1, frozenset({0})), Option(1, frozenset({1})), Option(1, frozenset({0, 1})))
    assert solve(Covering(frozenset(), shop, (burden,))).taken == (2,)
