"""One Elasticsearch as the context uses it: few requests, each answer looked at item by item, and what is away told as such.

Nothing is used that reduced builds lack: no `GET /`, no scripts, no deleting by query, no life cycles.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlsplit, urlunsplit

import msgspec

from musa_pipeline.context.port import ContextAway
from musa_pipeline.domain.errors import OutsideFailed, UsageWrong

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

PATIENCE = 15.0
"""Seconds to wait for an answer."""

PAGE = 5_000
"""Documents asked for at once; the server gives 10 000 at most."""

BULK = 4 << 20
"""Bytes sent at once."""

AWAY = frozenset({408, 429, 500, 502, 503, 504})
"""Answers of a server that is starting, too busy or not whole: it may do better later."""

CONFLICT = 409

SHORTLY = 2.0
"""Seconds in which a question is asked again that an index cannot answer while it is being made."""

Line = tuple[Mapping[str, object], Mapping[str, object] | None]
"""What to do with a document, and the document."""

_KEYWORD = {"type": "keyword"}
_UNSEEN = {"type": "keyword", "index": False, "doc_values": False}
_SHARED = {"time": {"type": "double"}, "@timestamp": {"type": "date", "format": "epoch_millis"}}
MAPPINGS: Mapping[str, Mapping[str, object]] = {
    "entities": {
        "key": _KEYWORD, "kind": _KEYWORD, "facts": _KEYWORD, "gone": {"type": "boolean"}, "id": _UNSEEN, "arrivals": {"type": "long"},
        "state": _UNSEEN, "tail": _UNSEEN, **_SHARED,
    },
    "changes": {
        "key": _KEYWORD, "kind": _KEYWORD, "arrival": {"type": "long"}, "gone": {"type": "boolean"}, "change": _UNSEEN, "entity": _UNSEEN,
        "because": _UNSEEN, "delta": _UNSEEN, "state": _UNSEEN, **_SHARED,
    },
    "measurements": {
        "subject": _KEYWORD, "metric": _KEYWORD, "value": {"type": "double"}, "component": _UNSEEN, "machine": _UNSEEN, "agent": _UNSEEN,
        "unit": _UNSEEN, "about": _UNSEEN, **_SHARED,
    },
    "events": {
        "which": _KEYWORD, "subject": _KEYWORD, "id": _UNSEEN, "type": _UNSEEN, "source": _UNSEEN, "of": _UNSEEN, "data": _UNSEEN,
        "octets": _UNSEEN, **_SHARED,
    },
}  # fmt: skip
"""What is indexed of each kind of document; the rest is only kept."""


def connect_client(address: str, environment: Mapping[str, str]) -> "Elasticsearch":
    """Return the official client for an address; what gives access comes from the environment, never from the address."""
    try:
        from elasticsearch import Elasticsearch
    except ImportError as problem:
        raise OutsideFailed(
            "the client of Elasticsearch is not installed", "pip install 'musa-pipeline[elasticsearch]'"
        ) from problem
    # Its warnings about a server that is away are told by us, once and in words.
    logging.getLogger("elastic_transport").addHandler(logging.NullHandler())
    parts = urlsplit(address)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 9200)
    except ValueError as problem:
        raise UsageWrong(f"{address!r} is no address: {problem}", "https://host:9200") from problem
    if parts.username or parts.password:
        raise UsageWrong("an address holds no password", "set MUSA_STORE_USER and MUSA_STORE_PASSWORD, or MUSA_STORE_API_KEY")
    if not parts.hostname:
        raise UsageWrong(f"{address!r} names no host", "https://host:9200")
    access: dict[str, Any] = {}
    if key := environment.get("MUSA_STORE_API_KEY"):
        access["api_key"] = key
    elif user := environment.get("MUSA_STORE_USER"):
        access["basic_auth"] = (user, environment.get("MUSA_STORE_PASSWORD", ""))
    asked = parse_qs(parts.query)
    if unknown := sorted(asked.keys() - {"ca"}):
        raise UsageWrong(f"the store's address says {unknown[0]!r}, which means nothing", "it may say ?ca=FILE")
    if "ca" in asked:
        access["ca_certs"] = asked["ca"][-1]
        if not Path(asked["ca"][-1]).is_file():
            raise UsageWrong(f"there is no file {asked['ca'][-1]!r}", "?ca= names the certificate of the store's authority")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        return Elasticsearch(
            urlunsplit((parts.scheme, f"{host}:{port}", parts.path, "", "")), request_timeout=PATIENCE, max_retries=0, **access
        )
    except (ValueError, OSError) as problem:
        raise UsageWrong(
            f"the store at {parts.hostname} cannot be used: {problem}", "look at its address and the file of its authority"
        ) from problem


class _NotYet(ContextAway):
    """The server is there, and cannot answer this moment."""


_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def _patient(ask: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
    """Ask again for a short time: an index that another writer makes this moment answers a little later."""

    @wraps(ask)
    def asked(*given: _Given.args, **named: _Given.kwargs) -> _Found:
        end = monotonic() + SHORTLY
        while True:
            try:
                return ask(*given, **named)
            except _NotYet:
                if monotonic() > end:
                    raise
                sleep(0.02)

    return asked


class Server:
    """The indices of one application, all named after it."""

    def __init__(self, client: "Elasticsearch", prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self._guard, self._prepared = Lock(), False

    def index(self, *words: str) -> str:
        """Return the name of an index."""
        return ".".join((self._prefix, *words))

    @contextmanager
    def _asking(self) -> Iterator["Elasticsearch"]:
        """Give the client; an error of the server is one of ours, in words."""
        from elasticsearch import (
            ApiError,
            AuthenticationException,
            AuthorizationException,
            TransportError,
            UnsupportedProductError,
        )

        try:
            self._prepare()
            yield self._client
        except UnsupportedProductError as problem:
            raise OutsideFailed("the store is not an Elasticsearch", "give the address of an Elasticsearch 8") from problem
        except (AuthenticationException, AuthorizationException) as problem:
            raise OutsideFailed(
                f"the store lets us not in: {problem.message}",
                "set MUSA_STORE_USER and MUSA_STORE_PASSWORD, or MUSA_STORE_API_KEY",
            ) from problem
        except ApiError as problem:
            if problem.status_code in AWAY:
                raise _NotYet(f"the store answers {problem.status_code}: {problem.message}") from problem
            raise OutsideFailed(f"the store refuses: {problem}", "look at the log of the server") from problem
        except TransportError as problem:
            if "CERTIFICATE_VERIFY_FAILED" in str(problem.message):
                raise OutsideFailed(
                    "the certificate of the store is not trusted", "name its authority: https://host:9200?ca=FILE"
                ) from problem
            raise ContextAway(f"the store does not answer: {problem.message}") from problem

    def _prepare(self) -> None:
        """Tell the server what the documents are like, once: an index begins with its first document."""
        if self._prepared:
            return
        with self._guard:
            for name, properties in MAPPINGS.items():
                self._client.indices.put_index_template(
                    name=self.index(name),
                    index_patterns=[self.index(name), self.index(name, "*")],
                    priority=500,
                    template={
                        "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
                        "mappings": {"dynamic": False, "properties": properties},
                    },
                )
            self._prepared = True

    def write(self, lines: Iterable[Line]) -> list[Mapping[str, Any]]:
        """Do what the lines say, in their order; return what became of each: written, or in conflict with what is there."""
        result: list[Mapping[str, Any]] = []
        for some in _portions(lines):
            with self._asking() as client:
                items = client.bulk(operations=some, timeout="10s")["items"]
            for item in items:
                ((_, answer),) = item.items()
                if answer["status"] in AWAY:
                    raise ContextAway(f"the store answers {answer['status']}: {answer.get('error')}")
                if answer["status"] >= 400 and answer["status"] not in (404, CONFLICT):
                    raise OutsideFailed(f"the store refuses: {answer['error']}", "look at the log of the server")
                result.append(answer)
        return result

    @_patient
    def fetch(self, places: Sequence[tuple[str, str]], *, source: bool = True) -> list[Mapping[str, Any] | None]:
        """Return documents by index and id as they are this moment, None for those that are not there."""
        result: list[Mapping[str, Any] | None] = []
        for first in range(0, len(places), PAGE):
            asked = [{"_index": index, "_id": name} for index, name in places[first : first + PAGE]]
            with self._asking() as client:
                found = client.mget(docs=asked, source=source)["docs"]
            for each in found:
                if "error" in each and each["error"]["type"] != "index_not_found_exception":
                    raise _NotYet(f"the store answers: {each['error']['type']}")
                result.append(each if each.get("found") else None)
        return result

    @_patient
    def search(self, index: str, **asked: Any) -> Mapping[str, Any]:
        """Return one answer to a question; half an answer is none."""
        with self._asking() as client:
            found: Mapping[str, Any] = client.search(
                index=index, ignore_unavailable=True, allow_no_indices=True, allow_partial_search_results=False, **asked
            ).body
        return found

    def pages(
        self, index: str, query: Mapping[str, object], sort: Sequence[Mapping[str, str]], most: int | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Return all documents, or the first so many, in an order."""
        left, after = most, None
        while left is None or left > 0:
            size = PAGE if left is None else min(left, PAGE)
            more: dict[str, Any] = {"search_after": after} if after else {}
            hits = self.search(
                index, query=query, sort=sort, size=size, seq_no_primary_term=True, track_total_hits=False, **more
            )["hits"]["hits"]
            yield from hits
            if len(hits) < size:
                return
            after = hits[-1]["sort"]
            left = None if left is None else left - size

    def groups(
        self, index: str, query: Mapping[str, object], field: str, inner: Mapping[str, object]
    ) -> Iterator[Mapping[str, Any]]:
        """Return an aggregation for each value of a field."""
        after: Mapping[str, object] = {}
        while True:
            composite = {"size": 1_000, "sources": [{"group": {"terms": {"field": field}}}], **after}
            answer = self.search(index, query=query, size=0, aggs={"groups": {"composite": composite, "aggs": {"inner": inner}}})
            found = answer.get("aggregations", {}).get("groups", {"buckets": []})
            for each in found["buckets"]:
                yield each["inner"]
            if "after_key" not in found:
                return
            after = {"after": found["after_key"]}

    @_patient
    def refresh(self, *words: str) -> None:
        """Make everything that was written to indices findable."""
        with self._asking() as client:
            client.indices.refresh(index=self.index(*words), ignore_unavailable=True, allow_no_indices=True)

    @_patient
    def months(self, kind: str) -> dict[str, str]:
        """Return the indices of a kind by their month."""
        with self._asking() as client:
            names = client.indices.get_alias(index=self.index(kind, "*"), ignore_unavailable=True, allow_no_indices=True).body
        found = {name.removeprefix(self.index(kind, "")): name for name in names}
        return {month: name for month, name in sorted(found.items()) if month[:1].isdigit()}

    def drop(self, indices: Iterable[str]) -> None:
        """Remove whole indices."""
        for name in indices:
            with self._asking() as client:
                client.indices.delete(index=name, ignore_unavailable=True)

    def close(self) -> None:
        self._client.close()


def _portions(lines: Iterable[Line]) -> Iterator[list[Any]]:
    """Return the lines as bytes, in lots that a server takes at once."""
    encode = msgspec.json.Encoder().encode
    lot: list[Any] = []
    size = 0
    for action, document in lines:
        more = [encode(action)] if document is None else [encode(action), encode(document)]
        lot += more
        size += sum(map(len, more))
        if size >= BULK:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot
