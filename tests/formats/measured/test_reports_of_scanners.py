"""Reports as scanners write them, in small: what is taken from each, and what is said of what cannot be read."""

import gzip
import json
from typing import Any

import pytest

from musa_pipeline.domain.evidence import EvidenceKind, Observation, Told
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.measured import LARGEST, read_report, unpacked

XCCDF = """<?xml version="1.0"?>
<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="hardening">
  <Rule id="umask" severity="low"><title>A careful umask</title>
    <reference href="https://nvd.nist.gov/800-53">AC-6(1)</reference><ident system="http://cce.mitre.org">CCE-1</ident></Rule>
  <Rule id="audit" severity="high"><title>Recording is on</title></Rule>
  <TestResult id="r" test-system="cpe:/a:redhat:openscap:1.3.5" end-time="2026-03-01T10:00:00+01:00">
    <target>m1.example.org</target><target-address>127.0.0.1</target-address><target-address>192.0.2.7</target-address>
    <rule-result idref="umask"><result>pass</result></rule-result>
    <rule-result idref="audit"><result>fail</result><ident system="http://cyber.mil/cci">CCI-000169</ident></rule-result>
    <rule-result idref="other"><result>notapplicable</result></rule-result>
  </TestResult>
</Benchmark>"""


def _sarif(*results: dict[str, Any], version: str = "2.1.0", **run: Any) -> str:
    driver = {"name": "Finder", "rules": run.pop("rules", [])}
    return json.dumps({"version": version, "runs": [{"tool": {"driver": driver}, "results": results, **run}]})


def _read(text: str | bytes, file: str = "report") -> tuple[tuple[Told, ...], list[str]]:
    problems = Problems()
    found = read_report(text.encode() if isinstance(text, str) else text, file, problems)
    return found, [str(each) for each in problems]


def _observations(text: str | bytes) -> tuple[Observation, ...]:
    found, said = _read(text)
    assert said == []
    return tuple(one for told in found for one in told.observations)


@pytest.mark.parametrize(
    ("rule", "result", "bearing", "severity"),
    [
        ({"properties": {"tags": ["external/cwe/cwe-089"], "security-severity": "8.8"}}, {}, ["CWE-89"], "high"),
        ({"properties": {"tags": ["CWE-79: cross-site scripting", "OWASP-A03"]}}, {"level": "note"}, ["CWE-79"], "low"),
        ({"relationships": [{"target": {"id": "22", "toolComponent": {"name": "CWE"}}}]}, {}, ["CWE-22"], "medium"),
        ({"defaultConfiguration": {"level": "error"}}, {"taxa": [{"id": "CWE-1004"}]}, ["CWE-1004"], "high"),
        ({"properties": {"tags": ["vulnerability", "CVE-2026-12345"]}}, {}, ["CWE-1395"], "medium"),
    ],
    ids=["codeql", "semgrep", "relationship", "taxon", "trivy"],
)
def test_sarif_says_a_weakness_and_its_severity_in_many_ways(
    rule: dict[str, Any], result: dict[str, Any], bearing: list[str], severity: str
) -> None:
    (found,) = _observations(_sarif({"ruleId": "r", "message": {"text": "m"}, **result}, rules=[{"id": "r", **rule}]))
    assert (list(found.bearing.weaknesses), str(found.severity), found.kind) == (bearing, severity, EvidenceKind.VULNERABILITY)


def test_sarif_results_that_people_or_tools_settled_are_counted_and_not_kept() -> None:
    settled: list[dict[str, Any]] = [
        {"suppressions": [{"kind": "inSource"}]},
        {"suppressions": [{"kind": "external", "status": "rejected"}]},
        {"baselineState": "absent"},
        {"kind": "notApplicable"},
    ]
    ((told,), said) = _read(_sarif(*({"ruleId": f"r{number}", **each} for number, each in enumerate(settled))))
    assert said == []
    assert told.passed_over == (("no longer there", 1), ("not applicable", 1), ("suppressed", 1))
    assert len(told.observations) == 1, "a suppression that was rejected suppresses nothing"


def test_a_finding_keeps_its_id_when_lines_move_if_the_tool_gives_it_a_fingerprint() -> None:
    def at(line: int) -> dict[str, Any]:
        place = {"physicalLocation": {"artifactLocation": {"uri": "web/a.py"}, "region": {"startLine": line}}}
        return {"ruleId": "r", "locations": [place], "partialFingerprints": {"primaryLocationLineHash": "39fa:1"}}

    assert _observations(_sarif(at(3)))[0].id == _observations(_sarif(at(30)))[0].id


def test_ocsf_is_read_as_a_list_as_lines_and_packed() -> None:
    record = {
        "class_uid": 2002,
        "metadata": {"version": "1.4.0", "product": {"name": "Inspector"}},
        "finding_info": {"uid": "f1", "title": "a hole"},
        "severity_id": 4,
        "time": 1_767_225_600_000,
        "resources": [{"uid": "arn:aws:ecr:eu:1:repository/web/sha256:ab", "labels": ["component: web"]}],
        "vulnerabilities": [{"cve": {"uid": "CVE-2026-1", "related_cwes": [{"uid": "CWE-502"}]}}],
    }
    line = json.dumps(record)
    as_list, as_lines = _observations(f"[{line}]"), _observations(f"{line}\n{line}\n")
    assert as_lines == as_list * 2
    (found,) = as_list
    assert (found.time, found.bearing.weaknesses, found.places[0]) == (1_767_225_600.0, ("CWE-502", "CWE-1395"), "web")
    problems = Problems()
    assert unpacked(gzip.compress(line.encode()), "f", problems) == line.encode()


