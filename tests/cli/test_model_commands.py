"""`musa model` takes a model or a command; check, show and schema from the user's end, with the wrong words too."""

import json
import os
from pathlib import Path

import pytest
from lxml import etree

from tests.command import lay_out, musa, tree
from tests.support import ROOT

GOOD = """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    web: {type: tosca.nodes.WebApplication, requirements: [{host: server}]}
    server: {type: tosca.nodes.WebServer, requirements: [{host: vm}]}
    vm: {type: tosca.nodes.Compute}
"""
BAD = GOOD.replace("host: vm", "host: vmm")
WARNED = GOOD + "  outputs: {o: {value: {get_attribute: [vm, nope]}}}\n"
TYPES = "tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: {my.A: {derived_from: tosca.nodes.Root}}\n"


def test_the_group_takes_a_model_as_before(tmp_path: Path) -> None:
    short = musa("model", "shop", "-o", tmp_path)
    assert short.returncode == 0
    for others in (("read", "shop", "-o", tmp_path), ("-o", tmp_path, "shop"), ("--format", "table", "shop", "-o", tmp_path)):
        assert musa("model", *others).stdout == short.stdout


def test_help_shows_both_ways() -> None:
    shown = musa("model", "--help").stdout
    assert "model MODEL [OPTIONS] | COMMAND [ARGS]..." in shown
    for word in ("--format", "--out", "check", "read", "show", "schema"):
        assert word in shown


