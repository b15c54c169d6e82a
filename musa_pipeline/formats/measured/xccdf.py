"""Results of checklists as XCCDF 1.1 or 1.2, alone, in a benchmark, or in an asset report (ARF) as OpenSCAP writes it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from musa_pipeline.domain.evidence import Bearing, EvidenceKind, Observation, Told, fingerprint
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.measured.names import controls, weaknesses
from musa_pipeline.formats.measured.times import read_moment

_SPACES: Final = ("http://checklists.nist.gov/xccdf/1.1", "http://checklists.nist.gov/xccdf/1.2")
_ANY: Final = "http://checklists.nist.gov/xccdf/"
_DEEPEST, _MOST, _LONGEST_TEXT = 200, 2_000_000, 400
_KINDS: Final = {"pass": EvidenceKind.PASSED, "fixed": EvidenceKind.PASSED, "fail": EvidenceKind.FAILED}
_SEVERITIES: Final = {"high": Rating.HIGH, "medium": Rating.MEDIUM, "low": Rating.LOW, "info": Rating.VERY_LOW}
_ELSEWHERE: Final = ("CCE-", "CCI-")
_LOOPBACK: Final = ("127.", "0:0:0:0:0:0:0:1", "::1", "localhost")


@dataclass(slots=True)
class _Rule:
    """What a benchmark says of a rule, or a result says again: its severity and the identifiers that it names."""

    severity: str = ""
    title: str = ""
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Outcome:
    rule: str
    result: str = ""
    time: str = ""
    said: _Rule = field(default_factory=_Rule)


@dataclass(slots=True)
class _Test:
    """One TestResult: who ran what on which host, and the outcome of each rule."""

    tool: str
    benchmark: str
    time: str
    targets: list[str] = field(default_factory=list)
    outcomes: list[_Outcome] = field(default_factory=list)


class _Refused(Exception):
    """The file is left unread after a finding."""


def read_xccdf(data: bytes, file: str, problems: Problems) -> tuple[Told, ...]:
    """Return what each test result tells. Codes: E001 no result in it, E002 not XML, E004 a version that is not known, E011 too much in it."""
    reader = _Reader(file, problems)
    try:
        reader.run(data)
    except _Refused:
        return ()
    if not reader.tests:
        problems.report(
            "E001", Span(file), "there is no TestResult in this file", help="give what `oscap xccdf eval --results` wrote"
        )
    return tuple(_told(each, reader.rules) for each in reader.tests)


class _Reader:
    """Reads with expat, which keeps nothing: a report of a whole fleet is no larger in memory than its outcomes."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file, self.problems = file, problems
        self.rules: dict[str, _Rule] = {}
        self.tests: list[_Test] = []
        self._open: list[str] = []
        self._benchmark = ""
        self._rule: _Rule | None = None
        self._test: _Test | None = None
        self._outcome: _Outcome | None = None
        self._text: list[str] = []
        self._count = self._letters = 0
        self._spaces: set[str] = set()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._more
        self._parser.StartDoctypeDeclHandler = self._doctype

    def run(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            at = Span(self.file, max(1, self._parser.ErrorLineNumber), self._parser.ErrorColumnNumber + 1)
            said = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else str(error)
            self._refuse("E002", at, f"not XML: {said}", "is it whole? ask the tool for it again")

    def _refuse(self, code: str, at: Span, text: str, help_: str) -> None:
        self.problems.report(code, at, text, help=help_)
        raise _Refused

    def _doctype(self, *_: object) -> None:
        at = Span(self.file, self._parser.CurrentLineNumber)
        self._refuse("E002", at, "a DOCTYPE is not allowed: it may define entities", "remove it")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if space.startswith(_ANY) and space not in _SPACES and space not in self._spaces:
            self._spaces.add(space)
            at = Span(self.file, self._parser.CurrentLineNumber)
            self.problems.warn("E004", at, f"XCCDF of the namespace {space[:80]!r} is not known; it is read as 1.2")
        self._count += 1
        if self._count > _MOST or len(self._open) > _DEEPEST:
            at = Span(self.file, self._parser.CurrentLineNumber)
            said = f"more than {_MOST:,} elements" if self._count > _MOST else f"elements are nested deeper than {_DEEPEST}"
            self._refuse("E011", at, said, "split the report by host")
        self._open.append(tag)
        self._text, self._letters = [], 0
        if space.startswith(_ANY):
            self._begin(tag, attributes)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "Benchmark":
                self._benchmark = attributes.get("id", "")
            case "Rule":
                self._rule = self.rules[attributes.get("id", "")] = _Rule(attributes.get("severity", ""))
            case "TestResult":
                tool = attributes.get("test-system", "")
                time = attributes.get("end-time", "") or attributes.get("start-time", "")
                self._test = _Test(_tool(tool), self._benchmark, time)
                self.tests.append(self._test)
            case "benchmark" if self._test:
                self._test.benchmark = attributes.get("id") or self._test.benchmark or attributes.get("href", "")
            case "rule-result" if self._test:
                said = _Rule(attributes.get("severity", ""))
                self._outcome = _Outcome(attributes.get("idref", ""), time=attributes.get("time", ""), said=said)
                self._test.outcomes.append(self._outcome)

    def _more(self, text: str) -> None:
        if self._letters < _LONGEST_TEXT:
            self._text.append(text)
            self._letters += len(text)

    def _end(self, name: str) -> None:
        space, _, tag = name.rpartition(" ")
        self._open.pop()
        text = "".join(self._text)[:_LONGEST_TEXT].strip()
        self._text, self._letters = [], 0
        if not space.startswith(_ANY):
            return
        rule = self._outcome.said if self._outcome else self._rule
        match tag:
            case "ident" | "reference" if rule and text:
                rule.names.append(text)
            case "title" if self._rule and self._open[-1:] == ["Rule"]:
                self._rule.title = text
            case "result" if self._outcome:
                self._outcome.result = text
            case "target" | "target-address" if self._test and text:
                self._test.targets.append(text)
            case "rule-result":
                self._outcome = None
            case "Rule":
                self._rule = None
            case "TestResult":
                self._test = None


def _tool(said: str) -> str:
    """Return the name of a test system without its version: the same tool stays the same after an update.

    >>> _tool("cpe:/a:redhat:openscap:1.3.5"), _tool("cpe:2.3:a:spawar:scc:5.4:*"), _tool("")
    ('openscap', 'scc', 'XCCDF')
    """
    parts = said.removeprefix("cpe:2.3:").removeprefix("cpe:/").split(":")
    return parts[2] if len(parts) > 2 else said or "XCCDF"


def _told(test: _Test, rules: dict[str, _Rule]) -> Told:
    passed_over: Counter[str] = Counter()
    targets = tuple(dict.fromkeys(each for each in test.targets if not each.startswith(_LOOPBACK)))
    series = f"{test.benchmark} {targets[0] if targets else ''}".strip()
    time = read_moment(test.time)
    found = []
    for each in test.outcomes:
        kind = _KINDS.get(each.result)
        if kind is None:
            passed_over[each.result[:40] or "without a result"] += 1
        else:
            found.append(_observation(each, kind, rules.get(each.rule, _Rule()), test.tool, time, targets))
    return Told(
        form="XCCDF",
        tool=test.tool,
        series=series or "XCCDF",
        time=time,
        observations=tuple(found),
        passed_over=tuple(sorted(passed_over.items())),
    )


def _observation(
    each: _Outcome, kind: EvidenceKind, rule: _Rule, tool: str, time: float | None, targets: tuple[str, ...]
) -> Observation:
    names = list(_named(each.said, rule))
    return Observation(
        id=fingerprint(tool, each.rule),
        kind=kind,
        severity=_SEVERITIES.get(each.said.severity or rule.severity, Rating.MEDIUM),
        time=time if time is not None else read_moment(each.time),
        title=rule.title or each.rule,
        places=tuple(part for one in targets for part in dict.fromkeys((one, one.partition(".")[0])) if not part.isdecimal()),
        bearing=Bearing(controls=controls(names), weaknesses=weaknesses(names)),
        elsewhere=tuple(sorted({one for one in names if one.startswith(_ELSEWHERE)})),
    )


def _named(said: _Rule, rule: _Rule) -> Iterator[str]:
    """Yield the identifiers of a result and its rule; what reads like a control of 800-53 but is of another framework is rare enough."""
    yield from dict.fromkeys((*said.names, *rule.names))
