"""Notices to people and other systems: a signed webhook, with a key that makes a repeated one recognisable."""

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from musa_pipeline.services.audit import Head

PATIENCE: Final = 10.0
_GOOD: Final = range(200, 300)
_HOPELESS: Final = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
"""Answers that trying again does not change."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of something outside: a playbook, a notice. `again`: it may go better next time."""

    done: bool
    reason: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where notices for somebody go: an address (http or https) and the secret that signs them."""

    url: str
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told: who, how bad, in which words, and everything that is known about it. The `id` is the same each time it is sent."""

    id: str
    to: str
    severity: str
    title: str
    text: str
    time: float
    about: Mapping[str, Any]


class Webhooks:
    """Sends notices as JSON after CloudEvents; whoever has no channel is told in the log and on the page only.

    Header `Musa-Signature: t=<seconds>,v1=<HMAC-SHA-256 in hex over "t.body">`, `Idempotency-Key` is the notice's id. The end of
    the audit log goes along, so that somebody outside holds it too. Redirections are not followed.
    """

    def __init__(self, channels: Mapping[str, Channel], tls: ssl.SSLContext | None = None) -> None:
        self.channels, self.tls = dict(channels), tls

    def __call__(self, notice: Notice, head: Head) -> Ended:
        """Send one notice."""
        channel = self.channels.get(notice.to)
        if channel is None:
            return Ended(done=True, reason=f"told here only: {notice.to!r} has no channel")
        body = _body(notice, head)
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "Idempotency-Key": notice.id,
            "User-Agent": "musa",
        }
        if channel.secret:
            headers["Musa-Signature"] = signature(body, notice.time, channel.secret)
        try:
            status = self._post(channel.url, body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Ended(done=False, reason=f"{notice.to} was not reached: {type(error).__name__}", again=True)
        if status in _GOOD:
            return Ended(done=True, reason=f"{notice.to} was told")
        return Ended(done=False, reason=f"{notice.to} answered {status}", again=status not in _HOPELESS)

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"no web address: {parts.scheme}")
        if parts.scheme == "https":
            tls = self.tls or ssl.create_default_context()
            link: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=PATIENCE, context=tls
            )
        else:
            link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
        try:
            link.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
            answer = link.getresponse()
            answer.read(4096)
            return answer.status
        finally:
            link.close()


def signature(body: bytes, time: float, secret: str) -> str:
    """Return the header that proves a notice: when it was made, and that who made it knows the secret.

    >>> signature(b"{}", 1.0, "secret")[:9]
    't=1,v1=11'
    """
    moment = str(int(time))
    proof = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={proof}"


def _body(notice: Notice, head: Head) -> bytes:
    from musa_pipeline.formats.events import write_time

    said = {
        "specversion": "1.0",
        "id": notice.id,
        "type": "musa.notice",
        "source": "musa/controller",
        "subject": str(notice.about.get("on", "")),
        "time": write_time(notice.time),
        "datacontenttype": "application/json",
        "data": {
            "to": notice.to,
            "severity": notice.severity,
            "title": notice.title,
            "text": notice.text,
            "about": dict(notice.about),
            "audit": {"count": head.count, "digest": head.digest},
        },
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
