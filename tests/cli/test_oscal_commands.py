"""`musa catalog import oscal` from the user's end: facts to the repository, prose to the user's cache and nowhere else."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from musa_pipeline.domain.ids import ControlId
from musa_pipeline.formats.oscal import read_document, read_profile, read_wording, revision_of
from tests.command import musa, tree
from tests.files.test_catalog_files import CATALOGS
from tests.support import shared

PROSE = "Protect against what nobody else ever wrote down"
LEVEL = {"name": "implementation-level", "value": "system"}


def catalog(*controls: Mapping[str, object], title: str = "NIST SP 800-53 Rev 5.9.9") -> str:
    about = {"title": title, "version": "5.9.9", "last-modified": "2026-01-02T00:00:00Z"}
    return json.dumps({"catalog": {"metadata": about, "groups": [{"controls": list(controls)}]}})


SC_5 = {
    "id": "sc-5",
    "title": "Flood Protection",
    "props": [LEVEL],
    "params": [
        {"id": "sc-5_prm_1", "label": "events"},
        {"id": "sc-5_prm_2", "select": {"choice": ["all", "{{ insert: param, sc-5_prm_1 }}"]}},
    ],
    "parts": [
        {
            "name": "statement",
            "prose": PROSE,
            "parts": [
                {"name": "item", "props": [{"name": "label", "value": "a."}], "prose": "limit {{ insert: param, sc-5_prm_2 }} ;"},
                {"name": "item", "props": [{"name": "label", "value": "b."}], "prose": "watch {{ unknown }}"},
            ],
        },
        {"name": "guidance", "prose": "Be  brief."},
        {"name": "assessment-method", "prose": "not read"},
    ],
}


def profile(**part: object) -> str:
    return json.dumps({"profile": {"metadata": {"title": "Ours: all", "version": "1.0"}, "imports": [{"href": "#x", **part}]}})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/musa.yaml").write_text("{}\n")
    return tmp_path / "here"


def test_prose_is_for_reading_and_stays_outside_the_repository(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "r5.json").write_text(catalog(SC_5))
    cache = str(tmp_path / "cache")
    done = musa("catalog", "import", "oscal", tmp_path / "r5.json", cwd=repository, XDG_CACHE_HOME=cache)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "the words of 1 controls are in your cache, for musa catalog show and musa explain"
    assert not any(PROSE.encode() in each for each in tree(repository).values())
    facts = json.loads((repository / "catalogs/controls/nist-800-53-r5.json").read_text())
    assert facts["controls"] == [
        {"id": "SC-5", "title": "Flood Protection", "baselines": ["low", "moderate", "high"], "level": "system"}
    ]
    assert facts["baselines"] == CATALOGS.controls.baselines


def test_the_shipped_catalog_s_own_file_brings_its_prose_alone(repository: Path, tmp_path: Path) -> None:
    official = shared("controls/nist") / "NIST_SP-800-53_rev5.2.0_catalog.json"
    cache = str(tmp_path / "cache")
    without = musa("catalog", "show", "SC-5", cwd=repository, XDG_CACHE_HOME=cache)
    assert "the standard's own words are not in the repository: musa catalog import oscal FILE" in without.stdout
    done = musa("catalog", "import", "oscal", official, cwd=repository, XDG_CACHE_HOME=cache)
    assert done.stdout.splitlines() == [
        "the words of 1016 controls are in your cache, for musa catalog show and musa explain",
        "its facts are those of nist-800-53-r5 in the catalogs; nothing else changed",
    ]
    assert tree(repository) == {"musa.yaml": b"{}\n"}
    shown = musa("catalog", "show", "Denial of Service Protection", cwd=repository, XDG_CACHE_HOME=cache).stdout
    assert "\nstatement\n  a. [Selection: protect against; limit] the effects" in shown
    (kept,) = (tmp_path / "cache/musa/oscal").iterdir()
    kept.write_bytes(b"{")
    assert musa("catalog", "show", "SC-5", cwd=repository, XDG_CACHE_HOME=cache).stdout == without.stdout


def test_parameters_are_read_as_people_write_them() -> None:
    found = read_wording(catalog(SC_5))[ControlId("SC-5")]
    assert found.statement == (PROSE, "a. limit [Selection: all; [Assignment: events]];", "b. watch [unknown]")
    assert found.guidance == ("Be brief.",)


def test_the_title_tells_the_revision() -> None:
    assert revision_of(catalog()) == "5"
    assert revision_of(catalog(title="Special Publication 800-53 Revision 4: Controls")) == "4"
    assert revision_of(catalog(title="Our own")) == "5"


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ({"include-controls": [{"with-ids": ["sc-5", "ac-1", "sc-19", "zz-1"]}]}, ["AC-1", "SC-5"]),
        ({"include-controls": [{"with-ids": ["sc-5"], "with-child-controls": "yes"}]}, ["SC-5", "SC-5(1)", "SC-5(2)", "SC-5(3)"]),
        ({"include-controls": [{"matching": [{"pattern": "sc-5*"}]}], "exclude-controls": [{"with-ids": ["sc-5.2"]}]}, ["SC-5", "SC-5(1)", "SC-5(3)"] + [f"SC-{each}" for each in (50, 51)]),
    ],
)  # fmt: skip
def test_a_profile_selects_by_id_by_pattern_and_with_enhancements(part: Mapping[str, object], wanted: list[str]) -> None:
    found = read_profile(profile(**part), CATALOGS.control)
    assert list(found.controls) == wanted
    assert found.unknown == (("sc-19", "zz-1") if "zz-1" in str(part) else ())


def test_a_profile_that_includes_all_selects_what_is_in_force() -> None:
    assert len(read_profile(profile(**{"include-all": {}}), CATALOGS.control).controls) == 1014


def test_a_profile_becomes_a_crosswalk_that_passes_the_check(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(profile(**{"include-controls": [{"with-ids": ["sc-5", "ac-2.1", "zz-1"]}]}))
    without = musa("catalog", "import", "oscal", tmp_path / "p.json", cwd=repository)
    assert (without.returncode, without.stderr.splitlines()[-2:]) == (
        2,
        ["musa: the profile does not say of which day it is", "  give --date YYYY-MM-DD"],
    )
    done = musa("catalog", "import", "oscal", tmp_path / "p.json", "--date", "2026-01-02", cwd=repository)
    assert done.returncode == 0
    assert done.stderr == "1 ids are no controls in force and are left out: zz-1\n"
    assert (repository / "catalogs/crosswalks/ours-all.yaml").read_text() == (
        'framework: ours-all\ntitle: "Ours: all"\nsource:\n  document: "Ours: all, OSCAL profile"\n  version: "1.0"\n'
        "  date: 2026-01-02\nrelation: selects\nbasis: published\ncontrols:\n  AC: AC-2(1)\n  SC: SC-5\n"
    )
    assert musa("catalog", "check", cwd=repository).returncode == 0
    assert "ours-all" in musa("catalog", "show", "SC-5", cwd=repository).stdout


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"catalog": 3}', '{"catalog": {"metadata": {}}}', '{"profile": {}}', "\x00", '{"catalog": ' * 4000])  # fmt: skip
def test_what_is_not_oscal_is_refused_with_the_reason(text: str, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    done = musa("catalog", "import", "oscal", tmp_path / "x.json", cwd=repository)
    assert done.returncode == 2
    assert done.stderr.startswith("musa: x.json is not an OSCAL document: ")
    assert tree(repository) == {"musa.yaml": b"{}\n"}


def test_the_official_file_is_read_in_twenty_milliseconds_once_warm() -> None:
    data = (shared("controls/nist") / "NIST_SP-800-53_rev5.2.0_catalog.json").read_bytes()
    spent = []
    for _ in range(12):
        began = time.process_time()
        found = read_document("r5", data)
        spent.append(time.process_time() - began)
    assert found.catalog and len(found.catalog.groups) == 20
    assert min(spent) < 0.020
