"""What the gateway lets in, over real TLS, and what it refuses, counts and logs."""

import json
import os
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.bus.port import BusAway, Subscription
from musa_pipeline.domain.command import Verb
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import Event, EventType, MachineId, Topic
from musa_pipeline.services.gateway import Accounts, Limits, Running
from musa_pipeline.services.gateway.limits import Ration
from tests.services.gateway_world import Client, World, said, until

MEASUREMENTS, COMMANDS, RESULTS = "/agent/v1/measurements", "/agent/v1/commands", "/agent/v1/results"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[Running]:
    with world.gateway() as running:
        yield running


@pytest.fixture
def client(world: World, running: Running) -> Client:
    return Client(world, running.port, world.token())


def batch(name: str, *measurements: dict[str, object]) -> dict[str, object]:
    return {"batch": name, "measurements": list(measurements)}


def test_a_batch_becomes_one_event_for_each_component_and_again_it_is_the_same(world: World, client: Client) -> None:
    told = batch("b-1", said(value=1), said(value=2, about={"source": "192.0.2.1"}), said(component=""), said(component="orders"))
    assert [client.post(MEASUREMENTS, told) for _ in range(3)] == [(202, {"accepted": 4})] * 3
    found = {event.id: event.subject for event in world.events(Topic.MEASUREMENTS) if "b-1" in event.id}
    assert found == {"vm/b-1": "vm", "vm/b-1/web": "web", "vm/b-1/orders": "orders"}
    assert [dict(each.about) for each in world.measurements() if each.value == 2] == [{"source": "192.0.2.1"}]


def test_a_backlog_comes_in_one_request_and_is_what_it_would_have_been_one_by_one(world: World, client: Client) -> None:
    told = b'{"batches":[' + b",".join(json.dumps(batch(f"late-{n}", said(value=n))).encode() for n in range(3)) + b"]}"
    assert client.post(MEASUREMENTS, told) == (202, {"accepted": 3})
    assert client.post(MEASUREMENTS, batch("late-1", said(value=1))) == (202, {"accepted": 1})
    found = [event.id for event in world.events(Topic.MEASUREMENTS) if "late" in event.id]
    assert found == ["vm/late-0/web", "vm/late-1/web", "vm/late-2/web"]


@pytest.mark.parametrize(
    ("token", "told", "status", "reason"),
    [
        (None, batch("x-1", said()), 401, "no-token"),
        ("", batch("x-1", said()), 401, "no-token"),
        ("wrong", batch("x-1", said()), 401, "wrong-token"),
        ("vm", batch("x-1", said(component="catalogue")), 403, "other-component"),
        ("vm", batch("x-1", said(machine="other")), 403, "other-machine"),
        ("other", batch("x-1", said()), 403, "other-machine"),
        ("vm", batch("../x", said()), 400, "malformed"),
        ("vm", batch("x-1", said(value="1")), 400, "malformed"),
        ("vm", batch("x-1", said(metric="")), 400, "malformed"),
        ("vm", b'{"batch":"x-1","measurements":[' + b"[" * 100_000, 400, "malformed"),
        ("vm", b"\xff\xfe", 400, "malformed"),
        ("vm", b'{"batches":[]}', 400, "malformed"),
        ("vm", b'{"batches":[{"batch":"x-1","measurements":[]},{}]}', 400, "malformed"),
        ("vm", b'{"batch":"x-1","measurements":[{"value":1e999}]}', 400, "malformed"),
    ],
)
def test_what_is_not_right_is_refused_and_counted_and_nothing_of_it_is_kept(
    world: World, running: Running, caplog: pytest.LogCaptureFixture, token: str | None, told: object, status: int, reason: str
) -> None:
    before, kept = world.counts.of("refused", reason), len(world.events(Topic.MEASUREMENTS))
    given = world.token(token) if token in ("vm", "other") else token
    assert Client(world, running.port, given).post(MEASUREMENTS, told)[0] == status
    assert world.counts.of("refused", reason) == before + 1
    assert len(world.events(Topic.MEASUREMENTS)) == kept
    assert f'musa_gateway_refused_total{{reason="{reason}"}} {before + 1}\n' in world.counts.openmetrics()


