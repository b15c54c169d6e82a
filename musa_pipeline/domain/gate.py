"""What a gate lets pass: findings, the conditions under which they fail, and the findings that were known before."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.problems import Problem, Severity, near
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span


class Measure(StrEnum):
    """What conditions are about; a finding may be of several."""

    MISSING = "missing"
    MANDATORY = "mandatory"
    RISK = "risk"
    RESIDUAL = "residual"
    OVER = "over"
    COVERAGE = "coverage"
    STALE = "stale"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    GONE = "gone"
    UNMEASURED = "unmeasured"
    UNANSWERED = "unanswered"
    UNVERIFIED = "unverified"
    BROKEN = "broken"
    WARNING = "warning"
    NEW = "new"


MENDED: Final = frozenset({Measure.STALE, Measure.EXPIRED, Measure.UNVERIFIED})
"""Measures whose findings no baseline holds: one command or one line mends them, and known for ever they would guard nothing."""
_RATED: Final = frozenset({Measure.RISK, Measure.RESIDUAL})
_ALONE: Final = frozenset({Measure.NEW})
_BY_SEVERITY: Final = frozenset({Measure.NEW, Measure.WARNING})
_SIGNS: Final = {"≥": ">=", "≤": "<=", "=": "==", "=>": ">=", "=<": "<="}
_RULE: Final = re.compile(r"\s*([A-Za-z][A-Za-z-]*)\s*(?:([<>=≥≤]{1,2})\s*(\S(?:.*\S)?))?\s*", re.DOTALL)
_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%?")
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One condition that fails a check: any finding of a measure, more than a number of them, a rating, a share of 100.

    `rating` for risks with `strict` for worse than it; `most` how many pass; `least` the coverage in % that passes.
    """

    measure: Measure
    text: str
    rating: Rating | None = None
    strict: bool = False
    most: int | None = None
    least: float | None = None

    @property
    def of_each(self) -> bool:
        """Tell whether every single finding of the measure fails, not their number."""
        return self.most is None and self.least is None

    def reached(self, rating: Rating) -> bool:
        """Tell whether a risk of a rating fails."""
        return self.rating is not None and rating.score >= self.rating.score + self.strict

    def short(self, coverage: float) -> bool:
        """Tell whether a coverage in % fails."""
        return self.least is not None and (coverage < self.least or (self.strict and coverage == self.least))


def read_rule(text: str) -> Rule:
    """Return the condition that somebody wrote.

    >>> read_rule("risk >= high").rating, read_rule("unanswered > 10").most, read_rule("coverage < 95 %").least
    (<Rating.HIGH: 'high'>, 10, 95.0)

    Raises UsageWrong with a way out if it is none.
    """
    found = _RULE.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        way = "one condition each: risk >= high, coverage < 95 %, missing, unanswered > 10"
        raise UsageWrong(f"{text[:_LONGEST]!r} is no condition for a check to fail", way)
    word, sign, bound = found[1].lower(), found[2] or "", found[3] or ""
    if word not in set(Measure):
        way = near(word, Measure) or f"known are {', '.join(Measure)}; one condition each"
        raise UsageWrong(f"{text!r} is about {word!r}, which no check knows", way)
    measure, sign = Measure(word), _SIGNS.get(sign, sign)
    if measure in _RATED:
        return _rated(measure, sign, bound, text)
    if measure is Measure.COVERAGE:
        return _covered(sign, bound, text)
    return _counted(measure, sign, bound, text)


def _rated(measure: Measure, sign: str, bound: str, text: str) -> Rule:
    if sign not in (">", ">="):
        raise UsageWrong(f"{text!r} does not say from which rating on a {measure} fails", f"write {measure} >= high")
    word = bound.lower().replace("-", " ")
    if word not in set(Rating):
        way = near(word, Rating) or f"ratings are {', '.join(Rating)}"
        raise UsageWrong(f"{text!r} has no rating: {bound!r}", way)
    return Rule(measure=measure, text=f"{measure} {sign} {word}", rating=Rating(word), strict=sign == ">")


