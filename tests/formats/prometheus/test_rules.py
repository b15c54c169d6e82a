"""Rules of Prometheus: promtool takes them, they fire when a bound breaks and not before, and names of a model are only names."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.prometheus import write_rules
from musa_pipeline.stages.export import Subject, of_document
from tests.support import ROOT, need

AVAILABILITY = Slo(
    metric=MetricId("availability"), operator=Operator.GE, bound=99, unit="%", weight=Weight.HIGH, alert=99.5, because="asked for"
)
WEB = Sla(
    id="shop/web", application="shop", name="web", framework="", terms=(), component=ComponentId("web"), slos=(AVAILABILITY,)
)
HOSTILE = '{{ query "up" | first }}"} or vector(1) \\'


@pytest.fixture(scope="module")
def shop() -> Subject:
    return of_document(ROOT / "sla/shop/sla.xml", "sla/shop/sla.xml", Problems())


def promtool(*arguments: str | Path, cwd: Path) -> str:
    need("promtool")
    done = subprocess.run(["promtool", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def alerts(text: str) -> dict[str, str]:
    return {each["alert"]: each["expr"] for group in yaml.safe_load(text)["groups"] for each in group["rules"] if "alert" in each}


def test_every_objective_of_every_sla_has_its_rules(shop: Subject) -> None:
    groups = yaml.safe_load(write_rules("shop", (shop.whole, *shop.parts), shop.catalogs.metric))["groups"]
    assert [each["name"] for each in groups] == ["musa/shop", "musa/shop/orders", "musa/shop/web"]
    for group, sla in zip(groups, (shop.whole, *shop.parts), strict=True):
        told = [each["alert"] for each in group["rules"] if "alert" in each]
        assert told.count("PromiseViolated") == told.count("PromiseUnproven") == len(sla.slos)
        assert told.count("PromiseAtRisk") == sum(each.alert is not None for each in sla.slos)


@pytest.mark.parametrize(
    ("operator", "broken"),
    [(Operator.GE, "<"), (Operator.LE, ">"), (Operator.GT, "<="), (Operator.LT, ">="), (Operator.EQ, "!=")],
)
def test_a_bound_breaks_on_its_other_side(operator: Operator, broken: str) -> None:
    text = write_rules("shop", [replace(WEB, slos=(replace(AVAILABILITY, operator=operator),))], {})
    assert alerts(text)["PromiseViolated"].endswith(f"}} {broken} 99")


def test_yes_is_one() -> None:
    slo = replace(AVAILABILITY, operator=Operator.EQ, bound=True, alert=None)
    found = alerts(write_rules("shop", [replace(WEB, slos=(slo,))], {}))
    assert found["PromiseViolated"].endswith("} != 1")
    assert "PromiseAtRisk" not in found


def test_promtool_takes_the_rules_of_the_case_studies(tmp_path: Path) -> None:
    for name in ("shop", "smart-mobility", "flight-scheduling"):
        found = of_document(ROOT / f"sla/{name}/sla.xml", name, Problems())
        (tmp_path / f"{name}.yaml").write_text(write_rules(found.label, (found.whole, *found.parts), found.catalogs.metric))
    said = promtool("check", "rules", *sorted(path.name for path in tmp_path.iterdir()), cwd=tmp_path)
    assert said.count("SUCCESS") == 3


def test_an_alert_fires_at_its_threshold_and_the_next_when_the_bound_breaks(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(write_rules("shop", [WEB], {}))
    labels = 'application="shop", component="web", metric="availability"'
    told = {"application": "shop", "component": "web", "metric": "availability", "weight": "high"}
    notes = {"description": "promised: >= 99 %, alert at 99.5 % (asked for).", "sla": "shop/web"}

    def expected(severity: str, what: str) -> list[dict[str, object]]:
        return [
            {"exp_labels": {**told, "severity": severity}, "exp_annotations": {**notes, "summary": f"availability of web {what}"}}
        ]

    def at(minute: int, alert: str, found: list[dict[str, object]]) -> dict[str, object]:
        return {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": found}

    test = {
        "interval": "1m",
        "input_series": [
            {"series": f"musa_promise_value{{{labels}}}", "values": "100 99.2 98.5 99.6"},
            {"series": f"musa_promise_evidence_timestamp_seconds{{{labels}}}", "values": "0+60x3 180x20"},
        ],
        "alert_rule_test": [
            at(0, "PromiseAtRisk", []),
            at(1, "PromiseAtRisk", expected("warning", "is at risk: 99.2 was measured")),
            at(1, "PromiseViolated", []),
            at(2, "PromiseAtRisk", []),
            at(2, "PromiseViolated", expected("critical", "is violated: 98.5 was measured")),
            at(3, "PromiseViolated", []),
            at(8, "PromiseUnproven", []),
            at(20, "PromiseUnproven", expected("warning", "is not proven: no evidence for 300 s")),
        ],
        "promql_expr_test": [
            {
                "expr": "musa:promise_kept:bool",
                "eval_time": "2m",
                "exp_samples": [{"labels": f"musa:promise_kept:bool{{{labels}}}", "value": 0}],
            }
        ],
    }
    (tmp_path / "test.yaml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]})
    )
    promtool("test", "rules", "test.yaml", cwd=tmp_path)


def test_names_of_a_model_are_neither_queries_nor_templates(tmp_path: Path) -> None:
    slo = replace(AVAILABILITY, metric=MetricId(HOSTILE), because=HOSTILE)
    sla = replace(WEB, name=HOSTILE, component=ComponentId(HOSTILE), slos=(slo,))
    text = write_rules(HOSTILE, [sla], {})
    (tmp_path / "rules.yaml").write_text(text)
    promtool("check", "rules", "rules.yaml", cwd=tmp_path)
    rule = next(each for each in yaml.safe_load(text)["groups"][0]["rules"] if each.get("alert") == "PromiseViolated")
    quoted = '"{{ query \\"up\\" | first }}\\"} or vector(1) \\\\"'
    assert rule["expr"] == f"musa_promise_value{{application={quoted},component={quoted},metric={quoted}}} < 99"
    assert "{{ query" not in rule["annotations"]["summary"].replace('{{"{{"}}', "")
    assert "{{ query" not in rule["labels"]["component"].replace('{{"{{"}}', "")
