"""What is wrong in a user's files: each with its place, all in one run, exit code 2, no trace, nothing written harmed."""

import os
import re
from pathlib import Path

import pytest

from musa_pipeline.domain.problems import Problems
from musa_pipeline.workspace.files import read_text
from tests.command import lay_out, musa, tree

GOOD = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [musa.yaml]
topology_template:
  node_templates:
    web:
      type: musa.nodes.WebApplication
      properties: {exposed: true}
      requirements: [{host: vm}, {uses: orders}]
    orders:
      type: musa.nodes.Database
      requirements: [{host: vm}]
    vm: {type: tosca.nodes.Compute}
"""
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)
XXE = '<?xml version="1.0"?>\n<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<m>&x;</m>\n'

WRONG = {
    "broken YAML": (GOOD.replace("{exposed: true}", "{exposed: true"), "error[Y001]", 8),
    "an unknown type": (GOOD.replace("musa.nodes.Database", "musa.nodes.Databse"), "error[T004]: component 'orders'", 10),
    "a dangling target": (GOOD.replace("uses: orders", "uses: oders"), "did you mean 'orders'?", 8),
    "a duplicate key": (GOOD + "    vm: {type: tosca.nodes.Compute}\n", "error[Y002]: key 'vm' is here twice", 13),
    "an alias bomb": (BOMB, "error[Y003]", 7),
    "an empty file": ("", "error[Y006]: nothing in the file", 1),
    "nothing but a comment": ("# later\n", "error[Y006]: nothing in the file", 1),
    "XML with an external entity": (XXE, "error[M002]", 1),
    "a list": ("- a\n- b\n", "error[", 1),
    "a word": ("hello\n", "error[", 1),
    "an unknown control": (
        GOOD
        + "  policies:\n    - p: {type: musa.policies.SecurityRequirement, targets: [web], properties: {controls: [SC-99]}}\n",
        "SC-99",
        14,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_its_place_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    text, told, line = WRONG[name]
    lay_out(tmp_path, models__app__app_yaml=text, musa_yaml="")
    done = musa("run", "models/app", cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert re.search(rf"models/app/app\.yaml:{line}:\d+: ", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert "passwd" not in done.stdout and "root:" not in done.stderr
    assert sorted(tree(tmp_path)) == ["models/app/app.yaml", "musa.yaml"]


def test_all_mistakes_of_all_files_are_told_in_one_run(tmp_path: Path) -> None:
    model = GOOD.replace("uses: orders", "uses: oders").replace("musa.nodes.Database", "musa.nodes.Databse")
    answers = "business: {finacial: 5}\ncomponents:\n  wbe: {}\n"
    lay_out(tmp_path, models__app__app_yaml=model, models__app__answers_yaml=answers, musa_yaml="selection: {evidnce: E2}\n")
    done = musa("run", "models/app", cwd=tmp_path)
    assert done.returncode == 2
    for place in ("app.yaml:8:", "app.yaml:10:", "answers.yaml:1:", "answers.yaml:3:", "musa.yaml:1:"):
        assert place in done.stderr, (place, done.stderr)


def test_a_mistake_leaves_what_is_already_written_as_it_was(tmp_path: Path) -> None:
    lay_out(tmp_path, models__app__app_yaml=GOOD, musa_yaml="")
    assert musa("run", "app", cwd=tmp_path).returncode == 0
    before = tree(tmp_path)
    lay_out(tmp_path, models__app__app_yaml=GOOD.replace("uses: orders", "uses: oders"))
    assert musa("run", "app", cwd=tmp_path).returncode == 2
    lay_out(tmp_path, models__app__app_yaml=GOOD)
    assert tree(tmp_path) == before


def test_imports_in_a_circle_are_told_with_both_places_and_read_once(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        models__app__app_yaml=GOOD.replace("[musa.yaml]", "[musa.yaml, other.yaml]"),
        models__app__other_yaml="tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [third.yaml]\n",
        models__app__third_yaml="tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [other.yaml]\n",
    )
    done = musa("run", "models/app/app.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "third.yaml:2:11: warning[T008]" in done.stderr and "begins at models/app/other.yaml:2:11" in done.stderr


def test_a_file_of_a_hundred_megabytes_is_refused_at_once(tmp_path: Path) -> None:
    model = lay_out(tmp_path, musa_yaml="") / "huge.yaml"
    with model.open("wb") as file:
        file.truncate(100 * 2**20)
    done = musa("run", "huge.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "huge.yaml:1:1: error[W004]: the file has 100 MiB; the most is 32 MiB" in done.stderr


def test_a_binary_file_is_told_with_the_place_of_its_first_byte_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_bytes(b"a: 1\nb: \xff\xfe\x00")
    done = musa("run", "app.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "app.yaml:2:4: error[W005]: not text in UTF-8: byte 0xff" in done.stderr


def test_a_folder_without_a_model_a_missing_name_and_several_models_are_told(tmp_path: Path) -> None:
    lay_out(tmp_path, models__two__a_yaml=GOOD, models__two__b_yaml=GOOD, models__none__readme="", musa_yaml="")
    for name, told in (("none", "has no model"), ("two", "has several models: a.yaml, b.yaml"), ("tow", "did you mean 'two'?")):
        done = musa("run", name, cwd=tmp_path)
        assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    lay_out(tmp_path, models__app__app_yaml=GOOD, musa_yaml="")
    (tmp_path / "models/app/answers.yaml").mkdir()
    done = musa("run", "app", cwd=tmp_path)
    assert done.returncode == 2
    assert "answers.yaml:1:1: error[W002]: this is a folder; a file was expected" in done.stderr


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    secret = tmp_path / "app.yaml"
    secret.write_text(GOOD)
    secret.chmod(0)
    problems = Problems()
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        assert read_text(secret, "app.yaml", problems) is None
    finally:
        os.seteuid(before)
    assert [str(each) for each in problems] == ["app.yaml:1:1: error[W003]: this file may not be read"]


def test_a_catalog_row_without_source_is_told(tmp_path: Path) -> None:
    entry = "id: my-agent\ntitle: Mine\nwork: monitoring\nrole: mine\n"
    lay_out(tmp_path, catalogs__agents__my_yaml="", musa_yaml="", models__app__app_yaml=GOOD)
    (tmp_path / "catalogs/agents/my.yaml").unlink()
    (tmp_path / "catalogs/agents/my-agent.yaml").write_text(entry)
    for command in (("catalog", "check"), ("run", "app")):
        done = musa(*command, cwd=tmp_path)
        assert done.returncode == 2, done.stdout
        assert re.search(r"catalogs/agents/my-agent\.yaml:1:1: error\[C\d+\]: .*source", done.stderr), done.stderr


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    outside = lay_out(
        tmp_path / "outside", secret_yaml="tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: {my.Type: {}}\n"
    )
    inside = lay_out(
        tmp_path / "inside", musa_yaml="", app_yaml=GOOD.replace("[musa.yaml]", "[musa.yaml, link.yaml, ../outside/secret.yaml]")
    )
    (inside / "link.yaml").symlink_to(outside / "secret.yaml")
    done = musa("-v", "model", "app.yaml", cwd=inside)
    assert re.findall(r"warning\[(\w+)\]", done.stderr)[:2] == ["W007", "W011"], done.stderr
    assert "my.Type" not in done.stdout


def test_flags_that_do_not_exist_and_commands_misspelt_end_with_two(tmp_path: Path) -> None:
    for arguments, told in (
        (("rnu",), "did you mean 'run'?"),
        (("run", "--fast"), "--fast"),
        (("explain", "X999"), "X999"),
        (("run",), "MODEL"),
    ):
        done = musa(*arguments, cwd=tmp_path)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
