"""Findings as our own JSON: flat, complete, and with a schema (`catalogs/schemas/findings.schema.json`)."""

from typing import Any

from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.formats.findings.report import Checked, Report
from musa_pipeline.text.json import readable

VERSION = 1


def findings_json(report: Report) -> str:
    """Return the report as JSON text."""
    found = {
        "format": "musa/findings",
        "version": VERSION,
        "tool": {"name": "musa", "version": report.version, "command": report.command},
        "summary": {"files": len(report.checked), **{f"{each}s": report.count[each] for each in Severity}},
        "checked": [_checked(each) for each in report.checked],
        "findings": [_finding(each) for each in report.problems],
    }
    return readable(found)


def _checked(each: Checked) -> dict[str, Any]:
    found: dict[str, Any] = {"file": each.file}
    if each.language:
        found["language"] = each.language
    found |= {"components": each.components, "codes": sorted({problem.code for problem in each.problems})}
    return {**found, "counts": dict(each.counts)} if each.counts else found


def _finding(each: Problem) -> dict[str, Any]:
    place = {"file": each.at.file, "line": each.at.line, "column": each.at.column, "length": each.at.length} if each.at else {}
    found = {"code": each.code, "severity": str(each.severity), **place, "message": each.text}
    return found | {name: said for name, said in (("help", each.help), ("key", each.key)) if said}
