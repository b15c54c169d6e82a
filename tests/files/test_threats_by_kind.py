"""The shipped threats: each kind of component has its own, each link has a source, and nobody is asked for what makes no sense."""

import json
from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from musa_pipeline.domain.answers import Answers, ComponentAnswers, QuestionAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import holds
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Port, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import Threat
from musa_pipeline.formats.answers import read_answers
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.formats.values import read_value
from musa_pipeline.risk import assess
from tests.support import ROOT, shared

FILES = {str(each.relative_to(ROOT)): each.read_text() for each in (ROOT / "catalogs").rglob("*.*") if each.is_file()}
CATALOGS = read_catalogs(FILES, Problems())
OURS = tuple(each for each in CATALOGS.threats if not each.categories)
KINDS = tuple(str(each.id) for each in CATALOGS.kinds)
HOSTS = ("compute", "container-runtime")
PARTNER = ComponentId("partner")
OUTSIDE = ("external-service",)
NAMED = {
    "web-application",
    "api",
    "database",
    "object-store",
    "message-broker",
    "cache",
    "identity-provider",
    "compute",
    "container-runtime",
    "function",
    "network",
    "load-balancer",
    "build-pipeline",
    "mobile-client",
    "iot-device",
    "container-registry",
    "key-store",
}
"""Kinds that must have threats of their own; a service of others has its at those who use it."""

NONSENSE = {
    "mobile-client": "AC-2(3) AC-17 AU-2 AU-5 AU-9 AU-12 CP-9 CP-10 SC-5 SC-7 SI-4 SC-22",
    "iot-device": "AC-17 AU-5 CP-10 SC-5 SC-7 SI-3 SI-15",
    "cache": "CP-9 SC-23 SI-3 SI-10 SI-11 AC-7 IA-2",
    "object-store": "AC-7 SC-10 SC-23 SI-10 SI-11 SI-15",
    "file-store": "AC-7 IA-2 SC-23 SI-10 SI-11 SI-15",
    "message-broker": "AC-7 SI-10 SI-11 SI-15",
    "load-balancer": "AC-7 CP-9 IA-2 SC-28 SI-3 SI-10 SI-11 SI-15",
    "network": "CP-9 SC-23 SC-28 SI-3 SI-10 SI-11 SI-15",
    "worker": "AC-7 IA-2 SC-10 SC-23 SI-15",
    "function": "AC-7 AC-17 IA-2 SC-10",
    "identity-provider": "SI-3",
    "key-store": "SI-3 SI-11 SI-15",
    "container-registry": "SI-11 SI-15",
    "build-pipeline": "SC-10 SI-15",
    "web-application": "IA-13",
    "database": "IA-13",
    "api": "IA-13",
}
"""Controls of which a kind makes no sense when it holds nothing; written down here by hand, apart from scopes and links."""


def application(kind: str, *, data: bool = True) -> Cpim:
    """One component of a kind, exposed, speaking in clear, used by and using all that there is; a machine bears a program."""
    one = ComponentId("one")
    sets = tuple(DataSet(name=str(each), classification=each) for each in DataClass) if data else ()
    role = Role.HOST if kind in HOSTS else Role.EXTERNAL if kind in OUTSIDE else Role.COMPONENT
    component = Component(
        id=one, name="one", kind=KindId(kind), role=role, exposed=True, data=sets, ports=(Port(protocol="http", secure=False),)
    )
    others = tuple(Component(id=ComponentId(f"x-{each}"), name=each, kind=KindId(each), role=Role.EXTERNAL) for each in KINDS)
    borne = (Component(id=PARTNER, name="program", kind=KindId("software"), host=one),) if kind in HOSTS else ()
    links = tuple(Connection(source=one, target=each.id) for each in others)
    back = tuple(Connection(source=each.id, target=one) for each in others)
    return Cpim(name="all", language="", components=(component, *others, *borne), connections=(*links, *back))


def yes_to_all(cpim: Cpim) -> Answers:
    questions = tuple(QuestionAnswer(threat=each.id, yes=True) for each in CATALOGS.threats if each.question)
    return Answers(components=tuple(ComponentAnswers(component=each.id, questions=questions) for each in cpim.components))


@cache
def committed(model: str) -> tuple[Cpim, RiskProfile]:
    """Assess a model of the repository, with its answers."""
    problems = Problems()
    cpim = read_value((ROOT / f"sla/{model}/cpim.json").read_bytes(), Cpim, "cpim.json", problems)
    text = (ROOT / f"models/{model}/answers.yaml").read_text()
    assert cpim
    answers = read_answers(text, "answers.yaml", cpim=cpim, catalogs=CATALOGS, problems=problems)
    assert list(problems) == []
    return cpim, assess(cpim, answers, CATALOGS, RiskSettings())


def test_there_are_enough_threats_and_none_is_another_in_other_words() -> None:
    assert 60 <= len(CATALOGS.threats) <= 100
    assert len([each for each in CATALOGS.threats if each.categories]) == 28
    for part in ("title", "question"):
        said = [getattr(each, part) for each in OURS if getattr(each, part)]
        assert len(said) == len(set(said))
    same: dict[object, list[str]] = defaultdict(list)
    for each in OURS:
        same[each.applies, each.stride, frozenset(link.control for link in each.controls)].append(each.id)
    assert [found for found in same.values() if len(found) > 1] == []


