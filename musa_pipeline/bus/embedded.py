"""The embedded bus: a durable log in one SQLite file, for any number of threads and processes of one machine.

What `publish` accepted survives kill -9 of any process; with `flush` it survives a loss of power too.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from musa_pipeline.bus.log import NAMES, TOPICS, Log
from musa_pipeline.bus.members import Membership
from musa_pipeline.bus.port import BusAway, Delivered, Place, Subscription, refuse_large
from musa_pipeline.domain.event import Event, Topic

DAY = 86_400.0
_SWEEP = 60.0
_A_GO = 10_000
"""So many records are forgotten in one go: nobody who publishes waits for more."""
_GLANCE = 0.02
"""So often (seconds) a waiting member looks whether another process has written."""

_INSERT = (
    "INSERT INTO record (topic, part, id, type, source, subject, time, stored, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (topic, id) DO NOTHING"
)
_NEXT = (
    "SELECT offset, topic, part, id, type, source, subject, time, data FROM record WHERE topic = ? AND part = ? AND offset >= ?"
    " ORDER BY offset LIMIT ?"
)
_DONE = "SELECT topic, part, min(offset) FROM position GROUP BY topic, part"
_READ = (
    "DELETE FROM record WHERE offset IN"
    " (SELECT offset FROM record WHERE topic = ? AND part = ? AND offset < ? ORDER BY offset LIMIT ?)"
)
_OLD = "DELETE FROM record WHERE stored < ? AND offset IN (SELECT offset FROM record ORDER BY offset LIMIT ?)"


class News:
    """Wakes the members of this process when something was published in it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = 0

    def tell(self) -> None:
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, known: int, seconds: float) -> None:
        with self._condition:
            if self.count == known:
                self._condition.wait(seconds)


class Embedded:
    """The bus in a file. It forgets what is older than `keep` seconds, read or not. It does not grow beyond `most` octets:
    what all groups have read makes room, and when that is not enough, `publish` is refused."""

    def __init__(
        self,
        place: Path,
        *,
        partitions: int = 8,
        keep: float = 7 * DAY,
        most: int = 2**31,
        flush: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._place, self._keep, self._most, self._flush, self._clock = place, keep, most, flush, clock
        self._swept = float("-inf")
        self._news = News()
        self._members: list[Member] = []
        self._log = Log(place, partitions, flush=flush)
        self.partitions = self._log.partitions

    def publish(self, topic: Topic, events: Sequence[Event]) -> None:
        """Append records, all or none; one whose id the topic has already is kept once."""
        refuse_large(events)
        now, number, parts = self._clock(), TOPICS[topic], self.partitions
        rows = [
            (
                number,
                crc32(each.subject.encode()) % parts,
                each.id,
                each.type,
                each.source,
                each.subject,
                each.time,
                now,
                each.data,
            )
            for each in events
        ]
        with self._log.lock:
            self._make_room(now)
            with self._log.writing() as file:
                file.executemany(_INSERT, rows)
        self._news.tell()

    def subscribe(self, topics: Sequence[Topic], group: str, *, beginning: bool = True) -> Subscription:
        """Join a group. Where a new group begins is fixed now."""
        log = Log(self._place, self.partitions, flush=self._flush)
        member = Member(log, Membership(log, group, topics, beginning=beginning), self._news)
        self._members = [each for each in self._members if not each.closed] + [member]
        return member

    def forget(self, before: float) -> int:
        """Drop what was accepted before a time; return how many records that were."""
        count = 0
        while gone := self._delete(_OLD, before, _A_GO):
            count += gone
        return count

    def close(self) -> None:
        for each in self._members:
            each.close()
        self._log.close()

    def _make_room(self, now: float) -> None:
        used = self._log.octets()
        if now - self._swept >= _SWEEP or now < self._swept or used > self._most:
            full = self._delete(_OLD, now - self._keep, _A_GO) == _A_GO
            self._swept = self._swept if full else now
        if used > 0.9 * self._most:
            # of a topic that no group reads, nothing is read
            for place in self._log.rows(_DONE):
                self._delete(_READ, *place, _A_GO)
            used = self._log.octets()
        if used > self._most:
            rows = self._log.rows("SELECT team, min(offset) FROM position GROUP BY team ORDER BY 2 LIMIT 1")
            slowest = f"; group {rows[0][0]!r} is the farthest behind" if rows else ""
            raise BusAway(f"the bus is full: {used} of {self._most} octets hold what is not read yet{slowest}")

    def _delete(self, statement: str, *values: float) -> int:
        with self._log.writing() as file:
            return file.execute(statement, values).rowcount


class Member:
    """One reader of the file, with a connection of its own. It may be used from several threads."""

    def __init__(self, log: Log, membership: Membership, news: News) -> None:
        self._log, self._membership, self._news = log, membership, news
        self._positions = membership.positions()
        self._generation, self._seen = 1, -1
        self.closed = False

    @property
    def generation(self) -> int:
        return self._generation

    def poll(self, wait: float, most: int = 10_000) -> Sequence[Delivered]:
        end = time.monotonic() + wait
        while True:
            known = self._news.count
            came = self._look(most)
            left = end - time.monotonic()
            if came or left <= 0:
                return came
            self._news.wait(known, min(left, _GLANCE))

    def commit(self, upto: Mapping[Place, int] | None = None) -> None:
        with self._log.lock:
            self._check()
            self._membership.commit(dict(self._positions if upto is None else upto))

    def lag(self) -> int:
        with self._log.lock:
            self._check()
            counts = (
                self._log.number(
                    "SELECT count(*) FROM record WHERE topic = ? AND part = ? AND offset >= ?", TOPICS[topic], part, offset
                )
                for (topic, part), offset in self._positions.items()
            )
            return sum(counts)

    def close(self) -> None:
        with self._log.lock:
            if not self.closed:
                self.closed = True
                with suppress(BusAway):  # the others see that its lock is free
                    self._membership.leave()
                self._log.close()

    def _look(self, most: int) -> list[Delivered]:
        with self._log.lock:
            self._check()
            if self._membership.refresh():
                self._generation += 1
                self._positions, self._seen = self._membership.positions(), -1
            changed = self._log.changed()
            if changed == self._seen:
                return []
            came = self._fetch(most)
            if not came:
                self._seen = changed
            return came

    def _fetch(self, most: int) -> list[Delivered]:
        """Return the next records of all partitions in the order in which they were accepted."""
        share = -(-most // max(1, len(self._positions)))
        rows: list[tuple[Any, ...]] = []
        until = math.inf
        for (topic, part), offset in self._positions.items():
            some = self._log.rows(_NEXT, TOPICS[topic], part, offset, share)
            rows += some
            if len(some) == share:  # this partition may have more right behind, which the others must not overtake
                until = min(until, some[-1][0])
        rows.sort()
        came: list[Delivered] = []
        for row in rows[:most]:
            offset, number, part, _, kind, _, _, _, data = row
            if offset > until:
                break
            topic = NAMES[number]
            came.append(Delivered(topic, part, offset, kind, data, row, _event))
            self._positions[topic, part] = offset + 1
        return came

    def _check(self) -> None:
        if self.closed:
            raise BusAway("this subscription was closed")


def _event(row: tuple[Any, ...]) -> Event:
    _, _, _, identity, kind, source, subject, moment, data = row
    return Event(id=identity, type=kind, source=source, subject=subject, time=moment, data=data)
