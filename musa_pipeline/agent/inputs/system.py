"""The machine: load, processor, memory, disk, processes, failed logins, unknown listeners (proc(5), journalctl(1))."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from musa_pipeline.agent.inputs.proc import lines, listening
from musa_pipeline.agent.record import Record
from musa_pipeline.agent.watch import Watch

PATIENCE = 5.0


def system(watch: Watch) -> Iterator[Record]:
    """Yield the figures of the machine, and a finding for each port that listens and is not known."""
    yield {"metric": "system.load", "value": os.getloadavg()[0], "unit": "processes"}
    fields = [int(each) for each in lines("/proc/stat")[0].split()[1:9]]
    busy = watch.rate("busy", sum(fields) - fields[3] - fields[4])
    whole = watch.rate("whole", sum(fields))
    if busy is not None and whole:
        yield {"metric": "system.processor", "value": 100 * busy / whole, "unit": "%"}
    memory = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines("/proc/meminfo")) if rest}
    yield {"metric": "system.memory", "value": 100 * (1 - memory["MemAvailable"] / memory["MemTotal"]), "unit": "%"}
    disk = shutil.disk_usage("/")
    yield {"metric": "system.disk", "value": 100 * disk.used / disk.total, "unit": "%"}
    processes = sum(each.name.isdigit() for each in Path("/proc").iterdir())
    yield {"metric": "system.processes", "value": processes, "unit": "processes"}
    failed = failed_logins(watch)
    if failed is not None:
        yield {"metric": "system.logins-failed", "value": failed, "unit": "logins"}
    for port in sorted(listening() - watch.known):
        yield {"finding": "unknown-listener", "port": port}


def failed_logins(watch: Watch) -> int | None:
    """Return how many logins failed since the last sample, after the journal of the SSH server."""
    now = time.time()
    command = [
        "/usr/bin/journalctl",
        "--quiet",
        "--output=cat",
        "--identifier=sshd",
        f"--since=@{watch.since:.0f}",
        f"--until=@{now:.0f}",
    ]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    watch.since = now
    return sum(line.startswith(("Failed ", "Invalid user ")) for line in said.splitlines())
