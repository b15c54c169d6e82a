"""A listening socket on which nobody takes all the room: connections are counted by address before a word of TLS is spoken."""

import asyncio
import resource
import socket
from collections import Counter
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Final

from musa_pipeline.services.gateway.counts import Counts

SHARE: Final = 4
"""An address may hold the fourth part of the descriptors: agents behind one address translation are many, and files need the rest."""
_LEAST: Final = 16
HANDSHAKE_WITHIN: Final = 10.0
"""Seconds; asyncio itself would wait for a minute."""


class FairSocket(socket.socket):
    """Takes over a listening socket. A connection too many from its address is closed at once, and counted."""

    def __init__(self, listening: socket.socket, counts: Counts, most: int = 0) -> None:
        """`most` connections per address; zero: a share of the process's descriptors."""
        super().__init__(listening.family, listening.type, listening.proto, fileno=listening.detach())
        self._counts, self._held = counts, Counter[str]()
        self._most = most or max(_LEAST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // SHARE)

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection of an address that may have one more; raises BlockingIOError when there is none."""
        while True:
            taken, whence = super().accept()
            address = _whose(str(whence[0]))
            if self._held[address] < self._most:
                self._held[address] += 1
                return _Held(taken, partial(self._let_go, address)), whence
            self._counts.refuse("too-many-connections", "", address)
            taken.close()

    def _let_go(self, address: str) -> None:
        self._held[address] -= 1
        if self._held[address] <= 0:
            del self._held[address]


def _whose(address: str) -> str:
    """Return what one sender can be told by: of an address of IPv6 its network, for a host has as many as it likes.

    >>> _whose("192.0.2.7"), _whose("2001:db8:1:2:3::4"), _whose("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7')
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found) >> 64 << 64, 64)))


class _Held(socket.socket):
    """A connection that says when it is closed."""

    def __init__(self, taken: socket.socket, over: Callable[[], None]) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=taken.detach())
        self._over: Callable[[], None] | None = over

    def close(self) -> None:
        over, self._over = self._over, None
        super().close()
        if over is not None:
            over()


class _BriskLoop(asyncio.SelectorEventLoop):
    async def create_server(self, *told: Any, **more: Any) -> asyncio.Server:
        return await super().create_server(*told, **{"ssl_handshake_timeout": HANDSHAKE_WITHIN} | more)


def loop() -> asyncio.AbstractEventLoop:
    """Return an event loop that does not wait long for a handshake of TLS."""
    return _BriskLoop()
