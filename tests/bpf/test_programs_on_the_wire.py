"""Real packets between two network namespaces: every one is counted, dropped or let through as it should be."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from musa_pipeline.kernel.chain import Chain
from musa_pipeline.kernel.drops import Blocked
from musa_pipeline.kernel.facts import Library
from musa_pipeline.kernel.interface import Hook, default_interface
from musa_pipeline.kernel.libbpf import KernelRefused
from musa_pipeline.kernel.program import Program
from musa_pipeline.runners.bpf import PACKETS
from tests.bpf.nets import OCTETS, Beside, Wire, inside, wire

ALL = ("source-drop", "interface-counters", "source-counters")


def figures(chain: Chain) -> dict[tuple[str, str], int]:
    return {(each.metric, each.about.get("source", "")): each.value for each in chain.figures()}


def keys_of(chain: Chain, name: str) -> list[str]:
    return [row.key for row in chain.rows() if row.map == name]


def until(true: Callable[[], bool], patience: float = 20) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_every_packet_is_counted_once_by_interface_and_by_source(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("interface-counters")
        chain.load("source-counters")
        assert (net.talk("10.9.0.2", 300), net.talk("10.9.0.3", 200)) == (300, 200)
        found = figures(chain)
        assert found["net.interface.packets", ""] == found["net.interface.udp", ""] == 500
        assert found["net.interface.octets", ""] == 500 * OCTETS
        assert found["net.interface.tcp", ""] == found["net.interface.icmp", ""] == 0
        assert found["net.source.packets", "10.9.0.2"] == 300
        assert found["net.source.octets", "10.9.0.3"] == 200 * OCTETS
        assert chain.mode == "native"
        chain.close()


def test_packets_of_every_kind_are_read_as_what_they_are(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("interface-counters")
        chain.load("source-counters")
        net.frames(*PACKETS.values())
        found = figures(chain)
        openings = [name for name in PACKETS if name.endswith("TCP opening") or "IPv6" in name]
        assert len(openings) == 4
        assert found["net.interface.packets", ""] == len(PACKETS)
        assert found["net.interface.octets", ""] == sum(map(len, PACKETS.values()))
        assert found["net.interface.syn", ""] == found["net.interface.tcp", ""] == 4
        assert found["net.interface.udp", ""] == 1
        assert found["net.source.syn", "192.0.2.7"] == 3
        assert found["net.source.packets", "192.0.2.7"] == 5  # with the datagram and the later fragment
        assert found["net.source.syn", "2001:db8::7"] == found["net.source.packets", "2001:db8::7"] == 1
        chain.close()


def test_one_source_is_dropped_while_another_gets_through(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("source-counters")
        chain.block("10.9.0.2", 60)
        assert net.silent("10.9.0.2", 40)
        assert net.talk("10.9.0.3", 400) == 400
        (one,) = chain.blocked()
        assert (one.source, one.packets, one.octets) == ("10.9.0.2", 40, 40 * OCTETS)
        assert 50 < one.left <= 60
        assert ("net.source.packets", "10.9.0.2") not in figures(chain)  # dropped first, so never counted as traffic
        chain.block("10.9.0.2", 600)  # a new end, and no count is lost
        assert net.silent("10.9.0.2", 10)
        assert [(each.packets, each.left > 500) for each in chain.blocked()] == [(50, True)]
        assert chain.unblock("10.9.0.2")
        assert not chain.unblock("10.9.0.2")
        assert net.talk("10.9.0.2", 40) == 40
        assert chain.blocked() == (Blocked("10.9.0.2", 0, 50, 50 * OCTETS),)
        chain.close()


def test_ipv6_and_tagged_packets_are_dropped_too(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.block("2001:DB8::7", 60)
        chain.block("192.0.2.7", 60)
        net.frames(*PACKETS.values())
        assert {each.source: each.packets for each in chain.blocked()} == {"2001:db8::7": 1, "192.0.2.7": 5}
        chain.close()


def test_a_block_ends_by_itself_and_is_told_once_more(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        start = time.monotonic()
        chain.block("10.9.0.2", 1)
        dropped = net.silent("10.9.0.2", 5)
        assert dropped or time.monotonic() > start + 1
        assert until(lambda: not net.silent("10.9.0.2", 1))
        assert time.monotonic() > start + 1
        (one,) = chain.blocked()
        assert (one.left, one.source) == (0, "10.9.0.2")
        assert one.packets >= 5 * dropped
        assert keys_of(chain, "blocked") == []  # the kernel itself took it out
        chain.close()


def test_the_kernel_ends_a_block_that_is_longer_than_any_may_be(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("source-drop", {"longest": 5})
        with pytest.raises(KernelRefused, match="at most 5 seconds, not 6"):
            chain.block("10.9.0.2", 6)
        chain.block("10.9.0.2", 4)
        drop = next(link for link in chain._links if link.facts.id == "source-drop")
        key = next(key for key, _ in drop.maps["blocked"].rows())
        drop.maps["blocked"].put(key, {"until": 2**63})  # somebody else wrote into it
        assert net.talk("10.9.0.2", 10) == 10
        assert keys_of(chain, "blocked") == []
        chain.close()


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 86401, "60", True, None])
def test_a_time_that_cannot_be_is_refused(net: Wire, library: Library, seconds: object) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        with pytest.raises(KernelRefused, match="at most 86400 seconds"):
            chain.block("10.9.0.2", seconds)  # type: ignore[arg-type]
        with pytest.raises(KernelRefused, match="is no address"):
            chain.block("10.9.0.2/31", 1)
        chain.close()


@pytest.mark.parametrize("order", [ALL, ALL[::-1], (ALL[1], ALL[2], ALL[0])])
def test_three_programs_run_in_their_order_however_they_came(net: Wire, library: Library, order: tuple[str, ...]) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        for each in order:
            chain.load(each)
        assert tuple(each.program for each in chain.running()) == ALL
        chain.block("10.9.0.4", 60)
        assert net.talk("10.9.0.2", 64) == 64
        assert net.silent("10.9.0.4", 32)
        found = figures(chain)
        assert found["net.interface.packets", ""] == found["net.source.packets", "10.9.0.2"] == 64
        assert found["net.dropped.packets", "10.9.0.4"] == 32
        chain.unload("interface-counters")  # the middle goes, the ends stay joined
        assert net.talk("10.9.0.2", 64) == 64
        assert figures(chain)["net.source.packets", "10.9.0.2"] == 128
        chain.close()


def test_changing_the_chain_loses_no_packet_and_no_count(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("source-counters")
        traffic = Beside(net, "10.9.0.2")
        traffic.start()
        for turn in range(10):
            chain.load("interface-counters")
            chain.block("10.9.0.9", 60)
            chain.load("source-drop", {"longest": 1000 + turn})
            chain.unload("interface-counters")
            chain.unload("source-drop")
        sent, arrived = traffic.stop()
        assert arrived == sent > 0
        assert figures(chain)["net.source.packets", "10.9.0.2"] == sent
        chain.close()


def test_the_first_program_comes_and_the_last_goes_without_losing_a_packet(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        traffic = Beside(net, "10.9.0.2")
        traffic.start()
        for _ in range(10):
            chain.load("interface-counters")
            chain.close()
        sent, arrived = traffic.stop()
        assert arrived == sent > 0


def test_the_interface_of_the_default_route_is_found(net: Wire, library: Library) -> None:
    with inside(net.near):
        with pytest.raises(KernelRefused, match="there is no default route"):
            default_interface()
        net.says("ip", "route", "add", "default", "via", "10.9.0.2")
        assert default_interface() == "eth0"


def test_loading_again_what_is_loaded_changes_nothing(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("source-counters", {"top": 512})
        assert net.talk("10.9.0.2", 10) == 10
        before = chain.running()
        chain.load("source-counters", {"top": 512})
        assert chain.running() == before
        assert figures(chain)["net.source.packets", "10.9.0.2"] == 10
        chain.load("source-counters", {"top": 1024})
        assert [each.parameters for each in chain.running()] == [{"top": 1024}]
        chain.close()


def test_the_least_recently_seen_sources_leave(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("source-counters", {"top": 256})
        opening = PACKETS["a TCP opening"]
        for first in range(0, 2000, 50):
            net.frames(
                *(opening[:26] + bytes((10, 1, number >> 8, number & 255)) + opening[30:] for number in range(first, first + 50))
            )
        kept = {row.key for row in chain.rows()}
        assert 100 <= len(kept) <= 256
        assert {f"10.1.{number >> 8}.{number & 255}" for number in range(1990, 2000)} <= kept
        chain.close()


def test_places_for_blocks_are_bounded_and_used_again(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("source-drop", {"most": 256})
        for number in range(256):
            chain.block(f"10.2.0.{number}", 60 if number else 0.2)
        assert until(lambda: not next(each for each in chain.blocked() if each.source == "10.2.0.0").left)
        chain.block("10.3.0.1", 60)
        with pytest.raises(KernelRefused, match="256 sources are blocked already"):
            chain.block("10.3.0.2", 60)
        assert len(chain.blocked()) == 256
        chain.close()


def test_closing_leaves_nothing(net: Wire, library: Library, memory: Path) -> None:
    with inside(net.near):
        chain = Chain("eth0", library, memory)
        for each in ALL:
            chain.load(each)
        ids = {each.id for each in chain.running()}
        assert "xdp" in net.says("ip", "link", "show", "eth0")
        assert f'"id":{chain.running()[0].id}' in net.says("bpftool", "-j", "net", "show")
        chain.close()
        assert "xdp" not in net.says("ip", "link", "show", "eth0")
        assert json.loads(net.says("bpftool", "-j", "net", "show"))[0]["xdp"] == []
        assert until(lambda: not ids & {each["id"] for each in json.loads(net.says("bpftool", "-j", "prog", "list"))})
        assert not memory.exists()
        assert net.talk("10.9.0.2", 10) == 10
        chain.close()


def test_where_the_driver_will_not_the_kernel_does(library: Library) -> None:
    with wire(mtu=9000) as net, inside(net.near):  # too long for one page, so veth refuses
        chain = Chain("eth0", library)
        chain.load("source-counters")
        chain.block("10.9.0.3", 60)
        assert chain.mode == "generic"
        assert net.talk("10.9.0.2", 64) == 64
        assert net.silent("10.9.0.3", 10)
        assert figures(chain)["net.source.packets", "10.9.0.2"] == 64
        assert figures(chain)["net.dropped.packets", "10.9.0.3"] == 10
        chain.close()
        assert "xdp" not in net.says("ip", "link", "show", "eth0")


def test_the_program_of_somebody_else_is_not_touched(net: Wire, library: Library, memory: Path) -> None:
    facts, code = library.open("interface-counters")
    theirs = replace(facts, entry="else_interface")
    with inside(net.near), Program(theirs, code.replace(b"musa_interface", b"else_interface")) as other:
        Hook("eth0").attach(other.descriptor)
        chain = Chain("eth0", library, memory)
        assert chain.resume() == ()
        with pytest.raises(KernelRefused, match=f"program {other.id} 'else_interface' is attached to eth0, and it is not ours"):
            chain.load("source-counters")
        assert chain.running() == ()
        chain.close()
        assert f"id {other.id} " in net.says("ip", "-d", "link", "show", "eth0")


def test_maps_read_at_once_and_one_by_one_are_the_same(net: Wire, library: Library) -> None:
    with inside(net.near):
        chain = Chain("eth0", library)
        chain.load("source-counters", {"top": 8192})
        opening = PACKETS["a TCP opening"]
        net.frames(*(opening[:26] + bytes((10, 1, number >> 8, number & 255)) + opening[30:] for number in range(200)))
        by_source = chain._links[0].maps["by_source"]
        assert sorted(by_source._rows_by_batch(), key=str) == sorted(by_source._rows_one_by_one(), key=str)
        assert len(list(by_source.rows())) == 200
        chain.close()


def test_an_interface_that_is_not_there_is_said(library: Library) -> None:
    with pytest.raises(KernelRefused, match="there is no interface 'musa-none'"):
        Chain("musa-none", library)
