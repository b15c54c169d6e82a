"""Which step is at work is told from Ansible's events alone."""

import json
from dataclasses import replace

import pytest

from musa_pipeline.cli.deploying import Watch
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.plan import Plan
from musa_pipeline.runners.ansible import Told, What
from musa_pipeline.stages.pace import Pace, turns
from tests.planning.shop_plan import shop_plan

CHECK = "Validating arguments against arg spec 'main' - A role"


def told(what: What, role: str, task: str = "Do it", machine: str = "") -> Told:
    return Told(what=what, role=role, task=task, machine=machine)


def follow(plan: Plan, *, checked: bool = True) -> list[tuple[str, int, int]]:
    """Run a plan in imagination: each role begins, changes one thing on each machine, and leaves another as it is."""
    pace, ended = Pace(turns(plan)), []
    for each in turns(plan):
        beginning = [told(What.TASK, each.role, CHECK)] if checked else []
        done = [told(What.CHANGED, each.role, machine=step.machine) for step in each.steps]
        events = [
            *beginning,
            told(What.TASK, each.role),
            *done,
            told(What.TASK, each.role),
            told(What.OK, each.role, machine="vm"),
        ]
        ended += [turn for event in events if (turn := pace.hear(event))]
    last = pace.end()
    return [(turn.title, turn.changed, turn.ok) for turn in [*ended, *([last] if last else [])]]


def test_every_step_is_told_once_in_order_with_its_counts() -> None:
    plan = shop_plan()
    assert follow(plan) == [(each.title, len(each.steps), 1) for each in turns(plan)]
    assert sum(len(each.steps) for each in turns(plan)) == len(plan.steps)


def test_a_role_without_declared_arguments_is_known_by_its_name() -> None:
    plan = shop_plan()
    apart = replace(plan, steps=tuple(step for i, step in enumerate(plan.steps) if i == 0 or step.role != plan.steps[i - 1].role))
    assert [title for title, _, _ in follow(apart, checked=False)] == [each.title for each in turns(apart)]


def test_undoing_goes_backwards() -> None:
    plan = shop_plan()
    assert [step.number for turn in turns(plan, undo=True) for step in turn.steps] == [step.number for step in plan.steps[::-1]]


def test_a_task_that_belongs_to_no_step_moves_nothing() -> None:
    pace = Pace(turns(shop_plan()))
    assert pace.hear(told(What.TASK, "", "Gather facts")) is None
    assert (pace.done, pace.turn) == (0, None)


def test_a_line_is_told_for_each_step_and_json_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    some = turns(shop_plan())[:2]
    for outlet in (Outlet(), Outlet(json_logs=True)):
        with Watch(outlet, turns(shop_plan())) as watch:
            for each in some:
                watch.tell(told(What.TASK, each.role, CHECK))
                watch.tell(told(What.CHANGED, each.role, machine="vm"))
            watch.tell(told(What.FAILED, some[1].role, machine="vm"))
        lines = capsys.readouterr().err.splitlines()
        if outlet.json_logs:
            kept = [{name: json.loads(line)[name] for name in ("role", "changed", "failed")} for line in lines]
            assert kept == [{"role": each.role, "changed": 1, "failed": i} for i, each in enumerate(some)]
        else:
            assert [some[0].title in lines[0], "1 changed" in lines[0]] == [True, True]
            assert [line.split()[0] for line in lines[1:2]] == ["failed"]
            assert some[1].title in lines[2]
