"""`musa risk --cover` and tailoring profiles, as people type and write them."""

import json
import shutil
from pathlib import Path

import jsonschema

from musa_pipeline.formats.values import schema_of
from tests.command import lay_out, musa
from tests.support import ROOT

OVERLAY = {
    "profile": {
        "metadata": {
            "title": "Sector overlay",
            "last-modified": "2026-01-05T00:00:00Z",
            "version": "1",
            "oscal-version": "1.1.3",
        },
        "imports": [{"href": "#x", "include-controls": [{"with-ids": ["ac-3", "sc-8", "si-4"]}]}],
    }
}
OURS = """\
id: ours
title: Ours
based_on: sector-overlay
add: {SC-5: nobody waits for us}
sources: [{document: Our handbook}]
"""


def repository(folder: Path, settings: str, **files: str) -> Path:
    shutil.copytree(ROOT / "models/shop", folder / "models/shop")
    return lay_out(folder, musa_yaml=settings, **files)


def test_the_table_names_the_prices_of_three_appetites_and_writes_nothing_of_its_own(tmp_path: Path) -> None:
    here = repository(tmp_path, "risk: {appetite: low}\n")
    found = musa("risk", "shop", "--cover", cwd=here)
    assert (found.returncode, found.stderr) == (0, "")
    head, titles, *rows = found.stdout.splitlines()
    assert head == "shop · cheapest measures for appetite low · proven cheapest"
    assert titles.split() == ["appetite", "controls", "measures", "cost", "risks", "over"]
    assert [row.split("  ")[1] for row in rows[:3]] == ["very low", "low", "medium"]
    assert rows[1].endswith("← this one")
    assert "cover" not in {path.stem for path in here.rglob("*.json")}


def test_the_json_obeys_its_schema_and_the_flag_wins_over_the_settings(tmp_path: Path) -> None:
    here = repository(tmp_path, "risk: {appetite: low}\n")
    found = json.loads(musa("risk", "shop", "--cover", "--appetite", "high", "--format", "json", cwd=here).stdout)
    jsonschema.Draft202012Validator(json.loads(schema_of("cover"))).validate(found)
    assert found["appetite"] == "high"
    alone = musa("risk", "shop", "--appetite", "low", cwd=here)
    assert alone.returncode == 2
    assert "--appetite goes with --cover" in alone.stderr


def test_an_official_profile_that_was_imported_is_a_base_for_one_of_our_own(tmp_path: Path) -> None:
    here = repository(tmp_path, "risk: {profile: ours}\n", overlay_json=json.dumps(OVERLAY))
    assert musa("catalog", "import", "oscal", "overlay_json", cwd=here).returncode == 0
    lay_out(here, catalogs__profiles__ours_yaml=OURS)
    found = json.loads(musa("risk", "shop", "--format", "json", cwd=here).stdout)
    asked = {(each["component"], each["because"]): each for each in found["required"] if "policy" in each}
    assert asked["web", "nobody waits for us"]["policy"] == "catalogs/profiles/ours.yaml:4:7+4"
    wrong = lay_out(here, musa_yaml="risk: {profile: our}\n")
    told = musa("risk", "shop", cwd=wrong)
    assert told.returncode == 2
    assert "musa.yaml:1:17: error[D009]: no catalog has the profile 'our'" in told.stderr
    assert "did you mean 'ours'?" in told.stderr
