"""The detector's loop over a real bus and a real context."""

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.detection.ewma import RateAnomaly
from musa_pipeline.detection.port import Memory
from musa_pipeline.detection.registry import algorithm
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.event import Event, EventType, Finding, MachineId, Measurement, Plain, Topic
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.events import write_measurements
from musa_pipeline.services.detector import DetectorService

START = 1_800_000_000.0


class Broken:
    """A plug-in that fails at everything."""

    id, finds = "broken", "nothing"
    needs = ("*",)

    def take(self, measurements: Iterable[Measurement]) -> Sequence[Finding]:
        raise KeyError("a mistake of somebody else")

    def memory(self) -> Memory:
        return {}

    def recall(self, memory: Mapping[str, Mapping[str, Plain]]) -> None:
        del memory


class Road:
    """A bus, a context and a clock."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.said: list[str] = []
        self.bus = Embedded(folder / "bus.sqlite", clock=lambda: self.now)
        self.context = SqliteContext(folder / "context.sqlite")

    def service(self) -> DetectorService:
        for each in self.bus._members:
            each.close()  # a process that ends lets go of its partitions, however it ends
        algorithms = [RateAnomaly({}), algorithm("volumetric-dos"), Broken()]
        return DetectorService(self.bus, self.context, algorithms, clock=lambda: self.now, say=self.said.append)

    def publish(self, second: int, value: float) -> None:
        self.now = START + second
        told = [
            Measurement(
                component=ComponentId(""), machine=MachineId("m"), agent="network-monitor", metric=metric, value=value,
                unit="packets/s", time=self.now, about=about,
            )
            for metric, about in (("net.interface.packets", ()), ("net.source.packets", (("source", "10.77.1.66"),)))
        ]  # fmt: skip
        event = Event(
            id=f"m-{second}", type=EventType.MEASUREMENTS, source="m", subject="m", time=self.now, data=write_measurements(told)
        )
        self.bus.publish(Topic.MEASUREMENTS, [event])

    def findings(self) -> list[tuple[str, float, str]]:
        told = self.context.told(which=EventType.FINDING, subject="m")
        said = [json.loads(each.data) for each in told]
        return sorted((each["type"], each["time"] - START, each["source"]) for each in said)


def test_a_flood_is_told_on_the_bus_and_in_the_context_and_a_broken_plug_in_stops_nobody(tmp_path: Path) -> None:
    road = Road(tmp_path)
    service = road.service()
    for second in range(40):
        road.publish(second, 100 if second < 30 else 40_000)
        service.turn(0.0)
    assert road.findings() == [
        ("traffic-anomaly", 30.0, ""),
        ("traffic-anomaly", 35.0, ""),
        ("volumetric-dos", 30.0, "10.77.1.66"),
        ("volumetric-dos", 35.0, "10.77.1.66"),
    ]
    heard = road.bus.subscribe([Topic.EVENTS], "reader").poll(0.0)
    assert len(heard) == 4
    assert service.failed == 40
    assert "detection 'broken' failed" in road.said[0]


def test_a_detector_killed_in_the_middle_of_a_flood_does_not_take_it_for_usual(tmp_path: Path) -> None:
    road = Road(tmp_path)
    service = road.service()
    for second in range(120):
        road.publish(second, 100 if second < 70 else 40_000)
        if second == 85:
            service = road.service()  # the one before wrote down nothing more
        service.turn(0.0)
    times = [time for kind, time, _ in road.findings() if kind == "traffic-anomaly"]
    assert times[0] == 70.0
    assert times[-1] >= 115
    stream = road.context.get(Kind.STREAM, "net.interface.packets@m")
    assert stream is not None
    assert "usual:rate-anomaly" in stream.observed


def test_a_detector_that_breaks_gives_its_partitions_back(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.publish(0, 10.0)
    broken = road.service()
    broken.turn(0.0)
    broken._look = Broken().take  # type: ignore[assignment,method-assign]
    road.publish(1, 10.0)
    with pytest.raises(KeyError):
        broken.run(threading.Event())
    assert [each.closed for each in road.bus._members] == [True]


def test_a_sample_of_no_time_at_all_stops_nothing(tmp_path: Path) -> None:
    road = Road(tmp_path)
    said = [
        Measurement(
            component=ComponentId(""), machine=MachineId("m"), agent="a", metric="net.source.packets", value=1e6, unit="packets/s",
            time=3e11, about=(("source", "10.77.1.66"),),
        )
    ]  # fmt: skip
    event = Event(id="x", type=EventType.MEASUREMENTS, source="m", subject="m", time=START, data=write_measurements(said))
    road.bus.publish(Topic.MEASUREMENTS, [event])
    service = road.service()
    assert service.turn(0.0) == 1
    assert service.turn(0.0) == 0
    assert road.findings() == []
