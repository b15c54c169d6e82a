"""Which questions are open, what each answer would change, and which is worth most.

The value of an answer is counted in risk points (1, 3, 5, 7, 9 for the five ratings, 0 for no risk): the difference between the
best and the worst answer. A question on a threat changes one risk alone, so two assessments of the whole model, one with
every open question answered yes and one with no, tell what each of them would do.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from musa_pipeline.domain.answers import Answers, ComponentAnswers, QuestionAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.question import Consequence, ControlAt, ControlQuestion, FactorQuestion, Questions, ThreatQuestion
from musa_pipeline.domain.risk import FactorSet, Required, Risk, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import BUSINESS, LIKELIHOOD, TECHNICAL
from musa_pipeline.risk.assess import NO_EVIDENCE, Evidence
from musa_pipeline.risk.factors import FactorBook
from musa_pipeline.risk.owasp import impact_of, rate
from musa_pipeline.risk.required import bearers_of

LEAST, MOST = 0, 9
"""OWASP's scale."""
_GROUPS: Final = (LIKELIHOOD, TECHNICAL, BUSINESS)
_GROUP: Final = {name: group for group, names in enumerate(_GROUPS) for name in names}
Assess: TypeAlias = Callable[[Answers], RiskProfile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypotheses:
    """The profile as it would be with every open question answered yes, and with no."""

    yes: RiskProfile
    no: RiskProfile


def hypotheses(profile: RiskProfile, answers: Answers, assess: Assess) -> Hypotheses:
    """Assess the model twice; answers to questions on threats do not change what these tell of the others."""
    return Hypotheses(yes=assess(_all(profile, answers, yes=True)), no=assess(_all(profile, answers, yes=False)))


def _all(profile: RiskProfile, answers: Answers, *, yes: bool) -> Answers:
    asked: dict[ComponentId, list[QuestionAnswer]] = defaultdict(list)
    for each in profile.unanswered:
        asked[each.component].append(QuestionAnswer(threat=each.threat, yes=yes))
    said = {each.component: each for each in answers.components}
    whole = [said.get(each) or ComponentAnswers(component=each) for each in sorted(said.keys() | asked.keys())]
    return replace(
        answers, components=tuple(replace(each, questions=(*each.questions, *asked[each.component])) for each in whole)
    )


def questions_of(
    cpim: Cpim,
    answers: Answers,
    catalogs: Catalogs,
    settings: RiskSettings,
    profile: RiskProfile,
    would_be: Hypotheses,
    evidence: Evidence = NO_EVIDENCE,
) -> Questions:
    """Return everything that is open, most valuable first; `profile` is that of the answers and the evidence as they are."""
    return Questions(
        application=profile.application,
        threats=tuple(sorted(_threats(cpim, catalogs, profile, would_be), key=_worth)),
        factors=tuple(
            sorted(
                (*_business(answers, settings, profile), *_factors(answers, settings, profile, evidence)),
                key=lambda each: (-each.value, -each.moves, each.components, each.threat or "", each.factor),
            )
        ),
        controls=controls_of(answers, profile),
    )


def _worth(each: ThreatQuestion) -> tuple[object, ...]:
    """Order by risk points, then by how many controls hang on the answer."""
    controls = sum(len(one.come) + len(one.go) for one in (each.yes, each.no))
    return (-each.value, -controls, each.component, each.threat)


class _State:
    """One profile, ready to be asked by component and threat."""

    def __init__(self, profile: RiskProfile) -> None:
        self.risks: dict[tuple[ComponentId, ThreatId], Risk] = {(each.component, each.threat): each for each in profile.risks}
        self.required: dict[tuple[ComponentId, ControlId], Required] = {
            (each.component, each.control): each for each in profile.required
        }
        self.called: dict[tuple[ComponentId, ThreatId], list[ControlId]] = defaultdict(list)
        for each in profile.required:
            for threat in each.threats:
                self.called[each.component, threat].append(each.control)


def _threats(cpim: Cpim, catalogs: Catalogs, profile: RiskProfile, would_be: Hypotheses) -> Iterator[ThreatQuestion]:
    now = _State(profile)
    bearers = bearers_of(cpim)
    borne: dict[ComponentId, list[ComponentId]] = defaultdict(list)
    for node, of in bearers.items():
        for bearer in of:
            borne[bearer].append(node)
    states = _State(would_be.yes), _State(would_be.no)
    for each in profile.unanswered:
        yes, no = (_consequence(each.component, each.threat, now, state, bearers[each.component], borne) for state in states)
        yield ThreatQuestion(
            value=abs(yes.score - no.score),
            component=each.component,
            threat=each.threat,
            question=catalogs.threat[each.threat].question,
            assumed=each.assumed,
            yes=yes,
            no=no,
        )


def _consequence(
    component: ComponentId,
    threat: ThreatId,
    now: _State,
    then: _State,
    bearers: Iterable[ComponentId],
    borne: Mapping[ComponentId, list[ComponentId]],
) -> Consequence:
    risk = then.risks.get((component, threat))
    come: list[ControlAt] = []
    go: list[ControlAt] = []
    for bearer in sorted(bearers):
        if risk:
            new = (each for each in then.called.get((bearer, threat), ()) if (bearer, each) not in now.required)
            come += (ControlAt(component=bearer, control=each) for each in new)
        elif not any((node, threat) in now.risks for node in borne[bearer] if node != component):
            alone = (each for each in now.called.get((bearer, threat), ()) if _for_this_alone(now.required[bearer, each]))
            go += (ControlAt(component=bearer, control=each) for each in alone)
    return Consequence(rating=risk.rating if risk else None, come=tuple(come), go=tuple(go))


def _for_this_alone(each: Required) -> bool:
    return len(each.threats) == 1 and not each.wanted and not each.policy


@dataclass(frozen=True, slots=True)
class _Rated:
    """A factor set that can be rated again with another value of one factor: sums and counts by group, and the rule of impact."""

    values: Mapping[str, int] = field(compare=False)
    known: frozenset[str]
    sums: tuple[int, int, int]
    counts: tuple[int, int, int]
    rule: str

    @classmethod
    def of(cls, factors: FactorSet, rule: str) -> "_Rated":
        values = {each.name: each.value for each in factors.factors}
        groups = [[values[name] for name in names if name in values] for names in _GROUPS]
        likelihood, technical, business = groups
        sums = sum(likelihood), sum(technical), sum(business)
        return cls(values, frozenset(values), sums, (len(likelihood), len(technical), len(business)), rule)

    def score(self, factor: str, value: int) -> int:
        """Return the risk points if the factor had that value."""
        group, sums, counts = _GROUP[factor], list(self.sums), list(self.counts)
        if factor in self.values:
            sums[group] += value - self.values[factor]
        else:
            sums[group] += value
            counts[group] += 1
        likelihood, technical, business = (
            round(total / number, 2) if number else 0.0 for total, number in zip(sums, counts, strict=True)
        )
        return rate(likelihood, impact_of(technical, business, self.rule)).score


def _business(answers: Answers, settings: RiskSettings, profile: RiskProfile) -> Iterator[FactorQuestion]:
    """Yield the factors of business impact that nobody answered, each for all risks together."""
    said = {each.factor for each in answers.business}
    count = Counter(each.factors for each in profile.risks)
    alike: Counter[_Rated] = Counter()
    for each in profile.factor_sets:
        alike[_Rated.of(each, settings.impact)] += count[each.id]
    for factor in BUSINESS:
        if factor in said:
            continue
        totals: Counter[int] = Counter()
        moves = 0
        for rated, risks in alike.items():
            if factor in rated.known:  # answered for the component or the threat
                continue
            scores = [rated.score(factor, value) for value in range(LEAST, MOST + 1)]
            moves += risks if len(set(scores)) > 1 else 0
            for value, score in enumerate(scores):
                totals[value] += risks * score
        least, most = min(totals.values(), default=0), max(totals.values(), default=0)
        yield FactorQuestion(value=most - least, factor=factor, now=None, least=least, most=most, moves=moves)


def _factors(answers: Answers, settings: RiskSettings, profile: RiskProfile, evidence: Evidence) -> Iterator[FactorQuestion]:
    """Yield the factors with a default whose answer alone would give a risk another rating."""
    book = FactorBook.of(answers)
    of: dict[str, list[Risk]] = defaultdict(list)
    for risk in profile.risks:
        of[risk.factors].append(risk)
    for found in profile.factor_sets:
        risks = of.get(found.id)
        if not risks:
            continue
        rated, first = _Rated.of(found, settings.impact), risks[0]
        measured = evidence.get((first.component, first.threat), ())
        components = tuple(sorted(risk.component for risk in risks))
        for factor in found.factors:
            if factor.name in BUSINESS or book.answer(first.component, first.threat, factor.name):
                continue
            moved = sum(move.by for move in measured if move.factor == factor.name)
            least, most = (rated.score(factor.name, min(max(each + moved, LEAST), MOST)) for each in (LEAST, MOST))
            if least != most:
                yield FactorQuestion(
                    value=abs(most - least),
                    factor=factor.name,
                    now=factor.value,
                    least=min(least, most),
                    most=max(least, most),
                    moves=len(risks),
                    threat=first.threat,
                    components=components,
                )


def controls_of(answers: Answers, profile: RiskProfile) -> tuple[ControlQuestion, ...]:
    """Return the required controls of which nobody said who implements them, the worst score first."""
    said = {(one.component, each.control) for one in answers.components for each in one.controls}
    return tuple(
        ControlQuestion(value=each.score, component=each.component, control=each.control, threats=each.threats)
        for each in sorted(profile.required, key=lambda one: (-one.score, one.component, control_key(one.control)))
        if (each.component, each.control) not in said
    )
