"""What the controller keeps on disk (SQLite): a turn is whole or not there, and with it all that is still to be sent.

Another process may leave orders of people here (approve, stop), which the controller takes up.
"""

import contextlib
import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from musa_pipeline.assurance.reactions import Key, Mark, Note, Record, State, Turn
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.policy import Action, Life, Step
from musa_pipeline.services.audit import FIRST, Head, Line, last_of, lines_of, write_lines

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (id TEXT PRIMARY KEY, time REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS heard_time ON heard (time);
CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, over INTEGER NOT NULL, life TEXT NOT NULL, time REAL NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS records_open ON records (over, time);
CREATE TABLE IF NOT EXISTS marks (policy TEXT, path TEXT, tag TEXT, body TEXT NOT NULL, PRIMARY KEY (policy, path, tag)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS numbers (machine TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY, digest TEXT NOT NULL, line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (seq INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, name TEXT NOT NULL, by TEXT NOT NULL, time REAL NOT NULL);
"""
KEPT: Final = 30 * 86400.0
"""Seconds that actions which are over, and ids of events, stay on disk."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said to the controller: `approve` or `refuse` an action, `stop`, `resume`, `revert`."""

    number: int
    what: str
    name: str
    by: str
    time: float


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something that is still to be sent: a command, an event or a change of the context, as JSON."""

    number: int
    kind: str
    body: str


class ReactionStore:
    """One file, written by one controller; `alone` makes sure of that. Times are UTC seconds."""

    def __init__(self, folder: Path, *, alone: bool = True) -> None:
        self.audit = folder / "audit.jsonl"
        self._lock: int | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if alone:
                self._lock = _locked(folder / "controller.lock")
            path = folder / "controller.sqlite"
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._sql = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
            self._sql.execute("PRAGMA journal_mode=WAL")
            self._sql.execute("PRAGMA synchronous=FULL")
            self._sql.executescript(_TABLES)
        except (OSError, sqlite3.Error) as error:
            raise OutsideFailed(f"the controller's memory in {folder} cannot be opened: {error}") from error
        if alone:
            self._join_audit()

    def close(self) -> None:
        self._sql.close()
        if self._lock is not None:
            os.close(self._lock)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Keep everything that is written inside, or nothing of it; a turn within a turn is part of it."""
        if self._sql.in_transaction:
            yield
            return
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._sql.execute("COMMIT")
        finally:
            if self._sql.in_transaction:  # a full disk ends some of itself
                self._sql.execute("ROLLBACK")

    def state(self) -> State:
        """Return what the controller knew when it stopped."""
        records = {row[0]: record_of(row[1]) for row in self._sql.execute("SELECT id, body FROM records WHERE over = 0")}
        marks: dict[Key, Mark] = {}
        for policy, path, tag, body in self._sql.execute("SELECT policy, path, tag, body FROM marks"):
            said = json.loads(body)
            marks[policy, path, tag] = Mark(**{**said, "times": tuple((time, value) for time, value in said["times"])})
        return State(records, marks, self._meta("stopped") == "yes")

    def keep(self, turn: Turn) -> None:
        """Write a turn; only inside `turn()`."""
        for record in turn.records.values():
            row = (record.id, int(record.over), str(record.life), record.action.time, json.dumps(asdict(record)))
            self._sql.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", row)
        for name in turn.dropped:
            self._sql.execute("UPDATE records SET over = 1 WHERE id = ?", (name,))
        for key, mark in turn.marks.items():
            if mark is None:
                self._sql.execute("DELETE FROM marks WHERE policy = ? AND path = ? AND tag = ?", key)
            else:
                self._sql.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", (*key, json.dumps(asdict(mark))))
        self.note(turn.notes)

    def note(self, notes: Iterable[Note]) -> None:
        """Put notes on the chain of the audit log; only inside `turn()`."""
        head = self.head()
        for line in lines_of(notes, head):
            self._sql.execute("INSERT INTO audit VALUES (?, ?, ?)", (line.head.count, line.head.digest, line.text))
            head = line.head
        self._set_meta("head", f"{head.count} {head.digest}")

    def head(self) -> Head:
        """Return the end of the audit log."""
        count, _, digest = (self._meta("head") or f"0 {FIRST}").partition(" ")
        return Head(int(count), digest)

    def written(self) -> Head:
        """Return the end of the audit log as far as it must be in its file."""
        row = self._sql.execute("SELECT seq, digest FROM audit ORDER BY seq LIMIT 1").fetchone()
        if row is None:
            return self.head()
        count, digest = (self._meta("written") or f"0 {FIRST}").split()
        return Head(int(count), digest)

    def flush_audit(self) -> None:
        """Bring the audit log's file up to what is known."""
        rows = self._sql.execute("SELECT seq, digest, line FROM audit ORDER BY seq LIMIT 10000").fetchall()
        if rows:
            write_lines(self.audit, [Line(Head(seq, digest), line) for seq, digest, line in rows])
            with self.turn():
                self._sql.execute("DELETE FROM audit WHERE seq <= ?", (rows[-1][0],))
                self._set_meta("written", f"{rows[-1][0]} {rows[-1][1]}")

    def set_stopped(self, *, stopped: bool) -> None:
        self._set_meta("stopped", "yes" if stopped else "no")

    def was_heard(self, event: str) -> bool:
        return self._sql.execute("SELECT 1 FROM heard WHERE id = ?", (event,)).fetchone() is not None

    def hear(self, event: str, time: float) -> None:
        self._sql.execute("INSERT OR IGNORE INTO heard VALUES (?, ?)", (event, time))

    def number(self, machine: str, now: float) -> int:
        """Return the next command number of a machine: above the last, and above all of a memory that was lost (it follows the clock)."""
        row = self._sql.execute("SELECT number FROM numbers WHERE machine = ?", (machine,)).fetchone()
        number = max((int(row[0]) if row else 0) + 1, int(now * 1000))
        self._sql.execute("INSERT OR REPLACE INTO numbers VALUES (?, ?)", (machine, number))
        return number

    def send(self, kind: str, body: str) -> None:
        """Leave something to be sent; only inside `turn()`."""
        self._sql.execute("INSERT INTO outbox (kind, body) VALUES (?, ?)", (kind, body))

    def parcels(self, kind: str, most: int = 500) -> Sequence[Parcel]:
        rows = self._sql.execute("SELECT seq, kind, body FROM outbox WHERE kind = ? ORDER BY seq LIMIT ?", (kind, most))
        return [Parcel(*row) for row in rows.fetchall()]

    def sent(self, parcels: Iterable[Parcel]) -> None:
        self._sql.executemany("DELETE FROM outbox WHERE seq = ?", [(each.number,) for each in parcels])

    def waiting(self) -> int:
        """Return how much is still to be sent."""
        return int(self._sql.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def say(self, what: str, name: str, by: str, time: float) -> None:
        """Leave a person's word for the controller."""
        self._sql.execute("INSERT INTO orders (what, name, by, time) VALUES (?, ?, ?, ?)", (what, name, by, time))

    def words(self) -> Sequence[Word]:
        return [Word(*row) for row in self._sql.execute("SELECT seq, what, name, by, time FROM orders ORDER BY seq").fetchall()]

    def heeded(self, word: Word) -> None:
        self._sql.execute("DELETE FROM orders WHERE seq = ?", (word.number,))

    def records(self, most: int = 100, life: Life | None = None) -> Sequence[Record]:
        """Return actions, newest first."""
        where, values = ("WHERE life = ?", (str(life), most)) if life else ("", (most,))
        rows = self._sql.execute(f"SELECT body FROM records {where} ORDER BY time DESC, id LIMIT ?", values)  # noqa: S608
        return [record_of(row[0]) for row in rows.fetchall()]

    def find(self, name: str) -> Record | None:
        row = self._sql.execute("SELECT body FROM records WHERE id = ?", (name,)).fetchone()
        return record_of(row[0]) if row else None

    @property
    def stopped(self) -> bool:
        return self._meta("stopped") == "yes"

    def tidy(self, now: float) -> None:
        """Let go of what is old."""
        self._sql.execute("DELETE FROM heard WHERE time < ?", (now - KEPT,))
        self._sql.execute("DELETE FROM records WHERE over = 1 AND time < ?", (now - KEPT,))

    def _join_audit(self) -> None:
        """Go on with the chain that a file has, if this memory is younger than it."""
        end = last_of(self.audit)
        if self._meta("head") is None and end.count:
            self._set_meta("head", f"{end.count} {end.digest}")

    def _meta(self, name: str) -> str | None:
        row = self._sql.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def _set_meta(self, name: str, value: str) -> None:
        self._sql.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def record_of(text: str) -> Record:
    """Return an action from its JSON."""
    said: dict[str, Any] = json.loads(text)
    action = said.pop("action")
    action |= {"step": Step(action["step"]), "life": Life(action["life"])}
    return Record(**{**said, "action": Action(**action), "after": tuple(said["after"])})


def _locked(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise OutsideFailed(
            f"another controller works in {path.parent}", "stop it first: two would do everything twice"
        ) from error
    return file
