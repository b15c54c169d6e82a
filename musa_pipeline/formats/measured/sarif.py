"""Results of scanners as SARIF 2.1.0 (OASIS): what bears on a weakness by taxa, relationships, tags, and how severe it is."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from musa_pipeline.domain.evidence import Bearing, EvidenceKind, Observation, Told, fingerprint
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.measured.names import (
    VULNERABLE_PART,
    by_score,
    controls,
    host_of,
    is_published,
    parts_of,
    techniques,
    weaknesses,
)
from musa_pipeline.formats.measured.plain import inside, items, number, word, words
from musa_pipeline.formats.measured.times import read_moment

_LEVELS: Final = {"error": Rating.HIGH, "warning": Rating.MEDIUM, "note": Rating.LOW, "none": Rating.VERY_LOW}
_DRIVER: Final = -1
_SETTLED: Final = {
    "notApplicable": "not applicable",
    "informational": "for information",
    "open": "not decided",
    "review": "not decided",
}


def read_sarif(document: object, file: str, problems: Problems) -> tuple[Told, ...]:
    """Return what each run of a log tells. Code: E004 a version that is not known."""
    version = word(document, "version")
    if version != "2.1.0":
        said = f"SARIF of version {version!r} is not known" if version else "this SARIF does not say its version"
        problems.warn("E004", Span(file), f"{said}; it is read as 2.1.0", help="let the tool write SARIF 2.1.0")
    return tuple(_run(each, file) for each in items(document, "runs") if isinstance(each, dict))


def _run(run: dict[str, Any], file: str) -> Told:
    tool = word(run, "tool", "driver", "name") or "a tool without a name"
    series = _series(run, file)
    passed_over: Counter[str] = Counter()
    time = next((at for each in reversed(items(run, "invocations")) if (at := read_moment(inside(each, "endTimeUtc")))), None)
    about, rules = _about(run), _Rules(run)
    found = []
    for result in items(run, "results"):
        if not isinstance(result, dict):
            continue
        if reason := _not_to_keep(result):
            passed_over[reason] += 1
        else:
            found.append(_observation(result, rules.of(result), tool, time, about))
    return Told(
        form="SARIF 2.1.0",
        tool=tool,
        series=series,
        time=time,
        observations=tuple(found),
        passed_over=tuple(sorted(passed_over.items())),
    )


def _series(run: dict[str, Any], file: str) -> str:
    """Return what this run is the whole account of: its category, with the repository or image, or the file's name if it names neither.

    Of `automationDetails.id` the last part names the single run (3.17.3); some tools have one category for all that they look at.
    """
    category = word(run, "automationDetails", "id").rpartition("/")[0]
    repository = next((each for one in items(run, "versionControlProvenance") if (each := word(one, "repositoryUri"))), "")
    what = [each for each in (repository, word(run, "properties", "imageName")) if each]
    return " ".join([*([category] if category else []), *(what or [file.replace("\\", "/").rpartition("/")[2]])])


def _about(run: dict[str, Any]) -> tuple[str, ...]:
    """Return names that all results of a run share: of the image or repository that was looked at."""
    named = [
        word(run, "properties", "imageName"),
        *(word(each, "repositoryUri") for each in items(run, "versionControlProvenance")),
    ]
    last = [parts[-1] for each in named if (parts := parts_of(each.partition("@")[0]))]
    return tuple(each.removesuffix(".git") for each in last)


def _not_to_keep(result: dict[str, Any]) -> str:
    """Return why a result is no finding; '' if it is one. A suppression without status is an accepted one (3.35.3)."""
    if word(result, "baselineState") == "absent":
        return "no longer there"
    if any(word(each, "status") in ("", "accepted") for each in items(result, "suppressions") if isinstance(each, dict)):
        return "suppressed"
    return _SETTLED.get(word(result, "kind"), "")


class _Rules:
    """The descriptors of a run, in the driver or an extension: by their index, else by id. Each list is looked through once."""

    def __init__(self, run: dict[str, Any]) -> None:
        self.driver, self.extensions = inside(run, "tool", "driver"), items(run, "tool", "extensions")
        self._listed: dict[int, list[Any]] = {}
        self._named: dict[int, dict[str, dict[str, Any]]] = {}

    def of(self, result: dict[str, Any]) -> dict[str, Any]:
        """Return the descriptor that a result refers to; {} if there is none."""
        extension = number(result, "rule", "toolComponent", "index")
        which = int(extension) if extension is not None and 0 <= extension < len(self.extensions) else _DRIVER
        if which not in self._listed:
            self._listed[which] = rules = items(self.driver if which == _DRIVER else self.extensions[which], "rules")
            self._named[which] = {word(each, "id"): each for each in reversed(rules) if isinstance(each, dict)}
        rules = self._listed[which]
        index = number(result, "ruleIndex")
        index = number(result, "rule", "index") if index is None else index
        if index is not None and 0 <= index < len(rules) and isinstance(rules[int(index)], dict):
            found: dict[str, Any] = rules[int(index)]
            return found
        name = _rule_id(result)
        return self._named[which].get(name, {}) if name else {}


def _rule_id(result: dict[str, Any]) -> str:
    return word(result, "ruleId") or word(result, "rule", "id")


def _observation(
    result: dict[str, Any], rule: dict[str, Any], tool: str, time: float | None, about: tuple[str, ...]
) -> Observation:
    name = _rule_id(result) or word(rule, "id")
    place = next(iter(items(result, "locations")), None)
    uri = word(place, "physicalLocation", "artifactLocation", "uri")
    line = word(place, "physicalLocation", "region", "startLine")
    said = word(result, "message", "text")
    prints = [f"{key}={each}" for part in ("fingerprints", "partialFingerprints") for key, each in _pairs(result, part)]
    bearing = _bearing(result, rule, name)
    return Observation(
        id=fingerprint(tool, name, uri, *(sorted(prints) or (line, said))),
        kind=_kind(result, bearing),
        severity=_severity(result, rule),
        time=read_moment(inside(result, "provenance", "lastDetectionTimeUtc")) or time,
        title=f"{name}: {said}" if name else said,
        places=tuple(dict.fromkeys((*((host_of(uri),) if host_of(uri) else parts_of(uri)), *about))),
        bearing=bearing,
    )


def _pairs(result: dict[str, Any], part: str) -> list[tuple[str, str]]:
    found = inside(result, part)
    return [(key, each) for key, each in found.items() if isinstance(each, str)] if isinstance(found, dict) else []


def _bearing(result: dict[str, Any], rule: dict[str, Any], name: str) -> Bearing:
    """Gather what a result and its rule name: taxa and relationships first (3.19.3), tags as most tools write them."""
    texts = [name, *_taxa(result, rule)]
    for each in (result, rule):
        texts += words(each, "properties", "tags") + words(each, "properties", "cwe") + words(each, "properties", "CWE")
    cwes = weaknesses(texts)
    if is_published([name, *words(rule, "properties", "tags")]):
        cwes = tuple(dict.fromkeys((*cwes, VULNERABLE_PART)))
    return Bearing(controls=controls(_taxa(result, rule)), weaknesses=cwes, techniques=techniques(texts))


def _taxa(result: dict[str, Any], rule: dict[str, Any]) -> list[str]:
    """Return the taxa as `taxonomy id`: an id may be the bare number of a CWE."""
    references: Iterator[Any] = iter(
        [*items(result, "taxa"), *(inside(each, "target") for each in items(rule, "relationships") if isinstance(each, dict))]
    )
    found = []
    for each in references:
        taxonomy, name = word(each, "toolComponent", "name"), word(each, "id")
        found.append(f"CWE-{name}" if name.isdecimal() and "cwe" in taxonomy.lower() else name)
    return found


def _kind(result: dict[str, Any], bearing: Bearing) -> EvidenceKind:
    """A result that names controls and no weakness is the outcome of a check."""
    if word(result, "kind") == "pass":
        return EvidenceKind.PASSED
    return EvidenceKind.FAILED if bearing.controls and not bearing.weaknesses else EvidenceKind.VULNERABILITY


def _severity(result: dict[str, Any], rule: dict[str, Any]) -> Rating:
    """Return `security-severity`, which is a CVSS score, else the level of the result or, as its default, of the rule (3.27.10)."""
    score = number(result, "properties", "security-severity")
    score = number(rule, "properties", "security-severity") if score is None else score
    if score is not None:
        return by_score(score)
    level = word(result, "level") or word(rule, "defaultConfiguration", "level") or "warning"
    return _LEVELS.get(level, Rating.MEDIUM)
