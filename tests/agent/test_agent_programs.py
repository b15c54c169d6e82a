"""The agent and the kernel: programs loaded, read, changed and taken off by signed commands, with real packets between namespaces."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from musa_pipeline.domain.command import Verb
from musa_pipeline.domain.event import Topic
from musa_pipeline.kernel.facts import Library
from musa_pipeline.kernel.libbpf import missing
from musa_pipeline.runners.local.spaces import listen_in
from musa_pipeline.stages.programs import make_library
from tests.agent.agent_process import bundled, journal, start, watch
from tests.bpf.nets import Wire, wire
from tests.services.gateway_world import World, until
from tests.support import ROOT, lacking, need, need_root


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    need_root()
    need("clang", "ip", "nsenter")
    if why := missing():
        lacking(why)
    folder = tmp_path_factory.mktemp("programs")
    make_library(folder, ROOT)
    return Library(folder)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundled(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def net(library: Library) -> Iterator[Wire]:
    with wire() as made:
        made.says("ip", "link", "set", "lo", "up")
        yield made


def rates(world: World, metric: str) -> dict[str, float]:
    """Return the highest rate of each source."""
    found: dict[str, float] = {}
    for each in world.measurements():
        if each.metric == metric:
            source = dict(each.about).get("source", "")
            found[source] = max(found.get(source, 0.0), each.value)
    return found


def obeyed(world: World, verb: Verb, arguments: dict[str, object]) -> dict[str, object]:
    """Send a command, wait for its result, return the state after it."""
    sent = world.command(verb, arguments)
    until(lambda: sent.id in world.results())
    assert world.results()[sent.id] == ("applied", "")
    told = [json.loads(event.data) for event in world.events(Topic.RESULTS)]
    return next(each["after"] for each in told if each["command"] == sent.id)  # type: ignore[no-any-return]


def xdp(net: Wire) -> bool:
    return "xdp" in net.says("ip", "-details", "link", "show", "eth0")


def test_programs_are_loaded_read_and_taken_off_and_a_block_outlives_a_killed_agent(
    net: Wire, library: Library, bundle: Path, tmp_path: Path
) -> None:
    world, folder = World(tmp_path / "platform"), tmp_path / "a"
    watch(folder, inputs=[], programs=[{"program": "interface-counters", "interface": "eth0", "parameters": {}}])
    digest = library.open("source-counters")[0].digest
    with world.gateway(listening=listen_in(net.near, "127.0.0.1", 0)) as running:
        world.agent_config(folder, running.port)
        inside = ("nsenter", f"--net=/run/netns/{net.near}")
        process = start(bundle, folder, before=inside)
        try:
            until(lambda: "there is no program 'interface-counters' here" in journal(folder))
            (folder / "programs").symlink_to(library.folder)
            until(lambda: xdp(net))
            loaded = obeyed(
                world,
                Verb.LOAD,
                {"program": "source-counters", "interface": "eth0", "parameters": {"top": 512}, "digest": digest},
            )
            assert (loaded["state"], loaded["parameters"], loaded["digest"]) == ("loaded", {"top": 512}, digest)
            assert net.talk("10.9.0.2", 64) == 64
            until(lambda: rates(world, "net.source.packets").get("10.9.0.2", 0) > 0)
            until(lambda: rates(world, "net.interface.packets").get("", 0) > 0)

            wrong = world.command(Verb.LOAD, {"program": "interface-counters", "interface": "eth0", "digest": "0" * 64})
            outside = world.command(Verb.LOAD, {"program": "source-counters", "interface": "eth0", "parameters": {"top": 1}})
            strange = world.command(Verb.LOAD, {"program": "../../etc/passwd", "interface": "eth0"})
            own = world.command(Verb.BLOCK, {"source": "127.0.0.1", "seconds": 5})
            until(lambda: {wrong.id, outside.id, strange.id, own.id} <= set(world.results()))
            told = world.results()
            assert "is not the one that is asked for" in told[wrong.id][1]
            assert "not a whole number from 256 to 65536" in told[outside.id][1]
            assert "there is no program" in told[strange.id][1]
            assert told[own.id] == ("refused", "127.0.0.1 is never blocked")

            blocked = obeyed(world, Verb.BLOCK, {"source": "10.9.0.3", "seconds": 600})
            assert 590 < float(str(blocked["left"])) <= 600
            assert net.silent("10.9.0.3", 32)
            assert net.talk("10.9.0.2", 32) == 32
            until(lambda: rates(world, "net.dropped.packets").get("10.9.0.3") == 32.0)

            process.kill()
            process.wait()
            assert net.silent("10.9.0.3", 32), "the kernel goes on dropping"
            assert net.talk("10.9.0.2", 32) == 32
            process = start(bundle, folder, before=inside)
            until(lambda: rates(world, "net.dropped.packets").get("10.9.0.3") == 64.0)
            assert net.silent("10.9.0.3", 1)

            assert obeyed(world, Verb.UNBLOCK, {"source": "10.9.0.3"})["left"] == 0.0
            assert net.talk("10.9.0.3", 32) == 32
            assert obeyed(world, Verb.UNLOAD, {"program": "source-counters", "interface": "eth0"})["state"] == "absent"
            obeyed(world, Verb.BLOCK, {"source": "10.9.0.4", "seconds": 600})
            process.terminate()
            assert process.wait(20) == 0
            assert net.silent("10.9.0.4", 8), "a block outlives a stop too"
            assert start(bundle, folder, "--let-go", before=inside).wait(20) == 0
            assert net.talk("10.9.0.4", 8) == 8
            assert not xdp(net)
        finally:
            process.kill()
            process.wait()


def test_without_privilege_programs_are_absent_and_the_reason_is_told(library: Library, bundle: Path, tmp_path: Path) -> None:
    need("setpriv")
    world, folder = World(tmp_path / "platform"), tmp_path / "a"
    watch(folder, programs=[{"program": "interface-counters"}])
    (folder / "programs").symlink_to(library.folder)
    with world.gateway() as running:
        world.agent_config(folder, running.port)
        process = start(bundle, folder, before=("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"))
        try:
            sent = world.command(Verb.BLOCK, {"source": "192.0.2.1", "seconds": 5})
            outcome, reason = until(lambda: world.results().get(sent.id))
            assert outcome == "failed"
            assert "CAP_NET_ADMIN" in reason
            until(lambda: rates(world, "network.in.packets"))
        finally:
            process.kill()
            process.wait()
    assert f"no program is loaded: {reason}" in journal(folder)
