"""What is to be watched, out of the committed documents and plans of the models."""

import os
from pathlib import Path

import pytest

from musa_pipeline.assurance.causes import advice, surroundings
from musa_pipeline.assurance.objectives import objectives
from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Combine, Operator, Slo
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.settings import RuntimeSettings
from musa_pipeline.domain.verdict import Objective, Over, Window
from musa_pipeline.formats.values import read_value
from musa_pipeline.formats.wsag import read_agreement
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.support import ROOT

APPLICATIONS = sorted(each.parent.name for each in (ROOT / "sla").glob("*/sla.xml"))


@pytest.fixture(scope="module")
def catalogs() -> Catalogs:
    return Work(find(str(ROOT / "models" / "shop"))).catalogs


def _documents(application: str) -> tuple[Sla, list[Sla], Plan]:
    problems, folder = Problems(), ROOT / "sla" / application
    whole = _agreement(folder / "sla.xml", problems)
    parts = [_agreement(each, problems) for each in sorted((folder / "sla").glob("*.xml"))]
    text = (ROOT / "playbooks" / "plans" / application / "plan.json").read_bytes()
    plan = read_value(text, Plan, "plan.json", problems)
    assert not problems.errors
    assert plan is not None
    return whole, parts, plan


def _agreement(path: Path, problems: Problems) -> Sla:
    found = read_agreement(path.read_bytes(), os.fspath(path), problems)
    assert isinstance(found, Sla)
    return found


def _objectives(application: str, catalogs: Catalogs, runtime: RuntimeSettings | None = None) -> dict[str, Objective]:
    found = objectives(*_documents(application), catalogs, runtime or RuntimeSettings())
    assert len({each.id for each in found}) == len(found)
    return {each.id: each for each in found}


@pytest.mark.parametrize("application", APPLICATIONS)
def test_every_promise_of_every_document_is_watched(application: str, catalogs: Catalogs) -> None:
    whole, parts, _ = _documents(application)
    found = _objectives(application, catalogs)
    promised = [(sla.component or "", slo.metric) for sla in (whole, *parts) for slo in sla.slos]
    assert sorted((each.component, each.slo.metric) for each in found.values()) == sorted(promised)
    assert {each.slo for each in found.values()} == {slo for sla in (whole, *parts) for slo in sla.slos}
    assert [each for each in found.values() if each.component and not each.agents] == []
    assert all(set(each.members) == {one.component for one in parts} for each in found.values() if not each.component) or (
        application != "smart-mobility"
    )


def test_the_engine_of_the_paper(catalogs: Catalogs) -> None:
    found = _objectives("smart-mobility", catalogs, RuntimeSettings(period=1, window=30, late=1))
    engine = found["tsm-engine/availability"]
    assert (engine.slo.operator, engine.slo.bound, engine.slo.alert) == (Operator.GE, 99, 99.5)
    assert (engine.agents, engine.period, engine.over, engine.combine) == (("availability-probe",), 1, Over.MEAN, Combine.PRODUCT)
    assert engine.window == Window(length=30, step=1, late=1, fewest=3, confirm=3, recover=3, max_age=30)
    assert engine.controls == ("CP-10", "SC-5")
    scan = found["tsm-engine/m13-scanning-frequency-basic-scan"]
    assert (scan.over, scan.agents, scan.period) == (Over.LAST, ("vulnerability-scanner",), 0)
    assert scan.window == Window(length=172800, step=1, late=1, fewest=1, confirm=1, recover=1, max_age=172800)


def test_a_window_holds_the_fewest_samples_and_is_looked_at_at_most_sixty_times(catalogs: Catalogs) -> None:
    found = _objectives("shop", catalogs, RuntimeSettings(period=60, window=30))["web/availability"]
    assert (found.window.length, found.window.step) == (240, 60)
    found = _objectives("shop", catalogs, RuntimeSettings(period=1, window=3600))["web/availability"]
    assert (found.window.length, found.window.step) == (3600, 60)


def test_a_metric_that_does_not_apply_here_by_the_facts_of_the_model_is_void(catalogs: Catalogs) -> None:
    whole, parts, plan = _documents("shop")
    facts: dict[ComponentId, Facts] = {
        ComponentId("web"): {"kind": frozenset({"mobile-client"}), "role": frozenset({"component"})}
    }
    found = {each.id: each for each in objectives(whole, parts, plan, catalogs, RuntimeSettings(), facts)}
    assert found["web/availability"].void == "Availability does not apply to a component of kind mobile-client"
    assert found["orders/availability"].void == ""


def test_a_bound_on_a_metric_that_no_catalog_has_is_watched_by_what_it_says_itself(catalogs: Catalogs) -> None:
    _, parts, plan = _documents("shop")
    slo = Slo(metric=MetricId("home-made"), operator=Operator.LE, bound=3, unit="ms")
    whole = Sla(id="x", application="x", name="x", framework="", terms=(), slos=(slo,))
    found = {each.id: each for each in objectives(whole, parts, plan, catalogs, RuntimeSettings())}["x/home-made"]
    assert (found.combine, found.over, found.members) == (Combine.MAX, Over.MEAN, ())


def test_advice_comes_from_the_catalog(catalogs: Catalogs) -> None:
    _, _, plan = _documents("smart-mobility")
    around = surroundings(plan)
    found = advice(_objectives("smart-mobility", catalogs).values(), around, catalogs)
    assert found[ComponentId("tsm-engine"), "availability"] == (
        "redundancy: run tsm-engine in more than one copy, for copies stand in for one another; or put agent backup beside "
        "tsm-engine: it grants CP-10 (the faster the recovery, the less is lost)"
    )
    assert found[ComponentId("tsm-engine"), "vulnerability-measure"] == "see how vulnerability-scanner works there"


def test_surroundings_tell_where_components_are_and_whom_they_use() -> None:
    _, _, plan = _documents("smart-mobility")
    around = surroundings(plan)
    assert around.machine["tsm-engine"] == "engine-machine"  # type: ignore[index]
    assert around.uses["mobile-gateway"] == ("identity-manager", "tsm-engine")  # type: ignore[index]
    assert around.on()["engine-machine"] == ("mobile-gateway", "tsm-engine")  # type: ignore[index]
