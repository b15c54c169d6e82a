"""Findings after the Open Cybersecurity Schema Framework 1.x: classes 2001 to 2007, as a list, one object, or a line each."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from musa_pipeline.domain.evidence import Bearing, EvidenceKind, Observation, Told, fingerprint
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.measured.names import (
    VULNERABLE_PART,
    by_score,
    controls,
    host_of,
    parts_of,
    techniques,
    weaknesses,
)
from musa_pipeline.formats.measured.plain import inside, items, number, word, words
from musa_pipeline.formats.measured.times import read_moment

_KINDS: Final = {
    2001: EvidenceKind.DETECTION,  # Security Finding, which the later classes take the place of
    2002: EvidenceKind.VULNERABILITY,
    2003: EvidenceKind.FAILED,
    2004: EvidenceKind.DETECTION,
    2005: EvidenceKind.INCIDENT,
    2006: EvidenceKind.DETECTION,  # Data Security Finding
    2007: EvidenceKind.VULNERABILITY,  # Application Security Posture Finding
}
_SEVERITIES: Final = {
    1: Rating.VERY_LOW,
    2: Rating.LOW,
    3: Rating.MEDIUM,
    4: Rating.HIGH,
    5: Rating.CRITICAL,
    6: Rating.CRITICAL,
}
_SETTLED: Final = {3: "suppressed", 4: "resolved", 5: "archived", 6: "deleted"}
"""`status_id` of a finding or incident that nobody need act on any more."""
_NO_HARM: Final = {1: "a false alarm", 3: "disregarded", 5: "harmless", 6: "a test"}
"""`verdict_id` of an incident."""
_OUTCOMES: Final = {
    "pass": EvidenceKind.PASSED,
    "passed": EvidenceKind.PASSED,
    "fail": EvidenceKind.FAILED,
    "failed": EvidenceKind.FAILED,
}
_NIST: Final = re.compile(r"800[-_ ]?53", re.IGNORECASE)


def read_ocsf(records: Iterable[tuple[Span, dict[str, Any]]], problems: Problems) -> tuple[Told, ...]:
    """Return what each product tells. Code: E004 a version that is not known, once for each."""
    found: dict[str, list[Observation]] = {}
    passed_over: dict[str, Counter[str]] = {}
    versions: set[str] = set()
    for at, record in records:
        tool = word(record, "metadata", "product", "name") or word(record, "metadata", "product", "vendor_name") or "OCSF"
        _told_version(record, at, versions, problems)
        found.setdefault(tool, [])
        counted = passed_over.setdefault(tool, Counter())
        each = _observation(record, tool)
        if isinstance(each, str):
            counted[each] += 1
        else:
            found[tool].append(each)
    return tuple(
        Told(
            form="OCSF",
            tool=tool,
            series="",
            time=None,
            observations=tuple(found[tool]),
            passed_over=tuple(sorted(passed_over[tool].items())),
        )
        for tool in sorted(found)
    )


def _told_version(record: dict[str, Any], at: Span, versions: set[str], problems: Problems) -> None:
    version = word(record, "metadata", "version")
    if version.startswith("1.") or version in versions:
        return
    versions.add(version)
    said = f"OCSF of version {version[:40]!r} is not known" if version else "this OCSF does not say its version"
    problems.warn("E004", at, f"{said}; it is read as 1.x", help="let the tool write OCSF 1.x")


def _observation(record: dict[str, Any], tool: str) -> Observation | str:
    """Return a finding, or why a record is none."""
    class_uid = int(number(record, "class_uid") or 0)
    kind = _KINDS.get(class_uid)
    if kind is None:
        return f"no finding (class {class_uid})"
    if (verdict := int(number(record, "verdict_id") or 0)) in _NO_HARM and class_uid == 2005:
        return _NO_HARM[verdict]
    name = _name(record)
    if not name:
        return "without an id"
    outcome = _outcome(record)
    kind = outcome or kind
    severity, bearing = _severity(record), _bearing(record)
    if int(number(record, "status_id") or 0) in _SETTLED:  # it ends what an earlier record with this id told
        kind, severity, bearing = EvidenceKind.PASSED, Rating.VERY_LOW, Bearing()
    info = inside(record, "finding_info")
    return Observation(
        id=fingerprint(tool, name, *_resources(record)),
        kind=kind,
        severity=severity,
        time=read_moment(inside(record, "time"))
        or read_moment(inside(record, "time_dt"))
        or read_moment(inside(info, "modified_time_dt")),
        title=word(info, "title") or word(record, "message"),
        places=tuple(dict.fromkeys(_places(record))),
        bearing=bearing,
    )


def _name(record: dict[str, Any]) -> str:
    listed = [word(each, "uid") for each in items(record, "finding_info_list") if word(each, "uid")]
    return (
        word(record, "finding_info", "uid")
        or word(record, "finding", "uid")
        or word(record, "incident_uid")
        or " ".join(sorted(listed))
        or word(record, "metadata", "uid")
    )


def _outcome(record: dict[str, Any]) -> EvidenceKind | None:
    """Return the outcome of a check, by `compliance.status` or, as some write it in other classes, by `status_code`."""
    for said in (word(record, "compliance", "status"), word(record, "status_code")):
        if said.lower() in _OUTCOMES:
            return _OUTCOMES[said.lower()]
    return {1: EvidenceKind.PASSED, 3: EvidenceKind.FAILED}.get(int(number(record, "compliance", "status_id") or 0))


def _severity(record: dict[str, Any]) -> Rating:
    scores = [
        score
        for each in items(record, "vulnerabilities")
        for one in items(each, "cve", "cvss")
        if (score := number(one, "base_score")) is not None
    ]
    said = _SEVERITIES.get(int(number(record, "severity_id") or 0))
    return said or (by_score(max(scores)) if scores else Rating.MEDIUM)


def _bearing(record: dict[str, Any]) -> Bearing:
    flaws = [each for each in items(record, "vulnerabilities") if isinstance(each, dict)]
    named = [word(each, *path, "uid") for each in flaws for path in (("cwe",), ("cve", "cwe"))]
    for each in flaws:
        for path in (("cve", "related_cwes"), ("related_cwes",), ("cwes",)):
            named += [word(one, "uid") for one in items(each, *path)]
    cwes = weaknesses(named)
    if any(word(each, "cve", "uid") or word(each, "advisory", "uid") for each in flaws):
        cwes = tuple(dict.fromkeys((*cwes, VULNERABLE_PART)))
    return Bearing(controls=_controls(record), weaknesses=cwes, techniques=techniques(_attacks(record)))


def _attacks(record: dict[str, Any]) -> Iterator[str]:
    holders = [record, inside(record, "finding_info"), *items(record, "finding_info_list")]
    for attack in (each for one in holders for each in items(one, "attacks")):
        finer = word(attack, "sub_technique", "uid")
        yield finer or word(attack, "technique", "uid")
        yield from (word(each, "uid") for each in items(attack, "techniques"))


def _controls(record: dict[str, Any]) -> tuple[ControlId, ...]:
    """Return controls of SP 800-53 from `compliance`, and from the lists by framework that scanners put into `unmapped`."""
    texts = []
    compliance = inside(record, "compliance")
    requirements = [*words(compliance, "requirements"), word(compliance, "control")]
    if any(_NIST.search(each) for each in (*words(compliance, "standards"), *requirements)):
        texts += requirements
    by_framework = inside(record, "unmapped", "compliance")
    if isinstance(by_framework, dict):
        texts += [each for name in by_framework if _NIST.search(name) for each in words(by_framework, name)]
    return controls(texts)


def _resources(record: dict[str, Any]) -> list[str]:
    return [word(each, "uid") or word(each, "name") for each in (*items(record, "resources"), *items(record, "resource"))]


def _places(record: dict[str, Any]) -> Iterator[str]:
    """Yield names of what was looked at: labels and tags that say `component`, then host names, addresses, names, parts of ids."""
    resources = [each for each in (*items(record, "resources"), *items(record, "resource"), *items(record, "device")) if each]
    for each in resources:
        yield from (text.partition(":")[2].strip() for text in words(each, "labels") if text.lower().startswith("component:"))
        yield from (word(tag, "value") for tag in items(each, "tags") if word(tag, "name").lower() == "component")
    for each in resources:
        yield from (said for key in ("hostname", "ip", "name") if (said := word(each, key)))
        yield from (each for each in words(each, "ip_addresses"))
    for each in resources:
        uid = word(each, "uid")
        yield from (host_of(uid),) if host_of(uid) else reversed(parts_of(uid.partition("@")[0]))
