"""Each rule of composition by its smallest example."""

from dataclasses import replace

import pytest

from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.composition import Composition, Outcome
from musa_pipeline.domain.condition import Is
from musa_pipeline.domain.cpim import Role
from musa_pipeline.domain.offering import Evidence
from tests.composition.worlds import World, agent, answers, catalogs, claims, component, offering, world


def granted(found: World, who: str) -> tuple[str, ...]:
    return tuple(sorted(found.granted()[who]))


def outcome(found: Composition, control: str) -> Outcome | None:
    return next((replace(each, proof=None) for each in found.outcomes if each.control == control), None)


VM = component("vm", kind="compute", role=Role.HOST)
CLOUD = catalogs(
    offerings=(
        offering("plain"),
        offering("guarded", "PE-3", "SI-4"),
        offering("open", configurable=("PE-3", "SC-28")),
        offering("managed-db", "PE-3", "SC-28", kinds=("database",)),
    ),
    agents=(
        agent("ha", "SC-5"),
        agent("watch", "SI-4", "PE-3"),
        agent("db-guard", "SC-28", protects=Is(fact="kind", among=frozenset({"database"}))),
    ),
)


def test_a_specific_control_is_granted_by_the_component_itself() -> None:
    assert granted(world(component("web", implements=claims("SC-5"))), "web") == ("SC-5",)


def test_a_specific_control_is_granted_by_an_agent_before_it() -> None:
    assert granted(world(component("web"), on={"web": "plain"}, beside=(("ha", "web"),), book=CLOUD), "web") == ("SC-5",)


def test_an_agent_grants_nothing_to_a_component_that_it_is_not_made_for() -> None:
    assert granted(world(component("web"), on={"web": "plain"}, beside=(("db-guard", "web"),), book=CLOUD), "web") == ()


def test_no_agent_runs_on_a_managed_service() -> None:
    found = world(component("db", kind="database"), on={"db": "managed-db"}, beside=(("db-guard", "db"),), book=CLOUD)
    assert all(each.kind != "protects" for each in found.macm.relations)


def test_a_common_control_is_granted_by_the_offering_below_the_machine() -> None:
    found = world(component("web", host="vm"), VM, on={"vm": "guarded"}, book=CLOUD)
    assert granted(found, "web") == ("PE-3",)


def test_a_common_control_is_not_granted_by_the_claim_of_a_component() -> None:
    assert granted(world(component("web", implements=claims("PE-3"))), "web") == ()


def test_a_common_control_is_granted_by_an_agent() -> None:
    found = world(component("web"), on={"web": "plain"}, beside=(("watch", "web"),), book=CLOUD)
    assert granted(found, "web") == ("PE-3",)


@pytest.mark.parametrize(
    ("own", "place", "expected"),
    [(("SI-4",), "guarded", ("PE-3", "SI-4")), (("SI-4",), "plain", ()), ((), "guarded", ("PE-3",))],
)
def test_a_hybrid_control_needs_the_component_and_its_host(own: tuple[str, ...], place: str, expected: tuple[str, ...]) -> None:
    found = world(component("web", implements=claims(*own)), on={"web": place}, book=CLOUD)
    assert granted(found, "web") == expected


@pytest.mark.parametrize(("place", "expected"), [("guarded", ("PE-3", "SI-4")), ("plain", ("PE-3",))])
def test_an_agent_grants_a_hybrid_control_only_on_a_host_that_grants_it_too(place: str, expected: tuple[str, ...]) -> None:
    found = world(component("web"), on={"web": place}, beside=(("watch", "web"),), book=CLOUD)
    assert granted(found, "web") == expected


def test_the_answer_that_the_component_implements_a_hybrid_control_makes_it_specific() -> None:
    said = (answers("web", SI_4=Grant.COMPONENT),)
    assert granted(world(component("web"), said=said, required=(("web", "SI-4"),)), "web") == ("SI-4",)


