"""Ansible roles that a model names configure their components: after what deploys them, in the order named; one that is not here is told."""

from pathlib import Path

from tests.command import lay_out, musa

MODEL = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [musa.yaml]
topology_template:
  node_templates:
    web:
      type: musa.nodes.Api
      properties: {port: 8080, roles: [web-front, tuning]}
      requirements: [{host: vm}]
    vm: {type: tosca.nodes.Compute}
"""
TASK = '- name: Say so\n  ansible.builtin.debug: {msg: "{{ web_front_component }}"}\n'


def repository(folder: Path, *roles: str) -> Path:
    lay_out(folder, models__app__app_yaml=MODEL)
    for role in roles:
        path = folder / f"playbooks/roles/{role}/tasks/main.yml"
        path.parent.mkdir(parents=True)
        path.write_text(TASK)
    return folder


def test_roles_come_after_the_component_and_travel_with_the_project(tmp_path: Path) -> None:
    done = musa("run", "app", cwd=repository(tmp_path, "web-front", "tuning"))
    assert done.returncode == 0, done.stderr
    site = (tmp_path / "playbooks/plans/app/site.yml").read_text()
    assert (
        site.index("# 2. deploy web") < site.index("# 3. configure web by web-front") < site.index("# 4. configure web by tuning")
    )
    assert "- role: web-front\n      vars:\n        web_front_state: started\n        web_front_component: web\n" in site
    assert "web_front_state: absent" in (tmp_path / "playbooks/plans/app/undeploy.yml").read_text()


def test_a_role_that_is_not_here_is_told(tmp_path: Path) -> None:
    done = musa("run", "app", cwd=repository(tmp_path, "web-front"))
    assert done.returncode == 2
    assert (
        "models/app/app.yaml:5:5: error[D013]: component 'web' is configured by the Ansible role 'tuning', which is not here"
        in done.stderr
    )
