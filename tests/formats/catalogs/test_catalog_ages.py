"""How old catalogs may be, and what contradicts: told by `musa catalog check`."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from musa_pipeline.domain.control import Baseline
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs import check_ages
from musa_pipeline.formats.catalogs.contradictions import check_contradictions
from tests.command import musa
from tests.files.test_catalog_files import CATALOGS, FILES
from tests.support import ROOT

SHIPPED = {"catalogs/reviewed.yaml": (ROOT / "catalogs/reviewed.yaml").read_text("utf-8")}
ONE = {"catalogs/kinds/x.yaml": ""}
EMPTY = replace(CATALOGS, agents=(), providers=())


def told(reviews: dict[str, str], today: date, files: dict[str, str] | None = None) -> list[str]:
    problems = Problems()
    check_ages(CATALOGS if files is None else EMPTY, FILES if files is None else files, reviews, today, problems)
    return [f"{each}" + (f" | {each.help}" if each.help else "") for each in problems]


def test_what_is_shipped_is_fresh_today_and_not_for_ever() -> None:
    day = date(2026, 11, 22)
    assert told(SHIPPED, day) == []
    old = told(SHIPPED, day + timedelta(days=401))
    assert any("C015]: the catalog 'threats' was held against its sources on 2026-11-22, 401 days ago" in each for each in old)
    assert any("C015]: the source of provider 'aws' was read on" in each for each in old)
    assert any("C015]: the source of the rates was read on" in each for each in old)
    assert not any("'kinds'" in each for each in old)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("kinds: {date: 2026-01-01, days: 30, because: x}", "r.yaml:1:15: error[C015]: the catalog 'kinds' was held against its sources on 2026-01-01, 31 days ago | look again, mend what has changed, and set the date; at most 30 days may pass"),
        ("kinds: {date: 2026-03-01, days: 30, because: x}", "r.yaml:1:15: warning[C015]: the catalog 'kinds' was held against its sources on 2026-03-01, a day still to come | today is 2026-02-01 here"),
        ("kinds: {date: soon, days: 30, because: x}", "r.yaml:1:15: error[C001]: 'soon' is no day, as in 2026-11-22"),
        ("kinds: {date: 2026-01-01, because: x}", "r.yaml:1:8: error[C001]: 'days' is missing | add days: the most days until it is looked through again"),
        ("kinds: {date: 2026-01-01, days: 0, because: x}", "r.yaml:1:33: error[C001]: 'days' must be a whole number from 1 upwards"),
        ("kinds: often", "r.yaml:1:8: error[C001]: 'kinds' must say date, days and because"),
        ("kinder: {date: 2026-01-31, days: 3, because: x}", "r.yaml:1:1: error[C002]: key 'kinder' means nothing here | did you mean 'kinds'?"),
        ("[]", "r.yaml:1:1: error[C001]: this file must say of each catalog date and days"),
    ],
)  # fmt: skip
def test_a_stale_or_a_missing_date_is_told(text: str, sentence: str) -> None:
    assert sentence in told({"r.yaml": text}, date(2026, 2, 1), ONE)


def test_a_catalog_without_a_date_is_told() -> None:
    assert told({}, date(2026, 2, 1), ONE) == [
        "catalogs/reviewed.yaml:1:1: error[C001]: catalog 'kinds' has no date | add kinds: {date: 2026-02-01, days: 400, because: ...}"
    ]


def test_a_repository_s_own_date_counts(tmp_path: Path) -> None:
    (tmp_path / "catalogs").mkdir()
    (tmp_path / "musa.yaml").write_text("{}\n")
    (tmp_path / "catalogs/reviewed.yaml").write_text("threats: {date: 2027-11-01, days: 400, because: looked again}\n")
    done = musa("catalog", "check", "--as-of", "2028-01-05", cwd=tmp_path)
    assert done.returncode == 2
    assert "'threats'" not in done.stderr and "provider 'aws'" in done.stderr
    assert musa("catalog", "check", "--as-of", "2026-11-22", cwd=tmp_path).returncode == 0
    assert musa("catalog", "check", "--as-of", "tomorrow", cwd=tmp_path).returncode == 2


def contradictions(catalogs: object) -> list[str]:
    problems = Problems()
    check_contradictions(catalogs, problems)  # type: ignore[arg-type]
    return [each.text for each in problems]


def test_a_control_catalog_that_contradicts_itself_is_told() -> None:
    first, second, *rest = CATALOGS.controls.controls
    wrong = replace(first, withdrawn=True, baselines=frozenset({Baseline.LOW}), related=(ControlId("ZZ-1"),))
    moved = replace(second, moved_to=(first.id,))
    found = replace(CATALOGS, controls=replace(CATALOGS.controls, controls=(wrong, moved, moved, *rest)))
    assert contradictions(CATALOGS) == []
    assert set(contradictions(found)) == {
        "control 'AC-1' names 'ZZ-1', which the catalog does not have",
        "control 'AC-1' is withdrawn and in baseline low",
        "control 'AC-2' is in force and moved to AC-1",
        "a second control 'AC-2'",
    }


def test_an_agent_that_grants_what_no_component_is_asked_for_is_told() -> None:
    silent = replace(CATALOGS, scopes=tuple(replace(each, borne=()) for each in CATALOGS.scopes))
    assert (
        "agent 'vulnerability-scanner' grants RA-5, which is the organisation's own: no component is asked for it"
        in contradictions(silent)
    )


def test_a_wrong_control_catalog_fails_the_check(tmp_path: Path) -> None:
    facts = json.loads((ROOT / "catalogs/controls/nist-800-53-r5.json").read_text())
    facts["controls"][0]["moved_to"] = ["AC-2"]
    (tmp_path / "catalogs/controls").mkdir(parents=True)
    (tmp_path / "musa.yaml").write_text("{}\n")
    (tmp_path / "catalogs/controls/nist-800-53-r5.json").write_text(json.dumps(facts))
    done = musa("catalog", "check", cwd=tmp_path)
    assert (done.returncode, "'AC-1' is in force and moved to AC-2" in done.stderr) == (2, True)
