"""Webhooks against a real server: signed, recognisable when repeated, and never followed elsewhere."""

import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from musa_pipeline.services.audit import Head
from musa_pipeline.services.notices import Channel, Ended, Notice, Webhooks

NOTICE = Notice(
    id="flood-1",
    to="operators",
    severity="high",
    title="flood: volumetric-dos at web",
    text="",
    time=1_800_000_000.0,
    about={"on": "web"},
)


class Server:
    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.answer = 204
        outer = self

        class Door(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.seen.append((dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.answer)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/hook?team=a"


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.http.shutdown()
    found.http.server_close()


def send(server: Any, secret: str = "known to both") -> Ended:
    return Webhooks({"operators": Channel(url=server.url, secret=secret)})(NOTICE, Head(3, "d" * 64))


def test_a_notice_comes_signed_and_with_its_key(server: Server) -> None:
    assert send(server) == Ended(done=True, reason="operators was told")
    headers, body = server.seen[0]
    moment, proof = (each.partition("=")[2] for each in headers["Musa-Signature"].split(","))
    assert proof == hmac.new(b"known to both", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Idempotency-Key"] == "flood-1"
    said = json.loads(body)
    assert (said["id"], said["type"], said["subject"], said["data"]["severity"]) == ("flood-1", "musa.notice", "web", "high")
    assert said["data"]["audit"] == {"count": 3, "digest": "d" * 64}
    send(server)
    assert server.seen[1][1] == body


@pytest.mark.parametrize(("status", "again"), [(500, True), (503, True), (429, True), (302, True), (404, False), (401, False)])
def test_only_what_may_go_better_is_tried_again(server: Server, status: int, again: bool) -> None:
    server.answer = status
    assert send(server) == Ended(done=False, reason=f"operators answered {status}", again=again)
    assert len(server.seen) == 1


def test_who_cannot_be_reached_is_tried_again(server: Server) -> None:
    webhooks = Webhooks({"operators": Channel(url="http://127.0.0.1:1/"), "odd": Channel(url="file:///etc/passwd")})
    assert webhooks(NOTICE, Head()) == Ended(done=False, reason="operators was not reached: ConnectionRefusedError", again=True)
    assert not webhooks(Notice(**{**_fields(), "to": "odd"}), Head()).done


def test_who_has_no_channel_is_told_here_only() -> None:
    assert Webhooks({})(NOTICE, Head()) == Ended(done=True, reason="told here only: 'operators' has no channel")


def _fields() -> dict[str, Any]:
    return {name: getattr(NOTICE, name) for name in ("id", "to", "severity", "title", "text", "time", "about")}
