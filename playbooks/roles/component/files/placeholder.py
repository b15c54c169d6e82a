#!/usr/bin/python3
"""Answers in the place of a component whose model names no program to start, and says so."""

import json
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = json.dumps(
    {
        "component": os.environ.get("COMPONENT", ""),
        "placeholder": True,
        "note": "the model gives no start command; this service only shows that the component can be reached",
        "image": os.environ.get("IMAGE", ""),
    }
).encode()


class Placeholder(BaseHTTPRequestHandler):
    """Gives the same answer to every GET and HEAD."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(ANSWER)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """The proxies before it keep the log."""


class Server(ThreadingHTTPServer):
    """Starts again at once after a stop, and bounds how long a silent client holds a thread."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        connection.settimeout(30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address


def main() -> None:
    """Listen on every port that the environment names."""
    places = [each.rpartition(":") for each in os.environ.get("LISTEN", "127.0.0.1:8080").split(",") if each]
    threads = [
        threading.Thread(target=Server((address, int(port)), Placeholder).serve_forever) for address, _, port in places
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
