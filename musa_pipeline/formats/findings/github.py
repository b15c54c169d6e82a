"""Findings as workflow commands of GitHub Actions, which become annotations at the lines of a pull request.

One line a finding: `::error file=…,line=…,title=…::message`. Signs that end a part are escaped as the runner takes them back.
"""

from typing import Final

from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.formats.findings.report import Report

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github(report: Report) -> str:
    """Return the report as commands; of several findings alike every one is told, though GitHub shows ten of a kind and step."""
    return "".join(f"{_command(each)}\n" for each in report.problems)


def _command(each: Problem) -> str:
    r"""Return one finding as a command.

    >>> from musa_pipeline.domain.source import Span
    >>> _command(Problem(code="J001", at=Span("a,b.yaml", 3, 7, 5), text="50 %\n::stop-commands::x"))
    '::error file=a%2Cb.yaml,line=3,col=7,endColumn=12,title=musa J001::50 %25%0A::stop-commands::x'
    """
    at = each.at
    place = {"file": at.file, "line": max(at.line, 1), "col": max(at.column, 1), "endColumn": at.column + at.length} if at else {}
    properties = ",".join(
        f"{name}={str(value).translate(_PROPERTY)}" for name, value in {**place, "title": f"musa {each.code}"}.items()
    )
    text = f"{each.text}\n{each.help}" if each.help else each.text
    return f"::{_LEVELS[each.severity]} {properties}::{text.translate(_DATA)}"
