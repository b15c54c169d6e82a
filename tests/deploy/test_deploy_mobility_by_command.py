"""The smart mobility application, deployed by the command as people would: killed in the middle, again, once more without a change,
used, a component restarted by playbook, and taken back to nothing.
"""

import hashlib
import json
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.local import Guests, connect_in, lacks, listen_in
from musa_pipeline.stages.deploy import reaction, run_book
from musa_pipeline.stages.deployment import Deployment, deployed
from musa_pipeline.workspace.places import find
from tests.deploy.by_command import command, run
from tests.deploy.left import left_of
from tests.rig.rig import ROOT
from tests.support import lacking

pytestmark = [pytest.mark.guest, pytest.mark.slow]

MODEL = ROOT / "models/smart-mobility"
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
    place = find(str(MODEL), str(out))
    try:
        _kill_in_the_middle(out)
        first = json.loads(run("-q", "deploy", MODEL, "-o", out, "--format", "json")[0])
        second = json.loads(run("-q", "deploy", MODEL, "-o", out, "--format", "json")[0])
        deployment = deployed(place)
        assert deployment is not None
        yield Mobility(out, Guests(deployment.folder), deployment, first, second)
    finally:
        run("-q", "undeploy", MODEL, "-o", out)


def _kill_in_the_middle(out: Path) -> None:
    """Start a deployment and kill it while Ansible is at work on a machine."""
    child = command("deploy", MODEL, "-o", out)
    assert child.stderr is not None
    for line in child.stderr:
        if "1–4/" in line:
            break
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL


def test_after_a_kill_the_next_run_deploys_everything_over_the_same_guests(mobility: Mobility) -> None:
    assert (mobility.first["well"], mobility.first["booted"], len(mobility.first["machines"])) == (True, [], 4)
    assert mobility.first["changed"] > 150


def test_the_second_run_changes_nothing(mobility: Mobility) -> None:
    assert {name: each["changed"] for name, each in mobility.second["machines"].items()} == dict.fromkeys(
        mobility.first["machines"], 0
    )
    assert mobility.second["booted"] == []


def test_every_component_answers_those_who_may_ask(mobility: Mobility) -> None:
    status, found = mobility.get("engine-machine", 8085, "/journeys?from=Keskustori&to=Hervanta")
    assert (status, found[0]["way"], {"km", "kwh"} <= set(found[0])) == (200, "bicycle", True)
    inside = mobility.deployment.machines
    for machine, port, name in (("vault-machine", 8083, "citizens-data"), ("identity-machine", 8084, "identity-manager")):
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


def test_no_unit_failed(mobility: Mobility) -> None:
    for name in mobility.deployment.machines:
        assert mobility.guests.ssh(name, "systemctl --failed --no-legend").stdout == ""


def test_it_is_not_deployed_elsewhere_at_the_same_time(mobility: Mobility) -> None:
    (mobility.out / "playbooks/plans" / NAME / "hosts.yml").write_text("all: {}\n")
    _, told = run("deploy", MODEL, "-o", mobility.out, "--on", "hosts", code=2)
    assert "is deployed on local" in told


def test_undeploy_leaves_nothing(mobility: Mobility) -> None:
    """Last in the module."""
    folder = mobility.deployment.folder
    assert "nothing is left" in run("undeploy", MODEL, "-o", mobility.out)[0]
    assert left_of(folder) == []
    assert not (mobility.out / ".musa/deploy").exists()
    with pytest.raises(OSError):
        connect_in(mobility.guests.network.control, "10.77.1.11", 22)
    assert "nothing is deployed" in run("undeploy", MODEL, "-o", mobility.out)[0]
