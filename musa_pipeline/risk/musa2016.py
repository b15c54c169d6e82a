"""The ranking of the MUSA SLA Generator as its makers published it (2016-10-30), beside ours: categories, revision 4, means of classes.

What it does not know is left out: facts of the model count only where a question has no answer, roles and machines have no
category, and controls are those of its own links, required from its own least risks.
"""

from collections import defaultdict
from dataclasses import dataclass

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.threat import BUSINESS, LIKELIHOOD, TECHNICAL, Stride, Threat
from musa_pipeline.risk.factors import FactorBook, factors_of
from musa_pipeline.risk.owasp import rate


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedThreat:
    """A selected threat of one component. `suggested`: its controls of revision 4; `required`: those that its risk reaches."""

    component: ComponentId
    category: str
    threat: ThreatId
    stride: Stride
    likelihood: float
    technical: float
    business: float
    impact: float
    risk: Rating
    suggested: tuple[ControlId, ...]
    required: tuple[ControlId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedClass:
    """The risk of one STRIDE class to one component: the mean of the scores of its threats, back in words."""

    component: ComponentId
    stride: Stride
    mean: float
    risk: Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What the tool showed: threats by component and class, classes, and by component the controls to be selected."""

    application: str
    threats: tuple[RankedThreat, ...]
    classes: tuple[RankedClass, ...]
    required: tuple[tuple[ComponentId, tuple[ControlId, ...]], ...]
    without_category: tuple[ComponentId, ...]


def candidates(category: str, catalogs: Catalogs) -> tuple[Threat, ...]:
    """Return the threats that the tool offers for a category of components."""
    return tuple(each for each in catalogs.threats if category in each.categories)


def ranking(cpim: Cpim, answers: Answers, catalogs: Catalogs) -> Ranking:
    """Rank an application as the tool of 2016 did; factors are those of the answers, else our defaults (the tool began at 0)."""
    facts, book = facts_of(cpim, catalogs), FactorBook.of(answers)
    said = {(one.component, each.threat): each.yes for one in answers.components for each in one.questions}
    threats: list[RankedThreat] = []
    outside: list[ComponentId] = []
    for component in sorted(cpim.components, key=lambda each: each.id):
        category = _category(component, catalogs)
        if not category:
            outside.append(component.id)
        for threat in candidates(category, catalogs):
            yes = said.get((component.id, threat.id))
            if yes is None:
                yes = holds(threat.applies, facts[component.id])
            if yes:
                threats.append(_ranked(component.id, category, threat, facts[component.id], book))
    threats.sort(key=lambda each: (each.component, list(Stride).index(each.stride), -each.risk.score, each.threat))
    return Ranking(
        application=cpim.name,
        threats=tuple(threats),
        classes=_classes(threats),
        required=_required(threats),
        without_category=tuple(outside),
    )


def _category(component: Component, catalogs: Catalogs) -> str:
    kind = catalogs.kind.get(component.kind)
    return kind.category if kind and component.role is not Role.HOST else ""


def _ranked(component: ComponentId, category: str, threat: Threat, facts: Facts, book: FactorBook) -> RankedThreat:
    value = {each.name: each.value for each in factors_of(component, threat, facts, book)}
    likelihood, technical, business = (
        sum(value.get(name, 0) for name in names) / len(names) for names in (LIKELIHOOD, TECHNICAL, BUSINESS)
    )
    impact = business or technical
    risk = rate(likelihood, impact)
    least = {control: minimum for link in threat.controls for control, minimum in link.rev4}
    suggested = tuple(sorted(least, key=control_key))
    return RankedThreat(
        component=component,
        category=category,
        threat=threat.id,
        stride=threat.stride,
        likelihood=likelihood,
        technical=technical,
        business=business,
        impact=impact,
        risk=risk,
        suggested=suggested,
        required=tuple(each for each in suggested if risk.score >= least[each]),
    )


def overall(mean: float) -> Rating:
    """Return a mean of scores in words: bands of two, from very low to critical.

    >>> [overall(each).value for each in (1, 2, 4, 6.5, 8)]
    ['very low', 'low', 'medium', 'high', 'critical']
    """
    return list(Rating)[min(int(mean // 2), len(Rating) - 1)]


def _classes(threats: list[RankedThreat]) -> tuple[RankedClass, ...]:
    scores: dict[tuple[ComponentId, Stride], list[int]] = defaultdict(list)
    for each in threats:
        scores[each.component, each.stride].append(each.risk.score)
    means = {key: sum(found) / len(found) for key, found in scores.items()}
    return tuple(
        RankedClass(component=component, stride=stride, mean=mean, risk=overall(mean))
        for (component, stride), mean in means.items()
    )


def _required(threats: list[RankedThreat]) -> tuple[tuple[ComponentId, tuple[ControlId, ...]], ...]:
    found: dict[ComponentId, set[ControlId]] = defaultdict(set)
    for each in threats:
        found[each.component].update(each.required)
    return tuple((component, tuple(sorted(controls, key=control_key))) for component, controls in sorted(found.items()))
