"""Entities on Elasticsearch: a document is written whole or not at all, but only one at a time, so each write can be finished by the next writer.

An entity's *head* holds its current state and the changes that led there last; it is replaced only by who has seen it (the server compares).
With that a change is made. Then its *row* goes to the index of its month: the change with the state as of its time. A writer that is killed in
between leaves rows missing; whoever touches the head next writes them first. A change that comes late leaves its time in the head as well: the
states of the rows after it are told anew. A row bears the number of arrivals its writer had seen, so one that is slow never undoes a newer one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

import msgspec

from musa_pipeline.context import fold
from musa_pipeline.context.fold import Row
from musa_pipeline.context.port import ContextAway
from musa_pipeline.context.server import CONFLICT, Line, Server
from musa_pipeline.domain.context import Change, Entity, Kind

TURNS = 200
"""How often a writer tries anew when others were quicker."""

NEWEST = [{"time": "desc"}, {"arrival": "desc"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of an entity as it was read: `seen` says which version of it."""

    state: Entity
    arrivals: int
    tail: tuple[Mapping[str, Any], ...]
    late: float | None
    seen: tuple[int, int]


def apply(server: Server, changes: Iterable[Change], horizon: float) -> int:
    """Write changes; return how many were new."""
    waiting: dict[str, list[Change]] = {}
    for each in fold.checked(changes):
        waiting.setdefault(fold.key(each.kind, each.entity), []).append(each)
    new = 0
    for turn in range(TURNS):
        if not waiting:
            return new
        sleep(min(0.002 * turn, 0.1))
        heads = {
            key: _head(found)
            for key, found in zip(waiting, server.fetch([(server.index("entities"), key) for key in waiting]), strict=True)
        }
        known = _finish(server, heads, waiting)
        plans = {}
        for key, wanted in waiting.items():
            if fresh := [each for each in wanted if each.id not in known and not _forgotten(server, each, key, horizon)]:
                plans[key] = _plan(server, key, heads[key], fresh)
        answers = server.write(plan.line for plan in plans.values())
        done = {key: plan for (key, plan), answer in zip(plans.items(), answers, strict=True) if answer["status"] != CONFLICT}
        server.write(line for plan in done.values() for line in plan.rows)
        new += sum(plan.new for plan in done.values())
        waiting = {key: wanted for key, wanted in waiting.items() if key in plans and key not in done}
    raise ContextAway("others write the same entities all the time")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    line: Line
    rows: Sequence[Line]
    new: int


def _plan(server: Server, key: str, head: Head | None, fresh: Sequence[Change]) -> _Plan:
    """Return the next head of an entity, and its rows."""
    arrivals = head.arrivals if head else 0
    added = list(enumerate(fresh, arrivals + 1))
    first = min(each.time for each in fresh)
    late = head is not None and first < head.state.time
    before, later = _around(server, key, first) if late else (head.state if head else None, [])
    rows = fold.folded(before, [*added, *((each.arrival, each.change) for each in later)])
    mine = {each.id for each in fresh}
    documents = [_document(key, each) for each in rows]
    now = rows[-1].state
    content = {
        "key": key,
        "kind": now.kind,
        "id": now.id,
        "time": now.time,
        "arrivals": arrivals + len(fresh),
        "revision": now.revision,
        "gone": now.gone,
        "facts": [] if now.gone else fold.tokens(fold.facts(now)),
        "state": fold.text([now.desired, now.observed]),
        "tail": fold.text([each for each in documents if each["change"] in mine]),
        "late": first if late else None,
    }
    place: dict[str, object] = {"_index": server.index("entities"), "_id": key}
    if head is None:
        line: Line = ({"create": place}, content)
    else:
        number, term = head.seen
        line = ({"index": {**place, "if_seq_no": number, "if_primary_term": term}}, content)
    return _Plan(line=line, rows=[_row_line(server, each, arrivals + len(fresh)) for each in documents], new=len(fresh))


