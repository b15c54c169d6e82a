"""Hands what the spool holds to the gateway, oldest first, until it is taken over."""

import threading

from musa_pipeline.agent.disk import say
from musa_pipeline.agent.link import Away, Link, pauses
from musa_pipeline.agent.spool import Kept, Spool

PATHS = {"m": "/agent/v1/measurements", "r": "/agent/v1/results"}


class Sender(threading.Thread):
    """One thread."""

    def __init__(self, spool: Spool, link: Link, stop: threading.Event) -> None:
        super().__init__(name="sender", daemon=True)
        self.spool, self.link, self.stop = spool, link, stop
        self.told = ""
        self.sent = 0

    def run(self) -> None:
        """Send until told to stop; a gateway that is away is asked again, ever more seldom."""
        waits = pauses()
        while not self.stop.is_set():
            kept = self.spool.oldest(wait=60)
            if kept is None or self.stop.is_set():
                continue
            try:
                self._send(kept)
                waits = pauses()
                self._tell("")
            except Away as away:
                self._tell(f"{len(self.spool.files)} batches wait: {away}")
                self.stop.wait(max(next(waits), min(away.after, 60.0)))

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
