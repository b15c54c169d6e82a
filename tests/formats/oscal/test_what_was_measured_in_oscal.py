"""Assessment results with what the platform saw: broken promises are findings, and a file that is something else is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from musa_pipeline.assurance.board import Board, PromiseRow
from musa_pipeline.cli.render.status import status_json
from musa_pipeline.domain.verdict import State
from musa_pipeline.formats.oscal.results import write_results
from musa_pipeline.formats.oscal.watched import read_watched
from musa_pipeline.stages.export import of_application
from musa_pipeline.stages.exports.oscal import system
from musa_pipeline.stages.pipeline import run
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.command import musa
from tests.formats.oscal.structure import broken, identities
from tests.support import ROOT

ROW = PromiseRow(
    id="slo/web/availability",
    component="web",
    metric="availability",
    operator="geq",
    bound=99.5,
    unit="%",
    state=State.VIOLATED,
    value=98.25,
    samples=240,
    confidence=1.0,
    last=1_795_000_000.0,
    reason="98.25 % is below 99.5 %",
    controls=("CP-10", "ZZ-1"),
)
WHOLE = replace(ROW, id="slo/availability", component="", state=State.FULFILLED, value=99.9, controls=())
BOARD = Board(
    application="shop",
    time=1_795_000_060.0,
    state=State.VIOLATED,
    promises=(ROW, WHOLE, ROW),
    incidents=(),
    actions=(),
    machines=(),
)


def test_a_broken_promise_is_a_finding_and_a_kept_one_proves_nothing(tmp_path: Path) -> None:
    work = Work(find(str(ROOT / "models/shop"), str(tmp_path)))
    for _ in run(work, "compose"):
        pass
    told = system(of_application(work, datetime(2026, 11, 22, tzinfo=UTC)))
    document = json.loads(write_results(told, read_watched(status_json(BOARD).encode())))
    assert broken(document) == []
    names = list(identities(document))
    assert len(names) == len(set(names))  # each result has a tool of its own
    measured = document["assessment-results"]["results"][1]
    assert [each["methods"] for each in measured["observations"]] == [["TEST"], ["TEST"]]
    assert measured["observations"][0]["description"] == "Violated: 98.25 % over 240 samples; 98.25 % is below 99.5 %."
    assert measured["observations"][1]["subjects"][0]["subject-uuid"] == told.itself
    assert [each["target"]["target-id"] for each in measured["findings"]] == ["cp-10_smt"]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"application": "shop"}',
        status_json(replace(BOARD, time=1e300)),
        status_json(BOARD).replace('"violated"', '"splendid"'),
    ],
)
def test_what_is_no_status_is_refused_with_a_reason(said: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_watched(said.encode())


def test_the_command_writes_the_day_it_is_told_and_refuses_what_cannot_be(tmp_path: Path) -> None:
    status, written = tmp_path / "status.json", tmp_path / "oscal-ar.json"
    status.write_text(status_json(BOARD))
    common = ["export", "models/shop", "--out", tmp_path / "out", "--as-of", "2026-11-22"]
    done = musa(*common, "--to", "oscal-ar", "--status", status, "-o", written)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(written.read_text())["assessment-results"]
    assert document["metadata"]["last-modified"] == "2026-11-22T00:00:00Z"
    assert len(document["results"]) == 2
    assert "oscal-ssp has no place for what is measured" in musa(*common, "--to", "oscal-ssp", "--status", status).stderr
    status.write_text(status_json(replace(BOARD, application="bank")))
    refused = musa(*common, "--to", "oscal-ar", "--status", status)
    assert (refused.returncode, "is the status of 'bank', not of shop" in refused.stderr) == (2, True)