def _finish(server: Server, heads: Mapping[str, Head | None], waiting: Mapping[str, Sequence[Change]]) -> set[str]:
    """Finish what the last writers of these entities began; return which of the waiting changes are known already."""
    tails = [(head, each) for head in heads.values() if head for each in head.tail]
    asked = [(each.id, month) for wanted in waiting.values() for each in wanted for month in fold.beside(fold.month(each.time))]
    places = [_row_place(server, each["change"], fold.month(each["time"])) for _, each in tails]
    found = server.fetch([*places, *(_row_place(server, name, month) for name, month in asked)], source=False)
    server.write(
        _row_line(server, each, head.arrivals)
        for (head, each), there in zip(tails, found[: len(tails)], strict=True)
        if there is None
    )
    for key, head in heads.items():
        if head and head.late is not None:
            before, later = _around(server, key, head.late, inclusive=True)
            pairs = [(each.arrival, each.change) for each in later]
            server.write(_row_line(server, _document(key, each), head.arrivals) for each in fold.folded(before, pairs))
    known = {name for (name, _), there in zip(asked, found[len(tails) :], strict=True) if there}
    return known | {each["change"] for _, each in tails}


def _forgotten(server: Server, change: Change, key: str, horizon: float) -> bool:
    """Tell whether a change is older than what is remembered of its entity."""
    if change.time >= horizon:
        return False
    server.refresh("changes", "*")
    base = _last(server, key, {"lt": horizon})
    return base is not None and change.time < base.change.time


def _around(server: Server, key: str, time: float, *, inclusive: bool = False) -> tuple[Entity | None, list[Row]]:
    """Return the last state up to a time, and the rows after it; inclusive: those of that time are among these."""
    server.refresh("changes", "*")
    before = _last(server, key, {"lt" if inclusive else "lte": time})
    query = _query(key, {"gte" if inclusive else "gt": time})
    return before.state if before else None, _rows(server.pages(server.index("changes", "*"), query, NEWEST))


def get(server: Server, kind: Kind, entity: str) -> Entity | None:
    """Return an entity now."""
    (found,) = server.fetch([(server.index("entities"), fold.key(kind, entity))])
    head = _head(found)
    return head.state if head and not head.state.gone else None


def as_of(server: Server, kind: Kind, entity: str, at: float, horizon: float) -> Entity | None:
    """Return an entity as it was; of what is forgotten only the last state is known, from its own time on."""
    server.refresh("changes", "*")
    last = _last(server, fold.key(kind, entity), {"lt": horizon} if at < horizon else {"lte": at})
    return last.state if last and last.change.time <= at and not last.state.gone else None


def find(server: Server, kind: Kind, where: Mapping[str, str | float | bool]) -> list[Entity]:
    """Return the entities of a kind that have these fields now."""
    server.refresh("entities")
    terms: list[Mapping[str, object]] = [{"term": {"kind": kind}}, {"term": {"gone": False}}]
    terms += [{"term": {"facts": each}} for each in fold.tokens(where)]
    heads = server.pages(server.index("entities"), {"bool": {"filter": terms}}, [{"key": "asc"}])
    return _ordered((head.state for each in heads if (head := _head(each))), where)


def find_as_of(server: Server, kind: Kind, at: float, horizon: float, where: Mapping[str, str | float | bool]) -> list[Entity]:
    """Return the entities of a kind that had these fields at a time."""
    server.refresh("changes", "*")
    span = {"lt": horizon} if at < horizon else {"lte": at}
    query = {"bool": {"filter": [{"term": {"kind": kind}}, {"range": {"time": span}}]}}
    newest = {"top_hits": {"size": 1, "sort": NEWEST}}
    rows = [
        row for each in server.groups(server.index("changes", "*"), query, "key", newest) for row in _rows(each["hits"]["hits"])
    ]
    return _ordered((row.state for row in rows if row.change.time <= at and not row.state.gone), where)


def history(server: Server, kind: Kind, entity: str, most: int, horizon: float) -> list[Entity]:
    """Return the states of an entity, newest first."""
    server.refresh("changes", "*")
    # One more: a state that is just being carried over its month's end is there twice.
    hits = server.pages(server.index("changes", "*"), _query(fold.key(kind, entity), {}), NEWEST, most + 1 if most > 0 else 0)
    return fold.shown((each.state for each in _rows(hits)), horizon)[: max(most, 0)]


