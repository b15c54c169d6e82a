"""The checker's loop over a real bus and a real context: what it tells, and that no end and no outage changes it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.bus.port import BusAway
from musa_pipeline.context.port import ContextAway
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.event import Event, EventType, Topic
from musa_pipeline.services.checker import GROUP, CheckerService
from tests.assurance.promises import START
from tests.services.checker_world import OBJECTIVES, Fate, Killed, World

END = 60
EXPECTED = [
    ("app/availability", -2.0, "not-determined"),
    ("app/availability", 2.0, "fulfilled"),
    ("app/availability", 16.0, "at-risk"),
    ("app/availability", 17.0, "open"),
    ("app/availability", 17.0, "violated"),
    ("app/availability", 22.0, "closed"),
    ("app/availability", 27.0, "at-risk"),
    ("app/availability", 28.0, "fulfilled"),
    ("app/availability", 41.0, "at-risk"),
    ("app/availability", 42.0, "open"),
    ("app/availability", 42.0, "violated"),
]


def _run(world: World, fate: Fate) -> int:
    """Run the service second by second to the end, starting it again whenever it is killed; return how often that was."""
    service, killed = world.service(fate), 0
    for second in range(END + 2):
        world.now = START + min(second, END)
        if second <= END:
            world.publish(second)
        try:
            service.turn(0.0)
            if second > END:
                service.close()
        except Killed:
            killed += 1
            service = world.service(Fate())
            service.turn(0.0)
    return killed


def test_the_story_of_a_component_that_fails(tmp_path: Path) -> None:
    world = World(tmp_path)
    _run(world, Fate())
    told = world.told()
    assert [each for each in told if each[0] == "app/availability"] == EXPECTED
    assert ("engine/scan", 30.0, "violated") in told
    engine = world.context.get(Kind.SLO, "engine/availability")
    assert engine is not None
    assert (engine.observed["state"], engine.observed["value"], engine.observed["samples"]) == ("violated", 0.0, 10)
    incidents = {each.observed["objective"]: each for each in world.context.find(Kind.INCIDENT, stage="open")}
    assert sorted(incidents) == ["app/availability", "engine/availability", "engine/scan"]
    assert incidents["app/availability"].observed["cause"] == "engine"
    assert len(world.context.find(Kind.INCIDENT, stage="closed")) == 2
    before = world.context.get(Kind.SLO, "engine/availability", at=START + 12)
    assert before is not None
    assert before.observed["state"] == "fulfilled"
    host = world.context.get(Kind.HOST, "m")
    assert host is not None
    assert host.observed["seen"] >= START + 49  # type: ignore[operator]
    stream = world.context.get(Kind.STREAM, "availability@planner")
    assert stream is not None
    assert (stream.desired["agent"], stream.observed["value"]) == ("probe", 100.0)
    assert sum(each.count for each in world.context.series("engine", "availability", START - 1, START + END, 1.0)) == END + 1
    assert {each.type for each in world.context.told(since=START)} == {EventType.VERDICT, EventType.INCIDENT}


def test_killed_before_or_after_any_call_it_tells_the_same_and_nothing_twice(tmp_path: Path) -> None:
    fate = Fate()
    plain = World(tmp_path)
    _run(plain, fate)
    expected, ids = plain.told(), [each.id for each in plain.events()]
    assert len(set(ids)) == len(ids)
    for number, kill_at in enumerate(range(0, fate.calls, 11)):
        after = bool(number % 2)
        folder = tmp_path / f"{kill_at}"
        folder.mkdir()
        world = World(folder)
        assert _run(world, Fate(kill_at, after=after)) == 1
        assert world.told() == expected, (kill_at, after)
        assert len({each.id for each in world.events()}) == len(ids)
        assert len(world.context.find(Kind.INCIDENT)) == 5


@pytest.mark.parametrize("error", [BusAway, ContextAway])
@pytest.mark.parametrize("begin", [0, 30, 61, 95, 130])
def test_what_is_away_is_waited_for_and_said_once(tmp_path: Path, error: type[Exception], begin: int) -> None:
    plain, world = World(tmp_path), World(_folder(tmp_path))
    _run(plain, Fate())
    _run(world, Fate(away=(range(begin, begin + 6), error)))
    settled = [each for each in world.told() if each[2] != "not-determined"]
    assert settled == [each for each in plain.told() if each[2] != "not-determined"]
    assert len(world.said) == 2
    assert world.said[0].endswith("is away: not now; the checker waits")
    assert world.said[1].endswith("is back")


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


def test_evidence_grows_too_old_while_the_bus_is_away(tmp_path: Path) -> None:
    world, fate = World(tmp_path), Fate()
    service = world.service(fate)
    for second in range(10):
        world.now = START + second
        world.publish(second)
        service.turn(0.0)
    fate.away = (range(10_000), BusAway)
    world.now = START + 100
    service.turn(0.0)
    engine = world.context.get(Kind.SLO, "engine/availability")
    assert engine is not None
    assert engine.observed["state"] == "not-determined"
    assert str(engine.observed["reason"]).endswith("and the bus gives none")


def test_only_what_open_windows_no_longer_need_is_committed(tmp_path: Path) -> None:
    world = World(tmp_path)
    service = world.service()
    for second in range(40):
        world.now = START + second
        world.publish(second)
        service.turn(0.0)
    later = world.bus.subscribe([Topic.MEASUREMENTS], "checker")
    service._subscription.close()  # type: ignore[union-attr]
    again = [each.event.id for _ in range(3) for each in later.poll(0.0)]
    assert {f"engine-{second}" for second in range(30, 40)} <= set(again)


def test_a_record_that_cannot_be_read_is_counted_and_passed_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    bad = Event(id="x", type=EventType.MEASUREMENTS, source="agent", subject="engine", time=START, data=b"[{]")
    world.bus.publish(Topic.MEASUREMENTS, [bad])
    service = world.service()
    service.turn(0.0)
    assert service.corrupt == 1
    assert len(world.said) == 1


def test_a_service_that_was_away_for_a_while_judges_what_it_missed_by_event_time(tmp_path: Path) -> None:
    plain, world = World(tmp_path), World(_folder(tmp_path))
    _run(plain, Fate())
    service = world.service()
    for second in range(END + 1):
        world.now = START + second
        world.publish(second)
        if second == 10:
            service.close()
            service = world.service()
        if not 10 <= second < 50:
            service.turn(0.0)
    service.turn(0.0)
    assert world.told() == plain.told()


def test_a_checker_that_breaks_gives_its_partitions_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    broken = world.service()
    broken.turn(0.0)

    def breaks(*_: object) -> None:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(broken, "_take", breaks)
    world.publish(0)
    with pytest.raises(KeyError):
        broken.run(threading.Event())
    assert [each.closed for each in world.bus._members] == [True]  # type: ignore[attr-defined]


@pytest.mark.parametrize("time", [-1e300, 3e11])
def test_a_sample_of_no_time_at_all_stops_nothing(tmp_path: Path, time: float) -> None:
    world = World(tmp_path)
    said = f'[{{"component":"engine","machine":"m","agent":"a","metric":"availability","value":1,"unit":"%","time":{time}}}]'
    told = Event(id="x", type=EventType.MEASUREMENTS, source="agent", subject="engine", time=START, data=said.encode())
    world.bus.publish(Topic.MEASUREMENTS, [told])
    service = world.service()
    assert service.turn(0.0) == 1
    assert service.turn(0.0) == 0
    assert world.said == []


def test_records_that_came_when_the_partitions_did_are_not_lost_if_the_context_is_away_then(tmp_path: Path) -> None:
    class Deaf:
        away = False

        def __getattr__(self, name: str) -> Any:
            if self.away and name == "find":
                raise ContextAway("not now")
            return getattr(world.context, name)

    world, context = World(tmp_path), Deaf()
    service = CheckerService(world.bus, context, OBJECTIVES, clock=lambda: world.now)  # type: ignore[arg-type]
    service.turn(0.0)
    other = world.bus.subscribe([Topic.MEASUREMENTS], GROUP)
    service.turn(0.0)
    other.close()  # the partitions are given anew
    for second in range(1, 20):
        world.publish(second)
    world.now, context.away = START + 20, True
    assert service.turn(0.0) == 0
    assert service.away == "the context"
    context.away = False
    service.turn(0.0)
    service.close()
    kept = world.context.series("engine", "availability", START, START + 20, 20)
    assert [each.count for each in kept] == [19]
