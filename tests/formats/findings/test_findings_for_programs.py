"""Findings as JSON, SARIF and JUnit say the same, hold to their formats, and point at the right signs."""

import json
import re
from collections.abc import Iterable
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.findings import Checked, Report, findings_json, github, gitlab, junit, sarif
from musa_pipeline.text.sarif import split_lines, utf16
from tests.support import ROOT

OWN = jsonschema.Draft202012Validator(json.loads((ROOT / "catalogs/schemas/findings.schema.json").read_text()))


def described(**properties: object) -> dict[str, object]:
    """Return the schema of an object with these properties and no other, all of them required but those that end in `_`."""
    required = [name for name in properties if not name.endswith("_")]
    named = {name.rstrip("_"): schema for name, schema in properties.items()}
    return {"type": "object", "properties": named, "required": required, "additionalProperties": False}


def listed(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


TEXT = described(text={"type": "string", "minLength": 1})
URI = {"type": "string", "pattern": r"^(?:[A-Za-z0-9_.~!$&'()*+,;=@/:-]|%[0-9A-F]{2})+$"}
LOCATION = described(uri=URI, uriBaseId_={"const": "%SRCROOT%"})
COLUMN = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["error", "warning", "note"]}
# What we write of SARIF 2.1.0 (OASIS, errata 01), as that schema has it; the whole of it accepts the same documents.
SARIF = jsonschema.Draft202012Validator(
    described(
        **{"$schema": {"type": "string", "format": "uri"}},
        version={"const": "2.1.0"},
        runs=listed(
            described(
                tool=described(
                    driver=described(
                        name={"type": "string"},
                        version={"type": "string"},
                        semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$"},
                        rules={
                            **listed(
                                described(
                                    id={"type": "string"},
                                    name={"type": "string", "pattern": "^[A-Z][A-Za-z0-9]+$"},
                                    shortDescription=TEXT,
                                    fullDescription=TEXT,
                                    help=described(text={"type": "string"}, markdown={"type": "string"}),
                                    defaultConfiguration=described(level=LEVEL),
                                    properties=described(tags={**listed({"type": "string"}), "uniqueItems": True}),
                                )
                            ),
                            "uniqueItems": True,
                        },
                    )
                ),
                invocations=listed(described(executionSuccessful={"type": "boolean"})),
                columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                newlineSequences={**listed({"type": "string"}), "minItems": 1, "uniqueItems": True},
                originalUriBaseIds={"type": "object", "additionalProperties": described(description=TEXT)},
                artifacts={**listed(described(location=LOCATION)), "uniqueItems": True},
                results=listed(
                    described(
                        ruleId={"type": "string"},
                        ruleIndex={"type": "integer", "minimum": 0},
                        level=LEVEL,
                        message=TEXT,
                        partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
                        locations_=listed(
                            described(
                                physicalLocation=described(
                                    artifactLocation=LOCATION,
                                    region=described(startLine=COLUMN, startColumn=COLUMN, endColumn=COLUMN),
                                )
                            )
                        ),
                    )
                ),
            )
        ),
    )
)


def problem(code: str = "T004", line: int = 2, column: int = 3, length: int = 4, **more: Any) -> Problem:
    told = {"text": "component 'db' has unknown type 'Databse'", "severity": Severity.ERROR, **more}
    return Problem(code=code, at=Span("models/shop.yaml", line, column, length), **told)


def report(*problems: Problem, text: str = "", **more: Any) -> Report:
    checked = Checked(file="models/shop.yaml", language="tosca", components=None, problems=problems)
    meanings = {"T004": ("a type is missing or unknown", "correct it", "docs/formats/tosca.md")}
    return Report(
        checked=(checked,),
        version="0.1.0",
        meanings=meanings,
        lines={"models/shop.yaml": split_lines(text)} if text else {},
        **more,
    )


def run_of(found: Report) -> dict[str, Any]:
    tree = json.loads(sarif(found))
    SARIF.validate(tree)
    return tree["runs"][0]


def cases(text: str) -> list[tuple[str, str, str, list[str]]]:
    """Return of each test case: suite, name, what it failed with, its output; the sums in the heads are right."""
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    assert root.tag == "testsuites"
    found = []
    for suite in root:
        inner = list(suite)
        assert [suite.get("tests"), suite.get("failures")] == [str(len(inner)), str(len(suite.findall("testcase/failure")))]
        assert len({each.get("name") for each in inner}) == len(inner)
        for case in inner:
            failed = case.find("failure")
            outputs = [each.text or "" for each in case.findall("system-out")]
            found.append((suite.get("name"), case.get("name"), failed.get("type") if failed is not None else "", outputs))
    assert root.get("tests") == str(len(found))
    return found


