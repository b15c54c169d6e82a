"""The benchmark over corpora counts what a file says without our readers, and finds a reader's loss."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

GOOD = """tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    web: {type: tosca.nodes.WebServer, requirements: [{host: vm}, {dependency: db}, {dependency: nobody}]}
    db: {type: tosca.nodes.DBMS, requirements: [host: {node: vm}]}
    vm: {type: tosca.nodes.Compute}
"""


def run(folder: Path, *flags: str) -> tuple[int, str]:
    """Run the benchmark."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/corpus.py"), str(folder), *flags], capture_output=True, text=True, timeout=120
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_nodes_and_targets_are_counted_and_held_against_the_result(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "empty.csar").write_bytes(b"PK")
    (tmp_path / "types.yaml").write_text("tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: {}\n")
    code, said = run(tmp_path, "--json", "--check")
    empty, good = (json.loads(line) for line in said.splitlines())
    assert code == 0
    assert (empty["language"], empty["nodes"], empty["errors"]) == ("csar", 0, {"Z001": 1})
    assert (good["nodes"], good["missing"], good["graph"], good["status"]) == (3, [], True, "read")
    assert (good["demands"], good["led"], good["told"], good["untold"]) == (4, 3, 1, [])


def test_a_file_over_its_time_counts_as_a_failure_and_the_next_goes_on(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "other.yaml").write_text(GOOD)
    code, said = run(tmp_path, "--limit", "0", "--check", "--list", "timeouts")
    assert code == 1
    assert said.splitlines()[:2] == [str(tmp_path / "good.yaml"), str(tmp_path / "other.yaml")]
