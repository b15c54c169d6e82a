"""Verdicts: what the evidence of one window says of one promise, and never more than it says."""

from collections.abc import Sequence
from typing import NamedTuple

from musa_pipeline.assurance.bounds import SIGNS, combined, holds, shown, surely_broken
from musa_pipeline.assurance.windows import Tally
from musa_pipeline.domain.metric import Value
from musa_pipeline.domain.verdict import Objective, Over, State, Verdict

AGEING = 0.75
"""Share of the greatest age of evidence at which a promise counts as at risk: the alert before silence."""
UNKNOWN = frozenset({State.NOT_DETERMINED, State.NOT_APPLICABLE})


class Judged(NamedTuple):
    """A verdict and what it was made of."""

    verdict: Verdict
    tally: Tally


def judge(objective: Objective, tally: Tally, time: float) -> Verdict:
    """Return the verdict on an objective that is measured itself, for the window that ends at `time`."""
    state, reason = _state(objective, tally, time)
    if tally.split and state not in UNKNOWN:
        reason += f"; {' and '.join(tally.split)} saw it otherwise"
    return Verdict(
        objective=objective.id,
        component=objective.component,
        metric=objective.slo.metric,
        state=state,
        time=time,
        value=tally.value,
        samples=tally.samples,
        beyond=len(tally.bad),
        last=tally.newest,
        confidence=_confidence(objective, tally.samples) if state not in UNKNOWN else 0.0,
        reason=reason,
        agents=tally.agents,
    )


def _state(objective: Objective, tally: Tally, time: float) -> tuple[State, str]:
    window = objective.window
    if objective.void:
        return State.NOT_APPLICABLE, objective.void
    if not objective.agents:
        return State.NOT_DETERMINED, "no agent of the plan measures it"
    if tally.newest is None:
        return State.NOT_DETERMINED, f"no sample in {seconds(window.length)}"
    age = time - tally.newest
    if age > window.max_age:
        return State.NOT_DETERMINED, f"the newest evidence is older than {seconds(window.max_age)}"
    if not tally.samples:
        if tally.absent >= window.fewest:
            return State.NOT_APPLICABLE, f"there is nothing it could apply to, says {' and '.join(tally.agents)}"
        return State.NOT_DETERMINED, f"no sample in {seconds(window.length)}"
    if tally.samples < window.fewest or tally.value is None:
        return State.NOT_DETERMINED, f"{tally.samples} of at least {window.fewest} samples"
    return _against(objective, tally.value, len(tally.bad) >= window.confirm, tally, age)


def _against(objective: Objective, value: float, confirmed: bool, tally: Tally, age: float) -> tuple[State, str]:
    """Return what a value says: beyond the bound and confirmed, beyond it, beyond the alert, growing old, or fulfilled."""
    slo, window, beyond = objective.slo, objective.window, len(tally.bad)
    counted = f", {beyond} of {tally.samples} samples beyond it" if objective.over is not Over.LAST or objective.members else ""
    if not holds(slo.operator, value, slo.bound):
        text = f"{_compared(objective, value, slo.bound)}{counted}"
        if confirmed:
            good = f"; the last {tally.run} hold" if tally.run and tally.samples > 1 else ""
            return State.VIOLATED, text + good
        return State.AT_RISK, f"{text}, {window.confirm} confirm it"
    if slo.alert is not None and not holds(slo.operator, value, slo.alert):
        return State.AT_RISK, f"{_compared(objective, value, slo.alert, 'alert at ')}{counted}"
    if age > AGEING * window.max_age:
        return State.AT_RISK, f"no evidence for {seconds(age)}; from {seconds(window.max_age)} on it counts as none"
    return State.FULFILLED, f"{shown(value, slo)} {SIGNS[slo.operator]} {shown(float(slo.bound), slo)}"


def _compared(objective: Objective, value: float, bound: Value, what: str = "") -> str:
    slo = objective.slo
    return f"{shown(value, slo)}, {what or 'promised '}{SIGNS[slo.operator]} {shown(float(bound), slo)}"


