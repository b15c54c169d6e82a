"""Beside the road: committed documents that are not what the model gives, each at its first line that differs."""

from collections.abc import Iterator, Mapping

from musa_pipeline.domain.gate import Finding, Measure
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.stages.pipeline import left_behind
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.derived import MISSING, differs
from musa_pipeline.workspace.places import called


def stale_findings(work: Work, made: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield a finding for each document that is missing, differs, or has nothing to be made of any more; one if there are none at all."""
    lines = {name: differs(work.place.out, name, data) for name, data in sorted(made.items())}
    if all(line == MISSING for line in lines.values()):
        text = f"nothing that follows from this model is here: {work.place.sla} and {work.place.playbook} are missing"
        yield _finding(work, "J006", work.model_at, text, work.place.sla)
        return
    for name, line in lines.items():
        if line == MISSING:
            yield _finding(work, "J006", Span(name), f"{name} is missing", name)
        elif line is not None:
            text = f"{name} is not what the model gives: it is out of date, or was edited by hand"
            yield _finding(work, "J007", Span(name, line), text, name)
    for name in left_behind(work, made):
        yield _finding(work, "J008", Span(name), f"{name} follows from nothing in the model any more", name)


def _finding(work: Work, code: str, at: Span, text: str, name: str) -> Finding:
    way = f"run `musa run {called(work.place)}` and commit what it writes"
    problem = Problem(code=code, at=at, text=text, help=way, severity=Severity.WARNING)
    return Finding(application=work.place.application, problem=problem, about=(name,), measures=frozenset({Measure.STALE}))
