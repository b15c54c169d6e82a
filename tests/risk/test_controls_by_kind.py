"""No component is asked for a control that makes no sense for its kind."""

from dataclasses import replace

import pytest

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.condition import holds
from musa_pipeline.domain.cpim import Component, Cpim, DataClass, DataSet, Wanted
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId
from musa_pipeline.domain.profile import Addition, Base, Profile, ProfileId
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import Span
from musa_pipeline.risk import assess
from tests.files.test_catalog_files import CATALOGS

GREEDY = Profile(
    id=ProfileId("greedy"),
    title="Adds every control of a scope everywhere",
    sources=(),
    based_on=(Base(id="high"),),
    add=tuple(Addition(control=each, because="always") for each in CATALOGS.scope),
)
EVERYTHING_ADDED = replace(CATALOGS, profiles=(*CATALOGS.profiles, GREEDY))
SETTINGS = (
    RiskSettings(),
    RiskSettings(profile="nis2-operator"),
    RiskSettings(profile="greedy"),
    RiskSettings(require="cover", appetite=Rating.LOW),
    RiskSettings(require="cover", appetite=Rating.LOW, profile="greedy"),
)
"""By risk, by the shipped profile, by one that asks for everything, and by the cheapest cover."""
PERSONAL = (DataSet(name="people", classification=DataClass.PERSONAL),)


def alone(kind: str, *, exposed: bool, data: tuple[DataSet, ...]) -> Cpim:
    component = Component(id=ComponentId("c"), name="c", kind=KindId(kind), exposed=exposed, data=data)
    return Cpim(name="m", language="", components=(component,), connections=())


@pytest.mark.parametrize("data", [(), PERSONAL], ids=["no data", "personal data"])
@pytest.mark.parametrize("exposed", [True, False], ids=["exposed", "inside"])
@pytest.mark.parametrize("kind", [each.id for each in CATALOGS.kinds])
def test_every_control_that_risks_ask_of_a_kind_applies_there(kind: str, exposed: bool, data: tuple[DataSet, ...]) -> None:
    cpim = alone(kind, exposed=exposed, data=data)
    facts = facts_of(cpim, CATALOGS)[ComponentId("c")]
    for setting in SETTINGS:
        found = assess(cpim, Answers(), EVERYTHING_ADDED, setting)
        asked = [each.control for each in found.required] + [each.control for each in found.organisation]
        for control in asked:
            scope = CATALOGS.scope.get(control)
            assert scope is None or holds(scope.applies, facts), f"{control} ({scope.id}) with {setting}"


def test_a_cache_has_no_sessions_and_a_web_application_has() -> None:
    def asked(kind: str) -> set[ControlId]:
        return {
            each.control
            for each in assess(alone(kind, exposed=True, data=PERSONAL), Answers(), CATALOGS, RiskSettings()).required
        }

    assert "SC-23" in asked("web-application")
    assert "SC-23" not in asked("cache")


def test_what_the_model_asks_for_by_name_is_required_though_its_scope_does_not_apply() -> None:
    cpim = alone("cache", exposed=False, data=())
    wish = Wanted(control=ControlId("SC-23"), at=Span("m.yaml", 2))
    asking = replace(cpim, components=(replace(cpim.components[0], wanted=(wish,)),))
    required = assess(asking, Answers(), CATALOGS, RiskSettings()).required
    assert [(each.control, each.score) for each in required if each.control == "SC-23"] == [("SC-23", 9)]
