"""The context on Elasticsearch 8: entities by compare-and-set, measurements and events in one index a month, forgotten by whole indices."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from threading import Lock
from time import monotonic
from typing import Any

from musa_pipeline.context import entities, fold
from musa_pipeline.context.port import ContextAway
from musa_pipeline.context.server import Line, Server, connect_client
from musa_pipeline.domain.context import Bucket, Change, Entity, Kind
from musa_pipeline.domain.event import Event, Measurement, Samples
from musa_pipeline.domain.ids import slug

AT_ONCE = 10_000
"""Buckets asked for at once; a server gives 65 536 at most."""

TRUST = 5.0
"""Seconds after which the horizon is read again: another process may have moved it."""

LONGEST = 500
"""Characters of a word that is indexed as it is; a longer one by its digest. A server takes 32 766 bytes at most."""

HORIZON = "horizon"


def connect(address: str, name: str, environment: Mapping[str, str]) -> "ElasticsearchContext":
    """Return the context of an application on the server at an address; it need not be up yet."""
    return ElasticsearchContext(Server(connect_client(address, environment), f"musa.{slug(name)}"))


class ElasticsearchContext:
    """All indices begin with `musa.<application>.`: no id has a dot in it, so applications do not meet. Searches come after a refresh, so they find everything that was written."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._guard = Lock()
        self._known: tuple[float, float] | None = None
        self._closed = False

    def apply(self, changes: Sequence[Change]) -> int:
        return entities.apply(self._server, changes, self._horizon())

    def get(self, kind: Kind, entity: str, at: float | None = None) -> Entity | None:
        horizon = self._horizon()
        if at is None:
            return entities.get(self._server, kind, entity)
        return entities.as_of(self._server, kind, entity, min(at, fold.END), horizon)

    def find(self, kind: Kind, at: float | None = None, **where: str | float | bool) -> Sequence[Entity]:
        horizon = self._horizon()
        if at is None:
            return entities.find(self._server, kind, where)
        return entities.find_as_of(self._server, kind, min(at, fold.END), horizon, where)

    def history(self, kind: Kind, entity: str, most: int = 100) -> Sequence[Entity]:
        return entities.history(self._server, kind, entity, most, self._horizon())

    def record(self, measurements: Sequence[Measurement]) -> int:
        horizon = self._horizon()
        lines = (self._measurement(each) for each in fold.usable(measurements) if each.time >= horizon)
        return _created(self._server.write(lines))

    def keep(self, samples: Sequence[Samples]) -> int:
        return self.record([each.one(*pair) for each in samples for pair in zip(each.times, each.values, strict=True)])

    def _measurement(self, of: Measurement) -> Line:
        time, about = of.time + 0.0, fold.about(of)
        document = {
            "subject": _word(fold.subject(of)),
            "metric": _word(of.metric),
            "component": of.component,
            "machine": of.machine,
            "agent": of.agent,
            "unit": of.unit,
            "about": about,
            "time": time,
            "@timestamp": int(time * 1000),
            "value": of.value,
        }
        name = fold.key(of.component, of.machine, of.agent, of.metric, of.unit, about, time)
        return {"create": {"_index": self._server.index("measurements", fold.month(time)), "_id": name}}, document

    def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Sequence[Bucket]:
        since, until = fold.steps(since, until, step)
        first = max(since, self._horizon())
        self._server.refresh("measurements", "*")
        result: list[Bucket] = []
        while first < until:
            # Where a span is longer than one answer can be, the next one begins at the next measurement.
            if (until - first) / step > AT_ONCE:
                found = self._aggregated(subject, metric, first, until, {"min": {"field": "time"}})
                if found is None or found["value"] is None:
                    break
                first = max(first, found["value"])
            place = int((first - since) / step)
            end = min(until, since + (place + AT_ONCE) * step)
            histogram = {"field": "time", "interval": step, "offset": since, "min_doc_count": 1}
            stats = {"stats": {"stats": {"field": "value"}}}
            found = self._aggregated(subject, metric, first, end, {"histogram": histogram, "aggs": stats})
            result += [_bucket(each, since, step) for each in (found or {"buckets": []})["buckets"]]
            first = end
        return fold.joined(result)  # where a span ends, rounding may part what belongs together

    def _aggregated(
        self, subject: str, metric: str, since: float, until: float, how: Mapping[str, object]
    ) -> Mapping[str, Any] | None:
        terms = [
            {"term": {"subject": _word(subject)}},
            {"term": {"metric": _word(metric)}},
            {"range": {"time": {"gte": since, "lt": until}}},
        ]
        answer = self._server.search(
            self._server.index("measurements", "*"), query={"bool": {"filter": terms}}, size=0, aggs={"found": how}
        )
        found: Mapping[str, Any] | None = answer.get("aggregations", {}).get("found")
        return found

    def tell(self, events: Sequence[Event]) -> int:
        horizon = self._horizon()
        wanted = [each for each in fold.told_once(events) if each.time >= horizon]
        # In its own month an event meets its like when it is made.
        places = [
            (self._server.index("events", month), fold.key(each.id))
            for each in wanted
            for month in fold.beside(fold.month(each.time))[::2]
        ]
        there = self._server.fetch(places, source=False)
        known = {place[1] for place, found in zip(places, there, strict=True) if found}
        return _created(self._server.write(self._event(each) for each in wanted if fold.key(each.id) not in known))

    def _event(self, event: Event) -> Line:
        document: dict[str, object] = {
            "which": _word(event.type),
            "subject": _word(event.subject),
            "id": event.id,
            "type": event.type,
            "source": event.source,
            "of": event.subject,
            "time": event.time + 0.0,
            "@timestamp": int(event.time * 1000),
        }
        try:
            document["data"] = event.data.decode()
        except UnicodeDecodeError:
            document["octets"] = b64encode(event.data).decode()
        return {"create": {"_index": self._server.index("events", fold.month(event.time)), "_id": fold.key(event.id)}}, document

    def told(
        self, *, which: str = "", subject: str = "", since: float = 0.0, until: float | None = None, most: int = 100
    ) -> Sequence[Event]:
        span = {"gte": min(max(since, self._horizon()), fold.END)} | (
            {} if until is None else {"lt": min(max(until, 0.0), fold.END)}
        )
        terms: list[Mapping[str, object]] = [{"range": {"time": span}}]
        terms += [{"term": {"which": _word(which)}}] if which else []
        terms += [{"term": {"subject": _word(subject)}}] if subject else []
        self._server.refresh("events", "*")
        # The server's own number of a document is the order of arrival: those of one time are in one index.
        newest = [{"time": "desc"}, {"_seq_no": "desc"}]
        hits = self._server.pages(self._server.index("events", "*"), {"bool": {"filter": terms}}, newest, most)
        return [_told(each["_source"]) for each in hits]

    def forget(self, before: float) -> None:
        before = fold.bounded(before)
        place = {"index": {"_index": self._server.index("about"), "_id": HORIZON}}
        self._horizon()
        self._server.write([(place, {"time": before})])
        with self._guard:
            self._known = (before, monotonic())
        for kind in ("measurements", "events"):
            self._server.drop(name for month, name in self._server.months(kind).items() if month < fold.month(before))
        entities.forget(self._server, before)

    def _horizon(self) -> float:
        """Return the time before which all is forgotten."""
        if self._closed:
            raise ContextAway("the context is closed")
        with self._guard:
            if self._known and monotonic() - self._known[1] < TRUST:
                return self._known[0]
        (found,) = self._server.fetch([(self._server.index("about"), HORIZON)])
        horizon = float(found["_source"]["time"]) if found else 0.0
        with self._guard:
            self._known = (horizon, monotonic())
        return horizon

    def close(self) -> None:
        self._closed = True
        self._server.close()


def _created(answers: Sequence[Mapping[str, Any]]) -> int:
    return sum(each["status"] == 201 for each in answers)


def _word(text: str) -> str:
    return text if len(text) <= LONGEST else fold.key(text)


def _bucket(found: Mapping[str, Any], since: float, step: float) -> Bucket:
    stats = found["stats"]
    return Bucket(
        start=since + round((found["key"] - since) / step) * step,
        count=stats["count"],
        total=float(stats["sum"]),
        lowest=stats["min"],
        highest=stats["max"],
    )


def _told(source: Mapping[str, Any]) -> Event:
    return Event(
        id=source["id"],
        type=source["type"],
        source=source["source"],
        subject=source["of"],
        time=source["time"],
        data=source["data"].encode() if "data" in source else b64decode(source["octets"]),
    )