@pytest.mark.parametrize("words", [["nosuch"], ["--nope"], ["show", "shop"], ["check", "--format", "pdf"], ["schema", "x"]])
def test_wrong_words_are_told_in_a_sentence(words: list[str]) -> None:
    done = musa("model", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_folder_without_a_repository_is_searched_and_nothing_is_written(tmp_path: Path) -> None:
    lay_out(tmp_path, a__good_yaml=GOOD, b__types_yaml=TYPES, b__deep__bad_yaml=BAD, notes_yaml="a: b")
    before = tree(tmp_path)
    done = musa("model", "check", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert (
        "b/deep/bad.yaml:5:65: error[T012]: component 'server' needs 'vmm' as its 'host', which the model does not have"
        in done.stdout
    )
    assert "did you mean 'vm'?" in done.stdout
    assert "  a/good.yaml: tosca, 3 components" in done.stdout
    assert "types.yaml" not in done.stdout
    assert (tree(tmp_path), (tmp_path / ".musa").exists()) == (before, False)


def test_each_file_is_read_even_if_another_is_broken(tmp_path: Path) -> None:
    lay_out(tmp_path, a_yaml="\t- [", b_yaml=BAD, c_yaml=GOOD, d_yaml=TYPES)
    (tmp_path / "e.yaml").write_bytes(b"\xff\xfe\x00")
    os.mkfifo(tmp_path / "f.yaml")
    names = ["a.yaml", "b.yaml", "gone.yaml", "c.yaml", "d.yaml", "e.yaml", "f.yaml", "a.yaml"]
    done = musa("model", "check", *names, "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert done.returncode == 2
    assert [each["file"] for each in found["checked"]] == names[:-1]
    assert [bool(each["codes"]) for each in found["checked"]] == [True, True, True, False, True, True, True]
    assert all(each["line"] >= 1 and each["column"] >= 1 for each in found["findings"])


def test_exit_codes_tell_clean_from_warned_from_wrong(tmp_path: Path) -> None:
    lay_out(tmp_path, good_yaml=GOOD, warned_yaml=WARNED, bad_yaml=BAD)
    codes = {
        words: musa("model", "check", *words, cwd=tmp_path).returncode
        for words in (
            ("good.yaml",),
            ("good.yaml", "--strict"),
            ("warned.yaml",),
            ("warned.yaml", "--strict"),
            ("warned.yaml", "--strict", "--no-validator"),
            ("bad.yaml",),
        )
    }
    assert list(codes.values()) == [0, 0, 0, 2, 0, 2]


def test_a_folder_with_no_model_and_a_place_with_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = musa("model", "check", "empty", cwd=tmp_path)
    assert (done.returncode, "empty:1:1: error[W001]: this folder has no model" in done.stdout) == (2, True)
    done = musa("model", "check", cwd=tmp_path)
    assert (done.returncode, "name a model" in done.stderr) == (2, True)


def test_without_a_name_all_models_of_the_repository_are_checked() -> None:
    done = musa("model", "check", "--format", "json")
    assert done.returncode == 0
    assert [each["file"] for each in json.loads(done.stdout)["checked"]] == [
        "models/flight-scheduling/flight-scheduling.yaml",
        "models/shop/shop.yaml",
        "models/smart-mobility/app.camel",
    ]


def test_sarif_speaks_from_the_root_of_the_repository(tmp_path: Path) -> None:
    lay_out(tmp_path, models__a__bad_yaml=BAD, musa_yaml="")
    here = tmp_path / "models/a"
    done = musa("model", "check", "bad.yaml", "--format", "sarif", cwd=here)
    run = json.loads(done.stdout)["runs"][0]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "models/a/bad.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 5, "startColumn": 65, "endColumn": 68}
    assert run["tool"]["driver"]["rules"][0]["help"]["text"].endswith("See docs/formats/tosca.md; musa explain T012 says it too.")
    assert done.stdout == musa("model", "check", "models/a/bad.yaml", "--format", "sarif", cwd=tmp_path).stdout


def test_junit_fails_the_case_of_an_error(tmp_path: Path) -> None:
    lay_out(tmp_path, bad_yaml=BAD, good_yaml=GOOD)
    root = etree.fromstring(musa("model", "check", ".", "--format", "junit", cwd=tmp_path).stdout.encode())
    assert [(each.get("name"), each.get("failures")) for each in root] == [("bad.yaml", "1"), ("good.yaml", "0")]


def test_show_tells_all_of_a_component_and_writes_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, good_yaml=GOOD)
    done = musa("model", "show", "good.yaml", "server", cwd=tmp_path)
    assert done.returncode == 0
    for words in (
        "server · web-server · good  good.yaml:5:5",
        "runs on  vm (compute)",
        "carries  web",
        "type     tosca.nodes.WebServer",
    ):
        assert words in done.stdout
    assert tree(tmp_path).keys() == {"good.yaml"}


def test_each_line_of_a_script_has_a_line_of_its_own(tmp_path: Path) -> None:
    script = (
        "    interfaces: {Standard: {create: 'apt-get update\n\n      apt-get install nginx', start: systemctl start nginx}}\n"
    )
    lay_out(tmp_path, app_yaml=GOOD.replace("{type: tosca.nodes.Compute}", f"\n      type: tosca.nodes.Compute\n  {script}"))
    done = musa("model", "show", "app.yaml", "vm", cwd=tmp_path)
    assert (
        """\
  scripts  create: apt-get update
                   apt-get install nginx
           start: systemctl start nginx
"""
        in done.stdout
    )


def test_show_gives_the_same_to_programs() -> None:
    found = json.loads(musa("model", "show", "smart-mobility", "TSMEngine", "--format", "json").stdout)
    assert (found["component"]["id"], found["runs_on"], found["together_with"]) == (
        "tsm-engine",
        ["engine-machine"],
        ["journey-planner"],
    )
    assert sorted(found["agents"]) == ["ha", "system-monitor", "vulnerability-scanner"]
    assert {each["target"] for each in found["uses"]} >= {"citizens-data", "identity-manager"}


def test_a_component_that_is_not_there_is_told_with_the_nearest() -> None:
    done = musa("model", "show", "shop", "ordrs")
    assert (done.returncode, done.stderr) == (2, "musa: shop has no component 'ordrs'\n  did you mean 'orders'?\n")


def test_a_model_that_is_wrong_is_not_shown(tmp_path: Path) -> None:
    lay_out(tmp_path, bad_yaml=BAD)
    done = musa("model", "show", "bad.yaml", "web", cwd=tmp_path)
    assert (done.returncode, "error[T012]" in done.stderr) == (2, True)


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    printed = musa("model", "schema", cwd=tmp_path)
    written = musa("model", "schema", "-o", "tosca.schema.json", cwd=tmp_path)
    assert (printed.returncode, written.returncode, written.stdout) == (0, 0, "")
    assert (tmp_path / "tosca.schema.json").read_text() == printed.stdout
    assert json.loads(printed.stdout)["title"].startswith("TOSCA")


def test_an_archive_is_checked_as_it_is(tmp_path: Path) -> None:
    from zipfile import ZipFile

    with ZipFile(tmp_path / "app.csar", "w") as archive:
        archive.writestr(
            "TOSCA-Metadata/TOSCA.meta",
            "TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: x\nEntry-Definitions: a.yaml\n",
        )
        archive.writestr("a.yaml", WARNED)
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04nonsense")
    done = musa("model", "check", ".", "broken.zip", "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert [(each["file"], each["components"]) for each in found["checked"]] == [("app.csar", 3), ("broken.zip", None)]
    assert any(each["code"] == "N004" and each["file"] == "app.csar/a.yaml" and each["line"] == 7 for each in found["findings"])
    assert ROOT.name not in done.stdout
