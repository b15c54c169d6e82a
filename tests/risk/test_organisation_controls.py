"""What only an organisation can implement is told apart, and is no component's to fail."""

from dataclasses import replace

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.control import Level
from musa_pipeline.domain.cpim import Component, Cpim, DataClass, DataSet, Role, Wanted
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId
from musa_pipeline.domain.risk import OfOrganisation
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import Span
from musa_pipeline.risk import assess
from tests.files.test_catalog_files import CATALOGS

VM = Component(id=ComponentId("vm"), name="vm", kind=KindId("compute"), role=Role.HOST)
SHOP = Component(
    id=ComponentId("shop"),
    name="shop",
    kind=KindId("web-application"),
    host=VM.id,
    exposed=True,
    data=(DataSet(name="orders", classification=DataClass.PERSONAL),),
)
BORNE_IN_PART = {"AU-11", "CP-9", "CP-10", "RA-5", "RA-5(2)", "SI-2(2)", "SI-4(23)"}


def model(*components: Component) -> Cpim:
    return Cpim(name="m", language="", components=components, connections=())


def test_components_bear_the_401_of_the_system_and_those_of_which_a_scope_says_why() -> None:
    levels = {each.id: each.level for each in CATALOGS.controls.controls}
    by_level = {each for each in CATALOGS.borne if levels[each] is not Level.ORGANIZATION}
    assert len(by_level) == 401
    assert CATALOGS.borne - by_level == BORNE_IN_PART
    assert all(because for scope in CATALOGS.scopes for _, because in scope.borne)


def test_an_agent_grants_nothing_that_no_component_could_be_asked_for() -> None:
    granted = {grant.control for each in CATALOGS.agents for grant in each.grants}
    assert granted <= CATALOGS.borne


def test_risks_draw_no_control_of_the_organisation_for_a_component() -> None:
    found = assess(model(SHOP, VM), Answers(), CATALOGS, RiskSettings())
    assert {each.control for each in found.required} <= CATALOGS.borne
    own = {each.control: each for each in found.organisation}
    assert own.keys().isdisjoint(CATALOGS.borne)
    assert own[ControlId("CA-8")].components == (SHOP.id,)
    assert own[ControlId("CA-8")].threats and own[ControlId("CA-8")].score in (1, 3, 5, 7, 9)


def test_what_the_model_asks_of_a_component_by_name_is_required_of_it() -> None:
    """The user's word is not weighed: a component that must stand behind fire protection asks its provider for it."""
    asking = replace(SHOP, wanted=(Wanted(control=ControlId("PE-13"), at=Span("m.yaml", 3)),))
    found = assess(model(asking, VM), Answers(), CATALOGS, RiskSettings())
    assert [(each.component, each.score) for each in found.required if each.control == "PE-13"] == [("shop", 9)]
    assert "PE-13" not in {each.control for each in found.organisation}


def test_without_a_scope_s_word_the_scanner_s_control_is_the_organisation_s() -> None:
    silent = replace(CATALOGS, scopes=tuple(replace(each, borne=()) for each in CATALOGS.scopes))
    found = assess(model(SHOP, VM), Answers(), silent, RiskSettings())
    assert "RA-5" not in {each.control for each in found.required}
    (scan,) = [each for each in found.organisation if each.control == "RA-5"]
    assert isinstance(scan, OfOrganisation) and scan.components == (SHOP.id,)
