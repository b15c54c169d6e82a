"""The platform as a whole: what its parts need is there before they run."""

import logging
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest

from musa_pipeline.assurance.causes import Surroundings
from musa_pipeline.assurance.reactions import Belts, Record, State, Turn
from musa_pipeline.bus.embedded import Member
from musa_pipeline.bus.port import BusAway
from musa_pipeline.domain.event import Event, EventType, Topic
from musa_pipeline.domain.policy import Action, Life, Step
from musa_pipeline.domain.settings import RuntimeSettings
from musa_pipeline.services.parts import REMEMBERED
from musa_pipeline.services.platform import Places, Platform
from musa_pipeline.services.reaction_store import ReactionStore
from musa_pipeline.services.watched import Watched
from musa_pipeline.stages.deployment import Deployment, Gateway
from tests.services.gateway_world import World, a_free_port, until


def watched(world: World) -> Watched:
    """Return an application without promises, policies or machines of its own; only its agents are known."""
    deployment = Deployment(
        application="shop", on="hosts", folder=world.credentials.folder, project=world.folder, inventories=(),
        gateway=Gateway(address="127.0.0.1", port=a_free_port()),
    )  # fmt: skip
    return Watched(
        application="shop", deployment=deployment, runtime=RuntimeSettings(), objectives=(), entities=(), around=Surroundings(),
        advice={}, policies=(), belts=Belts(), lists={},
    )  # fmt: skip


def places(folder: Path, host: str = "127.0.0.1") -> Places:
    return Places(folder=folder / "assure", bus="embedded", store="embedded", listen=(host, 0))


def left_to_do(folder: Path) -> None:
    """Leave an action that a killed controller had planned and not sent."""
    action = Action(
        id="p-1", policy="p", step=Step.SET_PERIOD, target="vm", arguments={"input": "system", "period": 1.0}, life=Life.PLANNED, time=time.time(), event="e"
    )  # fmt: skip
    turn = Turn(State(), time.time())
    turn.put(Record(action=action, component="", machine="vm", path="0", lasts=60.0))
    store = ReactionStore(folder)
    with store.turn():
        store.keep(turn)
    store.close()


def test_what_was_left_to_do_is_sent_at_once_after_a_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    world = World(tmp_path)
    found, where = watched(world), places(tmp_path)
    left_to_do(where.folder)
    caplog.set_level(logging.ERROR)
    with Platform(found, where, lambda _: None) as platform:
        reader = platform.bus.subscribe([Topic.COMMANDS], "test")
        sent: Sequence[object] = until(lambda: reader.poll(0.1))
        reader.close()
    assert len(sent) == 1
    assert [each.getMessage() for each in caplog.records] == []


def test_a_playbook_that_a_killed_platform_left_at_work_is_ended_first(tmp_path: Path) -> None:
    world = World(tmp_path)
    found = watched(world)
    mark = {"MUSA_RUN": str(found.deployment.folder / "reactions")}
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env=mark) as left:
        until(lambda: b"MUSA_RUN" in Path(f"/proc/{left.pid}/environ").read_bytes())
        with Platform(found, places(tmp_path), lambda _: None):
            assert left.wait(5) == -9


def test_while_the_bus_is_away_health_says_so_and_then_is_well_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise BusAway("not now")

    with Platform(watched(World(tmp_path)), places(tmp_path), lambda _: None) as platform:
        until(lambda: set(platform.health().values()) == {"running"})
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(Member, "poll", away)
            parts = ("checker", "controller", "detector")
            until(lambda: all(platform.health()[each].startswith("waiting: ") for each in parts))
        until(lambda: set(platform.health().values()) == {"running"})


def test_what_is_long_past_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musa_pipeline.services.parts.TIDY", 0.1)
    long_ago = Event(id="old", type=EventType.FINDING, source="t", subject="web", time=time.time() - REMEMBERED - 1, data=b"{}")
    with Platform(watched(World(tmp_path)), places(tmp_path), lambda _: None) as platform:
        platform.context.tell([long_ago, replace(long_ago, id="new", time=time.time())])
        until(lambda: [each.id for each in platform.context.told()] == ["new"])


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_the_page_is_shown_where_it_was_said_and_to_nobody_elses_page(tmp_path: Path, host: str, shown: str) -> None:
    with Platform(watched(World(tmp_path)), places(tmp_path, host), lambda _: None) as platform:
        answers = []
        for name in (f"{shown}:{platform.page}", "evil.example"):
            link = HTTPConnection(host, platform.page, timeout=10)
            link.request("GET", "/style.css", headers={"Host": name})
            answers.append(link.getresponse().status)
            link.close()
    assert answers == [200, 400]
