"""Folders are searched for models: none is overlooked for how it is written, and nothing in them makes the search wait."""

import os
from pathlib import Path

from musa_pipeline.workspace.models import models_below
from tests.command import lay_out, musa

GOOD = "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n    vm: {type: tosca.nodes.Compute}\n"
FLOW = "{tosca_definitions_version: tosca_2_0, service_template: {node_templates: {vm: {type: tosca.nodes.Compute}}}}"
META = "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: me\nEntry-Definitions: Definitions/app.yaml\n"


def test_models_are_found_in_every_encoding_and_form(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        (tmp_path / f"{encoding}.yaml").write_bytes(GOOD.encode(encoding))
        (tmp_path / f"{encoding}.camel").write_bytes("// ours\ncamel model A {\n}\n".encode(encoding))
    (tmp_path / "mac.yaml").write_bytes(GOOD.replace("\n", "\r").encode())
    (tmp_path / "dos.yaml").write_bytes(GOOD.replace("\n", "\r\n").encode())
    (tmp_path / "flow.yaml").write_text(FLOW)
    (tmp_path / "types.yaml").write_text("tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: {}\n")
    found = {each.name for each in models_below(tmp_path)}
    assert found == {each.name for each in tmp_path.iterdir()} - {"types.yaml"}


def test_a_pipe_in_a_searched_folder_is_passed_over(tmp_path: Path) -> None:
    for name in ("app.yaml", "app.csar", "app.zip", "app.camel", "app.xmi"):
        os.mkfifo(tmp_path / name)
    lay_out(tmp_path, good_yaml=GOOD)
    assert list(models_below(tmp_path)) == [tmp_path / "good.yaml"]


def test_of_an_archive_that_was_unpacked_the_entry_is_checked(tmp_path: Path) -> None:
    for meta in ("TOSCA-Metadata/TOSCA.meta", "TOSCA.meta"):
        root = tmp_path / meta.replace("/", "-")
        lay_out(root / "app", Definitions__app_yaml=GOOD.replace("Compute", "Compte"), Definitions__other_yaml=GOOD)
        lay_out(root / "app", **{meta: META})
        for named, cwd in (("app", root), (".", root), (".", root / "app")):
            done = musa("-v", "model", "check", "--no-validator", named, cwd=cwd)
            assert done.returncode == 2, done.stdout
            assert "Definitions/app.yaml:4:16: error[T004]: component 'vm' has unknown node type" in done.stdout
            assert "1 model checked" in done.stdout and "other.yaml" not in done.stdout
