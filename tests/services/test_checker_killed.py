"""The checker as a process, killed by the kernel while a component is down, and again while it recovers."""

import json
import subprocess
import sys
import time
from pathlib import Path

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.event import Event, EventType, Topic
from musa_pipeline.formats.events import write_measurements
from tests.assurance.promises import START, sample
from tests.support import ROOT

DOWN = range(15, 50)
TENTHS = 85
PATIENCE = 30.0


def _start(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.services.checker_process", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_killed_while_a_component_is_down_and_while_it_recovers_no_violation_is_lost_or_told_twice(tmp_path: Path) -> None:
    bus, context = Embedded(tmp_path / "bus.sqlite"), SqliteContext(tmp_path / "context.sqlite")
    process = _start(tmp_path)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        for tenth in range(TENTHS):
            now = time.time()
            seen = sample("engine", now - START, 0 if tenth in DOWN else 100)
            event = Event(
                id=f"e-{tenth}",
                type=EventType.MEASUREMENTS,
                source="a",
                subject="engine",
                time=now,
                data=write_measurements([seen]),
            )
            bus.publish(Topic.MEASUREMENTS, [event])
            if tenth in (40, 60):
                process.kill()
                process.communicate()
                process = _start(tmp_path)
            time.sleep(0.1)
        end, told = time.monotonic() + PATIENCE, []
        while time.monotonic() < end and "closed" not in [stage for _, stage in told]:
            time.sleep(0.2)
            incidents = [json.loads(each.data) for each in context.told(which=EventType.INCIDENT)]
            told = sorted(((each["id"], each["stage"]) for each in incidents), key=lambda each: each[1], reverse=True)
    finally:
        process.kill()
        process.communicate()
    assert len(told) == 2
    assert told[0] == (told[1][0], "open")
    heard = [each.event for each in bus.subscribe([Topic.EVENTS], "reader").poll(1.0)]
    assert len({each.id for each in heard}) == len(heard)
    assert sorted(each.id for each in heard if each.type == EventType.INCIDENT) == sorted(
        f"incident:{name}:{stage}" for name, stage in told
    )
    assert [json.loads(each.data)["state"] for each in heard if each.type == EventType.VERDICT].count("violated") == 1
    assert sum(each.count for each in context.series("engine", "availability", 0, time.time() + 60, 1e10)) == TENTHS
