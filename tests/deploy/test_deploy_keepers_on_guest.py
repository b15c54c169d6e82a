"""The agents that look after a machine, on one guest: scanner, integrity, backup, audit log; each is made to do its work.

Our own agent hands all that they find to a gateway.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from musa_pipeline.domain.command import Verb
from musa_pipeline.planning import plan
from musa_pipeline.runners.local.spaces import listen_in
from tests.deploy.shop_deployed import Ran, ansible, guests, write_project
from tests.planning.shop_plan import CATALOGS, COMPOSITION, CPIM, SELECTION, SLAS, placement, selection
from tests.rig.rig import Rig
from tests.services.gateway_world import World, until

pytestmark = [pytest.mark.guest, pytest.mark.slow]

AGENTS = "vulnerability-scanner@web audit-log@web backup@orders integrity-monitor@web network-monitor@web"
GATEWAY = "10.77.1.1"
"""The bridge, where the test stands."""
LISTED = "VERSION 1\nCVE-2026-0001,,made up\n\nbash,0,SHRF,99:1,\n\nbash,bash\n\n"
"""A vulnerability list in debsecan's format with one entry: bash before 99:1, high urgency."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("platform"), {"vm": ["orders", "web"]}, (GATEWAY,))


@pytest.fixture(scope="module")
def kept(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, Path, Ran]]:
    place = tmp_path_factory.mktemp("kept")
    chosen = replace(SELECTION, placements=(placement("vm", "alpha-vm", "orders web"),), agents=selection(AGENTS).agents)
    project = write_project(plan(CPIM, chosen, SLAS, COMPOSITION, CATALOGS), place)
    with guests("vm") as rig:
        told = json.loads(rig.inventory())
        told["all"]["vars"] |= {"scanner_source": "file:///srv/list", "integrity_paths": ["/etc/sudoers.d"]}
        told["all"]["vars"] |= {
            "musa_agent_ca": str(world.credentials.ca),
            "musa_agent_credentials": str(world.credentials.of("vm")),
        }
        with world.gateway(listening=listen_in(rig.space, GATEWAY, 0)) as running:
            told["all"]["vars"]["musa_gateway_url"] = f"https://{GATEWAY}:{running.port}"
            (project / "hosts.yml").write_text(json.dumps(told))
            ansible(rig, project, "--check", "site.yml")
            ansible(rig, project, "site.yml")
            yield rig, project, ansible(rig, project, "site.yml")


def records(rig: Rig, folder: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in rig.ssh("vm", f"sudo cat {folder}/measurements.jsonl").stdout.splitlines()]


def test_the_second_run_changes_nothing(kept: tuple[Rig, Path, Ran]) -> None:
    assert kept[2].changed == {"vm": 0}


def test_a_scan_without_the_list_says_so_and_with_it_finds_what_is_there(kept: tuple[Rig, Path, Ran]) -> None:
    rig = kept[0]
    rig.ssh("vm", "sudo systemctl start musa-scan-basic-web")
    without = records(rig, "/var/lib/musa-scanner")
    assert {"not-determined"} == {each["finding"] for each in without if "finding" in each}
    assert not any("vulnerabilities" in str(each.get("metric")) for each in without)
    rig.run(["true"])
    listed = zlib.compress(LISTED.encode()).hex()
    rig.ssh(
        "vm",
        f"sudo mkdir -p /srv/list; python3 -c \"import sys;sys.stdout.buffer.write(bytes.fromhex('{listed}'))\" | sudo tee /srv/list/bookworm >/dev/null",
    )
    assert rig.ssh("vm", "sudo systemctl start musa-scan-basic-web && sudo systemctl start musa-scan-basic-web").returncode == 0
    last = {each["metric"]: each for each in records(rig, "/var/lib/musa-scanner") if "metric" in each}
    assert last["scan.vulnerabilities"]["value"] == 1
    assert last["scan.vulnerabilities-high"]["which"] == ["CVE-2026-0001 bash"]
    assert 0 <= float(str(last["m13-scanning-frequency-basic-scan"]["value"])) < 1
    assert "m14-list-update-frequency" in last


