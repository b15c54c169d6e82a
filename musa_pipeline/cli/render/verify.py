"""What was verified: each check of each document with its mark, its reason and the way out; or all of it as JSON."""

import json
from collections.abc import Iterable

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import tick
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.verification import Check, Outcome, Verified

_SHOWN = 16
"""Signs of a digest that people compare."""


def verification(found: Iterable[Verified], *, everything: bool = False) -> str:
    """Return all checks as text."""
    return "\n\n".join(_document(each, everything) for each in found)


def _document(document: Verified, everything: bool) -> str:
    known = f" · {document.id} · sha256 {document.digest[:_SHOWN]}…" if document.digest else ""
    head = f"{click.style(document.file, bold=True)}{click.style(known, dim=True)}"
    rows = [row for check in document.checks for row in _rows(check, everything)]
    return f"{head}\n{table(rows)}"


def _rows(check: Check, everything: bool) -> Iterable[tuple[str, ...]]:
    told = [each for each in check.problems if everything or each.severity is Severity.ERROR]
    first = True
    if check.text:
        yield f"{_mark(check)} {check.name}", check.text + _way_out(check.way_out)
        first = False
    last = ""
    for each in told:
        help_ = each.help if each.help != last else ""
        last = each.help
        name = f"{_mark(check)} {check.name}" if first else ""
        line = f":{each.at.line}" if each.at and each.at.line > 1 else ""
        yield name, f"{click.style(f'[{each.code}]', fg=_color(each))}{line and ' line '}{line[1:]} {each.text}{_way_out(help_)}"
        first = False


def _way_out(text: str) -> str:
    return click.style(f"  → {text}", dim=True) if text else ""


def _color(problem: Problem) -> str:
    return "red" if problem.severity is Severity.ERROR else "yellow"


def _mark(check: Check) -> str:
    return click.style("–", dim=True) if check.outcome is Outcome.LEFT else tick(check.outcome is Outcome.HELD)


def verification_json(found: Iterable[Verified]) -> str:
    """Return all checks for programs."""
    documents = [
        {
            "file": each.file,
            "id": each.id,
            "sha256": each.digest,
            "holds": each.holds,
            "checks": [_check(check) for check in each.checks],
        }
        for each in found
    ]
    return json.dumps({"documents": documents}, indent=2, ensure_ascii=False)


def _check(check: Check) -> dict[str, object]:
    return {
        "name": check.name,
        "outcome": str(check.outcome),
        "text": check.text,
        "findings": [
            {"code": each.code, "severity": str(each.severity), "line": each.at.line, "text": each.text, "help": each.help}
            for each in check.problems
        ],
    }
