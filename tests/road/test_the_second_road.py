"""The second road, from the model to a reaction in the kernel: smart mobility deployed by the command as people would, killed in the
middle, again, once more without a change, used, watched through an outage and a flood with the platform killed in between, and
taken back to nothing. One deployment for all, for it takes minutes.
"""

import hashlib
import json
import re
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.local import Guests, connect_in, lacks, listen_in
from musa_pipeline.stages.deploy import reaction, run_book
from musa_pipeline.stages.deployment import Deployment, deployed
from musa_pipeline.workspace.places import find
from tests.deploy.by_command import command, run
from tests.deploy.left import left_of
from tests.road import demo_runtime as road
from tests.servers.elasticsearch import Elasticsearch, elasticsearch
from tests.servers.kafka import Kafka, kafka
from tests.support import lacking

pytestmark = [pytest.mark.guest, pytest.mark.slow]

NAME = "smart-mobility"


@dataclass(frozen=True)
class Mobility:
    """The deployed application, and what both whole runs said."""

    out: Path
    guests: Guests
    deployment: Deployment
    first: dict[str, Any]
    second: dict[str, Any]

    def get(self, machine: str, port: int, path: str = "/") -> tuple[int, Any]:
        """Ask from the bridge, where the internet would be; status 0: nobody answered."""
        got = subprocess.run(
            ["nsenter", f"--net=/run/netns/{self.guests.network.control}", "curl", "-s", "-m", "10", "-w", "\n%{http_code}",
             f"http://{self.deployment.machines[machine]}:{port}{path}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        body, _, status = got.stdout.rpartition("\n")
        return int(status), json.loads(body) if status == "200" else body


@pytest.fixture(scope="module")
def mobility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mobility]:
    if why := lacks():
        lacking(why)
    out = tmp_path_factory.mktemp("mobility")
    road.lay_out(out)
    place = find(str(out / "models" / NAME))
    try:
        _kill_in_the_middle(out)
        first = json.loads(run("-q", "deploy", NAME, "--format", "json", cwd=out)[0])
        second = json.loads(run("-q", "deploy", NAME, "--format", "json", cwd=out)[0])
        deployment = deployed(place)
        assert deployment is not None
        yield Mobility(out, Guests(deployment.folder), deployment, first, second)
    finally:
        run("-q", "undeploy", NAME, cwd=out)


def _kill_in_the_middle(out: Path) -> None:
    """Start a deployment and kill it while Ansible is at work on a machine."""
    child = command("deploy", NAME, cwd=out)
    assert child.stderr is not None
    for line in child.stderr:
        if re.search(r"\d+/\d+ ", line):
            break
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL


def test_after_a_kill_the_next_run_deploys_everything_over_the_same_guests(mobility: Mobility) -> None:
    assert (mobility.first["well"], mobility.first["booted"], len(mobility.first["machines"])) == (True, [], 3)
    assert mobility.first["changed"] > 100


def test_the_second_run_changes_nothing(mobility: Mobility) -> None:
    assert {name: each["changed"] for name, each in mobility.second["machines"].items()} == dict.fromkeys(
        mobility.first["machines"], 0
    )
    assert mobility.second["booted"] == []


def test_every_component_answers_those_who_may_ask(mobility: Mobility) -> None:
    status, found = mobility.get("engine-machine", 8085, "/journeys?from=Keskustori&to=Hervanta")
    assert (status, found[0]["way"], {"km", "kwh"} <= set(found[0])) == (200, "bicycle", True)
    inside = mobility.deployment.machines
    for machine, port, name in (("vault-machine", 8083, "citizens-data"), ("service-machine", 8084, "identity-manager")):
        asked = mobility.guests.ssh("engine-machine", f"curl -s -m 10 http://{inside[machine]}:{port}/")
        assert json.loads(asked.stdout)["component"] == name
    assert mobility.get("vault-machine", 8083)[0] == 0


def test_agents_prove_themselves_to_a_gateway_at_the_bridge(mobility: Mobility) -> None:
    """Here a bare server; the gateway has tests of its own."""
    found, folder = mobility.deployment.gateway, mobility.deployment.folder
    assert found is not None
    accounts = {each["token_sha256"]: name for name, each in json.loads((folder / "agents.json").read_text()).items()}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "gateway.pem", folder / "gateway.key")
    seen: set[str] = set()
    until = time.monotonic() + 120
    with listen_in(found.namespace, found.address, found.port) as server:
        server.settimeout(5)
        while seen != set(mobility.deployment.machines) and time.monotonic() < until:
            try:
                with context.wrap_socket(server.accept()[0], server_side=True) as connection:
                    connection.settimeout(5)
                    asked = connection.recv(8192).decode()
                    connection.sendall(b"HTTP/1.1 503 Not now\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            except OSError:
                continue
            token = asked.partition("Authorization: Bearer ")[2].split("\r\n")[0]
            seen.add(accounts[hashlib.sha256(token.encode()).hexdigest()])
    assert seen == set(mobility.deployment.machines)


def test_programs_lie_on_every_machine(mobility: Mobility) -> None:
    listed = {mobility.guests.ssh(name, "ls /opt/musa/bpf").stdout for name in mobility.deployment.machines}
    assert len(listed) == 1
    assert {"interface-counters.o", "interface-counters.json", "source-drop.o"} <= set(listed.pop().split())


def test_a_stopped_component_is_restarted_by_the_playbook(mobility: Mobility) -> None:
    mobility.guests.ssh("engine-machine", "sudo systemctl stop musa-component-tsm-engine")
    assert mobility.get("engine-machine", 8080)[0] in (0, 502, 503)
    asked = {"component": "tsm-engine", "machine": "engine-machine"}
    done = run_book(mobility.deployment, reaction("restart-component"), variables=asked)
    assert (done.well, set(done.counts)) == (True, {"engine-machine"})
    assert mobility.get("engine-machine", 8080)[0] == 200
    wrong = run_book(mobility.deployment, reaction("restart-component"), variables={**asked, "component": "citizens-data"})
    assert "is not planned on" in wrong.failures[0].detail
    with pytest.raises(OutsideFailed, match="no reaction"):
        reaction("format-all-disks")


@pytest.fixture(scope="module")
def shown(mobility: Mobility) -> Iterator[road.Demonstration]:
    """The platform over the deployment, ready: the engine's availability is known and kept."""
    if why := road.missing():
        lacking(why)
    found = road.Demonstration(mobility.out, lambda *_: None)
    found.assure()
    try:
        found.until(_kept, 180)
        yield found
        assert found.stop() == 0
    finally:
        if found.process and found.process.poll() is None:
            found.stop(signal.SIGKILL)


def _kept(board: dict[str, Any]) -> bool:
    return bool(road.promise(board, road.ENGINE)["state"] == "fulfilled")


def _incidents(shown: road.Demonstration) -> list[str]:
    """Return what was told of incidents of the engine's availability, as often as it was told."""
    about = f"availability of {road.ENGINE}"
    return [
        each.line["word"] for each in shown.told if each.line["word"] in ("incident", "recovered") and about in each.line["text"]
    ]


def test_an_outage_is_at_risk_then_violated_mended_by_policy_and_recovered(shown: road.Demonstration) -> None:
    # what agents saw of the restart above, before there was a platform, may be told first
    shown.until(lambda board: all(each["ended"] for each in board["incidents"]) and _kept(board), 120)
    before = len(shown.told), len(_incidents(shown))
    times = road.outage(shown)
    assert times["at risk"] < times["violated"] < times["recovered"]
    assert _incidents(shown)[before[1] :] == ["incident", "recovered"]
    told = next(each.line for each in shown.told[before[0] :] if each.line["word"] == "incident")
    assert f"cause: {road.ENGINE}" in told["detail"]
    board = shown.status()
    incident = max((each for each in board["incidents"] if each["component"] == road.ENGINE), key=lambda each: each["began"])
    assert incident["ended"] is not None
    assert "redundancy" in incident["recommendation"]


def test_the_same_stands_in_the_terminal_and_on_the_page(shown: road.Demonstration, mobility: Mobility) -> None:
    said = run("status", NAME, cwd=mobility.out, code=0 if shown.status()["state"] not in ("violated", "at-risk") else 1)[0]
    assert "closed after" in said
    with urlopen(shown.page, timeout=10) as answer:
        page = answer.read().decode()
    assert "closed after" in page
    assert "<script" not in page
    with urlopen(f"{shown.page}graph.svg", timeout=10) as answer:
        assert road.ENGINE.encode() in answer.read()
    with urlopen(f"{shown.page}context/v1/openapi.json", timeout=10) as answer:
        assert json.load(answer)["openapi"].startswith("3.1")


def test_a_flood_is_dropped_in_the_kernel_and_nobody_else_notices(shown: road.Demonstration) -> None:
    found = road.attack(shown)
    assert found["lost"] == 0
    assert found["requests"] > 100
    assert found["packets"] > 0
    assert found["dropped"] < 15, "a few periods, on a machine that is busy with other tests"


def test_a_platform_killed_in_an_outage_goes_on_and_tells_nothing_twice(shown: road.Demonstration, mobility: Mobility) -> None:
    before, known = len(_incidents(shown)), set(_told(mobility))
    mobility.guests.ssh(road.MACHINE, f"sudo systemctl stop musa-component-{road.ENGINE}")
    about = f"availability of {road.ENGINE}"
    since = len(shown.told)
    shown.wait_for(lambda line: line["word"] == "violated" and line["text"].startswith(about), 120, since)
    shown.stop(signal.SIGKILL)
    shown.assure()
    shown.wait_for(lambda line: line["word"] == "recovered" and line["text"].startswith(about), 180, since)
    shown.until(_kept, 120)
    told = _incidents(shown)[before:]
    # what was on the bus and not yet printed is printed by the next run; what was printed is at most printed again by its reader
    assert told[-1] == "recovered"
    assert set(told) == {"incident", "recovered"}
    events = _told(mobility)
    assert len(events) == len(set(events))
    # this outage was opened once and closed once
    assert sorted(each.rpartition(":")[2] for each in set(events) - known) == ["closed", "open"]


def _told(mobility: Mobility) -> list[str]:
    """Return the ids of what the Context Broker was told of the engine's incidents."""
    context = SqliteContext(mobility.out / ".musa/assure" / NAME / "context.sqlite")
    try:
        return [each.id for each in context.told(which="musa.incident", most=1000) if road.ENGINE in each.id]
    finally:
        context.close()


def test_a_drop_ends_in_time_although_the_platform_is_dead(shown: road.Demonstration, mobility: Mobility) -> None:
    address = mobility.deployment.machines[road.MACHINE]
    with mobility.guests.visitor() as (space, source):
        since = len(shown.told)
        flooding = road.in_space(space, "flood", address, "8080", str(road.RATE), "12")
        try:
            blocked = shown.wait_for(
                lambda line: line["word"] == "verified" and "block on" in line["text"] and source in line["detail"], 60, since
            )
            shown.stop(signal.SIGKILL)
            assert not _reaches(space, address), "the kernel drops it with nobody there to ask"
        finally:
            flooding.kill()
        until = blocked.line["time"] + 20 + 15
        while not _reaches(space, address):
            assert time.time() < until, "the drop outlived its time"
            time.sleep(0.5)
    shown.assure()
    board = shown.until(lambda board: not any(each["blocked"] for each in board["machines"]), 60)
    assert all(each["seen"] for each in board["machines"])


def _reaches(space: str, address: str) -> bool:
    done = subprocess.run(
        ["nsenter", f"--net=/run/netns/{space}", "curl", "-s", "-o", "/dev/null", "-m", "2", f"http://{address}:8080/"],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def test_on_kafka_and_elasticsearch_it_is_the_same_and_both_may_die(mobility: Mobility, shown: road.Demonstration) -> None:
    """After the platform on the embedded pair: it lets go of the gateway's address first, and takes it again at the end."""
    assert shown.stop() == 0
    shutil.rmtree(mobility.out / ".musa/assure")
    with kafka() as broker, elasticsearch() as server:
        other = road.Demonstration(mobility.out, lambda *_: None)
        other.assure("--bus", broker.url, "--store", server.url)
        try:
            other.until(_kept, 240)
            _dies_and_comes_back(mobility, broker, "the bus", lambda: _answer(other.page) == 200)
            _dies_and_comes_back(mobility, server, "the context", lambda: _answer(other.page) == 503)
            other.until(_kept, 240)
            times = road.outage(other)
            assert times["at risk"] < times["recovered"]
            assert _incidents(other)[-2:] == ["incident", "recovered"]
            assert other.stop() == 0
        finally:
            if other.process and other.process.poll() is None:
                other.stop(signal.SIGKILL)
    shown.assure()


def _dies_and_comes_back(mobility: Mobility, server: Kafka | Elasticsearch, name: str, meanwhile: Callable[[], bool]) -> None:
    """Kill a server (-9) under the platform and start it; every part that said it waits must say that it goes on."""
    log = mobility.out / "assure.log"
    since = len(log.read_text())
    server.kill()
    _wait(lambda: f"{name} is away" in log.read_text()[since:], f"nobody says that {name} is away")
    _wait(meanwhile, f"the page's board does not answer as it should while {name} is away")
    server.start()

    def all_go_on() -> bool:
        said = log.read_text()[since:]
        return said.count(f"{name} is back") >= said.count(f"{name} is away")

    _wait(all_go_on, f"not everybody says that {name} is back")


def _wait(holds: Callable[[], bool], what: str, seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.5)


def _answer(page: str) -> int:
    """Return the status of the page's board; 0: nobody answers."""
    try:
        with urlopen(f"{page}status.json", timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_no_unit_failed(mobility: Mobility) -> None:
    for name in mobility.deployment.machines:
        assert mobility.guests.ssh(name, "systemctl --failed --no-legend").stdout == ""


def test_it_is_not_deployed_elsewhere_at_the_same_time(mobility: Mobility) -> None:
    (mobility.out / "playbooks/plans" / NAME / "hosts.yml").write_text("all: {}\n")
    _, told = run("deploy", NAME, "--on", "hosts", cwd=mobility.out, code=2)
    assert "is deployed on local" in told


def test_undeploy_leaves_nothing(mobility: Mobility) -> None:
    """Last in the module."""
    folder = mobility.deployment.folder
    assert "nothing is left" in run("undeploy", NAME, cwd=mobility.out)[0]
    assert left_of(folder) == []
    assert not (mobility.out / ".musa/deploy").exists()
    with pytest.raises(OSError):
        connect_in(mobility.guests.network.control, "10.77.1.11", 22)
    assert "nothing is deployed" in run("undeploy", NAME, cwd=mobility.out)[0]
