"""From records to batches in the spool. What a disk does not take waits in memory, bounded, the oldest dropped and counted."""

import json
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from musa_pipeline.agent.disk import say, write_whole
from musa_pipeline.agent.record import Record, measurement
from musa_pipeline.agent.spool import Spool

PART, BATCH = 64 * 1024, 512 * 1024
"""Bytes: records that are kept together, and one batch; the gateway takes 1 MiB."""
MOST_WAITING = 4 * 1024 * 1024

Note = dict[str, list[int]]
"""How far each file of records was read: inode and offset."""


class Outbox:
    """What was observed and is not on the disk yet."""

    def __init__(self, spool: Spool, machine: str, positions: Path, components: frozenset[str] = frozenset()) -> None:
        """`components`: those that the gateway lets this machine speak of; empty: any. What is of another is told here and not sent."""
        self.spool, self.machine, self.place, self.components = spool, machine, positions, components
        self.strange: set[str] = set()
        self.lock, self.flushing = threading.Lock(), threading.Lock()
        self.parts: deque[tuple[list[str], int, Note]] = deque()
        self.waiting = 0
        self.lost = 0
        self.positions: Note = self._read_positions()

    def put(self, records: Sequence[Record], note: Note | None = None) -> None:
        """Take records in; with a note they are kept together, and the note with them."""
        found = (measurement(each, self.machine) for each in records)
        texts = [json.dumps(each, separators=(",", ":")) for each in found if each and self._ours(each["component"])]
        with self.lock:
            if note is not None:
                self._add(texts, note)
                return
            part: list[str] = []
            size = 0
            for text in texts:
                if part and size + len(text) > PART:
                    self._add(part, {})
                    part, size = [], 0
                part.append(text)
                size += len(text)
            if part:
                self._add(part, {})

    @property
    def full(self) -> bool:
        """Whether who can wait should."""
        return self.waiting > MOST_WAITING // 2

    def flush(self) -> None:
        """Write all that waits to the spool; what the disk does not take stays."""
        with self.flushing:
            while self._flush_one():
                pass

    def answer(self, result: dict[str, Any]) -> None:
        """Put what became of a command into the spool. Raises OSError."""
        identity, path = self.spool.next("r", 1)
        self.spool.release(self.spool.write(identity, path, _json({"results": [result]})))

    def _flush_one(self) -> bool:
        with self.lock:
            taken: list[tuple[list[str], int, Note]] = []
            size = 0
            for part in self.parts:
                if taken and size + part[1] > BATCH:
                    break
                taken.append(part)
                size += part[1]
        if not taken:
            return False
        texts = [text for part in taken for text in part[0]]
        note: Note = {}
        for part in taken:
            note |= part[2]
        try:
            self._write(texts, note)
        except OSError as wrong:
            say(f"{len(texts)} measurements wait in memory: {wrong}")
            return False
        with self.lock:
            for part in taken:
                if self.parts and self.parts[0] is part:  # else it was dropped meanwhile
                    self.parts.popleft()
                    self.waiting -= part[1]
        return True

    def _write(self, texts: list[str], note: Note) -> None:
        """Write one batch, then how far files were read, then let it go: killed in between, the batch itself still says so."""
        both = self.positions | note
        kept = None
        if texts:
            identity, path = self.spool.next("m", len(texts))
            body = f'{{"batch":"{identity}","measurements":[{",".join(texts)}]}}'.encode()
            kept = self.spool.write(identity, path, body, _json(both) if note else b"")
        if both != self.positions:
            try:
                write_whole(self.place, _json(both))
            except OSError:
                if kept:
                    kept.path.unlink()
                raise
            self.positions = both
        if kept:
            self.spool.release(kept)

    def _ours(self, component: str) -> bool:
        if not component or not self.components or component in self.components:
            return True
        # The gateway would refuse the whole batch for it.
        if component not in self.strange and len(self.strange) < 100:
            self.strange.add(component)
            say(f"nothing of {component[:100]!r} is sent: it is not a component of this machine")
        return False

    def _add(self, texts: list[str], note: Note) -> None:
        size = sum(map(len, texts)) + len(texts)
        self.parts.append((texts, size, note))
        self.waiting += size
        while self.waiting > MOST_WAITING and len(self.parts) > 1:
            gone = self.parts.popleft()
            self.waiting -= gone[1]
            self.lost += len(gone[0])

    def _read_positions(self) -> Note:
        """Return how far files were read: what the newest batch says is newer than the file."""
        for text in (self.spool.note, self.place.read_bytes):
            try:
                told = json.loads(text())
                return {str(name): [int(each[0]), int(each[1])] for name, each in told.items()}
            except (OSError, ValueError, TypeError, AttributeError, IndexError):
                continue
        return {}


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
