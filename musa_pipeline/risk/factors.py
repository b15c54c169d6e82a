"""Which value each OWASP factor has for a threat to a component: the answer, else the catalog's default, always with a reason."""

from dataclasses import dataclass, replace

from musa_pipeline.domain.answers import Answers, FactorAnswer
from musa_pipeline.domain.condition import Facts, holds, reasons
from musa_pipeline.domain.ids import ComponentId, ThreatId
from musa_pipeline.domain.risk import Factor, FactorMove
from musa_pipeline.domain.threat import BUSINESS, LIKELIHOOD, TECHNICAL, FactorDefaults, Threat

MIDDLE, MOST = 5, 9


@dataclass(frozen=True, slots=True)
class FactorBook:
    """The answers on factors, ready to be asked by component, threat and factor."""

    specific: dict[tuple[ComponentId, ThreatId | None, str], FactorAnswer]
    business: dict[str, FactorAnswer]

    @classmethod
    def of(cls, answers: Answers) -> "FactorBook":
        """Sort the answers."""
        return cls(
            {(one.component, each.threat, each.factor): each for one in answers.components for each in one.factors},
            {each.factor: each for each in answers.business},
        )

    def answer(self, component: ComponentId, threat: ThreatId, factor: str) -> FactorAnswer | None:
        """Return the nearest answer: for this threat, for all threats of the component, for the application."""
        return (
            self.specific.get((component, threat, factor))
            or self.specific.get((component, None, factor))
            or self.business.get(factor)
        )


def factors_of(
    component: ComponentId,
    threat: Threat,
    facts: Facts,
    book: FactorBook,
    exposed: tuple[FactorMove, ...] = (),
    evidence: tuple[FactorMove, ...] = (),
) -> tuple[Factor, ...]:
    """Return the factors in OWASP's order: always the twelve of likelihood and technical impact, and those of business impact
    that somebody answered; nobody's silence counts as harmless.

    Exposure moves defaults only: an answer is the user's word. Evidence moves any factor.
    """
    defaults = {each.factor: each for each in threat.factors}
    found = [(name, book.answer(component, threat.id, name)) for name in (*LIKELIHOOD, *TECHNICAL, *BUSINESS)]
    return tuple(
        _moved(_factor(name, answer, defaults.get(name), facts), (*(() if answer else exposed), *evidence))
        for name, answer in found
        if answer or name not in BUSINESS
    )


def _moved(factor: Factor, moves: tuple[FactorMove, ...]) -> Factor:
    """Return the factor after the moves that are its own: their sum, kept within the scale."""
    own = tuple(each for each in moves if each.factor == factor.name and each.by)
    if not own:
        return factor
    value = min(MOST, max(0, factor.value + sum(each.by for each in own)))
    return replace(factor, value=value, before=factor.value, moves=own)


def _factor(name: str, answer: FactorAnswer | None, default: FactorDefaults | None, facts: Facts) -> Factor:
    if answer:
        return Factor(name=name, value=answer.value, because=answer.because or "answered", at=answer.at)
    if default:
        for option in default.options:
            if holds(option.when, facts):
                why = ", ".join(reasons(option.when, facts))
                because = f"{option.because} ({why})" if why else option.because
                return Factor(name=name, value=option.value, because=because, at=default.at)
    return Factor(name=name, value=MIDDLE, because="nobody knows better: the middle of the scale")
