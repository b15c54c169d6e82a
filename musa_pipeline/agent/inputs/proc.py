"""What several inputs read in proc(5)."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LISTEN, ESTABLISHED, SYN_RECEIVED = "0A", "01", "03"
_LOOPBACK = ("0100007F", "00000000000000000000000001000000", "3500007F", "3600007F")


def lines(path: str) -> list[str]:
    """Return the lines of a file of the kernel."""
    return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()


def connections() -> Iterator[tuple[str, str, str]]:
    """Yield local address, remote address and state of each TCP socket of this network namespace."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError), Path(table).open(encoding="ascii", errors="replace") as sockets:
            next(sockets, None)
            for line in sockets:
                _, local, remote, state, *_ = line.split(None, 4)
                yield local, remote, state


def listening() -> set[int]:
    """Return the TCP ports that listen on anything but loopback."""
    found = set()
    for local, _, state in connections():
        address, _, port = local.rpartition(":")
        if state == LISTEN and address not in _LOOPBACK:
            found.add(int(port, 16))
    return found


def default_interface() -> str:
    """Return the interface of the default route; empty if there is none."""
    with suppress(OSError):
        for line in lines("/proc/net/route")[1:]:
            name, destination, *_ = line.split()
            if destination == "00000000":
                return name
    return ""
