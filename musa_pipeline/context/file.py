"""The file of the context: its tables, how it is opened, and what to say when it cannot be."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from musa_pipeline.context import blocks
from musa_pipeline.context.port import ContextAway
from musa_pipeline.domain.errors import OutsideFailed

VERSION = 2
"""Of the tables below; a file of a later one is left alone, one of an earlier one gets what it lacks."""

SCHEMA = """
create table entity (
    kind text not null, id text not null, arrivals integer not null, state text not null, time real not null, revision integer not null,
    gone integer not null, primary key (kind, id)) without rowid;
create table change (
    id text primary key, kind text not null, entity text not null, time real not null, arrival integer not null, delta text not null,
    ends integer not null, because text not null, state text not null, revision integer not null);
create unique index change_of on change (kind, entity, time, arrival);
create table series (
    number integer primary key autoincrement, subject text not null, metric text not null, component text not null, machine text not null,
    agent text not null, unit text not null, about text not null, unique (subject, metric, component, machine, agent, unit, about));
create table measurement (series integer not null, time real not null, value real not null, primary key (series, time)) without rowid;
create table event (
    number integer primary key autoincrement, id text not null unique, type text not null, source text not null, subject text not null,
    time real not null, data blob not null);
create index event_at on event (time);
create index event_of on event (subject, time);
create index event_kind on event (type, time);
create table horizon (only_one integer primary key check (only_one = 1), time real not null, moved integer not null);
insert into horizon values (1, 0.0, 0);
"""

PATIENCE = 10.0
"""Seconds to wait for another process that writes."""


@contextmanager
def transaction(db: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Keep all that is written meanwhile, or nothing of it."""
    db.execute(begin)
    try:
        yield
        db.execute("commit")
    finally:
        if db.in_transaction:
            db.execute("rollback")


def prepare(place: Path) -> None:
    """Make the file with its tables, unless it is there. Raises ContextAway, OutsideFailed."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # What is known of an application is nobody else's business.
        os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as problem:
        raise OutsideFailed(f"{place}: {problem.strerror}", "name a folder that can be written, with space left") from problem
    try:
        with closing(open_file(place)) as db:
            db.execute("pragma journal_mode = wal")
            with transaction(db, "begin immediate"):
                (version,) = db.execute("pragma user_version").fetchone()
                for lacking in (SCHEMA, blocks.SCHEMA)[min(version, VERSION) :]:
                    for each in lacking.split(";"):
                        db.execute(each)
                if version < VERSION:
                    db.execute(f"pragma user_version = {VERSION}")
    except sqlite3.OperationalError as problem:
        raise ContextAway(f"{place}: {problem}") from problem
    except sqlite3.DatabaseError as problem:
        raise broken(place, problem) from problem
    if version > VERSION:
        raise OutsideFailed(
            f"{place} was written by a newer version (tables {version}, known {VERSION})", "use that version, or another file"
        )


def open_file(place: Path) -> sqlite3.Connection:
    """Return a connection: what it is told to keep is on the disk."""
    db = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    db.execute("pragma synchronous = full")
    db.execute("pragma cache_size = -16000")
    db.execute("pragma journal_size_limit = 67108864")
    return db


def broken(place: Path, problem: sqlite3.DatabaseError) -> OutsideFailed:
    """Return what to say of a file that is no database, or no longer a whole one."""
    return OutsideFailed(
        f"{place} cannot be used: {problem}", "move the file away: the platform makes a new one, and knows nothing of before"
    )
