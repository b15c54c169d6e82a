"""The shop on three guests: deployed over SSH, used, attacked a little, deployed again without a change, and taken back."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from musa_pipeline.domain.cpim import Script
from musa_pipeline.planning import plan
from tests.deploy.shop_deployed import Ran, ansible, guests, write_project
from tests.planning.shop_plan import CATALOGS, COMPOSITION, CPIM, SELECTION, SLAS, selection, with_script
from tests.rig.rig import Rig

pytestmark = [pytest.mark.guest, pytest.mark.slow]

AGENTS = "ha@web access-control@web packet-filter@web availability-probe@web system-monitor@web ha@catalogue"
VIRTUAL = "10.77.1.100"
CREATE = 'echo "the orders of {{ 7 * 7 }}" > orders.txt'
START = 'exec python3 -u -m http.server --bind "$ADDRESS" "$PORT"'


@dataclass(frozen=True)
class Shop:
    """The deployed shop and what both runs did."""

    rig: Rig
    project: Path
    checked: Ran
    first: Ran
    second: Ran

    def url(self, machine: str, port: int, path: str = "/") -> str:
        return f"http://{self.rig.guests[machine].address}:{port}{path}"

    def said(self, machine: str, command: str) -> str:
        return self.rig.ssh(machine, command).stdout


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    place = tmp_path_factory.mktemp("shop")
    (place / "model").mkdir()
    (place / "model/start.sh").write_text(f"#!/bin/sh\n{START}\n")
    cpim = with_script(CPIM, "orders", Script(operation="create", run=CREATE), Script(operation="start", run="start.sh"))
    chosen = replace(SELECTION, agents=selection(AGENTS).agents)
    project = write_project(plan(cpim, chosen, SLAS, COMPOSITION, CATALOGS), place / "project")
    with guests("vm", "catalogue-1", "catalogue-2") as rig:
        told = json.loads(rig.inventory())
        told["all"]["vars"] |= {
            "component_model": str(place / "model"),
            "musa_agent_period": 1,
            "ha_virtual_addresses": {"catalogue": f"{VIRTUAL}/24"},
            "packet_filter_rate": 20,
            "packet_filter_burst": 40,
        }
        (project / "hosts.yml").write_text(json.dumps(told))
        checked = ansible(rig, project, "--check", "--diff", "--limit=vm", "site.yml")
        first = ansible(rig, project, "site.yml")
        second = ansible(rig, project, "site.yml")
        yield Shop(rig, project, checked, first, second)


def test_check_mode_works_on_fresh_machines_and_changes_nothing(shop: Shop) -> None:
    assert shop.checked.changed["vm"] > 0
    assert shop.first.changed["vm"] >= shop.checked.changed["vm"]


def test_the_second_run_changes_nothing(shop: Shop) -> None:
    assert shop.second.changed == {"catalogue-1": 0, "catalogue-2": 0, "vm": 0}


def test_the_component_answers_through_its_chain(shop: Shop) -> None:
    status, body = shop.rig.get(shop.url("vm", 8080))
    assert (status, json.loads(body)["component"]) == (200, "web")


def test_what_stands_behind_the_chain_is_not_reached_past_it(shop: Shop) -> None:
    assert [shop.rig.get(shop.url("vm", port))[0] for port in (20001, 20002, 5432)] == [0, 0, 0]


@pytest.mark.parametrize("path", ["//x", "/a/../b", "/a%2fb", "/a;b", "/%2e%2e/x", "/a/..%5cb", "/a\\b", "/a/.", "/a/./b?c"])
def test_a_path_spelt_in_a_second_way_is_refused(shop: Shop, path: str) -> None:
    assert shop.rig.get(shop.url("vm", 8080, path), "--path-as-is")[0] == 400


def test_a_method_that_no_rule_permits_is_refused(shop: Shop) -> None:
    assert shop.rig.get(shop.url("vm", 8080), "--request", "PROPFIND")[0] == 403


def test_scripts_of_the_model_made_the_component_and_nothing_in_them_was_evaluated(shop: Shop) -> None:
    assert shop.said("vm", "curl -s http://127.0.0.1:5432/orders.txt") == "the orders of {{ 7 * 7 }}\n"


def test_a_component_is_told_whom_it_uses(shop: Shop) -> None:
    told = dict(line.split("=", 1) for line in shop.said("vm", "cat /etc/musa/component-web.env").splitlines() if "=" in line)
    assert (told["ORDERS_HOST"], told["ORDERS_PORT"]) == ('"127.0.0.1"', '"5432"')
    assert told["CATALOGUE_HOSTS"] == '"10.77.1.12,10.77.1.13"'


def test_the_agent_writes_measurements(shop: Shop) -> None:
    time.sleep(3)
    records = [json.loads(line) for line in shop.said("vm", "sudo cat /var/lib/musa/measurements.jsonl").splitlines()]
    last = {each["metric"]: each["value"] for each in records if "metric" in each}
    assert last["availability"] == 100
    assert 0 < last["application-response-time"] < 5000
    assert {"system.load", "system.memory", "system.processor", "system.logins-failed"} <= set(last)


def test_the_agent_reports_a_port_that_the_plan_does_not_know(shop: Shop) -> None:
    shop.said("vm", "sudo systemd-run --unit=stranger python3 -m http.server 31337")
    found = {}
    for _ in range(30):
        lines = shop.said("vm", "sudo grep unknown-listener /var/lib/musa/measurements.jsonl").splitlines()
        found = {json.loads(line)["port"] for line in lines}
        if found:
            break
        time.sleep(0.5)
    shop.said("vm", "sudo systemctl stop stranger")
    assert found == {31337}


def test_the_packet_filter_drops_who_asks_too_fast(shop: Shop) -> None:
    many = "import socket,sys,time\nok=0\nfor _ in range(120):\n s=socket.socket(); s.settimeout(0.05)\n try:\n  s.connect((sys.argv[1],8080)); ok+=1\n except OSError: pass\n s.close()\nprint(ok)"
    let_in = int(shop.rig.run(["python3", "-c", many, shop.rig.guests["vm"].address]).stdout)
    assert 40 <= let_in < 120
    time.sleep(3)
    assert shop.rig.get(shop.url("vm", 8080))[0] == 200


def test_haproxy_refuses_a_flood_and_says_whether_the_component_went_on(shop: Shop) -> None:
    """Beyond the limit of requests in ten seconds, over a few connections that the packet filter lets pass."""
    flood = (
        "import http.client,sys\nc=http.client.HTTPConnection(sys.argv[1],8080)\nsaid=set()\n"
        "for _ in range(600):\n c.request('GET','/'); a=c.getresponse(); a.read(); said.add(a.status)\nprint(sorted(said))"
    )
    assert shop.rig.run(["python3", "-c", flood, shop.rig.guests["vm"].address]).stdout == "[200, 429]\n"
    last: dict[str, object] = {}
    for _ in range(30):
        lines = shop.said("vm", "sudo cat /var/lib/musa-ha/measurements.jsonl").splitlines()
        last = {each["metric"]: each["value"] for each in map(json.loads, lines)}
        if last:
            break
        time.sleep(0.5)
    assert last["resilience-to-attacks"] is True
    assert isinstance(last["ha.refused"], int) and last["ha.refused"] >= 90


def test_requests_survive_a_copy_that_died(shop: Shop) -> None:
    shop.said("catalogue-1", "sudo systemctl stop musa-component-catalogue")
    time.sleep(1.5)
    answers = [shop.rig.get(shop.url("catalogue-1", 8000))[0] for _ in range(10)]
    shop.said("catalogue-1", "sudo systemctl start musa-component-catalogue")
    assert answers == [200] * 10


def test_the_virtual_address_moves_to_a_machine_that_works(shop: Shop) -> None:
    url = f"http://{VIRTUAL}:8000/"
    assert shop.rig.get(url)[0] == 200
    holder = next(name for name in ("catalogue-1", "catalogue-2") if VIRTUAL in shop.said(name, "ip -4 addr show eth0"))
    shop.said(holder, "sudo systemctl stop musa-ha-catalogue")
    until = time.monotonic() + 10
    while shop.rig.get(url)[0] != 200 and time.monotonic() < until:
        time.sleep(0.2)
    other = ({"catalogue-1", "catalogue-2"} - {holder}).pop()
    assert shop.rig.get(url)[0] == 200
    assert VIRTUAL in shop.said(other, "ip -4 addr show eth0")
    shop.said(holder, "sudo systemctl start musa-ha-catalogue")


def test_services_come_back_by_themselves(shop: Shop) -> None:
    services = "musa-component-web musa-ha-web musa-access-web musa-agent"
    shop.said("vm", f"sudo systemctl kill --signal=KILL --kill-whom=all {services}")
    until = time.monotonic() + 15
    while shop.rig.get(shop.url("vm", 8080))[0] != 200 and time.monotonic() < until:
        time.sleep(0.3)
    assert shop.rig.get(shop.url("vm", 8080))[0] == 200
    assert shop.said("vm", f"systemctl is-active {services}").split() == ["active"] * 4


def test_undeploy_leaves_nothing(shop: Shop) -> None:
    """Last in the module: it takes away what the others look at."""
    ansible(shop.rig, shop.project, "undeploy.yml")
    for machine in ("vm", "catalogue-1", "catalogue-2"):
        assert shop.said(machine, "sudo find /etc /opt /var/lib /run /usr/local -name '*musa*'") == ""
        assert shop.said(machine, "systemctl list-units --all --plain --no-legend 'musa*'") == ""
        assert shop.said(machine, "getent passwd musa; sudo nft list tables 2>/dev/null") == ""
        assert shop.said(machine, "systemctl --failed --no-legend") == ""
    assert shop.rig.get(shop.url("vm", 8080))[0] == 0
