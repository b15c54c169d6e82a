"""Triggers, chains, counts, silence, belts and the life of actions, with a simulated clock and a made-up context."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.assurance.heard import heard
from musa_pipeline.assurance.life import FORGOTTEN, answered, decide, dispatch, finished, listen_to_silence, revert, tick
from musa_pipeline.assurance.react import react
from musa_pipeline.assurance.reactions import Belts, Record, State, Turn
from musa_pipeline.assurance.rehearse import World
from musa_pipeline.domain.command import Outcome, Result
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.event import Finding, MachineId
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.policy import Life, Mode, Policy
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.policies import read_policy


def policy(text: str) -> Policy:
    problems = Problems()
    found = read_policy(text, "", problems).policy
    assert found, [str(each) for each in problems]
    return found


BLOCK = policy(
    "id: p\nmode: enforce\non: {finding: scan}\ndo: [{block: {source: event.source, for: 10m}}]\nlimits: {share_of_graph: 100 %}\n"
)
LOAD = policy("id: q\nmode: enforce\non: {finding: scan}\ndo: [{load: counters}]\nundo: {after: 30s, without: scan}\n")


class Play:
    """Policies in a made-up world; agents that answer what they are told to."""

    def __init__(self, *policies: Policy, belts: Belts | None = None, hosts: int = 3) -> None:
        self.policies, self.belts = policies, belts or Belts()
        self.world = World({}, {f"m{n}": {"address": f"10.0.0.{n}"} for n in range(1, hosts + 1)})
        self.state, self.now, self.count = State(), 1000.0, 0
        self.answers: dict[str, Outcome] = {}
        self.before: dict[str, Any] = {}
        self.sent: list[str] = []
        self.notes: list[str] = []

    def say(self, which: str = "scan", machine: str = "m1", **more: Any) -> None:
        self.count += 1
        fields: Mapping[str, Any] = {"component": ComponentId(""), "confidence": 1.0, "source": "198.51.100.9", **more}
        said = Finding(
            id=f"f{self.count}", type=which, machine=MachineId(machine), time=fields.get("time", self.now), algorithm="test",
            **{name: value for name, value in fields.items() if name != "time"},
        )  # fmt: skip
        event = heard(said.id, said.time, said, self.world)
        self.keep(react(self.policies, self.state, event, self.world, self.belts, self.now))
        self.go_on()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        while turn := listen_to_silence(self.policies, self.state, self.world, self.belts, self.now):
            self.keep(turn)
        self.keep(tick(self.policies, self.state, self.world, self.belts, self.now))
        self.go_on()

    def go_on(self) -> None:
        while True:
            turn, orders = dispatch(self.state, self.now)
            self.keep(turn)
            if not orders:
                return
            for order in orders:
                verb = str(order.verb or order.record.step)
                self.sent.append(f"{verb} {order.record.main}@{order.record.machine}")
                if order.verb is None:
                    self.keep(finished(self.state, order.record.id, self.belts, self.now, done=True))
                elif self.answers.get(verb, Outcome.APPLIED) is not None:
                    self.answer(order.record, self.answers.get(verb, Outcome.APPLIED), self.before.get(verb))

    def answer(self, record: Record, outcome: Outcome, before: Any = None) -> None:
        name = f"c-{record.id}-{record.attempts}"
        sent = replace(self.state.records[record.id], command=name)
        self.state = State({**self.state.records, record.id: sent}, self.state.marks, self.state.stopped)
        result = Result(command=name, machine=MachineId(record.machine), outcome=outcome, time=self.now, before=before)
        self.keep(answered(self.state, result, self.belts, self.now))

    def keep(self, turn: Turn) -> None:
        self.notes += [f"{note.what}: {note.text}" if note.text else note.what for note in turn.notes]
        self.state = turn.after()

    def lives(self) -> list[str]:
        return [f"{each.main}@{each.machine} {each.life}" for each in self.state.records.values() if not each.takes_back]


def test_a_count_in_a_time_must_be_full_before_anything_happens() -> None:
    play = Play(policy("id: p\nmode: enforce\non: {finding: scan, count: 3 in 10s}\ndo: [{block: event.source}]\n"))
    for pause in (0, 6, 6, 2):
        play.wait(pause)
        assert play.sent == []
        play.say()
        if pause == 6 and play.count == 3:
            break
    play.wait(1)
    play.say()
    assert play.sent == ["block 198.51.100.9@m1"]


def test_what_cools_down_is_done_when_that_is_over_if_it_is_still_needed() -> None:
    restart = (
        "id: p\nmode: enforce\non: {finding: scan}\ndo:\n  - playbook: {playbook: restart, on: event.component}\n"
        '    verify: incident("i").stage == "closed"\nlimits: {per_target: 2 in 10m, cool_down: 20s}\n'
    )
    for still_needed in (True, False):
        play = Play(policy(restart))
        play.world.set(Kind.INCIDENT, "i", observed={"stage": "closed"})
        play.say(component=ComponentId("web"))
        play.wait(5)
        play.world.set(Kind.INCIDENT, "i", observed={"stage": "open"})
        play.say(component=ComponentId("web"))
        assert play.sent == ["playbook restart@m1"]
        play.wait(14)
        assert play.sent == ["playbook restart@m1"]
        if not still_needed:
            play.world.set(Kind.INCIDENT, "i", observed={"stage": "closed"})
        for _ in range(10):
            play.wait(2)
        assert play.sent == ["playbook restart@m1"] * (2 if still_needed else 1)
        # it counts: a third within the ten minutes is one too many, and is not made later
        play.world.set(Kind.INCIDENT, "i", observed={"stage": "closed"})
        play.wait(30)
        play.say(component=ComponentId("web"))
        play.wait(60)
        assert play.sent == ["playbook restart@m1"] * (2 if still_needed else 1)


def test_of_a_count_of_different_values_the_same_one_counts_once() -> None:
    play = Play(policy("id: p\nmode: enforce\non: {finding: scan, count: 3 in 1m, distinct: source}\ndo: [{notify: team}]\n"))
    for last in (1, 1, 1, 2, 2):
        play.say(source=f"198.51.100.{last}")
    assert play.sent == []
    play.say(source="198.51.100.3")
    assert play.sent == ["notify team@m1"]


def test_a_count_decays_five_in_a_year_are_none() -> None:
    play = Play(policy("id: p\nmode: enforce\non: {finding: scan, count: 5 in 1m}\ndo: [{block: event.source}]\n"))
    for _ in range(20):
        play.wait(86400 * 70)
        play.say()
    assert play.sent == []


CHAIN = """id: p
mode: enforce
on: {finding: anomaly}
do: [{notify: first}]
then:
  - on: {finding: source, within: 1m}
    do: [{notify: second}]
    then:
      - on: {finding: source, within: 1m}
        do: [{notify: third}]
