"""Every catalog entry that is shipped loads, says all it must, and names only what exists."""

from collections import Counter

import pytest

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.condition import ALWAYS
from musa_pipeline.domain.control import Baseline, ControlCatalog, Level
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Role
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import LIKELIHOOD, TECHNICAL, Threat
from musa_pipeline.formats.catalogs import check_catalogs
from musa_pipeline.risk import assess
from musa_pipeline.text.yaml import plain, read_yaml
from tests.support import ROOT

FILES = {str(each.relative_to(ROOT)): each.read_text() for each in sorted((ROOT / "catalogs").rglob("*.*")) if each.is_file()}
SCHEMAS = {path: text for path, text in FILES.items() if path.endswith(".schema.json")}
PROBLEMS = Problems()
CATALOGS = check_catalogs(FILES, SCHEMAS, PROBLEMS)
OURS = ("kinds", "threats", "exposures", "metrics", "scopes", "agents", "controls", "profiles")


def test_nothing_is_wrong_with_any_entry() -> None:
    """Of offerings a warning may stand: that an attestation does not cover every region is a fact about the provider."""
    told = [str(each) for each in PROBLEMS if each.severity is Severity.ERROR or "/offerings/" not in each.at.file]
    assert told == []


@pytest.mark.parametrize("folder", OURS)
def test_every_file_is_an_entry(folder: str) -> None:
    written = {path.rpartition("/")[2].rpartition(".")[0] for path in FILES if path.startswith(f"catalogs/{folder}/")}
    if folder == "controls":
        assert written == {"nist-800-53-r5", "nist-800-53-r4"} == {CATALOGS.controls.id, *(each.id for each in CATALOGS.older)}
    else:
        assert written == {each.id for each in getattr(CATALOGS, folder)}


def counted(catalog: ControlCatalog) -> dict[str, int]:
    live = [each for each in catalog.controls if not each.withdrawn]
    return {
        "entries": len(catalog.controls),
        "active": len(live),
        **{each.value: sum(each in control.baselines for control in live) for each in Baseline},
        **{each.value: sum(control.level is each for control in live) for each in Level},
    }


def test_the_control_catalogs_have_as_many_controls_as_the_standard() -> None:
    assert counted(CATALOGS.controls) == {
        "entries": 1196,
        "active": 1014,
        "low": 149,
        "moderate": 287,
        "high": 370,
        "privacy": 96,
        "system": 250,
        "organization": 613,
        "both": 151,
    }
    assert counted(CATALOGS.older[0]) == {
        "entries": 922,
        "active": 826,
        "low": 124,
        "moderate": 261,
        "high": 343,
        "privacy": 0,
        "system": 0,
        "organization": 0,
        "both": 0,
    }


@pytest.mark.parametrize("catalog", [CATALOGS.controls, *CATALOGS.older], ids=lambda each: each.id)
def test_controls_name_only_controls(catalog: ControlCatalog) -> None:
    ids = {each.id for each in catalog.controls}
    assert len(ids) == len(catalog.controls)
    for each in catalog.controls:
        assert ids >= {*each.moved_to, *each.related, *([each.parent] if each.parent else [])}
        assert not (each.withdrawn and each.baselines)
        assert (each.parent is not None) is ("(" in each.id)


@pytest.mark.parametrize("threat", CATALOGS.threats, ids=lambda each: each.id)
def test_a_threat_says_all_it_must(threat: Threat) -> None:
    assert {each.factor for each in threat.factors} >= {*LIKELIHOOD, *TECHNICAL}
    for factor in threat.factors:
        assert factor.options[-1].when == ALWAYS, f"{factor.factor} may be left without a value"
        assert len({(option.value, option.because) for option in factor.options}) == len(factor.options)
        assert all(option.because for option in factor.options)
    assert "?" in threat.question or not threat.question
    assert threat.applies != ALWAYS
    assert threat.controls and threat.sources
    text = plain(read_yaml(FILES[threat.at.file], threat.at.file, Problems()))
    assert all("strength" in link for link in text["controls"].values())
    if "categories" not in text:
        assert all("because" in link for link in text["controls"].values())


@pytest.mark.parametrize("metric", CATALOGS.metrics, ids=lambda each: each.id)
def test_a_metric_says_all_it_must(metric: Metric) -> None:
    assert metric.definition.endswith(".")
    assert metric.controls or metric.threats or metric.uuid
    assert all(each.because for each in metric.controls)
    text = plain(read_yaml(FILES[metric.at.file], metric.at.file, Problems()))
    assert all("grade" in link for link in text.get("controls", {}).values())
    if metric.scale is Scale.BOOLEAN:
        assert (metric.operator, metric.combine, metric.unit) == (Operator.EQ, Combine.ALL, "")
    else:
        assert metric.unit and metric.lowest is not None and metric.highest is not None
        assert metric.operator is not Operator.EQ
        assert metric.combine is (Combine.MAX if metric.operator in (Operator.LE, Operator.LT) else metric.combine)
    assert metric.default is not None or metric.id == "number-of-data-subject-access-requests"


def test_what_musa_called_a_frequency_is_an_upper_bound_in_hours() -> None:
    hours = [each for each in CATALOGS.metrics if each.unit == "h" and not each.uuid]
    assert [each.reference for each in hours] == ["M13", "M14", "M22", "M23"]
    assert {(each.operator, each.combine, each.default) for each in hours} == {(Operator.LE, Combine.MAX, 24)}


def test_every_linked_control_has_its_scope() -> None:
    linked = {link.control for each in CATALOGS.threats for link in each.controls}
    linked |= {link.control for each in CATALOGS.metrics for link in each.controls if not each.uuid}
    assert linked <= CATALOGS.scope.keys(), "those of the hundred may show a control that no threat draws"
    assert all(not CATALOGS.control[each].withdrawn for each in CATALOGS.scope)


def test_no_type_of_a_model_language_means_two_kinds() -> None:
    types = Counter(name for kind in CATALOGS.kinds for name in kind.types)
    assert [name for name, count in types.items() if count > 1] == []
    words = Counter(word for kind in CATALOGS.kinds for word in kind.words)
    assert [word for word, count in words.items() if count > 1] == []


def test_the_five_controls_of_the_paper_s_example_are_required_for_such_a_component() -> None:
    location = (DataSet(name="location", classification=DataClass.PERSONAL),)
    vm = ComponentId("vm")
    engine = Component(
        id=ComponentId("tsm-engine"), name="TSMEngine", kind=KindId("web-application"), host=vm, exposed=True, data=location
    )
    planner = Component(id=ComponentId("planner"), name="planner", kind=KindId("api"), host=vm)
    machine = Component(id=vm, name="vm", kind=KindId("compute"), role=Role.HOST)
    cpim = Cpim(
        name="mobility",
        language="",
        components=(planner, engine, machine),
        connections=(Connection(source=engine.id, target=planner.id),),
    )
    required = assess(cpim, Answers(), CATALOGS, RiskSettings()).required
    found = {each.control for each in required if each.component == engine.id}
    assert found >= {"SC-5", "RA-5", "IA-5", "SC-23", "SI-4"}