def test_ocsf_checks_that_pass_and_findings_that_are_resolved_are_no_bad_news() -> None:
    base = {"metadata": {"version": "1.1.0", "product": {"name": "P"}}, "time": 1_767_225_600}
    checks = [
        {
            "class_uid": 2003,
            "finding_info": {"uid": "a"},
            "compliance": {"status": "PASSED", "requirements": ["NIST.800-53.r5 AC-2(1)"]},
        },
        {
            "class_uid": 2004,
            "finding_info": {"uid": "b"},
            "status_code": "FAIL",
            "unmapped": {"compliance": {"NIST-800-53-Revision-5": ["au_12"]}},
        },
        {"class_uid": 2004, "finding_info": {"uid": "c"}, "status_id": 4, "attacks": [{"technique": {"uid": "T1110"}}]},
        {
            "class_uid": 2004,
            "finding_info": {"uid": "d", "attacks": [{"technique": {"uid": "T1110"}, "sub_technique": {"uid": "T1110.004"}}]},
        },
        {"class_uid": 3002},
    ]
    ((told,), _) = _read(json.dumps([{**base, **each} for each in checks]))
    seen = [(str(each.kind), *each.bearing.controls, *each.bearing.techniques) for each in told.observations]
    assert seen == [("passed", "AC-2(1)"), ("failed", "AU-12"), ("passed",), ("detection", "T1110.004")]
    assert told.passed_over == (("no finding (class 3002)", 1),)


def test_xccdf_says_what_passed_and_failed_on_which_host() -> None:
    passed, failed = _observations(XCCDF)
    assert (passed.kind, passed.bearing.controls, str(passed.severity)) == (EvidenceKind.PASSED, ("AC-6(1)",), "low")
    assert (failed.kind, failed.elsewhere, failed.title) == (EvidenceKind.FAILED, ("CCI-000169",), "Recording is on")
    assert passed.places == ("m1.example.org", "m1", "192.0.2.7")
    assert passed.time == 1_772_355_600.0


def test_a_line_that_was_cut_is_told_and_the_others_are_read() -> None:
    line = '{"class_uid": 2004, "metadata": {"version": "1.1.0"}, "finding_info": {"uid": "%s"}}'
    ((told,), said) = _read(f"{line % 'a'}\n{(line % 'b')[:40]}\n{line % 'c'}\n", "f.jsonl")
    assert len(told.observations) == 2
    assert said == ["f.jsonl:2:1: warning[E003]: this line cannot be read: Input data was truncated"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing of the kind", "error[E001]: this is no report that is known"),
        ('{"a": 1}', "error[E001]: this is no report that is known"),
        ('{"version": "2.1.0", "runs": [', "error[E002]: not JSON: Input data was truncated"),
        ("<a><b>", "1:7: error[E002]: not XML: no element found"),
        ("<a/>", "error[E001]: there is no TestResult in this file"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "error[E002]: a DOCTYPE is not allowed: it may define entities"),
        ("<a>" * 300, "error[E011]: elements are nested deeper than 200"),
        ('{"class_uid": ' + "[" * 100_000, "error[E002]: not JSON"),
        (_sarif(version="9"), "warning[E004]: SARIF of version '9' is not known; it is read as 2.1.0"),
    ],
)
def test_what_is_no_report_is_told_by_place_and_sentence(text: str, told: str) -> None:
    _, said = _read(text)
    assert len(said) == 1
    assert told in said[0]


def test_a_packed_report_may_not_grow_without_end() -> None:
    problems = Problems()
    assert unpacked(gzip.compress(b" " * (LARGEST + 10)), "bomb.gz", problems) is None
    assert [each.code for each in problems] == ["E011"]


@pytest.mark.parametrize("figure", ["9" * 400, "-1", "true", '"1e999"', "[]"])
def test_a_figure_beyond_all_bounds_is_none(figure: str) -> None:
    record = '{"class_uid": 2004, "metadata": {"version": "1.1.0"}, "finding_info": {"uid": "a"}, "time": %s, "severity_id": %s}'
    ((told,), _) = _read(record % (figure, figure))
    assert [(each.time, str(each.severity)) for each in told.observations] == [(None, "medium")]


def test_names_and_types_that_nobody_expects_are_passed_over() -> None:
    odd: list[Any] = [None, 1, "x", [], {"ruleId": 7, "locations": {"a": []}, "taxa": [None, {"id": None}], "level": []}]
    document = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": None, "rules": [None]}}, "results": odd}, "run", None]}
    ((told,), said) = _read(json.dumps(document))
    assert (len(told.observations), said) == (1, [])


def test_a_rule_is_found_by_its_id_where_no_index_is_given_in_an_extension_too() -> None:
    ours = [{"id": "R", "properties": {"tags": ["CWE-79"]}}, {"id": "R", "properties": {"tags": ["CWE-89"]}}]
    extension = {"name": "more", "rules": [{"id": "R", "properties": {"tags": ["CWE-22"]}}]}
    results = [
        {"ruleId": "R", "message": {"text": "one"}},
        {"ruleId": "R", "rule": {"toolComponent": {"index": 0}}, "message": {"text": "other"}},
        {"ruleId": "nowhere", "message": {"text": "CWE-5 is only said here"}},
    ]
    tool = {"driver": {"name": "Finder", "rules": ours}, "extensions": [extension]}
    found = _observations(json.dumps({"version": "2.1.0", "runs": [{"tool": tool, "results": results}]}))
    assert [each.bearing.weaknesses for each in found] == [("CWE-79",), ("CWE-22",), ()]
