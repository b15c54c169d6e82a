"""HTTPS to the gateway: its authority alone is trusted, nothing is ever sent in the clear, answers are bounded."""

import http.client
import random
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress

from musa_pipeline.agent.settings import Gateway

MOST_BYTES = 4 * 1024 * 1024


class Away(Exception):
    """The gateway cannot be reached or does not take anything now. `after`: it said when to come again, in seconds."""

    def __init__(self, text: str, after: float = 0.0) -> None:
        super().__init__(text)
        self.after = after


class Link:
    """One connection that is kept; each thread has its own."""

    def __init__(self, gateway: Gateway, patience: float) -> None:
        self.gateway, self.patience = gateway, patience
        self.connection: http.client.HTTPSConnection | None = None
        self.fresh = True

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Return status and body of an answer below 500, and not 401, 404, 408 or 429: with those there is nothing to be had now.

        Raises Away.
        """
        try:
            try:
                status, text, after = self._ask(method, path, body)
            except (ConnectionError, http.client.BadStatusLine, ssl.SSLEOFError):
                if self.fresh:
                    raise
                self.close()  # it was idle for too long: the other side has closed it
                status, text, after = self._ask(method, path, body)
        except (OSError, http.client.HTTPException) as wrong:
            self.close()
            raise Away(f"{self.gateway.host}:{self.gateway.port}: {wrong or type(wrong).__name__}") from wrong
        if status >= 500 or status in (401, 404, 408, 429):
            raise Away(f"the gateway answers {status}", after)
        return status, text

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes, float]:
        self.fresh = self.connection is None
        if self.connection is None:
            # Made each time: a deployment may have brought another authority.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.load_verify_locations(self.gateway.ca)
            self.connection = http.client.HTTPSConnection(
                self.gateway.host, self.gateway.port, timeout=self.patience, context=context
            )
        headers = {"Authorization": f"Bearer {self.gateway.token}", "User-Agent": "musa-agent"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read(MOST_BYTES)
        if not answer.isclosed():
            raise http.client.HTTPException("its answer does not end")
        after = answer.headers.get("Retry-After", "")
        if answer.will_close:
            self.close()
        return answer.status, text, float(after) if after.isdecimal() else 0.0

    def hang_up(self) -> None:
        """Let a thread that waits for an answer wait no longer; any thread may ask for it."""
        connection = self.connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection; the next question makes a new one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def pauses(first: float = 0.5, most: float = 30.0) -> Iterator[float]:
    """Yield how long to wait after each failure: twice as long each time, and never all agents at once."""
    bound = first
    while True:
        yield random.uniform(bound / 2, bound)  # noqa: S311  no secret
        bound = min(most, bound * 2)
