"""Who reads with whom: the members of a group share the partitions, and a dead one's go to the others at once.

A member holds a lock on a file of its own, which the kernel takes away when its process ends, however it ends.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from musa_pipeline.bus.log import NAMES, TOPICS, Log
from musa_pipeline.bus.port import Place
from musa_pipeline.domain.event import Topic

_LOOK = 1.0
"""So often (seconds) a member looks whether the others live."""
_BEAT = 10.0
_STUCK = 300.0
"""Whose process lives but who was not heard of for so long has lost its partitions."""


class Membership:
    """The place of one member in its group."""

    def __init__(self, log: Log, group: str, topics: Sequence[Topic], *, beginning: bool) -> None:
        self._log, self._group = log, group
        self._topics = tuple(sorted({TOPICS[each] for each in topics}))
        self._folder = log.place.with_name(log.place.name + ".members")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._file, name = tempfile.mkstemp(dir=self._folder)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._lock = Path(name)
        self._number = self._generation = 0
        self._looked = self._beaten = float("-inf")
        self.places: tuple[Place, ...] = ()
        self._begin(beginning=beginning)

    def refresh(self) -> bool:
        """Look after the group; return whether the partitions of this member are others than before."""
        now = time.monotonic()
        if now - self._looked >= _LOOK:
            self._looked = now
            self._bury()
            if now - self._beaten >= _BEAT:
                self._beaten = now
                with self._log.writing() as file:
                    file.execute("UPDATE member SET seen = ? WHERE number = ?", (now, self._number))
        generation = self._log.number("SELECT generation FROM team WHERE name = ?", self._group)
        if generation == self._generation and self._number:
            return False
        return self._take_part()

    def leave(self) -> None:
        """Give the partitions back."""
        with suppress(OSError):
            self._lock.unlink()
        with suppress(OSError):
            os.close(self._file)
        with self._log.writing() as file:
            file.execute("DELETE FROM member WHERE number = ?", (self._number,))
            file.execute("UPDATE team SET generation = generation + 1 WHERE name = ?", (self._group,))

    def positions(self) -> dict[Place, int]:
        """Return where the group goes on in each partition of this member."""
        rows = self._log.rows("SELECT topic, part, offset FROM position WHERE team = ?", self._group)
        known = {(NAMES[topic], part): offset for topic, part, offset in rows}
        return {place: known[place] for place in self.places}

    def commit(self, upto: dict[Place, int]) -> bool:
        """Remember positions, unless the partitions have gone to somebody else meanwhile; return whether that was done."""
        with self._log.writing() as file:
            (generation,) = file.execute("SELECT generation FROM team WHERE name = ?", (self._group,)).fetchone()
            if generation != self._generation and self._share() != self.places:
                return False
            rows = [
                (offset, self._group, TOPICS[topic], part)
                for (topic, part), offset in upto.items()
                if (topic, part) in self.places
            ]
            file.executemany("UPDATE position SET offset = ? WHERE team = ? AND topic = ? AND part = ?", rows)
        return True

    def _begin(self, *, beginning: bool) -> None:
        """Fix where a new group begins: what comes from now on will reach it, even if nobody polls before."""
        with self._log.writing() as file:
            file.execute("INSERT OR IGNORE INTO team VALUES (?, 0)", (self._group,))
            (end,) = file.execute("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'record'").fetchone()
            at = 0 if beginning else end
            rows = [(self._group, topic, part, at) for topic in self._topics for part in range(self._log.partitions)]
            file.executemany("INSERT OR IGNORE INTO position VALUES (?, ?, ?, ?)", rows)
        self._bury()
        self._take_part()

    def _take_part(self) -> bool:
        """Join if this member is new or was given up, and see which partitions are its own now."""
        with self._log.writing() as file:
            if not file.execute("SELECT 1 FROM member WHERE number = ?", (self._number,)).fetchone():
                topics = " ".join(map(str, self._topics))
                joined = file.execute(
                    "INSERT INTO member (team, lock, topics, seen) VALUES (?, ?, ?, ?)",
                    (self._group, self._lock.name, topics, time.monotonic()),
                )
                self._number = int(joined.lastrowid or 0)
                file.execute("UPDATE team SET generation = generation + 1 WHERE name = ?", (self._group,))
            (self._generation,) = file.execute("SELECT generation FROM team WHERE name = ?", (self._group,)).fetchone()
            before, self.places = self.places, self._share()
        return before != self.places

    def _share(self) -> tuple[Place, ...]:
        """Return the partitions of this member: of each topic every n-th, where n members read it."""
        rows = self._log.rows("SELECT number, topics FROM member WHERE team = ? ORDER BY number", self._group)
        mine: list[Place] = []
        for topic in self._topics:
            readers = [number for number, topics in rows if str(topic) in topics.split()]
            if self._number in readers:
                rank = readers.index(self._number)
                mine += [(NAMES[topic], part) for part in range(rank, self._log.partitions, len(readers))]
        return tuple(mine)

    def _bury(self) -> None:
        """Take out of the group whoever died or was not heard of for long."""
        rows = self._log.rows("SELECT number, lock, seen FROM member WHERE team = ? AND number != ?", self._group, self._number)
        now = time.monotonic()
        for number, lock, seen in rows:
            path = self._folder / lock
            dead = _is_free(path)
            if not dead and 0 <= now - seen < _STUCK:
                continue
            with self._log.writing() as file:
                if file.execute("DELETE FROM member WHERE number = ?", (number,)).rowcount:
                    file.execute("UPDATE team SET generation = generation + 1 WHERE name = ?", (self._group,))
            if dead:
                path.unlink(missing_ok=True)


def _is_free(path: Path) -> bool:
    """Return whether nobody holds the lock: the process that did is no more."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(file)
