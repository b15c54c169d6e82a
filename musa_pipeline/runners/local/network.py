"""The guests' network: one bridge in a namespace of its own, a cable to each guest; the machine's own network is untouched."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.local.spaces import SPACES
from musa_pipeline.runners.programs import call, quietly

SUBNET: Final = "10.77.1"
"""The same for all: networks of different folders never meet."""
BRIDGE: Final = "br0"
FIRST: Final = 10
MOST: Final = 190
"""Guests have the numbers 1 to 190, visitors 200 to 239."""
VISITORS: Final = range(200, 240)


@cache
def groups() -> tuple[Path, ...]:
    """Return the roots of the control group hierarchies that can be written to (version 1, 2 or both)."""
    top = Path("/sys/fs/cgroup")
    if (top / "cgroup.procs").exists():
        return (top,)
    found = sorted(each for each in top.iterdir() if os.access(each / "cgroup.procs", os.W_OK)) if top.is_dir() else []
    if not found:
        raise OutsideFailed("guests need control groups of their own, and none can be made here", "mount /sys/fs/cgroup writable")
    return tuple({each.resolve(): each for each in found}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Namespaces and cables by number; number 0 is the bridge, where the platform stands."""

    prefix: str

    @property
    def control(self) -> str:
        """The namespace of the bridge."""
        return self.name(0)

    @property
    def gateway(self) -> str:
        """The bridge's address."""
        return f"{SUBNET}.1"

    def name(self, number: int) -> str:
        """Return the namespace of a number; its cable has the same name."""
        return f"{self.prefix}-{number}"

    def address(self, number: int) -> str:
        """Return the address of a number."""
        return f"{SUBNET}.{FIRST + number}"

    def there(self) -> bool:
        """Tell whether the bridge is there and up."""
        # Its address comes last when it is made: who finds it finds all the rest.
        told = (
            _asked("ip", "-n", self.control, "-json", "addr", "show", "dev", BRIDGE) if (SPACES / self.control).exists() else []
        )
        return any(each.get("local") == self.gateway for link in told for each in link.get("addr_info", ()))

    def make(self) -> None:
        """Make the namespace with its bridge anew; cables that hung there are gone by that."""
        quietly("ip", "netns", "del", self.control)
        call("ip", "netns", "add", self.control)
        call("ip", "-n", self.control, "link", "set", "lo", "up")
        call("ip", "-n", self.control, "link", "add", BRIDGE, "type", "bridge", "forward_delay", "0")
        call("ip", "-n", self.control, "link", "set", BRIDGE, "up")
        call("ip", "-n", self.control, "addr", "add", f"{self.gateway}/24", "dev", BRIDGE)

    def plugged(self, number: int) -> bool:
        """Tell whether a cable leads from the bridge to a number's namespace."""
        name = self.name(number)
        return (SPACES / name).exists() and bool(_asked("ip", "-n", name, "-json", "route", "show", "default"))

    def plug(self, number: int) -> None:
        """Make the namespace of a number with its cable."""
        if self.plugged(number):
            return
        self.unplug(number)
        name = self.name(number)
        call("ip", "netns", "add", name)
        call("ip", "-n", name, "link", "set", "lo", "up")
        call("ip", "-n", self.control, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        call("ip", "-n", self.control, "link", "set", name, "master", BRIDGE, "up")
        call("ip", "-n", name, "addr", "add", f"{self.address(number)}/24", "dev", "eth0")
        call("ip", "-n", name, "link", "set", "eth0", "up")
        # The last of it: who finds this route finds all the rest.
        call("ip", "-n", name, "route", "add", "default", "via", self.gateway)

    def unplug(self, number: int) -> None:
        """Remove the namespace of a number; its cable goes with it."""
        if (SPACES / self.control).exists():
            quietly("ip", "-n", self.control, "link", "del", self.name(number))
        if (SPACES / self.name(number)).exists():
            quietly("ip", "netns", "del", self.name(number))

    def remove(self) -> None:
        """Remove the bridge with its namespace."""
        if (SPACES / self.control).exists():
            call("ip", "netns", "del", self.control)


def _asked(*command: str) -> list[dict[str, Any]]:
    """Return what ip(8) tells as JSON; nothing if it fails."""
    try:
        told: list[dict[str, Any]] = json.loads(call(*command) or "[]")
    except (OutsideFailed, ValueError):
        return []
    return told
