"""Promises, samples, and a second checker that is as plain and slow as can be: every window is looked at anew from all samples."""

from dataclasses import replace
from math import floor, prod

from musa_pipeline.assurance.check import Checker
from musa_pipeline.domain.event import MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Combine, Operator, Slo
from musa_pipeline.domain.verdict import Objective, Over, State, Verdict, Window

WINDOW = Window(length=10, step=1, late=2, fewest=3, confirm=3, recover=3, max_age=10)
START = 1_800_000_000.0
AVAILABLE = Slo(metric=MetricId("availability"), operator=Operator.GE, bound=90, unit="%", alert=95)
YES = Slo(metric=MetricId("encrypted"), operator=Operator.EQ, bound=True, unit="")
FAST = Slo(metric=MetricId("latency"), operator=Operator.LE, bound=500, unit="ms", alert=450)
SCAN = Slo(metric=MetricId("scan"), operator=Operator.LE, bound=24, unit="h", alert=20)


def promise(component: str, slo: Slo = AVAILABLE, window: Window = WINDOW, **more: object) -> Objective:
    """Return a promise of a component, measured by a probe every second."""
    given: dict[str, object] = {"agents": ("probe",), "period": 1.0, "combine": Combine.PRODUCT} | more
    return Objective(id=f"{component}/{slo.metric}", component=ComponentId(component), slo=slo, window=window, **given)  # type: ignore[arg-type]


def whole(members: tuple[str, ...], slo: Slo = AVAILABLE, combine: Combine = Combine.PRODUCT, **more: object) -> Objective:
    """Return a promise of the application."""
    made = promise("", slo, combine=combine, members=tuple(ComponentId(each) for each in members), **more)
    return replace(made, id=f"app/{slo.metric}")


def sample(
    component: str, at: float, value: float, slo: Slo = AVAILABLE, agent: str = "probe", machine: str = "m"
) -> Measurement:
    """Return what an agent saw, so many seconds after the start."""
    return Measurement(
        component=ComponentId(component),
        machine=MachineId(machine),
        agent=agent,
        metric=slo.metric,
        value=float(value),
        unit=slo.unit,
        time=START + at,
    )


def states(told: object) -> list[tuple[str, float, str]]:
    """Return the changed verdicts among what was told: objective, seconds since the start, state."""
    return [(each.objective, each.time - START, str(each.state)) for each in told if isinstance(each, Verdict)]  # type: ignore[attr-defined]


def run(checker: Checker, samples: list[Measurement], until: float, delay: float = 0.0) -> list[object]:
    """Hand samples in at the second they are made (or `delay` later), judge each second, and return all that was told."""
    told: list[object] = []
    waiting = sorted(samples, key=lambda each: each.time)
    for second in range(int(until) + 1):
        now = START + second
        checker.take([each for each in waiting if each.time + delay <= now], now)
        waiting = [each for each in waiting if each.time + delay > now]
        told += checker.advance(now)
    return told


def plainly(objectives: list[Objective], samples: list[Measurement], first: int, until: int) -> list[tuple[str, int, str]]:
    """Return the states of all objectives at each window end from `first` to `until`, by looking at every sample for every window."""
    unique = {(each.component, each.metric, each.agent, each.time): each for each in samples}.values()
    found = []
    for end in range(first, until + 1):
        now = {each.id: _own(each, list(unique), START + end) for each in objectives if each.component}
        for each in objectives:
            state = now[each.id][0] if each.component else _whole(each, objectives, now, list(unique), START + end)
            found.append((each.id, end, state))
    return found


def _good(slo: Slo, value: float, bound: float | bool | None = None) -> bool:
    limit = slo.bound if bound is None else bound
    return {
        Operator.GE: value >= limit - 1e-7,
        Operator.LE: value <= limit + 1e-7,
        Operator.EQ: value == limit,
        Operator.GT: value > limit,
        Operator.LT: value < limit,
    }[slo.operator]


def _inside(objective: Objective, samples: list[Measurement], end: float) -> list[Measurement]:
    ours = [each for each in samples if (each.component, each.metric) == (objective.component, objective.slo.metric)]
    inside = [each for each in ours if floor(end - objective.window.length) <= each.time < end]
    if objective.over is Over.LAST and inside:
        newest = max(each.time for each in inside)
        found = [each for each in inside if each.time == newest]
        return [next((each for each in found if not _good(objective.slo, each.value)), found[0])]
    return inside


def _own(objective: Objective, samples: list[Measurement], end: float) -> tuple[str, float | None, int, float]:
    inside = _inside(objective, samples, end)
    bad = sum(not _good(objective.slo, each.value) for each in inside)
    if not objective.agents or len(inside) < objective.window.fewest:
        return "not-determined", None, bad, 0.0
    newest = max(each.time for each in inside)
    if end - newest > objective.window.max_age:
        return "not-determined", None, bad, 0.0
    values = [each.value for each in inside]
    value = sum(values) / len(values) if objective.over is Over.MEAN else min(values)
    return _said(objective, value, bad >= objective.window.confirm, end - newest), value, bad, newest


def _said(objective: Objective, value: float, confirmed: bool, age: float) -> str:
    if not _good(objective.slo, value):
        return "violated" if confirmed else "at-risk"
    if objective.slo.alert is not None and not _good(objective.slo, value, objective.slo.alert):
        return "at-risk"
    return "at-risk" if age > 0.75 * objective.window.max_age else "fulfilled"


def _whole(
    objective: Objective,
    objectives: list[Objective],
    now: dict[str, tuple[str, float | None, int, float]],
    samples: list[Measurement],
    end: float,
) -> str:
    del samples
    found = [now[f"{each}/{objective.slo.metric}"] for each in objective.members]
    known = [each for each in found if each[0] != "not-determined"]
    values = [each[1] or 0.0 for each in known]
    if not known:
        return "not-determined"
    if objective.combine is Combine.PRODUCT:
        value = prod(each / 100 for each in values) * 100
    else:
        value = min(values) if objective.slo.operator is not Operator.LE else max(values)
    if len(known) < len(found) and _good(objective.slo, value):
        return "not-determined"
    bad = sum(each[2] for each in known)
    return _said(objective, value, bad >= objective.window.confirm, end - min(each[3] for each in known))


def changes(all_states: list[tuple[str, int, str]]) -> list[tuple[str, float, str]]:
    """Return only the states that differ from the one before."""
    last: dict[str, str] = {}
    found = []
    for name, end, state in all_states:
        if last.get(name) != state:
            found.append((name, float(end), state))
        last[name] = state
    return found


__all__ = ["AVAILABLE", "FAST", "SCAN", "START", "WINDOW", "YES", "State"]
