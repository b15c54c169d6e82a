"""Service level objectives: which a component is asked for, which it can promise, and how they make those of the whole."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.composition import agree, compose_all
from musa_pipeline.composition.slo import compose_slos
from musa_pipeline.domain.agent import Agent, AgentWork
from musa_pipeline.domain.answers import ComponentAnswers
from musa_pipeline.domain.composition import ComposedSlo, Composition, Remedy
from musa_pipeline.domain.metric import Combine, Measured, Measurer, Metric, MetricLink, Operator, Scale, Slo, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating, Risk
from musa_pipeline.domain.source import Source
from musa_pipeline.domain.threat import Stride
from tests.composition.worlds import World, catalogs, claims, component, offering, world

SOURCE = Source(document="made up")


def metric(name: str, **more: Any) -> Metric:
    given = {"scale": Scale.PERCENT, "operator": Operator.GE, "combine": Combine.PRODUCT, "unit": "%"} | more
    return Metric(id=name, title=name, definition="", max_age=60, source=SOURCE, **given)


UP = metric("availability", default=99, controls=(MetricLink(control="SC-5"),))
SCAN = metric(
    "scan",
    scale=Scale.NUMBER,
    operator=Operator.LE,
    combine=Combine.MAX,
    unit="h",
    default=24,
    controls=(MetricLink(control="SI-4"),),
)
LEVEL = metric("tls", scale=Scale.LEVEL, operator=Operator.EQ, combine=Combine.MIN, unit="level")
CERTIFIED = metric(
    "certified", scale=Scale.BOOLEAN, operator=Operator.EQ, combine=Combine.ALL, unit="", default=True, threats=("flood",)
)
METRICS = {each.id: each for each in (UP, SCAN, LEVEL, CERTIFIED)}
PROBE = Agent(
    id="probe", title="probe", work=AgentWork.MONITORING, role="probe", source=SOURCE, measures=("availability", "certified")
)

OFFERINGS = (offering("plain"), offering("managed", kinds=("web-application",)))


def slo(name: str, bound: Any, operator: Operator | None = None, **more: Any) -> Slo:
    known = METRICS[name]
    return Slo(**({"metric": name, "operator": operator or known.operator, "bound": bound, "unit": known.unit} | more))


def composed(
    *bounds: tuple[str, Slo], instances: int = 1, needed: tuple[str, ...] = ()
) -> tuple[tuple[ComposedSlo, ...], list[str]]:
    problems = Problems()
    promised = {who: (each,) for who, each in bounds}
    parts = {who: component(who, instances=instances) for who, _ in bounds}
    found = compose_slos(promised, parts, METRICS, dict.fromkeys(METRICS, needed), problems)
    return found, [f"{each.severity} {each.code} {each.text}" for each in problems]


def risk(threat: str, rating: Rating) -> Risk:
    numbers = dict.fromkeys(("likelihood", "technical", "business", "impact"), 5.0)
    return Risk(component="web", threat=threat, stride=Stride.DENIAL, rating=rating, factors=(), because="", **numbers)


def of_web(
    *,
    asked: tuple[str, ...] = (),
    risks: tuple[Risk, ...] = (),
    said: tuple[Slo, ...] = (),
    model: tuple[Slo, ...] = (),
    on: str = "plain",
    beside: tuple[tuple[str, str], ...] = (("probe", "web"),),
) -> World:
    found = world(
        component("web", slos=model),
        required=tuple(("web", each) for each in asked),
        said=(ComponentAnswers(component="web", slos=said),),
        book=catalogs(metrics=tuple(METRICS.values()), agents=(PROBE,), offerings=OFFERINGS),
        on={"web": on},
        beside=beside,
        score=7,
    )
    profile = type(found.profile)(application="shop", risks=risks, required=found.profile.required)
    return World(cpim=found.cpim, catalogs=found.catalogs, answers=found.answers, profile=profile, selection=found.selection)


def test_a_metric_of_a_required_control_is_asked_for_at_its_default() -> None:
    assert of_web(asked=("SC-5",)).slats[0].slos == (
        Slo(
            metric="availability", operator=Operator.GE, bound=99, unit="%", weight=Weight.HIGH, alert=99.5, because="shows SC-5"
        ),
    )


def test_a_metric_of_a_threat_is_asked_for_from_medium_risk_on() -> None:
    assert [each.metric for each in of_web(risks=(risk("flood", Rating.MEDIUM),)).slats[0].slos] == ["certified"]
    assert of_web(risks=(risk("flood", Rating.LOW),)).slats[0].slos == ()


def test_a_default_that_nobody_can_measure_is_not_asked_for() -> None:
    assert of_web(asked=("SI-4",)).slats[0].slos == ()


def test_answers_win_over_the_model_and_the_model_over_the_default() -> None:
    found = of_web(
        asked=("SC-5", "SI-4"), model=(slo("availability", 99.9), slo("scan", 12)), said=(slo("availability", 99.5, unit=""),)
    )
    assert [(each.metric, each.bound, each.unit, each.alert) for each in found.slats[0].slos] == [
        ("availability", 99.5, "%", 99.75),
        ("scan", 12, "h", 10.8),
    ]


def test_a_bound_that_nobody_can_measure_is_a_gap_and_not_in_the_sla() -> None:
    shop = of_web(model=(slo("availability", 99), slo("scan", 12)))
    macm, found = everything(shop)
    assert [(each.metric, each.reason) for each in found.gaps if each.metric] == [
        ("scan", "no agent of the catalog can measure scan of web")
    ]
    parts, _ = agree(shop.cpim, shop.profile, shop.slats, shop.selection, macm, found, shop.catalogs)
    assert [each.metric for each in parts[0].slos] == ["availability"]


def test_the_gap_of_a_bound_says_who_else_could_measure_it() -> None:
    shop = of_web(model=(slo("scan", 12),))
    who = (Measured(by=Measurer.SCANNER, how="looks"), Measured(by=Measurer.AUDITOR, how="reads"))
    known = tuple(replace(each, measured_by=who) if each.id == "scan" else each for each in shop.catalogs.metrics)
    told = metric_gaps(replace(shop, catalogs=replace(shop.catalogs, metrics=known)))
    assert told == [("scan", "no agent of the catalog can measure scan of web; a scanner or an auditor could", ())]


def metric_gaps(shop: World) -> list[tuple[str, str, tuple[Remedy, ...]]]:
    return [(each.metric or "", each.reason, each.remedies) for each in everything(shop)[1].gaps if each.metric]


def promised(shop: World) -> list[str]:
    macm, found = everything(shop)
    parts, _ = agree(shop.cpim, shop.profile, shop.slats, shop.selection, macm, found, shop.catalogs)
    return [each.metric for each in parts[0].slos]


def test_a_bound_is_promised_only_where_an_agent_that_measures_it_stands() -> None:
    bare = of_web(model=(slo("availability", 99),), beside=())
    add = Remedy(changes=("add agent probe before web",), price=0.0, agent="probe")
    assert metric_gaps(bare) == [("availability", "no agent that measures availability stands before web", (add,))]
    assert promised(bare) == []
    assert everything(bare)[1].slos == ()


def test_nobody_measures_what_runs_as_a_managed_service() -> None:
    for beside in ((), (("probe", "web"),)):
        shop = of_web(model=(slo("availability", 99),), on="managed", beside=beside)
        reason = "nothing of ours runs on the managed service managed, so no agent measures availability of web"
        assert metric_gaps(shop) == [("availability", reason, ())]
        assert promised(shop) == []


def everything(shop: World) -> tuple[Any, Composition]:
    return compose_all(
        shop.cpim, shop.profile, shop.slats, shop.selection, shop.answers, shop.catalogs, shop.evidence, Problems()
    )


def test_a_default_bound_falls_with_the_only_control_that_it_shows() -> None:
    missing, there = of_web(asked=("SC-5",)), of_web(asked=("SC-5",))
    granted = World(
        cpim=type(there.cpim)(name="shop", language="test", components=(component("web", implements=claims("SC-5")),)),
        catalogs=there.catalogs,
        answers=there.answers,
        profile=there.profile,
        selection=there.selection,
    )
    assert [each.slo.metric for each in everything(missing)[1].slos] == []
    assert [each.slo.metric for each in everything(granted)[1].slos] == ["availability"]


def test_availability_multiplies() -> None:
    assert composed(("a", slo("availability", 99.5)), ("b", slo("availability", 99))) == (
        (
            ComposedSlo(
                slo=slo("availability", 98.505, alert=99.2525, because="the product of 2"),
                combine="product",
                members=(("a", "≥ 99.5 %"), ("b", "≥ 99 %")),
            ),
        ),
        [],
    )


def test_declared_instances_stand_in_for_one_another() -> None:
    found, _ = composed(("a", slo("availability", 99)), instances=2)
    assert (found[0].slo.bound, found[0].members) == (99.99, (("a", "≥ 99 % each of 2 instances, 99.99 together"),))


def test_what_one_member_leaves_unknown_is_unknown_of_the_whole() -> None:
    found, told = composed(("a", slo("availability", 99)), needed=("a", "b"))
    assert (found, told) == ((), ["note G005 'availability' of the application is not promised: nothing is promised for b"])


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((slo("scan", 12), slo("scan", 24)), (Operator.LE, 24)),
        ((slo("scan", 24, Operator.LT), slo("scan", 12)), (Operator.LT, 24)),
        ((slo("scan", 24, Operator.LT), slo("scan", 24)), (Operator.LE, 24)),
        ((slo("tls", 7), slo("tls", 7)), (Operator.EQ, 7)),
        ((slo("tls", 7), slo("tls", 8)), (Operator.GE, 7)),
        ((slo("certified", True), slo("certified", True)), (Operator.EQ, True)),
    ],
)
def test_the_weakest_member_decides(bounds: tuple[Slo, Slo], expected: tuple[Operator, Any]) -> None:
    found, told = composed(("a", bounds[0]), ("b", bounds[1]))
    assert ((found[0].slo.operator, found[0].slo.bound), told) == (expected, [])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (slo("scan", 24, unit="min"), "error G002 the bound on 'scan' of 'a' is in 'min', the metric in 'h'"),
        (slo("scan", 24, Operator.GE), "error G003 the bound on 'scan' of 'a' says 'geq', which cannot be composed"),
        (slo("certified", 1), "error G003 the bound on 'certified' of 'a' is 1, the metric's scale is boolean"),
        (slo("scan", 24, metric="speed"), "error G001 'a' promises a bound on 'speed', which no catalog defines"),
    ],
)
def test_what_cannot_be_compared_is_an_error_and_never_a_guess(wrong: Slo, told: str) -> None:
    assert composed(("a", wrong)) == ((), [told])


def test_members_that_promise_different_things_promise_nothing_together() -> None:
    found, told = composed(("a", slo("certified", True)), ("b", slo("certified", False)))
    assert (found, told) == (
        (),
        ["note G004 components promise different values of 'certified', so the application promises none"],
    )


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 3)), min_size=1, max_size=6))
def test_the_whole_is_never_stricter_than_its_weakest_member(members: list[tuple[float, int]]) -> None:
    parts = {f"c-{n}": component(f"c-{n}", instances=count) for n, (_, count) in enumerate(members)}
    promised = {f"c-{n}": (slo("availability", bound),) for n, (bound, _) in enumerate(members)}
    found = compose_slos(promised, parts, METRICS, {}, Problems())[0].slo
    assert found.bound <= min(100 * (1 - (1 - bound / 100) ** count) for bound, count in members) + 1e-9


@given(st.lists(st.integers(0, 99), min_size=1, max_size=6), st.sampled_from(["scan", "tls"]))
def test_bounds_of_the_whole_hold_for_every_member(bounds: list[int], name: str) -> None:
    promised = {f"c-{n}": (slo(name, bound),) for n, bound in enumerate(bounds)}
    found = compose_slos(promised, {each: component(each) for each in promised}, METRICS, {}, Problems())[0].slo
    for bound in bounds:
        match found.operator:
            case Operator.LE:
                assert bound <= found.bound
            case Operator.GE:
                assert bound >= found.bound
            case _:
                assert bound == found.bound
