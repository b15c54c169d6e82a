"""The running half in one go: windows, bus, records to verdicts, packets in the kernel, and an attack until it is dropped.

    python benchmarks/runtime.py [--only windows,bus,verdicts,told,xdp,attack] [--events 50000] [--width 1,20] [--rounds 3]

windows, bus and xdp are scripts of their own beside this one (windows.py, bus.py, xdp.py).
verdicts: the whole checker, with what it keeps in the Context Broker, on the embedded bus and on a real Kafka, beside the bare client
reading the same topic: as it comes, with the settings that we use (no checksums, no statistics), and with each value decoded by
msgspec. `--width` measurements a record (an agent sends all of one sample together, so 20 is usual; 1 is what other tools send), a
record a second of each of fifty machines, read at once. Each figure is the best of the rounds, in which all take turns; "of one core"
counts by processor time, which other work on the machine changes least, and the aim goes by it. `--events` are read by each.
told: from a bad sample to its violation on the bus, by the clock. Windows end each half second and wait 0.1 s for late samples.
attack: the demonstration of the second road on guests (root); the limit is two periods of a probe and one second.
Aims are those of each script; here: verdicts at 70 % of the bare client's pace with our settings, a violation told (99 of 100) within one second
on the embedded bus and two on Kafka, a drop within three seconds at a period of one.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
import windows
from bus import Pace, bare, pace, publish

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import Bus
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.event import Event, EventType, Topic
from musa_pipeline.domain.verdict import State, Verdict, Window
from musa_pipeline.formats.events import Gathering, read_verdict
from musa_pipeline.services.checker import CheckerService

if TYPE_CHECKING:
    from tests.servers.kafka import Kafka

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("windows", "bus", "verdicts", "told", "xdp", "attack")
MACHINES = 50
AIM_SHARE, AIM_DROP, AIM_TOLD = 0.7, 3.0, 1.0
STEP, LATE, WARM = 0.5, 0.1, 8
"""Of `told`: seconds between two windows, seconds that late samples are waited for, and seconds before the first component fails."""


def records(events: int, width: int) -> list[Event]:
    """Return one second after another of fifty machines with so many series each."""
    series = width * MACHINES
    made = []
    for second, batch in enumerate(windows.batches(events // MACHINES * series, series)):
        for machine in range(MACHINES):
            mine = [each for each in batch if each.machine == f"m{machine}"]
            made.append(windows.event(f"m{machine}-{second}", f"m{machine}", mine))
    return made


def verdicts(bus: Bus, many: int, width: int, folder: Path, group: str) -> Pace:
    """Return the pace from the bus to verdicts."""
    context = SqliteContext(folder / f"{group}.sqlite")
    end = windows.START + many / MACHINES + 1
    service = CheckerService(bus, context, windows.objectives(width * MACHINES), clock=lambda: end, group=group)
    try:
        return pace(lambda: service.turn(1.0), many)
    finally:
        service.close()
        context.close()


def only_read(bus: Bus, many: int, group: str, *, decode: bool) -> Pace:
    """Return the pace of one who reads the bus, and perhaps what is in the records, and does nothing with it."""
    member, gathering = bus.subscribe([Topic.MEASUREMENTS], group), Gathering()

    def poll() -> int:
        came = member.poll(1.0)
        for each in came if decode else ():
            gathering.add(each.data)
        gathering.take()
        return len(came)

    try:
        return pace(poll, many)
    finally:
        member.close()


def best(rounds: int, tries: dict[str, Callable[[str], Pace]]) -> dict[str, Pace]:
    """Return the best of each, in which all take turns."""
    found: dict[str, Pace] = {}
    for turn in range(rounds):
        for name, act in tries.items():
            came, known = act(f"{name.replace(' ', '-')}{turn}"), found.get(name, Pace(0, 0))
            found[name] = Pace(max(came.clock, known.clock), max(came.core, known.core))
    return found


def show(found: dict[str, Pace], width: int) -> None:
    for name, each in found.items():
        print(
            f"{name:42}{each.clock:>10,.0f} records/s {each.core:>10,.0f} records/s of one core"
            f"{each.core * width:>12,.0f} measurements/s of one core"
        )


def on_embedded(some: list[Event], width: int, rounds: int, folder: Path) -> None:
    bus = Embedded(folder / "bus.sqlite")
    publish(bus, some, 500)
    found = best(
        rounds,
        {
            "embedded bus, read only": lambda group: only_read(bus, len(some), group, decode=False),
            "embedded bus, read and decoded": lambda group: only_read(bus, len(some), group, decode=True),
            "embedded bus to verdicts": lambda group: verdicts(bus, len(some), width, folder, group),
        },
    )
    bus.close()
    show(found, width)


def on_kafka(some: list[Event], width: int, rounds: int, folder: Path, server: "Kafka") -> bool:
    bus = open_bus(f"{server.url}?prefix=wide{width}.&patience=60", folder)
    publish(bus, some, 500)
    topic, many = f"wide{width}.measurements", len(some)
    lean: dict[str, Any] = {"check_crcs": False, "metrics_enabled": False}
    decode = msgspec.json.Decoder(list[Plainest]).decode
    found = best(
        rounds,
        {
            "bare Kafka client, as it comes": lambda _: bare(server.address, topic, many),
            "bare Kafka client, our settings": lambda _: bare(server.address, topic, many, **lean),
            "bare client, our settings, msgspec": lambda _: bare(server.address, topic, many, decode, **lean),
            "Kafka to verdicts": lambda group: verdicts(bus, many, width, folder, group),
        },
    )
    bus.close()
    show(found, width)
    ours = found["Kafka to verdicts"]
    for name in [*found][:3]:
        peer = found[name]
        print(f"{'':42}{ours.core / peer.core:.2f} of {name!r} by processor time, {ours.clock / peer.clock:.2f} by the clock")
    print(f"{'':42}aim: {AIM_SHARE} of the bare client with our settings")
    return ours.core >= AIM_SHARE * found["bare Kafka client, our settings"].core


class Plainest(msgspec.Struct, gc=False):
    """A measurement as the fastest reader takes it."""

    component: str
    machine: str
    agent: str
    metric: str
    value: float
    unit: str
    time: float


def told(bus: Bus, folder: Path, name: str, aim: float) -> bool:
    """Measure from a bad sample that the bus has accepted to its violation on the bus: 200 components, one after the other, fail."""
    window = Window(length=2, step=STEP, late=LATE, fewest=1, confirm=1, recover=3, max_age=60)
    many = [replace(each, window=window) for each in windows.objectives(200)]
    context, stop = SqliteContext(folder / f"told-{name}.sqlite"), threading.Event()
    service = CheckerService(bus, context, many, clock=time.time, group="told")
    reader = bus.subscribe([Topic.EVENTS], "told-reader")
    came: dict[str, float] = {}

    def listen() -> None:
        while not stop.is_set():
            for each in reader.poll(0.2):
                said = read_verdict(each.event.data) if each.type == EventType.VERDICT else None
                if isinstance(said, Verdict) and said.state is State.VIOLATED:
                    came.setdefault(said.objective, time.time())

    threads = [threading.Thread(target=service.run, args=(stop,)), threading.Thread(target=listen)]
    for thread in threads:
        thread.start()
    sent: dict[str, tuple[float, float]] = {}
    begun = time.time()
    for tick in range(10 * (WARM + len(many) // 10) + 30):
        time.sleep(max(0.0, begun + tick / 10 - time.time()))
        now = time.time()
        batch = [
            replace(windows.measured(number, now), value=0.0 if number < tick - 10 * WARM else 100.0)
            for number in range(tick % 10, len(many), 10)
        ]
        bus.publish(Topic.MEASUREMENTS, [windows.event(f"{tick}", f"m{tick % 10}", batch)])
        accepted = time.time()
        for each in batch:
            if not each.value:
                sent.setdefault(f"{each.component}/availability", (now, accepted))
    stop.set()
    for thread in threads:
        thread.join()
    reader.close()
    context.close()
    whole = sorted(came[each] - accepted for each, (_, accepted) in sent.items() if each in came)
    own = sorted(
        came[each] - max(accepted, (now // STEP + 1) * STEP + LATE) for each, (now, accepted) in sent.items() if each in came
    )
    lost = len(many) - len(whole)
    p50, p99 = whole[len(whole) // 2], whole[int(len(whole) * 0.99) - 1]
    print(
        f"{name + ': measurement to violation told':42}{p50:>8.2f} s half of them, {p99:.2f} s 99 % (aim {aim:g}), {whole[-1]:.2f} s all"
        f"{f', {lost} never' if lost else ''}"
    )
    print(f"{'':42}{own[len(own) // 2]:>8.2f} s, {own[int(len(own) * 0.99) - 1]:.2f} s of it after the window could be judged")
    return p99 < aim and not lost


def attack() -> bool:
    from tests.road import demo_runtime as demo

    lacking = demo.missing()
    if lacking:
        print(f"attack: not here: {lacking}")
        return True
    with tempfile.TemporaryDirectory(prefix="musa-attack-") as folder, contextlib.ExitStack() as ends:
        shown = ends.enter_context(demo.staged(Path(folder), lambda *_: None))
        shown.musa("deploy", demo.APPLICATION)
        shown.assure()
        shown.until(lambda board: demo.promise(board, demo.ENGINE)["state"] == "fulfilled", 120)
        found = demo.attack(shown)
        shown.stop()
    print(f"{'attack starts to first drop':42}{found['dropped']:>10.1f} s (aim {AIM_DROP:g} s at a period of 1 s)")
    print(f"{'':42}legitimate clients: {found['requests']} requests, {found['lost']} lost")
    return bool(found["dropped"] <= AIM_DROP and not found["lost"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--width", default="1,20", help="measurements in a record; several with commas between")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true", help="exit code 1 if an aim is missed")
    chosen = parser.parse_args()
    kept = True
    for part in chosen.only.split(","):
        print(f"\n{part}", flush=True)
        match part:
            case "windows" | "bus" | "xdp":
                subprocess.run([sys.executable, str(ROOT / f"benchmarks/{part}.py")], check=False)
            case "verdicts":
                from tests.servers.kafka import kafka

                with tempfile.TemporaryDirectory(prefix="musa-verdicts-") as folder, kafka() as server:
                    for width in map(int, chosen.width.split(",")):
                        some = records(chosen.events, width)
                        print(f"{len(some)} records of {width} measurements, {len(some[0].data)} octets each", flush=True)
                        place = Path(folder) / str(width)
                        place.mkdir()
                        on_embedded(some, width, chosen.rounds, place)
                        kept &= on_kafka(some, width, chosen.rounds, place, server)
            case "told":
                from tests.servers.kafka import kafka

                with tempfile.TemporaryDirectory(prefix="musa-told-") as folder, kafka() as server:
                    for name, url, aim in (("embedded", "embedded", AIM_TOLD), ("Kafka", server.url, 2 * AIM_TOLD)):
                        bus = open_bus(url, Path(folder))
                        kept &= told(bus, Path(folder), name, aim)
                        bus.close()
            case "attack":
                kept &= attack()
            case _:
                parser.error(f"there is no part {part!r}; there are {', '.join(PARTS)}")
    return 1 if chosen.check and not kept else 0


if __name__ == "__main__":
    sys.exit(main())
