"""Who measures a metric, which controls it shows how well, and what `musa catalog check` says of those that are left."""

import json
from pathlib import Path

import pytest

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.metric import Grade, Measured, Measurer, MetricLink
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs import check_catalogs, coverage_of, read_catalogs, report_coverage
from tests.command import musa
from tests.formats.catalogs.test_catalog_mistakes import AGENT, CONTROLS, METRIC
from tests.support import ROOT

SCHEMAS = {each.name: each.read_text("utf-8") for each in (ROOT / "catalogs/schemas").glob("*.json")}


def read(more: str, others: dict[str, str] | None = None) -> tuple[Catalogs, list[str]]:
    problems = Problems()
    files = {**CONTROLS, "catalogs/metrics/hours.yaml": METRIC + more, **(others or {})}
    found = read_catalogs(files, problems)
    return found, [f"{each} | {each.help}" for each in problems]


def test_a_link_has_its_grade_and_one_that_nobody_graded_is_indirect() -> None:
    found, wrong = read("controls: {SC-5: {because: b}, SC-8: {grade: direct, because: a}}\n")
    assert (wrong, found.metrics[0].controls) == (
        [],
        (
            MetricLink(control=ControlId("SC-5"), because="b", grade=Grade.INDIRECT),
            MetricLink(control=ControlId("SC-8"), because="a", grade=Grade.DIRECT),
        ),
    )


def test_targets_and_measurers_are_read_in_one_order() -> None:
    found, wrong = read(
        "target: [{isIn: [a, 1.2]}, {'==': true}]\nmeasured_by: {auditor: reads, scanner: looks}\nbecause: so\nuuid: u\n"
    )
    metric = found.metrics[0]
    assert (wrong, metric.target, metric.because, metric.uuid) == ([], ("isIn a, 1.2", "== true"), "so", "u")
    assert metric.measured_by == (Measured(by=Measurer.SCANNER, how="looks"), Measured(by=Measurer.AUDITOR, how="reads"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("controls: {SC-5: {grade: dirct}}", "hours.yaml:9:26: error[C014]: 'grade' cannot be 'dirct' | did you mean 'direct'?"),
        ("measured_by: {providr: x}", "hours.yaml:9:15: error[C014]: 'providr' is nobody who measures | did you mean 'provider'?"),
        ("measured_by: {ha: x}", "hours.yaml:9:15: error[C014]: 'ha' is nobody who measures | one of provider, scanner, auditor; what an agent measures stands in its own file"),
        ("measured_by: {provider: }", "hours.yaml:9:25: error[C001]: what stands under 'provider' must say by what it is measured | "),
        ("measured_by: {provider: [x]}", "hours.yaml:9:25: error[C001]: what stands under 'provider' must say by what it is measured | "),
        ("measured_by: provider", "hours.yaml:9:14: error[C001]: 'measured_by' must be a mapping of names to what is said of each | "),
        ("target: 35", "hours.yaml:9:9: error[C001]: 'target' must say what the source compares with, as in {isIn: [a, b]} | "),
        ("target: {'<': 1, '>': 2}", "hours.yaml:9:9: error[C001]: 'target' must say what the source compares with, as in {isIn: [a, b]} | "),
        ("target: {isin: [a]}", "hours.yaml:9:9: error[C014]: 'target' cannot compare by 'isin' | did you mean 'isIn'?"),
        ("target: {isIn: []}", "hours.yaml:9:16: error[C001]: what stands under 'isIn' must be a value or a list of values | "),
        ("target: {isIn: [[a]]}", "hours.yaml:9:16: error[C001]: what stands under 'isIn' must be a value or a list of values | "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_a_way_out(text: str, said: str) -> None:
    assert read(text)[1] == [f"catalogs/metrics/{said}"]


def told(more: str, others: dict[str, str] | None = None) -> list[str]:
    problems = Problems()
    report_coverage(coverage_of(read(more, others)[0]), problems)
    return [str(each).removeprefix("catalogs/metrics/hours.yaml:1:1: ") for each in problems]


def test_a_metric_that_nobody_measures_or_links_is_a_note() -> None:
    nobody, none = "note[C016]: nobody measures 'hours'", "note[C017]: metric 'hours' is linked to no control"
    assert told("") == [nobody, none]
    assert told("measured_by: {scanner: x}") == [none]
    assert told("", {"catalogs/agents/a.yaml": AGENT + "measures: [hours]"}) == [none]
    assert told("controls: {SC-5: {because: x}}") == [nobody]
    assert told("measured_by: {scanner: x}\ncontrols: {SC-5: {}}") == [
        "note[C018]: metric 'hours' does not say how it shows SC-5"
    ]


def test_the_schema_agrees_with_the_reader() -> None:
    problems = Problems()
    more = "target: {isIn: []}\nmeasured_by: {}\ncontrols: {SC-5: {grade: some}}\nuuid: X\nreference: x\n"
    check_catalogs({**CONTROLS, "catalogs/metrics/hours.yaml": METRIC + more}, SCHEMAS, problems)
    assert [(each.at.line, each.code) for each in problems] == [(9, "C001"), (10, "C012"), (11, "C014"), (12, "C012")]


def test_check_names_them_and_only_strict_makes_them_count(tmp_path: Path) -> None:
    done = musa("catalog", "check", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert "metrics: 9 measured by agents of the catalog, " in lines[1]
    assert lines[3].startswith("  measured by nobody: ") and "m17-write-serializability" in lines[3]
    assert lines[4].startswith("  linked to no control: ") and "t1-coherence-time" in lines[4]
    strict = musa("catalog", "check", "--strict", cwd=tmp_path)
    assert (strict.returncode, strict.stdout) == (1, done.stdout)
    assert "note[C016]: nobody measures 'm17-write-serializability'" in strict.stderr


def test_show_finds_a_metric_by_each_of_its_names_and_tells_grade_reason_and_measurer(tmp_path: Path) -> None:
    by_id, by_name, by_uuid = (
        musa("catalog", "show", name, cwd=tmp_path).stdout
        for name in ("os-logging-retention", "OSLoggingRetention", "ede364e8-6dc0-4774-af00-bfd57445f35c")
    )
    assert by_id == by_name == by_uuid
    rows = [line.split(maxsplit=1) for line in by_id.splitlines()]
    said = " ".join(part for row in rows for part in row)
    assert "bound ≥ 35 d" in " ".join(said.split())
    assert "shows AU-11 direct: how long records are kept is the control's own parameter" in " ".join(said.split())
    assert "measured by provider its interface tells how long records are kept" in " ".join(said.split())
    control = musa("catalog", "show", "AU-11", cwd=tmp_path).stdout
    assert "boot-logging-retention (direct), os-logging-retention (direct)" in control
    assert (
        json.loads(musa("catalog", "list", "metrics", "--format", "json", cwd=tmp_path).stdout)[0]["id"] == "access-control-type"
    )
