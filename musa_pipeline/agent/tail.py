"""Reads on in the files of records that other roles write, each line once."""

import glob
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from musa_pipeline.agent.disk import say
from musa_pipeline.agent.outbox import Outbox
from musa_pipeline.agent.record import Record

MOST_AT_ONCE, LONGEST_LINE = 256 * 1024, 32 * 1024


class Tail:
    """All files that a pattern names. A file that was set aside as FILE.1 is read to its end first."""

    def __init__(self, pattern: str, outbox: Outbox) -> None:
        self.pattern, self.outbox = pattern, outbox
        self.at: dict[str, list[int]] = dict(outbox.positions)

    def read(self) -> Sequence[Record]:
        """Take in what was written since; nothing is left to be put anywhere."""
        for name in sorted(glob.glob(self.pattern)):  # noqa: PTH207  the pattern begins at the root
            try:
                while not self.outbox.full and self._read_some(Path(name)):
                    pass
            except OSError as wrong:
                say(f"{name} cannot be read: {wrong.strerror}")
        return ()

    def _read_some(self, path: Path) -> bool:
        """Take in some lines; tell whether there may be more."""
        inode, offset = self.at.get(str(path), [0, 0])
        file, rest = _open(path, inode)
        with os.fdopen(file, "rb") as lines:
            now = os.fstat(file)
            if now.st_ino != inode or now.st_size < offset:
                inode, offset = now.st_ino, 0
            lines.seek(offset)
            data = lines.read(MOST_AT_ONCE)
        end = data.rfind(b"\n") + 1
        if not end and len(data) == MOST_AT_ONCE:
            end = len(data)  # no line is as long: what it is belongs to nobody
        if not end:
            if rest:
                self.at[str(path)] = [path.stat().st_ino, 0]
            return rest
        self.at[str(path)] = [inode, offset + end]
        records = [each for each in map(_record, data[:end].splitlines()) if each]
        self.outbox.put(records, {str(path): self.at[str(path)]})
        return True


def _open(path: Path, inode: int) -> tuple[int, bool]:
    """Open the file that was read last, or else the one that has the name; tell whether another one follows."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if inode and os.fstat(file).st_ino != inode:
        try:
            aside = os.open(f"{path}.1", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return file, False
        if os.fstat(aside).st_ino == inode:
            os.close(file)
            return aside, True
        os.close(aside)
    return file, False


def _record(line: bytes) -> Record | None:
    try:
        told: Any = json.loads(line) if len(line) <= LONGEST_LINE else None
    except ValueError:
        return None
    return told if isinstance(told, dict) and isinstance(told.get("component", ""), str) else None
