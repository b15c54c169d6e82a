"""The context in one SQLite file: nothing to install, several processes at once, and what was accepted outlives a crash."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeAlias

import msgspec

from musa_pipeline.context import blocks, fold
from musa_pipeline.context.file import broken, open_file, prepare, transaction
from musa_pipeline.context.fold import Row
from musa_pipeline.context.port import ContextAway
from musa_pipeline.domain.context import Bucket, Change, Entity, Kind
from musa_pipeline.domain.event import Event, Measurement, Samples, gathered

REMEMBERED = 100_000
"""Series whose numbers are kept in memory: a flood from made-up addresses must not fill it."""

Series: TypeAlias = tuple[str, str, str, str, str, tuple[tuple[str, str], ...]]
"""Metric, component, machine, agent, unit, and what more is known."""
AT_ONCE = 100
"""Entities or series of which is forgotten in one transaction, so that writers wait shortly only."""

_CHANGE = "id, kind, entity, time, arrival, delta, ends, because, state, revision"
_ALL_BUT_THE_LAST = (
    "delete from change where kind = ?1 and entity = ?2 and time < ?3 and arrival <> "
    "(select arrival from change where kind = ?1 and entity = ?2 and time < ?3 order by time desc, arrival desc limit 1)"
)
_EMPTY_SERIES = (
    "delete from series where number = ?1 and not exists (select 1 from measurement where series = ?1)"
    " and not exists (select 1 from block where series = ?1)"
)
_SERIES = "subject, metric, component, machine, agent, unit, about"
_Line = tuple[str, str, str, float, int, str, int, str, str, int]


class SqliteContext:
    """One file; a connection for each thread that is at work, and one writer at a time."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._idle: list[sqlite3.Connection] = []
        self._guard, self._writing = Lock(), Lock()
        self._closed = False
        self._numbers: dict[Series, int] = {}
        self._moved = 0
        prepare(place)

    def apply(self, changes: Sequence[Change]) -> int:
        wanted = fold.checked(changes)
        with self._write() as db:
            horizon, _ = _horizon(db)
            return sum(_apply(db, change, horizon) for change in wanted)

    def get(self, kind: Kind, entity: str, at: float | None = None) -> Entity | None:
        with self._read() as db:
            if at is None:
                found = db.execute(
                    "select kind, id, state, time, revision, gone from entity where kind = ? and id = ?", (kind, entity)
                ).fetchone()
                state = _entity(*found) if found else None
            else:
                state = _as_of(db, kind, entity, at, _horizon(db)[0])
        return None if state is None or state.gone else state

    def find(self, kind: Kind, at: float | None = None, **where: str | float | bool) -> Sequence[Entity]:
        with self._read() as db:
            if at is None:
                likely = "".join(" and instr(state, ?)" for value in where.values() if isinstance(value, str))
                hints = [fold.text({name: value})[1:-1] for name, value in where.items() if isinstance(value, str)]
                lines = db.execute(
                    f"select kind, id, state, time, revision, gone from entity where kind = ? and not gone{likely} order by id",  # noqa: S608
                    (kind, *hints),
                )
                states: Iterable[Entity | None] = [_entity(*each) for each in lines]
            else:
                names = [name for (name,) in db.execute("select id from entity where kind = ? order by id", (kind,))]
                horizon, _ = _horizon(db)
                states = [_as_of(db, kind, name, at, horizon) for name in names]
        return [each for each in states if each is not None and not each.gone and fold.matches(each, where)]

    def history(self, kind: Kind, entity: str, most: int = 100) -> Sequence[Entity]:
        with self._read() as db:
            horizon, _ = _horizon(db)
            lines = db.execute(
                f"select {_CHANGE} from change where kind = ? and entity = ? order by time desc, arrival desc limit ?",  # noqa: S608
                (kind, entity, max(most, 0)),
            )
            return fold.shown((_row(each).state for each in lines), horizon)

    def record(self, measurements: Sequence[Measurement]) -> int:
        return self.keep(gathered(measurements))

    def keep(self, samples: Sequence[Samples]) -> int:
        fresh: dict[Series, int] = {}
        lines: list[tuple[int, float, float]] = []
        single: set[int] = set()
        new = 0
        with self._write() as db:
            horizon, moved = _horizon(db)
            if moved != self._moved:
                # Somebody forgot series: their numbers are no more.
                self._numbers, self._moved = {}, moved
            packed = before_packed = blocks.newest(db)
            for each in samples:
                times, values = fold.usable_of(each, horizon)
                if not times:
                    continue
                number = self._number(db, each, fresh)
                if number not in single and blocks.put(db, number, times, values):
                    new, packed = new + len(times), max(packed, times[-1])
                    continue
                single.add(number)
                held = blocks.known(db, number, times) if min(times) <= packed else ()
                lines += [
                    (number, time, value) for time, value in zip(times, values, strict=True) if not held or time not in held
                ]
            if packed > before_packed:
                blocks.grown(db, packed)
            before = db.total_changes
            db.executemany("insert or ignore into measurement values (?, ?, ?)", lines)
            new += db.total_changes - before
        if len(self._numbers) + len(fresh) > REMEMBERED:
            self._numbers = {}
        self._numbers |= fresh
        return new

    def _number(self, db: sqlite3.Connection, of: Samples, fresh: dict[Series, int]) -> int:
        key = (of.metric, of.component, of.machine, of.agent, of.unit, of.about)
        number = self._numbers.get(key) or fresh.get(key)
        if number is None:
            words = (fold.subject(of), of.metric, of.component, of.machine, of.agent, of.unit, fold.about(of))
            db.execute(f"insert or ignore into series ({_SERIES}) values (?, ?, ?, ?, ?, ?, ?)", words)  # noqa: S608
            (number,) = db.execute(f"select number from series where ({_SERIES}) = (?, ?, ?, ?, ?, ?, ?)", words).fetchone()  # noqa: S608
            fresh[key] = number
        return number

    def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Sequence[Bucket]:
        since, until = fold.steps(since, until, step)
        with self._read() as db:
            lines = db.execute(
                "select cast((time - ?) / ? as integer) as place, count(*), total(value), min(value), max(value) from measurement "
                "where series in (select number from series where subject = ? and metric = ?) and time >= ? and time < ? "
                "group by place order by place",
                (since, step, subject, metric, since, until),
            ).fetchall()
            packed = [*blocks.buckets(db, subject, metric, since, until, step)]
        single = [
            Bucket(start=since + place * step, count=count, total=total, lowest=low, highest=high)
            for place, count, total, low, high in lines
        ]
        return fold.joined([*single, *packed]) if packed else single

    def tell(self, events: Sequence[Event]) -> int:
        wanted = fold.told_once(events)
        with self._write() as db:
            horizon, _ = _horizon(db)
            before = db.total_changes
            db.executemany(
                "insert or ignore into event (id, type, source, subject, time, data) values (?, ?, ?, ?, ?, ?)",
                [
                    (each.id, each.type, each.source, each.subject, each.time, each.data)
                    for each in wanted
                    if each.time >= horizon
                ],
            )
            return db.total_changes - before

    def told(
        self, *, which: str = "", subject: str = "", since: float = 0.0, until: float | None = None, most: int = 100
    ) -> Sequence[Event]:
        asked: list[tuple[str, str | float]] = [("time >= ?", since)]
        asked += [("time < ?", until)] if until is not None else []
        asked += [("type = ?", which)] if which else []
        asked += [("subject = ?", subject)] if subject else []
        with self._read() as db:
            lines = db.execute(
                "select id, type, source, subject, time, data from event where "  # noqa: S608
                f"{' and '.join(term for term, _ in asked)} order by time desc, number desc limit ?",
                (*(value for _, value in asked), max(most, 0)),
            ).fetchall()
        return [
            Event(id=name, type=kind, source=source, subject=whom, time=time, data=data)
            for name, kind, source, whom, time, data in lines
        ]

    def forget(self, before: float) -> None:
        before = fold.bounded(before)
        with self._write() as db:
            db.execute("update horizon set time = ?, moved = moved + 1", (before,))
            db.execute("delete from event where time < ?", (before,))
            names = db.execute("select kind, id from entity").fetchall()
            numbers = db.execute("select number from series").fetchall()
        for first in range(0, len(names), AT_ONCE):
            with self._write() as db:
                old = [(kind, name, before) for kind, name in names[first : first + AT_ONCE]]
                db.executemany(_ALL_BUT_THE_LAST, old)
                db.executemany("delete from change where kind = ? and entity = ? and time < ? and ends", old)
                db.executemany("delete from entity where kind = ? and id = ? and time < ? and gone", old)
        for first in range(0, len(numbers), AT_ONCE):
            some = numbers[first : first + AT_ONCE]
            with self._write() as db:
                db.execute("update horizon set moved = moved + 1")
                db.executemany("delete from measurement where series = ? and time < ?", [(number, before) for (number,) in some])
                for (number,) in some:
                    blocks.forget(db, number, before)
                db.executemany(_EMPTY_SERIES, some)

    def close(self) -> None:
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for each in idle:
            each.close()

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the file throughout."""
        with self._connection() as db, transaction(db, "begin"):
            yield db

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """Give the connection that alone may write; what it wrote is all kept, or nothing of it."""
        with self._writing, self._connection() as db, transaction(db, "begin immediate"):
            yield db

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            if self._closed:
                raise ContextAway("the context is closed")
            db = self._idle.pop() if self._idle else None
        try:
            db = db or open_file(self._place)
            yield db
        except sqlite3.OperationalError as problem:
            raise ContextAway(f"{self._place}: {problem}") from problem
        except sqlite3.DatabaseError as problem:
            raise broken(self._place, problem) from problem
        finally:
            if db is not None:
                self._give_back(db)

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._guard:
            if not self._closed:
                self._idle.append(db)
                return
        db.close()


def _horizon(db: sqlite3.Connection) -> tuple[float, int]:
    """Return the time before which all is forgotten, and how often something was."""
    time, moved = db.execute("select time, moved from horizon").fetchone()
    return time, moved


def _apply(db: sqlite3.Connection, change: Change, horizon: float) -> bool:
    """Write one change, unless it is known or older than what is remembered."""
    found = db.execute(
        "select arrivals, state, time, revision, gone from entity where kind = ? and id = ?", (change.kind, change.entity)
    ).fetchone()
    if found is None or change.time < found[2] or change.time < horizon:
        return _apply_late(db, change, found[0] if found else 0, horizon)
    arrivals, state, time, revision, gone = found
    before = _entity(change.kind, change.entity, state, time, revision, gone)
    (row,) = fold.folded(before, [(arrivals + 1, change)])
    if not db.execute(f"insert or ignore into change ({_CHANGE}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _line(row)).rowcount:  # noqa: S608
        return False
    _stand(db, row, arrivals + 1)
    return True


def _apply_late(db: sqlite3.Connection, change: Change, arrivals: int, horizon: float) -> bool:
    """Write a change that is the first of its entity, or comes late: what came later in time is told anew on top of it."""
    if db.execute("select 1 from change where id = ?", (change.id,)).fetchone():
        return False
    before = _last(db, change.kind, change.entity, "time <= ?", change.time)
    base = _last(db, change.kind, change.entity, "time < ?", horizon) if change.time < horizon else None
    if base and change.time < base.change.time:
        return False
    later = [
        _row(each)
        for each in db.execute(
            f"select {_CHANGE} from change where kind = ? and entity = ? and time > ?",  # noqa: S608
            (change.kind, change.entity, change.time),
        )
    ]
    rows = fold.folded(
        before.state if before else None, [(arrivals + 1, change), *((each.arrival, each.change) for each in later)]
    )
    db.executemany(f"insert or replace into change ({_CHANGE}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_line, rows))  # noqa: S608
    _stand(db, rows[-1], arrivals + 1)
    return True


def _stand(db: sqlite3.Connection, row: Row, arrivals: int) -> None:
    """Write how an entity stands."""
    now = row.state
    db.execute(
        "insert or replace into entity (kind, id, arrivals, state, time, revision, gone) values (?, ?, ?, ?, ?, ?, ?)",
        (
            now.kind,
            now.id,
            arrivals,
            fold.text([now.desired, now.observed]),
            now.time,
            now.revision,
            now.gone,
        ),
    )


def _as_of(db: sqlite3.Connection, kind: Kind, entity: str, at: float, horizon: float) -> Entity | None:
    """Return the state at a time; of what is forgotten, only the last state is known, from its own time on."""
    last = _last(db, kind, entity, "time < ?", horizon) if at < horizon else _last(db, kind, entity, "time <= ?", at)
    return last.state if last and last.change.time <= at else None


def _last(db: sqlite3.Connection, kind: Kind, entity: str, when: str, time: float) -> Row | None:
    found = db.execute(
        f"select {_CHANGE} from change where kind = ? and entity = ? and {when} order by time desc, arrival desc limit 1",  # noqa: S608
        (kind, entity, time),
    ).fetchone()
    return _row(found) if found else None


def _line(row: Row) -> _Line:
    change, state = row.change, row.state
    return (
        change.id, change.kind, change.entity, change.time, row.arrival, fold.text([change.desired, change.observed]), change.gone,
        change.because, fold.text([state.desired, state.observed]), state.revision,
    )  # fmt: skip


def _row(line: _Line) -> Row:
    name, kind, entity, time, arrival, delta, ends, because, state, revision = line
    desired, observed = msgspec.json.decode(delta)
    return Row(
        change=Change(
            id=name,
            kind=Kind(kind),
            entity=entity,
            time=time,
            desired=desired,
            observed=observed,
            gone=bool(ends),
            because=because,
        ),
        arrival=arrival,
        state=_entity(kind, entity, state, time, revision, ends),
    )


def _entity(kind: str, name: str, state: str, time: float, revision: int, gone: int) -> Entity:
    desired, observed = msgspec.json.decode(state)
    return Entity(kind=Kind(kind), id=name, desired=desired, observed=observed, time=time, revision=revision, gone=bool(gone))
