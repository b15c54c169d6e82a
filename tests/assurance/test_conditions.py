"""Conditions in three values: what nobody knows decides nothing, and what decides anyway needs nobody to know."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.assurance.conditions import Answer, answer, listed
from musa_pipeline.assurance.rehearse import World
from musa_pipeline.assurance.sight import Sight, Unknown
from musa_pipeline.domain.context import Bucket, Kind
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.sight import ASKING, RECORDS

EVENT: Mapping[str, Plain] = {
    "id": "f1",
    "machine": "m1",
    "target": "m1",
    "confidence": 0.9,
    "source": "192.0.2.7",
    "samples": 3,
    "evidence": {"share": 0.99},
}
WORLD = World(
    {"web": {"machine": "m1", "exposed": True, "kind": "api", "uses": ["db"]}, "db": {"machine": "m2", "exposed": False}},
    {"m1": {"address": "10.0.0.1"}, "m2": {}, "m3": {"components": ["ghost"]}},
)
WORLD.set(Kind.HOST, "m1", observed={"seen": 95.0})
WORLD.set(Kind.LINK, "web>db", desired={"from": "web", "to": "db", "relation": "uses"})
WORLD.set(Kind.INCIDENT, "i1", observed={"component": "", "cause": "web", "ended": None})
WORLD.set(Kind.INCIDENT, "i2", observed={"component": "web", "cause": "web", "ended": 5.0})
WORLD.set(Kind.SLO, "web:availability", desired={"component": "web", "metric": "availability"}, observed={"state": "violated"})
WORLD.set(Kind.PROGRAM, "counters@m1", observed={"state": "loaded"})
WORLD.set(Kind.BLOCK, "192.0.2.7@m1", desired={"until": 101.0})
WORLD.set(Kind.BLOCK, "192.0.2.8@m1", desired={"until": 99.0})
NOW = 100.0


def asked(text: str, **lists: tuple[str, ...]) -> Answer:
    return answer(text, EVENT, {"partners": ("192.0.2.0/24",), **lists}, WORLD, NOW)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("", True),
        ("host(event.machine).exposed", True),
        ("host('m2').exposed", False),
        ("host('m3').exposed", None),
        ("host('m9').exposed", None),
        ("component(event.component).exposed", None),
        ("topology.component('web').exposed", True),
        ("host(event.machine).exposed || component(event.component).exposed", True),
        ("component(event.component).exposed || host(event.machine).exposed", True),
        ("component(event.component).exposed && false", False),
        ("!component(event.component).exposed", None),
        ("component(event.component).exposed ? true : true", None),
        ("has(event.component)", False),
        ("has(event.source) && event.source == '192.0.2.7'", True),
        ("event.confidence >= 1", False),
        ("event.samples == 3 && event.samples > 2.5 && event.samples + 1 == 4 && -event.samples < 0", True),
        ("event.evidence.share > 0.9", True),
        ("event.evidence.nothing > 0.9", None),
        ("lists.partners.contains(event.source)", True),
        ("event.source in lists.partners", True),
        ("'192.0.3.7' in lists.partners", False),
        ("lists.partners.contains('web')", False),
        ("lists.friends.contains(event.source)", None),
        ("component('web').uses.contains('db') && 'web' in component('db').used_by", True),
        ("component('web').uses.exists(u, component(u).exposed)", False),
        ("component('web').uses.all(u, host(component(u).machine).exposed)", False),
        ("component('web').kind.startsWith('ap') && component('web').kind.matches('^a.i$')", True),
        ("event.source.matches('(')", None),
        ("host('m1').silent == 5", True),
        ("host('m2').silent > 1", None),
        ("incident('i1').stage == 'open' && incident('i2').stage == 'closed'", True),
        ("size(incidents('web')) == 1 && incidents('db').size() == 0", True),
        ("state('web', 'availability') == 'violated'", True),
        ("state('db', 'availability') == 'violated'", None),
        ("loaded('counters', 'm1') && !loaded('counters', 'm2')", True),
        ("blocked('192.0.2.7', 'm1') && !blocked('192.0.2.8', 'm1')", True),
        ("seen('scan', 'm1', '5m') == 0", True),
        ("seen('scan', 'm1', 'soon') == 0", None),
        ("series('m1', 'rate', '5m').mean > 1", None),
        ("1 / 0 > 1", True),  # numbers are IEEE 754: infinite, not wrong
        ("event.confidence", None),
        ("event.source > 3", None),
        ("nonsense(", None),
        ("host('m1').components[0] == 'web'", True),
        ("host('m1').components[7] == 'web'", None),
    ],
)
def test_a_condition_is_true_false_or_not_known(text: str, truth: bool | None) -> None:
    assert asked(text).truth is truth


def test_the_trace_holds_every_value_that_was_seen() -> None:
    found = asked("event.confidence > 0.95 || !lists.partners.contains(event.source) || host('m9').exposed")
    assert found.trace.splitlines() == [
        "event.confidence > 0.95 || !lists.partners.contains(event.source) || host('m9').exposed = unknown",
        "  event.confidence > 0.95 || !lists.partners.contains(event.source) = false",
        "    event.confidence > 0.95 = false  (event.confidence = 0.9)",
        "    !lists.partners.contains(event.source) = false",
        "      lists.partners.contains(event.source) = true  (lists.partners = ['192.0.2.0/24'], event.source = '192.0.2.7')",
        "  host('m9').exposed = unknown: there is no machine 'm9'",
    ]


def test_figures_of_a_series_are_put_together() -> None:
    class Measured(World):
        def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Any:
            assert (subject, metric, since, until, step) == ("m1", "rate", -200.0, 100.0, 300.0)
            return [
                Bucket(start=0.0, count=2, total=4.0, lowest=1.0, highest=3.0),
                Bucket(start=9.0, count=2, total=8.0, lowest=0.5, highest=7.0),
            ]

    said = Sight(Measured({}, {}), NOW).ask("series", "m1", "rate", "5m")
    assert said == {"count": 4.0, "total": 12.0, "mean": 3.0, "lowest": 0.5, "highest": 7.0}
    assert set(said) == set(RECORDS["series"])


def test_every_question_can_be_asked() -> None:
    for name, (arguments, _) in ASKING.items():
        try:
            Sight(WORLD, NOW).ask(name, *("5m" for _ in arguments))
        except Unknown:
            continue


class Away(Exception):
    pass


@pytest.mark.parametrize("text", ["host('m1').exposed", "host('m1').exposed || true", "['a'].exists(x, host(x).exposed)"])
def test_a_context_that_is_away_is_no_answer(text: str) -> None:
    class Gone(World):
        def get(self, kind: Kind, entity: str, at: float | None = None) -> Any:
            raise Away

    with pytest.raises(Away):
        answer(text, EVENT, {}, Gone({}, {}), NOW)


@pytest.mark.parametrize(
    ("item", "items", "there"),
    [
        ("192.0.2.7", ("192.0.2.7",), True),
        ("192.0.2.7", ("192.0.2.0/29",), True),
        ("192.0.2.9", ("192.0.2.0/29",), False),
        ("::ffff:192.0.2.7", ("192.0.2.7",), True),
        ("2001:db8::1", ("2001:db8::/32",), True),
        ("2001:db8::1", ("192.0.2.0/24", "word"), False),
        ("word", ("word",), True),
        ("", ("192.0.2.0/24",), False),
    ],
)
def test_an_address_is_in_a_list_that_holds_its_network(item: str, items: tuple[str, ...], there: bool) -> None:
    assert listed(item, items) is there


TRUTHS = st.sampled_from([("true", True), ("false", False), ("host('m9').exposed", None)])


def joined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def kleene(operator: str, one: Any, other: Any) -> Any:
        values = (one[1], other[1])
        decides = operator == "||"
        truth = decides if decides in values else None if None in values else not decides
        return f"({one[0]}) {operator} ({other[0]})", truth

    both = st.builds(kleene, st.sampled_from(["&&", "||"]), inner, inner)
    return both | inner.map(lambda one: (f"!({one[0]})", None if one[1] is None else not one[1]))


@settings(max_examples=100, deadline=None)
@given(st.recursive(TRUTHS, joined, max_leaves=8))
def test_and_or_and_not_are_kleenes(case: tuple[str, bool | None]) -> None:
    assert asked(case[0]).truth is case[1]


@pytest.mark.parametrize(
    ("last", "state", "truth"),
    [
        (NOW - 94, "violated", True),  # 30 s, 5 s late, and a minute by which what is written may be behind
        (NOW - 96, "violated", None),
        (NOW - 96, "not-determined", True),  # what says that nobody knows does not grow old
    ],
)
def test_a_verdict_that_outlives_its_evidence_is_unknown(last: float, state: str, truth: bool | None) -> None:
    world = World({}, {})
    wanted: dict[str, Plain] = {"component": "web", "metric": "availability", "max_age": 30.0, "late": 5.0}
    world.set(Kind.SLO, "web:availability", desired=wanted, observed={"state": state, "last": last})
    assert answer(f"state('web', 'availability') == '{state}'", EVENT, {}, world, NOW).truth is truth


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("host('m1').exposed", ""),
        ("component(event.component).exposed && false", ""),
        ("(component(event.component).exposed || true) && host('m9').exposed", "host"),
        ("series('m1', 'rate', '5m').mean > 1 || event.confidence > 0.95", "series"),
        ("event.samples", "event.samples is 3, neither true nor false"),
    ],
)
def test_it_is_said_which_value_nobody_knows(text: str, unknown: str) -> None:
    found = asked(text)
    assert (found.truth is None) is bool(unknown)
    assert found.unknown.startswith(unknown) and bool(found.unknown) is bool(unknown)
