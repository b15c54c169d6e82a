"""The file of the embedded bus: records, the positions of groups and their members, in SQLite with a write-ahead log."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from musa_pipeline.bus.port import BusAway
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import Topic

TOPICS = {Topic.MEASUREMENTS: 1, Topic.EVENTS: 2, Topic.COMMANDS: 3, Topic.RESULTS: 4}
"""Topics as numbers: they stand in every row and in both indexes."""

NAMES = {number: topic for topic, number in TOPICS.items()}

_FORM = 1
_PATIENCE = 10.0

# An offset is a place in the whole file, so records of all partitions can be read in the order in which they were accepted.
# AUTOINCREMENT: an offset is never given twice, not even when all records were forgotten.
_SCHEMA = """
CREATE TABLE kept (partitions INTEGER NOT NULL);
CREATE TABLE record (
    offset INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, part INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    source TEXT NOT NULL, subject TEXT NOT NULL, time REAL NOT NULL, stored REAL NOT NULL, data BLOB NOT NULL
);
CREATE UNIQUE INDEX once ON record (topic, id);
CREATE INDEX place ON record (topic, part);
CREATE TABLE position (team TEXT, topic INTEGER, part INTEGER, offset INTEGER NOT NULL, PRIMARY KEY (team, topic, part)) WITHOUT ROWID;
CREATE TABLE team (name TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE member (number INTEGER PRIMARY KEY AUTOINCREMENT, team TEXT NOT NULL, lock TEXT NOT NULL, topics TEXT NOT NULL, seen REAL NOT NULL);
"""


class Log:
    """One connection to the file, for one thread at a time; whatever SQLite cannot do now is `BusAway`."""

    def __init__(self, place: Path, partitions: int, *, flush: bool) -> None:
        self.place = place
        self.lock = threading.RLock()
        try:
            with _alone(place):
                self._connection = _connect(place)
                self.partitions = _prepare(self._connection, partitions)
            # A write is in the kernel's hands when it returns, which survives the death of the process; FULL waits for the disk
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if flush else 'NORMAL'}")
        except (sqlite3.Error, OSError) as error:
            raise OutsideFailed(
                f"cannot use {place} as the bus: {error}", "free the file or the disk, or move the file away"
            ) from error

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self.lock, _away():
            return self._connection.execute(statement, values).fetchall()

    def number(self, statement: str, *values: object) -> int:
        """Return the one number that a statement asks for; 0 if there is none."""
        with self.lock, _away():
            row = self._connection.execute(statement, values).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a transaction: all of it is kept, or none."""
        with self.lock, _away():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def changed(self) -> int:
        """Return a number that differs whenever another connection has written."""
        return self.number("PRAGMA data_version")

    def octets(self) -> int:
        """Return how much of the file is in use."""
        pages = self.number("PRAGMA page_count") - self.number("PRAGMA freelist_count")
        return pages * self.number("PRAGMA page_size")

    def close(self) -> None:
        with self.lock, suppress(sqlite3.Error):
            self._connection.close()


def _connect(place: Path) -> sqlite3.Connection:
    os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(place, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def _prepare(connection: sqlite3.Connection, partitions: int) -> int:
    form = connection.execute("PRAGMA user_version").fetchone()[0]
    if form == 0:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO kept VALUES (?)", (partitions,))
        connection.execute(f"PRAGMA user_version = {_FORM}")
        connection.execute("COMMIT")
    elif form != _FORM:
        raise sqlite3.DatabaseError(f"its form is {form}, not {_FORM}: another version of musa made it")
    return int(connection.execute("SELECT partitions FROM kept").fetchone()[0])


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Two that open a new file at once would both make its tables."""
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(place.with_name(place.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BusAway(f"the bus cannot be used now: {error}") from error
