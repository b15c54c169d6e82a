"""Findings as JUnit XML, as CI servers read it: a suite for each file, a failed case for each finding, one that passes where all is well.

There is no standard; what is written here is what the Ant, Maven, GitLab, Jenkins and Azure readers have in common.
"""

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from itertools import count

from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.formats.findings.report import Checked, Report

_NO_TEXT = {chr(code): "\ufffd" for code in (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)}
_CLEAN = str.maketrans(_NO_TEXT)
"""XML 1.0 has no place for these, not even escaped."""


def junit(report: Report, *, strict: bool = False) -> str:
    """Return the report as JUnit XML; errors fail their case, warnings too when `strict`, others are told as output."""
    suites = [_suite(each, strict=strict) for each in report.checked]
    tests, failed = sum(each[1] for each in suites), sum(each[2] for each in suites)
    head = f'<testsuites name={_quoted("musa " + report.command)} tests="{tests}" failures="{failed}" errors="0" time="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *(each[0] for each in suites), "</testsuites>"]) + "\n"


def _suite(checked: Checked, *, strict: bool) -> tuple[str, int, int]:
    """Return a suite with the number of its cases and of those that fail."""
    cases = list(_cases(checked, strict=strict))
    failed = sum(each[1] for each in cases)
    head = f'  <testsuite name={_quoted(checked.file)} tests="{len(cases)}" failures="{failed}" errors="0" skipped="0" time="0">'
    return "\n".join([head, *(each[0] for each in cases), "  </testsuite>"]), len(cases), failed


def _cases(checked: Checked, *, strict: bool) -> Iterator[tuple[str, bool]]:
    """Yield each case, and whether it fails; two of one name are told apart by number, for servers keep one of each name."""
    if not checked.problems:
        yield f'    <testcase classname={_quoted(checked.file)} name="can be read, nothing found" time="0"/>', False
    seen: set[str] = set()
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
    for each in checked.problems:
        first = f"{each.code}: {each.text}"
        name = next(name for number in numbers[first] if (name := first if number == 1 else f"{first} ({number})") not in seen)
        seen.add(name)
        place = f' file={_quoted(each.at.file)} line="{max(each.at.line, 1)}"' if each.at else ""
        fails = each.severity is Severity.ERROR or (strict and each.severity is Severity.WARNING)
        told = _escaped(_told(each))
        body = (
            f"<failure type={_quoted(f'{each.severity}[{each.code}]')} message={_quoted(each.text)}>{told}</failure>"
            if fails
            else f"<system-out>{told}</system-out>"
        )
        yield f'    <testcase classname={_quoted(checked.file)} name={_quoted(name)}{place} time="0">{body}</testcase>', fails


def _told(each: Problem) -> str:
    said, way_out = (" ".join(text.splitlines()) for text in (str(each), each.help))  # none of its lines begins with users' words
    return f"{said}\nhelp: {way_out}" if way_out else said


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'.replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")


def _escaped(text: str) -> str:
    found = escape(text.translate(_CLEAN), quote=True)
    if found.isprintable():
        return found
    return "".join(each if each in "\n\r\t" or each.isprintable() else f"&#{ord(each)};" for each in found)
