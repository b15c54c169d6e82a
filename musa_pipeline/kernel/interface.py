"""The XDP hook of one interface: what is attached there, and putting another program in its place in one step."""

import ctypes
import errno
import socket
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.kernel.libbpf import KernelRefused, call, library, refused
from musa_pipeline.kernel.structures import AttachOptions, QueryOptions

ONLY_IF_EMPTY, GENERIC, NATIVE, REPLACE = 1 << 0, 1 << 1, 1 << 2, 1 << 4
"""XDP_FLAGS_* of linux/if_link.h."""
MODES = {"native": NATIVE, "generic": GENERIC}
"""In the driver, before the kernel makes a packet of it; or, where the driver has no XDP, after."""


def default_interface() -> str:
    """Return the interface of the IPv4 default route of this network namespace; raises KernelRefused if there is none."""
    for line in Path("/proc/thread-self/net/route").read_text("ascii", "replace").splitlines()[1:]:
        fields = line.split()
        if fields[1] == "00000000" and int(fields[3], 16) & 1:
            return fields[0]
    raise KernelRefused("there is no default route: name an interface")


def index_of(interface: str) -> int:
    """Return an interface's number; raises KernelRefused if it is not here."""
    try:
        return socket.if_nametoindex(interface)
    except OSError as error:
        raise KernelRefused(f"there is no interface {interface!r}") from error


@dataclass(frozen=True)
class Attached:
    """The program on a hook: the kernel's number for it, and the mode; 0 and nothing if there is none."""

    program: int = 0
    mode: str = ""


class Hook:
    """The XDP hook of an interface. What is attached here stays when we die: the interface holds it, not we."""

    def __init__(self, interface: str) -> None:
        self.interface, self.index = interface, index_of(interface)

    def attached(self) -> Attached:
        """Return what is there now."""
        asked = QueryOptions()
        asked.size = ctypes.sizeof(asked)
        call(f"asking {self.interface}", "bpf_xdp_query", self.index, 0, ctypes.byref(asked))
        if asked.native:
            return Attached(asked.native, "native")
        if asked.generic:
            return Attached(asked.generic, "generic")
        return Attached(asked.program, "other") if asked.program else Attached()

    def attach(self, descriptor: int) -> str:
        """Attach a program to the empty hook, in the driver if it can; return the mode. Raises KernelRefused."""
        given = 0
        for mode, flag in MODES.items():
            given = library().bpf_xdp_attach(self.index, descriptor, flag | ONLY_IF_EMPTY, None)
            if given == 0:
                return mode
            if given in (-errno.EBUSY, -errno.EEXIST, -errno.EPERM):
                break
        raise refused(f"{self.interface} takes no program", given)

    def replace(self, descriptor: int, mode: str, old: int = -1) -> None:
        """Put a program in another's place in one step: no packet passes between them. `old` is its descriptor, if we have it."""
        self._set(f"changing the program of {self.interface}", descriptor, mode, old)

    def detach(self, mode: str, old: int = -1) -> None:
        """Take off what is attached; with `old`, its descriptor, only if that is what is there."""
        self._set(f"taking the program off {self.interface}", -1, mode, old)

    def _set(self, what: str, descriptor: int, mode: str, old: int) -> None:
        options = AttachOptions(size=ctypes.sizeof(AttachOptions), old_program=old)
        flags, more = (MODES[mode] | REPLACE, ctypes.byref(options)) if old >= 0 else (MODES[mode], None)
        call(what, "bpf_xdp_attach", self.index, descriptor, flags, more)
