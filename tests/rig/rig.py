"""Cloud machines for tests: the product's own guests, for the time of a `with` block; see README.md."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.local import Guests, lacks
from musa_pipeline.runners.local.guest import Guest
from musa_pipeline.runners.local.image import PACKAGES, packages

__all__ = ["CACHE", "ROOT", "Rig", "RigBroken", "lacks"]

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or ROOT / ".cache") / "musa"
"""In the checkout, unless said otherwise; a `musa` that a test starts finds it by XDG_CACHE_HOME = CACHE.parent."""
RigBroken = OutsideFailed


class Rig:
    """Machines for the time of a `with` block, in a folder that goes with it."""

    def __init__(self, sets: Sequence[str] = PACKAGES) -> None:
        self.sets = tuple(sets)

    def __enter__(self) -> "Rig":
        CACHE.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="guests-", dir=CACHE))
        self.kept = Guests(self.folder, cache=CACHE, sets=self.sets)
        return self

    def __exit__(self, *_: object) -> None:
        self.kept.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def guests(self) -> Mapping[str, Guest]:
        return self.kept.guests

    @property
    def space(self) -> str:
        """The network namespace of the bridge, where the test stands."""
        return self.kept.network.control

    def start(self, *names: str) -> None:
        """Boot guests, beside those that run, and wait until each answers SSH."""
        self.kept.up([*self.guests, *names])

    def connection(self) -> dict[str, str]:
        """Return what Ansible must know to reach any guest."""
        return self.kept.connection()

    def inventory(self) -> str:
        """Return the addresses as an inventory (JSON is YAML)."""
        hosts = {name: {"ansible_host": address} for name, address in self.kept.addresses().items()}
        return json.dumps({"all": {"hosts": hosts, "vars": self.connection()}}, indent=2)

    def run(self, command: Sequence[str], **more: object) -> subprocess.CompletedProcess[str]:
        """Run a program of this machine in the network of the guests."""
        whole = ["nsenter", f"--net=/run/netns/{self.space}", *command]
        return subprocess.run(whole, capture_output=True, text=True, **more)  # type: ignore[call-overload,no-any-return]

    def ssh(self, name: str, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a guest as its user would."""
        return self.kept.ssh(name, command)

    def get(self, url: str, *more: str) -> tuple[int, str]:
        """Return status and body of a request from outside the guests; 0: nobody answered."""
        done = self.run(["curl", "--silent", "--show-error", "--max-time", "3", "--write-out", "\n%{http_code}", *more, url])
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body


if __name__ == "__main__":
    print(lacks() or packages(CACHE, say=lambda text: print(text, file=sys.stderr)))
