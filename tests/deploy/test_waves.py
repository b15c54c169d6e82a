"""Machines at the same time: every step after those it needs, whatever the plan; and a signal or a failure leaves nothing at work."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.plan import Plan, Step
from musa_pipeline.runners.ansible import Counts, Played, Told, What
from musa_pipeline.stages.waves import lanes, run_lanes
from tests.planning.shop_plan import shop_plan


def plan_of(*steps: tuple[str, tuple[int, ...]]) -> Plan:
    """Return a plan of steps, each a machine and the numbers that it needs."""
    made = tuple(
        Step(number=i, title=f"step {i}", machine=machine, role="component", variables={"n": i}, because="", after=after)
        for i, (machine, after) in enumerate(steps, 1)
    )
    return replace(shop_plan(), steps=made)


@some.composite
def plans(draw: some.DrawFn) -> Plan:
    count = draw(some.integers(1, 12))
    return plan_of(
        *((draw(some.sampled_from("abcd")), tuple(draw(some.sets(some.integers(1, i)))) if i else ()) for i in range(count))
    )


def imagine(plan: Plan, order: list[int]) -> Callable[[str, Callable[[Told], None], Callable[[], bool]], Played]:
    """Return a run that does the steps of its machines in the order of the plan, as Ansible would."""
    guard = threading.Lock()

    def run(lane: str, hear: Callable[[Told], None], _stop: Callable[[], bool]) -> Played:
        machines = lane.split(",")
        for step in plan.steps:
            if step.machine in machines:
                hear(Told(what=What.TASK, role=step.role, task="Validating arguments against arg spec 'main' - A role"))
                with guard:
                    order.append(step.number)
        return Played(counts={each: Counts(ok=1) for each in machines}, failures=(), well=True, seconds=1)

    return run


@given(plans())
def test_every_step_comes_once_and_after_those_it_needs(plan: Plan) -> None:
    order: list[int] = []
    told: list[Told] = []
    played = run_lanes(plan, imagine(plan, order), told.append)
    assert sorted(order) == [step.number for step in plan.steps]
    assert all(order.index(number) < order.index(step.number) for step in plan.steps for number in step.after)
    assert set(played.counts) == {step.machine for step in plan.steps}
    assert {told.lane for told in told} == {lane.name for lane in lanes(plan)}


def test_machines_that_wait_for_each_other_are_one_lane() -> None:
    plan = plan_of(("a", ()), ("b", (1,)), ("a", (2,)), ("c", (3,)))
    assert [(lane.machines, set(lane.needs)) for lane in lanes(plan)] == [(("a", "b"), set()), (("c",), {3})]


def test_copies_of_a_component_are_one_lane() -> None:
    assert [lane.machines for lane in lanes(shop_plan())] == [("catalogue-1", "catalogue-2"), ("vm",)]


def test_a_run_that_cannot_begin_ends_the_others_and_is_told() -> None:
    def run(lane: str, _hear: Callable[[Told], None], stop: Callable[[], bool]) -> Played:
        if lane == "a":
            raise OutsideFailed("ansible could not begin")
        waiting = threading.Event()
        while not stop():
            waiting.wait(0.01)
        return Played(counts={}, failures=(), well=False, seconds=0, said="stopped")

    with pytest.raises(OutsideFailed, match="could not begin"):
        run_lanes(plan_of(("a", ()), ("b", ())), run, lambda _told: None)
