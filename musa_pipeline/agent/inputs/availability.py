"""Whether a component answers, and how fast: it is asked as its users ask it."""

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

from musa_pipeline.agent.record import Record
from musa_pipeline.agent.watch import Watch

PATIENCE = 5.0
STAYS = 0.3
"""Seconds that a connection must stand before it counts as an answer."""


def availability(watch: Watch) -> Iterator[Record]:
    """Yield whether the component answered at every one of its ports, in percent, and the mean time it took."""
    took = [answer_time(target, watch.path) for target in watch.targets]
    if took:
        yield {"metric": "availability", "value": 100 * sum(each is not None for each in took) / len(took), "unit": "%"}
    answered = [each for each in took if each is not None]
    if answered:
        yield {"metric": "application-response-time", "value": 1000 * sum(answered) / len(answered), "unit": "ms"}


def answer_time(target: dict[str, Any], path: str) -> float | None:
    """Return the seconds until an answer, None if there was none; an answer of 500 or above is none."""
    start = time.monotonic()
    try:
        if target["protocol"] in ("http", "https"):
            if ask(target, path) >= 500:
                return None
            return time.monotonic() - start
        return connect_time(target["address"], target["port"])
    except (OSError, http.client.HTTPException):
        return None


def connect_time(address: str, port: int) -> float | None:
    """Return the seconds until a connection stood; None if it was ended at once, as a proxy does whose server is away. Raises OSError."""
    start = time.monotonic()
    with socket.create_connection((address, port), PATIENCE) as connection:
        took = time.monotonic() - start
        connection.settimeout(STAYS)
        try:
            return took if connection.recv(1) else None
        except TimeoutError:
            return took  # the server waits for us to speak


def ask(target: dict[str, Any], path: str) -> int:
    """Return the status of one GET."""
    if target["protocol"] == "https":
        # Whether it answers is asked here, not who it is: certificates are another metric.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            target["address"], target["port"], timeout=PATIENCE, context=context
        )
    else:
        connection = http.client.HTTPConnection(target["address"], target["port"], timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"User-Agent": "musa-agent", "Connection": "close"})
        answer = connection.getresponse()
        answer.read(65536)
        return answer.status
