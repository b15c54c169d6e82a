"""The shop as a generated project, and what Ansible says when it is run on guests."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.domain.plan import Plan
from musa_pipeline.formats.playbook import write_playbook
from musa_pipeline.runners.bundle import write_agent
from tests.rig.rig import ROOT, Rig, lacks
from tests.support import lacking

ROLES = ROOT / "playbooks" / "roles"
_RECAP = re.compile(r"^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)


def role_texts() -> dict[str, str]:
    """Return the shipped roles as the pipeline hands them over."""
    return {str(path.relative_to(ROLES)): path.read_text() for path in sorted(ROLES.rglob("*")) if path.is_file()}


def write_project(plan: Plan, folder: Path) -> Path:
    """Write the generated project with its roles and the agent's file."""
    for name, text in write_playbook(plan, role_texts()).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    write_agent(folder / "files/musa-agent.pyz")
    return folder


def tool(name: str) -> str:
    """Return a program that was installed beside the interpreter, or skip."""
    found = Path(sys.executable).with_name(name)
    if not found.exists():
        lacking(f"{name} is not installed")
    return str(found)


def surroundings(project: Path) -> dict[str, str]:
    """Return an environment in which Ansible writes nothing outside the project."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, "PATH": path, "ANSIBLE_HOME": str(project / ".ansible"), "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Ran:
    """One run: changed tasks by host."""

    changed: dict[str, int]
    said: str


def ansible(rig: Rig, project: Path, *arguments: str) -> Ran:
    """Run a playbook; a failure shows what Ansible said."""
    done = rig.run([tool("ansible-playbook"), *arguments], cwd=project, env=surroundings(project))
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return Ran({host: int(changed) for host, _, changed, _, _ in _RECAP.findall(done.stdout)}, done.stdout)


def local(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run one of Ansible's programs on a project, without machines."""
    return subprocess.run(
        [tool(command[0]), *command[1:]], cwd=project, env=surroundings(project), capture_output=True, text=True, check=False
    )


@contextmanager
def guests(*names: str) -> Iterator[Rig]:
    """Boot guests for a test module, or skip with the reason."""
    why = lacks()
    if why:
        lacking(why)
    with Rig() as rig:
        rig.start(*names)
        yield rig
