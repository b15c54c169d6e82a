"""The rating of OWASP, and what it requires."""

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.answers import Answers, ComponentAnswers, FactorAnswer, QuestionAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Any, Is
from musa_pipeline.domain.control import Baseline, Control, ControlCatalog
from musa_pipeline.domain.cpim import Component, Cpim, Role, Wanted
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, ThreatId
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import Source, Span
from musa_pipeline.domain.threat import (
    BUSINESS,
    LIKELIHOOD,
    TECHNICAL,
    ControlLink,
    FactorDefault,
    FactorDefaults,
    Stride,
    Threat,
)
from musa_pipeline.risk import assess
from musa_pipeline.risk.owasp import rate

SOURCE = Source(document="a test")
WEB, VM = ComponentId("web"), ComponentId("vm")
FLOOD = ThreatId("flood")


def threat(likelihood: int = 5, technical: int = 5, **more: object) -> Threat:
    """A threat to everything exposed, with the same value for all factors of a group."""
    factors = [FactorDefaults(factor=name, options=(FactorDefault(value=likelihood, because="likely"),)) for name in LIKELIHOOD]
    factors += [FactorDefaults(factor=name, options=(FactorDefault(value=technical, because="harmful"),)) for name in TECHNICAL]
    given_ = {
        "id": FLOOD,
        "title": "Flood",
        "stride": Stride.DENIAL,
        "question": "Can strangers send requests?",
        "sources": (SOURCE,),
        "applies": Any(parts=(Is(fact="answer", among=frozenset({"true"})), Is(fact="exposed", among=frozenset({"true"})))),
        "factors": tuple(factors),
        "controls": (ControlLink(control=ControlId("SC-5")), ControlLink(control=ControlId("SC-5(3)"))),
    }
    return Threat(**(given_ | more))  # type: ignore[arg-type]


def catalogs(*threats: Threat) -> Catalogs:
    """Two controls: SC-5 of the low baseline, SC-5(3) of the moderate one."""
    controls = (
        Control(id=ControlId("SC-5"), title="Denial-of-service Protection", baselines=frozenset({Baseline.LOW})),
        Control(id=ControlId("SC-5(3)"), title="Detection", baselines=frozenset({Baseline.MODERATE})),
        Control(id=ControlId("AC-3"), title="Access Enforcement"),
    )
    book = ControlCatalog(id="r5", title="", revision="5", version="5.2.0", source=SOURCE, controls=controls)
    return Catalogs(controls=book, threats=threats)


def model(*, exposed: bool | None = True, wanted: tuple[Wanted, ...] = ()) -> Cpim:
    """One web application on one machine."""
    return Cpim(
        name="shop",
        language="TOSCA",
        components=(
            Component(id=VM, name="vm", kind=KindId("compute"), role=Role.HOST),
            Component(id=WEB, name="web", kind=KindId("web-application"), host=VM, exposed=exposed, wanted=wanted),
        ),
    )


def test_the_matrix_is_that_of_the_sla_generator() -> None:
    rows = [[rate(likelihood, impact).value for likelihood in (1, 4, 8)] for impact in (8, 4, 1)]
    assert rows == [["medium", "high", "critical"], ["low", "medium", "high"], ["very low", "low", "medium"]]


@given(st.floats(0, 9), st.floats(0, 9), st.floats(0, 9))
def test_more_likelihood_or_impact_never_lowers_a_rating(a: float, b: float, impact: float) -> None:
    low, high = sorted((a, b))
    assert rate(low, impact).score <= rate(high, impact).score
    assert rate(impact, low).score <= rate(impact, high).score


def test_a_threat_applies_by_a_fact_and_requires_what_its_score_reaches() -> None:
    profile = assess(model(), Answers(), catalogs(threat(likelihood=2, technical=2)), RiskSettings())
    (risk,) = profile.risks
    assert (risk.component, risk.rating, risk.because) == (WEB, Rating.VERY_LOW, "exposed")
    assert [each.control for each in profile.required] == ["SC-5"]


def test_a_higher_risk_requires_the_moderate_baseline_too() -> None:
    profile = assess(model(), Answers(), catalogs(threat(likelihood=7, technical=7)), RiskSettings())
    assert [(each.control, each.score) for each in profile.required] == [("SC-5", 9), ("SC-5(3)", 9)]


def test_what_nobody_knows_is_never_true_but_is_asked() -> None:
    profile = assess(model(exposed=None), Answers(), catalogs(threat()), RiskSettings())
    assert profile.risks == ()
    assert [(each.component, each.threat, each.assumed) for each in profile.unanswered] == [
        (VM, FLOOD, False),
        (WEB, FLOOD, False),
    ]


def test_the_users_no_is_final() -> None:
    said_no = ComponentAnswers(
        component=WEB, questions=(QuestionAnswer(threat=FLOOD, yes=False, because="it is behind a private link"),)
    )
    assert assess(model(), Answers(components=(said_no,)), catalogs(threat()), RiskSettings()).risks == ()


def test_an_answered_factor_wins_over_the_default_and_keeps_its_reason() -> None:
    answer = FactorAnswer(factor="motive", value=9, threat=FLOOD, because="paid for by a rival", at=Span("answers.yaml", 3))
    answers = Answers(components=(ComponentAnswers(component=WEB, factors=(answer,)),))
    profile = assess(model(), answers, catalogs(threat(likelihood=1)), RiskSettings())
    (risk,) = profile.risks
    motive = next(each for each in profile.factors_of(risk) if each.name == "motive")
    assert (motive.value, motive.because, motive.at.line) == (9, "paid for by a rival", 3)
    assert risk.likelihood == 2.0
    assert [each.name for each in profile.factors_of(risk)] == [*LIKELIHOOD, *TECHNICAL]


def test_business_impact_counts_unless_it_is_zero_and_max_takes_the_larger() -> None:
    business = tuple(FactorAnswer(factor=name, value=1) for name in BUSINESS)
    answers, known = Answers(business=business), catalogs(threat(technical=8))
    assert assess(model(), answers, known, RiskSettings()).risks[0].impact == 1
    assert assess(model(), answers, known, RiskSettings(impact="max")).risks[0].impact == 8
    assert assess(model(), Answers(), known, RiskSettings()).risks[0].impact == 8


def test_a_machines_risk_requires_its_controls_of_what_runs_on_it() -> None:
    on_hosts = threat(applies=Is(fact="kind", among=frozenset({"compute"})))
    profile = assess(model(), Answers(), catalogs(on_hosts), RiskSettings())
    assert profile.risks[0].component == VM
    assert {each.component for each in profile.required} == {WEB}


def test_the_model_can_ask_for_a_control_by_name() -> None:
    asked = model(exposed=False, wanted=(Wanted(control=ControlId("AC-3"), at=Span("shop.yaml", 9)),))
    (required,) = assess(asked, Answers(), catalogs(), RiskSettings()).required
    assert (required.control, required.score, required.wanted.line) == ("AC-3", 9, 9)


def test_one_business_factor_answered_alone_is_the_business_impact() -> None:
    answers = Answers(business=(FactorAnswer(factor="privacy", value=9),))
    profile = assess(model(), answers, catalogs(threat(technical=4)), RiskSettings())
    assert profile.risks[0].business == 9
    assert [each.name for each in profile.factors_of(profile.risks[0])][-1] == "privacy"
