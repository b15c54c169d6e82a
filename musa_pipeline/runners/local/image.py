"""What guests are made of, made once and kept: a root file system like a cloud image, and a folder of packages for apt."""

import fcntl
import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.programs import call, quietly

IMAGE: Final = (
    "systemd,systemd-sysv,dbus,openssh-server,python3,python3-apt,iproute2,iputils-ping,sudo,ca-certificates,procps,curl,netbase"
)
MASKED: Final = "systemd-timesyncd apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap console-getty getty@tty1 systemd-networkd"
PACKAGES: Final = (
    "haproxy",
    "keepalived",
    "nginx-light openssl",
    "nftables",
    "debsecan lynis",
    "aide",
    "restic",
    "ca-certificates python3",
    "libbpf1",
)
"""What the shipped roles install; packages of one set are installed together."""
USER: Final = "debian"
Say = Callable[[str], None]


def cache_folder() -> Path:
    """Return the user's cache, where root file system and packages stay between runs."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "musa"


def golden_root(cache: Path, say: Say = lambda _text: None) -> Path:
    """Return the root file system that all guests share: like a cloud image, with a user and without host keys."""
    root = cache / f"root-{_digest(IMAGE, MASKED, '4')}"
    with _locked(cache) as lock:
        if not root.exists():
            say("making the machines' root file system, once: about a minute")
            new = cache / "root.new"
            _discard(new)
            listed = sources()
            suite = listed[0].split()[2].partition("-")[0]
            plain = '--aptopt=APT::Install-Recommends "false"'
            call("mmdebstrap", "--variant=minbase", plain, f"--include={IMAGE}", suite, new, *listed, keep=(lock,))
            _like_a_cloud_image(new)
            new.rename(root)
    return root


def packages(cache: Path, sets: Sequence[str] = PACKAGES, say: Say = lambda _text: None) -> Path:
    """Return a folder that apt reads: the packages of each set with all they need over the golden root, fetched once."""
    root = golden_root(cache, say)
    folder = cache / f"debs-{_digest(root.name, *sets)}"
    with _locked(cache) as lock:
        if not folder.exists():
            say("fetching the packages that roles install, once")
            new = cache / "debs.new"
            _discard(new)
            new.mkdir()
            with _scratch(cache) as scratch:
                _fetch(root, scratch, sets, new, lock)
            _index(new)
            new.rename(folder)
    return folder


def overlay(root: Path, scratch: Path) -> Path:
    """Mount a writable layer over a root and return the mount point."""
    for name in ("upper", "work", "root"):
        (scratch / name).mkdir(parents=True, exist_ok=True)
    for each in (root, scratch):
        if set(",:\\") & set(str(each)):
            raise OutsideFailed(f"no file system can be laid over {each}", "its path has a comma, a colon or a backslash")
    layers = f"lowerdir={root},upperdir={scratch / 'upper'},workdir={scratch / 'work'}"
    call("mount", "-t", "overlay", "musa", "-o", layers, scratch / "root")
    return scratch / "root"


def sources() -> list[str]:
    """Return the machine's own apt sources of its own Debian release, as one-line entries."""
    try:
        release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    except OSError:
        release = {}
    debian = release.get("ID") == "debian" and shutil.which("apt-get")
    name = release.get("VERSION_CODENAME", "").strip('"')
    form = ("--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    targets = call("apt-get", "indextargets", *form).splitlines() if debian else []
    found = sorted({target for target in targets if target.split()[1].startswith(name) and target.split()[2] == "main"})
    if not found:
        raise OutsideFailed(
            "guests are made from this machine's own package sources, and it has none of Debian", "use --on hosts"
        )
    # A keyring that a source names is not asked for again: the packages were fetched under it.
    return [f"deb {target}" for target in found]


@contextmanager
def _locked(cache: Path) -> Iterator[int]:
    """Let one process at a time fill the cache; a program that got the descriptor keeps the lock when we are killed."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / "lock").open("w")
    except OSError as error:
        raise OutsideFailed(f"{cache} cannot be written: {error.strerror}", "set XDG_CACHE_HOME") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


@contextmanager
def _scratch(cache: Path) -> Iterator[Path]:
    """Lend a folder, having cleared what killed runs left there."""
    top = cache / "scratch"
    if top.is_dir():
        for each in top.iterdir():
            _discard(each)
    top.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=top))
    try:
        yield scratch
    finally:
        _discard(scratch)


def _discard(folder: Path) -> None:
    """Remove a folder; what is mounted in it is unmounted first, so that nothing beyond it is touched."""
    for mounted in mounts_under(folder):
        call("umount", "-l", mounted)
    shutil.rmtree(folder, ignore_errors=True)


def mounts_under(folder: Path) -> list[Path]:
    """Return what is mounted at or under a folder, the deepest first (proc(5), mounts: octal escapes)."""
    found = []
    for line in Path("/proc/self/mounts").read_text().splitlines():
        place = Path(line.split()[1].encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace"))
        if place.is_relative_to(folder):
            found.append(place)
    return sorted(found, key=lambda each: len(each.parts), reverse=True)


def _like_a_cloud_image(root: Path) -> None:
    call("chroot", root, "useradd", "-m", "-s", "/bin/bash", USER)
    sudo = root / "etc/sudoers.d/90-cloud-init-users"
    sudo.write_text(f"{USER} ALL=(ALL) NOPASSWD:ALL\n")
    sudo.chmod(0o440)
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    (root / "etc/ssh/sshd_config.d/10-cloud.conf").write_text("PasswordAuthentication no\nPermitRootLogin no\nUseDNS no\n")
    for unit in MASKED.split():
        call("chroot", root, "systemctl", "mask", unit)
    (root / "etc/machine-id").write_text("")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/srv/debs ./\n")
    (root / "srv/debs").mkdir(exist_ok=True)


def _fetch(root: Path, scratch: Path, sets: Sequence[str], folder: Path, lock: int) -> None:
    top = overlay(root, scratch)
    try:
        (top / "etc/apt/sources.list").write_text("\n".join(sources()) + "\n")
        for path in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copy(path, top / path[1:])
        for proxy in Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(proxy, top / "etc/apt/apt.conf.d" / proxy.name)
        call("chroot", top, "apt-get", "-qq", "update", keep=(lock,))
        only = ("-qq", "install", "-y", "--no-install-recommends", "--download-only")
        for each in sets:
            call("chroot", top, "apt-get", *only, *each.split(), keep=(lock,))
        for deb in (top / "var/cache/apt/archives").glob("*.deb"):
            shutil.copy(deb, folder / deb.name)
    finally:
        quietly("umount", top)


def _index(folder: Path) -> None:
    """Write what apt wants of a repository: Packages, and a Release that names its digest."""
    listed = call("dpkg-scanpackages", "-m", ".", cwd=folder)
    (folder / "Packages").write_text(listed)
    (folder / "Packages.gz").write_bytes(gzip.compress(listed.encode(), mtime=0))
    sums = "".join(
        f" {hashlib.sha256((folder / name).read_bytes()).hexdigest()} {(folder / name).stat().st_size} {name}\n"
        for name in ("Packages", "Packages.gz")
    )
    head = "Suite: musa\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nArchitectures: amd64 arm64 all\nSHA256:\n"
    (folder / "Release").write_text(head + sums)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
