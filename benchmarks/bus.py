"""The bus: the embedded log, and Kafka beside the bare client on the same broker and the same records.

    python benchmarks/bus.py [--events 20000] [--measurements 20] [--rounds 3] [--only codec|embedded|kafka] [--check]

An event is one sample of a machine with so many measurements. Each figure is the best of the rounds, in which ours and the peer
take turns; reading is timed from the first records on, without the time of joining a group. With --check the exit code is 1 if an
aim is missed. Kafka is a real broker started for this (Java and Maven needed).
"""

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import Bus
from musa_pipeline.domain.event import Event, EventType, MachineId, Measurement, Topic
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.events import read_measurements, write_measurements

AIM_DECODE = 300_000
AIM_SHARE = 0.7
_numbers = count()


def samples(events: int, width: int, about: tuple[tuple[str, str], ...] = ()) -> list[Event]:
    """Return so many samples, in turn of fifty machines."""
    return [
        Event(
            id=f"m{number % 50}-boot-{number}",
            type=EventType.MEASUREMENTS,
            source="gateway",
            subject=f"c{number % 50}",
            time=1_767_225_600.0 + number / 5,
            data=write_measurements(
                Measurement(
                    component=ComponentId(f"c{number % 50}"),
                    machine=MachineId(f"m{number % 50}"),
                    agent="system-monitor",
                    metric=f"metric-{each}",
                    value=each * 1.37 + number,
                    unit="percent",
                    time=1_767_225_600.0 + number / 5,
                    about=about,
                )
                for each in range(width)
            ),
        )
        for number in range(events)
    ]


def rate(many: int, act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begun = clock()
    act()
    return many / (clock() - begun)


def publish(bus: Bus, some: Sequence[Event], size: int) -> None:
    for at in range(0, len(some), size):
        bus.publish(Topic.MEASUREMENTS, some[at : at + size])


class Pace(NamedTuple):
    """Records a second by the clock, and by the time of one processor: what others do on the machine changes this one less."""

    clock: float
    core: float


def pace(poll: Callable[[], int], many: int) -> Pace:
    """Return the pace of a reader whose `poll` says how many records it brought, from its second answer on."""
    first = 0
    while not first:
        first = poll()
    begun, spent, came = time.perf_counter(), time.process_time(), first
    while came < many:
        came += poll()
    read = came - first
    return Pace(read / (time.perf_counter() - begun), read / (time.process_time() - spent))


def read(poll: Callable[[], int], many: int) -> float:
    """Return the rate of a reader by the clock."""
    return pace(poll, many).clock


def ours(bus: Bus, many: int, *, decode: bool) -> float:
    member = bus.subscribe([Topic.MEASUREMENTS], f"group{next(_numbers)}")

    def poll() -> int:
        came = member.poll(1.0, most=2000)
        if decode:
            for each in came:
                read_measurements(each.event.data)
        return len(came)

    try:
        return read(poll, many)
    finally:
        member.close()


def bare(address: str, topic: str, many: int, then: Callable[[bytes], object] | None = None, **settings: object) -> Pace:
    """The client itself: it polls and does nothing else, unless something is to be done `then` with each record's value."""
    from kafka import KafkaConsumer

    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=address,
        group_id=f"bare{next(_numbers)}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **settings,
    )

    def poll() -> int:
        batches = consumer.poll(1000, max_records=2000)
        for records in batches.values() if then else ():
            for each in records:
                then(each.value)
        return sum(map(len, batches.values()))

    try:
        return pace(poll, many)
    finally:
        consumer.close()


def decode(texts: Sequence[bytes]) -> None:
    for each in texts:
        read_measurements(each)


def codec(events: int, width: int, rounds: int) -> dict[str, float]:
    """Return figures in processor time: nothing but the processor is asked here."""
    figures = {}
    for name, about in (("decode", ()), ("decode, each with an address", (("source", "192.0.2.7"),))):
        texts = [each.data for each in samples(events // 4, width, about)]
        runs = [rate(len(texts) * width, partial(decode, texts), time.process_time) for _ in range(rounds)]
        figures[name] = max(runs)
    return figures


def embedded(some: Sequence[Event], rounds: int) -> dict[str, float]:
    runs: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for flush in (False, True):
            with tempfile.TemporaryDirectory(prefix="musa-bus-") as folder:
                bus = Embedded(Path(folder) / "bus.sqlite", flush=flush)
                how = ", power-safe" if flush else ""
                few = some[: len(some) // 20]
                runs[f"embedded append, one a call{how}"].append(rate(len(few), partial(publish, bus, few, 1)))
                rest = some[len(few) :]
                runs[f"embedded append, 100 a call{how}"].append(rate(len(rest), partial(publish, bus, rest, 100)))
                if not flush:
                    runs["embedded consume"].append(ours(bus, len(some), decode=False))
                    runs["embedded consume and decode"].append(ours(bus, len(some), decode=True))
                bus.close()
    return {name: max(each) for name, each in runs.items()}


def kafka(some: Sequence[Event], rounds: int) -> dict[str, float]:
    from tests.servers.kafka import kafka as broker

    runs: dict[str, list[float]] = defaultdict(list)
    with broker() as server, tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            prefix = f"round{next(_numbers)}."
            bus = open_bus(f"{server.url}?prefix={prefix}&patience=60", Path(folder))
            publish(bus, some[:100], 100)  # connects, makes the topics
            rest = some[100:]
            runs["Kafka append, 500 a call"].append(rate(len(rest), partial(publish, bus, rest, 500)))
            for _ in range(2):
                runs["bare client, as it comes"].append(bare(server.address, prefix + "measurements", len(some)).clock)
                runs["bare client, no checksums"].append(
                    bare(server.address, prefix + "measurements", len(some), check_crcs=False, metrics_enabled=False).clock
                )
                runs["Kafka consume"].append(ours(bus, len(some), decode=False))
                runs["Kafka consume and decode"].append(ours(bus, len(some), decode=True))
            bus.close()
    return {name: max(each) for name, each in runs.items()}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--measurements", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["codec", "embedded", "kafka"])
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    some, missed = samples(chosen.events, chosen.measurements), []
    octets = sum(len(each.data) for each in some) // len(some)
    print(f"{chosen.events} events of {chosen.measurements} measurements, {octets} octets each, {chosen.rounds} rounds\n")
    if chosen.only in (None, "codec"):
        for name, figure in codec(chosen.events, chosen.measurements, chosen.rounds).items():
            print(f"{name:42}{figure:>12,.0f} measurements/s   (aim {AIM_DECODE:,})")
            if figure < AIM_DECODE:
                missed.append(name)
    figures: dict[str, float] = {}
    if chosen.only in (None, "embedded"):
        figures |= embedded(some, chosen.rounds)
    if chosen.only in (None, "kafka"):
        figures |= kafka(some, chosen.rounds)
    for name, figure in figures.items():
        print(f"{name:42}{figure:>12,.0f} events/s {figure * chosen.measurements:>14,.0f} measurements/s")
    if peer := figures.get("bare client, as it comes"):
        for name in ("Kafka consume", "Kafka consume and decode"):
            share, fair = figures[name] / peer, figures[name] / figures["bare client, no checksums"]
            print(f"{name}: {share:.2f} of the bare client, {fair:.2f} of it with checksums off as we have it (aim {AIM_SHARE})")
            if share < AIM_SHARE:
                missed.append(name)
    for name in missed:
        print(f"missed: {name}")
    return 1 if missed and chosen.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
