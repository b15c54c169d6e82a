"""Findings as SARIF 2.1.0 (OASIS), for code scanning: a rule for each code, places in UTF-16 units, fingerprints that outlive moved lines."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from musa_pipeline.domain.problems import SECRET_CODES, Problem, Severity
from musa_pipeline.formats.findings.report import Report, fingerprint
from musa_pipeline.text.sarif import document, file_location, place, semantic, sentence

_FOR_SECURITY: Final = SECRET_CODES


def sarif(report: Report) -> str:
    """Return the report as SARIF text; every finding of every severity is a result."""
    codes = sorted({each.code for each in report.problems})
    rules = {code: number for number, code in enumerate(codes)}
    seen: Counter[str] = Counter()
    driver = {
        "version": report.version,
        "semanticVersion": semantic(report.version),
        "rules": [_rule(each, report) for each in codes],
    }
    return document(
        driver,
        invocations=[{"executionSuccessful": True}],
        artifacts=[{"location": file_location(each)} for each in _files(report)],
        results=[_result(each, report, rules, seen) for each in report.problems],
    )


def _rule(code: str, report: Report) -> dict[str, Any]:
    meaning, way_out, page = report.meanings.get(code, (code, "", ""))
    worst = min((list(Severity).index(each.severity) for each in report.problems if each.code == code), default=0)
    text = f"{meaning}. Way out: {way_out}." if way_out else f"{meaning}."
    rule: dict[str, Any] = {
        "id": code,
        "name": _name(code),
        "shortDescription": {"text": sentence(meaning)},
        "fullDescription": {"text": sentence(text)},
        "help": {
            "text": sentence(f"{text} {f'See {page}; ' if page else ''}musa explain {code} says it too."),
            "markdown": f"**{_plain(code)}** {_plain(meaning)}\n\nWay out: {_plain(way_out) or 'see the message'}\n\n`musa explain {code}`",
        },
        "defaultConfiguration": {"level": str(list(Severity)[worst])},
        "properties": {"tags": ["security", "model"] if code in _FOR_SECURITY else ["model"]},
    }
    return rule


def _name(code: str) -> str:
    """Return a name for a rule in Pascal case, as SARIF 3.49.7 wants one; ours are called by their codes."""
    return f"Musa{code}"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is written; our pages mark code with backticks, which stay."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def _files(report: Report) -> Iterable[str]:
    return dict.fromkeys([*(each.file for each in report.checked), *(each.at.file for each in report.problems if each.at)])


def _result(each: Problem, report: Report, rules: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    line = report.line(each)
    text = f"{each.text}. {sentence(each.help)}" if each.help else each.text
    result: dict[str, Any] = {
        "ruleId": each.code,
        "ruleIndex": rules[each.code],
        "level": str(each.severity),
        "message": {"text": sentence(text)},
        "partialFingerprints": {"musaFinding/v1": fingerprint(each, line, seen)},
    }
    if each.at:
        result["locations"] = [{"physicalLocation": place(each.at, line)}]
    return result
