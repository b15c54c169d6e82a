"""Serves pages over plain HTTP in a thread, for people on this machine."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from musa_pipeline.domain.errors import OutsideFailed

if TYPE_CHECKING:
    from starlette.applications import Starlette


def serve_plain(app: "Starlette", listening: socket.socket) -> Callable[[], None]:
    """Serve an application on a socket that listens; return what ends it. Raises OutsideFailed if it does not start."""
    import uvicorn

    config = uvicorn.Config(
        app, loop="asyncio", http="h11", ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=2, limit_concurrency=256,
    )  # fmt: skip
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="pages", daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise OutsideFailed("the page could not be served")
        time.sleep(0.01)

    def stop() -> None:
        server.should_exit = True
        thread.join(5)

    return stop