def test_every_kind_that_is_named_has_threats_of_its_own() -> None:
    special: dict[str, set[str]] = defaultdict(set)
    everybody: dict[str, set[str]] = {}
    for kind in KINDS:
        cpim = application(kind)
        everybody[kind] = {each.threat for each in assess(cpim, yes_to_all(cpim), CATALOGS, RiskSettings()).risks}
    ours = {each.id for each in OURS}
    for kind, found in everybody.items():
        special[kind] = {each for each in found & ours if sum(each in other for other in everybody.values()) < len(KINDS) / 2}
    assert {kind: special[kind] for kind in NAMED if not special[kind]} == {}


@pytest.mark.parametrize("data", [True, False], ids=["holding all data", "holding none"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_component_gets_a_control_of_which_its_kind_makes_no_sense(kind: str, data: bool) -> None:
    """Required is what a risk calls for where its scope applies, as composition decides it."""
    cpim = application(kind, data=data)
    facts = facts_of(cpim, CATALOGS)
    required = assess(cpim, yes_to_all(cpim), CATALOGS, RiskSettings()).required
    got = {
        str(each.control)
        for each in required
        if each.component == "one" and holds(CATALOGS.scope[each.control].applies, facts[each.component])
    }
    stored = {"CP-9", "SC-28"} if data else set()  # whatever holds data needs copies and a lock
    assert got & set(NONSENSE.get(kind, "").split()) - stored == set()
    assert got or kind in (*HOSTS, *OUTSIDE)


def test_the_journey_engine_s_five_controls_are_called_for_by_high_risks() -> None:
    _, profile = committed("smart-mobility")
    score = {each.control: each.score for each in profile.required if each.component == "tsm-engine" and each.threats}
    assert {each: score[each] >= 7 for each in ("SC-5", "RA-5", "IA-5", "SC-23", "SI-4")} == dict.fromkeys(  # type: ignore[index]
        ("SC-5", "RA-5", "IA-5", "SC-23", "SI-4"), True
    )


def test_the_schedules_store_is_asked_for_access_control_and_encryption_and_its_place_is_demanded() -> None:
    cpim, profile = committed("flight-scheduling")
    worst = {each.control for each in profile.required if each.component == "plans" and each.score == 9}
    assert worst >= {"SC-28", "SC-8", "AC-3"}
    place = next(each for each in profile.organisation if each.control == "SA-9(5)")
    assert "plans" in place.components and "data-under-foreign-law" in place.threats
    assert next(each for each in cpim.components if each.id == "plans").countries == {"EU"}


@pytest.mark.parametrize("model", ["flight-scheduling", "smart-mobility"])
def test_every_question_about_the_two_applications_is_answered(model: str) -> None:
    assert committed(model)[1].unanswered == ()


def test_facts_decide_most_threats_and_a_silent_model_asks_few_of_our_questions() -> None:
    asked = [each for each in OURS if each.question]
    assert len(asked) < len(OURS) / 2
    ours = {each.id for each in OURS}
    for kind in KINDS:
        silent = Cpim(
            name="one",
            language="",
            components=(
                Component(
                    id=ComponentId("one"),
                    name="one",
                    kind=KindId(kind),
                    role=Role.HOST if kind in HOSTS else Role.COMPONENT,
                ),
            ),
        )
        open_questions = assess(silent, Answers(), CATALOGS, RiskSettings()).unanswered
        assert len([each for each in open_questions if each.threat in ours]) <= 10, kind


@pytest.mark.parametrize("threat", OURS, ids=lambda each: str(each.id))
def test_every_link_is_in_the_public_map_or_in_our_own_supplement(threat: Threat) -> None:
    """The map has no control of AU and IR and no enhancement: there the supplement speaks, after SP 800-53 itself."""
    pairs = {
        (row[0], row[1].upper())
        for row in json.loads((shared("controls/threats") / "attack16.1-nist53r5.pairs.json").read_text())
    }
    known = json.loads((shared("controls/threats") / "attack-enterprise-18.1.facts.json").read_text())
    assert set(threat.techniques) <= set(known)
    clauses = {each.document: set(each.clause.split(", ")) for each in threat.sources}
    mapped = clauses.get("CTID NIST 800-53 Controls to ATT&CK Mappings", set())
    supplement = clauses.get("NIST SP 800-53", set())
    links = {str(each.control) for each in threat.controls}
    assert links == mapped | supplement
    assert all(any((technique, control) in pairs for technique in threat.techniques) for control in mapped)
    assert {each for each in links if "(" in each or each[:2] in ("AU", "IR")} <= supplement
    if threat.techniques:
        assert clauses["MITRE ATT&CK Enterprise"] == set(threat.techniques)


@pytest.mark.parametrize("gone", ["denial-of-service", "data-held-for-ransom", "signing-key-stolen", "vulnerable-libraries"])
def test_without_one_threat_only_its_own_risks_and_requirements_change(gone: str) -> None:
    cpim, before = committed("smart-mobility")
    fewer: Catalogs = replace(CATALOGS, threats=tuple(each for each in CATALOGS.threats if each.id != gone))
    text = (ROOT / "models/smart-mobility/answers.yaml").read_text()
    answers = read_answers(text, "answers.yaml", cpim=cpim, catalogs=fewer, problems=Problems())
    after = assess(cpim, answers, fewer, RiskSettings())
    assert [each for each in before.risks if each.threat != gone] == list(after.risks)
    changed = {each for each in before.required if gone not in each.threats} - set(after.required)
    assert changed == set()
