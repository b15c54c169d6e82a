"""Policies as people write them: what is right is read whole, what is wrong is found at its place, and nothing crashes the reader."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.policy import Ask, Limits, Mode, Policy, Rule, Step, Trigger, Undo
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.policies import read_policy
from tests.support import ROOT

FLOOD = (ROOT / "catalogs/policies/flood.yaml").read_text()
SMALL = "id: p\nmode: enforce\non: {finding: x}\ndo: [{notify: operators}]\n"
TESTED = "---\ntest: t\nevents: [{at: 0s, finding: x}]\nexpect: [{at: 0s, notify: operators}]\n"


def found(text: str, file: str = "p.yaml", lists: tuple[str, ...] = ()) -> list[str]:
    problems = Problems()
    read_policy(text, file, problems, lists)
    return [str(each) for each in problems if each.code != "P013"]


def read(text: str) -> Policy:
    problems = Problems()
    policy = read_policy(text, "", problems).policy
    assert policy, [str(each) for each in problems]
    return policy


def test_everything_that_a_policy_says_is_read() -> None:
    text = """\
id: p
title: A policy
on: {finding: scan, confidence: 70 %, count: 3 in 1m, distinct: source}
when: event.confidence > 0.5
on_missing: true
do:
  - load: {program: counters, on: event.machine, interface: eth1, parameters: {top: 16}, period: 500 ms, for: 1h}
    verify: loaded("counters", event.machine)
    within: 5s
  - unload: old
then:
  - on: {without: scan, for: 2 min, within: 1h}
    do: [{set-period: {input: system, period: 5s}}, {block: {source: "2001:DB8::1", for: 10s}}]
