"""The repository is its own first user: what is committed is what the models give, and what is written about it is true."""

import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from musa_pipeline.cli.main import musa
from musa_pipeline.stages import pipeline
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.findings import meanings
from musa_pipeline.workspace.places import find
from tests.command import musa as musa_says
from tests.support import ROOT

MODELS = sorted(path.parent.name for path in (ROOT / "models").glob("*/README.md"))
CODE = re.compile(r'"([A-Z]\d{3})"')


@pytest.mark.parametrize("name", MODELS)
def test_the_committed_documents_are_those_that_the_model_gives(name: str) -> None:
    work = Work(find(str(ROOT / "models" / name)))
    made: dict[str, bytes] = {}
    for files in pipeline.derive(work):
        made |= files
    stale = [path for path, data in made.items() if not (ROOT / path).is_file() or (ROOT / path).read_bytes() != data]
    assert not stale, f"run `make golden` and read the difference: {stale[:5]}"
    there = {
        path.relative_to(ROOT).as_posix()
        for folder in (work.place.sla, work.place.playbook)
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.name not in ("hosts.yml", "musa-agent.pyz") and "artifacts" not in path.parts
    }
    assert there - made.keys() == set(), "files that nothing makes"


def test_every_code_of_a_finding_is_documented() -> None:
    used = {code: path for path in (ROOT / "musa_pipeline").rglob("*.py") for code in CODE.findall(path.read_text())}
    known = meanings()
    assert sorted(code for code in used if code not in known) == []


def test_the_help_in_the_readme_is_the_real_one() -> None:
    shown = (ROOT / "README.md").read_text()
    real = CliRunner().invoke(musa, ["--help"], prog_name="musa", terminal_width=110).output
    assert real.strip() in shown


@pytest.mark.parametrize("group", ["agent", "audit", "bpf", "catalog", "catalog import", "model", "policy", "reactions"])
def test_no_list_of_commands_is_cut(group: str) -> None:
    _, _, commands = CliRunner().invoke(musa, [*group.split(), "--help"], prog_name="musa").output.partition("\nCommands:\n")
    assert commands
    assert "..." not in commands


def test_the_proof_in_the_readme_is_the_real_one(tmp_path: Path) -> None:
    """Lines stand whole and in their order; `…` stands for those left out."""
    _, command, rest = re.split(r"^\$ musa (.+)$", (ROOT / "README.md").read_text(), maxsplit=1, flags=re.MULTILINE)
    done = musa_says(*command.split(), "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    shown = rest.split("```")[0].strip().split("\n")
    real = iter(done.stdout.split("\n"))
    skipping = False
    for line in shown:
        if line == "…":
            skipping = True
            continue
        assert line in real if skipping else line == next(real), line
        skipping = False


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs/dependencies.md").read_text().lower()
    wanted = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    names = {re.split(r"[<>=;\[ ]", each)[0].lower() for each in wanted} - {"musa-pipeline"}
    missing = {each for each in names if each not in reasons and not each.startswith("types-")}
    assert not missing


def test_every_relative_link_in_the_documents_leads_somewhere() -> None:
    broken = []
    for page in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "models").rglob("*.md"),
        *(ROOT / "catalogs").glob("*.md"),
    ]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


def test_the_project_speaks_of_itself_alone() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    words = re.compile(r"/" + r"work/|/" + r"root/(?!\w*\.\w)|/home/(?!debian/)[a-z]+/|farm" + r"-bench|/\.libr" + r"ary")
    found = []
    for name in files:
        path = ROOT / name
        if path.is_file() and path.suffix not in (".png", ".lock") and path.stat().st_size < 2**20:
            found += [f"{name}: {match.group()}" for match in words.finditer(path.read_text("utf-8", "replace"))]
    assert not found


def test_every_folder_of_data_says_what_it_holds() -> None:
    assert [
        name for name in ("models", "sla", "catalogs", "playbooks", "bpf") if not Path(ROOT / name / "README.md").exists()
    ] == []


def test_the_servers_that_are_offered_are_those_that_were_tried() -> None:
    """compose.yaml names the versions that tests start, and lets nobody in from outside."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    tried = {name: (ROOT / f"tests/servers/{name}.pom.xml").read_text() for name in services}
    for name, service in services.items():
        version = service["image"].rpartition(":")[2]
        assert f"<version>{version}</version>" in tried[name]
        assert all(each.startswith("127.0.0.1:") for each in service["ports"])


def test_a_code_has_one_meaning() -> None:
    rows = [
        code
        for page in (ROOT / "docs").rglob("*.md")
        for code in re.findall(r"^\| ([A-Z]\d{3}) ", page.read_text(), re.MULTILINE)
    ]
    assert [code for code, times in Counter(rows).items() if times > 1] == []
