"""A dashboard that Grafana can load: ids once, nothing over anything else, every query one that Prometheus parses."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Operator, Slo
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.grafana import write_dashboard
from musa_pipeline.stages.export import Subject, of_document
from tests.support import ROOT, need

APPLICATIONS = ("shop", "smart-mobility", "flight-scheduling")
SLO = Slo(metric=MetricId("availability"), operator=Operator.GE, bound=99, unit="%", alert=99.5)
WEB = Sla(id="shop/web", application="shop", name="web", framework="", terms=(), component=ComponentId("web"), slos=(SLO,))


def subject(application: str) -> Subject:
    return of_document(ROOT / f"sla/{application}/sla.xml", application, Problems())


def dashboard(of: Subject) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_dashboard(of.label, (of.whole, *of.parts), of.catalogs.metric))
    return found


def levels(found: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Yield the panels that are seen together: those of the page, and of each folded row with it opened."""
    yield found["panels"]
    yield from (each["panels"] for each in found["panels"] if each.get("panels"))


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    across = one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
    return across and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]


@pytest.mark.parametrize("application", APPLICATIONS)
def test_it_has_the_shape_that_grafana_loads(application: str) -> None:
    found = dashboard(subject(application))
    assert (found["schemaVersion"], len(found["uid"]) <= 40) == (42, True)
    names = {each["name"] for each in found["templating"]["list"]}
    ids = [each["id"] for level in levels(found) for each in level]
    assert sorted(ids) == list(range(1, len(ids) + 1))
    for level in levels(found):
        for each in level:
            assert 0 <= each["gridPos"]["x"] <= 24 - each["gridPos"]["w"]
            for target in each.get("targets", ()):
                assert target["datasource"]["uid"].strip("${}") in names
        assert not any(overlap(one["gridPos"], other["gridPos"]) for one, other in combinations(level, 2))


@pytest.mark.parametrize("application", APPLICATIONS)
def test_every_service_level_has_its_panel(application: str) -> None:
    of = subject(application)
    shown = {target["expr"] for level in levels(dashboard(of)) for each in level for target in each.get("targets", ())}
    wanted = {(each.component or "", slo.metric) for each in (of.whole, *of.parts) for slo in each.slos}
    for component, metric in wanted:
        assert f'musa_promise_value{{application="{application}",component="{component}",metric="{metric}"}}' in shown


def test_prometheus_parses_every_query(tmp_path: Path) -> None:
    need("promtool")
    hostile = replace(WEB, name='"}', component=ComponentId('a"} or vector(1) \\\n'))
    found = [dashboard(subject("flight-scheduling")), json.loads(write_dashboard('"', [WEB, hostile], {}))]
    queries = {t["expr"] for board in found for level in levels(board) for each in level for t in each.get("targets", ())}
    rules = [{"record": f"r{number}", "expr": each} for number, each in enumerate(sorted(queries))]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", tmp_path / "rules.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("operator", "alert", "bands"),
    [
        (Operator.GE, 99.5, [("red", None), ("orange", 99.0), ("green", 99.5)]),
        (Operator.GE, None, [("red", None), ("green", 99.0)]),
        (Operator.LE, 90, [("green", None), ("orange", 90.0), ("red", 99.0)]),
        (Operator.EQ, None, [("green", None)]),
    ],
)
def test_bounds_are_bands_from_bad_to_good(
    operator: Operator, alert: float | None, bands: list[tuple[str, float | None]]
) -> None:
    slo = replace(SLO, operator=operator, alert=alert)
    panels = json.loads(write_dashboard("shop", [replace(WEB, slos=(slo,))], {}))["panels"]
    steps = panels[-1]["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [(each["color"], each["value"]) for each in steps] == bands
