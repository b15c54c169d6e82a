"""A machine of its own with systemd: the role brings the programs, a service without root loads them, and taking all back leaves nothing."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from musa_pipeline.kernel.facts import Library
from musa_pipeline.runners.local.spaces import connect_in
from tests.deploy.shop_deployed import Ran, ansible, guests
from tests.rig.rig import ROOT, Rig

pytestmark = [pytest.mark.guest, pytest.mark.slow]

SITE = """\
- name: Programs
  hosts: all
  become: true
  gather_facts: false
  roles:
    - role: ebpf_programs
"""
SERVICE = """\
import sys, time
from pathlib import Path
sys.path.insert(0, "/home/debian/code")
from musa_pipeline.kernel.chain import Chain
from musa_pipeline.kernel.facts import Library

chain = Chain("eth0", Library(Path("/opt/musa/bpf")), Path("/var/lib/musa-try/eth0.json"))
chain.resume()
chain.load("interface-counters")
chain.load("source-counters")
chain.block("203.0.113.9", 600)
while True:
    told = {(each.metric, each.about.get("source", "")): each.value for each in chain.figures()}
    print(chain.mode, told.get(("net.source.packets", sys.argv[1]), 0), flush=True)
    time.sleep(0.2)
"""
HARDENED = (
    "DynamicUser=yes",
    "StateDirectory=musa-try",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "MemoryDenyWriteExecute=yes",
    "PrivateDevices=yes",
    "RestrictNamespaces=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=bpf",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "CapabilityBoundingSet=CAP_BPF CAP_PERFMON CAP_NET_ADMIN",
    "AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_NET_ADMIN",
)
"""What a unit may forbid while programs still load; netlink attaches them."""


@pytest.fixture(scope="module")
def brought(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, Path, Ran]]:
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "playbooks/roles/ebpf_programs", project / "roles/ebpf_programs")
    shutil.copytree(library.folder, project / "files/bpf")
    (project / "site.yml").write_text(SITE)
    (project / "ansible.cfg").write_text("[defaults]\ninventory = hosts.yml\nroles_path = roles\n")
    with guests("vm") as rig:
        (project / "hosts.yml").write_text(rig.inventory())
        ansible(rig, project, "site.yml")
        yield rig, project, ansible(rig, project, "site.yml")


def said(rig: Rig, command: str) -> str:
    done = rig.ssh("vm", command)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def test_the_second_run_changes_nothing(brought: tuple[Rig, Path, Ran]) -> None:
    rig, _, again = brought
    assert again.changed == {"vm": 0}
    assert len(said(rig, "ls /opt/musa/bpf").split()) == 6


def test_a_hardened_service_without_root_counts_what_arrives_and_leaves_the_drop_when_killed(
    brought: tuple[Rig, Path, Ran],
) -> None:
    rig, _, _ = brought
    for name in ("__init__.py", *(f"kernel/{path.name}" for path in (ROOT / "musa_pipeline/kernel").glob("*.py"))):
        text = (ROOT / "musa_pipeline" / name).read_text()
        place = f"/home/debian/code/musa_pipeline/{name}"
        said(rig, f"mkdir -p {Path(place).parent} && cat > {place} <<'END OF FILE'\n{text}\nEND OF FILE\n")
    said(rig, f"cat > /home/debian/service.py <<'END OF FILE'\n{SERVICE}\nEND OF FILE\n")
    options = " ".join(f"-p '{each}'" for each in HARDENED)
    gateway = rig.kept.network.address(1).rpartition(".")[0] + ".1"
    said(rig, f"sudo systemd-run --quiet --unit=try {options} /usr/bin/python3 /home/debian/service.py {gateway}")
    counts: list[str] = []
    end = time.monotonic() + 20
    while time.monotonic() < end and len(counts) < 2:
        counts = said(rig, "sudo journalctl --unit=try --output=cat --quiet").splitlines()
        time.sleep(0.1)
    first = [line.split() for line in counts if line.startswith(("native ", "generic "))]
    assert first, counts
    for _ in range(5):
        with connect_in(rig.space, rig.kept.addresses()["vm"], 22, 2) as server:
            server.recv(4)
    time.sleep(0.5)
    last = said(rig, "sudo journalctl --unit=try --output=cat --quiet").splitlines()[-1].split()
    assert int(last[1]) >= int(first[-1][1]) + 10
    said(rig, "sudo systemctl kill --signal=SIGKILL try")
    assert "musa_drop" in said(rig, "sudo ip -details link show eth0")


def test_taking_it_back_leaves_nothing(brought: tuple[Rig, Path, Ran]) -> None:
    rig, project, _ = brought
    ansible(rig, project, "-e", "ebpf_programs_state=absent", "site.yml")
    links = json.loads(said(rig, "sudo ip -details -json link show"))
    assert [each.get("xdp") for each in links if each.get("xdp", {}).get("prog")] == []
    assert said(rig, "sudo ls /opt/musa 2>/dev/null | grep -c bpf || true") == "0"
