"""The provider `local`: guests for the machines of a plan, kept by a folder that a later process finds again."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.local import reach
from musa_pipeline.runners.local.guest import Guest, strangers
from musa_pipeline.runners.local.image import PACKAGES, USER, cache_folder, golden_root, packages
from musa_pipeline.runners.local.keys import new_key
from musa_pipeline.runners.local.network import MOST, VISITORS, Network
from musa_pipeline.runners.private import folder_of_ours, write_private
from musa_pipeline.runners.programs import missing, quietly

NEEDS: Final = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ssh": "openssh-client",
    "ip": "iproute2",
    "dpkg-scanpackages": "dpkg-dev",
    "mount": "mount",
}
"""Programs that guests need, and the package that has each."""
SOCKETS: Final = Path("/run")
"""Where connections of ssh(1) are kept: the path of a socket must be short."""
PATIENCE: Final = 90.0
"""Seconds within which a guest answers."""


def lacks() -> str:
    """Return why no guest can be made here; empty if one can."""
    if sys.platform != "linux":
        return "guests need Linux"
    if os.geteuid() != 0:
        return "guests need root"
    absent = missing(NEEDS)
    return f"not installed: {', '.join(absent)} (apt-get install {' '.join(NEEDS[each] for each in absent)})" if absent else ""


class Guests:
    """The machines that a folder stands for. Everything bears a prefix made of the folder's path, so nothing is lost sight of."""

    def __init__(self, folder: Path, *, cache: Path | None = None, sets: Sequence[str] = PACKAGES) -> None:
        self.folder = folder.resolve()
        self.cache = (cache or cache_folder()).resolve()
        self.sets = tuple(sets)
        self.prefix = f"musa{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:7]}"
        self.network = Network(prefix=self.prefix)
        self.sockets = SOCKETS / self.prefix
        self._guests = {name: self._guest(name, number) for name, number in self._numbers().items()}

    @property
    def key(self) -> Path:
        """The SSH key that opens every guest."""
        return self.folder / "ssh-key"

    @property
    def guests(self) -> Mapping[str, Guest]:
        """All guests by name, running or not."""
        return self._guests

    def up(self, names: Sequence[str], say: Callable[[str], None] = lambda _text: None) -> tuple[str, ...]:
        """Have exactly these machines, running and answering SSH; return those that had to be booted.

        Raises OutsideFailed if that cannot be.
        """
        why = lacks()
        if why:
            raise OutsideFailed(why, "or use --on hosts, with machines of your own")
        if len(names) > MOST:
            raise OutsideFailed(f"{len(names)} guests are asked for; the most is {MOST}", "use --on hosts")
        folder_of_ours(self.folder)
        debs = packages(self.cache, self.sets, say)
        root = golden_root(self.cache)
        self._keep(names)
        if not self.key.exists():
            new_key(self.key, "musa")
        if not self.network.there():
            self.network.make()
        wanted = [self._guests[name] for name in names]
        asleep = [each for each in wanted if not each.running()]
        if asleep:
            say(f"booting {', '.join(each.name for each in asleep)}")
        authorized = self.key.with_name(f"{self.key.name}.pub").read_text()
        for each in asleep:
            each.start(root, debs, authorized)
        self._await(wanted)
        known = "".join(f"{each.address} {' '.join(each.host_key.split()[:2])}\n" for each in wanted)
        write_private(self.folder / "known_hosts", known.encode())
        folder_of_ours(self.sockets)
        return tuple(each.name for each in asleep)

    def down(self) -> None:
        """Remove every guest, the network, and what the folder holds of them; what a killed run left too."""
        self.hang_up()
        known = {each.number for each in self._guests.values()}
        for number in sorted({*strangers(self.network, set())} - known):
            self._guest("", number, self.folder / "guests" / f".{number}").remove()
        for each in self._guests.values():
            each.remove()
        self.network.remove()
        self._guests = {}
        quietly("rm", "-rf", "--one-file-system", self.folder / "guests", self.sockets)
        for name in ("guests.json", "known_hosts", "ssh-key", "ssh-key.pub"):
            (self.folder / name).unlink(missing_ok=True)

    def hang_up(self) -> None:
        """End the connections that ssh keeps open."""
        for kept in self.sockets.glob("*") if self.sockets.is_dir() else ():
            quietly("ssh", "-o", f"ControlPath={kept}", "-O", "exit", "guest")

    def connection(self) -> dict[str, str]:
        """Return what Ansible must know to reach any guest, from anywhere on this machine."""
        return {
            "ansible_user": USER,
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": shlex.join(self._options()),
            "ansible_control_path_dir": str(self.sockets),
        }

    def addresses(self) -> dict[str, str]:
        """Return the address of each guest."""
        return {name: guest.address for name, guest in self._guests.items()}

    def ssh(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command line in a guest as its user would."""
        command = ["ssh", "-q", "-i", str(self.key), *self._options(), f"{USER}@{self._guests[name].address}", *words]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)  # noqa: S603

    @contextmanager
    def visitor(self) -> Iterator[tuple[str, str]]:
        """Lend one more place at the bridge, without a machine: yields its namespace and address. For clients, and for attackers."""
        number = next((each for each in VISITORS if not self.network.plugged(each)), None)
        if number is None:
            raise OutsideFailed("no place at the bridge is left")
        self.network.plug(number)
        try:
            yield self.network.name(number), self.network.address(number)
        finally:
            self.network.unplug(number)

    def _options(self) -> list[str]:
        words = [sys.executable, "-I", "-S", reach.__file__, self.network.control]
        command = " ".join(shlex.quote(each).replace("%", "%%") for each in words)
        return [
            "-o", f'UserKnownHostsFile="{self.folder / "known_hosts"}"', "-o", "StrictHostKeyChecking=yes",
            "-o", "GlobalKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-F", "/dev/null",
            "-o", "ProxyUseFdpass=yes", "-o", f"ProxyCommand={command} %h %p",
        ]  # fmt: skip

    def _await(self, wanted: Sequence[Guest]) -> None:
        until = time.monotonic() + PATIENCE
        for each in wanted:
            while not each.answers():
                if time.monotonic() > until or each.gave_up():
                    raise OutsideFailed(f"{each.name} does not answer; the last it said: {each.console.strip() or 'nothing'}")
                time.sleep(0.1)

    def _guest(self, name: str, number: int, folder: Path | None = None) -> Guest:
        return Guest(name, number, folder or self.folder / "guests" / name, self.network)

    def _keep(self, names: Sequence[str]) -> None:
        """Give each machine its number, written down before anything is made; machines that are no longer wanted are removed."""
        for name in [each for each in self._guests if each not in names]:
            self._guests.pop(name).remove()
        taken = {each.number for each in self._guests.values()}
        free = (number for number in range(1, MOST + 1) if number not in taken)
        for name in names:
            if name not in self._guests:
                self._guests[name] = self._guest(name, next(free))
        numbers = {name: each.number for name, each in sorted(self._guests.items())}
        write_private(self.folder / "guests.json", json.dumps(numbers, indent=1).encode())

    def _numbers(self) -> dict[str, int]:
        try:
            told = json.loads((self.folder / "guests.json").read_bytes())
            return {str(name): int(number) for name, number in told.items() if _plain(str(name)) and 0 < int(number) <= MOST}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def _plain(name: str) -> bool:
    """Tell whether a name can be a folder's."""
    return name not in ("", ".", "..") and "/" not in name
