"""The generated project and the shipped roles, looked at without any machine: syntax, lint, arguments, programs."""

import ast
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from musa_pipeline.domain.cpim import Script
from musa_pipeline.domain.plan import Plan
from musa_pipeline.planning import plan
from tests.deploy.shop_deployed import ROLES, local, role_texts, write_project
from tests.planning.shop_plan import CATALOGS, COMPOSITION, CPIM, SELECTION, SLAS, selection, shop_plan, with_script
from tests.rig.rig import ROOT
from tests.support import need

NAMES = sorted(path.name for path in ROLES.iterdir())
OPERATIONS = sorted([*(ROOT / "playbooks/operations").glob("*.yml"), *(ROOT / "playbooks/reactions").glob("*.yml")])
ALL = (
    "ha@web access-control@web packet-filter@web availability-probe@web system-monitor@web network-monitor@orders ha@catalogue "
    "vulnerability-scanner@web audit-log@web backup@orders integrity-monitor@web availability-probe@mail"
)


def everything() -> Plan:
    """A plan that uses every role, with texts that Jinja would like to evaluate."""
    evil = "{{ lookup('pipe', 'touch evaluated') }} {% raw %}"
    cpim = with_script(
        CPIM, "web", Script(operation="create", run=f"echo {evil}"), Script(operation="start", run=f"true {evil}\nsleep 9")
    )
    return plan(cpim, replace(SELECTION, agents=selection(ALL).agents), SLAS, COMPOSITION, CATALOGS)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(everything(), tmp_path_factory.mktemp("everything"))


def test_every_role_is_used(project: Path) -> None:
    """By a plan, or by the playbooks of the tool itself."""
    operated = {
        role["role"] for book in OPERATIONS for play in yaml.safe_load(book.read_text()) for role in play.get("roles", ())
    }
    assert sorted(operated | {path.name for path in (project / "roles").iterdir()}) == NAMES


def test_the_syntax_is_right(project: Path) -> None:
    done = local(project, "ansible-playbook", "--syntax-check", "site.yml", "undeploy.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_linter_finds_nothing(project: Path) -> None:
    done = local(project, "ansible-lint", "--offline", "--nocolor", "--profile", "production")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "playbooks/plans").glob("*/site.yml")))
def test_the_committed_projects_pass_syntax_and_lint(name: str, tmp_path: Path) -> None:
    place = tmp_path / name
    shutil.copytree(ROOT / "playbooks/plans" / name, place)
    shutil.copytree(ROLES, place / "roles")
    for command in (
        ("ansible-playbook", "--syntax-check", "site.yml", "undeploy.yml"),
        ("ansible-lint", "--offline", "--nocolor", "--profile", "production", "site.yml", "undeploy.yml"),
    ):
        done = local(place, *command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_playbooks_of_the_tool_pass_syntax_and_lint(tmp_path: Path) -> None:
    shutil.copytree(ROLES, tmp_path / "roles")
    for book in OPERATIONS:
        shutil.copy(book, tmp_path / book.name)
    names = [book.name for book in OPERATIONS]
    for command in (
        ("ansible-playbook", "--syntax-check"),
        ("ansible-lint", "--offline", "--nocolor", "--profile", "production"),
    ):
        done = local(tmp_path, *command, *names)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_project_finds_roles_in_a_repository_too(tmp_path: Path) -> None:
    """In the tool's own repository the roles stand two folders above, and are not copied."""
    from musa_pipeline.formats.playbook import write_playbook

    place = tmp_path / "playbooks/plans/shop"
    for name, text in write_playbook(shop_plan()).items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    (tmp_path / "playbooks/roles").symlink_to(ROLES)
    done = local(place, "ansible-playbook", "--syntax-check", "site.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_variables_arrive_as_they_were_meant_and_nothing_is_evaluated(project: Path) -> None:
    seen = local(project, "ansible-inventory", "--list")
    told = json.loads(seen.stdout)["_meta"]["hostvars"]["vm"]
    assert told["musa_components"] == ["orders", "web"]
    (project / "show.yml").write_text(
        (project / "site.yml")
        .read_text()
        .replace("  roles:\n", "  connection: local\n  roles:\n")
        .replace("role: component", "role: show")
    )
    (project / "roles/show/tasks").mkdir(parents=True, exist_ok=True)
    (project / "roles/show/tasks/main.yml").write_text("- ansible.builtin.debug: {var: component_scripts}\n  tags: show\n")
    done = local(project, "ansible-playbook", "--tags", "show", "--limit", "vm", "show.yml", "-e", "ansible_become=false")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lookup('pipe'" in done.stdout
    assert not (project / "evaluated").exists()


@pytest.mark.parametrize("name", NAMES)
def test_arguments_have_the_defaults_of_the_role(name: str) -> None:
    options = yaml.safe_load((ROLES / name / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((ROLES / name / "defaults/main.yml").read_text())
    assert {key: each["default"] for key, each in options.items() if "default" in each} == defaults
    assert all(("default" in each) != bool(each.get("required")) for each in options.values())
    assert all(key.startswith(f"{name}_") for key in options)


@pytest.mark.parametrize("name", NAMES)
def test_a_role_can_be_undone(name: str) -> None:
    options = yaml.safe_load((ROLES / name / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert options[f"{name}_state"]["choices"] in (["started", "stopped", "absent"], ["present", "absent"])
    assert (ROLES / name / "tasks/absent.yml").exists()


def test_the_plan_gives_every_role_what_it_requires() -> None:
    for step in everything().steps:
        specs = yaml.safe_load((ROLES / step.role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
        assert set(step.variables) <= set(specs), step.role
        assert {key for key, each in specs.items() if each.get("required")} <= set(step.variables), step.role


def test_every_agent_of_the_catalog_has_its_role() -> None:
    for path in sorted((ROOT / "catalogs/agents").glob("*.yaml")):
        entry = yaml.safe_load(path.read_text())
        assert entry["id"] == path.stem
        assert entry["role"] in NAMES


def test_services_are_kept_alive_and_in_a_sandbox() -> None:
    units = [path for path in ROLES.rglob("*.service.j2") if "Type=oneshot" not in path.read_text()]
    assert units
    for path in units:
        text = path.read_text()
        assert "Restart=always" in text, path
        assert all(
            line in text for line in ("NoNewPrivileges=yes", "ProtectHome=yes", "PrivateTmp=yes", "LockPersonality=yes")
        ), path


def test_configuration_is_checked_by_its_own_program() -> None:
    checked = {
        "ha": ("haproxy -c", "keepalived -t"),
        "access_control": ("nginx -t",),
        "packet_filter": ("nft -c",),
        "integrity": ("--config-check",),
    }
    texts = role_texts()
    for role, commands in checked.items():
        tasks = "".join(text for path, text in texts.items() if path.startswith(f"{role}/tasks/"))
        assert all(f"validate: {command}" in tasks or (command in tasks and "validate:" in tasks) for command in commands)


def test_programs_for_machines_use_the_standard_library_only() -> None:
    import sys

    for path in ROLES.rglob("files/*.py"):
        tree = ast.parse(path.read_text())
        used = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        used |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {each.partition(".")[0] for each in used} <= sys.stdlib_module_names, path


def test_shell_scripts_parse() -> None:
    import subprocess

    need("sh")
    for path in ROLES.rglob("files/*"):
        if path.read_text().startswith("#!/bin/sh"):
            subprocess.run(["sh", "-n", str(path)], check=True)
