"""How models are read, by command: archives, folders of types, inputs, and every way in which a file can be hostile."""

import os
import re
import resource
import time
from pathlib import Path

import pytest

from tests.command import lay_out, musa, tree
from tests.formats.csar.archives import META, linked, packed

HEAD = "tosca_definitions_version: tosca_simple_yaml_1_3\n"
BODY = """\
topology_template:
  node_templates:
    web:
      type: tosca.nodes.WebApplication
      requirements: [{host: vm}]
      interfaces: {Standard: {create: scripts/create.sh}}
    vm: {type: tosca.nodes.Compute}
"""
TYPES = HEAD + "node_types: {acme.Shop: {derived_from: tosca.nodes.WebApplication}}\n"
USE = BODY.replace("tosca.nodes.WebApplication", "acme.Shop")
GOOD = HEAD + BODY
MODELS = {
    "TOSCA-Metadata/TOSCA.meta": META,
    "Definitions/app.yaml": HEAD
    + "imports: [types.yaml, ../more/more.yaml, shared/b.yaml]\n"
    + USE.replace("scripts/", "../scripts/"),
    "Definitions/types.yaml": TYPES,
    "more/more.yaml": "node_types: {acme.More: {derived_from: tosca.nodes.Root}}\n",
    "shared/b.yaml": "node_types: {acme.B: {derived_from: tosca.nodes.Root}}\n",
    "scripts/create.sh": "#!/bin/sh\n",
}


def wrong(folder: Path, *command: str, code: int = 2) -> str:
    """Run and return what is said on standard error, with neither a trace nor a word of other files."""
    done = musa(*command, cwd=folder)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "mistake in musa" not in done.stderr
    assert "root:" not in done.stderr
    return done.stderr