"""


def test_a_chain_goes_one_rule_an_event() -> None:
    play = Play(policy(CHAIN))
    play.say("source")
    play.say("anomaly")
    assert play.sent == ["notify first@m1"]
    play.wait(1)
    play.say("source")
    assert play.sent[1:] == ["notify second@m1"]
    play.wait(1)
    play.say("source")
    assert play.sent[2:] == ["notify second@m1", "notify third@m1"]


@pytest.mark.parametrize(
    ("first", "second", "meets"),
    [
        ({"component": "web"}, {"component": "web"}, True),
        ({"component": "web"}, {"component": "api"}, False),
        ({"component": "web"}, {}, True),
        ({}, {"component": "web"}, True),
        ({}, {}, True),
        ({}, {"machine": "m2"}, False),
        ({"component": "web"}, {"component": "web", "machine": "m2"}, True),
    ],
)
def test_a_rule_waits_for_its_own_target(first: dict[str, str], second: dict[str, str], meets: bool) -> None:
    play = Play(policy(CHAIN))
    play.say("anomaly", **first)  # type: ignore[arg-type]
    play.wait(1)
    play.say("source", **second)  # type: ignore[arg-type]
    assert any(each.startswith("notify second") for each in play.sent) is meets


def test_silence_is_heard_once() -> None:
    play = Play(policy("id: p\nmode: enforce\non: {without: beat, for: 30s}\ndo: [{notify: team}]\n"))
    play.wait(100)
    assert play.sent == []
    play.say("beat")
    play.wait(20)
    play.say("beat")
    play.wait(29)
    assert play.sent == []
    play.wait(1)
    play.wait(500)
    assert play.sent == ["notify team@m1"]
    play.say("beat")
    play.wait(31)
    assert play.sent == ["notify team@m1"] * 2


def test_nothing_is_taken_away_before_the_new_is_there() -> None:
    text = "id: p\nmode: enforce\non: {finding: scan}\ndo: [{load: new}, {unload: old}]\nlimits: {share_of_graph: 100 %}\n"
    play = Play(policy(text))
    play.say()
    assert play.sent == ["load new@m1", "unload old@m1"]
    failing = Play(policy(text))
    failing.answers["load"] = Outcome.FAILED
    failing.say()
    for _ in range(5):
        failing.wait(20)
    assert failing.sent == ["load new@m1"] * 3
    assert "failed: not done: load new is not there" in failing.notes


def test_what_was_there_before_stays_when_it_is_taken_back() -> None:
    play = Play(LOAD)
    play.before["load"] = {"state": "loaded"}
    play.say()
    play.wait(31)
    assert play.sent == ["load counters@m1"]
    assert play.lives() == ["counters@m1 reverted"]


def test_what_another_policy_still_needs_stays_until_that_goes_too() -> None:
    longer = replace(LOAD, id="longer", undo=replace(LOAD.undo, after=100.0))  # type: ignore[type-var]
    play = Play(LOAD, longer)
    play.say()
    play.before["load"] = {"state": "loaded"}
    play.wait(31)
    assert "unload counters@m1" not in play.sent
    play.wait(70)
    assert play.sent[-1] == "unload counters@m1"


def test_a_finding_while_it_is_taken_back_loads_it_again() -> None:
    play = Play(LOAD)
    play.say()
    play.answers["unload"] = None  # type: ignore[assignment]  # no answer comes
    play.wait(31)
    play.say()
    assert play.sent == ["load counters@m1", "unload counters@m1", "load counters@m1"]


@pytest.mark.parametrize("outcome", [Outcome.APPLIED, Outcome.FAILED])
def test_what_is_taken_back_before_it_is_answered_is_taken_back_when_it_is(outcome: Outcome) -> None:
    """An agent that says it failed may have done it all the same, and what is sent is on its way."""
    play = Play(LOAD)
    play.answers["load"] = None  # type: ignore[assignment]  # no answer comes yet
    play.say()
    play.keep(revert(play.state, "taken back by ann", play.now))
    play.go_on()
    assert play.sent == ["load counters@m1"]
    play.answer(next(iter(play.state.records.values())), outcome)
    play.go_on()
    assert play.sent == ["load counters@m1", "unload counters@m1"]
    assert play.lives() == ["counters@m1 reverted"]


def test_what_is_taken_back_and_never_answered_is_taken_back_all_the_same() -> None:
    play = Play(LOAD)
    play.answers["load"] = None  # type: ignore[assignment]
    play.say()
    play.keep(revert(play.state, "taken back by ann", play.now))
    play.wait(play.belts.answer)
    assert play.sent == ["load counters@m1", "unload counters@m1"]
    assert play.lives() == ["counters@m1 reverted"]


def test_nothing_lasts_longer_than_the_belt_allows() -> None:
    play = Play(replace(LOAD, undo=None), BLOCK, belts=Belts(longest=60.0))
    play.say()
    assert any(note == "planned: shortened to 60 s" for note in play.notes)
    play.wait(61)
    assert sorted(play.lives()) == ["198.51.100.9@m1 expired", "counters@m1 reverted"]
    assert play.sent[-1] == "unload counters@m1"


def test_what_is_dropped_for_half_its_time_is_dropped_anew_and_ends_once() -> None:
    play = Play(BLOCK)
    play.say()
    play.wait(200)
    play.say()
    assert len(play.sent) == 1
    play.wait(150)
    play.say()
    assert len(play.sent) == 2
    assert "expired: done again, for longer" in play.notes
    play.wait(300)
    assert play.lives()[-1] == "198.51.100.9@m1 verified"
    play.wait(301)
    assert play.lives()[-1] == "198.51.100.9@m1 expired"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("10.0.0.2", "10.0.0.2 is our own machine 'm2'"),
        ("127.0.0.1", "127.0.0.1 is no single machine elsewhere"),
        ("::1", "::1 is no single machine elsewhere"),
        ("0.0.0.0", "0.0.0.0 is no single machine elsewhere"),
        ("224.0.0.1", "224.0.0.1 is no single machine elsewhere"),
        ("255.255.255.255", "255.255.255.255 is no single machine elsewhere"),
        ("::ffff:10.0.0.2", "10.0.0.2 is our own machine 'm2'"),
        ("203.0.113.5", "203.0.113.5 is protected"),
        ("nobody", "'nobody' is no address"),
    ],
)
def test_some_addresses_are_never_dropped(source: str, reason: str) -> None:
    play = Play(BLOCK, belts=Belts(addresses=("203.0.113.0/24",)))
    play.say(source=source)
    assert play.sent == []
    assert f"held: {reason}" in play.notes


def test_an_event_that_does_not_say_what_is_asked_for_fails_in_words() -> None:
    play = Play(BLOCK)
    play.say(source="")
    assert "failed: the event does not say its source" in play.notes


def test_only_a_share_of_the_machines_is_touched_at_once() -> None:
    play = Play(replace(LOAD, limits=replace(LOAD.limits, share=0.2)), hosts=10)
    for number in range(1, 6):
        play.say(machine=f"m{number}")
    assert play.sent == ["load counters@m1", "load counters@m2"]
    assert "held: 2 of 10 machines are touched already, 20% are allowed" in play.notes


def test_one_machine_may_always_be_touched() -> None:
    play = Play(replace(LOAD, limits=replace(LOAD.limits, share=0.01)), hosts=1)
    play.say()
    assert play.sent == ["load counters@m1"]


def test_all_policies_together_have_an_end() -> None:
    play = Play(BLOCK, belts=Belts(total=5), hosts=30)
    for number in range(20):
        play.say(machine=f"m{number + 1}", source=f"198.51.100.{number}")
    assert len(play.sent) == 5
    assert "held: 5 actions in 600 s are enough" in play.notes


def test_a_rule_runs_so_often_for_a_target_and_a_belt_is_told_once() -> None:
    play = Play(BLOCK)
    for number in range(50):
        play.say(source=f"198.51.100.{number}")
    assert len(play.sent) == 3
    assert [each for each in play.notes if "times in 600 s" in each] == ["held: it ran 3 times in 600 s already, 3 are allowed"]
    play.wait(601)
    play.say(source="198.51.100.99")
    assert len(play.sent) == 4


def test_what_there_was_no_room_for_is_done_later_if_it_is_still_needed() -> None:
    text = """id: p