def _covered(sign: str, bound: str, text: str) -> Rule:
    share = _SHARE.fullmatch(bound)
    if sign not in ("<", "<=") or not share or float(share[1]) > 100:
        raise UsageWrong(f"{text!r} does not say below how much coverage fails", "write coverage < 95 %")
    least = float(share[1])
    return Rule(measure=Measure.COVERAGE, text=f"coverage {sign} {least:g} %", least=least, strict=sign == "<=")


def _counted(measure: Measure, sign: str, bound: str, text: str) -> Rule:
    if not sign:
        return Rule(measure=measure, text=str(measure))
    if measure in _ALONE or sign not in (">", ">=") or not _NUMBER.fullmatch(bound) or (sign == ">=" and int(bound) == 0):
        way = f"write {measure}" + ("" if measure in _ALONE else f", or {measure} > 10")
        raise UsageWrong(f"{text!r} does not say how many fail", way)
    return Rule(measure=measure, text=f"{measure} {sign} {bound}", most=int(bound) - (sign == ">="))


DEFAULT: Final = tuple(map(read_rule, ("missing", "mandatory", "over", "expired", "stale", "unverified", "broken")))
"""What fails where nothing else is said: a promise that cannot be kept, a risk nobody answers for, and what is not what it seems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding with what it is about (`orders`, `SC-8`): that, not its place and words, makes it the same tomorrow.

    The severity of `problem` is what it has where no condition is about it.
    """

    application: str
    problem: Problem
    about: tuple[str, ...]
    measures: frozenset[Measure] = frozenset()

    @property
    def key(self) -> str:
        """Return a name that stays when lines move and sentences change."""
        return f"{self.application}: {self.problem.code} {' '.join(self.about)}"

    @property
    def may_be_known(self) -> bool:
        """Tell whether a baseline may hold it; notes that no condition is about need not be in one."""
        return not self.measures & MENDED and (bool(self.measures) or self.problem.severity is not Severity.NOTE)

    def of(self, measure: Measure) -> bool:
        """Tell whether a condition on this measure is about it; warnings, and what is new, are so by how bad they are."""
        return measure in self.measures or (measure in _BY_SEVERITY and self.problem.severity is not Severity.NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The findings of one model that are not known already, each an error if it fails; and how many were known."""

    findings: tuple[Finding, ...]
    known: int = 0


def judge(
    findings: Iterable[Finding],
    rules: Collection[Rule],
    *,
    known: Collection[str] = (),
    at: Span,
    application: str,
    coverage: float,
) -> Verdict:
    """Apply the conditions: what they are about is an error, all else stays as it is; counts are of what is not known."""
    every = list(findings)
    left = [each for each in every if each.key not in known or not each.may_be_known]
    failing = {rule.measure for rule in rules if rule.of_each}
    judged = [_error(each) if any(map(each.of, failing)) else each for each in left]
    totals = [_total(rule, text, application, at) for rule in rules if (text := _exceeded(rule, left, coverage))]
    order = list(Severity)
    whole = sorted(
        [*totals, *judged],
        key=lambda each: (order.index(each.problem.severity), each.problem.code),
    )
    return Verdict(findings=tuple(whole), known=len(every) - len(left))


def _error(finding: Finding) -> Finding:
    return replace(finding, problem=replace(finding.problem, severity=Severity.ERROR))


def _exceeded(rule: Rule, findings: Iterable[Finding], coverage: float) -> str:
    if rule.least is not None:
        return f"{coverage:.1f} % of the required controls are promised" if rule.short(coverage) else ""
    if rule.most is None:
        return ""
    number = sum(each.of(rule.measure) for each in findings)
    return f"{number} findings are {rule.measure}, {rule.most} at most may be" if number > rule.most else ""


def _total(rule: Rule, text: str, application: str, at: Span) -> Finding:
    way = f"mend some of them; the condition is {rule.text!r}"
    problem = Problem(code="J012", at=at, text=f"{application}: {text}", help=way)
    return Finding(application=application, problem=problem, about=(str(rule.measure),), measures=frozenset({rule.measure}))
