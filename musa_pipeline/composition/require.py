"""What each component asks for, as its SLA template: required controls, who is to implement each, objectives (paper, section 2.2)."""

from collections import defaultdict
from collections.abc import Sequence

from musa_pipeline.composition.fitting import Fitting
from musa_pipeline.composition.objectives import Objectives
from musa_pipeline.domain.agreement import Slat, SlatTerm, ThreatNote, weight_of
from musa_pipeline.domain.answers import Answers, ComponentAnswers, ControlAnswer, Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, MetricId, control_key
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.risk import Required, Risk, RiskProfile
from musa_pipeline.domain.source import Span


def require(cpim: Cpim, profile: RiskProfile, answers: Answers, catalogs: Catalogs) -> tuple[Slat, ...]:
    """Return the template of every component that we deploy, sorted by component."""
    return _Questionnaire(cpim, profile, answers, catalogs).templates()


class _Questionnaire:
    def __init__(self, cpim: Cpim, profile: RiskProfile, answers: Answers, catalogs: Catalogs) -> None:
        self._cpim, self._catalogs = cpim, catalogs
        self._facts = facts_of(cpim, catalogs)
        self._objectives = Objectives(catalogs)
        self._answers = {each.component: each for each in answers.components}
        self._protecting = Fitting((each.id, each.protects) for each in catalogs.agents)
        self._granting: dict[ControlId, list[AgentId]] = defaultdict(list)
        for agent in sorted(catalogs.agents, key=lambda each: each.id):
            for grant in agent.grants:
                self._granting[grant.control].append(agent.id)
        self._terms: dict[object, SlatTerm] = {}
        self._required: dict[ComponentId, list[Required]] = defaultdict(list)
        for required in profile.required:
            self._required[required.component].append(required)
        self._risks: dict[ComponentId, list[Risk]] = defaultdict(list)
        for risk in profile.risks:
            self._risks[risk.component].append(risk)

    def templates(self) -> tuple[Slat, ...]:
        deployed = (each for each in self._cpim.components if each.role is Role.COMPONENT)
        return tuple(self._slat(each) for each in sorted(deployed, key=lambda each: each.id))

    def _slat(self, component: Component) -> Slat:
        facts, risks = self._facts[component.id], self._risks.get(component.id, [])
        said = self._answers.get(component.id, ComponentAnswers(component=component.id))
        replies = {each.control: each for each in said.controls}
        claims = {each.control: each.at for each in component.implements}
        required = sorted(self._required.get(component.id, ()), key=lambda each: control_key(each.control))
        fits = self._protecting.at(facts)
        terms = tuple(self._term(each, fits, replies.get(each.control), claims) for each in required)
        return Slat(
            id=f"{self._cpim.name}/{component.id}",
            application=self._cpim.name,
            component=component.id,
            name=component.name,
            kind=component.kind,
            framework=self._catalogs.controls.id,
            terms=terms,
            slos=self._objectives.of(terms, risks, facts, _given(component, said)),
            threats=self._notes(risks),
        )

    def _term(
        self, required: Required, fits: frozenset[AgentId], reply: ControlAnswer | None, claims: dict[ControlId, Span]
    ) -> SlatTerm:
        """Return what is asked; where nobody said a word of it, components that are alike share the term."""
        if reply or required.control in claims or required.wanted:
            return self._new(required, fits, reply, claims)
        key = (required.control, required.score, required.threats, fits)
        if key not in self._terms:
            self._terms[key] = self._new(required, fits, reply, claims)
        return self._terms[key]

    def _new(
        self, required: Required, fits: frozenset[AgentId], reply: ControlAnswer | None, claims: dict[ControlId, Span]
    ) -> SlatTerm:
        control = self._catalogs.control.get(required.control)
        agents = tuple(each for each in self._granting.get(required.control, ()) if each in fits)
        at = required.wanted
        if reply:
            by, because, at = reply.by, reply.because, reply.at
        elif required.control in claims:
            by, because, at = Grant.COMPONENT, "the model says that it implements it", claims[required.control]
        elif control and control.type is ControlType.COMMON:
            by, because = Grant.SERVICE, "a common control is the cloud service's"
        elif agents:
            by, because = Grant.AGENT, f"an agent can grant it: {', '.join(agents)}"
        else:
            by, because = Grant.NOBODY, "nobody is known to implement it"
        return SlatTerm(
            control=required.control,
            title=control.title if control else "",
            by=by,
            score=required.score,
            weight=weight_of(required.score),
            answered=reply is not None,
            because=because,
            threats=required.threats,
            agents=agents,
            at=at,
        )

    def _notes(self, risks: Sequence[Risk]) -> tuple[ThreatNote, ...]:
        notes = []
        for risk in sorted(risks, key=lambda each: (-each.rating.score, each.threat)):
            threat = self._catalogs.threat.get(risk.threat)
            title, sources = (threat.title, threat.sources) if threat else ("", ())
            notes.append(
                ThreatNote(
                    threat=risk.threat,
                    title=title,
                    stride=risk.stride,
                    rating=risk.rating,
                    source=str(sources[0]) if sources else "",
                )
            )
        return tuple(notes)


def _given(component: Component, said: ComponentAnswers) -> dict[MetricId, Slo]:
    """Return the bounds that people gave; the answers win over the model."""
    return {each.metric: each for each in (*component.slos, *said.slos)}
