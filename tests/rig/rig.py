"""Cloud machines for tests: systemd-nspawn guests over one golden root; see README.md."""

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGE_PACKAGES = (
    "systemd,systemd-sysv,dbus,openssh-server,python3,python3-apt,iproute2,iputils-ping,sudo,ca-certificates,procps,curl,netbase"
)
MASKED = "systemd-timesyncd apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap console-getty getty@tty1 systemd-networkd"
NEEDS = ("systemd-nspawn", "mmdebstrap", "ssh", "ssh-keygen", "ip", "nsenter", "dpkg-scanpackages", "curl")
NETWORK = "10.77.1"


class RigBroken(Exception):
    """A machine could not be made; the text says what the last program said."""


def cache_folder() -> Path:
    """Return where the golden root and packages are kept between runs."""
    home = os.environ.get("XDG_CACHE_HOME")
    return Path(home) / "musa-rig" if home else ROOT / ".cache" / "rig"


def call(*command: str | Path, **more: object) -> str:
    """Run a program and return what it said; what it complained about is in the error."""
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, **more)  # type: ignore[call-overload]
    if done.returncode:
        raise RigBroken(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return str(done.stdout)


def sources() -> list[str]:
    """Return the machine's own apt sources of its own Debian release, as one-line entries."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    name = release.get("VERSION_CODENAME", "").strip('"')
    targets = call("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages").splitlines()
    found = sorted({target for target in targets if target.split()[1].startswith(name) and target.split()[2] == "main"})
    if release.get("ID") != "debian" or not found:
        raise RigBroken("the golden root needs a Debian machine with apt sources")
    # A keyring that a source names is not asked for again: the packages were fetched under it.
    return [f"deb {target}" for target in found]


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Let one process at a time fill the cache."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def golden_root() -> Path:
    """Return the root file system that all guests share, made once: like a cloud image, with user debian and no host keys."""
    root = cache_folder() / f"root-{digest(IMAGE_PACKAGES, MASKED, '2')}"
    with locked(cache_folder() / "lock"):
        if not root.exists():
            new = root.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            suite = sources()[0].split()[2].partition("-")[0]
            call(
                "mmdebstrap",
                "--variant=minbase",
                '--aptopt=APT::Install-Recommends "false"',
                f"--include={IMAGE_PACKAGES}",
                suite,
                new,
                *sources(),
            )
            _like_a_cloud_image(new)
            new.rename(root)
    return root


def _like_a_cloud_image(root: Path) -> None:
    call("chroot", root, "useradd", "-m", "-s", "/bin/bash", "debian")
    sudo = root / "etc/sudoers.d/90-cloud-init-users"
    sudo.write_text("debian ALL=(ALL) NOPASSWD:ALL\n")
    sudo.chmod(0o440)
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    (root / "etc/ssh/sshd_config.d/10-rig.conf").write_text("PasswordAuthentication no\nPermitRootLogin no\nUseDNS no\n")
    for unit in MASKED.split():
        call("chroot", root, "systemctl", "mask", unit)
    (root / "etc/machine-id").write_text("")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/srv/debs ./\n")


def packages(sets: Sequence[str]) -> Path:
    """Return a folder that apt reads: the packages of each set with all they need over the golden root, fetched once."""
    root = golden_root()
    folder = cache_folder() / f"debs-{digest(root.name, *sets)}"
    with locked(cache_folder() / "lock"):
        if not folder.exists():
            new = folder.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
                _fetch(root, Path(scratch), sets, new)
            _index(new)
            new.rename(folder)
    return folder


def _fetch(root: Path, scratch: Path, sets: Sequence[str], folder: Path) -> None:
    top = overlay(root, scratch)
    try:
        (top / "etc/apt/sources.list").write_text("\n".join(sources()) + "\n")
        for path in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copy(path, top / path[1:])
        for proxy in Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(proxy, top / "etc/apt/apt.conf.d" / proxy.name)
        call("chroot", top, "apt-get", "-qq", "update")
        for each in sets:
            call("chroot", top, "apt-get", "-qq", "install", "-y", "--no-install-recommends", "--download-only", *each.split())
        for deb in (top / "var/cache/apt/archives").glob("*.deb"):
            shutil.copy(deb, folder / deb.name)
    finally:
        call("umount", top)


def _index(folder: Path) -> None:
    """Write what apt wants of a repository: Packages, and a Release that names its digest."""
    listed = call("dpkg-scanpackages", "-m", ".", cwd=folder)
    (folder / "Packages").write_text(listed)
    (folder / "Packages.gz").write_bytes(gzip.compress(listed.encode(), mtime=0))
    sums = "".join(
        f" {hashlib.sha256((folder / name).read_bytes()).hexdigest()} {(folder / name).stat().st_size} {name}\n"
        for name in ("Packages", "Packages.gz")
    )
    (folder / "Release").write_text(
        f"Suite: rig\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nArchitectures: amd64 arm64 all\nSHA256:\n{sums}"
    )


def overlay(root: Path, scratch: Path) -> Path:
    """Mount a writable layer over a root and return the mount point."""
    for name in ("upper", "work", "root"):
        (scratch / name).mkdir(exist_ok=True)
    layers = f"lowerdir={root},upperdir={scratch / 'upper'},workdir={scratch / 'work'}"
    call("mount", "-t", "overlay", "musa-rig", "-o", layers, scratch / "root")
    return scratch / "root"


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def groups() -> list[Path]:
    """Return the roots of the control group hierarchies that can be written to (version 1, 2 or both)."""
    top = Path("/sys/fs/cgroup")
    if (top / "cgroup.procs").exists():
        return [top]
    return [each for each in sorted(top.iterdir()) if os.access(each / "cgroup.procs", os.W_OK)]


class Guest:
    """One machine: its name, address, folder and the process that runs it."""

    def __init__(self, rig: "Rig", name: str, number: int) -> None:
        self.rig, self.name = rig, name
        self.space = f"{rig.prefix}-{number}"
        self.cable = f"{rig.prefix[:10]}-{number}"
        self.address = f"{NETWORK}.{10 + number}"
        self.folder = rig.folder / name
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Plug it into the network and boot it."""
        self.folder.mkdir()
        control = self.rig.space
        call("ip", "netns", "add", self.space)
        call("ip", "-n", self.space, "link", "set", "lo", "up")
        call("ip", "-n", control, "link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.space)
        call("ip", "-n", control, "link", "set", self.cable, "master", "br0", "up")
        call("ip", "-n", self.space, "addr", "add", f"{self.address}/24", "dev", "eth0")
        call("ip", "-n", self.space, "link", "set", "eth0", "up")
        call("ip", "-n", self.space, "route", "add", "default", "via", f"{NETWORK}.1")
        self._personal(overlay(self.rig.root, self.folder))
        self._boot()

    def _personal(self, root: Path) -> None:
        """Do what a cloud does to an image: a name, host keys, the user's key."""
        (root / "etc/hostname").write_text(f"{self.name}\n")
        (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n")
        host_key = root / "etc/ssh/ssh_host_ed25519_key"
        call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.name, "-f", host_key)
        home = root / "home/debian/.ssh"
        home.mkdir(mode=0o700)
        (home / "authorized_keys").write_text(self.rig.key.with_suffix(".pub").read_text())
        for each in (home, home / "authorized_keys"):
            os.chown(each, 1000, 1000)
        (root / "srv/debs").mkdir(exist_ok=True)
        with (self.rig.folder / "known_hosts").open("a") as known:
            known.write(f"{self.address} {' '.join(host_key.with_suffix('.pub').read_text().split()[:2])}\n")

    def _boot(self) -> None:
        """Start it in control groups of its own, or the guests' systemds would manage one another's services."""
        for group in groups():
            own = group / self.space
            own.mkdir(exist_ok=True)
            for name in ("cpuset.cpus", "cpuset.mems"):
                if (own / name).exists() and not (own / name).read_text().strip() and (group / name).exists():
                    (own / name).write_text((group / name).read_text())
        join = "".join(f"echo $$ > {group / self.space}/cgroup.procs 2>/dev/null || true; " for group in groups())
        nspawn = [
            "systemd-nspawn", "--quiet", f"--directory={self.folder / 'root'}", f"--machine={self.name}", "--register=no", "--keep-unit",
            f"--network-namespace-path=/run/netns/{self.space}", "--capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_NET_BROADCAST",
            f"--bind-ro={self.rig.debs}:/srv/debs", "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe", "--boot",
        ]  # fmt: skip
        with (self.folder / "console.log").open("wb") as console:
            self.process = subprocess.Popen(
                ["sh", "-c", f'{join}exec "$@"', "sh", *nspawn],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def stop(self) -> None:
        """Shut it down, and pull the plug if it takes too long; then remove what it was made of."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self._pull_the_plug(self.process)
        quietly("umount", "-l", self.folder / "root")
        quietly("ip", "netns", "del", self.space)
        for group in groups():
            quietly("find", group / self.space, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";")

    def _pull_the_plug(self, process: subprocess.Popen[bytes]) -> None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        inside = [int(each) for each in children.read_text().split()] if children.exists() else []
        for pid in [*inside, process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait(20)

    def answers(self) -> bool:
        """Tell whether its SSH server says hello."""
        said = subprocess.run(
            ["nsenter", f"--net=/run/netns/{self.rig.space}", sys.executable, "-c", HELLO, self.address],
            capture_output=True,
            text=True,
        )
        return said.stdout.startswith("SSH-")


HELLO = """
import socket, sys
with socket.create_connection((sys.argv[1], 22), 2) as server:
    print(server.recv(8).decode())
"""


def quietly(*command: str | Path) -> None:
    """Run a program whose failure does not matter: what it removes may be gone."""
    subprocess.run([str(each) for each in command], capture_output=True)


class Rig:
    """Machines for the time of a `with` block."""

    def __init__(self, sets: Sequence[str]) -> None:
        self.root, self.debs = golden_root(), packages(sets)
        self.prefix = f"musa{os.getpid()}"
        self.space = f"{self.prefix}-0"
        self.guests: dict[str, Guest] = {}

    def __enter__(self) -> "Rig":
        self.folder = Path(tempfile.mkdtemp(prefix="guests-", dir=cache_folder()))
        self.key = self.folder / "key"
        # Short, for the path of a socket is bounded; of this rig alone, for other guests have the same addresses.
        self.sockets = Path(tempfile.mkdtemp(prefix="musa-rig-", dir="/tmp"))
        try:
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
            call("ip", "netns", "add", self.space)
            call("ip", "-n", self.space, "link", "set", "lo", "up")
            call("ip", "-n", self.space, "link", "add", "br0", "type", "bridge", "forward_delay", "0")
            call("ip", "-n", self.space, "addr", "add", f"{NETWORK}.1/24", "dev", "br0")
            call("ip", "-n", self.space, "link", "set", "br0", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for kept in self.sockets.iterdir():
            quietly("ssh", "-o", f"ControlPath={kept}", "-O", "exit", "guest")
        for guest in self.guests.values():
            guest.stop()
        quietly("ip", "netns", "del", self.space)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def start(self, *names: str) -> None:
        """Boot guests and wait until each answers SSH."""
        for name in names:
            guest = self.guests[name] = Guest(self, name, len(self.guests) + 1)
            guest.start()
        until = time.monotonic() + 60
        for name in names:
            while not self.guests[name].answers():
                if time.monotonic() > until:
                    raise RigBroken(f"{name} does not answer:\n{(self.guests[name].folder / 'console.log').read_text()[-3000:]}")
                time.sleep(0.1)

    def connection(self) -> dict[str, str]:
        """Return what Ansible must know to reach any guest."""
        options = f"-o UserKnownHostsFile={self.folder / 'known_hosts'} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
        return {
            "ansible_user": "debian",
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": options,
            "ansible_control_path_dir": str(self.sockets),
        }

    def inventory(self) -> str:
        """Return the addresses as an inventory (JSON is YAML)."""
        hosts = {name: {"ansible_host": guest.address} for name, guest in self.guests.items()}
        return json.dumps({"all": {"hosts": hosts, "vars": self.connection()}}, indent=2)

    def run(self, command: Sequence[str], **more: object) -> subprocess.CompletedProcess[str]:
        """Run a program of this machine in the network of the guests."""
        whole = ["nsenter", f"--net=/run/netns/{self.space}", *command]
        return subprocess.run(whole, capture_output=True, text=True, **more)  # type: ignore[call-overload,no-any-return]

    def ssh(self, name: str, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a guest as its user would."""
        told = self.connection()
        return self.run(
            ["ssh", "-q", "-i", told["ansible_ssh_private_key_file"], *told["ansible_ssh_common_args"].split(),
             f"debian@{self.guests[name].address}", command]
        )  # fmt: skip

    def get(self, url: str, *more: str) -> tuple[int, str]:
        """Return status and body of a request from outside the guests; 0: nobody answered."""
        done = self.run(["curl", "--silent", "--show-error", "--max-time", "3", "--write-out", "\n%{http_code}", *more, url])
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body


def lacks() -> str:
    """Return why no machine can be made here; empty if one can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [each for each in NEEDS if not shutil.which(each)]
    return f"not installed: {', '.join(missing)} (tests/rig/packages.txt)" if missing else ""


if __name__ == "__main__":
    from tests.deploy.shop_deployed import PACKAGES

    print(lacks() or packages(PACKAGES))
