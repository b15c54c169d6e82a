"""What an organisation's tailoring profile changes in what is required, and what it never changes."""

from dataclasses import replace

import pytest

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Is
from musa_pipeline.domain.control import Baseline
from musa_pipeline.domain.cpim import Component, Cpim, DataClass, DataSet, Wanted
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId
from musa_pipeline.domain.profile import Addition, Base, Figure, Profile, ProfileId, Removal
from musa_pipeline.domain.risk import Required, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import Span
from musa_pipeline.risk import assess
from musa_pipeline.risk.tailor import tailored
from tests.files.test_catalog_files import CATALOGS

SHOP = Component(
    id=ComponentId("shop"),
    name="shop",
    kind=KindId("web-application"),
    exposed=True,
    data=(DataSet(name="people", classification=DataClass.PERSONAL),),
)
CACHE = Component(id=ComponentId("cache"), name="cache", kind=KindId("cache"), exposed=False)
AT = Span("catalogs/profiles/ours.yaml", 5, 3)


def ours(**said: object) -> Profile:
    return replace(Profile(id=ProfileId("ours"), title="Ours", sources=()), **said)  # type: ignore[arg-type]


def known(*profiles: Profile) -> Catalogs:
    return replace(CATALOGS, profiles=profiles)


def assessed(catalogs: Catalogs, *components: Component, profile: str = "ours") -> RiskProfile:
    cpim = Cpim(name="m", language="", components=components or (SHOP, CACHE), connections=())
    return assess(cpim, Answers(), catalogs, RiskSettings(profile=profile))


def of(found: RiskProfile, component: str) -> dict[str, Required]:
    return {each.control: each for each in found.required if each.component == component}


def test_what_is_added_is_required_of_those_for_which_it_is_meant_and_says_who_asks() -> None:
    only_caches = Addition(
        control=ControlId("SC-12"), because="keys are ours", applies=Is(fact="kind", among=frozenset({"cache"})), at=AT
    )
    before, after = assessed(known(ours())), assessed(known(ours(add=(only_caches,))))
    asked = of(after, "cache")[ControlId("SC-12")]
    assert (asked.score, asked.because, asked.policy) == (9, "keys are ours", AT)
    assert of(after, "shop") == of(before, "shop")
    assert not any(each.policy for each in before.required)


def test_what_makes_no_sense_at_a_component_is_not_asked_by_policy_either() -> None:
    found = assessed(known(ours(add=(Addition(control=ControlId("SC-23"), because="everywhere", at=AT),))))
    assert of(found, "shop")["SC-23"].policy == AT
    assert "SC-23" not in of(found, "cache")


def test_what_only_an_organisation_can_do_is_asked_of_the_organisation() -> None:
    found = assessed(known(ours(add=(Addition(control=ControlId("PM-9"), because="a strategy", at=AT),))))
    assert not any(each.control == "PM-9" for each in found.required)
    (own,) = (each for each in found.organisation if each.control == "PM-9")
    assert own.components == ("cache", "shop")


def test_what_is_removed_is_asked_by_no_risk_but_still_by_the_model() -> None:
    removed = ours(remove=(Removal(control=ControlId("AC-3"), because="a gateway does it", at=AT),))
    assert "AC-3" in of(assessed(known(ours())), "shop")
    assert "AC-3" not in of(assessed(known(removed)), "shop")
    asking = replace(SHOP, wanted=(Wanted(control=ControlId("AC-3"), at=Span("m.yaml", 2)),))
    assert of(assessed(known(removed), asking), "shop")["AC-3"].wanted == Span("m.yaml", 2)


def test_a_base_asks_from_any_risk_for_what_it_selects_and_leaves_the_rest_to_the_links() -> None:
    high = ours(based_on=(Base(id="high", at=AT),))
    tailoring = tailored("ours", known(high))
    selected = {each.id for each in CATALOGS.controls.controls if Baseline.HIGH in each.baselines and not each.withdrawn}
    for threat in CATALOGS.threats:
        for link in threat.controls:
            least = tailoring.least(link, CATALOGS.control[link.control])
            assert least == (1 if link.control in selected else link.minimum)
    by_policy = [each for each in assessed(known(high)).required if each.policy]
    assert by_policy
    assert {(each.because, each.policy) for each in by_policy} == {("profile ours is based on high, which selects it", AT)}


def test_a_least_risk_of_the_profile_counts_before_everything_but_removal() -> None:
    never = ours(based_on=(Base(id="low", at=AT),), minimum=(Figure(of=ControlId("AC-3"), value=11, at=AT),))
    assert "AC-3" not in of(assessed(known(never)), "shop")
    early = ours(minimum=(Figure(of=ControlId("SC-8(5)"), value=1, at=AT),))
    assert not any(each.control == "SC-8(5)" for each in assessed(known(early)).required) or any(
        link.control == "SC-8(5)" for threat in CATALOGS.threats for link in threat.controls
    )


def test_the_profile_nearer_to_the_top_counts() -> None:
    below = replace(
        ours(
            add=(Addition(control=ControlId("SC-12"), because="below", at=AT),),
            remove=(Removal(control=ControlId("AC-3"), because="below", at=AT),),
        ),
        id=ProfileId("below"),
    )
    above = ours(
        based_on=(Base(id="below", at=AT),),
        add=(Addition(control=ControlId("AC-3"), because="above", at=AT),),
        remove=(Removal(control=ControlId("SC-12"), because="above", at=AT),),
    )
    found = tailored("ours", known(above, below))
    assert (set(found.add), set(found.remove)) == ({"AC-3"}, {"SC-12"})


@pytest.mark.parametrize("name", ["moderate", "fedramp-moderate"])
def test_a_baseline_and_an_imported_framework_are_profiles_by_themselves(name: str) -> None:
    found = tailored(name, CATALOGS)
    assert found.selected is not None
    assert set(found.selected) == CATALOGS.selected[name]
    assert assessed(CATALOGS, profile=name).required


def test_without_a_profile_nothing_changes() -> None:
    assert assessed(CATALOGS, profile="") == assessed(CATALOGS, profile="nobody-knows")
