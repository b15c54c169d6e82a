"""What waits to be sent, one file each: bounded, the oldest is dropped and counted, nothing is lost by a kill.

A file's name is `<life>-<boot>-<number>-<kind><count>.json`: its order, the identity that it keeps however often it is sent, and how
much is in it. Its first line is what is sent, the second a note of the sender's own.
"""

import errno
import re
import secrets
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.agent.disk import say, write_whole

MOST_FILES = 20_000
MOST_TOGETHER = 200
_NAME = re.compile(r"(\d{8})-([0-9a-f]{16})-(\d{12})-([mr])(\d+)\.json")


@dataclass(frozen=True)
class Kept:
    """One file. `kind`: m measurements, r results."""

    path: Path
    identity: str
    kind: str
    count: int
    size: int

    def read(self) -> bytes:
        """Return what is to be sent. Raises OSError."""
        with self.path.open("rb") as file:
            return file.readline().rstrip(b"\n")


class Spool:
    """The files in order. A life is one start of the agent: its numbers begin anew under an identity that was never used."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder, self.most = folder, most_bytes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.boot, self.number = secrets.token_hex(8), 0
        self.there = threading.Condition()
        self.files: deque[Kept] = deque()
        self.size = 0
        last = 0
        for path in sorted(folder.iterdir()):
            named = _NAME.fullmatch(path.name)
            if named:
                last = int(named[1])
                self._add(Kept(path, f"{named[2]}-{int(named[3])}", named[4], int(named[5]), path.stat().st_size))
            elif path.name.endswith(".new"):
                path.unlink()
        self.life = last + 1
        self.dropped = self._read_dropped()
        """Measurements that were never sent, for ever."""

    def next(self, kind: str, count: int) -> tuple[str, Path]:
        """Return identity and place of the next file."""
        with self.there:
            self.number += 1
            return (
                f"{self.boot}-{self.number}",
                self.folder / f"{self.life:08d}-{self.boot}-{self.number:012d}-{kind}{count}.json",
            )

    def write(self, identity: str, path: Path, body: bytes, note: bytes = b"") -> Kept:
        """Put a file on the disk; it is sent once it is released. Where the disk is full the oldest go. Raises OSError."""
        data = body + b"\n" + note
        named = _NAME.fullmatch(path.name)
        assert named  # noqa: S101  names come from next()
        for _ in range(8):
            try:
                write_whole(path, data)
                break
            except OSError as wrong:
                path.with_name(f".{path.name}.new").unlink(missing_ok=True)
                if wrong.errno not in (errno.ENOSPC, errno.EDQUOT) or not self._drop_oldest():
                    raise
        else:
            write_whole(path, data)
        return Kept(path, identity, named[4], int(named[5]), len(data))

    def release(self, kept: Kept) -> None:
        """Let a file be sent, and keep the bounds."""
        with self.there:
            self._add(kept)
            self.there.notify_all()
        while (self.size > self.most or len(self.files) > MOST_FILES) and self._drop_oldest():
            pass

    def oldest(self, wait: float, most: int = 0) -> list[Kept]:
        """Return what is to be sent next: one, or batches that follow each other, `most` bytes; nothing if none comes in `wait` seconds."""
        with self.there:
            if not self.files:
                self.there.wait(wait)
            found: list[Kept] = []
            size = 0
            for each in self.files:
                size += each.size
                if found and (size > most or len(found) >= MOST_TOGETHER or {each.kind, found[0].kind} != {"m"}):
                    break
                found.append(each)
            return found

    def done(self, kept: Kept, *, lost: bool = False) -> None:
        """Forget a file: it was taken over, or nobody will ever take it."""
        with self.there:
            with suppress(ValueError):
                self.files.remove(kept)
                self.size -= kept.size
                if lost:
                    self._count(kept)
            with suppress(OSError):
                kept.path.unlink()

    def note(self) -> bytes:
        """Return the note of the newest measurements that are still here."""
        for kept in reversed(self.files):
            if kept.kind == "m":
                with suppress(OSError):
                    return kept.path.read_bytes().partition(b"\n")[2]
        return b""

    def wake(self) -> None:
        """Let who waits wait no longer."""
        with self.there:
            self.there.notify_all()

    def _add(self, kept: Kept) -> None:
        self.files.append(kept)
        self.size += kept.size

    def _drop_oldest(self) -> bool:
        with self.there:
            # The newest stays: what a note says is still on the disk until the next one is.
            if len(self.files) < 2:
                return False
            kept = self.files.popleft()
            self.size -= kept.size
            with suppress(OSError):
                kept.path.unlink()
            self._count(kept)
        return True

    def _count(self, kept: Kept) -> None:
        if kept.kind != "m":
            say("a result was dropped")
            return
        self.dropped += kept.count
        with suppress(OSError):
            place = self.folder / "dropped"
            new = place.with_suffix(".tmp")
            new.write_text(str(self.dropped), encoding="ascii")
            new.replace(place)

    def _read_dropped(self) -> int:
        try:
            return int((self.folder / "dropped").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0
