"""`musa catalog diff`: what a new version of the control catalog changes, and for whom in the repository."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command import musa
from tests.support import ROOT, shared


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the results of one application."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here/musa.yaml").write_text("{}\n")
    shutil.copytree(ROOT / "sla/shop", tmp_path / "here/sla/shop")
    return tmp_path / "here"


def newer(path: Path) -> Path:
    """A version of tomorrow: SC-5 withdrawn into SC-7, SI-4 retitled, RA-5 of the system's level, one control more."""
    facts = json.loads((ROOT / "catalogs/controls/nist-800-53-r5.json").read_text())
    facts["version"] = "5.9.9"
    by_id = {each["id"]: each for each in facts["controls"]}
    by_id["SC-5"] = {"id": "SC-5", "title": by_id["SC-5"]["title"], "withdrawn": True, "moved_to": ["SC-7"]}
    by_id["SI-4"]["title"] = "Watching"
    by_id["RA-5"]["level"] = "both"
    by_id["ZZ-1"] = {"id": "ZZ-1", "title": "Something new", "level": "system"}
    facts["controls"] = list(by_id.values())
    path.write_text(json.dumps(facts))
    return path


def test_who_is_concerned_by_a_new_version_is_named(repository: Path, tmp_path: Path) -> None:
    done = musa("catalog", "diff", newer(tmp_path / "new.json"), "--format", "json", cwd=repository)
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert (found["before"]["version"], found["after"]["version"], found["not-compared"]) == ("5.2.0", "5.9.9", [])
    changes = {each["control"]: each for each in found["changes"]}
    assert [(name, each["change"]) for name, each in changes.items()] == [
        ("SC-5", "withdrawn"),
        ("ZZ-1", "added"),
        ("RA-5", "implemented by"),
        ("SI-4", "title"),
    ]
    flood = changes["SC-5"]
    assert flood["successors"] == ["SC-7"]
    assert flood["components"] == ["shop/orders", "shop/web"]
    assert {"sla/shop/sla.xml", "sla/shop/slat/web.xml"} <= set(flood["documents"])
    assert {"threats/denial-of-service", "agents/packet-filter", "scopes/denial-of-service"} <= set(flood["entries"])
    assert (changes["RA-5"]["before"], changes["RA-5"]["after"]) == ("organization", "both")
    assert changes["ZZ-1"]["components"] == changes["ZZ-1"]["entries"] == []


def test_the_table_names_what_concerns_somebody_and_counts_the_rest(repository: Path, tmp_path: Path) -> None:
    file = newer(tmp_path / "new.json")
    told = musa("catalog", "diff", file, cwd=repository).stdout
    assert told.splitlines()[0] == "NIST SP 800-53 revision 5 5.2.0 → NIST SP 800-53 revision 5 5.9.9"
    assert "Denial-of-service Protection → SC-7" in told and "2 components: shop/orders, shop/web" in told
    assert "added: 1, none concerns anything here" in told and "Something new" not in told
    assert "Something new" in musa("catalog", "diff", file, "--all", cwd=repository).stdout


def test_the_same_catalog_changes_nothing(repository: Path) -> None:
    official = shared("controls/nist") / "NIST_SP-800-53_rev5.2.0_catalog.json"
    done = musa("catalog", "diff", official, cwd=repository)
    assert done.returncode == 0
    assert "  nothing changes\n" in done.stdout and "baselines: not compared" in done.stdout


def test_from_revision_4_to_5_every_change_is_told_without_a_repository(tmp_path: Path) -> None:
    done = musa("catalog", "diff", "nist-800-53-r4", "nist-800-53-r5", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0
    count: dict[str, int] = {}
    for each in json.loads(done.stdout)["changes"]:
        count[each["change"]] = count.get(each["change"], 0) + 1
    assert (count["withdrawn"], count["added"] + count["in force again"]) == (87, 275)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("nist-800-53-r6", None, "musa: there is no control catalog 'nist-800-53-r6'\n  did you mean 'nist-800-53-r5'?\n"),
        ("x.json", "{}", "musa: x.json is neither facts of a control catalog nor OSCAL: it has neither a catalog nor a profile\n"),
        ("x.json", "\x00", "musa: x.json is neither facts of a control catalog nor OSCAL: JSON is malformed"),
        ("x.json", '{"profile": {"metadata": {"title": "P", "version": "1"}}}', "musa: x.json is neither facts of a control catalog nor OSCAL: it is a profile\n"),
    ],
)  # fmt: skip
def test_what_is_no_control_catalog_is_told(name: str, text: str | None, sentence: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    done = musa("catalog", "diff", name, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)


def test_a_damaged_result_is_told_and_the_rest_compared(repository: Path, tmp_path: Path) -> None:
    (repository / "sla/shop/risk.json").write_text("{")
    done = musa("catalog", "diff", newer(tmp_path / "new.json"), cwd=repository)
    assert done.returncode == 1
    assert "sla/shop/risk.json" in done.stderr and "sla/shop/slat/web.xml" in done.stdout
