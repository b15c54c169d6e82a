"""What the file of the embedded bus promises beside the laws: bounds, repairs, other processes; and which addresses name a bus."""

import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from musa_pipeline.bus.embedded import DAY, Embedded
from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import BusAway, Place, Subscription
from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
from musa_pipeline.domain.event import Event, Topic
from tests.bus.worlds import World, collect, events, ids, wait_until
from tests.support import ROOT

GROUPS = ("a", "b")


class BesideAList(RuleBasedStateMachine):
    """The bus beside plain lists: whatever is done in whatever order, each group reads what the lists say."""

    @initialize()
    def open(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory(prefix="musa-bus-")
        self.place = Path(self.folder.name) / "bus.sqlite"
        self.bus = Embedded(self.place, partitions=3)
        self.told: dict[str, str] = {}
        self.read: dict[str, set[str]] = {each: set() for each in GROUPS}
        self.done: dict[str, set[str]] = {each: set() for each in GROUPS}
        self.members: dict[str, Subscription] = {}
        self.low: dict[str, dict[Place, int]] = {}

    @rule(some=st.lists(st.tuples(st.integers(0, 60), st.sampled_from("pqrst")), max_size=8))
    def publish(self, some: list[tuple[int, str]]) -> None:
        new = [
            Event(id=str(number), type="t", source="s", subject=self.told.get(str(number), subject), time=1.0)
            for number, subject in some
        ]
        self.bus.publish(Topic.EVENTS, new)
        for each in new:
            self.told.setdefault(each.id, each.subject)

    @rule(group=st.sampled_from(GROUPS), most=st.integers(1, 20))
    def poll(self, group: str, most: int) -> None:
        if group not in self.members:
            self.members[group] = self.bus.subscribe([Topic.EVENTS], group)
            self.read[group] = set(self.done[group])
        came = self.members[group].poll(0, most)
        new = ids(came)
        assert len(new) <= most
        assert not set(new) & self.read[group], "nothing comes twice to one member"
        assert [each.offset for each in came] == sorted(each.offset for each in came), "in the order of acceptance"
        self.read[group] |= set(new)
        if len(new) < min(most, 1):
            assert self.read[group] == set(self.told), "nothing is left out"

    @rule(group=st.sampled_from(GROUPS))
    def commit(self, group: str) -> None:
        if group in self.members:
            self.members[group].commit()
            self.done[group] = set(self.read[group])

    @rule(group=st.sampled_from(GROUPS))
    def leave(self, group: str) -> None:
        if group in self.members:
            self.members.pop(group).close()

    @rule()
    def begin_again(self) -> None:
        self.bus.close()
        self.members.clear()
        self.bus = Embedded(self.place, partitions=3)

    @invariant()
    def lag_is_what_is_left(self) -> None:
        for group, member in getattr(self, "members", {}).items():
            assert member.lag() == len(set(self.told) - self.read[group])

    def teardown(self) -> None:
        if hasattr(self, "bus"):
            self.bus.close()
            self.folder.cleanup()


BesideAList.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestBesideAList = BesideAList.TestCase


def test_what_is_too_old_is_forgotten_and_offsets_never_come_again(tmp_path: Path) -> None:
    now = 1_000_000.0
    bus = Embedded(tmp_path / "bus.sqlite", keep=DAY, clock=lambda: now)
    bus.publish(Topic.EVENTS, events(10, prefix="old"))
    last = max(each.offset for each in collect(bus.subscribe([Topic.EVENTS], "early"), 10))
    now += DAY + 1
    bus.publish(Topic.EVENTS, [])  # all are gone now
    bus.publish(Topic.EVENTS, events(10, prefix="new"))
    came = collect(bus.subscribe([Topic.EVENTS], "late"), 10)
    assert all(each.event.id.startswith("new") for each in came)
    assert min(each.offset for each in came) > last
    assert bus.forget(now + 1) == 10
    bus.close()


def test_a_full_bus_refuses_and_goes_on_when_it_was_read(tmp_path: Path) -> None:
    most = 600_000
    bus = Embedded(tmp_path / "bus.sqlite", most=most)
    slow = bus.subscribe([Topic.EVENTS], "slow")
    accepted: list[str] = []

    def publish() -> None:
        some = events(10, prefix=f"{len(accepted)}-", data=b"x" * 2000)
        bus.publish(Topic.EVENTS, some)
        accepted.extend(each.id for each in some)

    with pytest.raises(BusAway, match=r"the bus is full: .* hold what is not read yet; group 'slow' is the farthest behind"):
        while len(accepted) < 10_000:
            publish()
    came = ids(collect(slow, len(accepted)))
    assert sorted(came) == sorted(accepted)
    slow.commit()
    for _ in range(100):  # much more than fits, read as it comes
        publish()
        collect(slow, 10)
        slow.commit()
    bus.close()
    assert (tmp_path / "bus.sqlite").stat().st_size < 1.3 * most


def test_what_no_group_reads_is_not_given_up_for_room(tmp_path: Path) -> None:
    bus = Embedded(tmp_path / "bus.sqlite", most=400_000)
    with pytest.raises(BusAway, match="full"):
        for number in range(1000):
            bus.publish(Topic.EVENTS, events(10, prefix=f"{number}-", data=b"x" * 2000))
    assert len(collect(bus.subscribe([Topic.EVENTS], "at last"), number * 10)) == number * 10
    bus.close()


def test_a_full_disk_is_told_and_nothing_accepted_is_lost(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.bus.full_disk", "embedded", str(tmp_path)]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    assert any(line.startswith("away the bus cannot be used now: ") for line in told)
    assert told[-1] == "accepted again"
    accepted = sum(line.startswith("accepted") for line in told) * 5
    with World("embedded", tmp_path, once=True).bus() as bus:
        came = ids(collect(bus.subscribe([Topic.EVENTS], "g"), accepted))
    assert len(came) == accepted


def test_a_killed_members_partitions_go_to_the_others_at_once(tmp_path: Path) -> None:
    world = World("embedded", tmp_path, once=True)
    with world.bus() as bus:
        with world.process("tests.bus.reader", "g") as reader:
            bus.publish(Topic.EVENTS, events(1))
            assert reader.stdout
            assert reader.stdout.readline() == "0\n"
            reader.kill()
            reader.wait()
        member = bus.subscribe([Topic.EVENTS], "g")
        bus.publish(Topic.EVENTS, events(64, subjects=64, prefix="new"))
        begun = time.monotonic()
        came = set(ids(collect(member, 64)))
    assert {f"new{each}" for each in range(64)} <= came
    assert time.monotonic() - begun < 10


def test_a_poll_wakes_when_another_process_publishes(tmp_path: Path) -> None:
    world = World("embedded", tmp_path, once=True)
    with world.bus() as bus:
        member = bus.subscribe([Topic.EVENTS], "g")
        with world.process("tests.bus.writer"):
            wait_until(lambda: bool(member.poll(1.0)), lambda: "nothing came")


def test_two_that_open_a_new_file_at_once_get_one_bus(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def begin(number: int) -> None:
        bus = Embedded(tmp_path / "deep" / "bus.sqlite")
        bus.publish(Topic.EVENTS, events(5, prefix=f"{number}-"))
        bus.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(begin, range(8)))
    bus = Embedded(tmp_path / "deep" / "bus.sqlite")
    assert len(collect(bus.subscribe([Topic.EVENTS], "g"), 40)) == 40
    bus.close()


def test_partitions_are_those_of_the_file(tmp_path: Path) -> None:
    Embedded(tmp_path / "bus.sqlite", partitions=3).close()
    again = Embedded(tmp_path / "bus.sqlite", partitions=8)
    assert again.partitions == 3
    again.close()


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    bus = Embedded(tmp_path / "bus.sqlite")
    bus.publish(Topic.EVENTS, events(1))
    assert {
        each.name: oct(each.stat().st_mode & 0o777) for each in tmp_path.glob("bus.sqlite*") if each.is_file()
    } == dict.fromkeys(["bus.sqlite", "bus.sqlite-shm", "bus.sqlite-wal", "bus.sqlite.lock"], "0o600")
    bus.close()


def test_a_file_that_is_no_bus_is_told(tmp_path: Path) -> None:
    (tmp_path / "bus.sqlite").write_bytes(b"no database at all " * 100)
    with pytest.raises(OutsideFailed, match=r"cannot use .*bus\.sqlite as the bus: file is not a database"):
        open_bus("embedded", tmp_path)


def test_a_file_of_another_version_is_told(tmp_path: Path) -> None:
    import sqlite3

    Embedded(tmp_path / "bus.sqlite").close()
    with sqlite3.connect(tmp_path / "bus.sqlite") as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(OutsideFailed, match="its form is 99, not 1"):
        open_bus("embedded", tmp_path)


def test_power_safe_is_a_setting(tmp_path: Path) -> None:
    with World("embedded?flush=yes", tmp_path, once=True).bus() as bus:
        bus.publish(Topic.EVENTS, events(3))
        assert len(collect(bus.subscribe([Topic.EVENTS], "g"), 3)) == 3


WRONG = {
    "": "no bus is called ''",
    "rabbit://h:1": "no bus is called 'rabbit://h:1'",
    "kafka://": "no bus is called 'kafka://'",
    "kafka://h:x": "bus 'kafka://h:x': 'h:x' is not HOST:PORT",
    "embedded?flush=1": "bus 'embedded?flush=1': flush is yes or no, not '1'",
    "embedded?partitions=0": "bus 'embedded?partitions=0': partitions '0' is not a whole number from 1 to 256",
    "embedded?flsh=yes": "bus 'embedded?flsh=yes' has no setting 'flsh'",
    "kafka://h:1?ca=/nowhere": "bus 'kafka://h:1?ca=/nowhere': ca '/nowhere' is not a file",
    "kafka://h:1?prefix=a b": "bus 'kafka://h:1?prefix=a b': prefix 'a b' is not made of letters, digits, dots, dashes and underscores",
}


@pytest.mark.parametrize("url", WRONG)
def test_what_names_no_bus_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageWrong) as told:
        open_bus(url, tmp_path)
    assert told.value.text == WRONG[url]


def test_every_place_is_read_by_somebody_with_any_number_of_members(tmp_path: Path) -> None:
    bus = Embedded(tmp_path / "bus.sqlite", partitions=5)
    members = [bus.subscribe([Topic.EVENTS, Topic.RESULTS], "g") for _ in range(7)]
    bus.publish(Topic.EVENTS, events(50, subjects=50))
    heard: dict[str, int] = defaultdict(int)
    for each in collect(members, 50):
        heard[each.event.id] += 1
    assert dict(heard) == {str(number): 1 for number in range(50)}
    bus.close()


def test_who_is_stuck_loses_its_partitions_and_joins_again_when_it_comes_back(tmp_path: Path) -> None:
    import sqlite3

    bus = Embedded(tmp_path / "bus.sqlite", partitions=2)
    bus.publish(Topic.EVENTS, events(20, subjects=20))
    stuck = bus.subscribe([Topic.EVENTS], "g")
    collect(stuck, 20)
    before = stuck.generation
    with sqlite3.connect(tmp_path / "bus.sqlite") as file:
        file.execute("UPDATE member SET seen = seen - 1000")  # it was not heard of for long
    file.close()
    other = bus.subscribe([Topic.EVENTS], "g")
    assert len(collect(other, 20)) == 20
    stuck.commit()  # too late: what it read is no longer its own to commit
    again = bus.subscribe([Topic.EVENTS], "g")
    stuck.poll(0)
    assert stuck.generation > before
    for each in (stuck, other, again):
        each.poll(0)
    bus.publish(Topic.EVENTS, events(40, subjects=40, prefix="new"))
    assert {f"new{number}" for number in range(40)} <= set(ids(collect([stuck, other, again], 40)))
    bus.close()


def test_a_missing_library_is_told_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kafka", None)
    with pytest.raises(OutsideFailed) as told:
        open_bus("kafka://127.0.0.1:9092", tmp_path)
    assert (str(told.value), told.value.way_out) == (
        "a Kafka bus needs kafka-python, which is not installed",
        "pip install 'musa-pipeline[kafka]'",
    )