def test_the_answer_that_the_service_implements_a_hybrid_control_makes_it_common() -> None:
    said = (answers("web", SI_4=Grant.SERVICE),)
    found = world(component("web"), on={"web": "guarded"}, said=said, required=(("web", "SI-4"),), book=CLOUD)
    assert granted(found, "web") == ("PE-3", "SI-4")


def test_our_own_proposal_that_an_agent_implements_a_hybrid_control_overrides_nothing() -> None:
    found = world(component("web"), on={"web": "plain"}, beside=(("watch", "web"),), required=(("web", "SI-4"),), book=CLOUD)
    assert [(each.by, each.answered) for each in found.slats[0].terms] == [(Grant.AGENT, False)]
    assert granted(found, "web") == ("PE-3",)


def test_an_answer_wins_over_the_claim_of_the_model() -> None:
    found = world(component("web", implements=claims("SC-5")), said=(answers("web", SC_5=Grant.NOBODY),))
    assert granted(found, "web") == ()


def test_a_configurable_control_counts_once_somebody_takes_the_duty() -> None:
    without = world(component("web"), on={"web": "open"}, required=(("web", "PE-3"),), book=CLOUD)
    taken = world(
        component("web"), on={"web": "open"}, required=(("web", "PE-3"),), said=(answers("web", PE_3=Grant.SERVICE),), book=CLOUD
    )
    assert (granted(without, "web"), granted(taken, "web")) == ((), ("PE-3",))


def test_an_offering_says_nothing_below_the_floor_of_evidence() -> None:
    weak = world(component("web"), on={"web": "guarded"}, book=CLOUD)
    strict = type(weak)(cpim=weak.cpim, catalogs=CLOUD, profile=weak.profile, selection=weak.selection, evidence=Evidence.E4)
    assert (granted(weak, "web"), granted(strict, "web")) == (("PE-3",), ())


def test_a_managed_offering_hosts_the_component_itself() -> None:
    found = world(component("db", kind="database", host="vm"), VM, on={"db": "managed-db", "vm": "plain"}, book=CLOUD).macm
    assert [(each.source, each.target) for each in found.relations if each.kind == "hosts"] == [
        ("iaas/vm", "vm"),
        ("paas/db", "db"),
    ]


def test_a_component_that_hosts_another_grants_it_what_it_implements() -> None:
    server = component("server", implements=claims("PE-3"))
    assert granted(world(server, component("web", host="server")), "web") == ("PE-3",)


def test_a_travelling_control_needs_every_service_used() -> None:
    web, db = component("web", implements=claims("SC-8")), component("db", kind="database")
    assert granted(world(web, db, uses=(("web", "db"),)), "web") == ()
    full = component("db", kind="database", implements=claims("SC-8"))
    assert granted(world(web, full, uses=(("web", "db"),)), "web") == ("SC-8",)


def test_services_that_use_one_another_in_a_circle_keep_what_all_of_them_have() -> None:
    a, b = component("a", implements=claims("SC-8")), component("b", implements=claims("SC-8"))
    assert granted(world(a, b, uses=(("a", "b"), ("b", "a"))), "a") == ("SC-8",)


def test_a_control_that_does_not_travel_ignores_what_is_used() -> None:
    web = component("web", implements=claims("SC-5"))
    assert granted(world(web, component("db"), uses=(("web", "db"),)), "web") == ("SC-5",)


def test_a_used_service_where_a_travelling_control_does_not_apply_does_not_block() -> None:
    db, web = component("db", kind="database", implements=claims("SC-28")), component("web")
    assert granted(world(db, web, uses=(("db", "web"),)), "db") == ("SC-28",)


def test_a_service_that_others_run_grants_only_what_answers_say() -> None:
    web = component("web", implements=claims("SC-8"))
    maps = component("maps", role=Role.EXTERNAL, implements=claims("SC-8"))
    silent = world(web, maps, uses=(("web", "maps"),))
    told = world(web, maps, uses=(("web", "maps"),), said=(answers("maps", SC_8=Grant.COMPONENT),))
    assert (granted(silent, "web"), granted(told, "web")) == ((), ("SC-8",))
    assert [each.component for each in told.composed().components] == ["web"]


