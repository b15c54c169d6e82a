"""Findings as GitLab reads code quality: a list of the parts of the Code Climate form that its merge requests show."""

from collections import Counter
from typing import Any, Final

from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.formats.findings.report import Report, fingerprint
from musa_pipeline.text.json import readable

_SEVERITIES: Final = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def gitlab(report: Report) -> str:
    """Return the report as JSON text; of findings with one fingerprint GitLab would show the first, so no two have the same."""
    seen: Counter[str] = Counter()
    return readable([_issue(each, report, seen) for each in report.problems])


def _issue(each: Problem, report: Report, seen: Counter[str]) -> dict[str, Any]:
    return {
        "description": f"{each.text} · {each.help}" if each.help else each.text,
        "check_name": f"musa {each.code}",
        "fingerprint": fingerprint(each, report.line(each), seen),
        "severity": _SEVERITIES[each.severity],
        "location": {"path": each.at.file or report.checked[0].file, "lines": {"begin": max(each.at.line, 1)}},
    }
