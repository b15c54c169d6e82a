"""Conditions under which a check fails: each form is read, each mistake has a way out, and what is known never counts twice."""

import re
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.gate import DEFAULT, MENDED, Finding, Measure, Rule, Verdict, judge, read_rule
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span
from tests.support import ROOT

AT = Span("models/shop/shop.yaml")
rules = st.sampled_from(
    [
        *(str(each) for each in Measure if each not in (Measure.RISK, Measure.RESIDUAL, Measure.COVERAGE)),
        "missing > 0",
        "missing >= 3",
        "unanswered > 10",
        "coverage < 95 %",
        "coverage <= 50 %",
        "risk >= high",
        "residual > very low",
    ]
).map(read_rule)
findings = st.builds(
    lambda about, measure, severity: Finding(
        application="shop",
        problem=Problem(code="J001", at=AT, text="x", severity=severity),
        about=(about,),
        measures=frozenset({measure}),
    ),
    st.sampled_from("abcdef"),
    st.sampled_from(list(Measure)),
    st.sampled_from([Severity.WARNING, Severity.NOTE]),
)


def judged(found: list[Finding], *conditions: Rule, known: frozenset[str] = frozenset(), coverage: float = 60.0) -> Verdict:
    return judge(found, conditions, known=known, at=AT, application="shop", coverage=coverage)


def errors(verdict: Verdict) -> set[str]:
    return {each.key for each in verdict.findings if each.problem.severity is Severity.ERROR}


@pytest.mark.parametrize(
    ("text", "means"),
    [
        (" Missing ", Rule(measure=Measure.MISSING, text="missing")),
        ("unanswered>10", Rule(measure=Measure.UNANSWERED, text="unanswered > 10", most=10)),
        ("gone >= 1", Rule(measure=Measure.GONE, text="gone >= 1", most=0)),
        ("risk ≥ Very-Low", Rule(measure=Measure.RISK, text="risk >= very low", rating=Rating.VERY_LOW)),
        ("residual > medium", Rule(measure=Measure.RESIDUAL, text="residual > medium", rating=Rating.MEDIUM, strict=True)),
        ("coverage < 99.5%", Rule(measure=Measure.COVERAGE, text="coverage < 99.5 %", least=99.5)),
        ("coverage <= 95", Rule(measure=Measure.COVERAGE, text="coverage <= 95 %", least=95.0, strict=True)),
    ],
)
def test_every_form_is_read(text: str, means: Rule) -> None:
    assert read_rule(text) == means


@given(rules)
def test_what_a_condition_is_called_reads_as_itself(rule: Rule) -> None:
    assert read_rule(rule.text) == rule


def test_the_conditions_of_the_page_are_conditions() -> None:
    rows = (ROOT / "docs/check.md").read_text().partition("## What fails")[2].partition("## A baseline")[0]
    named = [
        read_rule(each) for cell in re.findall(r"^\| (`.+?) \|", rows, re.MULTILINE) for each in re.findall(r"`(.+?)`", cell)
    ]
    assert {each.measure for each in named} == set(Measure)
    by_itself = {read_rule(each).measure for each in re.findall(r"^\| `(\w+)` \|.*\| yes \|$", rows, re.MULTILINE)}
    assert by_itself == {each.measure for each in DEFAULT}


@pytest.mark.parametrize(
    ("text", "told", "way"),
    [
        ("", "'' is no condition for a check to fail", "one condition each"),
        ("missing, stale", "'missing, stale' is no condition for a check to fail", "one condition each"),
        ("missing 3", "'missing 3' is no condition for a check to fail", "one condition each"),
        ("x" * 5000, f"'{'x' * 100}' is no condition for a check to fail", "one condition each"),
        ("mising", "'mising' is about 'mising', which no check knows", "did you mean 'missing'?"),
        ("__import__", "'__import__' is no condition for a check to fail", "one condition each"),
        ("risk", "'risk' does not say from which rating on a risk fails", "write risk >= high"),
        ("risk < high", "'risk < high' does not say from which rating on a risk fails", "write risk >= high"),
        ("risk >= hgih", "'risk >= hgih' has no rating: 'hgih'", "did you mean 'high'?"),
        ("residual > 7", "'residual > 7' has no rating: '7'", "ratings are very low, low, medium, high, critical"),
        ("coverage", "'coverage' does not say below how much coverage fails", "write coverage < 95 %"),
        ("coverage > 95 %", "'coverage > 95 %' does not say below how much coverage fails", "write coverage < 95 %"),
        ("coverage < 950 %", "'coverage < 950 %' does not say below how much coverage fails", "write coverage < 95 %"),
        ("missing < 3", "'missing < 3' does not say how many fail", "write missing, or missing > 10"),
        ("missing >= 0", "'missing >= 0' does not say how many fail", "write missing, or missing > 10"),
        ("new > 3", "'new > 3' does not say how many fail", "write new"),
    ],
)
def test_a_mistake_has_a_way_out(text: str, told: str, way: str) -> None:
    with pytest.raises(UsageWrong) as raised:
        read_rule(text)
    assert raised.value.text == told
    assert raised.value.way_out.startswith(way)


@given(st.lists(findings, max_size=6), st.lists(rules, max_size=4), rules)
def test_one_more_condition_never_lets_more_pass(found: list[Finding], conditions: list[Rule], more: Rule) -> None:
    assert errors(judged(found, *conditions)) <= errors(judged(found, *conditions, more))


@given(st.lists(findings, max_size=6), st.lists(rules, max_size=4), st.data())
def test_what_is_known_fails_nothing_but_for_what_one_line_mends(
    found: list[Finding], conditions: list[Rule], data: st.DataObject
) -> None:
    known = frozenset(data.draw(st.sets(st.sampled_from([each.key for each in found]))) if found else ())
    left = judged(found, *conditions, known=known)
    assert errors(left) <= errors(judged(found, *conditions))
    assert all(each.measures & MENDED or not each.may_be_known for each in left.findings if each.key in known)
    assert left.known + sum(each.problem.code == "J001" for each in left.findings) == len(found)


@given(st.lists(findings, max_size=3), st.lists(rules, max_size=3))
def test_the_order_of_findings_and_conditions_means_nothing(found: list[Finding], conditions: list[Rule]) -> None:
    once = {(each.key, each.problem.severity) for each in judged(found, *conditions).findings}
    for one in permutations(found):
        for other in permutations(conditions):
            assert {(each.key, each.problem.severity) for each in judged(list(one), *other).findings} == once