def test_the_application_promises_what_every_component_is_granted() -> None:
    both = world(
        component("a", implements=claims("SC-5")), component("b", implements=claims("SC-5")), required=(("a", "SC-5"),)
    ).composed()
    one = world(component("a", implements=claims("SC-5")), component("b"), required=(("a", "SC-5"),)).composed()
    assert outcome(both, "SC-5") == Outcome(control="SC-5", promised=True, granted_for=("a", "b"), failing=(), not_applicable=())
    assert outcome(one, "SC-5") == Outcome(control="SC-5", promised=False, granted_for=("a",), failing=("b",), not_applicable=())


def test_a_component_where_a_control_does_not_apply_is_told_and_does_not_count() -> None:
    found = world(
        component("db", kind="database", implements=claims("SC-28")), component("web"), required=(("web", "SC-28"),)
    ).composed()
    assert outcome(found, "SC-28") == Outcome(
        control="SC-28", promised=True, granted_for=("db",), failing=(), not_applicable=("web",)
    )
    assert [each.missing for each in found.components] == [(), ()]


def test_the_model_makes_a_control_apply_by_asking_for_it_by_name() -> None:
    web = component("web", wanted=claims("SC-28"))
    found = world(component("db", kind="database", implements=claims("SC-28")), web, required=(("web", "SC-28"),)).composed()
    assert outcome(found, "SC-28") == Outcome(
        control="SC-28", promised=False, granted_for=("db",), failing=("web",), not_applicable=()
    )


def test_a_control_that_applies_nowhere_is_not_promised() -> None:
    found = world(component("web", implements=claims("SC-28")), required=(("web", "SC-28"),)).composed()
    assert outcome(found, "SC-28") == Outcome(
        control="SC-28", promised=False, granted_for=(), failing=(), not_applicable=("web",)
    )


def test_a_boundary_control_is_met_at_the_entry_points_for_all() -> None:
    door = component("door", exposed=True, implements=claims("SC-7"))
    found = world(door, component("db", kind="database"), required=(("db", "SC-7"),)).composed()
    assert outcome(found, "SC-7") == Outcome(
        control="SC-7", promised=True, granted_for=("db", "door"), failing=(), not_applicable=(), boundary=True
    )


def test_a_boundary_control_fails_with_one_open_door() -> None:
    doors = component("door", exposed=True, implements=claims("SC-7")), component("back", exposed=True)
    found = world(*doors, component("db"), required=(("db", "SC-7"),)).composed()
    assert outcome(found, "SC-7") == Outcome(
        control="SC-7", promised=False, granted_for=("door",), failing=("back", "db"), not_applicable=()
    )


def test_where_nothing_is_exposed_every_component_is_an_entry_point() -> None:
    found = world(component("a", implements=claims("SC-7")), component("b"), required=(("b", "SC-7"),)).composed()
    assert outcome(found, "SC-7") == Outcome(
        control="SC-7", promised=False, granted_for=("a",), failing=("b",), not_applicable=()
    )


def test_a_control_that_no_catalog_knows_is_missing_and_never_granted() -> None:
    found = world(component("web", implements=claims("ZZ-9", "SA-13")), required=(("web", "SA-13"), ("web", "ZZ-9")))
    assert granted(found, "web") == ()
    assert [(each.control, each.promised) for each in found.composed().outcomes] == [("SA-13", False), ("ZZ-9", False)]


def test_the_example_of_the_manual() -> None:
    """docs/composition.md, the graph and the table below it."""
    found = world(
        component("web", host="vm", implements=claims("SC-8")),
        component("orders", host="vm", implements=claims("SC-8", "SI-4")),
        component("maps", role=Role.EXTERNAL),
        VM,
        uses=(("web", "orders"), ("web", "maps")),
        on={"vm": "guarded"},
        beside=(("ha", "web"),),
        book=CLOUD,
    )
    assert found.granted() == {"web": {"PE-3", "SC-5"}, "orders": {"PE-3", "SC-8", "SI-4"}}
