"""Beside the road: what decisions cover on a day, and what is wrong with them that only the risks and gaps of the model show."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from musa_pipeline.domain.composition import Gap
from musa_pipeline.domain.decision import DecidedRisk, Waiver
from musa_pipeline.domain.gate import Finding, Measure
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.residual import ResidualRisk
from musa_pipeline.domain.source import Span
from musa_pipeline.stages import values
from musa_pipeline.stages.words import count
from musa_pipeline.stages.work import Work

SOON: Final = timedelta(days=30)
"""How long before its last day a decision is told to expire."""


class InForce:
    """The decisions of a model that hold on a day: begun and not expired."""

    def __init__(self, work: Work, today: date) -> None:
        found = [each for each in values.decisions(work) if each.term.since <= today <= each.term.expires]
        self._waived = {(each.component, each.control) for each in found if isinstance(each, Waiver)}
        self._risks = {each.risk for each in found if isinstance(each, DecidedRisk)}

    def waives(self, gap: Gap) -> bool:
        """Tell whether a control may be missing where it is."""
        return gap.control is not None and not self._waived.isdisjoint({(gap.component, gap.control), (None, gap.control)})

    def decided(self, risk: str) -> bool:
        """Tell whether somebody answers for a risk, by its id."""
        return risk in self._risks


def decision_findings(work: Work, residual: dict[str, ResidualRisk], gaps: list[Gap], today: date) -> Iterator[Finding]:
    """Yield what is expired, what soon will be, and what is about nothing that the model has."""
    missing = {(each.component, each.control) for each in gaps} | {(None, each.control) for each in gaps}
    about: tuple[str, ...]
    for each in values.decisions(work):
        match each:
            case DecidedRisk():
                what, about = f"the risk {each.risk!r}", ("risk", each.risk)
                gone = _needless(residual.get(each.risk))
            case Waiver():
                where = f" at {each.component}" if each.component else ""
                what, about = f"the waiver of {each.control}{where}", ("waiver", each.component or "*", each.control)
                gone = "" if (each.component, each.control) in missing else "the control is not missing there"
        if gone:
            way = "remove the entry; it is in the history of the repository"
            yield _finding(work, "L013", each.at, f"{what} is decided, but {gone}", way, about, Measure.GONE)
        else:
            yield from _by_day(work, each, what, about, today)


def _needless(risk: ResidualRisk | None) -> str:
    if risk is None:
        return "the model has no such risk any more"
    return "" if risk.over else f"what is left of it is {risk.rating}, and the bar is {risk.appetite}"


def _by_day(work: Work, each: DecidedRisk | Waiver, what: str, about: tuple[str, ...], today: date) -> Iterator[Finding]:
    last = each.term.expires
    dated = (*about, str(last))
    if last < today:
        text = f"the decision on {what} expired {count((today - last).days, 'day')} ago, on {last}"
        way = f"ask {each.term.owner} to decide again, or mend what it left open"
        yield _finding(work, "L014", each.term.expires_at, text, way, dated, Measure.EXPIRED)
    elif each.term.since > today:
        text = f"the decision on {what} begins in {count((each.term.since - today).days, 'day')}, on {each.term.since}: it covers nothing yet"
        yield _finding(work, "L016", each.at, text, "mend `since`, or wait", dated)
    elif last - today <= SOON:
        text = f"the decision on {what} expires in {count((last - today).days, 'day')}, on {last}"
        way = f"ask {each.term.owner} to decide again in time"
        yield _finding(work, "L015", each.term.expires_at, text, way, dated, Measure.EXPIRING)


def _finding(work: Work, code: str, at: Span, text: str, way: str, about: tuple[str, ...], *of: Measure) -> Finding:
    problem = Problem(code=code, at=at, text=text, help=way, severity=Severity.WARNING)
    return Finding(application=work.place.application, problem=problem, about=about, measures=frozenset(of))
