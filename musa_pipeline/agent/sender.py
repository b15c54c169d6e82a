"""Hands what the spool holds to the gateway, oldest first, until it is taken over."""

import threading
from collections.abc import Sequence

from musa_pipeline.agent.disk import say
from musa_pipeline.agent.link import Away, Link, pauses
from musa_pipeline.agent.spool import Kept, Spool

TOGETHER = 256 * 1024
"""Bytes of one request: a backlog goes faster so."""
PATHS = {"m": "/agent/v1/measurements", "r": "/agent/v1/results"}


class Sender(threading.Thread):
    """One thread."""

    def __init__(self, spool: Spool, link: Link, stop: threading.Event, back: threading.Event | None = None) -> None:
        """`back` is set when the gateway takes something again."""
        super().__init__(name="sender", daemon=True)
        self.spool, self.link, self.stop, self.back = spool, link, stop, back or threading.Event()
        self.told = ""
        self.sent = 0

    def run(self) -> None:
        """Send until told to stop; a gateway that is away is asked again, ever more seldom."""
        waits = pauses()
        while not self.stop.is_set():
            several = self.spool.oldest(wait=60, most=TOGETHER)
            if not several or self.stop.is_set():
                continue
            try:
                if len(several) == 1 or not self._send_together(several):
                    self._send(several[0])
                waits = pauses()
                self.back.set()
                self._tell("")
            except Away as away:
                self._tell(f"{len(self.spool.files)} batches wait: {away}")
                self.stop.wait(max(next(waits), min(away.after, 60.0)))

    def _send_together(self, several: Sequence[Kept]) -> bool:
        """Send batches in one request, as after an outage; False: not taken so, and each is to be sent by itself."""
        try:
            bodies = [each.read() for each in several]
        except OSError:
            return False
        status, _ = self.link.ask("POST", PATHS["m"], b'{"batches":[' + b",".join(bodies) + b"]}")
        if status not in (200, 202):
            return False
        for each in several:
            self.spool.done(each)
        self.sent += len(several)
        return True

    def _send(self, kept: Kept) -> None:
        try:
            body = kept.read()
        except OSError as wrong:
            say(f"{kept.identity} is lost: {wrong}")
            self.spool.done(kept, lost=True)
            return
        status, answer = self.link.ask("POST", PATHS[kept.kind], body)
        # What the gateway will never take would only keep back all that comes after it.
        refused = status not in (200, 202)
        if refused:
            say(f"{kept.identity} with {kept.count} is refused ({status}) and dropped: {answer[:300]!r}")
        self.spool.done(kept, lost=refused)
        self.sent += not refused

    def _tell(self, text: str) -> None:
        """Say a change once, not each failure."""
        kind = text.partition(": ")[2]
        if kind != self.told:
            self.told = kind
            say(text or "the gateway takes everything again")
