"""Findings as SARIF 2.1.0 (OASIS), for code scanning: a rule for each code, places in UTF-16 units, fingerprints that outlive moved lines."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from musa_pipeline.domain.problems import SECRET_CODES, Problem, Severity
from musa_pipeline.formats.findings.json import readable
from musa_pipeline.formats.findings.report import Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
NEWLINES: Final = ("\r\n", "\n", "\r", "\x85", "\u2028", "\u2029")
"""What ends a line in YAML 1.1, the longest first (SARIF 3.14.25 lets a run say so)."""
_ROOT: Final = "%SRCROOT%"
_FOR_SECURITY: Final = SECRET_CODES


def sarif(report: Report) -> str:
    """Return the report as SARIF text; every finding of every severity is a result."""
    codes = sorted({each.code for each in report.problems})
    rules = {code: number for number, code in enumerate(codes)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {
                "name": "musa",
                "version": report.version,
                "semanticVersion": _semantic(report.version),
                "rules": [_rule(each, report) for each in codes],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "utf16CodeUnits",
        "newlineSequences": list(NEWLINES),
        "originalUriBaseIds": {_ROOT: {"description": {"text": "the root of the repository, else the folder of the run"}}},
        "artifacts": [{"location": _location(each)} for each in _files(report)],
        "results": [_result(each, report, rules, seen) for each in report.problems],
    }
    return readable({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def split_lines(text: str) -> tuple[str, ...]:
    r"""Return the lines of a text as YAML counts them.

    >>> split_lines("a\r\nb\x85c\x0bd")
    ('a', 'b', 'c\x0bd')
    """
    for each in NEWLINES:
        text = text.replace(each, "\n")
    return tuple(text.split("\n"))


def utf16(line: str, column: int) -> int:
    r"""Return a column, counted from 1 in characters, in UTF-16 code units (SARIF 3.14.17).

    >>> utf16("key: value", 6), utf16("\U0001f511: value", 4)
    (6, 5)
    """
    return column + sum(ord(each) > 0xFFFF for each in line[: column - 1])


def _semantic(version: str) -> str:
    """Return a version of Python as one of SemVer: `0.1.0.dev3` is `0.1.0-dev3`."""
    parts = version.split(".")
    return ".".join(parts[:3]) + ("-" + ".".join(parts[3:]) if parts[3:] else "")


def _rule(code: str, report: Report) -> dict[str, Any]:
    meaning, way_out, page = report.meanings.get(code, (code, "", ""))
    worst = min((list(Severity).index(each.severity) for each in report.problems if each.code == code), default=0)
    text = f"{meaning}. Way out: {way_out}." if way_out else f"{meaning}."
    rule: dict[str, Any] = {
        "id": code,
        "name": _name(code),
        "shortDescription": {"text": _sentence(meaning)},
        "fullDescription": {"text": _sentence(text)},
        "help": {
            "text": _sentence(f"{text} {f'See {page}; ' if page else ''}musa explain {code} says it too."),
            "markdown": f"**{_plain(code)}** {_plain(meaning)}\n\nWay out: {_plain(way_out) or 'see the message'}\n\n`musa explain {code}`",
        },
        "defaultConfiguration": {"level": str(list(Severity)[worst])},
        "properties": {"tags": ["security", "model"] if code in _FOR_SECURITY else ["model"]},
    }
    return rule


def _name(code: str) -> str:
    """Return a name for a rule in Pascal case, as SARIF 3.49.7 wants one; ours are called by their codes."""
    return f"Musa{code}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is written; our pages mark code with backticks, which stay."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def _files(report: Report) -> Iterable[str]:
    return dict.fromkeys([*(each.file for each in report.checked), *(each.at.file for each in report.problems if each.at)])


def _location(file: str) -> dict[str, Any]:
    """Return a file as a relative URI, every odd sign escaped (RFC 3986); one outside the root has no base."""
    uri = quote(file.encode("utf-8", "surrogateescape"), safe="/!$&'()*+,;=@~")
    if file.startswith(("/", "../")):
        return {"uri": f"file://{uri}" if file.startswith("/") else uri}
    return {"uri": uri, "uriBaseId": _ROOT}


def _result(each: Problem, report: Report, rules: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    line = report.line(each)
    key = f"{each.code}\n{each.at.file}\n{each.text}\n{'' if each.code in SECRET_CODES else line.strip()}"
    seen[key] += 1
    print_ = hashlib.sha256(f"{key}\n{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()
    text = f"{each.text}. {_sentence(each.help)}" if each.help else each.text
    result: dict[str, Any] = {
        "ruleId": each.code,
        "ruleIndex": rules[each.code],
        "level": str(each.severity),
        "message": {"text": _sentence(text)},
        "partialFingerprints": {"musaFinding/v1": print_},
    }
    if each.at:
        result["locations"] = [{"physicalLocation": {"artifactLocation": _location(each.at.file), "region": _region(each, line)}}]
    return result


def _region(each: Problem, line: str) -> dict[str, Any]:
    start, end = each.at.column, each.at.column + max(each.at.length, 1)
    if line:  # a place beyond the end of a line would be refused by those who check
        start = min(start, len(line) + 1)
        end = min(max(end, start), len(line) + 1)
    return {"startLine": max(each.at.line, 1), "startColumn": max(utf16(line, start), 1), "endColumn": max(utf16(line, end), 1)}
