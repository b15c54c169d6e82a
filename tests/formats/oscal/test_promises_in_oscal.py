"""What an application promises in OSCAL: allowed by its schemas, every reference leads somewhere, and nothing is said that composition did not find."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.decision import DecidedRisk, Decisions, Term, Waiver
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.residual import State
from musa_pipeline.domain.risk import Rating
from musa_pipeline.formats.oscal.assessing import write_assessment_plan
from musa_pipeline.formats.oscal.component_definition import write_component_definition
from musa_pipeline.formats.oscal.elements import line, prose
from musa_pipeline.formats.oscal.poam import write_poam
from musa_pipeline.formats.oscal.results import write_results
from musa_pipeline.formats.oscal.ssp import write_ssp
from musa_pipeline.formats.oscal.system import System
from musa_pipeline.formats.oscal.tailored import write_profile
from musa_pipeline.stages.export import of_application
from musa_pipeline.stages.exports.oscal import system
from musa_pipeline.stages.pipeline import run
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.formats.oscal.structure import SHAPES, broken, identities, references
from tests.support import ROOT, lacking, shared

WRITERS: dict[str, Callable[[System], str | None]] = {
    "profile": write_profile,
    "component-definition": write_component_definition,
    "system-security-plan": write_ssp,
    "assessment-plan": write_assessment_plan,
    "assessment-results": write_results,
    "plan-of-action-and-milestones": write_poam,
}
MODELS = {
    "profile": "profile.Profile",
    "component-definition": "component.ComponentDefinition",
    "system-security-plan": "ssp.SystemSecurityPlan",
    "assessment-plan": "assessment_plan.AssessmentPlan",
    "assessment-results": "assessment_results.AssessmentResults",
    "plan-of-action-and-milestones": "poam.PlanOfActionAndMilestones",
}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
JANE = Term(owner="Jane", reason="*soon*", since=date(2026, 11, 1), expires=date(2027, 1, 31), ticket="SHOP-1")
SCHEMA = ROOT.parent / "shared/data/oscal/oscal_complete_schema.json"


def told(model: str, out: Path) -> System:
    work = Work(find(str(ROOT / "models" / model), str(out)))
    for _ in run(work, "compose"):
        pass
    return system(of_application(work, NOW))


@pytest.fixture(scope="module")
def mobility(tmp_path_factory: pytest.TempPathFactory) -> System:
    found = told("smart-mobility", tmp_path_factory.mktemp("mobility"))
    return replace(found, decisions=decided(found))


@pytest.fixture(scope="module")
def written(mobility: System) -> dict[str, str]:
    return {kind: text for kind, write in WRITERS.items() if (text := write(mobility))}


def decided(found: System) -> Decisions:
    """One risk above the bar is accepted, one transferred; SC-8 may be missing at one component."""
    first, second = [each for each in found.residual.risks if each.over][:2]
    gap = found.gaps[ControlId("SC-8")][0]
    return Decisions(
        risks=(
            DecidedRisk(component=first.component, threat=first.threat, state=State.ACCEPTED, term=JANE),
            DecidedRisk(component=second.component, threat=second.threat, state=State.TRANSFERRED, term=JANE, to="an insurer"),
        ),
        waivers=(Waiver(component=gap.component, control=ControlId("SC-8"), term=JANE),),
    )


def body(written: dict[str, str], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written[kind])[kind]
    return found


def by_control(written: dict[str, str]) -> dict[str, dict[str, Any]]:
    plan = body(written, "system-security-plan")["control-implementation"]
    return {each["control-id"]: each for each in plan["implemented-requirements"]}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_document_has_what_oscal_demands_and_nothing_else(written: dict[str, str], kind: str) -> None:
    document = json.loads(written[kind])
    assert broken(document) == []
    names = list(identities(document))
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", WRITERS)
def test_trestle_reads_every_document(written: dict[str, str], kind: str, tmp_path: Path) -> None:
    module, _, name = MODELS[kind].partition(".")
    try:
        model = getattr(import_module(f"trestle.oscal.{module}"), name)
    except ModuleNotFoundError:
        lacking("compliance-trestle is not installed")
    path = tmp_path / "document.json"
    path.write_text(written[kind])
    assert str(model.oscal_read(path).uuid) == body(written, kind)["uuid"]


@pytest.mark.parametrize("kind", WRITERS)
def test_the_official_schema_allows_every_document(written: dict[str, str], kind: str) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"NIST's schema of its release 1.1.3 is not at {SCHEMA}; trestle and our own table stand in for it")
    from jsonschema import Draft7Validator

    letters = SCHEMA.read_text().replace(r"^(\\p{L}|_)(\\p{L}|\\p{N}|[.\\-_])*$", r"^[^\\W\\d][\\w.\\-]*$")
    schema = json.loads(letters)  # Python's expressions have no \p
    Draft7Validator(schema).validate(json.loads(written[kind]))


def test_every_reference_leads_to_something_in_the_documents_it_may_name(written: dict[str, str]) -> None:
    plan = set(identities(json.loads(written["system-security-plan"])))
    for kind, text in written.items():
        within = set(identities(json.loads(text))) | (
            plan if kind in ("assessment-results", "plan-of-action-and-milestones") else set()
        )
        assert [(name, each) for name, each in references(json.loads(text)) if each not in within] == []


def test_every_control_and_statement_stands_in_the_catalog_of_nist(written: dict[str, str]) -> None:
    catalog = (shared("controls/nist") / "NIST_SP-800-53_rev5.2.0_catalog.json").read_text()
    known = set(re.findall(r'"id": ?"([^"]+)"', catalog))
    for text in written.values():
        named = set(re.findall(r'"(?:control-id|statement-id|target-id)": "([^"]+)"', text))
        assert named <= known


def test_a_finding_is_satisfied_exactly_where_the_application_promises(mobility: System, written: dict[str, str]) -> None:
    result = body(written, "assessment-results")["results"][0]
    judged = {each["target"]["target-id"]: each["target"]["status"]["state"] == "satisfied" for each in result["findings"]}
    promised = {each.control: each.promised for each in mobility.composition.outcomes}
    assert judged["sc-8_smt"] is promised[ControlId("SC-8")] is False
    assert (len(judged), sum(judged.values())) == (len(promised), sum(promised.values()))
    offered = {
        name
        for name, each in by_control(written).items()
        for one in each["statements"][0]["by-components"][:1]
        if "export" in one
    }
    assert len(offered) == sum(promised.values())


def test_what_a_provider_operates_is_inherited_and_what_it_leaves_is_a_responsibility(
    mobility: System, written: dict[str, str]
) -> None:
    duty = mobility.composition.duties[0]
    parts = by_control(written)[duty.control.lower()]["statements"][0]["by-components"]
    provided = {each["uuid"] for part in parts for each in part.get("export", {}).get("provided", ())}
    left = {each["uuid"]: each["provided-uuid"] for part in parts for each in part.get("export", {}).get("responsibilities", ())}
    taker = next(each for each in parts if each["component-uuid"] == mobility.uuid(("component", duty.component)))
    assert taker["implementation-status"]["state"] == "planned"  # nobody has seen it done
    assert left[taker["satisfied"][0]["responsibility-uuid"]] == taker["inherited"][0]["provided-uuid"]
    assert taker["inherited"][0]["provided-uuid"] in provided
    items = [each["title"] for each in body(written, "plan-of-action-and-milestones")["poam-items"]]
    assert any(title.startswith(f"{duty.control} is to be configured at") for title in items)


def test_who_answers_for_a_risk_stands_there_until_the_last_day_and_no_longer(mobility: System, written: dict[str, str]) -> None:
    risks = body(written, "plan-of-action-and-milestones")["risks"]
    settled = [each for each in risks if each["status"] == "deviation-approved"]
    assert {each["deadline"] for each in settled} == {"2027-01-31T00:00:00Z"}
    titles = {each["risk-log"]["entries"][0]["title"] for each in settled}
    assert titles == {"Accepted by Jane until 2027-01-31", "Transferred to an insurer by Jane until 2027-01-31"}
    waived = next(each for each in risks if each["title"].startswith("SC-8 "))
    assert waived["status"] == "open"  # it is missing at other components too
    assert waived["risk-log"]["entries"][0]["description"] == r"\*soon\* (SHOP-1)"
    later = json.loads(write_poam(replace(mobility, at=datetime(2027, 2, 1, tzinfo=UTC))) or "")["plan-of-action-and-milestones"]
    assert {each["status"] for each in later["risks"]} == {"open"}


def test_names_are_the_same_on_another_day_and_the_document_is_not(mobility: System, written: dict[str, str]) -> None:
    assert write_ssp(mobility) == written["system-security-plan"]
    later = json.loads(write_ssp(replace(mobility, at=datetime(2026, 11, 23, tzinfo=UTC))))
    before = json.loads(written["system-security-plan"])
    changed = set(identities(later)) ^ set(identities(before))
    assert changed == {later["system-security-plan"]["uuid"], before["system-security-plan"]["uuid"]}


def test_there_is_no_plan_of_action_without_anything_to_act_on(mobility: System) -> None:
    well = [replace(each, rating=Rating.LOW) for each in mobility.residual.risks]
    nothing = Composition(application="calm", outcomes=(), components=())
    assert write_poam(replace(mobility, composition=nothing, residual=replace(mobility.residual, risks=tuple(well)))) is None


def test_names_of_a_model_neither_format_nor_break_the_document(mobility: System) -> None:
    evil = "<script>*x*</script>\n\u202e[y](z) {{ insert: param, a }}"
    components = tuple(replace(each, name=evil) for each in mobility.cpim.components)
    hostile = replace(
        mobility,
        cpim=replace(mobility.cpim, components=components),
        whole=replace(mobility.whole, application=" \n", customer=""),
    )
    for kind, write in WRITERS.items():
        text = write(hostile)
        assert text
        assert broken(json.loads(text)) == [], kind
        assert "\u202e" not in text
    plan = json.loads(write_ssp(hostile))["system-security-plan"]
    title = plan["system-implementation"]["components"][1]["title"]
    assert title == r"\<script>\*x\*\</script> " + "\u202e" + r"\[y](z) \{{ insert: param, a }}"


@given(st.text())
def test_any_name_becomes_a_string_that_oscal_allows(said: str) -> None:
    assert SHAPES["string"].fullmatch(line(said))
    assert "<" not in prose(said).replace(r"\<", "")


def test_a_component_that_stands_on_another_inherits_what_is_hybrid(mobility: System) -> None:
    found = [(one, each.control) for each in mobility.composition.outcomes for one in each.granted_for]
    lent = {part[0] for component, control in found for part in mobility.grantors(ComponentId(component), control)}
    assert lent == {"component", "agent", "offering"}
