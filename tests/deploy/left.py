"""What guests of a folder leave on this machine, looked at from outside the code that removes them."""

import subprocess
import time
from pathlib import Path

from musa_pipeline.runners.local import Guests


def left_of(folder: Path, patience: float = 10.0) -> list[str]:
    """Return every trace that stays: processes (which may take a moment to end), mounts, namespaces, control groups, sockets, files."""
    until = time.monotonic() + patience
    while (found := _left(folder)) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def _left(folder: Path) -> list[str]:
    guests = Guests(folder)
    found = [f"process {path.parent.name}" for path in Path("/proc").glob("[0-9]*/cmdline") if _speaks_of(path, str(folder))]
    found += [
        f"run {path.parent.name}" for path in Path("/proc").glob("[0-9]*/environ") if _speaks_of(path, f"MUSA_RUN={folder}")
    ]
    found += [f"mount {line}" for line in Path("/proc/self/mounts").read_text().splitlines() if str(folder) in line]
    spaces = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    found += [f"namespace {line}" for line in spaces.splitlines() if line.startswith(guests.prefix)]
    found += [f"group {path}" for path in Path("/sys/fs/cgroup").glob(f"**/{guests.prefix}-*")]
    found += [f"file {path}" for path in (guests.sockets, folder) if path.exists()]
    return found


def _speaks_of(path: Path, text: str) -> bool:
    try:
        return text.encode() in path.read_bytes()
    except OSError:
        return False
