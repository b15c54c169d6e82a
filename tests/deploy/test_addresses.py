"""Where the user's machines are is read from their inventories: what is our own is never dropped."""

import json
from pathlib import Path

import pytest

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.addresses import addresses, numeric

MACHINES = ("first", "second", "third", "localhost")


def test_machines_are_where_their_inventories_say_or_where_their_names_lead(tmp_path: Path) -> None:
    hosts = {
        "first": {"ansible_host": "192.0.2.1"},
        "second": {"ansible_host": "192.0.2.2", "musa_address": "10.0.0.2"},
        "third": {"ansible_host": "nowhere.invalid"},
        "localhost": {},
    }
    plan = tmp_path / "inventory.yml"
    plan.write_text(json.dumps({"all": {"hosts": dict.fromkeys(MACHINES)}}))
    own = tmp_path / "hosts.yml"
    own.write_text(json.dumps({"all": {"hosts": hosts}}))
    found = addresses((plan, own), MACHINES, tmp_path / "home")
    assert found == {"first": "192.0.2.1", "second": "10.0.0.2", "localhost": numeric("localhost")[0]}


def test_an_inventory_that_cannot_be_read_stops_the_deployment(tmp_path: Path) -> None:
    wrong = tmp_path / "hosts.yml"
    wrong.write_text("all: {hosts: [")
    with pytest.raises(OutsideFailed, match="the inventories cannot be read"):
        addresses((wrong,), MACHINES, tmp_path / "home")
