"""The agent as a process beside a real gateway: nothing is lost, nothing is told twice, commands are obeyed once."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from musa_pipeline.domain.command import Verb
from musa_pipeline.domain.event import Measurement, Topic
from musa_pipeline.formats.commands import sign
from musa_pipeline.services.gateway import Limits
from tests.agent.agent_process import agent, bundled, journal, start, watch
from tests.services.gateway_world import World, a_free_port, until


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundled(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "platform")


def figures(world: World, metric: str) -> list[Measurement]:
    return [each for each in world.measurements() if each.metric == metric]


def write_records(folder: Path, first: int, last: int, **more: object) -> None:
    """Write what another role would: one record for each number."""
    place = folder / "records/scanner"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "measurements.jsonl").open("a") as lines:
        for number in range(first, last):
            told = {
                "at": float(number),
                "agent": "scanner",
                "component": "web",
                "metric": "n",
                "value": number,
                "unit": "",
            } | more
            lines.write(json.dumps(told) + "\n")


def test_what_is_watched_arrives(world: World, tmp_path: Path, bundle: Path) -> None:
    watch(tmp_path / "a")
    watch(tmp_path / "a", agent="system-monitor", inputs=["system"], period=1, limits={"system.processes": 0})
    with world.gateway() as running:
        world.agent_config(tmp_path / "a", running.port)
        with agent(bundle, tmp_path / "a"):
            until(
                lambda: (
                    figures(world, "network.in.packets")
                    and figures(world, "finding.above-limit")
                    and figures(world, "system.load")
                )
            )
        above = figures(world, "finding.above-limit")[0]
        assert (above.component, above.machine, above.agent) == ("web", "vm", "system-monitor")
        assert dict(above.about) == {"limit": "0", "metric": "system.processes"}
        assert abs(above.time - time.time()) < 60
        alive = figures(world, "agent.dropped")[0]
        assert (alive.component, alive.value, dict(alive.about)["version"]) == ("", 0.0, "0.1.0")


def test_killed_agent_and_killed_gateway_lose_nothing_and_tell_nothing_twice(world: World, tmp_path: Path, bundle: Path) -> None:
    folder, port = tmp_path / "a", a_free_port()
    world.agent_config(folder, port)
    gateway, process = world.start_apart(port), start(bundle, folder)
    try:
        for turn in range(6):
            write_records(folder, turn * 2000, (turn + 1) * 2000)
            time.sleep(0.15 * turn)
            if turn % 2:
                process.kill()
                process.wait()
                process = start(bundle, folder)
            else:
                gateway.kill()
                gateway.wait()
                gateway = world.start_apart(port)
        process.kill()
        process.wait()
        process = start(bundle, folder)
        until(lambda: len(figures(world, "n")) >= 12_000)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        for each in (process, gateway):
            each.kill()
            each.wait()
    assert sorted(each.value for each in figures(world, "n")) == [float(each) for each in range(12_000)]


def test_while_the_gateway_is_away_the_spool_is_bounded_and_the_loss_is_counted(
    world: World, tmp_path: Path, bundle: Path
) -> None:
    folder, port = tmp_path / "a", a_free_port()
    world.agent_config(folder, port, spool_bytes=300_000)
    write_records(folder, 0, 10_000, note="x" * 100)
    with agent(bundle, folder):
        dropped = folder / "state/spool/dropped"
        until(lambda: dropped.exists() and int(dropped.read_text()) > 2000)
        time.sleep(0.5)
        assert sum(each.stat().st_size for each in (folder / "state/spool").iterdir()) < 900_000
    lost = int(dropped.read_text())
    with world.gateway(port=port), agent(bundle, folder):
        until(lambda: 9999.0 in {each.value for each in figures(world, "n")})
        until(lambda: [each for each in figures(world, "agent.dropped") if each.value == lost])
    arrived = sorted(each.value for each in figures(world, "n"))
    assert arrived == [float(each) for each in range(10_000 - len(arrived), 10_000)], "the oldest are dropped"
    assert 0 <= lost + len(arrived) - 10_000 <= 4, "what the agent says of itself is dropped and counted too"


def test_records_that_were_set_aside_are_read_to_their_end_first(world: World, tmp_path: Path, bundle: Path) -> None:
    folder = tmp_path / "a"
    lines = folder / "records/scanner/measurements.jsonl"
    with world.gateway() as running:
        world.agent_config(folder, running.port)
        write_records(folder, 0, 10)
        with agent(bundle, folder):
            until(lambda: len(figures(world, "n")) == 10)
        write_records(folder, 10, 20)
        lines.rename(f"{lines}.1")
        write_records(folder, 20, 30)
        with lines.open("a") as more:
            more.write(
                'no JSON\n{"agent":"a","metric":"n","value":true,"at":30,"component":"catalogue"}\n["a"]\n{"at":1,"metric":"n","val'
            )
        with agent(bundle, folder):
            until(lambda: len(figures(world, "n")) >= 30)
    assert sorted(each.value for each in figures(world, "n")) == [float(each) for each in range(30)]
    assert not world.counts.of("refused", "other-component"), "it never speaks of a component that is not its own"
    assert journal(folder).count("nothing of 'catalogue' is sent") == 1


def test_a_period_is_changed_by_command_and_stays_changed(world: World, tmp_path: Path, bundle: Path) -> None:
    folder = tmp_path / "a"
    watch(folder, period=3600)
    with world.gateway() as running:
        world.agent_config(folder, running.port)
        with agent(bundle, folder):
            until(lambda: figures(world, "network.established"))
            sent = world.command(Verb.SET_PERIOD, {"input": "network", "component": "web", "seconds": 0.2})
            until(lambda: world.results().get(sent.id) == ("applied", ""))
            until(lambda: len(figures(world, "network.established")) > 3)
        before = len(figures(world, "network.established"))
        with agent(bundle, folder):
            until(lambda: len(figures(world, "network.established")) > before + 3)
    result = json.loads(world.events(Topic.RESULTS)[0].data)
    assert (result["before"], result["after"]) == (
        {"network network-monitor@web": 3600.0}, {"network network-monitor@web": 0.2},
    )  # fmt: skip


def test_commands_that_are_not_right_are_refused_each_with_its_reason(world: World, tmp_path: Path, bundle: Path) -> None:
    folder = tmp_path / "a"
    watch(folder, period=3600)
    period = {"input": "network", "component": "", "seconds": 5}
    with world.gateway() as running:
        world.agent_config(folder, running.port)
        with agent(bundle, folder):
            right = world.command(Verb.SET_PERIOD, period, number=10)
            until(lambda: right.id in world.results())
            unsigned = replace(right, id="unsigned", number=11, signature="")
            forged = sign(replace(right, id="forged", number=12), "another key")
            changed = replace(right, id="changed", number=13)
            stranger = sign(replace(right, id="stranger", number=14, arguments=period | {"input": "ports"}), world.key())
            too_fast = sign(replace(right, id="too-fast", number=15, arguments=period | {"seconds": 0.001}), world.key())
            for each in (unsigned, forged, changed, stranger, too_fast):
                world.publish(each)
            until(lambda: len(world.results()) == 6)
            again = sign(replace(right, id="fine", number=20), world.key())
            world.publish(again)
            until(lambda: world.results().get("fine") == ("applied", ""))
    told = world.results()
    assert told["c10"] == ("applied", "")
    assert told["unsigned"] == ("refused", "it is not signed")
    assert told["forged"] == told["changed"] == ("refused", "its signature is not right")
    assert told["stranger"][1].startswith("nothing is looked at by 'ports' for 'the machine'")
    assert told["too-fast"][1] == "a period is 0.2 to 86400 seconds"
    assert journal(folder).count("is refused") == 5, "each is answered once"
    assert 'results_total{outcome="refused"} 5' in world.counts.openmetrics()


def test_an_agent_with_a_wrong_token_keeps_all_until_it_has_a_right_one(world: World, tmp_path: Path, bundle: Path) -> None:
    folder = tmp_path / "a"
    write_records(folder, 0, 100)
    with world.gateway() as running:
        world.agent_config(folder, running.port, token="x" * 40)
        with agent(bundle, folder):
            until(lambda: "batches wait: the gateway answers 401" in journal(folder))
        assert world.counts.of("refused", "wrong-token") >= 1
        assert list((folder / "state/spool").glob("*-m*.json"))
        assert world.measurements() == []
        world.agent_config(folder, running.port)
        with agent(bundle, folder):
            until(lambda: len(figures(world, "n")) == 100)


def test_an_agent_talks_to_its_own_authority_only(world: World, tmp_path: Path, bundle: Path) -> None:
    stranger = World(tmp_path / "stranger")
    folder = tmp_path / "a"
    write_records(folder, 0, 10)
    with world.gateway() as running:
        world.agent_config(folder, running.port, ca=str(stranger.credentials.ca))
        with agent(bundle, folder):
            until(lambda: "CERTIFICATE_VERIFY_FAILED" in journal(folder))
    assert world.measurements() == []
    assert world.counts.of("refused", "wrong-token") == 0, "the token was never shown"


def test_who_is_told_to_slow_down_does_and_loses_nothing(world: World, tmp_path: Path, bundle: Path) -> None:
    folder = tmp_path / "a"
    with world.gateway(Limits(requests=4.0, requests_at_first=2.0)) as running:
        world.agent_config(folder, running.port)
        write_records(folder, 0, 3000, note="x" * 400)
        with agent(bundle, folder):
            until(lambda: len(figures(world, "n")) == 3000)
        assert world.counts.of("refused", "too-often") > 0
    assert sorted(each.value for each in figures(world, "n")) == [float(each) for each in range(3000)]


def test_nonsense_settings_are_told_and_nothing_runs(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "agent.json").write_text('{"gateway": "http://192.0.2.1", "machine": "vm", "token": "t", "command_key": "k"}')
    process = start(bundle, tmp_path)
    assert process.wait(20) == 2
    assert (
        journal(tmp_path)
        == f"musa-agent: {tmp_path}/agent.json is not what an agent needs: the gateway is not https://host:port\n"
    )


def test_without_a_gateway_records_stay_in_the_local_book(tmp_path: Path, bundle: Path) -> None:
    watch(tmp_path, inputs=["system", "network"], period=0.2)
    book = tmp_path / "state/measurements.jsonl"
    with agent(bundle, tmp_path):
        until(lambda: book.exists() and "network.in.octets" in book.read_text())
    records = [json.loads(line) for line in book.read_text().splitlines()]
    assert {(each["agent"], each["component"]) for each in records} == {("network-monitor", "web")}
    assert not (tmp_path / "state/spool").exists()


def test_a_clean_stop_takes_no_time_even_while_the_gateway_holds_its_breath(world: World, tmp_path: Path, bundle: Path) -> None:
    folder, port = tmp_path / "a", a_free_port()
    world.agent_config(folder, port)
    gateway = world.start_apart(port)
    try:
        with agent(bundle, folder) as process:
            until(lambda: figures(world, "agent.dropped"))
            os.kill(gateway.pid, signal.SIGSTOP)
            time.sleep(0.3)
            begun = time.monotonic()
            process.terminate()
            process.wait(20)
            assert time.monotonic() - begun < 15
    finally:
        gateway.kill()
        gateway.wait()
