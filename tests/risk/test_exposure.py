"""What the graph of a model shows of its components, and what that moves."""

from dataclasses import replace

import pytest

from musa_pipeline.domain.answers import Answers, ComponentAnswers, FactorAnswer
from musa_pipeline.domain.cpim import (
    Component,
    Connection,
    Cpim,
    DataClass,
    DataSet,
    Initiator,
    Port,
    Role,
    Trust,
    WantedAgent,
    Zone,
)
from musa_pipeline.domain.exposure import exposures_of
from musa_pipeline.domain.ids import AgentId, ComponentId, KindId
from musa_pipeline.domain.risk import Factor, FactorMove
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import Span
from musa_pipeline.domain.threat import BUSINESS
from musa_pipeline.risk import assess
from tests.files.test_catalog_files import CATALOGS

WEB, ORDERS, STORE, VM = map(ComponentId, ("web", "orders", "store", "vm"))


def part(name: ComponentId, kind: str = "api", **facts: object) -> Component:
    """A component of which only these facts are known."""
    return Component(id=name, name=name, kind=KindId(kind), **({"instances": 0} | facts))  # type: ignore[arg-type]


SHOP = Cpim(
    name="shop",
    language="tosca",
    components=(
        part(ORDERS, host=VM),
        part(STORE, "database", data=(DataSet(name="customers", classification=DataClass.PERSONAL),)),
        part(VM, "compute", role=Role.HOST),
        part(WEB, "web-application", exposed=True),
    ),
    connections=(Connection(source=ORDERS, target=STORE), Connection(source=WEB, target=ORDERS)),
)


def shown(cpim: Cpim, fact: str) -> dict[str, tuple[str, ...]]:
    """The components of which the graph shows a fact, each with its way."""
    return {each.component: each.path for each in exposures_of(cpim) if each.fact == fact}


def linked(*links: Connection) -> Cpim:
    return replace(SHOP, connections=links)


def test_the_internet_reaches_what_listens_to_those_whom_it_reaches_and_their_machines() -> None:
    assert shown(SHOP, "reachable") == {
        WEB: (WEB,),
        ORDERS: (WEB, ORDERS),
        STORE: (WEB, ORDERS, STORE),
        VM: (WEB, ORDERS, VM),
    }


def test_who_opens_a_connection_reaches_the_other_end() -> None:
    asked = Connection(source=WEB, target=ORDERS, initiator=Initiator.TARGET)
    assert shown(linked(asked), "reachable") == {WEB: (WEB,)}
    assert ORDERS in shown(linked(replace(asked, initiator=Initiator.PEER)), "reachable")


def test_of_two_ways_the_shorter_is_told_and_of_equals_the_first_by_name() -> None:
    both = linked(*SHOP.connections, Connection(source=WEB, target=STORE))
    assert shown(both, "reachable")[STORE] == (WEB, STORE)


def test_data_pass_those_who_ask_for_them_and_their_machines_but_do_not_pass_who_holds_them() -> None:
    assert shown(SHOP, "passes") == {ORDERS: (STORE, ORDERS), WEB: (STORE, ORDERS, WEB), VM: (STORE, ORDERS, VM)}


def test_one_instance_that_others_use_is_a_single_point_of_failure_unless_something_stands_beside_it() -> None:
    once = replace(SHOP, components=tuple(replace(each, instances=1) for each in SHOP.components))
    assert shown(SHOP, "single-point") == {}, "how many there are is not said"
    assert shown(once, "single-point") == {WEB: (WEB,), ORDERS: (WEB, ORDERS), STORE: (ORDERS, STORE), VM: (ORDERS, VM)}
    doubled = replace(once, agents=(WantedAgent(agent=AgentId("ha"), protects=(ORDERS,)),))
    assert shown(doubled, "single-point").keys() == {WEB, STORE}
    assert AgentId("ha") in CATALOGS.agent


def test_plain_traffic_counts_between_machines_and_only_where_the_model_says_so() -> None:
    plain = Connection(source=WEB, target=ORDERS, port=Port(secure=False))
    assert shown(linked(plain), "uses-plain") == {WEB: (ORDERS, WEB), ORDERS: (WEB, ORDERS)}
    assert shown(linked(replace(plain, port=Port())), "uses-plain") == {}
    inside = replace(SHOP, components=tuple(replace(each, host=VM) if each.id == WEB else each for each in SHOP.components))
    assert shown(replace(inside, connections=(plain,)), "uses-plain") == {}


def test_a_zone_is_open_to_a_less_trusted_one_only_when_both_are_known() -> None:
    zones = (Zone(name="dmz", trust=Trust.EDGE), Zone(name="vault", trust=Trust.RESTRICTED))
    placed = {WEB: "dmz", ORDERS: "vault"}
    cpim = replace(SHOP, zones=zones, components=tuple(replace(each, zone=placed.get(each.id, "")) for each in SHOP.components))
    assert shown(cpim, "less-trusted") == {ORDERS: (WEB, ORDERS)}


def factor(cpim: Cpim, answers: Answers, threat: str, name: str, evidence: tuple[FactorMove, ...] = ()) -> Factor:
    """One factor of a threat to the orders."""
    moves = {(ORDERS, each.id): evidence for each in CATALOGS.threats} if evidence else {}
    profile = assess(cpim, answers, CATALOGS, RiskSettings(), moves)
    risk = next(each for each in profile.risks if (each.component, each.threat) == (ORDERS, threat))
    return next(each for each in profile.factors_of(risk) if each.name == name)


def test_exposure_moves_a_default_visibly_and_leaves_an_answer_alone() -> None:
    moved = factor(SHOP, Answers(), "vulnerable-libraries", "opportunity")
    (move,) = moved.moves
    assert (moved.before, moved.value) == (4, 6)
    assert (move.factor, move.by, move.fact, move.at.file) == ("opportunity", 2, "reachable", "catalogs/exposures/reachable.yaml")
    said = FactorAnswer(factor="opportunity", value=1, because="only by hand", at=Span("answers.yaml"))
    answers = Answers(components=(ComponentAnswers(component=ORDERS, factors=(said,)),))
    assert factor(SHOP, answers, "vulnerable-libraries", "opportunity").moves == ()


def test_evidence_moves_an_answer_too_and_stays_on_the_scale() -> None:
    said = FactorAnswer(factor="opportunity", value=8, because="only by hand", at=Span("answers.yaml"))
    answers = Answers(components=(ComponentAnswers(component=ORDERS, factors=(said,)),))
    seen = FactorMove(factor="opportunity", by=3, because="two incidents")
    moved = factor(SHOP, answers, "vulnerable-libraries", "opportunity", (seen,))
    assert (moved.before, moved.value, moved.moves) == (8, 9, (seen,))


@pytest.mark.parametrize("rule", CATALOGS.exposures, ids=lambda each: each.id)
def test_every_exposure_moves_upwards_factors_that_nobody_must_answer(rule: object) -> None:
    moves = rule.moves  # type: ignore[attr-defined]
    assert moves and all(each.by > 0 and each.factor not in BUSINESS and each.because for each in moves)