limits: {per_target: 5 in 1h, share_of_graph: 10 %, cool_down: 30s}
undo: {after: 5 min, without: scan}
mode: approve
lists: {b: [192.0.2.0/24], a: [x]}
sources: [{document: D, clause: "1"}]
"""
    policy = read(text)
    assert replace(policy, sources=()) == Policy(
        id="p",
        title="A policy",
        mode=Mode.APPROVE,
        limits=Limits(count=5, seconds=3600.0, share=0.1, cool_down=30.0),
        undo=Undo(after=300.0, without="scan"),
        lists=(("a", ("x",)), ("b", ("192.0.2.0/24",))),
        rule=Rule(
            on=Trigger(what="finding", which="scan", confidence=0.7, count=3, seconds=60.0, distinct="source"),
            when="event.confidence > 0.5",
            on_missing=True,
            do=(
                Ask(
                    step=Step.LOAD,
                    arguments={
                        "program": "counters",
                        "on": "event.machine",
                        "interface": "eth1",
                        "parameters": {"top": 16},
                        "period": 0.5,
                        "for": 3600.0,
                    },
                    verify='loaded("counters", event.machine)',
                    within=5.0,
                ),
                Ask(step=Step.UNLOAD, arguments={"program": "old"}),
            ),
            then=(
                Rule(
                    on=Trigger(what="silence", which="scan", within=3600.0, seconds=120.0),
                    do=(
                        Ask(step=Step.SET_PERIOD, arguments={"input": "system", "period": 5.0}),
                        Ask(step=Step.BLOCK, arguments={"source": "2001:db8::1", "for": 10.0}),
                    ),
                ),
            ),
        ),
    )


WRONG = {
    "an unknown key": (SMALL + "modus: x\n", "p.yaml:5:1: error[P002]: a policy has no key 'modus'"),
    "no mode": (SMALL.replace("mode: enforce\n", ""), "p.yaml:1:1: error[P003]: a policy says its mode"),
    "an unknown mode": (SMALL.replace("enforce", "enforced"), "p.yaml:2:7: error[P004]: 'mode' cannot be 'enforced'"),
    "no trigger": (SMALL.replace("on: {finding: x}\n", ""), "p.yaml:1:1: error[P003]: a policy says what starts it"),
    "two triggers": (
        SMALL.replace("{finding: x}", "{finding: x, incident: open}"),
        "p.yaml:3:5: error[P003]: 'on' names one thing that starts the rule",
    ),
    "an unknown state": (
        SMALL.replace("finding: x", "verdict: broken"),
        "p.yaml:3:15: error[P004]: 'verdict' cannot be 'broken'",
    ),
    "an unknown step": (SMALL.replace("notify:", "notfy:"), "p.yaml:4:7: error[P004]: 'step' cannot be 'notfy'"),
    "nothing to do": (SMALL.replace("do: [{notify: operators}]", ""), "p.yaml:1:1: error[P009]: this policy does nothing"),
    "a time": (
        SMALL + "undo: {after: soon, without: x}\n",
        "p.yaml:5:15: error[P005]: 'after' is a time such as 30s or 10m, not 'soon'",
    ),
    "a count": (
        SMALL + "limits: {per_target: three}\n",
        "p.yaml:5:22: error[P005]: 'per_target' is a number in a time such as '3 in 10m', not 'three'",
    ),
    "a share": (
        SMALL + "limits: {share_of_graph: 120 %}\n",
        "p.yaml:5:26: error[P005]: 'share_of_graph' is a share such as 0.7 or 20 %, not '120 %'",
    ),
    "no address": (
        SMALL.replace("notify: operators", "block: example.org"),
        "p.yaml:4:14: error[P006]: 'source' is an address, not 'example.org'",
    ),
    "a path": (
        SMALL.replace("notify: operators", "playbook: ../../x"),
        "p.yaml:4:17: error[P006]: 'playbook' cannot be '../../x'",
    ),
    "a field that is not there": (
        SMALL.replace("notify: operators", "block: event.sauce"),
        "p.yaml:4:14: error[P007]: the event of a finding has no 'sauce'",
    ),
    "another name": (SMALL.replace("id: p", "id: q"), "p.yaml:1:5: error[P008]: the policy is 'q', its file 'p'"),
    "else without when": (SMALL + "else: [{notify: x}]\n", "p.yaml:5:1: error[P009]: without a condition this is never done"),
    "no expression": (SMALL + "when: event.id ==\n", "p.yaml:5:16: error[P010]: condition 'event.id ==' is not an expression"),
    "an unknown field": (SMALL + "when: event.sauce == 'a'\n", "p.yaml:5:7: error[P011]: the event of a finding has no 'sauce'"),
    "an unknown question": (
        SMALL + "when: hots(event.machine).exposed\n",
        "p.yaml:5:7: error[P011]: there is no question 'hots'",
    ),
    "an unknown field of an answer": (
        SMALL + "when: host(event.machine).expose\n",
        "p.yaml:5:7: error[P011]: a host has no 'expose'",
    ),
    "an unknown list": (
        SMALL + "when: '!lists.friends.contains(event.source)'\n",
        "p.yaml:5:9: error[P011]: lists has no 'friends'",
    ),
    "an unknown name": (SMALL + "when: evnt.id == 'x'\n", "p.yaml:5:7: error[P011]: there is no 'evnt' to ask"),
    "a text and a number": (
        SMALL + "when: event.confidence > 'high'\n",
        "p.yaml:5:7: error[P012]: \"event.confidence > 'high'\": a number cannot be compared or combined with a text",
    ),
    "a condition that is a number": (
        SMALL + "when: event.confidence\n",
        "p.yaml:5:7: error[P012]: condition 'event.confidence' is a number, not true or false",
    ),
    "a number of arguments": (SMALL + "when: state('a') == 'b'\n", "p.yaml:5:7: error[P012]: state() takes 2, not 1"),
    "a list of numbers": (
        SMALL.replace("{finding: x}", "{finding: x}\nwhen: component('a').uses.exists(u, u > 3)"),
        "p.yaml:4:37: error[P012]: 'u > 3': a text cannot be compared or combined with a number",
    ),
    "a test without events": (SMALL + "---\ntest: t\nexpect: []\n", "p.yaml:6:1: error[P014]: test 't' has no events"),
    "a list": ("- a\n", "p.yaml:1:1: error[P001]: a policy must be a mapping, not a list"),
    "nothing": ("# later\n", "p.yaml:1:1: error[Y006]: nothing in the file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found_at_its_place(name: str) -> None:
    text, expected = WRONG[name]
    assert expected in found(text)


def test_everything_wrong_is_told_in_one_run() -> None:
    text = "id: p\nmode: x\non: {finding: f, confidence: 3}\nwhen: event.z\ndo: [{block: x}, {load: {}}]\n"
    assert len(found(text)) == 5


def test_a_policy_without_a_test_is_warned_about_and_read() -> None:
    problems = Problems()
    assert read_policy(SMALL, "p.yaml", problems).policy is not None
    assert [each.code for each in problems] == ["P013"]
    problems = Problems()
    assert len(read_policy(SMALL + TESTED, "p.yaml", problems).tests) == 1
    assert not len(problems)


def test_a_list_may_come_from_the_settings() -> None:
    text = SMALL + "when: '!lists.friends.contains(event.source)'\n"
    assert found(text, lists=("friends",)) == []


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(FLOOD) - 1), st.text(alphabet=st.sampled_from("{}[]:-'\"\n &*!|>%@`#,a1"), max_size=4), st.integers(0, 12)
)
def test_no_damage_to_a_file_crashes_the_reader(at: int, put: str, cut: int) -> None:
    read_policy(FLOOD[:at] + put + FLOOD[at + cut :], "flood.yaml", Problems())


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("()[]{}.!&|?:<>=+-*/%'\"\\ eventhosal19_,\n\t\x00é"), max_size=60))
def test_no_text_for_a_condition_crashes_the_reader(text: str) -> None:
    quoted = text.replace("'", "''").replace("\n", " ").replace("\x00", "")
    read_policy(SMALL + f"when: '{quoted}'\n", "p.yaml", Problems())


def test_a_condition_that_nests_without_end_is_refused_in_words() -> None:
    for text in (
        "(" * 900 + "true" + ")" * 900,
        "!" * 1500 + "true",
        "true" + " && true" * 240,
        "[" * 900,
        "x" * 3000,
        "a" + ".b" * 600,
    ):
        told = found(SMALL + f"when: '{text}'\n")
        assert told, text[:20]
        assert all(code in each for each in told for code in ["error[P01"])


def test_a_condition_that_would_not_end_is_refused() -> None:
    text = SMALL.replace("{finding: x}", "{finding: x}\nwhen: lists.a.all(x, lists.a.all(y, x != y))")
    (said,) = found(text, lists=("a",))
    assert said.startswith("p.yaml:4:22: error[P010]")
    assert "a walk through a list for each item of another" in said
