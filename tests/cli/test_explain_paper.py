"""The paper's engine of journeys, explained: threats, factors, who grants which control by which rule, and the service levels of its SLA.

Nothing but the model and its answers names that component: what is proven here follows from the data.
"""

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from tests.command import musa
from tests.support import ROOT

MODEL = "models/smart-mobility"
COMPONENT = "tsm-engine"
CONTROLS = ("SC-5", "RA-5", "IA-5", "SC-23", "SI-4")
FACTORS = [
    *("skill", "motive", "opportunity", "size", "discovery", "exploit", "awareness", "detection"),
    *("confidentiality", "integrity", "availability", "accountability"),
    *("financial", "reputation", "non-compliance", "privacy"),
]
LEVELS = {
    "availability": ("geq", 99.0),
    "vulnerability-measure": ("geq", 0.0),
    "risk-assessment-vulnerability-measure": ("geq", 0.0),
    "m13-scanning-frequency-basic-scan": ("leq", 24.0),
    "m22-scanning-frequency-extended-scan": ("leq", 24.0),
    "m23-up-report-frequency": ("leq", 24.0),
    "resilience-to-attacks": ("eq", "yes"),
}
"""Operator of each service level, and the weakest bound that still counts as promised."""

SPECS = "{http://www.specs-project.eu/resources/schemas/xml/SLAtemplate}"
PLACE = re.compile(r"(?:catalogs|models)/[\w./-]+\.\w+:\d+:\d+")
NAMED = re.compile(r"\bTSM|tsm-?engine", re.IGNORECASE)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explained")


@cache
def explained(control: str, out: Path) -> dict[str, Any]:
    done = musa("explain", MODEL, COMPONENT, control, "--format", "json", "-o", out)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def leaves(proof: dict[str, Any]) -> list[dict[str, Any]]:
    return [leaf for each in proof["beneath"] for leaf in leaves(each)] if proof["beneath"] else [proof]


def there(place: str) -> bool:
    """Tell whether a place is a line of a file of this repository."""
    path, line, _ = place.split(":")
    return int(line) <= len((ROOT / path).read_text("utf-8").splitlines())


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_of_the_paper_is_explained_down_to_the_catalog_rows(control: str, out: Path) -> None:
    found = explained(control, out)
    assert (found["component"], found["control"], found["granted"], found["remedies"]) == (COMPONENT, control, True, [])
    assert found["required"]["score"] in range(1, 10)
    assert found["risks"]
    assert {each["threat"] for each in found["risks"]} == set(found["required"]["threats"])
    for risk in found["risks"]:
        assert [factor["name"] for factor in risk["factors"]] == FACTORS
        for factor in risk["factors"]:
            assert factor["value"] in range(10)
            assert factor["because"], (risk["threat"], factor)
            assert there(factor["at"]), factor
    proof = found["proof"]
    assert (proof["holds"], proof["claim"]) == (True, f"{control} is granted to {COMPONENT}")
    assert "specific" in proof["rule"] or "common" in proof["rule"]
    granting = [leaf for leaf in leaves(proof) if leaf["rule"] in ("implements", "protects", "host")]
    assert granting
    for leaf in leaves(proof):
        assert (leaf["holds"], bool(leaf["claim"]), bool(leaf["rule"])) == (True, True, True), leaf
    for leaf in granting:
        assert leaf["rule"] == "host" or leaf["claim"].startswith((COMPONENT, "agent ")), leaf
        assert there(leaf["at"]), leaf


@pytest.mark.parametrize("control", CONTROLS)
def test_people_read_threats_factors_catalog_rows_and_who_grants_it(control: str, out: Path) -> None:
    done = musa("explain", MODEL, COMPONENT, control, "-o", out)
    assert done.returncode == 0, done.stdout + done.stderr
    told = explained(control, out)
    required, _, granted = done.stdout.partition("\ngranted, because")
    assert required.splitlines()[0] == f"{control} {told['title']} · {COMPONENT} · granted"
    assert required.count(f" {control} answers it, from score ") == len(told["risks"])
    for risk in told["risks"]:
        assert re.search(rf"\(likelihood .*\)  catalogs/threats/{risk['threat']}\.yaml:1:1$", required, re.MULTILINE)
        for factor in risk["factors"]:
            before = factor.get("before", factor["value"])
            moved = "" if before == factor["value"] else f"{before} → "
            assert f"{factor['name']} {moved}{factor['value']}: {factor['because']}  {factor['at']}" in required
            for each in factor.get("moves", ()):
                assert each["because"] in required
                assert there(each["at"]) and each["path"][-1] in (risk["component"], *each["path"][:1]), each
    for leaf in leaves(told["proof"]):
        assert f"✓ {leaf['claim']} [{leaf['rule']}]" in granted
    assert PLACE.search(granted)


def test_its_agreement_promises_the_controls_and_the_service_levels_of_the_paper(out: Path) -> None:
    assert musa("explain", MODEL, COMPONENT, CONTROLS[0], "-o", out).returncode == 0
    document = etree.parse(str(out / f"sla/smart-mobility/sla/{COMPONENT}.xml"))
    promised = {each.get("id") for each in document.iter(f"{SPECS}NISTsecurityControl")}
    assert {f"NIST_{control.replace('-', '_')}" for control in CONTROLS} <= promised
    levels = {}
    for each in document.iter(f"{SPECS}SLO"):
        operator, operand = each.findtext(f".//{SPECS}operator"), each.findtext(f".//{SPECS}operand")
        assert operator is not None and operand is not None
        levels[each.findtext(f"{SPECS}MetricREF")] = (operator, operand)
    assert LEVELS.keys() <= levels.keys()
    for metric, (operator, weakest) in LEVELS.items():
        compare, bound = levels[metric]
        assert compare == operator, metric
        if isinstance(weakest, str):
            assert bound == weakest
        else:
            assert float(bound) <= weakest if operator == "leq" else float(bound) >= weakest, (metric, bound)


def test_no_code_and_no_row_of_a_catalog_names_the_component() -> None:
    """Texts that only cite are free: a docstring's example, the clause of a source."""
    code = {path.relative_to(ROOT).as_posix(): _code(path) for path in (ROOT / "musa_pipeline").rglob("*.py")}
    rows = {
        path.relative_to(ROOT).as_posix(): _uncited([*yaml.safe_load_all(path.read_text("utf-8"))])
        for path in (ROOT / "catalogs").rglob("*.yaml")
    }
    assert len(code) > 50 and len(rows) > 50
    assert [name for name, text in (code | rows).items() if NAMED.search(text)] == []


def _code(path: Path) -> str:
    tree = ast.parse(path.read_text("utf-8"))
    for each in ast.walk(tree):
        if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(each):
            each.body[0] = ast.Pass()
    return ast.unparse(tree)


def _uncited(value: object) -> str:
    match value:
        case dict():
            return "\n".join(f"{key}\n{_uncited(inner)}" for key, inner in value.items() if key != "source")
        case list():
            return "\n".join(_uncited(each) for each in value)
        case _:
            return str(value)
