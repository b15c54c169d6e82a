"""What the checker says of single stories; several are faults that other checkers have."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from musa_pipeline.assurance.bounds import budget, over_of
from musa_pipeline.assurance.causes import Surroundings
from musa_pipeline.assurance.check import Checker
from musa_pipeline.assurance.judge import judge
from musa_pipeline.assurance.windows import Bad, Tally
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale, Slo
from musa_pipeline.domain.source import Source
from musa_pipeline.domain.verdict import Incident, Over, State, Verdict
from tests.assurance.promises import AVAILABLE, FAST, SCAN, START, WINDOW, YES, promise, run, sample, states, whole

ENGINE = promise("engine")


def _story(bad: range, until: int = 40, period: int = 1) -> list[object]:
    """Return what is told of a component that fails for some seconds."""
    checker = Checker([ENGINE])
    return run(checker, [sample("engine", n, 0 if n in bad else 100) for n in range(0, until, period)], until)


def test_a_failing_component_is_at_risk_at_once_violated_when_confirmed_and_the_incident_ends_with_the_first_good_sample() -> (
    None
):
    told = _story(range(20, 26))
    assert states(told)[-5:] == [
        ("engine/availability", 3.0, "fulfilled"),
        ("engine/availability", 21.0, "at-risk"),
        ("engine/availability", 23.0, "violated"),
        ("engine/availability", 34.0, "at-risk"),
        ("engine/availability", 36.0, "fulfilled"),
    ]
    opened, closed = [each for each in told if isinstance(each, Incident)]
    assert (opened.began - START, opened.told - START, opened.ended) == (20.0, 23.0, None)
    assert closed.ended is not None
    assert (closed.id, closed.began - START, closed.told - START, closed.ended - START) == (opened.id, 20.0, 29.0, 26.0)


def test_one_failed_probe_of_one_is_no_violation() -> None:
    checker = Checker([ENGINE])
    told = run(checker, [sample("engine", 5, 0)], 30)
    assert {state for _, _, state in states(told)} == {"not-determined"}


def test_the_words_of_an_alert_carry_the_bound_of_the_alert() -> None:
    early = promise("engine", replace(AVAILABLE, bound=80, alert=95))
    told = run(Checker([early]), [sample("engine", n, 0 if n == 20 else 100) for n in range(40)], 40)
    reasons = [each.reason for each in told if isinstance(each, Verdict) and each.state is State.AT_RISK]
    assert reasons == ["90 %, alert at ≥ 95 %, 1 of 10 samples beyond it"]


@pytest.mark.parametrize(
    ("operator", "state"),
    [
        (Operator.GE, State.FULFILLED),
        (Operator.LE, State.FULFILLED),
        (Operator.EQ, State.FULFILLED),
        (Operator.GT, State.VIOLATED),
        (Operator.LT, State.VIOLATED),
    ],
)
def test_the_bound_itself_is_held_by_the_operators_that_include_it(operator: Operator, state: State) -> None:
    exact = promise("engine", Slo(metric=MetricId("replicas"), operator=operator, bound=2, unit=""))
    checker = Checker([exact])
    checker.take([sample("engine", n, 2, exact.slo) for n in range(10)], START + 10)
    checker.advance(START + 12)
    judged = checker.latest(exact.id)
    assert judged is not None
    assert judged.verdict.state is state


def test_silence_is_told_before_it_is_not_determined_and_closes_no_incident() -> None:
    patient = promise("engine", window=replace(WINDOW, length=20, max_age=20, fewest=1))
    told = run(Checker([patient]), [sample("engine", n, 100) for n in range(20)], 60)
    assert states(told)[-2:] == [("engine/availability", 35.0, "at-risk"), ("engine/availability", 40.0, "not-determined")]
    told = run(Checker([ENGINE]), [sample("engine", n, 0) for n in range(20)], 60)
    assert [str(each.stage) for each in told if isinstance(each, Incident)] == ["open"]
    assert states(told)[-1][2] == "not-determined"


def test_evidence_too_old_by_the_clock_is_not_determined_while_the_bus_is_away() -> None:
    checker = Checker([ENGINE, whole(("engine",))])
    run(checker, [sample("engine", n, 100) for n in range(20)], 20)
    assert checker.silent(START + 25) == ()
    lost = checker.silent(START + 60)
    assert [(each.objective, each.state) for each in lost] == [
        ("app/availability", State.NOT_DETERMINED),
        ("engine/availability", State.NOT_DETERMINED),
    ]
    assert checker.silent(START + 61) == ()


def test_nobody_measures_it_and_it_does_not_apply_are_verdicts_of_their_own() -> None:
    nobody, void = promise("a", agents=()), promise("b", void="it has no users")
    checker = Checker([nobody, void])
    told = run(checker, [sample(name, n, 100) for n in range(10) for name in "ab"], 20)
    assert [(each.objective, each.state, each.reason) for each in told if isinstance(each, Verdict)] == [
        ("a/availability", State.NOT_DETERMINED, "no agent of the plan measures it"),
        ("b/availability", State.NOT_APPLICABLE, "it has no users"),
    ]


def test_an_agent_that_finds_nothing_to_measure_makes_it_not_applicable_and_never_fulfilled() -> None:
    checker = Checker([ENGINE])
    said = [replace(sample("engine", n, 100), about=(("applies", "no"),)) for n in range(30)]
    assert states(run(checker, said, 30))[-1][2] == "not-applicable"


def test_the_whole_is_not_determined_by_one_unknown_member_unless_the_others_break_it() -> None:
    both = [promise("a"), promise("b"), whole(("a", "b"), replace(AVAILABLE, bound=81, alert=90))]
    told = states(run(Checker(both), [sample("a", n, 100) for n in range(30)], 30))
    assert [each for each in told if each[0] == "app/availability"][-1][2] == "not-determined"
    told = states(run(Checker(both), [sample("a", n, 100 if n < 15 else 0) for n in range(30)], 30))
    assert [each for each in told if each[0] == "app/availability"][-1][2] == "violated"


def test_members_to_which_it_does_not_apply_are_left_out_and_if_there_are_no_others_so_is_the_whole() -> None:
    void = promise("b", void="it has no users")
    told = states(run(Checker([promise("a"), void, whole(("a", "b"))]), [sample("a", n, 100) for n in range(30)], 30))
    assert [each for each in told if each[0] == "app/availability"][-1][2] == "fulfilled"
    told = states(run(Checker([void, whole(("b",))]), [], 30))
    assert [each for each in told if each[0] == "app/availability"][-1][2] == "not-applicable"


def test_the_availability_of_the_whole_is_the_product_and_its_incident_names_the_component_and_its_machine() -> None:
    parts = [promise("a"), promise("b"), whole(("a", "b"), replace(AVAILABLE, bound=81, alert=90))]
    around = Surroundings(machine={ComponentId("a"): "vm", ComponentId("b"): "vm"})  # type: ignore[dict-item]
    samples = [sample("a", n, 100, machine="vm") for n in range(30)]
    samples += [sample("b", n, 0 if n >= 20 else 100, machine="vm") for n in range(30)]
    told = run(Checker(parts, around, {(ComponentId("b"), "availability"): "redundancy"}), samples, 30)
    found = next(each for each in told if isinstance(each, Incident) and each.objective == "app/availability")
    assert (found.cause, found.machine, found.recommendation) == ("b", "vm", "redundancy")
    assert found.because.endswith("seen by probe; a on the same machine is well")


def test_the_cause_is_a_component_that_is_used_and_failed_no_later() -> None:
    parts = [promise("web"), promise("orders")]
    around = Surroundings(uses={ComponentId("web"): (ComponentId("orders"),)})
    samples = [sample("web", n, 0 if n >= 21 else 100) for n in range(30)]
    samples += [sample("orders", n - 0.5, 0 if n >= 20 else 100) for n in range(1, 30)]
    told = [each for each in run(Checker(parts, around), samples, 30) if isinstance(each, Incident)]
    assert {each.objective: each.cause for each in told} == {"orders/availability": "orders", "web/availability": "orders"}
    assert "web uses it and failed no earlier" in next(each.because for each in told if each.component == "web")


def test_a_flapping_component_is_violated_all_along_and_opens_an_incident_only_after_new_confirmation() -> None:
    told = run(Checker([ENGINE]), [sample("engine", n, 0 if n % 5 == 0 else 100) for n in range(100)], 100)
    opened = [each.told - START for each in told if isinstance(each, Incident) and each.ended is None]
    assert all(later - earlier >= 10 for earlier, later in pairwise(opened))


@pytest.mark.parametrize(
    ("slo", "good", "bad"), [(YES, 1, 0), (FAST, 100, 2000), (SCAN, 5, 30), (replace(YES, bound=False), 0, 1)]
)
def test_every_kind_of_metric_is_checked_not_only_availability(slo: Slo, good: float, bad: float) -> None:
    over = Over.WORST if slo.metric == "encrypted" else Over.LAST if slo.metric == "scan" else Over.MEAN
    objective = promise("engine", slo, over=over)
    told = states(run(Checker([objective]), [sample("engine", n, good if n < 20 else bad, slo) for n in range(40)], 40))
    if over is Over.LAST:
        objective = replace(objective, window=replace(WINDOW, fewest=1, confirm=1, recover=1))
        told = states(run(Checker([objective]), [sample("engine", n, good if n < 20 else bad, slo) for n in range(40)], 40))
    assert [each[2] for each in told][-1] == "violated"
    assert "fulfilled" in [each[2] for each in told]


def test_agents_that_contradict_each_other_are_told_and_the_fresher_reading_counts() -> None:
    objective = promise("engine", SCAN, replace(WINDOW, fewest=1, confirm=1, recover=1), over=Over.LAST)
    checker = Checker([objective])
    checker.take([sample("engine", 1, 30, SCAN, "old"), sample("engine", 2, 5, SCAN, "new")], START + 3)
    checker.advance(START + 6)
    judged = checker.latest(objective.id)
    assert judged is not None
    assert (judged.verdict.state, judged.verdict.agents) == (State.FULFILLED, ("new",))
    assert judged.verdict.reason == "5 h ≤ 24 h; old saw it otherwise"


def test_what_is_no_evidence_is_counted_and_dropped() -> None:
    checker = Checker([ENGINE])
    good = sample("engine", 10, 100)
    checker.advance(START + 10)
    checker.take(
        [
            good,
            good,
            replace(good, value=0.0),
            replace(good, value=float("nan"), time=START + 11),
            replace(good, value=-1.0, time=START + 11),
            replace(good, unit="ms", time=START + 11),
            replace(good, time=START + 100),
            replace(good, time=START - 60),
            replace(good, time=float("nan")),
            replace(good, component=ComponentId("stranger")),
            replace(good, metric="system.load"),
        ],
        START + 11,
    )
    expected = {"duplicate": 1, "conflicting": 1, "malformed": 4, "ahead": 1, "late": 1, "unwatched": 2, "crowded": 0}
    assert checker.taken == Counter(expected)


def test_memory_stays_bounded_under_a_flood_of_samples_and_of_agents() -> None:
    checker = Checker([ENGINE])
    checker.take([sample("engine", n / 1000, 100) for n in range(10_000)], START + 10)
    checker.take([sample("engine", 1, 100, agent=f"agent-{n}") for n in range(100)], START + 10)
    assert checker.taken["crowded"] > 9_000
    run(checker, [sample("engine", n, 100) for n in range(1000)], 1000)
    assert sum(len(pane.samples) for source in checker._sources.values() for pane in source.panes.values()) < 100


def test_a_clock_set_forward_and_back_again_loses_nothing_after_it() -> None:
    checker = Checker([ENGINE])
    run(checker, [sample("engine", n, 100) for n in range(20)], 20)
    checker.advance(START + 3600)
    told: list[object] = []
    for n in range(20, 60):
        checker.take([sample("engine", n, 100)], START + n)
        told += checker.advance(START + n)
    assert states(told)[-1][2] == "fulfilled"


def test_a_state_stands_until_it_is_too_old() -> None:
    stands = replace(WINDOW, length=100, max_age=100, fewest=1, confirm=1, recover=1)
    told = states(run(Checker([promise("a", SCAN, stands, over=Over.LAST)]), [sample("a", 5, 10, SCAN)], 140))
    assert told[-3:] == [("a/scan", 6.0, "fulfilled"), ("a/scan", 81.0, "at-risk"), ("a/scan", 106.0, "not-determined")]


def test_the_rule_of_a_metric_follows_from_how_long_its_evidence_stands_and_from_its_scale() -> None:
    def metric(scale: Scale, max_age: int) -> Metric:
        return Metric(
            id=MetricId("m"), title="", definition="", unit="", scale=scale, operator=Operator.GE, combine=Combine.MIN,
            max_age=max_age, source=Source(document=""),
        )  # fmt: skip

    assert over_of(metric(Scale.PERCENT, 300)) is Over.MEAN
    assert over_of(metric(Scale.NUMBER, 300)) is Over.MEAN
    assert over_of(metric(Scale.BOOLEAN, 300)) is Over.WORST
    assert over_of(metric(Scale.LEVEL, 300)) is Over.WORST
    assert {over_of(metric(each, 3600)) for each in Scale} == {Over.LAST}


def test_the_error_budget_is_what_is_left_of_the_allowed_shortfall() -> None:
    slo = replace(AVAILABLE, bound=99)
    assert [budget(slo, each) for each in (100, 99.5, 99, 50, None)] == [1.0, 0.5, 0.0, 0.0, None]
    assert budget(replace(slo, bound=100), 100) is None
    assert budget(FAST, 100) is None


def test_the_reason_of_a_violation_says_that_it_is_mending() -> None:
    tally = Tally(value=50.0, samples=8, bad=tuple(Bad(float(n), "m", "probe") for n in range(4)), newest=9.0, run=4, since=5.0)
    assert judge(ENGINE, tally, 10.0).reason == "50 %, promised ≥ 90 %, 4 of 8 samples beyond it; the last 4 hold"
