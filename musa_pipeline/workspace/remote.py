"""Imports from the network: pinned by digest in a lock beside the model, kept in `.musa/imports`, asked for only with leave."""

from urllib.parse import urlsplit

from musa_pipeline.domain.source import Span
from musa_pipeline.text.fetch import Missing
from musa_pipeline.workspace.files import decoded, digest, write_whole
from musa_pipeline.workspace.lock import NAME, Pin, read_lock, write_lock
from musa_pipeline.workspace.reading import Reads

_MOST = 200
"""Files fetched in one run."""


class Remote:
    """Gives what is at an address: from the cache if it is pinned, else from the network if `fetch` allows it."""

    def __init__(self, inputs: Reads, *, fetch: bool) -> None:
        self.inputs, self.fetch = inputs, fetch
        self.lock = inputs.place.folder / NAME
        self.cache = inputs.place.root / ".musa/imports"
        self.named: set[str] = set()
        self._pins: dict[str, Pin] | None = None
        self._fetched = 0

    def get(self, url: str) -> tuple[str, str] | Missing:
        """Return (address, text), or why it cannot be had."""
        pin = self._pinned().get(url)
        data = self._cached(pin) if pin else None
        if data is None:
            if not self.fetch:
                self.inputs.seen["fetch"] = "no"
                if pin:
                    return Missing("is pinned and not in the cache", "run once with --fetch", "T007")
                way_out = "run once with --fetch, save it beside the model, or name its folder with --catalog"
                return Missing("is on the network and is not fetched", way_out, "T007")
            found = self._download(url, pin)
            if isinstance(found, Missing):
                return found
            data = found
        text = decoded(data, url, self.inputs.problems)
        return (url, text) if text is not None else Missing("is no text", "look at what is at this address", "W009")

    def _pinned(self) -> dict[str, Pin]:
        if self._pins is None:
            text = self.inputs.text(self.lock, optional=True)
            shown = self.inputs.place.shown(self.lock)
            self._pins = read_lock(text, shown, self.inputs.problems) if text is not None else {}
        return self._pins

    def _cached(self, pin: Pin) -> bytes | None:
        try:
            data = (self.cache / pin.sha256).read_bytes()
        except OSError:
            return None
        return data if digest(data) == pin.sha256 else None  # what was tampered with is not there

    def _download(self, url: str, pin: Pin | None) -> bytes | Missing:
        from musa_pipeline.workspace.download import NotFetched, download

        self._fetched += 1
        if self._fetched > _MOST:
            return Missing(f"is not fetched: it is one of more than {_MOST} in one run", "save it beside the model", "W009")
        try:
            data = download(url, named=frozenset(self.named))
        except NotFetched as error:
            self.inputs.seen["fetch"] = "failed"  # so that the next run tries again
            return Missing(str(error), "save the file beside the model, or name its folder with --catalog", "W009")
        found = digest(data)
        if pin and found != pin.sha256:
            why = f"is not what was pinned: its SHA-256 is {found[:12]}…, in the lock it is {pin.sha256[:12]}…"
            way_out = f"look at what changed; to take it, remove the entry at {pin.at} and run with --fetch"
            return Missing(why, way_out, "W008", wrong=True)
        self._keep(url, data, found)
        return data

    def _keep(self, url: str, data: bytes, found: str) -> None:
        ignore = self.cache.parent / ".gitignore"
        if not ignore.exists():
            write_whole(ignore, b"*\n")
        write_whole(self.cache / found, data)
        pins = self._pinned()
        if url not in pins:
            pins[url] = Pin(url, found, len(data), Span(self.inputs.place.shown(self.lock)))
            content = write_lock(pins)
            write_whole(self.lock, content)
            self.inputs.seen[self.inputs.name(self.lock)] = digest(content)

    def name(self, url: str) -> None:
        """Remember a host that the user's own files name: it may be one of a private network."""
        try:
            self.named.add((urlsplit(url).hostname or "").lower())
        except ValueError:  # no address; told when it is asked for
            return
