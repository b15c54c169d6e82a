"""What granted controls leave of risks, held against the bar."""

from dataclasses import replace

import pytest

from musa_pipeline.domain.cpim import Component, Cpim, DataClass, Role
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, ThreatId
from musa_pipeline.domain.residual import State, Tally
from musa_pipeline.domain.risk import Exposure, Rating, Risk, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import ControlLink, Lowers, Strength, Stride
from musa_pipeline.risk.residual import residual, with_machines
from tests.files.test_catalog_files import CATALOGS
from tests.risk.test_owasp_rating import catalogs, threat

WEB, VM = ComponentId("web"), ComponentId("vm")
SC5, CP10, AU12 = map(ControlId, ("SC-5", "CP-10", "AU-12"))
LINKS = (
    ControlLink(control=SC5, strength=Strength.STRONG),
    ControlLink(control=CP10, strength=Strength.STRONG, lowers=Lowers.IMPACT),
    ControlLink(control=AU12),
)
BOOK = catalogs(threat(controls=LINKS))
FLOOD = Risk(
    component=WEB,
    threat=ThreatId("flood"),
    stride=Stride.DENIAL,
    likelihood=8.0,
    technical=7.0,
    business=0.0,
    impact=7.0,
    rating=Rating.CRITICAL,
    factors="",
    because="",
)
PROFILE = RiskProfile(application="shop", risks=(FLOOD,), required=())


@pytest.mark.parametrize(
    ("granted", "likelihood", "impact", "rating"),
    [
        ((), 8.0, 7.0, Rating.CRITICAL),
        ((SC5,), 4.0, 7.0, Rating.HIGH),
        ((CP10,), 8.0, 3.5, Rating.HIGH),
        ((AU12,), 6.4, 7.0, Rating.CRITICAL),
        ((SC5, AU12, CP10), 3.2, 3.5, Rating.MEDIUM),
    ],
)
def test_a_strong_control_halves_and_a_partial_one_takes_a_fifth_of_its_side(
    granted: tuple[ControlId, ...], likelihood: float, impact: float, rating: Rating
) -> None:
    (left,) = residual(PROFILE, {WEB: frozenset(granted)}, BOOK, RiskSettings()).risks
    assert (left.likelihood, left.impact, left.rating, left.inherent) == (likelihood, impact, rating, Rating.CRITICAL)
    assert set(left.lowered_by) == set(granted)


def test_only_what_is_over_the_bar_can_be_decided() -> None:
    decided = {"web/flood": State.ACCEPTED}
    states = [
        residual(PROFILE, {WEB: frozenset(granted)}, BOOK, RiskSettings(), said).risks[0].state
        for granted, said in [((), {}), ((), decided), ((SC5, CP10), {}), ((SC5, CP10), decided)]
    ]
    assert states == [State.OPEN, State.ACCEPTED, State.MITIGATED, State.MITIGATED]


def test_the_bar_of_a_component_is_the_lowest_of_the_data_it_holds_or_passes() -> None:
    bars = RiskSettings(
        appetite=Rating.HIGH, appetite_by_data=((DataClass.PERSONAL, Rating.LOW), (DataClass.SPECIAL, Rating.VERY_LOW))
    )
    passing = Exposure(component=WEB, fact="passes", value="personal")
    assert residual(PROFILE, {}, BOOK, bars).risks[0].appetite is Rating.HIGH
    assert residual(replace(PROFILE, exposures=(passing,)), {}, BOOK, bars).risks[0].appetite is Rating.LOW


def test_risks_together_are_as_bad_as_the_worst_and_not_as_their_mean() -> None:
    mild = replace(FLOOD, component=VM, likelihood=1.0, impact=1.0, rating=Rating.VERY_LOW)
    found = residual(replace(PROFILE, risks=(FLOOD, *[mild] * 3)), {}, BOOK, RiskSettings())
    assert (found.whole.inherent, found.whole.residual, found.whole.over, found.whole.open) == (
        Rating.CRITICAL,
        Rating.CRITICAL,
        1,
        1,
    )
    assert found.whole.tallies[0] == Tally(rating=Rating.CRITICAL, inherent=1, residual=1)
    assert [(each.component, each.residual) for each in found.components] == [(VM, Rating.VERY_LOW), (WEB, Rating.CRITICAL)]


def test_a_machine_has_what_everything_on_it_has() -> None:
    machine = Component(id=VM, name="vm", kind=KindId("compute"), role=Role.HOST)
    web = Component(id=WEB, name="web", kind=KindId("api"), host=VM)
    api = replace(web, id=ComponentId("api"))
    granted = {WEB: frozenset({SC5, AU12}), api.id: frozenset({SC5})}
    both = Cpim(name="shop", language="tosca", components=(api, machine, web))
    assert with_machines(both, granted)[VM] == {SC5}
    assert with_machines(replace(both, components=(machine,)), granted)[VM] == frozenset()


def test_recovery_and_response_lower_the_harm_and_everything_else_its_likelihood() -> None:
    families = {link.control[:2] for each in CATALOGS.threats for link in each.controls if link.lowers is Lowers.IMPACT}
    assert families == {"CP", "IR", "SC", "SI"}
    strange = {str(link.control) for each in CATALOGS.threats for link in each.controls if link.lowers is Lowers.IMPACT}
    assert {each for each in strange if each[:2] in ("SC", "SI")} == {"SC-36", "SI-17"}
