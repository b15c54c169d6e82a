"""The agent as it is shipped: one file, run by the machine's own Python, with a folder for its state."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from musa_pipeline.runners.bundle import write_agent

PYTHON = "/usr/bin/python3"


def bundled(folder: Path) -> Path:
    place = folder / "musa-agent.pyz"
    write_agent(place)
    return place


def watch(folder: Path, **more: Any) -> None:
    """Write one thing to watch."""
    (folder / "watches").mkdir(parents=True, exist_ok=True)
    told = {"agent": "network-monitor", "component": "web", "inputs": ["network"], "targets": [], "path": "/", "period": 0.2,
            "known_ports": [], "limits": {}} | more  # fmt: skip
    (folder / "watches" / f"{told['agent']}-{told['component']}.json").write_text(json.dumps(told))


def start(bundle: Path, folder: Path, *more: str, before: Sequence[str] = ()) -> "subprocess.Popen[str]":
    (folder / "state").mkdir(parents=True, exist_ok=True)
    (folder / "watches").mkdir(parents=True, exist_ok=True)
    places = {"config": "agent.json", "watches": "watches", "state": "state", "records": "records/*/measurements.jsonl",
              "programs": "programs", "machine-file": "machine.json"}  # fmt: skip
    arguments = [f"--{name}={folder / place}" for name, place in places.items()]
    with (folder / "journal").open("a") as journal:
        return subprocess.Popen([*before, PYTHON, "-I", str(bundle), *arguments, *more], stderr=journal, text=True)


@contextmanager
def agent(bundle: Path, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run it for a while; it ends cleanly."""
    process = start(bundle, folder)
    try:
        yield process
        process.terminate()
        assert process.wait(20) == 0, journal(folder)
    finally:
        process.kill()
        process.wait()


def journal(folder: Path) -> str:
    return (folder / "journal").read_text()
