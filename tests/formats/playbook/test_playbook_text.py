"""The Ansible project as text: it reads back as it was meant, and nothing of a model is ever evaluated."""

import re
from dataclasses import replace
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.plan import Plan, Step
from musa_pipeline.formats.playbook import write_playbook
from musa_pipeline.formats.playbook.block import write_yaml
from tests.planning.shop_plan import shop_plan


class Unsafe(str):
    """A text that Ansible takes as it is."""


class Loader(yaml.SafeLoader):
    """Knows Ansible's tag."""


Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))  # type: ignore[arg-type]


def read(text: str) -> Any:
    return yaml.load(text, Loader)


def texts(of: Any) -> list[str]:
    if isinstance(of, str):
        return [of]
    if isinstance(of, dict):
        return [text for each in (*of.keys(), *of.values()) for text in texts(each)]
    return [text for each in of for text in texts(each)] if isinstance(of, list) else []


def done(text: str) -> list[tuple[str, str]]:
    """Return machine and role in the order in which a playbook does them."""
    hosts = [(play["hosts"].split(","), role["role"]) for play in read(text) for role in play["roles"]]
    return [(machine, role) for machines, role in hosts for machine in machines]


WORDS = st.sampled_from(
    [
        "yes",
        "no",
        "on",
        "null",
        "~",
        "",
        "1",
        "1.0",
        "0x1",
        "1:30",
        "- a",
        "a: b",
        "a #b",
        "#",
        "{{ x }}",
        "{% x",
        "a\nb\n",
        "\n",
        " a",
    ]
)
TEXT = WORDS | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore").decode())
DATA = st.recursive(
    TEXT | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_what_is_written_reads_back(data: Any) -> None:
    assert read(write_yaml(data)) == data


@given(DATA)
def test_a_text_that_jinja_would_evaluate_is_tagged(data: Any) -> None:
    for text in texts(read(write_yaml(data))):
        assert isinstance(text, Unsafe) == bool(re.search(r"\{[{%#]", text))


@given(st.text(max_size=2000).map(lambda text: text.encode("utf-8", "ignore").decode()))
def test_lines_stay_short(text: str) -> None:
    assert all(len(line) <= 120 for line in write_yaml({"a": text}).splitlines())


def with_text(text: str) -> Plan:
    """A plan with a text from outside wherever one may stand."""
    plan = shop_plan()
    step = Step(number=1, title=text, machine="vm", role="component", variables={"component_image": text}, because=text)
    return replace(
        plan, application=text, steps=(step,), tasks=tuple(replace(each, title=text, source=text) for each in plan.tasks)
    )


@given(TEXT)
def test_no_text_of_a_model_breaks_the_project(text: str) -> None:
    files = write_playbook(with_text(text))
    play = read(files["site.yml"])
    assert play[0]["roles"][0]["vars"] == {"component_state": "started", "component_image": text}
    assert [each["name"] for each in play] == ["Step 1 on vm"]
    assert set(files) == set(write_playbook(shop_plan()))


def test_the_project_has_its_files() -> None:
    assert sorted(write_playbook(shop_plan())) == [
        "README.md",
        "ansible.cfg",
        "group_vars/all.yml",
        "host_vars/catalogue-1.yml",
        "host_vars/catalogue-2.yml",
        "host_vars/vm.yml",
        "inventory.yml",
        "site.yml",
        "undeploy.yml",
    ]


def test_only_roles_that_are_used_travel() -> None:
    roles = {"ha/tasks/main.yml": "---\n", "channel/tasks/main.yml": "---\n"}
    files = write_playbook(shop_plan(), roles)
    assert "roles/ha/tasks/main.yml" in files
    assert "roles/channel/tasks/main.yml" not in files


def test_plays_follow_the_steps_and_undo_them_backwards() -> None:
    plan = shop_plan()
    files = write_playbook(plan)
    assert {role["vars"][f"{role['role']}_state"] for play in read(files["undeploy.yml"]) for role in play["roles"]} == {"absent"}
    forth, back = done(files["site.yml"]), done(files["undeploy.yml"])
    assert sorted(forth) == sorted((each.machine, each.role) for each in plan.steps)
    assert back == forth[::-1]
    for machine in {each.machine for each in plan.steps}:
        assert [role for where, role in forth if where == machine] == [
            each.role for each in plan.steps if each.machine == machine
        ]


def test_copies_are_deployed_at_once() -> None:
    plays = [(play["hosts"], [role["role"] for role in play["roles"]]) for play in read(write_playbook(shop_plan())["site.yml"])]
    assert plays[:2] == [("catalogue-1,catalogue-2,vm", ["base"]), ("catalogue-1,catalogue-2", ["component", "ha"])]


def test_hosts_are_grouped_by_provider_and_component() -> None:
    groups = read(write_playbook(shop_plan())["inventory.yml"])["all"]["children"]
    assert {name: list(each["hosts"]) for name, each in groups.items()} == {
        "component_catalogue": ["catalogue-1", "catalogue-2"],
        "component_orders": ["vm"],
        "component_web": ["vm"],
        "provider_alpha": ["vm"],
        "provider_beta": ["catalogue-1", "catalogue-2"],
    }


def test_an_empty_plan_is_a_project_too() -> None:
    files = write_playbook(Plan(application="none", csps=(), steps=()))
    assert read(files["site.yml"]) == []
    assert read(files["inventory.yml"]) == {"all": {"hosts": {}, "children": {}}}
