"""The running half in one go: windows, bus, records to verdicts, packets in the kernel, and an attack until it is dropped.

    python benchmarks/runtime.py [--only windows,bus,verdicts,xdp,attack] [--events 10000] [--width 20]

windows, bus and xdp are scripts of their own beside this one (windows.py, bus.py, xdp.py). verdicts: the whole checker, with what it keeps
in the Context Broker, on the embedded bus and on a real Kafka, beside the bare client reading the same topic; `--width` measurements
a record (an agent sends all of one sample together, so 20 is usual; 1 is what other tools send). attack: the
demonstration of the second road on guests (root); the limit is two periods of a probe and one second.
Aims are those of each script; here: verdicts at 70 % of the bare client's rate, a drop within three seconds at a period of one.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import windows
from bus import bare, publish

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import Bus
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.event import Event, EventType
from musa_pipeline.formats.events import write_measurements
from musa_pipeline.services.checker import CheckerService

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("windows", "bus", "verdicts", "xdp", "attack")
MACHINES = 50
AIM_SHARE, AIM_DROP = 0.7, 3.0


def records(events: int, width: int) -> list[Event]:
    """Return one second after another of fifty machines with so many series each."""
    series = width * MACHINES
    made = []
    for second, batch in enumerate(windows.batches(events // MACHINES * series, series)):
        for machine in range(MACHINES):
            mine = [each for each in batch if each.machine == f"m{machine}"]
            made.append(
                Event(
                    id=f"m{machine}-{second}",
                    type=EventType.MEASUREMENTS,
                    source="gateway",
                    subject=f"m{machine}",
                    time=mine[0].time,
                    data=write_measurements(mine),
                )
            )
    return made


def verdicts(bus: Bus, some: list[Event], width: int, folder: Path, name: str) -> tuple[float, float]:
    """Return records a second from the bus to verdicts, and the seconds of processor time a record; joining the group is not timed."""
    context = SqliteContext(folder / f"{name}.sqlite")
    end = windows.START + len(some) / MACHINES + 1
    service = CheckerService(bus, context, windows.objectives(width * MACHINES), clock=lambda: end, group=name)
    publish(bus, some[:MACHINES], 500)
    came = 0
    while came < MACHINES:
        came += service.turn(10.0)
    publish(bus, some[MACHINES:], 500)
    begun, spent = time.perf_counter(), time.process_time()
    while came < len(some):
        came += service.turn(1.0)
    took, processor = time.perf_counter() - begun, time.process_time() - spent
    service.close()
    context.close()
    many = len(some) - MACHINES
    return many / took, processor / many


def on_embedded(some: list[Event], width: int, folder: Path) -> None:
    bus = Embedded(folder / "bus.sqlite")
    rate, cost = verdicts(bus, some, width, folder, "embedded")
    bus.close()
    print(
        f"{'embedded bus to verdicts':42}{rate:>10,.0f} records/s {rate * width:>12,.0f} measurements/s {cost * 1e6:>8,.0f} us CPU each"
    )


def on_kafka(some: list[Event], width: int, folder: Path) -> bool:
    from tests.servers.kafka import kafka as broker

    with broker() as server:
        bus = open_bus(f"{server.url}?prefix=verdicts.&patience=60", folder)
        rate, cost = verdicts(bus, some, width, folder, "kafka")
        peer = max(bare(server.address, "verdicts.measurements", len(some)) for _ in range(2))
        bus.close()
    print(f"{'bare Kafka client':42}{peer:>10,.0f} records/s {peer * width:>12,.0f} measurements/s")
    print(
        f"{'Kafka to verdicts':42}{rate:>10,.0f} records/s {rate * width:>12,.0f} measurements/s {cost * 1e6:>8,.0f} us CPU each"
    )
    print(f"{'':42}{rate / peer:.2f} of the bare client (aim {AIM_SHARE})")
    return rate / peer >= AIM_SHARE


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
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--width", type=int, default=20, help="measurements in a record")
    parser.add_argument("--check", action="store_true", help="exit code 1 if an aim is missed")
    chosen = parser.parse_args()
    kept = True
    for part in chosen.only.split(","):
        print(f"\n{part}", flush=True)
        match part:
            case "windows" | "bus" | "xdp":
                subprocess.run([sys.executable, str(ROOT / f"benchmarks/{part}.py")], check=False)
            case "verdicts":
                some = records(chosen.events, chosen.width)
                with tempfile.TemporaryDirectory(prefix="musa-verdicts-") as folder:
                    on_embedded(some, chosen.width, Path(folder))
                    kept &= on_kafka(some, chosen.width, Path(folder))
            case "attack":
                kept &= attack()
            case _:
                parser.error(f"there is no part {part!r}; there are {', '.join(PARTS)}")
    return 1 if chosen.check and not kept else 0


if __name__ == "__main__":
    sys.exit(main())
