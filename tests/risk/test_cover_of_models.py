"""The cheapest measures of whole models: every risk at its bar or at its best, and nothing asked that makes no sense."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.condition import holds
from musa_pipeline.domain.cover import Cover
from musa_pipeline.domain.cpim import Component, Cpim, DataClass, DataSet, Role, Wanted
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId
from musa_pipeline.domain.profile import Figure, Profile, ProfileId
from musa_pipeline.domain.residual import State
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import Span
from musa_pipeline.risk import assess
from musa_pipeline.risk.cover import cover
from musa_pipeline.risk.residual import residual, with_machines
from tests.files.test_catalog_files import CATALOGS

PERSONAL = (DataSet(name="people", classification=DataClass.PERSONAL),)
KINDS = [each.id for each in CATALOGS.kinds if each.id != "external-service"]
RATINGS = list(Rating)


def machine(name: str) -> Component:
    return Component(id=ComponentId(name), name=name, kind=KindId("compute"), role=Role.HOST)


def part(name: str, kind: str, host: str | None = None, *, exposed: bool = False, personal: bool = True) -> Component:
    return Component(
        id=ComponentId(name),
        name=name,
        kind=KindId(kind),
        host=ComponentId(host) if host else None,
        exposed=exposed,
        data=PERSONAL if personal else (),
    )


def model(*components: Component) -> Cpim:
    return Cpim(name="m", language="", components=components, connections=())


def covered(cpim: Cpim, setting: RiskSettings, decided: dict[str, State] | None = None) -> Cover:
    profile = assess(cpim, Answers(), CATALOGS, setting)
    return cover(profile, cpim, facts_of(cpim, CATALOGS), CATALOGS, setting, decided or {})


def granted(found: Cover) -> dict[ComponentId, frozenset[ControlId]]:
    by_component: dict[ComponentId, set[ControlId]] = defaultdict(set)
    for measure in found.measures:
        by_component[measure.component].update(measure.controls)
    for component, controls in found.asked:
        by_component[component].update(controls)
    return {component: frozenset(controls) for component, controls in by_component.items()}


parts = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from([None, "vm1", "vm2"]), st.booleans(), st.booleans()), min_size=1, max_size=4
)


@given(parts, st.sampled_from(RATINGS))
@settings(max_examples=25, deadline=None)
def test_under_the_cover_only_what_nothing_brings_to_its_bar_is_over_it(
    drawn: list[tuple[str, str | None, bool, bool]], appetite: Rating
) -> None:
    made = [part(f"c{at}", kind, host, exposed=out, personal=data) for at, (kind, host, out, data) in enumerate(drawn)]
    cpim = model(machine("vm1"), machine("vm2"), *made)
    setting = RiskSettings(appetite=appetite)
    found = covered(cpim, setting)
    left = residual(assess(cpim, Answers(), CATALOGS, setting), with_machines(cpim, granted(found)), CATALOGS, setting)
    over = {(each.component, each.threat): each.rating for each in left.risks if each.over}
    assert over == {(each.component, each.threat): each.best for each in found.stubborn}
    costs = [each.cost for each in found.prices]
    assert costs == sorted(costs, reverse=True)


def test_twins_cost_twice_and_are_told_one_by_one() -> None:
    one = covered(model(machine("vm1"), part("a", "database", "vm1")), RiskSettings(appetite=Rating.LOW))
    two = covered(
        model(machine("vm1"), machine("vm2"), part("a", "database", "vm1"), part("b", "database", "vm2")),
        RiskSettings(appetite=Rating.LOW),
    )
    assert two.price.cost == 2 * one.price.cost > 0
    assert [replace(each, component=ComponentId("a")) for each in two.measures if each.component == "b"] == list(one.measures)


def test_what_the_model_asks_by_name_is_there_for_nothing() -> None:
    shop = part("shop", "web-application", exposed=True)
    free = covered(model(shop), RiskSettings())
    bought = next(each.controls[0] for each in free.measures if not each.agent)
    asking = replace(shop, wanted=(Wanted(control=bought, at=Span("m.yaml", 3)),))
    found = covered(model(asking), RiskSettings())
    assert found.asked == ((shop.id, (bought,)),)
    assert found.price.cost < free.price.cost
    assert all(bought not in each.controls for each in found.measures)


def test_a_risk_that_people_live_with_asks_for_nothing() -> None:
    cpim = model(part("shop", "web-application", exposed=True))
    risks = assess(cpim, Answers(), CATALOGS, RiskSettings()).risks
    accepted = dict.fromkeys((each.id for each in risks), State.ACCEPTED)
    assert covered(cpim, RiskSettings(), accepted).measures == ()
    assert assess(cpim, Answers(), CATALOGS, RiskSettings(require="cover"), decided=accepted).required == ()


def test_an_agent_is_taken_where_it_may_stand_and_is_cheaper_than_its_controls_one_by_one() -> None:
    cpim = model(part("shop", "web-application", exposed=True))
    agents = [each for each in covered(cpim, RiskSettings()).measures if each.agent]
    assert agents
    assert all(len(each.controls) > 1 and each.cost == 1 for each in agents)
    facts = facts_of(cpim, CATALOGS)[ComponentId("shop")]
    assert all(holds(CATALOGS.agent[each.agent].protects, facts) for each in agents if each.agent)


def test_an_agent_that_the_profile_makes_dear_is_left_out() -> None:
    cpim = model(part("shop", "web-application", exposed=True))
    costs = tuple(Figure(of=each.id, value=100) for each in CATALOGS.agents)
    dear = replace(CATALOGS, profiles=(Profile(id=ProfileId("dear"), title="Dear", sources=(), costs=costs),))
    setting = RiskSettings(profile="dear")
    found = cover(assess(cpim, Answers(), dear, setting), cpim, facts_of(cpim, dear), dear, setting)
    assert found.measures
    assert not any(each.agent for each in found.measures)


@pytest.mark.parametrize("kind", KINDS)
def test_the_cover_as_requirement_is_the_cover(kind: str) -> None:
    cpim = model(part("c", kind, exposed=True))
    setting = RiskSettings(require="cover", appetite=Rating.LOW)
    required = assess(cpim, Answers(), CATALOGS, setting).required
    assert {each.control for each in required} == granted(covered(cpim, setting)).get(ComponentId("c"), frozenset())
    assert all(each.threats for each in required)