def _confidence(objective: Objective, samples: int) -> float:
    """Return the share of the expected samples that came."""
    if objective.over is Over.LAST or not objective.period:
        return 1.0
    return round(min(1.0, samples * objective.period / objective.window.length), 4)


def judge_whole(objective: Objective, members: Sequence[Judged], time: float) -> Judged:
    """Return the verdict on the application, combined of its members as the metric says.

    A member that is not determined leaves the whole so, unless the others alone break the bound; one it does not apply to is left out.
    """
    applying = [each for each in members if each.verdict.state is not State.NOT_APPLICABLE]
    known = [each for each in applying if each.verdict.state is not State.NOT_DETERMINED]
    unknown = [each.verdict for each in applying if each.verdict.state is State.NOT_DETERMINED]
    value = combined(objective.combine, objective.slo, [each.verdict.value or 0.0 for each in known]) if known else None
    tally = _joined(known, value)
    state, reason = _state_of_whole(objective, bool(members), known, tally, unknown, time)
    told = not unknown or state not in UNKNOWN
    verdict = Verdict(
        objective=objective.id,
        component=objective.component,
        metric=objective.slo.metric,
        state=state,
        time=time,
        value=value if told else None,
        samples=tally.samples,
        beyond=len(tally.bad),
        last=tally.newest,
        confidence=min((each.verdict.confidence for each in applying), default=0.0) if state not in UNKNOWN else 0.0,
        reason=reason,
        agents=tally.agents,
    )
    return Judged(verdict, tally)


def _joined(known: Sequence[Judged], value: float | None) -> Tally:
    """Return the evidence of the members together; it is as old as that of the member whose evidence is oldest."""
    bad = tuple(sorted(bad for each in known for bad in each.tally.bad))
    accused = [each for each in known if each.tally.bad]
    return Tally(
        value=value,
        samples=sum(each.tally.samples for each in known),
        bad=bad,
        newest=min((each.tally.newest for each in known if each.tally.newest is not None), default=None),
        run=min((each.tally.run for each in known), default=0),
        since=max((each.tally.since for each in accused if each.tally.since is not None), default=None),
        agents=tuple(sorted({agent for each in known for agent in each.tally.agents})),
        machine=bad[-1].machine if bad else "",
    )


def _state_of_whole(
    objective: Objective, any_members: bool, known: Sequence[Judged], tally: Tally, unknown: Sequence[Verdict], time: float
) -> tuple[State, str]:
    if objective.void:
        return State.NOT_APPLICABLE, objective.void
    if not any_members:
        return State.NOT_DETERMINED, "no component of it is measured"
    if tally.value is None and not unknown:
        return State.NOT_APPLICABLE, "it applies to none of its components"
    if tally.value is None or (unknown and not surely_broken(objective.combine, objective.slo, tally.value)):
        names = [each.component for each in unknown[:3]]
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        return State.NOT_DETERMINED, f"not determined for {', '.join(names)}{more}"
    age = time - tally.newest if tally.newest is not None else 0.0
    state, reason = _against(objective, tally.value, _confirmed(objective, known, tally), tally, age)
    return state, reason + (f"; not determined for {len(unknown)} more" if unknown else "")


def _confirmed(objective: Objective, known: Sequence[Judged], tally: Tally) -> bool:
    """Tell whether a break of the whole is more than a few failed probes: enough bad samples, or broken without those members."""
    confirm = objective.window.confirm
    if len(tally.bad) >= confirm:
        return True
    sure = [each.verdict.value or 0.0 for each in known if not each.tally.bad]
    return bool(sure) and surely_broken(objective.combine, objective.slo, combined(objective.combine, objective.slo, sure))


def seconds(length: float) -> str:
    """Return a time in the largest whole unit.

    >>> seconds(300), seconds(172800), seconds(2.5)
    ('5 min', '2 d', '2.5 s')
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if length >= size and length % size == 0:
            return f"{length // size:g} {unit}"
    return f"{length:.4g} s" if length < 10000 else f"{length:.0f} s"
