"""What `-o FILE` names stays what it is: a pipe is written into, a link goes on leading where it leads."""

import os
import threading
from pathlib import Path

from tests.command import lay_out, musa

MODEL = (
    "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template: {node_templates: {vm: {type: tosca.nodes.Compute}}}\n"
)


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    came: list[bytes] = []
    reader = threading.Thread(target=lambda: came.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert musa("model", "schema", "-o", pipe, cwd=tmp_path).returncode == 0
    reader.join(30)
    assert came and came[0].startswith(b"{") and pipe.is_fifo()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    lay_out(tmp_path, app_yaml=MODEL, old="")
    (tmp_path / "link").symlink_to("old")
    assert musa("model", "convert", "--to", "tosca", "--force", "-o", "link", "app.yaml", cwd=tmp_path).returncode in (0, 1)
    assert (tmp_path / "link").is_symlink() and "vm" in (tmp_path / "old").read_text()