def test_an_extended_scan_joins_two_scanners(kept: tuple[Rig, Path, Ran]) -> None:
    rig = kept[0]
    done = rig.ssh("vm", "sudo systemctl start musa-scan-extended-web")
    last = {each["metric"]: each for each in records(rig, "/var/lib/musa-scanner") if "metric" in each}
    assert (done.returncode, last["scan.warnings"]["unit"]) == (0, "warnings")


def test_a_changed_file_is_reported_until_it_is_accepted(kept: tuple[Rig, Path, Ran]) -> None:
    rig = kept[0]
    rig.ssh("vm", "sudo systemctl start musa-integrity-web")
    assert records(rig, "/var/lib/musa-integrity")[-1]["value"] is True
    rig.ssh(
        "vm",
        "echo '# changed' | sudo tee -a /opt/musa/web/new /etc/sudoers.d/90-cloud-init-users; sudo systemctl start musa-integrity-web",
    )
    found = records(rig, "/var/lib/musa-integrity")[-1]
    assert found["finding"] == "files-differ"
    assert found["kinds"] == ["added", "changed"]
    rig.ssh("vm", "sudo rm /opt/musa/web/new")


def test_what_was_stored_is_restored(kept: tuple[Rig, Path, Ran]) -> None:
    rig = kept[0]
    rig.ssh("vm", "echo precious | sudo tee /opt/musa/orders/data")
    stored = rig.ssh("vm", "sudo systemctl start musa-backup-orders && sudo rm /opt/musa/orders/data && sudo musa-restore orders")
    assert stored.returncode == 0, stored.stdout + stored.stderr
    assert rig.ssh("vm", "cat /opt/musa/orders/data; systemctl is-active musa-component-orders").stdout == "precious\nactive\n"
    assert "precious" not in rig.ssh("vm", "sudo grep -r precious /var/backups/musa").stdout


def test_records_are_kept_on_disk(kept: tuple[Rig, Path, Ran]) -> None:
    rig = kept[0]
    rig.ssh("vm", "sudo true; sudo journalctl --flush; sudo journalctl --sync")
    assert "COMMAND=/usr/bin/true" in rig.ssh("vm", "sudo journalctl --directory=/var/log/journal -t sudo -o cat").stdout


def test_what_all_of_them_found_is_at_the_gateway(kept: tuple[Rig, Path, Ran], world: World) -> None:
    wanted = {"network.in.octets", "network.half-open", "network.connections-of-one-source", "scan.vulnerabilities-high",
              "finding.not-determined", "m13-scanning-frequency-basic-scan", "scan.warnings", "finding.files-differ", "integrity"}  # fmt: skip
    until(lambda: wanted <= {each.metric for each in world.measurements()}, 60)
    high = [each for each in world.measurements() if each.metric == "scan.vulnerabilities-high"][-1]
    assert (high.component, high.machine, high.agent) == ("web", "vm", "vulnerability-scanner")
    assert (high.value, dict(high.about)) == (1.0, {"which": "CVE-2026-0001 bash"})


def test_the_credentials_are_the_agents_alone(kept: tuple[Rig, Path, Ran], world: World) -> None:
    said = (
        kept[0].ssh("vm", "stat --format='%U %G %a' /etc/musa/agent.json; cat /etc/musa/agent.json; sudo journalctl | cat").stdout
    )
    assert said.startswith("root musa 640\n")
    assert world.token() not in said + kept[2].said


def test_a_command_is_obeyed_on_the_machine(kept: tuple[Rig, Path, Ran], world: World) -> None:
    sent = world.command(Verb.SET_PERIOD, {"input": "network", "component": "web", "seconds": 0.5})
    until(lambda: world.results().get(sent.id) == ("applied", ""))


def test_undeploy_leaves_only_the_backups(kept: tuple[Rig, Path, Ran]) -> None:
    """Last in the module: it takes away what the others look at."""
    rig, project, _ = kept
    ansible(rig, project, "undeploy.yml")
    left = rig.ssh("vm", "sudo find /etc /opt /var/lib /run /usr/local -name '*musa*'").stdout.split()
    assert sorted(left) == ["/etc/musa-backup", "/usr/local/sbin/musa-backup", "/usr/local/sbin/musa-restore"]
    assert rig.ssh("vm", "systemctl list-units --all --plain --no-legend 'musa*'; systemctl --failed --no-legend").stdout == ""
