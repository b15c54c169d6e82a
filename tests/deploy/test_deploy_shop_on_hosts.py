"""A shop window on a machine that is not of `musa deploy`'s making: told in hosts.yml, deployed, reached, taken back clean."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.by_command import run
from tests.rig.rig import Rig, lacks
from tests.support import lacking

pytestmark = [pytest.mark.guest, pytest.mark.slow]

SHOP = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [musa.yaml]
topology_template:
  node_templates:
    web:
      type: musa.nodes.WebApplication
      properties: {port: 8080, protocol: http}
      requirements: [{host: vm}]
    vm:
      type: tosca.nodes.Compute
      capabilities: {host: {properties: {num_cpus: 1, mem_size: 1 GB, disk_size: 10 GB}}}
  policies:
    - keep-it-up:
        type: musa.policies.ServiceLevel
        targets: [web]
        properties: {metric: availability, at_least: 99.5 %, alert_at: 99.8 %}
"""
"""One component and the agents that an open risk asks for: the way to hosts is the same for more."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own repository with a small shop in it."""
    place = tmp_path_factory.mktemp("own")
    (place / "models/shop").mkdir(parents=True)
    (place / "models/shop/shop.yaml").write_text(SHOP)
    (place / "musa.yaml").write_text("")
    return place


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    if why := lacks():
        lacking(why)
    with Rig() as found:
        found.start("vm")
        yield found


def deploy(repository: Path, *more: str, code: int = 0) -> str:
    return "\n".join(run("deploy", "shop", "--on", "hosts", *more, cwd=repository, code=code))


def test_without_hosts_it_says_where_to_write_them(repository: Path) -> None:
    said = deploy(repository, code=2)
    assert "write models/shop/hosts.yml" in said
    assert not (repository / ".musa/deploy").exists()


@pytest.mark.parametrize("url", ["http://x", "https://", "x", "https://x:99999", "https://x/path"])
def test_an_address_that_cannot_be_a_gateways_is_refused(repository: Path, url: str) -> None:
    assert "give --gateway https://HOST:PORT" in deploy(repository, "--gateway", url, code=2)


def test_a_machine_that_cannot_be_reached_is_named(repository: Path) -> None:
    (repository / "models/shop/hosts.yml").write_text("all: {hosts: {vm: {ansible_host: 127.0.0.1, ansible_port: 1}}}\n")
    said = deploy(repository, code=3)
    assert "vm: " in said
    assert "Connection refused" in said
    run("undeploy", "shop", cwd=repository, code=3)
    assert (repository / ".musa/deploy/shop/deploy.json").exists()


def test_it_is_deployed_answers_and_is_taken_back(repository: Path, rig: Rig) -> None:
    (repository / "models/shop/hosts.yml").write_text(rig.inventory())
    said = deploy(repository, "--gateway", "https://gateway.example:8443")
    assert "every component answers" in said
    told = json.loads(rig.ssh("vm", "sudo cat /etc/musa/agent.json").stdout)
    assert (told["gateway"], told["machine"]) == ("https://gateway.example:8443", "vm")
    assert rig.ssh("vm", "stat -c '%a %U %G' /etc/musa/agent.json").stdout == "640 root musa\n"
    assert "nothing is left" in run("undeploy", "shop", cwd=repository)[0]
    assert not (repository / ".musa/deploy").exists()
    left = rig.ssh("vm", "sudo find /etc /opt /var/lib /run /usr/local -name '*musa*'").stdout.split()
    assert [path for path in left if "backup" not in path and "restore" not in path] == []
    assert rig.ssh("vm", "systemctl list-units --all --plain --no-legend 'musa*'").stdout == ""
