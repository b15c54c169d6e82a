"""One machine: a systemd-nspawn guest with a file system, a network, a process tree and control groups of its own.

Every name follows from the guest's number and the prefix of its folder, so whoever has the folder finds and removes all of it,
also when the process that made it was killed.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.local.image import USER, mounts_under, overlay
from musa_pipeline.runners.local.keys import new_key
from musa_pipeline.runners.local.network import Network, groups
from musa_pipeline.runners.local.spaces import SPACES, connect_in
from musa_pipeline.runners.programs import call, quietly

SSH: Final = 22
_UID: Final = 1000
_CAPABILITIES: Final = "CAP_NET_ADMIN,CAP_NET_RAW,CAP_NET_BROADCAST,CAP_BPF,CAP_PERFMON"


@dataclass(slots=True)
class Guest:
    """A machine by name and number; `folder` holds its layer of files."""

    name: str
    number: int
    folder: Path
    network: Network
    process: "subprocess.Popen[bytes] | None" = field(default=None, compare=False)

    @property
    def address(self) -> str:
        """Where the other machines reach it."""
        return self.network.address(self.number)

    @property
    def space(self) -> str:
        """Its network namespace."""
        return self.network.name(self.number)

    @property
    def host_key(self) -> str:
        """Its SSH host key, public half."""
        return (self.folder / "upper/etc/ssh/ssh_host_ed25519_key.pub").read_text().strip()

    @property
    def console(self) -> str:
        """The last it said on its console."""
        path = self.folder / "console.log"
        return path.read_text(errors="replace")[-2000:] if path.exists() else ""

    def made(self) -> bool:
        """Tell whether its files are whole: marked when all else is done."""
        return (self.folder / "made").exists()

    def pids(self) -> list[int]:
        """Return its processes, whoever started them."""
        found: set[int] = set()
        for group in groups():
            for path in (group / self.space).rglob("cgroup.procs"):
                try:
                    found |= {int(each) for each in path.read_text().split()}
                except OSError:
                    continue
        return sorted(found)

    def running(self) -> bool:
        """Tell whether it runs and is plugged in."""
        return self.made() and bool(self.pids()) and self.network.plugged(self.number)

    def start(self, root: Path, debs: Path, authorized: str) -> None:
        """Boot it: over the files that it has, or over new ones."""
        if not self.made():
            self.remove()
        self._stop_all()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.network.plug(self.number)
        if not os.path.ismount(self.folder / "root"):
            overlay(root, self.folder)
        if not self.made():
            self._personal(self.folder / "root", authorized)
            (self.folder / "made").touch()
        self._boot(debs)

    def _personal(self, root: Path, authorized: str) -> None:
        """Do what a cloud does to an image: a name, host keys, the user's key."""
        (root / "etc/hostname").write_text(f"{self.name}\n")
        (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n")
        new_key(root / "etc/ssh/ssh_host_ed25519_key", self.name)
        home = root / f"home/{USER}/.ssh"
        home.mkdir(mode=0o700)
        (home / "authorized_keys").write_text(authorized)
        for each in (home, home / "authorized_keys"):
            os.chown(each, _UID, _UID)

    def _boot(self, debs: Path) -> None:
        """Start it in control groups of its own, or the guests' systemds would manage one another's services."""
        joined = []
        for group in groups():
            own = group / self.space
            own.mkdir(exist_ok=True)
            for name in ("cpuset.cpus", "cpuset.mems"):
                if (own / name).exists() and not (own / name).read_text().strip() and (group / name).exists():
                    (own / name).write_text((group / name).read_text())
            joined.append(str(own / "cgroup.procs"))
        # It joins before it becomes systemd-nspawn, so none of its processes was ever outside.
        join = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 9; shift; n=$((n-1)); done; exec "$@"'
        nspawn = [
            "systemd-nspawn", "--quiet", f"--directory={self.folder / 'root'}", f"--machine={self.name[:64]}", "--register=no",
            "--keep-unit", f"--network-namespace-path={SPACES / self.space}", f"--capability={_CAPABILITIES}",
            "--system-call-filter=bpf", "--system-call-filter=perf_event_open", f"--bind-ro={debs}:/srv/debs",
            "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe", "--boot",
        ]  # fmt: skip
        with (self.folder / "console.log").open("wb") as console:
            self.process = subprocess.Popen(  # noqa: S603
                ["/bin/sh", "-c", join, "sh", str(len(joined)), *joined, *nspawn],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def answers(self) -> bool:
        """Tell whether its SSH server says hello."""
        try:
            with connect_in(self.network.control, self.address, SSH, 2) as server:
                server.settimeout(2)
                return server.recv(4) == b"SSH-"
        except OSError:
            return False

    def gave_up(self) -> bool:
        """Tell whether it ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def remove(self) -> None:
        """Pull the plug and remove all that it was made of; of what is not there nothing is said."""
        self._stop_all()
        self.network.unplug(self.number)
        for mounted in mounts_under(self.folder):
            call("umount", "-l", mounted)
        for group in groups():
            quietly("find", group / self.space, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";")
        quietly("rm", "-rf", "--one-file-system", self.folder)

    def _stop_all(self) -> None:
        """Kill its processes, until none is left."""
        until = time.monotonic() + 20
        while pids := self.pids():
            for pid in pids:
                _kill(pid)
            if time.monotonic() > until:
                raise OutsideFailed(f"{self.name} does not end: processes {', '.join(map(str, pids[:8]))}")
            time.sleep(0.02)
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)
            self.process = None


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def strangers(network: Network, known: set[int]) -> Iterator[int]:
    """Yield numbers of namespaces and control groups that bear our prefix and belong to no guest that is known."""
    for top in (SPACES, *groups()):
        for each in top.glob(f"{network.prefix}-*") if top.is_dir() else ():
            number = each.name.rpartition("-")[2]
            if number.isdigit() and int(number) not in known | {0}:
                yield int(number)
