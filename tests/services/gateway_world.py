"""A gateway on loopback with real TLS, real accounts and the embedded bus: in this process, or in one that can be killed.

As a program: gateway_world.py FOLDER PORT serves what `World` made in FOLDER until it is killed.
"""

import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.domain.command import Command, Verb
from musa_pipeline.domain.event import Event, EventType, MachineId, Measurement, Topic
from musa_pipeline.formats.commands import sign
from musa_pipeline.formats.events import read_measurements, read_result, write_payload
from musa_pipeline.runners.credentials import provide
from musa_pipeline.services.gateway import Accounts, Counts, Limits, Running, gateway_app, serve
from tests.support import ROOT

MACHINES = {"vm": ["web", "orders"], "other": ["catalogue"]}
WELL_IN_TIME = 30.0
"""Seconds after which a test that waits gives up."""


def free_socket(port: int = 0) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    return listening


def a_free_port() -> int:
    with free_socket() as one:
        return int(one.getsockname()[1])


def until(what: Any, seconds: float = WELL_IN_TIME) -> Any:
    """Wait until something is so; return it."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


@dataclass
class World:
    """Credentials, a bus, and what is on it."""

    folder: Path
    machines: Mapping[str, Sequence[str]] = field(default_factory=lambda: MACHINES)
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        now = datetime.fromtimestamp(time.time(), UTC)
        names = ("127.0.0.1", "localhost", *self.names)
        self.credentials = provide(self.folder / "deploy", self.machines, names, now)
        self.bus = Embedded(self.folder / "bus.sqlite")
        self.counts = Counts()
        self.numbers = 0

    def token(self, machine: str = "vm") -> str:
        return str(json.loads(self.credentials.of(machine).read_text())["token"])

    def key(self, machine: str = "vm") -> str:
        return str(json.loads(self.credentials.of(machine).read_text())["command_key"])

    def command(self, verb: Verb, arguments: dict[str, Any], machine: str = "vm", **more: Any) -> Command:
        """Put a signed command on the bus."""
        self.numbers += 1
        fields: dict[str, Any] = {"issued": time.time(), "expires": time.time() + 60, "number": self.numbers} | more
        command = sign(
            Command(id=f"c{fields['number']}", machine=MachineId(machine), verb=verb, arguments=arguments, **fields),
            self.key(machine),
        )
        self.publish(command)
        return command

    def publish(self, command: Command, name: str = "") -> None:
        event = Event(
            id=name or command.id,
            type=EventType.COMMAND,
            source="test",
            subject=command.machine,
            time=command.issued,
            data=write_payload(command),
        )
        self.bus.publish(Topic.COMMANDS, [event])

    def events(self, topic: Topic) -> list[Event]:
        reader = self.bus.subscribe([topic], f"reader-{time.monotonic_ns()}")
        try:
            found: list[Event] = []
            while came := reader.poll(0):
                found += [each.event for each in came]
            return found
        finally:
            reader.close()

    def measurements(self) -> list[Measurement]:
        found: list[Measurement] = []
        for event in self.events(Topic.MEASUREMENTS):
            read = read_measurements(event.data)
            assert isinstance(read, tuple)
            found += read
        return found

    def results(self) -> dict[str, tuple[str, str]]:
        """Return outcome and reason by command."""
        read = [read_result(event.data) for event in self.events(Topic.RESULTS)]
        return {each.command: (each.outcome.value, each.reason) for each in read}  # type: ignore[union-attr]

    @contextmanager
    def gateway(
        self, limits: Limits | None = None, port: int = 0, listening: socket.socket | None = None, most: int = 0
    ) -> Iterator[Running]:
        app = gateway_app(self.bus, Accounts(self.credentials.accounts), counts=self.counts, limits=limits)
        running = serve(app, listening or free_socket(port), self.credentials.certificate, self.credentials.key, most)
        try:
            yield running
        finally:
            running.stop()

    def start_apart(self, port: int) -> subprocess.Popen[bytes]:
        """Start a gateway that can be killed."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.gateway_world", str(self.folder), str(port)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        return process

    def agent_config(self, folder: Path, port: int, machine: str = "vm", **more: Any) -> Path:
        """Write what the agent of a machine is told."""
        folder.mkdir(parents=True, exist_ok=True)
        told = json.loads(self.credentials.of(machine).read_text())
        place = folder / "agent.json"
        place.write_text(json.dumps(told | {"gateway": f"https://127.0.0.1:{port}", "ca": str(self.credentials.ca)} | more))
        return place


class Client:
    """One HTTPS connection that trusts the deployment's authority."""

    def __init__(self, world: World, port: int, token: str | None) -> None:
        context = ssl.create_default_context(cafile=str(world.credentials.ca))
        self.connection = HTTPSConnection("127.0.0.1", port, timeout=WELL_IN_TIME, context=context)
        self.headers = {"Authorization": f"Bearer {token}"} if token is not None else {}

    def post(self, path: str, body: object) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._ask("POST", path, data)

    def get(self, path: str) -> tuple[int, Any]:
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, data: bytes | None) -> tuple[int, Any]:
        self.connection.request(method, path, data, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


def said(machine: str = "vm", component: str = "web", value: float = 1.0, metric: str = "m", **more: Any) -> dict[str, Any]:
    return {
        "component": component, "machine": machine, "agent": "a", "metric": metric, "value": value, "unit": "", "time": 1000.0,
    } | more  # fmt: skip


def main(folder: str, port: str) -> None:
    world = World(Path(folder))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with world.gateway(port=int(port)):
        print("ready", flush=True)
        stop.wait()


if __name__ == "__main__":
    main(*sys.argv[1:3])
