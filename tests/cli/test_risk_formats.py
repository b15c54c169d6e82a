"""`musa risk` for other readers: the report, SARIF, pictures and attack paths, with what goes together and what does not."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from musa_pipeline.cli.main import musa as command
from musa_pipeline.cli.outlet import Outlet
from tests.support import ROOT


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


def risk(out: Path, *words: str, model: str = "shop") -> Result:
    arguments = ["--color", "never", "-q", "risk", str(ROOT / "models" / model), "-o", str(out), *words]
    return CliRunner().invoke(command, arguments, obj=Outlet())


def test_paths_are_a_list_with_each_hop_and_say_what_is_not_reached(out: Path) -> None:
    text = risk(out, "--paths", model="flight-scheduling").stdout
    head, names, first, *rest = text.splitlines()
    assert head == "flight-scheduling · attack paths"
    assert names.split() == ["rating", "likelihood", "impact", "data", "way"]
    assert first.startswith("  high") and "internet → gateway (" in first
    assert any("→ plans (" in each for each in rest)
    assert "  no way is shown to optimiser" in rest


def test_the_formats_are_what_they_are_called(out: Path) -> None:
    assert risk(out, "--format", "markdown").stdout.startswith("# Risks of shop\n")
    for picture in (["--by", "matrix"], ["--paths"]):
        assert ET.fromstring(risk(out, *picture, "--format", "svg").stdout).tag == "{http://www.w3.org/2000/svg}svg"
    results = json.loads(risk(out, "--format", "sarif").stdout)["runs"][0]["results"]
    place = next(each["locations"][0]["physicalLocation"] for each in results if "web" in each["message"]["text"])
    assert place == {
        "artifactLocation": {"uri": "models/shop/shop.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 6, "startColumn": 5, "endColumn": 8},
    }


def test_what_controls_leave_is_in_all_that_can_say_it(out: Path) -> None:
    assert "| left | state |" in risk(out, "--residual", "--format", "markdown").stdout
    assert "with the granted controls" in risk(out, "--residual", "--by", "matrix", "--format", "svg").stdout
    results = json.loads(risk(out, "--residual", "--format", "sarif").stdout)["runs"][0]["results"]
    assert all(each["properties"]["state"] for each in results)


def test_the_same_model_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    for words in (
        ["--format", "markdown"],
        ["--format", "sarif"],
        ["--by", "matrix", "--format", "svg"],
        ["--paths", "--format", "svg"],
    ):
        assert risk(out, *words).stdout == risk(tmp_path, *words).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--paths", "--format", "json"], "--paths: there is no json, only table, svg"),
        (["--by", "stride", "--format", "json"], "--by: there is no json, only table"),
        (
            ["--format", "svg"],
            "the risks: there is no svg, only table, json, markdown, sarif, otm; pictures are drawn of --paths and of --by matrix",
        ),
        (["--residual", "--format", "otm"], "--residual: there is no otm, only table, json, markdown, sarif"),
        (["--ask", "--format", "json"], "--ask: there is no json, only table"),
        (["--paths", "--residual"], "--paths and --residual are views of their own; choose one"),
        (["--measured", "scan.sarif", "--cover"], "--measured and --cover are views of their own; choose one"),
        (["--dry-run", "--questions"], "--dry-run goes with --measured"),
        (["--component", "web"], "--component goes with --ask or --measured"),
        (["--method", "musa-2016", "--format", "sarif"], "the ranking of musa-2016 is a table or JSON, without other views"),
        (["--method", "musa-2016", "--paths"], "the ranking of musa-2016 is a table or JSON, without other views"),
    ],
)
def test_what_does_not_go_together_is_told(out: Path, words: list[str], told: str) -> None:
    done = risk(out, *words)
    assert (done.exit_code, done.output.splitlines()[-1]) == (2, f"Error: {told}")


def test_a_model_that_says_nothing_of_exposure_has_no_path_and_is_told_why(out: Path, tmp_path: Path) -> None:
    model = (ROOT / "models/shop/shop.yaml").read_text().replace("exposed: true, ", "")
    (tmp_path / "shop.yaml").write_text(model.replace("imports: [musa.yaml]", f"imports: [{ROOT}/catalogs/tosca/musa.yaml]"))
    done = CliRunner().invoke(command, ["-q", "risk", str(tmp_path / "shop.yaml"), "-o", str(out / "x"), "--paths"], obj=Outlet())
    assert "none: the model says of no component that it is exposed, or stands in a public zone" in done.output
