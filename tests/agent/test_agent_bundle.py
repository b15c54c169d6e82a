"""The agent as a file: always the same, for Python 3.10 and later with nothing installed; and its half of what it shares with the platform."""

import ast
import dataclasses
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.agent import orders
from musa_pipeline.domain.command import Command, Verb
from musa_pipeline.domain.event import MachineId, Plain
from musa_pipeline.formats.commands import canonical, is_signed, sign
from musa_pipeline.formats.events import read_command, write_payload
from musa_pipeline.runners.bundle import agent_bundle, write_agent
from tests.agent.agent_process import PYTHON
from tests.command import musa
from tests.support import ROOT

SOURCES = [path for name in ("agent", "kernel") for path in sorted((ROOT / "musa_pipeline" / name).rglob("*.py"))]


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    assert agent_bundle() == agent_bundle()
    done = musa("agent", "bundle", tmp_path / "a/musa-agent.pyz")
    assert (done.returncode, done.stdout.split()[0]) == (0, "written")
    assert (tmp_path / "a/musa-agent.pyz").read_bytes() == agent_bundle()
    assert not write_agent(tmp_path / "a/musa-agent.pyz")


def test_it_holds_the_agent_and_the_kernel_and_nothing_else(tmp_path: Path) -> None:
    write_agent(tmp_path / "a.pyz")
    names = zipfile.ZipFile(tmp_path / "a.pyz").namelist()
    parts = sorted(str(path.relative_to(ROOT)) for path in SOURCES)
    assert names == sorted(["__main__.py", "musa_pipeline/__init__.py", *parts])


def test_the_machines_own_python_runs_it_with_nothing_installed(tmp_path: Path) -> None:
    write_agent(tmp_path / "a.pyz")
    done = subprocess.run([PYTHON, "-I", "-S", tmp_path / "a.pyz", "--help"], cwd="/", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "obeys signed commands" in done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "musa_pipeline")))
def test_its_sources_are_python_3_10_and_import_the_standard_library_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 10))
    used = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    used |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    own = {each for each in used if each.startswith("musa_pipeline")}
    assert {each.partition(".")[0] for each in used - own} <= sys.stdlib_module_names
    assert all(each == "musa_pipeline" or each.split(".")[1] in ("agent", "kernel") for each in own)


def test_its_types_are_right_for_python_3_10(tmp_path: Path) -> None:
    """What the standard library of 3.10 does not have would show here."""
    write_agent(tmp_path / "a.pyz")
    zipfile.ZipFile(tmp_path / "a.pyz").extractall(tmp_path / "src")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-version=3.10", "--strict", "--config-file=", f"--cache-dir={tmp_path}/cache", "musa_pipeline"],
        cwd=tmp_path / "src", capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


plain: st.SearchStrategy[Plain] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
commands = st.builds(
    Command,
    id=texts,
    machine=texts.map(MachineId),
    number=st.integers(0, 2**53),
    verb=st.sampled_from(Verb),
    arguments=st.dictionaries(texts, plain, max_size=4),
    issued=st.floats(0, 1e10) | st.integers(0, 10**10),
    expires=st.floats(0, 1e10) | st.integers(0, 10**10),
    because=texts,
)


@given(commands, texts)
def test_agent_and_platform_agree_on_what_is_signed_whatever_way_it_came(command: Command, key: str) -> None:
    signed = sign(command, key)
    over_the_bus = read_command(write_payload(signed))
    assert isinstance(over_the_bus, Command)
    told = json.loads(write_payload(over_the_bus))
    assert orders.canonical(told) == canonical(signed) == canonical(over_the_bus)
    assert orders.is_signed(told, key)
    assert is_signed(over_the_bus, key)


@given(commands, texts, st.sampled_from(["id", "machine", "because"]))
def test_a_changed_command_is_not_signed(command: Command, key: str, name: str) -> None:
    signed = sign(command, key)
    changed = dataclasses.replace(signed, **{name: getattr(signed, name) + "x"})
    assert not orders.is_signed(json.loads(write_payload(changed)), key)
    assert not orders.is_signed(json.loads(write_payload(signed)), key + "x")
    assert not is_signed(dataclasses.replace(signed, number=signed.number + 1), key)
