"""Hands a connection in another network to ssh(1): ProxyCommand with ProxyUseFdpass. Run as a program: reach.py NAMESPACE HOST PORT.

It ends as soon as it has handed the connection over, so nothing stands between ssh and the machine. Standard library only.
"""

import ctypes
import os
import socket
import sys


def main(namespace: str, host: str, port: str) -> None:
    """Connect from within the namespace; standard output is ssh's socket."""
    handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(handle, 0x40000000):
        raise SystemExit(f"reach: {namespace}: {os.strerror(ctypes.get_errno())}")
    try:
        connection = socket.create_connection((host, int(port)), 10)
    except OSError as error:
        raise SystemExit(f"reach: {host}:{port}: {error}") from error
    connection.settimeout(None)
    with socket.socket(fileno=os.dup(1)) as ssh:
        socket.send_fds(ssh, [b"\0"], [connection.fileno()])


if __name__ == "__main__":
    main(*sys.argv[1:4])