def test_a_refusal_is_logged_once_for_a_while_and_never_with_the_token(
    world: World, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        Client(world, running.port, "secret-of-somebody").post(RESULTS, {"results": []})
    told = [each for each in caplog.messages if "wrong-token" in each]
    assert len(told) <= 1
    assert "secret-of-somebody" not in caplog.text


def test_an_address_that_holds_connections_and_says_nothing_keeps_nobody_else_out(world: World) -> None:
    """Not a word of TLS is spoken: what is counted is the connection."""
    with world.gateway(most=5) as running, ExitStack() as held:
        silent = [held.enter_context(socket.create_connection(("127.0.0.1", running.port), 20)) for _ in range(9)]
        closed = [each for each in silent[5:] if each.recv(1) == b""]
        assert len(closed) == 4
        assert world.counts.of("refused", "too-many-connections") == 4
        other = Client(world, running.port, world.token())
        other.connection.source_address = ("127.0.0.2", 0)
        assert other.post(MEASUREMENTS, batch("m-1", said()))[0] == 202
        silent[0].close()
        again = Client(world, running.port, world.token())
        until(lambda: _answers(again))


def _answers(client: Client) -> bool:
    try:
        return client.post(MEASUREMENTS, batch("m-2", said()))[0] == 202
    except OSError:
        client.connection.close()
        return False


def test_a_hundred_megabytes_are_refused_and_not_read(world: World, running: Running) -> None:
    before = world.counts.of("refused", "too-large")
    for headers in (b"Content-Length: 104857600", b"Transfer-Encoding: chunked"):
        assert sent_until_refused(world, running.port, headers) < 40 * 1024 * 1024, "what lies in buffers, and no more"
    assert world.counts.of("refused", "too-large") == before + 2


def sent_until_refused(world: World, port: int, header: bytes) -> int:
    """Send a body of 100 MB; return how much of it went out before the other side had enough."""
    context = ssl.create_default_context(cafile=str(world.credentials.ca))
    sent, part = 0, b"10000\r\n" + b"x" * 65536 + b"\r\n" if b"chunked" in header else b"x" * 65536
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 20), server_hostname="127.0.0.1") as to:
        to.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n"
            % (MEASUREMENTS.encode(), world.token().encode(), header)
        )
        try:
            while sent < 100 * 1024 * 1024:
                to.sendall(part)
                sent += len(part)
        except OSError:
            return sent
    return sent


def test_measurements_from_the_future_are_left_out_and_told(world: World, client: Client) -> None:
    told = batch("f-1", said(time=time.time() + 3600, metric="future"), said(metric="present"))
    assert client.post(MEASUREMENTS, told) == (202, {"accepted": 1, "from_the_future": 1})
    assert {each.metric for each in world.measurements()} & {"future", "present"} == {"present"}


def test_a_command_comes_to_its_own_machine_in_order_until_it_expires(world: World, running: Running, client: Client) -> None:
    first = world.command(Verb.UNBLOCK, {"source": "192.0.2.1"})
    second = world.command(Verb.UNBLOCK, {"source": "192.0.2.2"})
    world.command(Verb.UNBLOCK, {"source": "192.0.2.3"}, expires=time.time() - 1)
    status, told = client.get(f"{COMMANDS}?after=0&wait=20")
    if len(told["commands"]) == 1:
        told["commands"] += client.get(f"{COMMANDS}?after={first.number}&wait=20")[1]["commands"]
    assert (status, [each["id"] for each in told["commands"]]) == (200, [first.id, second.id])
    assert told["commands"][0]["signature"] == first.signature
    assert client.get(f"{COMMANDS}?after={second.number}&wait=0") == (200, {"commands": []})
    assert Client(world, running.port, world.token("other")).get(f"{COMMANDS}?after=0") == (200, {"commands": []})


def test_who_waits_for_a_command_gets_it_when_it_comes(world: World, client: Client) -> None:
    client.connection.request("GET", f"{COMMANDS}?after={world.numbers}&wait=25", headers=client.headers)
    time.sleep(0.3)
    sent = world.command(Verb.UNBLOCK, {"source": "192.0.2.9"})
    begun = time.monotonic()
    assert sent.id.encode() in client.connection.getresponse().read()
    assert time.monotonic() - begun < 10


def test_a_corrupt_command_on_the_bus_stops_nobody(world: World, client: Client) -> None:
    world.bus.publish(Topic.COMMANDS, [Event(id="bad", type=EventType.COMMAND, source="t", subject="vm", time=1.0, data=b"{")])
    sent = world.command(Verb.UNBLOCK, {"source": "192.0.2.4"})
    told = client.get(f"{COMMANDS}?after={sent.number - 1}&wait=20")[1]
    assert [each["id"] for each in told["commands"]] == [sent.id]
    assert world.counts.of("refused", "corrupt-command") == 1


def test_results_are_the_machines_own(world: World, client: Client) -> None:
    told = {"command": "c", "machine": "vm", "outcome": "applied", "time": 5.0, "reason": "", "before": None, "after": {"a": [1]}}
    assert client.post(RESULTS, {"results": [told, told]}) == (202, {"accepted": 2})
    assert client.post(RESULTS, {"results": [told | {"machine": "other"}]})[0] == 403
    assert world.results()["c"] == ("applied", "")