def test_an_archive_goes_down_the_whole_road_and_a_second_run_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.csar").write_bytes(packed(MODELS))
    done = musa("run", "app.csar", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sla/app/sla.xml").is_file() and (tmp_path / "playbooks/plans/app/plan.json").is_file()
    assert '"app.csar/Definitions/app.yaml' in (tmp_path / "sla/app/cpim.json").read_text()
    assert '"scripts/create.sh"' in (tmp_path / "sla/app/cpim.json").read_text()
    assert "nothing changed" in musa("run", "app.csar", cwd=tmp_path).stdout
    (tmp_path / "app.csar").write_bytes(packed({**MODELS, "Definitions/types.yaml": TYPES + "# changed\n"}))
    assert "nothing changed" not in musa("run", "app.csar", cwd=tmp_path).stdout


def test_an_archive_and_its_unpacked_folder_give_the_same(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one/app.csar").write_bytes(packed(MODELS))
    for name, content in MODELS.items():
        path = tmp_path / "two/app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (tmp_path / "two/musa.yaml").write_text("")
    assert musa("model", "one/app.csar", cwd=tmp_path).stdout == musa("model", "two/app", cwd=tmp_path).stdout
    assert wrong(tmp_path, "model", "two/app/Definitions/app.yaml", "-o", "out", code=0) == ""


def test_findings_in_an_archive_have_their_place_in_it(tmp_path: Path) -> None:
    (tmp_path / "app.csar").write_bytes(packed({**MODELS, "Definitions/types.yaml": "a: [1\n"}))
    assert "app.csar/Definitions/types.yaml:2:1: error[Y001]" in wrong(tmp_path, "run", "app.csar")
    assert not (tmp_path / "sla").exists()


def test_what_is_in_an_archive_sees_the_archive_alone(tmp_path: Path) -> None:
    lay_out(tmp_path, types_yaml=TYPES, Definitions__types_yaml=TYPES)
    for name in ("../../types.yaml", "types.yaml", "/types.yaml", f"{tmp_path}/types.yaml", f"file://{tmp_path}/types.yaml"):
        main = HEAD + f"imports: ['{name}']\n" + BODY
        (tmp_path / "app.csar").write_bytes(packed({"TOSCA-Metadata/TOSCA.meta": META, "Definitions/app.yaml": main}))
        said = wrong(tmp_path, "model", "app.csar", code=0)
        assert re.search(r"app\.csar/Definitions/app\.yaml:2:11: warning\[(T006|W011)\]: import ", said), said


def test_archives_that_may_not_be_read_are_told_at_once(tmp_path: Path) -> None:
    for name, data, said in (
        ("bomb.csar", packed({"app.yaml": b"\0" * 2**25}), "error[Z002]"),
        ("link.csar", linked("app.yaml", "/etc/passwd"), "link.csar/app.yaml:1:1: error[Z004]"),
        ("out.zip", packed({"../../app.yaml": GOOD}), "error[Z003]"),
        ("text.csar", GOOD.encode(), "text.csar:1:1: error[Z001]: this is no archive"),
    ):
        (tmp_path / name).write_bytes(data)
        assert said in wrong(tmp_path, "run", name)
    with (tmp_path / "huge.csar").open("wb") as file:
        file.truncate(200 * 2**20)
    assert "huge.csar:1:1: error[W004]: the file has 200 MiB; the most is 64 MiB" in wrong(tmp_path, "run", "huge.csar")
    assert sorted(tree(tmp_path)) == ["bomb.csar", "huge.csar", "link.csar", "out.zip", "text.csar"]


def test_imports_are_found_in_folders_above_and_in_folders_of_types(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        musa_yaml="model: {catalogs: [kept]}\n",
        models__app__app_yaml=HEAD + "imports: [above.yaml, a/b/given.yaml, kept.yaml, {file: x.yaml, repository: r}]\n" + BODY
        + "repositories: {r: {url: ../../local}}\n",
        models__above_yaml="node_types: {acme.Above: {}}\n",
        given__a__b__given_yaml="imports: [near.yaml]\nnode_types: {acme.Given: {}}\n",
        given__a__b__near_yaml="node_types: {acme.Near: {}}\n",
        kept__deep__kept_yaml="node_types: {acme.Kept: {}}\n",
        local__x_yaml="node_types: {acme.Local: {}}\n",
    )  # fmt: skip
    assert wrong(tmp_path, "-v", "model", "app", "--catalog", "given", code=0) == ""
    assert "import 'a/b/given.yaml' is not here" in wrong(tmp_path, "model", "app", code=0)
    assert "--catalog 'gone' is no folder" in wrong(tmp_path, "model", "app", "--catalog", "gone")


def test_a_folder_of_types_may_lie_anywhere_and_only_there_is_read(tmp_path: Path) -> None:
    lay_out(
        tmp_path / "repo",
        musa_yaml="",
        models__app__app_yaml=HEAD + "imports: [types.yaml, ../../../secret.yaml]\n" + USE,
    )
    lay_out(tmp_path, types__types_yaml=TYPES, secret_yaml=TYPES)
    said = wrong(tmp_path / "repo", "-v", "model", "app", "--catalog", "../types", code=0)
    assert "models/app/app.yaml:2:23: warning[W011]: import '../../../secret.yaml' leads out of the repository" in said
    assert "T004" not in said
    again = musa("run", "app", "--catalog", "../types", cwd=tmp_path / "repo")
    assert again.returncode == 0, again.stderr
    assert "nothing changed" in musa("run", "app", "--catalog", "../types", cwd=tmp_path / "repo").stdout
    (tmp_path / "types/types.yaml").write_text(TYPES + "# changed\n")
    assert "nothing changed" not in musa("run", "app", "--catalog", "../types", cwd=tmp_path / "repo").stdout


def test_a_profile_is_found_by_its_name(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        app_yaml="tosca_definitions_version: tosca_2_0\nimports: [{profile: 'com.acme:1.0', namespace: a}]\nservice_template:\n"
        "  node_templates:\n    web: {type: 'a:Shop'}\n",
        lib__profiles__acme_yaml="tosca_definitions_version: tosca_2_0\nprofile: com.acme:1.0\nnode_types:\n  Shop: {}\n",
    )
    assert "T006" not in wrong(tmp_path, "-v", "model", "app.yaml", "--catalog", "lib", code=0)
    lay_out(tmp_path, lib__profiles__acme_yaml="node_types: {}\n")
    assert "import 'com.acme:1.0' is a profile that is not here" in wrong(tmp_path, "model", "app.yaml", code=0)


HOSTILE_IMPORTS = {
    "itself": ("[app.yaml]", "warning[T008]"),
    "a device": ("[/dev/zero]", "warning[W011]"),
    "a link to a device": ("[zero.yaml]", "warning[W007]"),
    "a pipe": ("[pipe.yaml]", "warning[W006]"),
    "a folder": ("[folder.yaml]", "warning[W002]"),
    "a file outside": ("[../../../../../etc/passwd]", "warning[W011]"),
    "an absolute file": ("[/etc/passwd]", "warning[W011]"),
    "a file address": ("['file:///etc/passwd']", "warning[W011]"),
    "a name with a zero byte": ('["a\\0b.yaml"]', "warning[T006]"),
    "a name of a million letters": ("[" + "x" * 10**6 + "]", "warning[T006]"),
    "a link to outside": ("[passwd.yaml]", "warning[W007]"),
    "an unknown repository": ("[{file: x.yaml, repository: hub}]", "warning[T006]"),
    "an address of another kind": ("['gopher://x/y.yaml']", "warning[T007]"),
    "no address": ("['http://[']", "warning["),
    "half a name": ('["\\ud800"]', "error[Y001]"),
}


@pytest.mark.parametrize("name", HOSTILE_IMPORTS)
def test_an_import_that_leads_nowhere_good_is_a_finding(name: str, tmp_path: Path) -> None:
    imports, said = HOSTILE_IMPORTS[name]
    lay_out(tmp_path, app_yaml=HEAD + f"imports: {imports}\n" + BODY)
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "passwd.yaml").symlink_to("/etc/passwd")
    found = wrong(tmp_path, "model", "app.yaml", code=2 if said.startswith("error") else 0)
    assert said in found, found
    assert re.search(r"app\.yaml:2:\d+: ", found)
    assert len(found) < 5_000


DEEP = 100_000
FILES: dict[str, tuple[bytes, str]] = {
    "invalid UTF-8": (GOOD.replace("web", "w\udcffb").encode("utf-8", "surrogateescape"), "app.yaml:4:6: error[W005]"),
    "a zero byte": (GOOD.replace("web", "w\0b").encode(), "app.yaml:4:1: error[W005]"),
    "half of UTF-16": (GOOD.encode("utf-16")[:-1], "error[W005]: not text in UTF-16"),
    "tabs": (GOOD.replace("    web", "\tweb").encode(), "app.yaml:4:1: error[Y001]"),
    "an alias bomb": (
        ("a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
        )).encode(),
        "error[Y003]",
    ),
    "a chain of aliases": (
        ("a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, DEEP))).encode(),
        "error[Y003]: nested deeper than 100",
    ),
    "an alias of itself": (b"a: &a {b: *a}\n", "error[Y005]"),
    "a merge of itself": (b"a: &a {<<: *a}\n", "error[Y005]"),
    "lists of lists": (b"[" * DEEP, "error[Y003]: nested deeper than 100"),
    "mappings of mappings": (b"{a: " * DEEP, "error[Y003]: nested deeper than 100"),
    "keys of keys": (b"? " * DEEP, "error[Y003]: nested deeper than 100"),
    "a line of 50 MB": (b"a: [" + b"x, " * (17 * 2**20) + b"]", "error[W004]"),
    "a line of 30 MB": (b"a: [" + b"x, " * (10 * 2**20) + b"]", "error[Y003]: more than 1,000,000 nodes"),
    "a word of 30 MB": (b"a: " + b"x" * (30 * 2**20), "error[T005]"),
    "a very long key": (b"k" * 10**6 + b": 1\n", "error[Y001]"),
    "a very long unknown type": (GOOD.replace("tosca.nodes.Compute", "y" * 10**6).encode(), "warning[T004]"),
    "very many anchors": ("".join(f"a{i}: &a{i} 1\n" for i in range(10**6)).encode(), "error[Y003]"),
    "one key a million times": (b"a: 1\n" * 10**6, "error[Y002]"),
    "control characters": (b"a: \x07\n", "error[Y001]"),
    "entities": (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "error[M002]"),
    "XML in UTF-16": ("<a/>".encode("utf-16"), "error[M002]"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "error[W005]"),
}  # fmt: skip
FINE: dict[str, bytes] = {
    "a mark of UTF-8": b"\xef\xbb\xbf" + GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + GOOD.encode("utf-16-be"),
    "UTF-32": GOOD.encode("utf-32"),
    "CRLF": GOOD.replace("\n", "\r\n").encode(),
    "CR": GOOD.replace("\n", "\r").encode(),
    "a number of a million digits": GOOD.replace("type: tosca.nodes.Compute", "type: tosca.nodes.Compute, properties: {x: " + "9" * 10**6 + "}").encode(),
    "merge keys": (HEAD + "x: &x {type: tosca.nodes.Compute}\ntopology_template: {node_templates: {a: {<<: *x}, b: {<<: [*x]}}}\n").encode(),
}  # fmt: skip


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_a_finding_in_seconds_and_the_next_goes_on(name: str, tmp_path: Path) -> None:
    data, said = FILES[name]
    (tmp_path / "app.yaml").write_bytes(data)
    (tmp_path / "good.yaml").write_text(GOOD)
    before = _children()
    code = 0 if said.startswith("warning") else 2
    found = wrong(tmp_path, "model", "app.yaml", code=code)
    assert _children() - before < 15
    assert said in found, found[:2_000]
    assert len(found) < 200_000
    done = musa("model", "check", "app.yaml", "good.yaml", cwd=tmp_path)
    assert done.returncode == code
    assert "good.yaml: tosca, 2 components" in done.stdout


@pytest.mark.parametrize("name", FINE)
def test_a_file_in_any_honest_form_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_bytes(FINE[name])
    done = musa("model", "app.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "compute" in done.stdout


INPUTS = """\
topology_template:
  inputs:
    cpus: {type: integer, default: 1}
    port: {type: integer, default: 80}
  node_templates:
    web:
      type: tosca.nodes.WebApplication
      capabilities: {app_endpoint: {properties: {port: {get_input: port}, protocol: tcp}}}
      requirements: [{host: vm}]
    vm: {type: tosca.nodes.Compute, capabilities: {host: {properties: {num_cpus: {get_input: cpus}}}}}
"""


def test_inputs_come_from_settings_files_and_flags_and_the_last_one_counts(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        models__app__app_yaml=HEAD + INPUTS,
        models__app__inputs_yaml="inputs: {cpus: 3, port: 81}\n",
        musa_yaml="model: {inputs: {app: {cpus: 2}, other: {no: 1}}}\n",
    )

    def shown(*flags: str) -> tuple[str, str]:
        done = musa("run", "app", *flags, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        text = (tmp_path / "sla/app/cpim.json").read_text()
        return re.findall(r'"cores": ?(\d+)', text)[0], re.findall(r'"number": ?(\d+)', text)[0]

    assert shown() == ("2", "80")
    assert shown("--inputs", "models/app/inputs.yaml") == ("3", "81")
    assert shown("--inputs", "models/app/inputs.yaml", "--input", "port=8080") == ("3", "8080")
    same = ("--inputs", "models/app/inputs.yaml", "--input", "port=8080")
    assert "nothing changed" in musa("run", "app", *same, cwd=tmp_path).stdout
    assert musa("explain", "app", "web", "SC-5", cwd=tmp_path).returncode in (0, 1)  # as in the last run
    lay_out(tmp_path, models__app__inputs_yaml="cpus: 4\n")
    assert "run `musa run app` with them again" in wrong(tmp_path, "explain", "app", "web", "SC-5")
    assert shown(*same) == ("4", "8080")
    lay_out(tmp_path, musa_yaml="model: {inputs: {app: models/app/inputs.yaml}}\n")
    assert shown() == ("4", "80")


def test_wrong_inputs_are_told(tmp_path: Path) -> None:
    lay_out(tmp_path, models__app__app_yaml=HEAD + INPUTS, musa_yaml="", list_yaml="- a\n", broken_yaml="a: [\n")
    for flags, said in (
        (("--input", "cpus"), "--input 'cpus' has no value"),
        (("--input", "cups=2"), "error[T060]: input 'cups' is given, but the model does not declare it"),
        (("--inputs", "list.yaml"), "list.yaml:1:1: error[M005]: a file of inputs is a mapping of names to values"),
        (("--inputs", "broken.yaml"), "broken.yaml:2:1: error[Y001]"),
        (("--inputs", "gone.yaml"), "gone.yaml:1:1: error[W001]"),
        (("--inputs", "models"), "models:1:1: error[W002]"),
    ):
        assert said in wrong(tmp_path, "run", "app", *flags)
    lay_out(tmp_path, musa_yaml="model: {catalogs: [gone], inputs: {app: [1]}, catalog: x}\n")
    said = wrong(tmp_path, "run", "app")
    assert "musa.yaml:1:1" not in said
    assert "warning[M004]: there is no folder 'gone'" in said and "error[D001]" in said and "error[D002]" in said


def test_the_value_of_an_input_is_kept_nowhere_but_in_what_is_derived_from_it(tmp_path: Path) -> None:
    lay_out(tmp_path, models__app__app_yaml=HEAD + INPUTS, musa_yaml="")
    assert musa("run", "app", "--input", "port=54321", cwd=tmp_path).returncode == 0
    assert "54321" not in (tmp_path / ".musa/app.json").read_text()


def test_a_read_that_is_hostile_in_all_ways_ends(tmp_path: Path) -> None:
    """A folder with every hostile file at once is checked in one process."""
    for number, (data, _) in enumerate(FILES.values()):
        (tmp_path / f"{number}.yaml").write_bytes(data)
    (tmp_path / "good.yaml").write_text(GOOD)
    started = time.monotonic()
    names = sorted(each.name for each in tmp_path.iterdir())
    done = musa("model", "check", *names, cwd=tmp_path)
    assert done.returncode == 2
    usable = 1 + sum(said.startswith("warning") for _, said in FILES.values())
    assert f"{len(names)} models checked, {len(names) - usable} of them cannot be used" in done.stdout
    assert time.monotonic() - started < 240
