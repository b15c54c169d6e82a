"""From the model, the threat catalog and the answers to rated risks and the controls they require (paper, section 2.1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeAlias

from musa_pipeline.domain.answers import Answers, QuestionAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds, mentions, reasons
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.exposure import ExposureRule, exposures_of
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId, ThreatId
from musa_pipeline.domain.residual import State
from musa_pipeline.domain.risk import FactorMove, FactorSet, Risk, RiskProfile, Unanswered
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import BUSINESS, LIKELIHOOD, TECHNICAL, Stride, Threat
from musa_pipeline.risk.cover import chosen_by
from musa_pipeline.risk.factors import FactorBook, factors_of
from musa_pipeline.risk.owasp import impact_of, mean, rate
from musa_pipeline.risk.required import required_of
from musa_pipeline.risk.residual import UNDECIDED
from musa_pipeline.risk.tailor import tailored

COVER: Final = "cover"
"""The setting under which risks require the cheapest set of controls, and not each of those that their scores reach."""

Evidence: TypeAlias = Mapping[tuple[ComponentId, ThreatId], tuple[FactorMove, ...]]
"""What was measured of a threat to a component, as moves of its factors."""
NO_EVIDENCE: Final[Evidence] = MappingProxyType({})


def assess(
    cpim: Cpim,
    answers: Answers,
    catalogs: Catalogs,
    settings: RiskSettings,
    evidence: Evidence = NO_EVIDENCE,
    decided: Mapping[str, State] = UNDECIDED,
) -> RiskProfile:
    """Rate every threat that applies to a component or machine of the model, and derive the required controls.

    A machine's risks require their controls of every component that runs on it: the components are what is promised.
    `evidence` moves factors of a threat to a component, whoever said them. `decided` counts where the cheapest cover is what is
    required: risks that people live with ask for nothing there.
    """
    facts = facts_of(cpim, catalogs)
    rater = _Rater(FactorBook.of(answers), catalogs.exposures, settings, evidence)
    questions = {(one.component, each.threat): each for one in answers.components for each in one.questions}
    risks: list[Risk] = []
    open_questions: list[Unanswered] = []
    silent: dict[object, list[tuple[Threat, bool, str, bool]]] = {}
    for component in sorted(cpim.components, key=lambda each: each.id):
        if component.role is Role.EXTERNAL:  # its owner's risk; what we lose by using it is rated at its users
            continue
        same = frozenset(facts[component.id].items())
        if same not in silent:
            silent[same] = _silent(facts[component.id], catalogs)
        for threat, assumed, because, asked in silent[same]:
            answer = questions.get((component.id, threat.id))
            applies, why = _applies(threat, facts[component.id], answer) if answer else (assumed, because)
            if asked and not answer:
                open_questions.append(Unanswered(component=component.id, threat=threat.id, assumed=applies))
            if applies:
                risks.append(rater.rate(component.id, threat, why, facts[component.id], same))
    risks.sort(key=lambda each: (-each.rating.score, -each.likelihood * each.impact, each.component, each.threat))
    rated = RiskProfile(
        application=cpim.name,
        risks=tuple(risks),
        required=(),
        factor_sets=tuple(sorted(rater.sets, key=lambda each: each.id)),
        unanswered=tuple(sorted(open_questions, key=lambda each: (each.component, each.threat))),
        exposures=exposures_of(cpim),
    )
    covers = settings.require == COVER
    chosen, gap = chosen_by(rated, cpim, facts, catalogs, settings, decided) if covers else (None, 0.0)
    required, organisation = required_of(cpim, risks, facts, catalogs, tailored(settings.profile, catalogs), chosen)
    return replace(rated, required=required, organisation=organisation, gap=gap)


def _silent(facts: Facts, catalogs: Catalogs) -> list[tuple[Threat, bool, str, bool]]:
    """Return each threat with what is taken when nobody answers, why, and whether to ask; one list serves all with these facts."""
    return [(each, *_applies(each, facts, None), bool(each.question) and _can_matter(each, facts)) for each in catalogs.threats]


def _applies(threat: Threat, facts: Facts, answer: QuestionAnswer | None) -> tuple[bool, str]:
    """Tell whether a threat applies and why. The user's no is final; a yes counts where the threat fits the component."""
    if answer is None:
        return holds(threat.applies, facts), ", ".join(reasons(threat.applies, facts)) or "always"
    with_yes, with_no = (holds(threat.applies, {**facts, "answer": frozenset({word})}) for word in ("true", "false"))
    applies = with_yes if answer.yes else with_no and not with_yes
    said = f"answered {'yes' if answer.yes else 'no'}"
    return applies, f"{said}: {answer.because}" if answer.because else said


def _can_matter(threat: Threat, facts: Facts) -> bool:
    """Tell whether an answer could change what is assumed."""
    if not mentions(threat.applies, "answer"):
        return False
    return any(holds(threat.applies, {**facts, "answer": frozenset({word})}) for word in ("true", "false"))


class _Rater:
    """Rates threats; components of which the same facts are known, and nothing is answered or measured on factors, share one factor set."""

    def __init__(self, book: FactorBook, exposures: Sequence[ExposureRule], settings: RiskSettings, evidence: Evidence) -> None:
        self.book, self.exposures, self.settings, self.evidence = book, exposures, settings, evidence
        self.sets: list[FactorSet] = []
        self._rated: dict[tuple[ThreatId, object], tuple[str, float, float, float, float]] = {}
        self._moves: dict[tuple[Stride, object], tuple[FactorMove, ...]] = {}
        self._answered = {component for component, _, _ in book.specific}
        self._count: dict[ThreatId, int] = defaultdict(int)

    def rate(self, component: ComponentId, threat: Threat, why: str, facts: Facts, same: object) -> Risk:
        """Rate one threat to one component; `same` is equal for components with the same facts."""
        alone = component in self._answered or (component, threat.id) in self.evidence
        key = (threat.id, component if alone else same)
        if key not in self._rated:
            self._rated[key] = self._new(component, threat, facts, self._exposed(threat.stride, facts, same), alone=alone)
        named, likelihood, technical, business, impact = self._rated[key]
        return Risk(
            component=component,
            threat=threat.id,
            stride=threat.stride,
            likelihood=likelihood,
            technical=technical,
            business=business,
            impact=impact,
            rating=rate(likelihood, impact),
            factors=named,
            because=why,
        )

    def _exposed(self, stride: Stride, facts: Facts, same: object) -> tuple[FactorMove, ...]:
        """Return what exposure moves for threats of a class; components with the same facts share the answer."""
        if (stride, same) not in self._moves:
            rules = (each for each in self.exposures if stride in each.stride and holds(each.when, facts))
            self._moves[stride, same] = tuple(move for each in rules for move in each.moved_by(facts))
        return self._moves[stride, same]

    def _new(
        self, component: ComponentId, threat: Threat, facts: Facts, exposed: tuple[FactorMove, ...], *, alone: bool
    ) -> tuple[str, float, float, float, float]:
        measured = self.evidence.get((component, threat.id), ())
        factors = factors_of(component, threat, facts, self.book, exposed, measured)
        self._count[threat.id] += not alone
        named = f"{threat.id} of {component}" if alone else f"{threat.id} {self._count[threat.id]}"
        self.sets.append(FactorSet(id=named, factors=factors))
        value = {each.name: each.value for each in factors}
        likelihood, technical, business = (
            mean([value[name] for name in names if name in value]) for names in (LIKELIHOOD, TECHNICAL, BUSINESS)
        )
        return named, likelihood, technical, business, impact_of(technical, business, self.settings.impact)
