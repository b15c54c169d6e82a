"""Traffic for demonstrations and tests, run inside a network namespace: one source that floods, and clients that must not notice.

traffic.py flood ADDRESS PORT PACKETS_A_SECOND SECONDS      one line of JSON at the end: packets sent, seconds
traffic.py client URL SECONDS_BETWEEN                       until stopped (SIGTERM); one line of JSON: requests, lost, slowest
"""

import http.client
import json
import signal
import socket
import sys
import time
from contextlib import suppress
from urllib.parse import urlsplit


def flood(address: str, port: int, rate: float, seconds: float) -> dict[str, float]:
    """Send small UDP packets at a steady rate."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((address, port))
    sent, began = 0, time.monotonic()
    print(json.dumps({"began": time.time()}), flush=True)
    while (now := time.monotonic() - began) < seconds:
        wanted = int(now * rate)
        while sent < wanted:
            with suppress(OSError):  # an answer that nobody listens there is no reason to stop
                sender.send(b"x" * 64)
            sent += 1
        time.sleep(0.001)
    return {"sent": sent, "seconds": time.monotonic() - began}


def client(url: str, between: float) -> dict[str, float]:
    """Ask again and again over one connection, as a patient user does; an error or a status of 500 is a loss."""
    parts = urlsplit(url)
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    asked = lost = 0
    slowest = 0.0
    connection = None
    while going:
        began = time.monotonic()
        try:
            if connection is None:
                connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=3)
            connection.request("GET", parts.path or "/")
            answer = connection.getresponse()
            answer.read()
            if answer.will_close:
                connection.close()
                connection = None
            lost += answer.status >= 500
        except (OSError, http.client.HTTPException):
            lost += 1
            connection = None
        asked += 1
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(max(0.0, between - (time.monotonic() - began)))
    return {"requests": asked, "lost": lost, "slowest": slowest}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "flood":
        print(json.dumps(flood(rest[0], int(rest[1]), float(rest[2]), float(rest[3]))), flush=True)
    else:
        print(json.dumps(client(rest[0], float(rest[1]))), flush=True)
