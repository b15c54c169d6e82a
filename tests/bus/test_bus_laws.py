"""The laws of the bus, over every adapter."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from musa_pipeline.bus.port import MOST_OCTETS, BusAway
from musa_pipeline.domain.event import Event, Topic
from tests.bus.worlds import World, by_subject, collect, events, ids, poll_all, quiet, said, wait_until
from tests.servers.kafka import Kafka, kafka

_numbers = itertools.count()


@pytest.fixture(scope="module")
def broker() -> Iterator[Kafka]:
    with kafka() as server:
        yield server


@pytest.fixture(params=["embedded", "kafka"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "embedded":
        return World("embedded?partitions=4", tmp_path, once=True)
    server = request.getfixturevalue("broker")
    return World(f"{server.url}?partitions=4&session=2&prefix=law{next(_numbers)}.", tmp_path, once=False)


STRANGE = [
    Event(id="1", type="musa.verdict", source="checker", subject="web", time=1_767_225_600.123456, data=b'{"a": [1, 2]}'),
    Event(id="ü/2 %41\n", type="com.example.other", source="", subject="", time=0.0, data=b""),
    Event(id="3\0", type="", source="\U0001f600", subject="a b\tc", time=1_767_225_600.0, data=bytes(range(256))),
]


def test_what_is_published_comes_back_as_it_was(world: World) -> None:
    with world.bus() as bus:
        bus.publish(Topic.RESULTS, STRANGE)
        came = collect(bus.subscribe([Topic.RESULTS], "g"), 3)
    assert sorted((each.event for each in came), key=lambda event: event.id) == sorted(STRANGE, key=lambda event: event.id)
    assert {each.topic for each in came} == {Topic.RESULTS}


def test_records_of_one_subject_keep_their_order_and_offsets_grow(world: World) -> None:
    some = events(200, subjects=7)
    with world.bus() as bus:
        for at in range(0, 200, 20):
            bus.publish(Topic.EVENTS, some[at : at + 20])
        came = collect(bus.subscribe([Topic.EVENTS], "g"), 200)
    assert by_subject(came) == said(some)
    places = {subject: {each.partition for each in came if each.event.subject == subject} for subject in said(some)}
    assert all(len(parts) == 1 for parts in places.values())
    for part in range(4):
        offsets = [each.offset for each in came if each.partition == part]
        assert offsets == sorted(set(offsets))


def test_topics_are_apart_and_one_member_may_read_several(world: World) -> None:
    with world.bus() as bus:
        for topic in Topic:
            bus.publish(topic, events(3, prefix=topic))
        some = bus.subscribe([Topic.EVENTS, Topic.RESULTS], "g")
        came = collect(some, 6)
        assert quiet(some)
    assert {(each.topic, each.event.id) for each in came} == {
        (topic, f"{topic}{number}") for topic in (Topic.EVENTS, Topic.RESULTS) for number in range(3)
    }


def test_two_members_share_the_partitions_and_each_record_goes_to_one(world: World) -> None:
    some = events(120, subjects=40)
    with world.bus() as bus, world.bus() as other:
        one, two = bus.subscribe([Topic.EVENTS], "g"), other.subscribe([Topic.EVENTS], "g")
        collect([one, two], 0)

        def shared() -> bool:  # both have seen the other
            bus.publish(Topic.EVENTS, events(40, subjects=40, prefix=f"try{next(_numbers)}-"))
            heard = [{each.partition for each in came} for came in poll_all([one, two], 0.3)]
            return all(heard) and not heard[0] & heard[1]

        wait_until(shared, lambda: "the members do not share")
        while any(poll_all([one, two], 0.3)):
            pass
        one.commit()
        two.commit()
        bus.publish(Topic.EVENTS, some)
        came = collect([one, two], 120)
        assert sorted(ids(came)) == sorted(each.id for each in some)
        assert one.lag() == two.lag() == 0


def test_when_partitions_change_hands_the_generation_grows_and_what_was_not_committed_comes_again(world: World) -> None:
    some = events(40, subjects=40)
    with world.bus() as bus, world.bus() as other:
        bus.publish(Topic.EVENTS, some)
        one = bus.subscribe([Topic.EVENTS], "g")
        collect(one, 40)
        before = one.generation
        two = other.subscribe([Topic.EVENTS], "g")
        told: dict[str, set[str]] = {"one": set(), "two": set()}

        def again() -> bool:
            for name, came in zip(told, poll_all([one, two]), strict=True):
                told[name] |= set(ids(came))
            return one.generation > before and len(told["one"] | told["two"]) == 40 and bool(told["two"])

        wait_until(again, lambda: f"came again: {len(told['one'])} and {len(told['two'])}")
        assert not told["one"] & told["two"]
        two.close()
        middle = one.generation
        wait_until(lambda: not ids(one.poll(0.2)) or one.generation > middle, lambda: "the partitions do not come back")
        one.commit()


def test_a_member_that_lost_its_partitions_cannot_commit_them(world: World) -> None:
    with world.bus() as bus, world.bus() as other:
        bus.publish(Topic.EVENTS, events(40, subjects=40))
        one = bus.subscribe([Topic.EVENTS], "g")
        collect(one, 40)
        two = other.subscribe([Topic.EVENTS], "g")
        reading = threading.Thread(target=lambda: two.poll(3.0))
        reading.start()
        before = one.generation
        wait_until(lambda: bool(one.poll(0.1)) or one.generation > before, lambda: "nobody joined")
        reading.join()
        with ExitStack() as stack:
            third = stack.enter_context(world.bus()).subscribe([Topic.EVENTS], "g")
            one.close()
            two.close()
            assert sorted(set(ids(collect(third, 40)))) == sorted(str(each) for each in range(40))


def test_a_group_goes_on_at_what_it_committed(world: World) -> None:
    some = events(30)
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, some[:20])
        member = bus.subscribe([Topic.EVENTS], "g")
        collect(member, 20)
        member.commit()
        member.close()
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, some[20:])
        member = bus.subscribe([Topic.EVENTS], "g")
        assert by_subject(collect(member, 10)) == said(some[20:])
        assert quiet(member)


def test_what_was_not_committed_comes_again_from_the_low_position(world: World) -> None:
    some = events(60)
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, some)
        member = bus.subscribe([Topic.EVENTS], "g")
        came = collect(member, 60)
        member.commit()  # and then lower: a window that is open still needs the last three of each partition
        offsets = {part: [each.offset for each in came if each.partition == part] for part in range(4)}
        low = {(Topic.EVENTS, part): some[-3] for part, some in offsets.items() if some}
        member.commit(low)
        member.close()
        again = collect(bus.subscribe([Topic.EVENTS], "g"), 3 * len(low))
    assert {(each.partition, each.offset) for each in again} == {
        (part, offset) for part, some in offsets.items() for offset in some[-3:]
    }


def test_a_new_group_reads_everything_again_or_only_what_is_new(world: World) -> None:
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, events(10, prefix="old"))
        first = bus.subscribe([Topic.EVENTS], "first")
        collect(first, 10)
        first.commit()
        assert len(collect(bus.subscribe([Topic.EVENTS], "second"), 10)) == 10
        late = bus.subscribe([Topic.EVENTS], "late", beginning=False)
        wait_until(lambda: not late.poll(0.2) and late.generation > 0, lambda: "it does not join")
        bus.publish(Topic.EVENTS, events(10, prefix="new"))
        late.close()  # it never read or committed anything, yet its group has its place
        late = bus.subscribe([Topic.EVENTS], "late", beginning=False)
        assert sorted(ids(collect(late, 10))) == [f"new{each}" for each in range(10)]
        assert quiet(late)


def test_a_record_told_twice_keeps_its_id(world: World) -> None:
    some = events(10)
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, some)
        bus.publish(Topic.EVENTS, some)
        bus.publish(Topic.RESULTS, some)  # another topic, another record
        member = bus.subscribe([Topic.EVENTS], "g")
        came = collect(member, 10 if world.once else 20)
        assert quiet(member)
    assert sorted(set(ids(came))) == sorted(each.id for each in some)
    assert {each.event.id: each.event for each in came} == {each.id: each for each in some}


def test_lag_is_what_was_not_polled_yet(world: World) -> None:
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, events(25))
        member = bus.subscribe([Topic.EVENTS], "g")
        seen = 0
        while not seen:
            seen = len(member.poll(1.0, most=10))
        assert member.lag() == 25 - seen
        collect(member, 25 - seen)
        assert member.lag() == 0
        bus.publish(Topic.EVENTS, events(5, prefix="more"))
        assert member.lag() == 5


def test_a_poll_brings_no_more_than_it_was_asked_for(world: World) -> None:
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, events(50))
        member = bus.subscribe([Topic.EVENTS], "g")
        came = []

        def all_came() -> bool:
            some = member.poll(0.5, most=3)
            assert len(some) <= 3
            came.extend(some)
            return len(came) == 50

        wait_until(all_came, lambda: f"{len(came)} came")
        assert by_subject(came) == said(events(50))


def test_many_threads_publish_at_once(world: World) -> None:
    with world.bus() as bus:
        many = [events(40, subjects=1, prefix=f"{each}-") for each in range(6)]
        many = [
            [Event(id=e.id, type=e.type, source=e.source, subject=f"s{n}", time=e.time) for e in some]
            for n, some in enumerate(many)
        ]

        def publish(some: list[Event]) -> None:
            for at in range(0, 40, 5):
                bus.publish(Topic.EVENTS, some[at : at + 5])

        threads = [threading.Thread(target=publish, args=(some,)) for some in many]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        came = collect(bus.subscribe([Topic.EVENTS], "g"), 240)
    assert by_subject(came) == {f"s{n}": [each.id for each in some] for n, some in enumerate(many)}


def test_large_records_pass_and_too_large_ones_are_refused_before_anything_is_appended(world: World) -> None:
    small, large = events(1, prefix="small"), events(1, prefix="large", data=b"x" * MOST_OCTETS)
    monster = events(1, prefix="monster", data=b"x" * (MOST_OCTETS + 1))
    with world.bus() as bus:
        with pytest.raises(ValueError, match=r"'monster0' carries 2097153 octets, more than 2097152"):
            bus.publish(Topic.EVENTS, [*small, *monster])
        bus.publish(Topic.EVENTS, large)
        member = bus.subscribe([Topic.EVENTS], "g")
        came = collect(member, 1)
        assert quiet(member)
    assert [each.event for each in came] == large


def test_a_closed_bus_is_away(world: World) -> None:
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, events(1))
        member = bus.subscribe([Topic.EVENTS], "g")
        collect(member, 1)
    with pytest.raises(BusAway):
        member.poll(0.1)
    with pytest.raises(BusAway):
        member.commit()
    with pytest.raises(BusAway):
        bus.publish(Topic.EVENTS, events(1))


def test_what_a_killed_writer_was_told_is_accepted_is_there(world: World) -> None:
    with world.process("tests.bus.writer") as writer:
        assert writer.stdout
        told = [writer.stdout.readline() for _ in range(25)]
        writer.kill()
        told += writer.stdout.readlines()
    accepted = [word for line in told if line.endswith("\n") for word in line.split()]
    assert len(accepted) >= 75
    with world.bus() as bus:
        came = ids(collect(bus.subscribe([Topic.EVENTS], "g"), len(accepted)))
    assert set(accepted) <= set(came)
    assert len(came) == len(set(came)), "nothing is there twice"


def test_what_a_killed_reader_had_not_committed_comes_to_the_next(world: World) -> None:
    some = events(100)
    with world.bus() as bus:
        bus.publish(Topic.EVENTS, some)
        with world.process("tests.bus.reader", "g") as reader:
            assert reader.stdout
            told = [reader.stdout.readline().strip() for _ in range(30)]
            reader.kill()
            told += [line.strip() for line in reader.stdout.readlines() if line.endswith("\n")]
        left = 100 - len(set(told))
        rest = ids(collect(bus.subscribe([Topic.EVENTS], "g"), left))
    assert set(told) | set(rest) == {each.id for each in some}
    assert len(rest) <= left + 7, "what was committed does not come again"
