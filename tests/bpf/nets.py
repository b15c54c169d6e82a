"""Two network namespaces joined by a wire, with nothing on it but what a test sends: addresses are fixed, nobody asks for anything."""

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

CLONE_NEWNET = 0x40000000
NUMBERS = count(1)
WINDOW = 32
"""Packets on the wire at one time: a veth pair in native mode holds 256."""


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Be in a network namespace with this thread; not `ip netns exec`, which would hide /sys."""
    with open("/proc/thread-self/ns/net", "rb") as home, open(f"/run/netns/{namespace}", "rb") as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(home.fileno())


def _enter(descriptor: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@dataclass
class Wire:
    """`near` is the machine under test with interface `eth0`, `far` the world with the addresses 10.9.0.2 to 10.9.0.9."""

    near: str
    far: str

    def says(self, *command: str) -> str:
        with inside(self.near):
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def frames(self, *frames: bytes) -> None:
        """Send frames as they are."""
        with inside(self.far), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
            wire.bind(("eth0", 0))
            for each in frames:
                wire.send(each)

    def talk(self, source: str, packets: int, patience: float = 10) -> int:
        """Send datagrams of 100 octets from an address; return how many arrived. None is sent before the last ones had their chance."""
        with inside(self.near):
            ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with inside(self.far):
            mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with ear, mouth:
            ear.bind(("10.9.0.1", 0))
            ear.settimeout(patience)
            mouth.bind((source, 0))
            mouth.connect(ear.getsockname())
            arrived = 0
            while packets > 0:
                sent = min(WINDOW, packets)
                for _ in range(sent):
                    mouth.send(bytes(100))
                here = self._hear(ear, sent)
                arrived += here
                packets -= sent
            return arrived

    def silent(self, source: str, packets: int) -> bool:
        """Send datagrams that nobody is expected to hear; tell whether so it was."""
        return self.talk(source, packets, 0.1) == 0

    @staticmethod
    def _hear(ear: socket.socket, wanted: int) -> int:
        for heard in range(wanted):
            try:
                ear.recv(200)
            except TimeoutError:
                return heard
        return wanted


FAR = [str(number) for number in range(2, 10)]
OCTETS = 100 + 8 + 20 + 14
"""Of one datagram of `talk`, with its headers of UDP, IPv4 and Ethernet."""


@contextmanager
def wire(mtu: int = 1500) -> Iterator[Wire]:
    """Make two namespaces and the wire between them, and take all away afterwards."""
    name = f"musa{os.getpid()}x{next(NUMBERS)}"
    made = Wire(f"{name}n", f"{name}f")
    try:
        for each in (made.near, made.far):
            _ip("netns", "add", each)
            with inside(each), open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w") as switch:
                switch.write("1")
        _ip("-n", made.near, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", made.far)
        _set_up(made.near, ["1"], FAR, mtu)
        _set_up(made.far, FAR, ["1"], mtu)
        yield made
    finally:
        for each in (made.near, made.far):
            subprocess.run(["ip", "netns", "del", each], check=False, capture_output=True)


def _set_up(namespace: str, own: list[str], others: list[str], mtu: int) -> None:
    """Give an end its addresses, and tell it where the others are."""
    words = [f"link set eth0 address 02:00:00:00:00:0{own[0]} arp off mtu {mtu} up"]
    words += [f"addr add 10.9.0.{each}/24 dev eth0" for each in own]
    words += [f"neigh add 10.9.0.{each} lladdr 02:00:00:00:00:0{others[0]} dev eth0 nud permanent" for each in others]
    subprocess.run(["ip", "-n", namespace, "-batch", "-"], input="\n".join(words), text=True, check=True, capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Beside(threading.Thread):
    """Talk from an address, over and over, in a thread of its own; then tell how many were sent and how many arrived."""

    def __init__(self, wire: Wire, source: str, patience: float = 10) -> None:
        super().__init__(daemon=True)
        self.wire, self.source, self.patience = wire, source, patience
        self.sent = self.arrived = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            self.sent += WINDOW
            self.arrived += self.wire.talk(self.source, WINDOW, self.patience)

    def stop(self) -> tuple[int, int]:
        self.over.set()
        self.join(30)
        return self.sent, self.arrived
