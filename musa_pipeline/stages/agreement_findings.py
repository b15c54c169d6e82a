"""Beside the road: what a gate has to say of the agreement that stands: promises that the model breaks, its last day, tampering."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from musa_pipeline.domain.agreement_record import Agreement, History, State
from musa_pipeline.domain.errors import FilesWrong
from musa_pipeline.domain.gate import Finding, Measure
from musa_pipeline.domain.problems import Problem, Problems, Severity
from musa_pipeline.domain.promise_change import broken
from musa_pipeline.domain.source import Span
from musa_pipeline.stages.sla import changes_from, given_documents, history_of
from musa_pipeline.stages.words import count
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

SOON: Final = timedelta(days=30)
"""How long before its last day an agreement is told to end."""


def agreement_findings(work: Work, today: date, made: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield them; `made` is what the model gives now, by name from `out`. Codes R001 to R006, and R007 to R009 for the days."""
    problems = Problems()
    past = history_of(work.place, problems)
    for each in problems:
        yield _finding(work, replace(each, severity=Severity.WARNING), (each.at.file, each.text), Measure.UNVERIFIED)
    if problems.errors:
        return
    standing = past.standing(today)
    if standing is None:
        yield from _ended(work, past, today)
        return
    try:
        changes = changes_from(work, standing, given_documents(work, made))
    except FilesWrong as wrong:
        for each in wrong.problems:
            yield _finding(work, replace(each, severity=Severity.WARNING), (each.at.file, each.text), Measure.UNVERIFIED)
        return
    way = f"bring the promise back, or agree on the change: musa sla amend {called(work.place)} --reason …"
    for change in broken(changes):
        text = f"agreement {standing.number} is broken: {change.text}"
        yield _of(work, standing, "R007", text, way, (change.text,), Measure.BROKEN)
    yield from _ending(work, standing, today)


def _ending(work: Work, standing: Agreement, today: date) -> Iterator[Finding]:
    until = standing.terms.until
    if until and until - today <= SOON:
        text = f"agreement {standing.number} ends in {count((until - today).days, 'day')}, on {until}"
        way = f"musa sla amend {called(work.place)} --until DAY --reason …"
        yield _of(work, standing, "R009", text, way, (str(until),), Measure.EXPIRING)


def _ended(work: Work, past: History, today: date) -> Iterator[Finding]:
    """Yield that the last agreement ended and nothing took its place; one that somebody terminated is no matter for a gate."""
    last = next((each for each in reversed(past.agreements) if each.state(today) is not State.OFFERED), None)
    if last and last.state(today) is State.EXPIRED and last.terms.until:
        text = f"SLA {last.number} ended {count((today - last.terms.until).days, 'day')} ago, on {last.terms.until}"
        way = f"musa sla agree {called(work.place)} on a new one, or musa sla terminate says that none is wanted"
        yield _of(work, last, "R008", text, way, (str(last.terms.until),), Measure.EXPIRED)


def _of(work: Work, agreement: Agreement, code: str, text: str, way: str, about: tuple[str, ...], measure: Measure) -> Finding:
    problem = Problem(code=code, at=Span(agreement.terms.at.file), text=text, help=way, severity=Severity.WARNING)
    return _finding(work, problem, (str(agreement.number), *about), measure)


def _finding(work: Work, problem: Problem, about: tuple[str, ...], measure: Measure) -> Finding:
    return Finding(application=work.place.application, problem=problem, about=about, measures=frozenset({measure}))
