"""The process that loaded the programs is killed with signal 9: what stays, what ends by itself, and what the next process takes over."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from musa_pipeline.kernel.chain import Chain
from musa_pipeline.kernel.facts import Library
from musa_pipeline.kernel.libbpf import KernelRefused
from tests.bpf.nets import Beside, Wire, inside
from tests.support import ROOT, need

AGENT = """
import json, sys, time
from pathlib import Path
from musa_pipeline.kernel.chain import Chain
from musa_pipeline.kernel.facts import Library

folder, memory, programs, blocks = sys.argv[1:]
chain = Chain("eth0", Library(Path(folder)), Path(memory))
told = chain.resume()
for each in json.loads(programs):
    chain.load(each)
for source, seconds in json.loads(blocks).items():
    chain.block(source, seconds)
print(json.dumps([told, [each.program for each in chain.running()], sorted(each.source for each in chain.blocked() if each.left)]), flush=True)
time.sleep(600)
"""
UNPRIVILEGED = (
    "setpriv",
    "--reuid=65534",
    "--clear-groups",
    "--inh-caps=-all,+bpf,+net_admin,+perfmon",
    "--ambient-caps=-all,+bpf,+net_admin,+perfmon",
)


@contextmanager
def agent(
    net: Wire, library: Library, memory: Path, programs: list[str], blocks: dict[str, float], *under: str
) -> Iterator[list[object]]:
    """Run an agent beside us, lend what it said, then kill it."""
    words = [*under, sys.executable, "-c", AGENT, library.folder, memory, json.dumps(programs), json.dumps(blocks)]
    with inside(net.near):
        process = subprocess.Popen(
            list(map(str, words)), stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd="/"
        )
    with process:
        assert process.stdout
        try:
            said = process.stdout.readline()
            assert said, "the agent died"
            yield json.loads(said)
        finally:
            process.send_signal(signal.SIGKILL)


def test_a_drop_goes_on_without_the_agent_and_ends_on_time_without_it(net: Wire, library: Library, memory: Path) -> None:
    with agent(net, library, memory, ["source-counters"], {"10.9.0.2": 4.0}):
        blocked = time.monotonic()  # so it is over at the latest 4 seconds from here
    dropped, before_its_end = net.silent("10.9.0.2", 20), time.monotonic() < blocked + 3
    assert dropped or not before_its_end
    assert net.talk("10.9.0.3", 64) == 64
    time.sleep(max(0.0, blocked + 4 - time.monotonic()))
    assert net.talk("10.9.0.2", 64) == 64
    assert "musa_drop" in net.says("ip", "-d", "link", "show", "eth0")  # still there, with nothing to drop


def test_the_next_agent_takes_over_blocks_counts_and_programs_without_a_gap(net: Wire, library: Library, memory: Path) -> None:
    with agent(net, library, memory, ["interface-counters", "source-counters"], {"10.9.0.2": 60, "10.9.0.4": 60}):
        assert net.silent("10.9.0.2", 20)
    assert net.silent("10.9.0.2", 5)
    attack, client = Beside(net, "10.9.0.2", 0.1), Beside(net, "10.9.0.3")
    attack.start()
    client.start()
    with inside(net.near):
        chain = Chain("eth0", library, memory)
        assert chain.resume() == ()
    (sent, through), (asked, answered) = attack.stop(), client.stop()
    with inside(net.near):
        assert through == 0 < sent
        assert asked == answered > 0
        assert [each.program for each in chain.running()] == ["source-drop", "interface-counters", "source-counters"]
        counts = {each.source: each.packets for each in chain.blocked()}
        assert counts == {"10.9.0.2": 25 + sent, "10.9.0.4": 0}
        chain.close()
        assert "xdp" not in net.says("ip", "link", "show", "eth0")


def test_an_agent_without_root_takes_over_from_what_it_wrote_down(net: Wire, library: Library, tmp_path: Path) -> None:
    """With CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON alone the kernel does not let it look at programs that it did not load itself."""
    need("setpriv")
    place = Path(f"/tmp/{net.near}")  # where nobody may write
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    open_library = Library(place / "programs")
    open_library.folder.mkdir()
    for path in library.folder.iterdir():
        (open_library.folder / path.name).write_bytes(path.read_bytes())
    try:
        all_three = ["source-drop", "interface-counters", "source-counters"]
        with agent(
            net, open_library, place / "memory", ["interface-counters", "source-counters"], {"10.9.0.2": 60}, *UNPRIVILEGED
        ) as said:
            assert said == [[], all_three, ["10.9.0.2"]]
            assert net.silent("10.9.0.2", 5)
        with agent(net, open_library, place / "memory", [], {}, *UNPRIVILEGED) as said:
            assert said == [[], all_three, ["10.9.0.2"]]
            assert net.silent("10.9.0.2", 5)
            assert net.talk("10.9.0.3", 64) == 64
        (place / "memory").unlink()  # now nothing says that it is ours
        with (
            inside(net.near),
            pytest.raises(AssertionError, match="the agent died"),
            agent(net, open_library, place / "memory", all_three, {}, *UNPRIVILEGED),
        ):
            pass
        assert net.silent("10.9.0.2", 5)
        with inside(net.near):  # root finds it by its name
            chain = Chain("eth0", library, tmp_path / "memory")
            assert chain.resume() == ()
            assert [each.source for each in chain.blocked()] == ["10.9.0.2"]
            chain.close()
    finally:
        subprocess.run(["rm", "-r", str(place)], check=True)


def test_what_another_boot_wrote_down_is_forgotten(net: Wire, library: Library, memory: Path) -> None:
    memory.write_text(
        json.dumps({"boot": "another", "attached": 1, "programs": {"source-drop": {}}, "blocked": {"10.9.0.2": 2**62}})
    )
    with inside(net.near):
        chain = Chain("eth0", library, memory)
        assert chain.resume() == ()
        assert chain.running() == ()
        chain.close()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"boot": 1}', "\0", "[" * 100_000])
def test_a_memory_that_cannot_be_read_is_no_memory(net: Wire, library: Library, memory: Path, text: str) -> None:
    memory.write_text(text)
    with inside(net.near):
        chain = Chain("eth0", library, memory)
        assert chain.resume() == ()
        chain.load("source-counters")
        chain.close()


def test_an_agent_that_stops_may_leave_its_open_blocks(net: Wire, library: Library, memory: Path) -> None:
    with inside(net.near):
        chain = Chain("eth0", library, memory)
        chain.load("source-counters")
        chain.block("10.9.0.2", 60)
        chain.close(keep_blocks=True)
        assert chain.running() == ()
        assert net.silent("10.9.0.2", 5)
        again = Chain("eth0", library, memory)
        assert again.resume() == ()
        assert [each.packets for each in again.blocked()] == [5]
        assert [each.program for each in again.running()] == ["source-drop"]
        again.unblock("10.9.0.2")
        again.close(keep_blocks=True)
        assert "xdp" not in net.says("ip", "link", "show", "eth0")


def test_a_program_that_is_gone_from_the_library_is_told_and_a_drop_is_never_given_up(
    net: Wire, library: Library, memory: Path, tmp_path: Path
) -> None:
    with agent(net, library, memory, ["interface-counters"], {"10.9.0.2": 60}):
        pass
    poor = Library(tmp_path / "poor")
    poor.folder.mkdir()
    with inside(net.near):
        with pytest.raises(KernelRefused, match="what is attached to eth0 stays as it is"):
            Chain("eth0", poor, memory).resume()
        assert net.silent("10.9.0.2", 5)
        for name in ("source-drop.o", "source-drop.json"):
            (poor.folder / name).write_bytes((library.folder / name).read_bytes())
        chain = Chain("eth0", poor, memory)
        assert chain.resume() == ("there is no program 'interface-counters' here; there is source-drop",)
        assert net.silent("10.9.0.2", 5)
        chain.close()


def test_a_full_disk_keeps_no_drop_from_happening_and_is_told(net: Wire, library: Library, tmp_path: Path) -> None:
    with inside(net.near):
        chain = Chain("eth0", library, tmp_path / "nowhere" / "memory")
        chain.block("10.9.0.2", 60)
        assert net.silent("10.9.0.2", 5)
        assert chain.trouble.endswith("memory cannot be written: No such file or directory")
        (tmp_path / "nowhere").mkdir()
        chain.load("source-counters")
        assert chain.trouble == ""
        chain.close()


def test_an_interface_that_goes_away_breaks_nothing(net: Wire, library: Library, memory: Path) -> None:
    with inside(net.near):
        chain = Chain("eth0", library, memory)
        chain.load("source-counters")
        net.says("ip", "link", "del", "eth0")
        with pytest.raises(KernelRefused, match="eth0"):
            chain.block("10.9.0.2", 60)
        assert [each.program for each in chain.running()] == ["source-counters"]
        assert chain.rows() == ()
        chain.close()
        with pytest.raises(KernelRefused, match="there is no interface 'eth0'"):
            Chain("eth0", library, memory)
