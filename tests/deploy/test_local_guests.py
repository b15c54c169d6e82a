"""The provider `local` and Ansible on it: found again by a later process, cleaned up after a kill, strict about whom it speaks with."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.ansible import Played, Told, What, leftovers, play
from musa_pipeline.runners.local import Guests, connect_in, lacks, listen_in
from tests.deploy.left import left_of
from tests.rig.rig import CACHE
from tests.support import lacking

pytestmark = [pytest.mark.guest]

BOOT = """
import sys
from pathlib import Path
from musa_pipeline.runners.local import Guests
Guests(Path(sys.argv[1]), cache=Path(sys.argv[2])).up(sys.argv[3:], lambda text: print(text, flush=True))
print("up", flush=True)
"""
PLAY = [{"hosts": "all", "gather_facts": False, "become": True, "tasks": [
    {"ansible.builtin.copy": {"content": "here", "dest": "/etc/marked", "mode": "0644"}, "name": "Mark it"},
]}]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if why := lacks():
        lacking(why)
    place = tmp_path_factory.mktemp("a folder") / "guests"
    yield place
    Guests(place, cache=CACHE).down()


@pytest.fixture(scope="module")
def guests(folder: Path) -> Guests:
    """Two machines, booted by a process that was killed as soon as it began to boot, then by us."""
    with subprocess.Popen([sys.executable, "-c", BOOT, folder, CACHE, "one", "two"], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("booting"):
                break
        child.send_signal(signal.SIGKILL)
    found = Guests(folder, cache=CACHE)
    found.up(["one", "two"])
    return found


def project(guests: Guests, place: Path) -> tuple[Path, Path]:
    hosts = {name: {"ansible_host": address} for name, address in guests.addresses().items()}
    (place / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts, "vars": guests.connection()}}))
    (place / "book.yml").write_text(json.dumps(PLAY))
    (place / "runner").mkdir()
    return place / "book.yml", place / "hosts.yml"


def test_who_was_killed_while_booting_leaves_nothing_that_the_next_cannot_use(guests: Guests) -> None:
    assert guests.ssh("one", "cat /etc/hostname").stdout == "one\n"
    assert guests.ssh("two", "cat /etc/hostname").stdout == "two\n"


def test_another_process_finds_them_running_and_boots_nothing(guests: Guests, folder: Path) -> None:
    assert Guests(folder, cache=CACHE).up(["one", "two"]) == ()


def test_a_machine_whose_plug_was_pulled_comes_back_with_its_files(guests: Guests, folder: Path) -> None:
    guests.ssh("two", "echo kept | sudo tee /etc/kept; sync")
    for pid in guests.guests["two"].pids():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    again = Guests(folder, cache=CACHE)
    while again.guests["two"].pids():
        pass
    assert again.up(["one", "two"]) == ("two",)
    assert again.ssh("two", "cat /etc/kept").stdout == "kept\n"


def test_a_server_outside_listens_at_the_bridge(guests: Guests) -> None:
    network = guests.network
    with listen_in(network.control, network.gateway, 9000) as server:
        said = []

        def serve() -> None:
            connection, (address, _) = server.accept()
            with connection:
                said.append(address)
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")

        thread = threading.Thread(target=serve)
        thread.start()
        got = guests.ssh("one", f"curl -s http://{network.gateway}:9000/")
        thread.join()
    assert (got.stdout, said) == ("hello", [guests.addresses()["one"]])
    with pytest.raises(OutsideFailed, match="nothing can listen"):
        listen_in(network.control, "192.0.2.1", 9000)


def test_a_visitor_has_an_address_of_its_own_and_goes_without_a_trace(guests: Guests) -> None:
    with guests.visitor() as (space, address), guests.visitor() as (_, other):
        assert len({address, other, *guests.addresses().values()}) == 4
        with connect_in(space, guests.addresses()["one"], 22) as connection:
            assert connection.recv(4) == b"SSH-"
    assert not Path("/run/netns", space).exists()


def test_a_run_after_a_check_does_its_work_and_a_third_changes_nothing(guests: Guests, tmp_path: Path) -> None:
    book, hosts = project(guests, tmp_path)
    told: list[Told] = []

    def run(check: bool) -> Played:
        return play(book, inventories=[hosts], folder=tmp_path / "runner", check=check, tell=told.append)

    assert [run(True).changed, run(False).changed, run(False).changed] == [2, 2, 0]
    assert guests.ssh("two", "cat /etc/marked").stdout == "here"
    assert {(each.what, each.machine) for each in told} >= {(What.CHANGED, "one"), (What.OK, "two"), (What.TASK, "")}


def test_the_environment_and_variables_stay_off_the_disk(guests: Guests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book, hosts = project(guests, tmp_path)
    monkeypatch.setenv("SOME_PASSWORD", "open-sesame")
    assert play(book, inventories=[hosts], folder=tmp_path / "runner", variables={"secret": "open-sesame-too"}).well
    texts = [path.read_bytes() for path in (tmp_path / "runner").rglob("*") if path.is_file()]
    assert texts
    assert not any(b"open-sesame" in text for text in texts)


def test_a_machine_with_another_host_key_is_not_spoken_with(guests: Guests, tmp_path: Path) -> None:
    book, hosts = project(guests, tmp_path)
    known = guests.folder / "known_hosts"
    right = known.read_text()
    first, second = right.splitlines()
    known.write_text(f"{first.split()[0]} {second.partition(' ')[2]}\n{second}\n")
    guests.hang_up()
    try:
        done = play(book, inventories=[hosts], folder=tmp_path / "runner")
    finally:
        known.write_text(right)
    assert [(each.what, each.machine) for each in done.failures] == [(What.UNREACHABLE, first_name(guests, first.split()[0]))]
    assert "Host key verification failed" in done.failures[0].detail


def first_name(guests: Guests, address: str) -> str:
    return next(name for name, each in guests.addresses().items() if each == address)


def test_a_failure_is_told_with_machine_task_and_reason(guests: Guests, tmp_path: Path) -> None:
    book, hosts = project(guests, tmp_path)
    tasks = [{"name": "Say no", "ansible.builtin.command": {"argv": ["/bin/false"]}, "when": "inventory_hostname == 'one'"}]
    book.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    done = play(book, inventories=[hosts], folder=tmp_path / "runner")
    assert (done.well, [(each.machine, each.task, each.detail) for each in done.failures]) == (
        False,
        [("one", "Say no", "non-zero return code")],
    )


def test_a_playbook_that_cannot_be_read_is_a_failure_of_the_outside(guests: Guests, tmp_path: Path) -> None:
    book, hosts = project(guests, tmp_path)
    book.write_text("- hosts: all\n  tasks: {")
    with pytest.raises(OutsideFailed, match="ansible could not begin"):
        play(book, inventories=[hosts], folder=tmp_path / "runner")


def test_a_run_that_finds_no_machine_did_nothing_and_says_so(guests: Guests, tmp_path: Path) -> None:
    book, hosts = project(guests, tmp_path)
    book.write_text(json.dumps([{"hosts": "nobody", "gather_facts": False, "tasks": []}]))
    with pytest.raises(OutsideFailed, match="found no machine"):
        play(book, inventories=[hosts], folder=tmp_path / "runner")


def test_a_run_can_be_stopped(guests: Guests, tmp_path: Path) -> None:
    book, hosts = project(guests, tmp_path)
    tasks = [{"ansible.builtin.command": {"argv": ["sleep", "60"]}}]
    book.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    done = play(book, inventories=[hosts], folder=tmp_path / "runner", stop=lambda: True)
    assert (done.well, done.said, done.seconds < 50) == (False, "stopped", True)


def test_machines_no_longer_wanted_are_removed_and_down_leaves_nothing(guests: Guests, folder: Path) -> None:
    """Last in the module."""
    guests.up(["one"])
    assert not (folder / "guests/two").exists()
    with pytest.raises((OSError, http.client.HTTPException)):
        connect_in(guests.network.control, "10.77.1.12", 22, 0.5)
    guests.down()
    assert leftovers(folder) == []
    folder.rmdir()
    assert left_of(folder) == []


def test_without_root_it_is_said() -> None:
    if os.geteuid():
        assert lacks() == "guests need root"