def test_without_tls_1_3_or_the_right_authority_there_is_no_talk(world: World, running: Running) -> None:
    old = ssl.create_default_context(cafile=str(world.credentials.ca))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    for context in (old, ssl.create_default_context()):
        with socket.create_connection(("127.0.0.1", running.port), 20) as plain, pytest.raises(ssl.SSLError):
            context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_one_machine_cannot_take_all(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.gateway(Limits(requests=0.001, requests_at_first=5, octets=1.0, octets_at_first=2000.0)) as running:
        client = Client(world, running.port, world.token())
        assert [client.post(MEASUREMENTS, batch(f"r-{n}", said()))[0] for n in range(6)] == [202] * 5 + [429]
        fresh = Client(world, running.port, world.token("other"))
        wide = batch("w-1", *[said("other", "catalogue")] * 30)
        assert fresh.post(MEASUREMENTS, wide)[0] == 429
        assert world.counts.of("refused", "too-often") == world.counts.of("refused", "too-much") == 1


def test_while_the_bus_is_away_agents_are_told_to_come_again(tmp_path: Path) -> None:
    class Away(Embedded):
        def publish(self, topic: Topic, events: object) -> None:
            raise BusAway("the disk is full")

    world = World(tmp_path)
    world.bus = Away(tmp_path / "away.sqlite")
    with world.gateway() as running:
        client = Client(world, running.port, world.token())
        assert client.post(MEASUREMENTS, batch("a-1", said()))[0] == 503
        assert world.counts.of("refused", "bus-away") == 1


def test_a_new_deployment_is_heeded_while_the_gateway_runs(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.gateway() as running:
        before = world.token()
        world.credentials.of("vm").unlink()
        World(tmp_path)
        assert world.token() != before
        assert Client(world, running.port, before).post(MEASUREMENTS, batch("n-1", said()))[0] == 401
        assert Client(world, running.port, world.token()).post(MEASUREMENTS, batch("n-1", said()))[0] == 202


def test_commands_come_although_the_disk_was_full_when_the_gateway_joined_the_bus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, tries = World(tmp_path), [OSError(28, "No space left on device"), OutsideFailed("cannot use the bus")]
    join = world.bus.subscribe

    def subscribe(*given: Any, **more: Any) -> Subscription:
        if tries:
            raise tries.pop()
        return join(*given, **more)

    monkeypatch.setattr(world.bus, "subscribe", subscribe)
    with world.gateway() as running:
        command = world.command(Verb.UNBLOCK, {"source": "192.0.2.7"})
        _, told = Client(world, running.port, world.token()).get(f"{COMMANDS}?after=0&wait=20")
    assert [each["id"] for each in told["commands"]] == [command.id]


def test_an_answer_that_nests_too_deeply_is_malformed(client: Client) -> None:
    deep: list[object] = []
    for _ in range(50):
        deep = [deep]
    told = {"command": "c", "machine": "vm", "outcome": "applied", "time": 1.0}
    assert client.post("/agent/v1/results", {"results": [told | {"before": deep}]})[0] == 400
    assert client.post("/agent/v1/results", {"results": [told | {"before": [[1]]}]})[0] == 202


def test_what_is_not_here_ends_the_connection(world: World, client: Client) -> None:
    for method, path, status in (("GET", "/", 404), ("GET", f"{COMMANDS}/", 404), ("PUT", COMMANDS, 405), ("GET", RESULTS, 405)):
        client.connection.request(method, path)
        answer = client.connection.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (status, "close")
        answer.read()
    assert world.counts.of("refused", "no-door") == 4


def test_half_a_request_on_a_kept_connection_is_not_waited_for_long(
    world: World, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["musa_pipeline.services.gateway.serve"], "HEADERS_WITHIN", 1.0)
    context = ssl.create_default_context(cafile=str(world.credentials.ca))
    asked = f"GET {COMMANDS}?after=9999 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.token()}\r\n\r\n".encode()
    with context.wrap_socket(socket.create_connection(("127.0.0.1", running.port), 20), server_hostname="127.0.0.1") as to:
        for _ in range(2):
            to.sendall(asked)
            told = b""
            while b'{"commands":[]}' not in told:
                told += to.recv(4096) or b'{"commands":[]} and closed'
            assert told.startswith(b"HTTP/1.1 200")
            assert b"closed" not in told
            time.sleep(1.5)  # one that is quiet between two requests is kept
        begun = time.monotonic()
        to.sendall(asked[:-30])
        try:
            while to.recv(4096):
                pass
        except OSError:
            pass
        assert time.monotonic() - begun < 10


def test_only_some_requests_of_a_machine_wait() -> None:
    ration, vm, other = Ration(Limits(at_once=2, waiting=3)), MachineId("vm"), MachineId("other")
    assert [ration.begin(vm) and ration.wait(vm) for _ in range(4)] == [True, True, True, False]
    assert ration.begin(other) and ration.wait(other)
    ration.end(vm)  # the one that was refused
    ration.waited(vm)
    ration.end(vm)
    assert ration.begin(vm) and ration.wait(vm)


def test_accounts_that_could_not_be_read_are_tried_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    path = world.credentials.accounts
    accounts, whole = Accounts(path), path.read_bytes()
    state = path.stat()
    for text in (b"{" * len(whole), whole.replace(b'"vm"', b'"vn"')):  # what is written in one tick of the clock looks alike
        path.write_bytes(text)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
        found = accounts.of(world.token())
    assert found and found[0] == "vn"
