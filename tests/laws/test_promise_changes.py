"""What becomes of promises between two SLAs: nothing between equal ones, and what one lost the other has more."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.agreement import Member, Sla, SlaTerm
from musa_pipeline.domain.ids import ComponentId, ControlId, MetricId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.promise_change import Turn, broken, promise_changes

CONTROLS = tuple(map(ControlId, ("AC-2", "SC-5", "SC-8", "SC-8(1)")))
COMPONENTS = tuple(map(ComponentId, ("db", "web")))


def term(control: ControlId, granted: tuple[ComponentId, ...] = COMPONENTS) -> SlaTerm:
    return SlaTerm(control=control, title="T", weight=Weight.LOW, rule="specific", granted_by=(), granted_for=granted)


def slo(metric: str, operator: Operator, bound: float, unit: str = "%") -> Slo:
    return Slo(metric=MetricId(metric), operator=operator, bound=bound, unit=unit, weight=Weight.LOW)


def sla(*controls: ControlId, slos: tuple[Slo, ...] = (), component: str = "") -> Sla:
    members = (
        () if component else tuple(Member(component=each, document=f"sla/{each}.xml", digest="0" * 64) for each in COMPONENTS)
    )
    return Sla(
        id="shop", application="Shop", name="Shop", framework="f", terms=tuple(map(term, controls)), slos=slos,
        component=ComponentId(component) if component else None, members=members,
    )  # fmt: skip


bounds = st.builds(
    slo, st.sampled_from(["availability", "delay"]), st.sampled_from([Operator.GE, Operator.LE]), st.integers(0, 9).map(float)
)
slas = st.builds(
    lambda controls, slos: sla(*sorted(controls), slos=tuple({(each.metric, each.operator): each for each in slos}.values())),
    st.sets(st.sampled_from(CONTROLS)),
    st.lists(bounds),
)


@given(slas, slas)
def test_what_is_lost_one_way_is_won_the_other(one: Sla, other: Sla) -> None:
    assert promise_changes([one], [one]) == ()
    there, back = promise_changes([one], [other]), promise_changes([other], [one])
    assert len(broken(there)) == sum(each.turn is Turn.NEW for each in back)
    assert list(there) == sorted(there, key=lambda each: list(Turn).index(each.turn))


@given(slas, st.sampled_from(CONTROLS))
def test_a_promise_more_breaks_none(one: Sla, control: ControlId) -> None:
    more = replace(one, terms=(*(each for each in one.terms if each.control != control), term(control)))
    assert broken(promise_changes([one], [more])) == ()


def test_each_promise_is_told_in_a_sentence() -> None:
    before = sla(*CONTROLS[:3], slos=(slo("availability", Operator.GE, 99.5), slo("delay", Operator.LE, 3, "h")))
    narrow = replace(before.terms[1], granted_for=COMPONENTS[:1])
    later = (slo("availability", Operator.GE, 99.0), slo("delay", Operator.LE, 2, "h"))
    after = replace(before, terms=(before.terms[0], narrow), slos=later)
    assert [f"{each.turn}: {each.text}" for each in promise_changes([before, sla(component="db")], [after])] == [
        "broken: the application no longer promises SC-8 T",
        "broken: the application no longer promises SC-5 for web",
        "broken: the application promises availability at least 99 %; it was at least 99.5 %",
        "broken: db is no longer part of it",
        "new: the application promises delay at most 2 h; it was at most 3 h",
    ]


def test_a_bound_in_another_unit_is_never_taken_for_a_better_one() -> None:
    one, other = (sla(slos=(slo("delay", Operator.LE, *bound),)) for bound in ((3.0, "h"), (2.0, "d")))
    assert [each.turn for each in promise_changes([one], [other])] == [Turn.BROKEN]
