"""`musa risk` leads with what answers most, and tells what is exposed, what is left, and where data must stay."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.command import musa


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("risk")


@cache
def said(out: Path, *words: str) -> str:
    done = musa("risk", *words, "-o", out)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def controls(text: str, component: str) -> list[str]:
    """The controls of a component in the order in which they are shown."""
    _, _, below = text.partition("of each component, those that answer most first")
    line = re.findall(rf"^  {component} +(\S.*)$", below, re.MULTILINE)[0]
    return [each.rstrip("!*") for each in line.split(", ")]


@pytest.mark.parametrize(
    ("model", "component", "first"),
    [
        ("smart-mobility", "tsm-engine", ("SC-5", "RA-5", "IA-5", "SC-23", "SI-4")),
        ("flight-scheduling", "plans", ("SC-28", "SC-8", "AC-3")),
    ],
)
def test_the_controls_of_the_paper_are_among_the_first_third(
    model: str, component: str, first: tuple[str, ...], out: Path
) -> None:
    order = controls(said(out, model), component)
    assert {each: order.index(each) for each in first if order.index(each) >= len(order) / 3} == {}


def test_the_database_of_flights_must_stay_where_its_data_are_protected(out: Path) -> None:
    text = said(out, "flight-scheduling")
    _, _, below = text.partition("where data must stay")
    assert re.search(r"^  plans +only in EU +.*personal.* SA-9\(5\) called for by its risks$", below, re.MULTILINE)


def test_the_way_from_the_internet_is_shown(out: Path) -> None:
    assert re.search(r"^  citizens-data +internet → tsm-engine → citizens-data  ", said(out, "smart-mobility"), re.MULTILINE)


def test_what_is_left_is_shown_before_and_after_and_as_the_very_file(out: Path) -> None:
    text = said(out, "smart-mobility", "--residual")
    found: dict[str, Any] = json.loads(said(out, "smart-mobility", "--residual", "--format", "json"))
    assert found == json.loads((out / "sla/smart-mobility/residual.json").read_text())
    over = [each for each in found["risks"] if each["rating"] in ("high", "critical")]
    assert f"{len(over)} over appetite" in text and found["whole"]["over"] == len(over)
    assert re.search(r"^  medium +critical +citizens-data +Data Breaches .* mitigated +AC-3, SC-28", text, re.MULTILINE)
    risks = json.loads((out / "sla/smart-mobility/risk.json").read_text())["risks"]
    assert {(each["component"], each["threat"]) for each in found["risks"]} == {
        (each["component"], each["threat"]) for each in risks
    }


@pytest.mark.parametrize("view", ["component", "stride", "threat"])
@pytest.mark.parametrize("left", [(), ("--residual",)])
def test_taken_together_every_risk_is_counted_once(view: str, left: tuple[str, ...], out: Path) -> None:
    risks = json.loads(said(out, "smart-mobility", "--format", "json"))["risks"]
    rows = said(out, "smart-mobility", "--by", view, *left).splitlines()[2:]
    groups = {each["stride" if view == "stride" else view] for each in risks}
    assert len(rows) == len(groups)


@pytest.mark.parametrize("left", [(), ("--residual",)])
def test_the_matrix_counts_every_risk_once(left: tuple[str, ...], out: Path) -> None:
    risks = json.loads(said(out, "smart-mobility", "--format", "json"))["risks"]
    cells = re.findall(r"(\d+) (?:very low|low|medium|high|critical)", said(out, "smart-mobility", "--by", "matrix", *left))
    assert len(cells) == 9 and sum(map(int, cells)) == len(risks)


def test_of_a_large_model_the_worst_risks_are_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    nodes = "".join(f"    w{each}: {{type: musa.nodes.WebApplication, properties: {{exposed: true}}}}\n" for each in range(20))
    head = "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [musa.yaml]\ntopology_template:\n  node_templates:\n"
    (tmp_path / "wide.yaml").write_text(head + nodes)
    for flags in ((), ("--residual",)):
        said = musa("risk", tmp_path / "wide.yaml", "-o", tmp_path / "out", *flags).stdout
        (rest,) = re.findall(r"… and (\d+) more: musa risk \S+ .*--by component", said)
        assert said.count("Injection") == 20
        assert int(rest) > 20
