"""Whether a port without HTTP answers: a connection that stands counts, one that is ended at once does not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from musa_pipeline.agent.inputs.availability import answer_time


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[dict[str, object]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            connection, _ = listening.accept()
            with connection:
                serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield {"address": "127.0.0.1", "port": listening.getsockname()[1], "protocol": "tcp"}
        thread.join(5)


def test_a_server_that_waits_or_greets_answers() -> None:
    with server(lambda connection: connection.recv(1)) as waits:
        assert answer_time(waits, "/") is not None
    with server(lambda connection: connection.sendall(b"220 ready\r\n")) as greets:
        assert answer_time(greets, "/") is not None


def test_a_proxy_whose_server_is_away_does_not() -> None:
    with server(lambda _: None) as ends:
        assert answer_time(ends, "/") is None


def test_nobody_does_not_either() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert answer_time({"address": "127.0.0.1", "port": port, "protocol": "tcp"}, "/") is None
