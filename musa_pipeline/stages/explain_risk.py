"""Beside the road: why a threat is a risk of a component, or none, and which controls answer it there."""

from dataclasses import dataclass

from musa_pipeline.domain.answers import QuestionAnswer
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.residual import State
from musa_pipeline.domain.risk import Risk
from musa_pipeline.domain.threat import ControlLink, Threat
from musa_pipeline.stages import values
from musa_pipeline.stages.explain import on_top_of
from musa_pipeline.stages.named import component_named
from musa_pipeline.stages.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A control that answers the risk: whether it counts as granted there, and of which components the risk requires it.

    `organisation`: the risk calls for it, and only an organisation can implement it.
    """

    link: ControlLink
    granted: bool
    required: tuple[ComponentId, ...]
    organisation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRisk:
    """Everything about one threat at one component. `risk` is None where it does not apply; `answer` is the user's, if any."""

    component: ComponentId
    threat: Threat
    risk: Risk | None
    answer: QuestionAnswer | None
    answering: tuple[Answering, ...] = ()
    open: bool = False


def threat_named(work: Work, written: str) -> Threat | None:
    """Return the threat of that id or title, unless a control is meant."""
    if work.catalogs.named(written):
        return None
    wanted = written.casefold()
    return work.catalogs.threat.get(work.catalogs.threat_titled.get(wanted, ThreatId(wanted)))


def explain_risk(work: Work, component: str, threat: Threat) -> ExplainedRisk:
    """Gather the reasons.

    Raises UsageWrong if the model has no such component.
    """
    if component in (work.place.application, values.cpim(work).name):
        raise UsageWrong(f"a risk is that of a component, and {component!r} is the application", "`musa risk` lists all risks")
    named = component_named(work, component)
    risk = next((each for each in values.profile(work).risks if (each.component, each.threat) == (named, threat.id)), None)
    said = (one for each in values.answers(work).components if each.component == named for one in each.questions)
    answer = next((one for one in said if one.threat == threat.id), None)
    if risk is None:
        return ExplainedRisk(component=named, threat=threat, risk=None, answer=answer)
    left = next(each for each in values.residual(work).risks if each.id == risk.id)
    return ExplainedRisk(
        component=named,
        threat=threat,
        risk=risk,
        answer=answer,
        answering=_answering(work, risk, threat, set(left.lowered_by)),
        open=left.state is State.OPEN,
    )


def _answering(work: Work, risk: Risk, threat: Threat, granted: set[ControlId]) -> tuple[Answering, ...]:
    """A machine is answered for at what runs on it, so its risks require controls of that."""
    profile = values.profile(work)
    bearers = {risk.component, *on_top_of(values.cpim(work), risk.component)}
    asked = [each for each in profile.required if each.component in bearers and threat.id in each.threats]
    theirs = {
        each.control for each in profile.organisation if threat.id in each.threats and not bearers.isdisjoint(each.components)
    }
    return tuple(
        Answering(
            link=link,
            granted=link.control in granted,
            required=tuple(each.component for each in asked if each.control == link.control),
            organisation=link.control in theirs,
        )
        for link in threat.controls
    )
