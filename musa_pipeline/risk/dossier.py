"""How evidence adds up over time: the same finding counts once, the later word on it counts, a later account of a series is the whole."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from musa_pipeline.domain.evidence import Account, Dossier, Evidence, EvidenceKind

MOST: Final = 20_000
"""Findings that are kept, the worst and newest first; nobody reviews more, and their sum has long moved all it can."""


_Name: TypeAlias = tuple[str, str, str]
"""A finding: the tool, its series, the id within. Two tools that find the same flaw are two witnesses."""


def merged(old: Dossier, new: Dossier) -> Dossier:
    """Return both as one, with the words of people and the day of `new` where it has any.

    Of what is told of one finding the latest counts, of one moment the worse. What a later account of its series does not have
    is gone. So the order of merging means nothing, and merging twice is merging once.
    """
    accounts = _newest([*old.accounts, *new.accounts])
    latest = {(each.tool, each.series): each.time for each in accounts if each.series}
    found: dict[_Name, Evidence] = {}
    for row in (*old.evidence, *new.evidence):
        if row.time < latest.get((row.tool, row.series), row.time):
            continue
        for name in ((row.tool, row.series, each) for each in row.ids):
            if name not in found or _weight(row) > _weight(found[name]):
                found[name] = row
    kept = sorted(
        found, key=lambda name: (found[name].kind is EvidenceKind.PASSED, -found[name].severity.score, -found[name].time, name)
    )
    return replace(
        new,
        as_of=max((each for each in (old.as_of, new.as_of) if each), default=None),
        accounts=accounts,
        evidence=_rows({name: found[name] for name in kept[:MOST]}),
    )


def _weight(row: Evidence) -> tuple[Any, ...]:
    """Return what decides between two words on one finding: a total order, so that no order of reading does."""
    return (row.time, row.kind is not EvidenceKind.PASSED, row.severity.score, *_alike(row))


def _alike(row: Evidence) -> tuple[Any, ...]:
    bearing = row.bearing
    what = (bearing.weaknesses, bearing.techniques, bearing.controls, bearing.threats)
    return (row.component, str(row.kind), row.severity.score, row.time, row.tool, row.series, what)


def _newest(accounts: Iterable[Account]) -> tuple[Account, ...]:
    """Return the latest account of each series, and of each file of a stream."""
    found: dict[tuple[str, str, str], Account] = {}
    for each in accounts:
        key = (each.tool, each.series, "" if each.series else each.file)
        if key not in found or _order(each) > _order(found[key]):
            found[key] = each
    return tuple(found[key] for key in sorted(found))


def _order(each: Account) -> tuple[Any, ...]:
    return (each.time, each.sha256, each.file, each.form, each.found, each.kept)


def _rows(found: dict[_Name, Evidence]) -> tuple[Evidence, ...]:
    """Gather findings that are alike into rows, the gravest first at each component."""
    alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    first: dict[tuple[Any, ...], Evidence] = {}
    for name, row in found.items():
        alike[_alike(row)].append(name[2])
        first.setdefault(_alike(row), row)
    rows = [replace(first[key], ids=tuple(sorted(names))) for key, names in alike.items()]
    order = list(EvidenceKind)
    rows.sort(key=lambda each: (each.component, order.index(each.kind), -each.severity.score, -each.time, each.tool, each.ids))
    return tuple(rows)