mode: enforce
on: {finding: down}
do:
  - playbook: restart
    verify: state(event.component, "availability") == "fulfilled"
    within: 1m
"""
    play = Play(policy(text))
    for number in (1, 2, 3):
        play.say("down", machine=f"m{number}", component=f"c{number}")
    assert play.sent == ["playbook restart@m1"]
    assert play.notes.count("held: 1 of 3 machines are touched already, 34% are allowed") == 2

    def well(number: int) -> None:
        desired = {"component": f"c{number}", "metric": "availability"}
        play.world.set(Kind.SLO, f"c{number}", desired=desired, observed={"state": "fulfilled"})  # type: ignore[arg-type]

    play.wait(5)
    assert play.sent == ["playbook restart@m1"]
    well(1)
    play.wait(3)
    play.wait(3)
    assert play.sent == ["playbook restart@m1", "playbook restart@m2"]
    well(3)
    well(2)
    play.wait(3)
    play.wait(3)
    assert "held: it is no longer needed" in play.notes
    assert play.sent == ["playbook restart@m1", "playbook restart@m2"]


def test_what_is_old_starts_nothing() -> None:
    play = Play(BLOCK)
    play.say(time=play.now - 301)
    assert play.sent == []
    assert play.notes == ["too old: it is 301 s old: nothing is begun for it"]


def test_a_condition_that_nobody_can_answer_is_told_once_and_starts_nothing() -> None:
    text = "id: p\nmode: enforce\non: {finding: scan}\nwhen: host('m9').exposed\ndo: [{notify: a}]\nelse: [{notify: b}]\n"
    play = Play(policy(text))
    for _ in range(5):
        play.say()
    assert play.sent == []
    assert play.notes == ["not known: host('m9').exposed is unknown: there is no machine 'm9'; so nothing is done"]
    sure = Play(policy(text + "on_missing: true\n"))
    sure.say()
    assert sure.sent == ["notify a@m1"]


def test_the_farthest_mode_of_all_wins() -> None:
    for own, most, life in (
        (Mode.ENFORCE, Mode.SHADOW, "shadowed"),
        (Mode.SHADOW, Mode.ENFORCE, "shadowed"),
        (Mode.ENFORCE, Mode.APPROVE, "waiting"),
        (Mode.ENFORCE, Mode.ENFORCE, "verified"),
    ):
        play = Play(replace(BLOCK, mode=own), belts=Belts(most=most))
        play.say()
        assert play.lives() == [f"198.51.100.9@m1 {life}"]


def test_an_approval_has_an_end_and_a_word_counts_once() -> None:
    play = Play(replace(BLOCK, mode=Mode.APPROVE))
    play.say()
    name = next(iter(play.state.records))
    play.wait(901)
    assert play.lives() == ["198.51.100.9@m1 expired"]
    play.keep(decide(play.state, name, "ann", play.now, yes=True))
    play.go_on()
    assert play.sent == []
    assert play.notes[-1] == "decision refused: ann: it does not wait for approval"


def test_marks_that_nobody_touched_for_a_day_are_forgotten() -> None:
    play = Play(BLOCK, belts=Belts(total=10_000), hosts=50)
    for number in range(1, 50):
        play.say(machine=f"m{number}")
    assert len(play.state.marks) > 40
    play.wait(700)
    play.wait(FORGOTTEN + 1)
    assert (len(play.state.marks), len(play.state.records)) == (0, 0)


events = st.lists(
    st.tuples(
        st.sampled_from(["say", "wait", "silent", "talk", "stop", "resume"]),
        st.sampled_from(["scan", "anomaly", "source"]),
        st.integers(1, 3),
        st.floats(0, 400),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(events)
def test_whatever_comes_no_belt_breaks_and_everything_ends(steps: list[tuple[str, str, int, float]]) -> None:
    """At most three blocks for a target in ten minutes, never of our own; all is over some time after the last event."""
    play = Play(BLOCK, LOAD, policy(CHAIN))
    blocked: list[tuple[float, str]] = []
    for what, which, number, pause in steps:
        before = len(play.sent)
        match what:
            case "say":
                play.say(which, f"m{number}", source=f"198.51.100.{int(pause) % 5}" if number < 3 else "10.0.0.1")
            case "wait":
                play.wait(pause)
            case "silent":
                play.answers.update(block=None, load=None, unload=None)  # type: ignore[arg-type]
            case "talk":
                play.answers.clear()
            case _:
                play.state = replace(play.state, stopped=what == "stop")
        fresh = [each for each in play.sent[before:] if each.startswith("block")]
        if what == "say":
            blocked += [(play.now, each.rpartition("@")[2]) for each in fresh]
            assert not (fresh and play.state.stopped)
        assert not any("10.0.0.1@" in each for each in play.sent)
    for time, machine in blocked:
        assert sum(other == machine and time <= when < time + 600 for when, other in blocked) <= 3
    play.answers.clear()
    for _ in range(200):
        play.wait(60)
    left = [each for each in play.state.records.values() if not each.over]
    assert left == []
    assert all(each.life is not Life.SENT for each in play.state.records.values())


def test_a_drop_that_could_not_be_asked_for_in_its_time_is_not_asked_for_later() -> None:
    play = Play(
        policy("id: p\nmode: enforce\non: {finding: scan}\ndo: [{block: {source: event.source, for: 20s}}]\n"),
        belts=Belts(attempts=9),
    )
    play.answers = {"block": None}  # type: ignore[dict-item]
    play.say()
    for _ in range(60):
        play.wait(1)
    assert play.lives() == ["198.51.100.9@m1 expired"]
    assert play.sent == ["block 198.51.100.9@m1"]


def test_what_an_event_says_never_becomes_a_template_of_a_playbook() -> None:
    text = "id: p\nmode: enforce\non: {finding: scan}\ndo: [{playbook: {playbook: restart, variables: {why: [event.detail]}}}]\n"
    play = Play(policy(text))
    play.say(detail="{{ lookup('pipe', 'id') }}")
    assert (play.sent, play.lives()) == ([], ["restart@m1 failed"])
    assert play.notes[-1] == "failed: event.detail holds a template, which no playbook is given"
    play.say(detail="port 8080")
    assert play.sent == ["playbook restart@m1"]
