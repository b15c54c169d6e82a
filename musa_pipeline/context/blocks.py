"""Samples of one series in blocks: what comes in masses, after a time in which nothing could be read, is one line of the file and not hundreds.

Blocks of one series never overlap, and hold no time that is among its single measurements.
"""

import sqlite3
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import fsum
from typing import Final, TypeAlias

from musa_pipeline.domain.context import Bucket

MANY: Final = 16
"""Samples that are worth a block."""
LONGEST: Final = 3600.0
"""Seconds that a block spans at most: a question about a minute reads no month."""

Figures: TypeAlias = "tuple[array[float], array[float]]"
"""Times, ever later, and the value at each."""

SCHEMA: Final = """
create table block (
    number integer primary key, series integer not null, first real not null, last real not null, times blob not null, figures blob not null);
create index block_of on block (series, last);
create table packed (only_one integer primary key check (only_one = 1), until real not null);
insert into packed values (1, -1.0);
"""

_PUT = (
    "insert into block (series, first, last, times, figures) select ?1, ?2, ?3, ?4, ?5"
    " where not exists (select 1 from measurement where series = ?1 and time >= ?2 and time <= ?3)"
    " and not exists (select 1 from block where series = ?1 and last >= ?2 and first <= ?3)"
)


def newest(db: sqlite3.Connection) -> float:
    """Return the newest time in any block: what is newer needs not be looked for in them."""
    return float(db.execute("select until from packed").fetchone()[0])


def put(db: sqlite3.Connection, series: int, times: Sequence[float], values: Sequence[float]) -> bool:
    """Keep samples as a block; False if they are none: too few, out of order, told already, or something lies between them."""
    first, last = times[0], times[-1]
    if len(times) < MANY or last - first > LONGEST or len({*times}) < len(times) or [*times] != sorted(times):
        return False
    return bool(db.execute(_PUT, (series, first, last, _octets(times), _octets(values))).rowcount)


def grown(db: sqlite3.Connection, until: float) -> None:
    """Note that blocks reach up to a time."""
    db.execute("update packed set until = max(until, ?)", (until,))


def known(db: sqlite3.Connection, series: int, times: Sequence[float]) -> set[float]:
    """Return which times are in blocks."""
    found = {*times}
    return {time for each, _ in _between(db, series, min(found), max(found)) for time in each if time in found}


def buckets(db: sqlite3.Connection, subject: str, metric: str, since: float, until: float, step: float) -> Iterator[Bucket]:
    """Return the buckets that blocks fill, each block for itself."""
    for (series,) in db.execute("select number from series where subject = ? and metric = ?", (subject, metric)).fetchall():
        for times, values in _between(db, series, since, until):
            at, end = bisect_left(times, since), bisect_left(times, until)
            while at < end:
                place = int((times[at] - since) / step)
                stop = bisect_left(times, place + 1, at, end, key=lambda time: int((time - since) / step))
                part = values[at:stop]
                yield Bucket(start=since + place * step, count=len(part), total=fsum(part), lowest=min(part), highest=max(part))
                at = stop


def forget(db: sqlite3.Connection, series: int, before: float) -> None:
    """Drop samples older than a time."""
    db.execute("delete from block where series = ? and last < ?", (series, before))
    for number, times, values in db.execute(
        "select number, times, figures from block where series = ? and last >= ? and first < ?", (series, before, before)
    ).fetchall():
        older = bisect_left(_figures(times), before)
        left = _figures(times)[older:], _figures(values)[older:]
        db.execute(
            "update block set first = ?, times = ?, figures = ? where number = ?",
            (left[0][0], _octets(left[0]), _octets(left[1]), number),
        )


def _between(db: sqlite3.Connection, series: int, first: float, last: float) -> Iterator[Figures]:
    """Return the blocks that reach into a span; since none overlap, the first that begins after it is the last to look at."""
    for begins, times, values in db.execute(
        "select first, times, figures from block where series = ? and last >= ? order by last", (series, first)
    ):
        if begins > last:
            return
        yield _figures(times), _figures(values)


def _octets(figures: Sequence[float]) -> bytes:
    return _ordered(array("d", figures)).tobytes()


def _figures(octets: bytes) -> "array[float]":
    return _ordered(array("d", octets))


def _ordered(figures: "array[float]") -> "array[float]":
    """The file is the same on every machine: the lowest octet of a number comes first."""
    if sys.byteorder == "big":
        figures.byteswap()
    return figures
