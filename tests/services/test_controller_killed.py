"""A controller that is killed at any moment: nothing is done twice, nothing is forgotten, the audit log stays whole."""

import http.server
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.event import Topic
from musa_pipeline.services.audit import check_audit
from musa_pipeline.services.reaction_store import ReactionStore
from tests.services.reaction_world import Agent, finding, incident, incident_entity, seed
from tests.support import ROOT

MACHINES = [f"m{n}" for n in range(6)]


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers["Idempotency-Key"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", seen
    server.shutdown()
    server.server_close()


def test_killed_again_and_again_everything_is_done_once(tmp_path: Path, webhook: tuple[str, list[str]]) -> None:
    address, told = webhook
    bus, context = Embedded(tmp_path / "bus.sqlite"), SqliteContext(tmp_path / "context.sqlite")
    hosts = {name: {"exposed": True, "components": []} for name in MACHINES}
    seed(context, hosts, {"web": {"machine": "m1", "exposed": True}}, time.time())
    agent = Agent(bus, time.time)
    chance = random.Random(7)

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "tests.services.reaction_process", str(tmp_path), address], cwd=ROOT)

    process = start()
    attacked = MACHINES[:3]  # half of them: more the belt would hold
    try:
        for number, machine in enumerate(attacked):
            now = time.time()
            bus.publish(Topic.EVENTS, [finding(f"a{machine}", "traffic-anomaly", now, machine=machine)])
            _work(agent, 1.2 if number == 0 else chance.uniform(0.0, 0.3))
            process.kill()
            process.wait()
            bus.publish(
                Topic.EVENTS,
                [finding(f"s{machine}", "volumetric-dos", time.time(), machine=machine, source=f"198.51.100.{number}")],
            )
            process = start()
            _work(agent, chance.uniform(0.8, 1.6))
            process.kill()
            process.wait()
            process = start()
        incident_entity(context, "i1", time.time(), closed=False)
        bus.publish(Topic.EVENTS, [incident("i1", "open", time.time())])
        _work(agent, 1.5)
        incident_entity(context, "i1", time.time(), closed=True)
        deadline = time.time() + 40
        while time.time() < deadline and not _all_well(tmp_path):
            _work(agent, 0.5)
    finally:
        process.kill()
        process.wait()
    blocked = Counter(str(each.arguments["source"]) for each in agent.obeyed if each.verb == "block")
    assert blocked == {f"198.51.100.{number}": 1 for number in range(len(attacked))}
    loaded = Counter(str(each.machine) for each in agent.obeyed if each.verb == "load")
    assert loaded == dict.fromkeys(attacked, 1)
    assert _all_well(tmp_path)
    played = (tmp_path / "played").read_text().splitlines()
    assert len({each.split()[0] for each in played}) == 1
    assert len(set(told)) == len(attacked) + 1  # a notice that came twice says so by its key
    store = ReactionStore(tmp_path)
    store.flush_audit()
    assert check_audit(tmp_path / "audit.jsonl", store.head()).broken == ""
    planned = [json.loads(each) for each in (tmp_path / "audit.jsonl").read_text().splitlines()]
    blocks = [each for each in planned if each["what"] == "planned" and each["about"]["step"] == "block"]
    assert len(blocks) == len(attacked)
    store.close()
    bus.close()
    context.close()


def _work(agent: Agent, seconds: float) -> None:
    end = time.time() + seconds
    while time.time() < end:
        agent.obey(0.05)


def _all_well(folder: Path) -> bool:
    store = ReactionStore(folder, alone=False)
    found = [str(each.life) for each in store.records() if not each.takes_back and each.step in ("block", "playbook", "notify")]
    waiting = store.waiting()
    store.close()
    return len(found) == 3 + 1 + 3 + 1 and set(found) == {"verified"} and not waiting