def forget(server: Server, before: float) -> None:
    """Drop the months that are over before a time, and what ended; the last state of what still is goes over to the next month."""
    server.refresh("changes", "*")
    old = [name for month, name in server.months("changes").items() if month < fold.month(before)]
    if old:
        newest = {"top_hits": {"size": 1, "sort": NEWEST}}
        last = [each["hits"]["hits"][0] for each in server.groups(",".join(old), {"match_all": {}}, "key", newest)]
        server.write(_carry(server, each["_source"]) for each in last)
        server.drop(old)
    server.refresh("entities")
    ended = {"bool": {"filter": [{"term": {"gone": True}}, {"range": {"time": {"lt": before}}}]}}
    server.write(
        (
            {
                "delete": {
                    "_index": each["_index"],
                    "_id": each["_id"],
                    "if_seq_no": each["_seq_no"],
                    "if_primary_term": each["_primary_term"],
                }
            },
            None,
        )
        for each in server.pages(server.index("entities"), ended, [{"key": "asc"}])
    )


def _carry(server: Server, row: Mapping[str, Any]) -> Line:
    place = {"_index": server.index("changes", "carried"), "_id": row["key"]}
    return ({"delete": place}, None) if row["gone"] else ({"index": place}, row)


def _ordered(states: Iterable[Entity], where: Mapping[str, str | float | bool]) -> list[Entity]:
    return sorted((each for each in states if fold.matches(each, where)), key=lambda each: each.id.encode())


def _query(key: str, span: Mapping[str, float]) -> Mapping[str, object]:
    terms: list[Mapping[str, object]] = [{"term": {"key": key}}]
    return {"bool": {"filter": [*terms, {"range": {"time": span}}] if span else terms}}


def _last(server: Server, key: str, span: Mapping[str, float]) -> Row | None:
    rows = _rows(server.pages(server.index("changes", "*"), _query(key, span), NEWEST, 1))
    return rows[0] if rows else None


def _rows(hits: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return rows in the order they came, each change once."""
    found = {each["_source"]["change"]: each["_source"] for each in hits}
    return [_row(each) for each in found.values()]


def _row(source: Mapping[str, Any]) -> Row:
    desired, observed = msgspec.json.decode(source["delta"])
    return Row(
        change=Change(
            id=source["change"],
            kind=Kind(source["kind"]),
            entity=source["entity"],
            time=source["time"],
            desired=desired,
            observed=observed,
            gone=source["gone"],
            because=source["because"],
        ),
        arrival=source["arrival"],
        state=_entity(source, source["entity"]),
    )


def _document(key: str, row: Row) -> Mapping[str, Any]:
    change, state = row.change, row.state
    return {
        "key": key,
        "change": change.id,
        "kind": change.kind,
        "entity": change.entity,
        "time": change.time,
        "@timestamp": int(change.time * 1000),
        "arrival": row.arrival,
        "revision": state.revision,
        "gone": change.gone,
        "because": change.because,
        "delta": fold.text([change.desired, change.observed]),
        "state": fold.text([state.desired, state.observed]),
    }


def _row_place(server: Server, change: str, month: str) -> tuple[str, str]:
    return server.index("changes", month), fold.key(change)


def _row_line(server: Server, document: Mapping[str, Any], seen: int) -> Line:
    index, name = _row_place(server, document["change"], fold.month(document["time"]))
    return {"index": {"_index": index, "_id": name, "version": seen, "version_type": "external"}}, document


def _head(found: Mapping[str, Any] | None) -> Head | None:
    if found is None:
        return None
    source = found["_source"]
    return Head(
        state=_entity(source, source["id"]),
        arrivals=source["arrivals"],
        tail=tuple(msgspec.json.decode(source["tail"])),
        late=source["late"],
        seen=(found["_seq_no"], found["_primary_term"]),
    )


def _entity(source: Mapping[str, Any], name: str) -> Entity:
    desired, observed = msgspec.json.decode(source["state"])
    return Entity(
        kind=Kind(source["kind"]),
        id=name,
        desired=desired,
        observed=observed,
        time=source["time"],
        revision=source["revision"],
        gone=source["gone"],
    )
