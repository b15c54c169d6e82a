"""The page shows what is known, worst first, works without script, and never becomes markup of the user's."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from musa_pipeline.assurance.board import board, worst
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.context import Change, Entity, Kind
from musa_pipeline.domain.verdict import State
from musa_pipeline.services.pages import board_app
from musa_pipeline.services.seed import seed

EVIL = "<script>alert('x')</script>"


def promise(name: str, component: str, state: str | None, **more: object) -> Entity:
    wanted = {
        "component": component,
        "metric": "availability",
        "operator": "geq",
        "bound": 99,
        "unit": "%",
        "agents": ["availability-probe"],
    }
    return Entity(kind=Kind.SLO, id=name, desired=wanted, observed={"state": state, **more} if state else {})  # type: ignore[arg-type,dict-item]


ENTITIES = (
    promise("a", "web", "fulfilled", value=100.0, samples=20, last=990.0, confidence=1.0),
    promise("b", "store", "violated", value=90.0, samples=20, last=990.0, confidence=1.0, reason=EVIL),
    promise("c", "", None),
    Entity(kind=Kind.HOST, id="vm", desired={"provider": "alpha", "address": "10.0.0.1", "components": ["web", "store"]}, observed={"seen": 995.0}),
    Entity(kind=Kind.SERVICE, id="web", desired={"kind": "web-application", "exposed": True, "machine": "vm"}),
    Entity(kind=Kind.SERVICE, id="store", desired={"kind": "database", "machine": "vm"}),
    Entity(kind=Kind.LINK, id="web>store", desired={"from": "web", "to": "store", "relation": "uses"}),
    Entity(kind=Kind.INCIDENT, id="1", observed={"component": "store", "metric": "availability", "began": 900.0, "cause": "store", "because": EVIL}),
    Entity(kind=Kind.BLOCK, id="192.0.2.7@vm", desired={"until": 1100.0}, observed={"packets": 17}),
    Entity(kind=Kind.BLOCK, id="192.0.2.8@vm", desired={"until": 900.0}),
)  # fmt: skip


def test_the_worst_comes_first_and_no_evidence_is_worse_than_kept() -> None:
    shown = board("shop", ENTITIES, 1000.0)
    assert [(each.id, each.state) for each in shown.promises] == [
        ("b", State.VIOLATED),
        ("c", State.NOT_DETERMINED),
        ("a", State.FULFILLED),
    ]
    assert (shown.state, shown.states()) == (State.VIOLATED, {"web": State.FULFILLED, "store": State.VIOLATED})


def test_what_nobody_promised_is_not_kept() -> None:
    assert worst(()) is State.NOT_DETERMINED
    assert board("shop", (), 0.0).state is State.NOT_DETERMINED


def test_a_block_that_is_over_is_not_shown() -> None:
    assert board("shop", ENTITIES, 1000.0).machines[0].blocked == (("192.0.2.7", 17.0, 1100.0),)


@pytest.fixture
def client(tmp_path) -> TestClient:
    context = SqliteContext(tmp_path / "context.sqlite")
    context.apply(
        [
            Change(
                id=f"{each.kind}{each.id}", kind=each.kind, entity=each.id, time=1.0, desired=each.desired, observed=each.observed
            )
            for each in ENTITIES
        ]
    )
    health = {"checker": "running"}
    routes = board_app("shop", context, lambda: 1000.0, lambda: health, lambda: "# EOF\n")
    return TestClient(Starlette(routes=routes))


def test_the_page_has_no_script_and_escapes_what_is_the_users(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert re.search(r'class="state violated">violated', answer.text)
    assert "192.0.2.7 until 00:18:20 (17 packets)" in answer.text


def test_the_picture_shows_states(client: TestClient) -> None:
    picture = client.get("/graph.svg").text
    assert 'class="card component is-violated"' in picture
    assert "violated</text>" in picture
    assert "1 blocked" in picture


def test_the_same_is_there_as_json_and_health_tells_each_part(client: TestClient) -> None:
    assert json.loads(client.get("/status.json").text)["state"] == "violated"
    assert client.get("/healthz").json() == {"checker": "running"}


def test_how_each_promise_stands_can_be_scraped_and_no_evidence_is_no_value(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.text.endswith("# EOF\n")
    samples = [each for each in answer.text.splitlines() if not each.startswith("#")]
    store = 'application="shop",component="store",metric="availability"'
    assert samples[:2] == [
        f"musa_promise_value{{{store}}} 90.0",
        'musa_promise_value{application="shop",component="web",metric="availability"} 100.0',
    ]
    assert f'musa_promise_state{{{store},state="violated"}} 1' in samples
    assert f'musa_promise_state{{{store},state="fulfilled"}} 0' in samples
    assert f"musa_promise_evidence_timestamp_seconds{{{store}}} 990.0" in samples


def test_what_is_seeded_again_changes_nothing_and_what_left_the_plan_is_gone(tmp_path) -> None:
    context = SqliteContext(tmp_path / "context.sqlite")
    planned = tuple(each for each in ENTITIES if each.kind in (Kind.HOST, Kind.SERVICE))
    assert seed(context, planned, 10.0) == 3
    assert seed(context, planned, 11.0) == 0
    assert seed(context, planned[:2], 12.0) == 1
    assert [each.id for each in context.find(Kind.SERVICE)] == ["web"]
    assert seed(context, planned, 13.0) == 1
    assert [each.id for each in context.find(Kind.SERVICE)] == ["store", "web"]


@pytest.mark.parametrize("state", ["fulfilled", "at-risk", "violated"])
def test_what_nobody_judges_any_more_is_not_shown_as_it_was(state: str) -> None:
    known = promise("a", "web", state, value=100.0, samples=20, last=1000.0, reason="100 % >= 99 %")
    known.desired["max_age"] = 300.0
    assert [str(board("shop", [known], now).promises[0].state) for now in (1000.0, 1360.0, 1361.0)] == [
        state,
        state,
        "not-determined",
    ]
    assert board("shop", [known], 1361.0).promises[0].reason == "the newest evidence is older than 5 min, and nobody judged since"
