"""What happens, told in lines that a person reads while it happens."""

from collections.abc import Mapping
from dataclasses import dataclass

from musa_pipeline.domain.command import Outcome, Result
from musa_pipeline.domain.event import Finding
from musa_pipeline.domain.policy import Action, Life, Step
from musa_pipeline.domain.verdict import Incident, Objective, Stage, State, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: a word for the eye, a sentence, and what more there is to know."""

    time: float
    word: str
    text: str
    detail: str = ""


def tell(
    value: Verdict | Incident | Finding | Action | Result, objectives: Mapping[str, Objective], application: str
) -> Line | None:
    """Return the line for something that happened; None if it is not worth one."""
    match value:
        case Verdict():
            return _verdict(value, objectives.get(value.objective), application)
        case Incident():
            return _incident(value, application)
        case Finding():
            about = value.source or value.component or value.machine
            return Line(
                time=value.time,
                word=value.type,
                text=value.detail or about,
                detail=f"{value.machine or value.component} · confidence {value.confidence:.2f}",
            )
        case Action():
            return _action(value)
        case Result(outcome=Outcome.APPLIED):
            return None
        case Result():
            return Line(time=value.time, word=str(value.outcome), text=f"by the agent of {value.machine}", detail=value.reason)


def _verdict(verdict: Verdict, objective: Objective | None, application: str) -> Line | None:
    if verdict.state is State.NOT_APPLICABLE or (verdict.state is State.NOT_DETERMINED and verdict.last is None):
        return None  # before the first evidence there is nothing to tell; the board says that it is missing
    unit = objective.slo.unit if objective else ""
    value = "" if verdict.value is None else f" {verdict.value:.4g} {unit}".rstrip()
    return Line(
        time=verdict.time,
        word=str(verdict.state).replace("-", " "),
        text=f"{verdict.metric} of {verdict.component or application}{value}",
        detail=verdict.reason,
    )


def _incident(incident: Incident, application: str) -> Line:
    of = f"{incident.metric} of {incident.component or application}"
    if incident.stage is Stage.CLOSED and incident.ended is not None:
        return Line(
            time=incident.ended,
            word="recovered",
            text=f"{of}: the incident closed after {incident.ended - incident.began:.1f} s",
        )
    cause = f"cause: {incident.cause} {incident.because}".rstrip() if incident.cause else ""
    return Line(time=incident.told, word="incident", text=of, detail=cause)


_WORDS = {
    Life.SHADOWED: "would do",
    Life.WAITING: "asks",
    Life.HELD: "held back",
    Life.VERIFIED: "verified",
    Life.REVERTED: "taken back",
    Life.EXPIRED: "expired",
    Life.FAILED: "failed",
    Life.SENT: "policy",
}


_QUIET = (Step.DETECT, Step.SET_PERIOD)
"""Steps that only prepare others: told when they fail."""


def _action(action: Action) -> Line | None:
    word = _WORDS.get(action.life)
    if word is None or (action.step in _QUIET and action.life is not Life.FAILED):
        return None
    arguments = ", ".join(
        f"{name} {value}" for name, value in sorted(action.arguments.items()) if isinstance(value, str | int | float)
    )
    return Line(
        time=action.time,
        word=word,
        text=f"{action.policy}: {action.step} on {action.target}",
        detail=" · ".join(filter(None, (action.reason, arguments))),
    )
