"""Work in another network: a thread of its own enters the namespace, and what it opens there can be used from anywhere."""

import ctypes
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from musa_pipeline.domain.errors import OutsideFailed

T = TypeVar("T")

SPACES: Final = Path("/run/netns")
"""Where ip(8) keeps the names of network namespaces."""
_NEW_NETWORK: Final = 0x40000000
"""CLONE_NEWNET, setns(2)."""


def enter(namespace: str) -> None:
    """Move the calling thread, and it alone, to a network namespace (setns(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(SPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(handle, _NEW_NETWORK):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(handle)


def within(namespace: str, work: Callable[[], T]) -> T:
    """Do some work in a namespace and return its result; the caller stays where it is."""
    done: list[T] = []
    failed: list[BaseException] = []

    def there() -> None:
        try:
            enter(namespace)
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=there, name=f"in-{namespace}")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def listen_in(namespace: str, address: str, port: int) -> socket.socket:
    """Return a socket that listens in a namespace; a server outside it may accept from it.

    Raises OutsideFailed if the address or the namespace is not there, or the port is taken.
    """

    def listen() -> socket.socket:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, port))
            server.listen(128)
        except BaseException:
            server.close()
            raise
        return server

    try:
        return within(namespace, listen)
    except OSError as error:
        raise OutsideFailed(f"nothing can listen at {address}:{port} in {namespace}: {error.strerror}") from error


def connect_in(namespace: str, address: str, port: int, timeout: float = 3.0) -> socket.socket:
    """Return a connection made in a namespace."""
    return within(namespace, lambda: socket.create_connection((address, port), timeout))
