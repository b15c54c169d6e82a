"""The gateway on a socket: TLS 1.3, in a thread of its own, ended cleanly."""

import asyncio
import logging
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.services.gateway.crowd import FairSocket

HEADERS_WITHIN = 10.0
GOODBYE = 0.5
"""Seconds in which an ended connection may still be read by the other side."""
KEPT = 75
"""Seconds that an idle connection is kept: longer than the usual period, so that agents need not shake hands for each batch."""
MOST_CONNECTIONS = 4096
log = logging.getLogger("musa.gateway")


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that takes requests."""

    port: int
    app: Starlette
    server: Any
    thread: threading.Thread

    def stop(self, patience: float = 10.0) -> None:
        """Take no more, finish what is under way."""
        self.app.state.let_go()
        self.server.should_exit = True
        self.thread.join(patience)


def serve(app: Starlette, listening: socket.socket, certificate: Path, key: Path, most: int = 0) -> Running:
    """Serve an application on a socket that listens already; returns when it takes requests.

    `most` connections of one address are held at once; zero: a share of what the process may open. Raises OutsideFailed if it cannot.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise OutsideFailed("the gateway needs the package 'uvicorn'", "pip install 'musa-pipeline[assure]'") from error
    config = uvicorn.Config(
        app,
        http=_patient(),
        loop="musa_pipeline.services.gateway.crowd:loop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=1,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=16 * 1024,
        ssl_certfile=str(certificate),
        ssl_keyfile=str(key),
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise OutsideFailed(f"the gateway's certificate cannot be used: {error}", "musa deploy makes it") from error
    assert config.ssl  # noqa: S101  a certificate was given
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = uvicorn.Server(config)
    fair = FairSocket(listening, app.state.counts, most)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [fair]}, name="gateway", daemon=True)
    port = int(fair.getsockname()[1])
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise OutsideFailed("the gateway did not start")
        time.sleep(0.01)
    return Running(port, app, server, thread)


def _patient() -> type[asyncio.Protocol]:
    """Return the server's protocol with an end to its patience: who says nothing, or half of a request, is let go."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Patient(H11Protocol):
        patience: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._at_ease()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._is_asked():
                self._at_ease()
            elif self.patience is None:
                self._wait()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.transport.is_closing():
                # A polite end of TLS would wait for the other side's, and read on all that it still sends.
                self.loop.call_later(GOODBYE, self.transport.abort)

        def _is_asked(self) -> bool:
            """Tell whether a request is under way: its headers came, and its answer is not all out."""
            return self.cycle is not None and not self.cycle.response_complete

        def _wait(self) -> None:
            self.patience = self.loop.call_later(HEADERS_WITHIN, self._let_go)

        def _at_ease(self) -> None:
            if self.patience is not None:
                self.patience.cancel()
            self.patience = None

        def _let_go(self) -> None:
            self.patience = None
            if not self._is_asked() and not self.transport.is_closing():
                self.transport.close()
                self.loop.call_later(GOODBYE, self.transport.abort)

    return Patient
