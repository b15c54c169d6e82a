"""The controller with a real bus and a real context: what is heard becomes commands, and every action is followed to its end."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.assurance.reactions import Belts
from musa_pipeline.bus.port import BusAway
from musa_pipeline.context.port import ContextAway
from musa_pipeline.domain.command import Command, Outcome
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import Event, EventType, Topic
from musa_pipeline.domain.policy import Mode
from musa_pipeline.services.audit import check_audit
from musa_pipeline.services.notices import Ended, Notice
from musa_pipeline.services.reaction_store import ReactionStore
from tests.services.reaction_world import DIGEST, World, finding, incident, incident_entity, shipped, written

ATTACKER = "198.51.100.9"


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Any]:
    made: list[World] = []

    def make(*policies: Any, **more: Any) -> World:
        made.append(World(tmp_path, policies or (shipped("flood"),), **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def flood(world: World) -> None:
    now = world.clock()
    world.say(finding("f1", "traffic-anomaly", now))
    world.say(finding("f2", "volumetric-dos", now + 1, source=ATTACKER))


def test_a_flood_is_looked_at_closer_and_its_source_is_dropped(worlds: Any) -> None:
    told: list[Notice] = []
    world = worlds(notify=lambda notice, head: told.append(notice) or Ended(done=True))
    flood(world)
    assert world.agent.did() == ["load source-counters", "set-period source-counters", f"block {ATTACKER}"]
    load, period, block = world.agent.obeyed
    assert load.arguments == {"program": "source-counters", "interface": "", "parameters": {}, "digest": DIGEST}
    assert period.arguments == {"input": "source-counters", "component": "", "seconds": 1.0}
    decided = next(each for each in world.controller.store.records() if each.step == "block")
    assert block.arguments == {"source": ATTACKER, "seconds": 900.0, "until": round(decided.begun + 900, 3)}
    assert decided.until == decided.begun + 900
    assert load.number < period.number < block.number
    assert set(world.lives().values()) == {"verified"}
    assert [(each.to, each.severity) for each in told] == [("operators", "medium")]
    program = world.context.get(Kind.PROGRAM, "source-counters@m1")
    assert program and program.observed["state"] == "loaded"
    drop = world.context.get(Kind.BLOCK, f"{ATTACKER}@m1")
    assert drop and drop.desired["until"] == pytest.approx(world.clock() + 900, abs=2)
    actions = world.context.find(Kind.ACTION)
    assert {(each.desired["step"], each.observed["life"]) for each in actions} >= {("load", "verified"), ("block", "verified")}


def test_after_the_flood_the_counters_go_and_the_drop_expires(worlds: Any) -> None:
    world = worlds()
    flood(world)
    world.wait(35)
    assert world.agent.did()[3:] == ["set-period source-counters", "unload source-counters"] or world.agent.did()[3:] == [
        "unload source-counters",
        "set-period source-counters",
    ]
    restored = next(each for each in world.agent.obeyed[3:] if each.verb == "set-period")
    assert restored.arguments["seconds"] == 10.0
    assert world.context.get(Kind.BLOCK, f"{ATTACKER}@m1").desired["until"] > world.clock()
    world.clock.now += 900
    world.settle()
    found = world.context.get(Kind.BLOCK, f"{ATTACKER}@m1")
    assert found is None or found.gone
    assert world.lives()[f"block {ATTACKER}"] == "expired"
    assert world.lives()["load source-counters"] == "reverted"
    assert len(world.agent.obeyed) == 5  # the kernel forgets the source by itself


def test_the_same_record_told_twice_is_acted_upon_once(worlds: Any) -> None:
    world = worlds()
    flood(world)
    now = world.clock()
    again = finding("f2", "volumetric-dos", now, source=ATTACKER)
    world.bus.publish(Topic.EVENTS, [replace(again, subject="elsewhere")])
    world.settle()
    assert len(world.agent.obeyed) == 3


def test_what_is_in_force_already_is_not_done_again(worlds: Any) -> None:
    world = worlds()
    flood(world)
    for number in range(20):
        world.clock.now += 1
        world.say(finding(f"again-{number}", "traffic-anomaly", world.clock()))
        world.say(finding(f"source-{number}", "volumetric-dos", world.clock(), source=ATTACKER))
    assert len(world.agent.obeyed) == 3


def test_a_machine_without_an_agent_and_a_program_that_nobody_has_fail_in_words(worlds: Any) -> None:
    policy = written(
        "id: p\nmode: enforce\non: {finding: traffic-anomaly}\ndo:\n  - load: nothing-like-it\n  - load: {program: source-counters, on: m9}\n"
    )
    world = worlds(policy)
    world.say(finding("f1", "traffic-anomaly", world.clock()))
    reasons = {each.main: each.action.reason for each in world.controller.store.records()}
    assert reasons == {
        "nothing-like-it": "program 'nothing-like-it' is not in the library",
        "source-counters": "no machine is known for 'm9'",
    }


def test_a_command_that_fails_is_sent_again_and_then_given_up(worlds: Any) -> None:
    world = worlds()
    world.agent.says = lambda command: (Outcome.FAILED, "no libbpf") if command.verb == "block" else (Outcome.APPLIED, "")
    flood(world)
    world.wait(20)
    record = next(each for each in world.controller.store.records() if each.step == "block")
    assert (record.life, record.attempts, record.action.reason) == ("failed", 3, "failed: no libbpf")


def test_an_agent_that_does_not_answer_is_asked_again_with_a_higher_number(worlds: Any) -> None:
    world = worlds()
    world.agent.deaf = True
    world.say(finding("f1", "traffic-anomaly", world.clock()))
    world.wait(31)
    world.agent.deaf = False
    world.wait(3)
    assert world.agent.did() == ["load source-counters", "set-period source-counters"]
    assert world.lives()["load source-counters"] in ("verified", "reverted")


def test_the_kill_switch_holds_everything_but_taking_back(worlds: Any) -> None:
    world = worlds()
    world.say(finding("f1", "traffic-anomaly", world.clock()))
    other = ReactionStore(world.folder, alone=False)  # as another process does
    other.say("stop", "", "ann", world.clock())
    world.say(finding("f2", "volumetric-dos", world.clock() + 1, source=ATTACKER))
    assert world.lives()[f"block {ATTACKER}"] == "held"
    assert f"block {ATTACKER}" not in world.agent.did()
    world.wait(35)
    assert "unload source-counters" in world.agent.did()
    other.say("resume", "", "ann", world.clock())
    world.settle()
    world.clock.now += 600
    now = world.clock()
    world.say(finding("f3", "traffic-anomaly", now))
    world.say(finding("f4", "volumetric-dos", now + 1, source=ATTACKER))
    assert f"block {ATTACKER}" in world.agent.did()
    assert [each for each in world.notes() if each.startswith("reactions")] == ["reactions stopped", "reactions resumed"]
    other.close()


def test_the_kill_switch_outlives_a_restart(worlds: Any) -> None:
    world = worlds()
    world.controller.store.say("stop", "", "ann", world.clock())
    world.settle()
    world.controller.close()
    world.again()
    flood(world)
    assert world.agent.obeyed == []


def test_approval_does_exactly_what_was_shown(worlds: Any) -> None:
    world = worlds(replace(shipped("flood"), mode=Mode.APPROVE))
    flood(world)
    assert world.agent.obeyed == []
    waiting = {each.main: each.id for each in world.controller.store.records() if each.life == "waiting"}
    assert set(waiting) == {"source-counters", ATTACKER}
    world.controller.store.say("approve", waiting[ATTACKER], "ann", world.clock())
    world.settle()
    assert world.agent.did() == [f"block {ATTACKER}"]
    assert world.lives()[f"block {ATTACKER}"] == "verified"
    world.clock.now += 901
    world.settle()
    assert {each.life for each in world.controller.store.records() if each.step == "load"} <= {"expired", "reverted"}


def test_shadow_mode_only_says_what_it_would_do(worlds: Any) -> None:
    world = worlds(belts=Belts(most=Mode.SHADOW))
    flood(world)
    assert world.agent.obeyed == []
    assert set(world.lives().values()) == {"shadowed"}


def test_what_is_down_is_restarted_until_the_incident_is_closed(worlds: Any) -> None:
    played: list[tuple[str, ...]] = []

    def play(playbook: str, variables: Any, component: str, machine: str, identity: str) -> Ended:
        played.append((playbook, component, machine))
        return Ended(done=True)

    world = worlds(shipped("component-down"), playbooks=play)
    incident_entity(world.context, "i1", world.clock(), closed=False)
    world.say(incident("i1", "open", world.clock()))
    assert played == [("restart-component", "web", "m1")]
    assert world.lives() == {"playbook restart-component": "applied", "notify operators": "verified"}
    world.wait(3)
    incident_entity(world.context, "i1", world.clock(), closed=True)
    world.wait(2)
    assert world.lives()["playbook restart-component"] == "verified"
    assert played == [("restart-component", "web", "m1")]


def test_a_restart_that_does_not_help_failed(worlds: Any) -> None:
    world = worlds(shipped("component-down"), playbooks=lambda *_: Ended(done=True))
    incident_entity(world.context, "i1", world.clock(), closed=False)
    world.say(incident("i1", "open", world.clock()))
    world.clock.now += 121
    world.settle()
    assert world.lives()["playbook restart-component"] == "failed"


def test_a_playbook_that_breaks_is_told_and_the_controller_goes_on(worlds: Any) -> None:
    def broken(*_: Any) -> Ended:
        raise RuntimeError("no")

    world = worlds(shipped("component-down"), shipped("flood"), playbooks=broken)
    world.say(incident("i1", "open", world.clock()))
    assert world.lives()["playbook restart-component"] == "failed"
    flood(world)
    assert f"block {ATTACKER}" in world.agent.did()


def test_a_controller_that_is_stopped_goes_on_where_it_was(worlds: Any) -> None:
    world = worlds()
    world.agent.deaf = True
    flood(world)
    world.controller.close()
    world.agent.deaf = False
    world.again()
    world.wait(32)
    assert world.agent.did().count(f"block {ATTACKER}") == 1
    assert world.lives()[f"block {ATTACKER}"] == "verified"
    world.controller.close()
    world.again()
    world.wait(2)
    assert world.agent.did().count(f"block {ATTACKER}") == 1


class Away:
    """A part of the world that is away for as long as it is said."""

    def __init__(self, whole: Any, error: type[Exception]) -> None:
        self.whole, self.error, self.away = whole, error, False

    def __getattr__(self, name: str) -> Any:
        if self.away and name != "close":
            raise self.error("down")
        return getattr(self.whole, name)


@pytest.mark.parametrize("what", ["bus", "context"])
def test_while_something_is_away_the_controller_waits_and_then_goes_on(worlds: Any, what: str) -> None:
    world = worlds()
    door = Away(getattr(world, what), BusAway if what == "bus" else ContextAway)
    world.controller.means = replace(world.controller.means, **{what: door})
    world.settle()
    door.away = True
    world.bus.publish(Topic.EVENTS, [finding("f1", "traffic-anomaly", world.clock())])
    for _ in range(3):
        world.controller.step()
    if what == "context":
        assert world.controller.counted.away == "the context: down"
        assert world.agent.obeyed == []
    door.away = False
    flood(world)
    assert world.controller.counted.away == ""
    assert world.agent.did() == ["load source-counters", "set-period source-counters", f"block {ATTACKER}"]


def test_records_that_cannot_be_read_are_counted_and_passed(worlds: Any) -> None:
    world = worlds()
    bad = Event(id="bad", type=EventType.FINDING, source="x", subject="m1", time=world.clock(), data=b'{"type": 7}')
    world.say(bad)
    assert world.controller.counted.corrupt == 1
    flood(world)
    assert len(world.agent.obeyed) == 3


def test_the_answer_of_another_machine_counts_for_nothing(worlds: Any) -> None:
    world = worlds(hosts={"m1": {"exposed": True, "components": ["web"]}, "m2": {"exposed": True, "components": []}})
    real = world.agent._one

    def other(command: Command) -> Any:
        return replace(real(command), machine="m2")

    world.agent._one = other
    world.say(finding("f1", "traffic-anomaly", world.clock()))
    assert world.lives()["load source-counters"] == "sent"
    assert "answer refused" in world.notes()


def test_two_controllers_never_work_in_one_folder(worlds: Any) -> None:
    world = worlds()
    with pytest.raises(OutsideFailed, match="another controller"):
        ReactionStore(world.folder)


def test_everything_that_happened_is_on_the_chain_of_the_audit_log(worlds: Any) -> None:
    world = worlds()
    flood(world)
    path = world.folder / "audit.jsonl"
    assert check_audit(path, world.controller.store.head()).broken == ""
    lines = [json.loads(each) for each in path.read_text().splitlines()]
    fired = next(each for each in lines if each["what"] == "fired" and each["about"]["rule"] == "0.0")
    assert fired["trace"] == [
        "!lists.partners.contains(event.source) = true",
        f"  lists.partners.contains(event.source) = false  (lists.partners = [], event.source = '{ATTACKER}')",
    ]
    lives = [each["what"] for each in lines if each.get("about", {}).get("source") == ATTACKER]
    assert lives == ["planned", "sent", "applied", "verified"]


def test_files_are_for_their_owner_only(worlds: Any) -> None:
    world = worlds()
    flood(world)
    for name in ("controller.sqlite", "audit.jsonl", "controller.lock"):
        assert os.stat(world.folder / name).st_mode & 0o077 == 0


def test_memory_stays_bounded_under_a_flood_of_findings(worlds: Any) -> None:
    world = worlds()
    now = world.clock()
    events = [finding(f"f{n}", "traffic-anomaly", now, component=f"c{n % 50}") for n in range(1000)]
    world.bus.publish(Topic.EVENTS, events)
    world.settle(40)
    sql = sqlite3.connect(world.folder / "controller.sqlite")
    assert sql.execute("SELECT count(*) FROM outbox").fetchone()[0] == 0
    assert len(world.agent.obeyed) == 2
    assert len(world.notes()) < 300


def test_an_answer_that_nests_without_end_stops_nothing(worlds: Any) -> None:
    world = worlds()
    world.agent.deaf = True
    world.say(finding("f1", "traffic-anomaly", world.clock()))
    command = next(each.command for each in world.controller.state.records.values() if each.command)
    deep = "[" * 1300 + "]" * 1300  # as deep as can be read, and too deep to be copied
    said = f'{{"command": "{command}", "machine": "m1", "outcome": "applied", "time": 1, "before": {deep}}}'
    told = Event(id="r", type=EventType.RESULT, source="agent/m1", subject="m1", time=1.0, data=said.encode())
    world.bus.publish(Topic.RESULTS, [told])
    world.settle()
    assert world.controller.counted.corrupt == 1


def test_a_clock_set_back_by_a_day_does_not_keep_a_source_from_being_dropped_again(worlds: Any) -> None:
    world = worlds()
    flood(world)
    world.clock.now -= 86400
    now = world.clock()
    world.say(finding("g1", "traffic-anomaly", now), finding("g2", "volumetric-dos", now + 1, source=ATTACKER))
    world.say(finding("g3", "volumetric-dos", now + 2, source=ATTACKER))
    assert world.agent.did().count(f"block {ATTACKER}") == 2


def test_a_detection_runs_all_the_time_or_is_not_here(worlds: Any) -> None:
    policy = written("id: p\nmode: enforce\non: {finding: scan}\ndo: [{detect: rate-anomaly}, {detect: crystal-ball}]\n")
    world = worlds(policy)
    world.say(finding("f1", "scan", world.clock()))
    ends = {each.main: (str(each.life), each.action.reason) for each in world.controller.store.records()}
    assert ends["rate-anomaly"] == ("verified", "it runs all the time")
    assert ends["crystal-ball"][0] == "failed"
    assert ends["crystal-ball"][1].startswith("there is no detection algorithm 'crystal-ball'")
    told = world.bus.subscribe([Topic.EVENTS], "reader").poll(0.0)
    assert EventType.MANAGEMENT not in {each.event.type for each in told}


def test_people_are_told_although_every_playbook_takes_its_time(worlds: Any) -> None:
    policy = written(
        "id: p\nmode: enforce\non: {finding: scan}\ndo:\n"
        + "".join(f"  - playbook: {{playbook: slow-{n}, on: m1}}\n" for n in range(6))
        + "  - notify: operators\n"
    )
    go_on, told = threading.Event(), threading.Event()
    world = worlds(
        policy,
        playbooks=lambda *_: Ended(done=go_on.wait(20)),
        notify=lambda *_: told.set() or Ended(done=True),
    )
    world.say(finding("f1", "scan", world.clock()))
    try:
        assert sum(each.step == "playbook" and each.life == "sent" for each in world.controller.store.records()) > 4
        assert told.wait(10)
    finally:
        go_on.set()
