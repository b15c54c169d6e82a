"""The services of the flight scheduling model do what the model says of them."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

SERVICE = ROOT / "models/flight-scheduling/scripts/service.py"
MODEL = ROOT / "models/flight-scheduling/flight-scheduling.yaml"
NAMES = ("airports", "crew-rules", "events", "fleet", "gateway", "identity", "optimiser", "plans", "schedules")


class Application:
    """All services as processes on this machine, each with ports and a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in NAMES}
        self.ports = {name: each.getsockname()[1] for name, each in sockets.items()}
        for each in sockets.values():
            each.close()
        reach = {f"{name.upper().replace('-', '_')}_PORT": str(port) for name, port in self.ports.items()}
        self.processes = [self._start(name, reach) for name in NAMES]

    def _start(self, name: str, reach: dict[str, str]) -> "subprocess.Popen[bytes]":
        (self.folder / name).mkdir()
        state = str(self.folder / name)
        own = {"COMPONENT": name, "PORT": str(self.ports[name]), "STATE_DIRECTORY": state, "SECONDS_BETWEEN": "0.2"}
        environment = {"PATH": os.environ["PATH"], **reach, **own}
        return subprocess.Popen([sys.executable, SERVICE], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        for each in self.processes:
            each.kill()
            each.wait()

    def ask(self, name: str, method: str, path: str, token: str = "", body: object = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.ports[name]}{path}"
        request = urllib.request.Request(url, data, {"Authorization": f"Bearer {token}"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def login(self) -> str:
        password = (self.folder / "identity/first-password").read_text()
        status, said = self.ask("gateway", "POST", "/login", body={"user": "planner", "password": password})
        assert status == 200
        return str(said["token"])


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    running = Application(tmp_path_factory.mktemp("flight-scheduling"))
    try:
        until = time.monotonic() + 20
        waiting = set(NAMES)
        while waiting and time.monotonic() < until:
            for name in sorted(waiting):
                try:
                    running.ask(name, "GET", "/health")
                    waiting.discard(name)
                except OSError:
                    time.sleep(0.05)
        assert not waiting
        yield running
    finally:
        running.stop()


def flight(number: str, origin: str, destination: str, departs: str, arrives: str, crew: str = "ada") -> dict[str, Any]:
    day = "2026-03-01T"
    return {
        "number": number, "origin": origin, "destination": destination,
        "departs": day + departs, "arrives": day + arrives, "crew": [crew],
    }  # fmt: skip


def test_a_schedule_is_checked_kept_and_given_back(application: Application) -> None:
    token = application.login()
    flights = [flight("MU1", "MAD", "FRA", "08:00", "10:30"), flight("MU2", "FRA", "MAD", "11:30", "14:00")]
    status, kept = application.ask("gateway", "POST", "/schedules", token, {"flights": flights})
    assert (status, kept["version"]) == (200, 1)
    status, plan = application.ask("gateway", "GET", f"/schedules/{kept['id']}", token)
    assert status == 200
    assert plan["plan"] == {"flights": flights, "rotations": {"D-ABPF": ["MU1", "MU2"]}}


@pytest.mark.parametrize(
    ("flights", "reason"),
    [
        ([flight("MU1", "MAD", "FRA", "21:00", "23:30")], "FRA is closed when MU1 arrives"),
        ([flight("MU1", "MAD", "XXX", "08:00", "10:30")], "airports says 404"),
        (
            [flight("MU1", "VIE", "OSL", "00:30", "06:00"), flight("MU2", "OSL", "VIE", "09:00", "14:30")],
            "ada: more than 13 hours without 12 hours of rest",
        ),
        ([flight(f"MU{n}", "MAD", "OSL", "08:00", "11:00", f"crew-{n}") for n in range(4)], "no aircraft is free for MU3"),
        ([], "between 1 and 500 flights are expected"),
    ],
)
def test_a_schedule_that_cannot_be_flown_is_refused(application: Application, flights: list[Any], reason: str) -> None:
    status, said = application.ask("schedules", "POST", "/schedules", application.login(), {"flights": flights})
    assert (status // 100, said) == (4, {"error": reason})


def test_nobody_gets_in_without_a_token_or_beyond_the_roles_of_it(application: Application) -> None:
    assert application.ask("plans", "GET", "/plans/abc")[0] == 401
    assert application.ask("plans", "GET", "/plans/abc", "made-up")[0] == 401
    token = application.login()
    account = {"password": "only for this test", "roles": ["crew-planner"]}
    assert application.ask("identity", "PUT", "/accounts/crew", token, account)[0] == 200
    body = {"user": "crew", "password": "only for this test"}
    crew = application.ask("gateway", "POST", "/login", body=body)[1]["token"]
    assert application.ask("plans", "GET", "/plans/abc", crew)[0] == 403
    assert application.ask("identity", "PUT", "/accounts/crew", crew, account)[0] == 403


def test_guessing_passwords_is_slowed(application: Application) -> None:
    guess = {"user": "somebody", "password": "guess"}
    statuses = [application.ask("gateway", "POST", "/login", body=guess)[0] for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2


def test_the_optimiser_works_once_it_has_an_account(application: Application) -> None:
    token = application.login()
    account = {"password": "a password of its own", "roles": ["service"]}
    assert application.ask("identity", "PUT", "/accounts/optimiser", token, account)[0] == 200
    (application.folder / "optimiser/password").write_text(account["password"])  # type: ignore[call-overload]
    kept = application.ask("gateway", "POST", "/schedules", token, {"flights": [flight("MU9", "MAD", "VIE", "09:00", "12:00")]})[
        1
    ]
    until = time.monotonic() + 10
    state = {}
    while state.get("last") != kept["id"] and time.monotonic() < until:
        state = application.ask("optimiser", "GET", "/state", token)[1]
        time.sleep(0.1)
    assert (state["last"], state["planned"], state["enough"]) == (kept["id"], 1, 1)


def test_the_model_has_exactly_the_services_that_the_script_can_be() -> None:
    started = re.findall(r"^    ([a-z-]+):\n      type: musa\.nodes\.", MODEL.read_text(), re.MULTILINE)
    assert sorted(started) == sorted(NAMES)
