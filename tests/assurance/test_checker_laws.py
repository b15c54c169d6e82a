"""Laws of the checker, over any samples: order, repetition, silence, and a second engine that must agree."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.assurance.check import NOTHING_APPLIES, Checker
from musa_pipeline.assurance.judge import judge
from musa_pipeline.assurance.windows import Series
from musa_pipeline.domain.event import Measurement, gathered
from musa_pipeline.domain.metric import Combine, Operator
from musa_pipeline.domain.verdict import Incident, Objective, Over, State, Verdict
from tests.assurance.promises import (
    AVAILABLE,
    SCAN,
    START,
    WINDOW,
    YES,
    changes,
    plainly,
    promise,
    run,
    sample,
    states,
    whole,
)

STATE_WINDOW = replace(WINDOW, length=20, max_age=20, fewest=1, confirm=1, recover=1)
OBJECTIVES = [
    promise("a"),
    promise("b"),
    whole(("a", "b"), replace(AVAILABLE, bound=80, alert=90)),
    promise("a", YES, over=Over.WORST, combine=Combine.ALL),
    whole(("a",), YES, Combine.ALL, over=Over.WORST),
    promise("a", SCAN, STATE_WINDOW, over=Over.LAST, combine=Combine.MAX),
    promise("b", SCAN, STATE_WINDOW, over=Over.LAST, combine=Combine.MAX),
    whole(("a", "b"), SCAN, Combine.MAX, over=Over.LAST, window=STATE_WINDOW),
]
QUARTERS = st.integers(0, 4 * 40).map(lambda each: each / 4)


def _sample(slo: str, component: str, at: float, bad: bool, agent: str) -> Measurement:
    match slo:
        case "availability":
            return sample(component, at, 0 if bad else 100, agent=agent)
        case "encrypted":
            return sample("a", at, 0 if bad else 1, YES, agent)
        case _:
            return sample(component, at, 30 if bad else 5, SCAN, agent)


SAMPLES = st.lists(
    st.builds(
        _sample,
        st.sampled_from(["availability", "availability", "encrypted", "scan"]),
        st.sampled_from("ab"),
        QUARTERS,
        st.sampled_from([False, False, False, True]),
        st.sampled_from(["probe", "probe", "other"]),
    ),
    max_size=120,
    unique_by=lambda each: (each.component, each.metric, each.agent, each.time),
)


@settings(max_examples=150, deadline=None)
@given(SAMPLES)
def test_a_plain_engine_that_looks_at_every_window_anew_says_the_same(samples: list[Measurement]) -> None:
    checker = Checker(OBJECTIVES)
    checker.advance(START + 2)  # the first window ends at the start
    told = states(run(checker, samples, 60))
    assert sorted(told) == sorted(changes(plainly(OBJECTIVES, samples, 0, 58))[len(OBJECTIVES) :])


@settings(max_examples=100, deadline=None)
@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_of_arrival_within_the_time_waited_for_never_matters(samples: list[Measurement], chance: object) -> None:
    straight, mixed = Checker(OBJECTIVES), Checker(OBJECTIVES)
    straight.advance(START)
    mixed.advance(START)
    expected = run(straight, samples, 60)
    told, waiting = [], [(each, chance.uniform(0, WINDOW.late)) for each in samples]  # type: ignore[attr-defined]
    for second in range(61):
        now = START + second
        here = [each for each, delay in waiting if each.time + delay <= now]
        waiting = [(each, delay) for each, delay in waiting if each.time + delay > now]
        chance.shuffle(here)  # type: ignore[attr-defined]
        mixed.take(here, now)
        told += mixed.advance(now)
    assert told == expected


@settings(max_examples=100, deadline=None)
@given(SAMPLES, st.integers(1, 4))
def test_samples_told_several_times_count_once(samples: list[Measurement], times: int) -> None:
    once, often = Checker(OBJECTIVES), Checker(OBJECTIVES)
    once.advance(START)
    often.advance(START)
    assert run(often, samples * times, 60) == run(once, samples, 60)


@settings(max_examples=100, deadline=None)
@given(SAMPLES, st.integers(0, 200))
def test_no_evidence_never_adds_up_to_fulfilled(samples: list[Measurement], later: int) -> None:
    checker = Checker(OBJECTIVES)
    checker.take(samples, START + 41)
    checker.advance(START + 41 + later)
    for objective in OBJECTIVES:
        judged = checker.latest(objective.id)
        assert judged is not None
        if judged.verdict.state is not State.FULFILLED:
            continue
        members = objective.members or (objective.component,)
        assert judged.verdict.last is not None
        assert START + 41 + later - WINDOW.late - judged.verdict.last <= objective.window.max_age
        for member in members:
            end = judged.verdict.time
            ours = {
                each.time
                for each in samples
                if (each.component, each.metric) == (member, objective.slo.metric)
                and end - objective.window.length <= each.time < end
            }
            assert ours


@settings(max_examples=150, deadline=None)
@given(SAMPLES, st.integers(0, 119), st.integers(5, 50))
def test_a_sample_that_turns_bad_never_improves_a_verdict(samples: list[Measurement], which: int, end: int) -> None:
    if not samples:
        return
    spoilt = list(samples)
    chosen = spoilt[which % len(spoilt)]
    spoilt[which % len(spoilt)] = replace(chosen, value={"availability": 0.0, "encrypted": 0.0}.get(chosen.metric, 30.0))
    order = [State.FULFILLED, State.AT_RISK, State.VIOLATED]
    for objective in OBJECTIVES:
        if not objective.component:
            continue
        before, after = (_at(objective, each, end).state for each in (samples, spoilt))
        assert (before in order) == (after in order)
        if before in order:
            assert order.index(after) >= order.index(before)


def _at(objective: Objective, samples: list[Measurement], end: int) -> Verdict:
    checker = Checker([objective])
    checker.take(samples, START + 60)
    checker.advance(START + end + WINDOW.late)
    judged = checker.latest(objective.id)
    assert judged is not None
    return judged.verdict


@settings(max_examples=150, deadline=None)
@given(SAMPLES, st.integers(0, 60), st.integers(0, 60))
def test_a_checker_that_is_killed_and_started_again_goes_on_as_if_nothing_had_happened(
    samples: list[Measurement], one: int, other: int
) -> None:
    saved, killed = sorted((one, other))  # how far it had judged was written down before it was killed; what it told, at once
    unbroken, first, second = Checker(OBJECTIVES), Checker(OBJECTIVES), Checker(OBJECTIVES)
    for each in (unbroken, first):
        each.advance(START)
    expected = run(unbroken, samples, 60)
    told = list(run(first, samples, saved))
    kept = {each.id: (first.checked(each.id), first.readings(each.id)) for each in OBJECTIVES}
    for moment in range(saved + 1, killed + 1):
        first.take([each for each in samples if moment - 1 < each.time - START <= moment], START + moment)
        told += first.advance(START + moment)
    needed = min(first.needs(name, checked) for name, (checked, _) in kept.items())
    for name, (checked, readings) in kept.items():
        second.restore(name, first.track(name), checked, readings)
    again = [each for each in samples if each.time >= needed]  # what was committed does not come again
    for moment in range(killed, 61):
        now = START + moment
        second.take([each for each in again if each.time <= now], now)
        told += second.advance(now, caught_up=moment > killed)
    assert told == expected


@settings(max_examples=60, deadline=None)
@given(SAMPLES)
def test_incidents_open_and_close_in_turn_and_each_is_told_once(samples: list[Measurement]) -> None:
    checker = Checker(OBJECTIVES)
    checker.advance(START)
    told = [each for each in run(checker, samples, 60) if isinstance(each, Incident)]
    assert len({(each.id, each.stage) for each in told}) == len(told)
    for objective in OBJECTIVES:
        ours = [each for each in told if each.objective == objective.id]
        assert [str(each.stage) for each in ours] == ["open", "closed"] * (len(ours) // 2) + ["open"] * (len(ours) % 2)
        assert all(each.ended is None or each.began <= each.ended <= each.told for each in ours)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40), st.sampled_from(Operator), st.integers(0, 100))
def test_a_window_is_the_same_however_its_samples_are_split_over_agents(
    values: list[float], operator: Operator, bound: int
) -> None:
    objective = promise("a", replace(AVAILABLE, operator=operator, bound=bound, alert=None))
    one, two = Checker([objective]), Checker([objective])
    one.take([sample("a", n / 4, value) for n, value in enumerate(values)], START + 20)
    two.take([sample("a", n / 4, value, agent="probe" if n % 2 else "other") for n, value in enumerate(values)], START + 20)
    for each in (one, two):
        each.advance(START + 12)
    first, second = one.latest(objective.id), two.latest(objective.id)
    assert first is not None
    assert second is not None
    assert (first.verdict.state, first.verdict.samples, first.verdict.beyond) == (
        second.verdict.state,
        second.verdict.samples,
        second.verdict.beyond,
    )
    assert judge(objective, Series(objective).tally(3), 3.0).state is State.NOT_DETERMINED


ODD_SAMPLES = st.lists(
    st.builds(
        lambda run, at, value, agent, unit, about: [
            replace(sample("a", at + place / run[1], value, agent=agent), unit=unit, about=about) for place in range(run[0])
        ],
        st.tuples(st.integers(1, 60), st.sampled_from([1.0, 4.0, 0.25, -2.0, float("inf")])),
        st.sampled_from([0.0, 3.0, 5.5, 39.0, -700_000.0, 200.0, float("nan"), 1e300]),
        st.sampled_from([100, 100, 0, 101, float("nan")]),
        st.sampled_from(["probe", "other"]),
        st.sampled_from(["%", "%", "percent", "s"]),
        st.sampled_from([(), (), (NOTHING_APPLIES,), (("source", "192.0.2.1"),)]),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(ODD_SAMPLES, st.lists(st.integers(0, 60), max_size=3))
def test_samples_that_come_series_by_series_count_like_single_ones(batches: list[list[Measurement]], pauses: list[int]) -> None:
    single, together = Checker(OBJECTIVES), Checker(OBJECTIVES)
    told: list[tuple[object, ...]] = []
    for place, batch in enumerate(batches):
        now = START + (sorted(pauses)[place] if place < len(pauses) else 60)
        single.take(sorted(batch, key=lambda each: (each.unit, each.about)), now)
        together.count(gathered(sorted(batch, key=lambda each: (each.unit, each.about))), now)
        told += [(single.advance(now), together.advance(now), {**single.taken}, {**together.taken})]
    for one, other, counted, counted_together in told:
        assert other == one
        assert counted_together == counted
    assert [together.latest(each.id) for each in OBJECTIVES] == [single.latest(each.id) for each in OBJECTIVES]
