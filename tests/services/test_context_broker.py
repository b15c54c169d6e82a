"""The Context Broker over HTTP: every answer is as its own description says, whatever is asked."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from musa_pipeline.context.open import open_context
from musa_pipeline.context.port import Context
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.event import Event, MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.services.broker import PREFIX, Role, broker_app, tokens

NOON = 1_767_268_800.0
OPERATOR = {"Authorization": "Bearer let-me"}
ROLES = tokens(
    {hashlib.sha256(b"let-me").hexdigest(): Role.OPERATOR, hashlib.sha256(b"look").hexdigest(): Role.VIEWER},
)


def seed(context: Context) -> None:
    """A small application: a web server that is measured, its agent, a program, and what was told of them."""
    context.apply(
        [
            Change(
                id="1", kind=Kind.SERVICE, entity="web", time=NOON, desired={"machine": "m1", "kind": "web-server", "ports": [80]}
            ),
            Change(id="2", kind=Kind.SERVICE, entity="web", time=NOON + 10, desired={"machine": "m2"}, observed={"up": True}),
            Change(id="3", kind=Kind.SERVICE, entity="a/b ü>?#%", time=NOON, desired={"machine": "m1", "kind": "database"}),
            Change(id="4", kind=Kind.SERVICE, entity="old", time=NOON, desired={"machine": "m1"}),
            Change(id="5", kind=Kind.SERVICE, entity="old", time=NOON + 5, gone=True),
            Change(
                id="6",
                kind=Kind.AGENT,
                entity="probe@web",
                time=NOON,
                desired={"machine": "m1", "metrics": ["availability", "latency"], "inputs": {"http": 10}},
                observed={"inputs": {"http": 5}, "seen": NOON + 9},
            ),
            Change(
                id="7",
                kind=Kind.STREAM,
                entity="availability@web",
                time=NOON,
                desired={"agent": "probe", "metric": "availability", "unit": "%", "machine": "m1"},
                observed={"last": NOON + 9, "value": 100},
            ),
            Change(
                id="8",
                kind=Kind.SLO,
                entity="web/availability",
                time=NOON,
                desired={"component": "web", "metric": "availability", "agents": ["probe"], "period": 10.0, "unit": "%"},
            ),
            Change(
                id="9",
                kind=Kind.PROGRAM,
                entity="source-drop@m1",
                time=NOON,
                desired={"state": "loaded"},
                observed={"state": "absent"},
            ),
        ]
    )
    web = Measurement(
        component=ComponentId("web"),
        machine=MachineId("m1"),
        agent="probe",
        metric="availability",
        value=1.0,
        unit="%",
        time=NOON,
    )
    context.record([replace(web, time=NOON + number, value=float(number)) for number in range(10)])
    one = Event(id="0", type="musa.finding", source="test", subject="web", time=NOON, data=b'{"a": [1, null]}')
    context.tell([replace(one, id=str(number), time=NOON + number // 7) for number in range(20)])
    context.tell([replace(one, id="broken", type="other", subject="", data=b"\xff{")])


class Asker:
    """Asks, and holds every answer against the description."""

    def __init__(self, context: Context) -> None:
        app = Starlette(routes=[Mount(PREFIX, app=broker_app(context, ROLES))])
        self.client = TestClient(app, raise_server_exceptions=False)
        self.described: dict[str, Any] = self.client.get(f"{PREFIX}/openapi.json").json()

    def ask(self, path: str, method: str = "GET", **more: Any) -> Any:
        answer = self.client.request(method, PREFIX + path, **more)
        self.hold(answer, path.partition("?")[0], method)
        return answer

    def get(self, path: str, **asked: object) -> Any:
        answer = self.ask(path, params={name: str(value) for name, value in asked.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, status: int, path: str, method: str = "GET", **more: Any) -> str:
        answer = self.ask(path, method, **more)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        said = answer.json()
        assert said["status"] == status
        return str(said["detail"])

    def hold(self, answer: Any, path: str, method: str) -> None:
        for template, operations in self.described["paths"].items():
            pattern = re.sub(r"\\{(\w+)\\}", lambda found: ".*" if found[1] == "id" else "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path, re.DOTALL) and method.lower() in operations:
                break
        else:
            assert answer.status_code in (404, 405)
            return
        described = operations[method.lower()]["responses"][str(answer.status_code)]
        if "$ref" in described:
            described = self.described["components"]["responses"][described["$ref"].rpartition("/")[2]]
        (media,) = described["content"]
        assert answer.headers["content-type"] == media
        self.valid(described["content"][media]["schema"], answer.json())

    def valid(self, schema: dict[str, Any], value: object) -> None:
        whole = {**schema, "components": self.described["components"]}
        Draft202012Validator(whole).validate(value)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    store = open_context("embedded", tmp_path_factory.mktemp("broker") / "context.sqlite")
    seed(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def asker(context: Context) -> Iterator[Asker]:
    asker = Asker(context)
    with asker.client:
        yield asker


def test_the_description_is_sound(asker: Asker) -> None:
    described = asker.described
    assert described["openapi"] == "3.1.0"
    assert set(described) <= {"openapi", "info", "servers", "paths", "components"}
    assert described["info"]["title"] and described["info"]["version"]
    names = []
    for path, operations in described["paths"].items():
        assert path.startswith("/")
        for method, operation in operations.items():
            assert method in ("get", "post")
            names.append(operation["operationId"])
            assert operation["summary"] and "200" in operation["responses"]
            places = {(each["name"], each["in"]) for each in operation.get("parameters", [])}
            assert len(places) == len(operation.get("parameters", []))
            assert {name for name, place in places if place == "path"} == set(re.findall(r"{(\w+)}", path))
            for each in operation.get("parameters", []):
                assert each["required"] or each["in"] == "query"
                Draft202012Validator.check_schema(each["schema"])
    assert len(names) == len(set(names))
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        assert schema.get("description"), schema
    text = json.dumps(described)
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', text):
        found = described
        for part in reference.split("/"):
            found = found[part]


def test_entities_are_found_now_and_at_a_time(asker: Asker) -> None:
    found = asker.get("/entities/service")
    assert [each["id"] for each in found["entities"]] == ["a/b ü>?#%", "web"]
    assert found["next"] is None
    assert found["entities"][1] == {
        "kind": "service",
        "id": "web",
        "desired": {"kind": "web-server", "machine": "m2", "ports": [80]},
        "observed": {"up": True},
        "time": NOON + 10,
        "revision": 2,
        "gone": False,
    }
    before = asker.get("/entities/service", at=NOON + 1, where='{"machine": "m1"}')
    assert [each["id"] for each in before["entities"]] == ["a/b ü>?#%", "old", "web"]
    # a field may be called as an argument of ours is
    assert [each["id"] for each in asker.get("/entities/service", where='{"kind": "database"}')["entities"]] == ["a/b ü>?#%"]
    assert asker.get("/entities/service", where='{"up": 1}')["entities"] == []
    assert asker.get("/entities/host") == {"entities": [], "next": None}


def test_one_entity_has_a_past(asker: Asker) -> None:
    assert asker.get("/entities/service/web", at="2026-01-01T12:00:01Z")["desired"]["machine"] == "m1"
    assert asker.get("/entities/service/web")["desired"]["machine"] == "m2"
    assert asker.get("/entities/service/" + quote("a/b ü>?#%", safe=""))["id"] == "a/b ü>?#%"
    assert [each["revision"] for each in asker.get("/history/service/web")["states"]] == [2, 1]
    assert [each["gone"] for each in asker.get("/history/service/old")["states"]] == [True, False]
    assert [each["revision"] for each in asker.get("/history/service/web", limit=1)["states"]] == [2]
    assert asker.refused(404, "/entities/service/old") == "there is no service 'old'"
    assert asker.refused(404, f"/entities/service/web?at={NOON - 1}") == "there is no service 'web' at that time"
    assert asker.refused(404, "/history/service/nobody") == "there never was a service 'nobody', as far as is remembered"
    assert asker.refused(404, "/entities/planet").startswith("no kind is called 'planet': there are application, service")


def test_pages_follow_each_other(asker: Asker) -> None:
    first = asker.get("/entities/service", limit=1)
    second = asker.get("/entities/service", limit=1, after=first["next"])
    assert [each["id"] for each in first["entities"] + second["entities"]] == ["a/b ü>?#%", "web"]
    assert second["next"] is None
    for limit in (1, 3, 7, 20, 21, 1000):
        names, after = [], {}
        while True:
            page = asker.get("/events", limit=limit, **after)
            names += [each["id"] for each in page["events"]]
            assert len(page["events"]) <= limit
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert names == [*map(str, range(19, 6, -1)), "broken", *map(str, range(6, -1, -1))]


def test_events_are_cloud_events(asker: Asker) -> None:
    found = asker.get("/events", type="musa.finding", subject="web", since=NOON + 2, until=NOON + 2.5, limit=1)
    assert found["events"] == [
        {
            "specversion": "1.0",
            "id": "19",
            "type": "musa.finding",
            "source": "test",
            "subject": "web",
            "time": "2026-01-01T12:00:02.000000000Z",
            "datacontenttype": "application/json",
            "data": {"a": [1, None]},
        }
    ]
    (broken,) = asker.get("/events", type="other")["events"]
    assert broken["data_base64"] == "/3s="
    assert "subject" not in broken


def test_a_series_comes_in_buckets(asker: Asker) -> None:
    found = asker.get("/series", subject="web", metric="availability", since=NOON, until=NOON + 10, step=5)
    assert found["buckets"] == [
        {"start": NOON, "count": 5, "total": 10.0, "mean": 2.0, "lowest": 0.0, "highest": 4.0},
        {"start": NOON + 5, "count": 5, "total": 35.0, "mean": 7.0, "lowest": 5.0, "highest": 9.0},
    ]
    assert asker.get("/series", subject="db", metric="x", since=0, until=1)["buckets"] == []
    said = asker.refused(400, "/series?subject=web&metric=x&since=0&until=2000000000&step=1")
    assert said == "that is more than 10000 buckets: give a longer step or a shorter time"


def test_what_can_be_measured_and_what_is(asker: Asker) -> None:
    both = {"subject": "web", "agents": ["probe"], "machines": ["m1"]}
    assert asker.get("/capabilities")["capabilities"] == [
        {**both, "metric": "availability", "unit": "%", "period": 10.0, "measured": True, "objectives": ["web/availability"]},
        {**both, "metric": "latency", "unit": None, "period": None, "measured": False, "objectives": []},
    ]
    assert asker.get("/configuration") == {
        "agents": [
            {
                "id": "probe@web",
                "desired": {"inputs": {"http": 10}, "machine": "m1", "metrics": ["availability", "latency"]},
                "observed": {"inputs": {"http": 5}, "seen": NOON + 9},
                "seen": NOON + 9,
                "drift": ["inputs"],
            }
        ],
        "streams": [
            {
                "id": "availability@web",
                "subject": "web",
                "metric": "availability",
                "agent": "probe",
                "unit": "%",
                "last": NOON + 9,
                "value": 100.0,
            }
        ],
        "programs": [{"id": "source-drop@m1", "desired": "loaded", "observed": "absent", "drift": True}],
    }
    assert asker.get("/capabilities", at=NOON - 1) == {"capabilities": []}


def test_who_writes_bears_a_token_with_the_role(asker: Asker) -> None:
    change = {"changes": [{"id": "new", "kind": "host", "entity": "m9", "time": NOON, "desired": {"address": "10.0.0.9"}}]}
    assert "token" in asker.refused(401, "/changes", "POST", json=change)
    assert "token" in asker.refused(401, "/changes", "POST", json=change, headers={"Authorization": "Bearer wrong"})
    assert "bearer" in asker.refused(401, "/changes", "POST", json=change, headers={"Authorization": "Basic bGV0LW1l"})
    assert asker.refused(403, "/changes", "POST", json=change, headers={"Authorization": "Bearer look"}) == (
        "this needs the role operator, yours is viewer"
    )
    assert asker.refused(401, "/entities/host", headers={"Authorization": "Bearer wrong"})
    assert asker.get("/entities/host")["entities"] == []
    assert asker.ask("/changes", "POST", json=change, headers=OPERATOR).json() == {"applied": 1}
    assert asker.ask("/changes", "POST", json=change, headers=OPERATOR).json() == {"applied": 0}
    assert asker.get("/entities/host/m9")["desired"] == {"address": "10.0.0.9"}
    gone = {"changes": [{"id": "end", "kind": "host", "entity": "m9", "time": NOON + 1, "gone": True}]}
    assert asker.ask("/changes", "POST", json=gone, headers=OPERATOR).json() == {"applied": 1}
    assert asker.get("/entities/host")["entities"] == []


def test_where_nobody_may_read_without_a_token(context: Context) -> None:
    closed = broker_app(context, tokens({hashlib.sha256(b"look").hexdigest(): Role.VIEWER}, stranger=None))
    client = TestClient(Starlette(routes=[Mount(PREFIX, app=closed)]))
    for path in ("/entities/service", "/openapi.json"):
        answer = client.get(PREFIX + path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert client.get(PREFIX + path, headers={"Authorization": "Bearer look"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/entities/service?at=yesterday",
        "/entities/service?at=nan",
        "/entities/service?at=-1",
        "/entities/service?at=2026-01-01T12:00:00",
        "/entities/service?limit=0",
        "/entities/service?limit=1001",
        "/entities/service?limit=x",
        "/entities/service?limit=1&limit=2",
        "/entities/service?machine=m1",
        "/entities/service?where=machine",
        '/entities/service?where={"ports": [80]}',
        "/entities/service?where=[]",
        "/series",
        "/series?subject=web&metric=x&since=0",
        "/series?subject=web&metric=x&since=0&until=1&step=0",
        "/series?subject=web&metric=x&since=0&until=1&step=nan",
        "/series?subject=web&metric=x&since=0&until=1&step=inf",
        "/series?subject=web&metric=x&since=1e999&until=1",
        "/events?after=x",
        "/events?after=W10=",
        "/events?after=%ff",
        "/events?until=never",
        "/capabilities?at=",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(asker: Asker, path: str) -> None:
    assert asker.refused(400, path)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"changes": 1}',
        b'{"changes": [{"id": "", "kind": "host", "entity": "m", "time": 1}]}',
        b'{"changes": [{"id": "x", "kind": "planet", "entity": "m", "time": 1}]}',
        b'{"changes": [{"id": "x", "kind": "host", "entity": "m", "time": -1}]}',
        b'{"changes": [{"id": "x", "kind": "host", "entity": "m", "time": 1e300}]}',
        b'{"changes": [{"id": "x", "kind": "host", "entity": "m", "time": 1, "colour": 2}]}',
        b'{"changes": [{"id": "x", "kind": "host", "entity": "m", "time": 1, "desired": []}]}',
        b'{"changes": [{"id": "\\ud800", "kind": "host", "entity": "m", "time": 1}]}',
        b'{"changes": [{"id": "x", "kind": "host", "entity": "m", "time": 1, "desired": {"a": '
        + b"[" * 100_000
        + b"]" * 100_000
        + b"}}]}",
        b'{"changes": "\xff"}',
    ],
    ids=range(13),
)
def test_a_body_that_makes_no_sense_is_refused(asker: Asker, body: bytes) -> None:
    asker.refused(400, "/changes", "POST", content=body, headers={**OPERATOR, "Content-Type": "application/json"})
    assert asker.get("/entities/host")["entities"] == []


def test_too_much_and_the_wrong_kind_are_refused(asker: Asker) -> None:
    asker.refused(413, "/changes", "POST", content=b" " * (2 << 20), headers={**OPERATOR, "Content-Type": "application/json"})
    asker.refused(415, "/changes", "POST", content=b"{}", headers={**OPERATOR, "Content-Type": "text/plain"})
    asker.refused(405, "/changes", "GET", headers=OPERATOR)
    asker.refused(405, "/entities/service", "DELETE", headers=OPERATOR)
    asker.refused(404, "/nothing")
    many = [{"id": str(number), "kind": "host", "entity": "m", "time": 1} for number in range(1_001)]
    asker.refused(400, "/changes", "POST", json={"changes": many}, headers=OPERATOR)


def test_a_store_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    asker = Asker(open_context("http://127.0.0.1:1", tmp_path))
    answer = asker.ask("/entities/service")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["detail"].startswith("what is known cannot be read now: the store does not answer")


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["0", "1e9", '{"a":1}', "web", "m1", "service"]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/entities/", "/history/", "/series", "/events", "/capabilities", "/configuration", "/"]),
    # an address with a line's end in it matches no route of the framework at all
    rest=st.lists(anything.filter(lambda each: "\n" not in each), max_size=2),
    asked=st.dictionaries(
        st.sampled_from(["at", "where", "limit", "after", "since", "until", "step", "subject", "metric", "type"]) | anything,
        anything,
        max_size=4,
    ),
)
def test_whatever_is_asked_is_answered_as_described(asker: Asker, path: str, rest: list[str], asked: dict[str, str]) -> None:
    answer = asker.ask(path + "/".join(quote(each, safe="") for each in rest), params=asked)
    assert answer.status_code in (200, 400, 404)


def test_many_can_ask_at_once(asker: Asker) -> None:
    found: list[int] = []

    def ask() -> None:
        found.extend(asker.ask("/entities/service").status_code for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [200] * 80