def test_json_holds_every_finding_with_its_place() -> None:
    found = json.loads(findings_json(report(problem(help="did you mean 'Database'?"), problem(line=9))))
    OWN.validate(found)
    assert found["summary"] == {"files": 1, "errors": 2, "warnings": 0, "notes": 0}
    assert found["checked"] == [{"file": "models/shop.yaml", "language": "tosca", "components": None, "codes": ["T004"]}]
    assert found["findings"][0] == {
        "code": "T004",
        "severity": "error",
        "file": "models/shop.yaml",
        "line": 2,
        "column": 3,
        "length": 4,
        "message": "component 'db' has unknown type 'Databse'",
        "help": "did you mean 'Database'?",
    }


def test_a_finding_of_a_file_that_two_models_import_is_told_once() -> None:
    both = tuple(Checked(file=name, problems=(problem(),)) for name in ("a.yaml", "b.yaml"))
    found = json.loads(findings_json(Report(checked=both, version="0.1.0")))
    assert (len(found["findings"]), len(found["checked"])) == (1, 2)


def test_sarif_has_a_rule_with_help_for_each_code() -> None:
    run = run_of(report(problem(), problem("T031", severity=Severity.WARNING), problem(line=7)))
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == ["T004", "T031"]
    assert rules[0]["help"]["text"] == (
        "A type is missing or unknown. Way out: correct it. See docs/formats/tosca.md; musa explain T004 says it too."
    )
    assert [each["defaultConfiguration"]["level"] for each in rules] == ["error", "warning"]
    assert rules[1]["properties"]["tags"] == ["security", "model"]
    assert [(each["ruleId"], each["ruleIndex"]) for each in run["results"]] == [("T004", 0), ("T031", 1), ("T004", 0)]


def test_columns_are_counted_in_utf16_code_units() -> None:
    run = run_of(report(problem(line=2, column=8, length=2), text="a: 1\nk\U0001f511: é\U0001f511x"))
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 10, "endColumn": 10}
    run = run_of(report(problem(line=2, column=6, length=2), text="a: 1\nk\U0001f511: é\U0001f511x"))
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 7, "endColumn": 10}


@given(st.text(max_size=30), st.integers(1, 40), st.integers(1, 40))
def test_a_place_never_lies_beyond_its_line(line: str, column: int, length: int) -> None:
    line = split_lines(line)[0]
    run = run_of(report(problem(line=1, column=column, length=length), text=f"{line}\n."))
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region["startColumn"] <= region["endColumn"]
    if line:
        assert region["endColumn"] <= len(line.encode("utf-16-le", "surrogatepass")) // 2 + 1


@given(st.text(max_size=30), st.integers(1, 31))
def test_utf16_counts_like_the_encoding(line: str, column: int) -> None:
    before = line[: column - 1]
    assert utf16(line, column) == column - len(before) + len(before.encode("utf-16-le", "surrogatepass")) // 2


def fingerprints(found: Report) -> list[str]:
    return [each["partialFingerprints"]["musaFinding/v1"] for each in run_of(found)["results"]]


def test_a_fingerprint_outlives_a_moved_line_and_changes_with_what_is_said() -> None:
    before = fingerprints(report(problem(line=2), text="a:\n  type: Databse"))
    moved = fingerprints(report(problem(line=4, column=9), text="a:\n# new\n# lines\n      type: Databse"))
    other = fingerprints(report(problem(line=2, text="another"), text="a:\n  type: Databse"))
    assert before == moved != other


def test_two_findings_that_say_the_same_have_two_fingerprints() -> None:
    assert len(set(fingerprints(report(problem(line=2), problem(line=3), text="a:\n  type: x\n  type: x")))) == 2


def test_the_line_of_a_secret_is_in_no_fingerprint() -> None:
    one, other = (fingerprints(report(problem("T031"), text=f"a:\n  password: {word}")) for word in ("hunter2", "swordfish"))
    assert one == other


def test_names_of_files_become_relative_uris() -> None:
    names = ["models/a b.yaml", "models/ä#1?.yaml", "c:d.yaml", "100%.yaml", "../up.yaml", "/whole.yaml"]
    run = run_of(Report(checked=tuple(Checked(file=each) for each in names), version="0.1.0"))
    assert [each["location"]["uri"] for each in run["artifacts"]] == [
        "models/a%20b.yaml",
        "models/%C3%A4%231%3F.yaml",
        "c%3Ad.yaml",
        "100%25.yaml",
        "../up.yaml",
        "file:///whole.yaml",
    ]
    assert ["uriBaseId" in each["location"] for each in run["artifacts"]] == [True] * 4 + [False] * 2


def test_a_version_of_python_is_told_as_one_of_semver() -> None:
    found = Report(checked=(), version="0.2.0.dev3")
    assert run_of(found)["tool"]["driver"]["semanticVersion"] == "0.2.0-dev3"


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_finding() -> None:
    warned = problem("T006", severity=Severity.WARNING, text="import 'a' is not here", help="put it there")
    good = Checked(file="models/good.yaml", components=3)
    bad = Checked(file="models/shop.yaml", problems=(problem(), warned))
    found = Report(checked=(good, bad), version="0.1.0")
    told = ["models/shop.yaml:2:3: warning[T006]: import 'a' is not here\nhelp: put it there"]
    assert cases(junit(found)) == [
        ("models/good.yaml", "can be read, nothing found", "", []),
        ("models/shop.yaml", "T004: component 'db' has unknown type 'Databse'", "error[T004]", []),
        ("models/shop.yaml", "T006: import 'a' is not here", "", told),
    ]
    assert [each[2] for each in cases(junit(found, strict=True))] == ["", "error[T004]", "warning[T006]"]


def test_two_cases_of_one_name_are_told_apart() -> None:
    names = [each[1] for each in cases(junit(report(problem(line=1), problem(line=2), problem(line=3))))]
    said = "T004: component 'db' has unknown type 'Databse'"
    assert names == [said, f"{said} (2)", f"{said} (3)"]


HOSTILE = ["\x1b]0;x\x07", "]]>", "<!--", "&lt;", '"', "\ud800", "\x85\u202e\u2028", "\x00", "\n"]


def texts() -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(HOSTILE), st.characters()), min_size=1, max_size=8).map("".join)


def printable(text: str, but: Iterable[str] = "\n") -> bool:
    return all(each.isprintable() or each in but for each in text)


@given(texts(), texts(), texts())
def test_no_word_breaks_out_of_a_document_or_reaches_a_terminal(text: str, way_out: str, line: str) -> None:
    found = report(problem(text=text, help=way_out), text=line)
    OWN.validate(json.loads(findings_json(found)))
    run_of(found)
    assert printable(findings_json(found)) and printable(sarif(found))
    assert printable(junit(found), "\n\r\t")
    assert len(cases(junit(found))) == 1


def test_what_is_written_is_the_same_each_time() -> None:
    found = report(problem(), problem(line=5), text="a\nb")
    assert (sarif(found), junit(found), findings_json(found)) == (sarif(found), junit(found), findings_json(found))
    assert not re.search(r"\d{4}-\d\d-\d\dT", sarif(found) + junit(found))


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_a_finding_is_one_command_of_github_whatever_words_it_quotes(text: str, way: str, file: str) -> None:
    found = Problem(code="J001", at=Span(file or "a", 3, 7, 5), text=text, help=way)
    told = github(report(found))
    lines = told.split("\n")
    assert lines[1:] == [""] and "\r" not in told
    head, _, message = lines[0].removeprefix("::error ").partition("::")
    properties = dict(each.split("=", 1) for each in head.split(","))
    assert properties.keys() == {"file", "line", "col", "endColumn", "title"}
    assert unescaped(properties["file"]) == (file or "a")
    assert unescaped(message) == (f"{text}\n{way}" if way else text)


def unescaped(text: str) -> str:
    for sign, code in ((",", "%2C"), (":", "%3A"), ("\n", "%0A"), ("\r", "%0D"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def test_code_quality_has_what_gitlab_needs_and_no_fingerprint_twice() -> None:
    one = problem(key="shop: T004 db")
    issues = json.loads(gitlab(report(one, problem(key="shop: T004 db", line=9), problem(severity=Severity.NOTE))))
    assert [sorted(each) for each in issues] == [["check_name", "description", "fingerprint", "location", "severity"]] * 3
    assert [each["severity"] for each in issues] == ["major", "major", "info"]
    assert len({each["fingerprint"] for each in issues}) == 3
    moved = json.loads(gitlab(report(problem(key="shop: T004 db", line=7, text="in other words"))))
    assert moved[0]["fingerprint"] == issues[0]["fingerprint"]
    assert issues[0]["location"] == {"path": "models/shop.yaml", "lines": {"begin": 2}}
