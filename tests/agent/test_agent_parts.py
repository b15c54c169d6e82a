"""Parts of the agent where a kill, a full disk or a stranger's file hurts most."""

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.agent import disk, outbox, spool
from musa_pipeline.agent.book import Book
from musa_pipeline.agent.orders import Listener, Orders, State
from musa_pipeline.agent.outbox import Outbox
from musa_pipeline.agent.rates import Rates
from musa_pipeline.agent.record import measurement
from musa_pipeline.agent.sampler import Sampler, Task
from musa_pipeline.agent.spool import Spool
from musa_pipeline.agent.tail import Tail
from musa_pipeline.kernel.chain import Figure
from tests.support import need_root


class Killed(BaseException):
    """What a kill looks like from inside: nothing after it happens."""


def lines(place: Path, first: int, last: int) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a") as file:
        for number in range(first, last):
            file.write(
                json.dumps({"at": number, "agent": "a", "component": "web", "metric": "n", "value": number, "unit": ""}) + "\n"
            )


def opened(folder: Path, most: int = 2**20) -> tuple[Outbox, Tail]:
    box = Outbox(Spool(folder / "spool", most), "vm", folder / "positions.json")
    return box, Tail(str(folder / "records/*.jsonl"), box)


def sent(kept: Spool) -> Iterator[float]:
    """Take everything out, as a gateway would."""
    while found := kept.oldest(0):
        each = found[0]
        told = json.loads(each.read())
        assert told["batch"] == each.identity
        yield from (one["value"] for one in told["measurements"])
        kept.done(each)


def test_a_backlog_goes_in_few_requests_and_answers_go_alone(tmp_path: Path) -> None:
    kept = Spool(tmp_path, 2**20)
    for kind in "mmmrmm":
        identity, path = kept.next(kind, 1)
        kept.release(kept.write(identity, path, b"x" * 100))
    sizes = []
    while found := kept.oldest(0, most=250):
        sizes.append([each.kind for each in found])
        for each in found:
            kept.done(each)
    assert sizes == [["m", "m"], ["m"], ["r"], ["m", "m"]]


@pytest.mark.parametrize("late", [False, True], ids=["before-the-write", "after-the-write"])
@pytest.mark.parametrize("step", range(1, 8))
def test_killed_at_any_write_every_record_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, late: bool
) -> None:
    writes = 0

    def write_whole(path: Path, data: bytes) -> None:
        nonlocal writes
        writes += 1
        if writes == step and not late:
            raise Killed
        disk.write_whole(path, data)
        if writes == step:
            raise Killed

    monkeypatch.setattr(spool, "write_whole", write_whole)
    monkeypatch.setattr(outbox, "write_whole", write_whole)
    arrived: list[float] = []
    records = tmp_path / "records/a.jsonl"
    for turn in range(6):
        lines(records, turn * 10, turn * 10 + 10)
        box, tail = opened(tmp_path)
        try:
            tail.read()
            box.flush()
            arrived += sent(box.spool)
        except Killed:
            continue
    box, tail = opened(tmp_path)
    tail.read()
    box.flush()
    arrived += sent(box.spool)
    assert sorted(arrived) == [float(each) for each in range(60)]


def test_a_full_disk_keeps_measurements_in_memory_until_there_is_room(tmp_path: Path) -> None:
    need_root()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", tmp_path], check=True)
    try:
        box, _ = opened(tmp_path)
        filler = (tmp_path / "of-others").open("wb", buffering=0)
        with pytest.raises(OSError, match="No space"):
            while filler.write(b"x" * 4096):
                pass
        for number in range(5):
            box.put([{"at": number, "agent": "a", "component": "c", "metric": "n", "value": number, "unit": ""}])
            box.flush()
        assert list(sent(box.spool)) == []
        filler.truncate(0)
        box.flush()
        assert list(sent(box.spool)) == [0.0, 1.0, 2.0, 3.0, 4.0]
        filler.close()
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)


def test_memory_is_bounded_while_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(spool, "write_whole", refuse)
    box, _ = opened(tmp_path)
    for number in range(1000):
        box.put([{"at": number, "agent": "a", "component": "c", "metric": "n", "value": each, "unit": ""} for each in range(100)])
    box.flush()
    assert box.waiting <= outbox.MOST_WAITING
    assert box.lost > 0


def test_the_spool_keeps_the_order_over_lives_and_the_identities(tmp_path: Path) -> None:
    identities = []
    for life in range(3):
        box, _ = opened(tmp_path)
        for number in range(12):
            box.put([{"at": 0, "agent": "a", "component": "c", "metric": "n", "value": life * 100 + number, "unit": ""}])
            box.flush()
            identities.append(box.spool.files[-1].identity)
    box, _ = opened(tmp_path)
    assert [each.identity for each in box.spool.files] == identities
    assert len(set(identities)) == 36
    assert list(sent(box.spool)) == [float(life * 100 + number) for life in range(3) for number in range(12)]


def test_the_local_book_never_grows_above_its_bound(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.jsonl", most=10_000)
    for number in range(200):
        book.put([{"metric": "n", "value": number, "text": "x" * 100}] * 5)
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) < 25_000
    assert json.loads((tmp_path / "book.jsonl").read_text().splitlines()[-1])["value"] == 199


json_like: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
names = st.sampled_from(["id", "machine", "number", "verb", "arguments", "issued", "expires", "because", "signature", "more"])


@given(json_like | st.dictionaries(names, json_like))
def test_whatever_comes_as_a_command_is_refused_with_a_reason(tmp_path_factory: pytest.TempPathFactory, told: object) -> None:
    def do(verb: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
        raise AssertionError("it was obeyed")

    orders = Orders("vm", "key", State(tmp_path_factory.getbasetemp() / "none.json"), do)
    result = orders.take(told)
    assert result["outcome"] == "refused"
    assert result["reason"]
    json.dumps(result)


@given(
    st.dictionaries(
        st.sampled_from(["at", "agent", "component", "metric", "value", "unit", "finding", "about", "more"]), json_like
    )
)
def test_whatever_stands_in_a_book_becomes_a_measurement_or_nothing(record: dict[str, Any]) -> None:
    found = measurement(record, "vm")
    assert found is None or json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_command_that_was_begun_and_not_answered_is_answered_after_a_kill(tmp_path: Path) -> None:
    State(tmp_path / "state.json").set(obeyed=4, begun="c4")
    orders = Orders("vm", "key", State(tmp_path / "state.json"), lambda verb, arguments: (None, None))
    left = orders.left()
    assert left is not None
    assert (left["command"], left["outcome"], left["reason"]) == ("c4", "failed", "the agent was stopped while it obeyed")
    orders.answered()
    assert Orders("vm", "key", State(tmp_path / "state.json"), orders.do).left() is None


def test_a_lost_memory_is_told_and_the_agent_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state.json").write_bytes(b"\0" * 100)
    assert State(tmp_path / "state.json").fields["obeyed"] == 0
    assert "is lost" in capsys.readouterr().err


def figure(source: str, value: int, metric: str = "packets") -> Figure:
    return Figure(
        program="p",
        metric=metric,
        unit=metric,
        about={"interface": "eth0", **({"source": source} if source else {})},
        value=value,
    )


def test_thousands_of_sources_become_the_busiest_and_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 102.0])
    monkeypatch.setattr("musa_pipeline.agent.rates.time.monotonic", lambda: next(now))
    rates = Rates()
    rates.begin("p", "eth0")
    told = rates.of("eth0", ["p"], [figure(f"s{number:04}", number * 2) for number in range(1000)])
    assert len(told) == 101
    assert (told[0]["about"]["source"], told[0]["value"], told[0]["unit"]) == ("s0999", 999.0, "packets/s")
    assert (told[-1]["about"]["source"], told[-1]["about"]["sources"]) == ("*", "899")
    assert sum(each["value"] for each in told) == sum(range(1000))


def test_a_count_that_began_anew_is_counted_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([1.0, 2.0, 3.0])
    monkeypatch.setattr("musa_pipeline.agent.rates.time.monotonic", lambda: next(now))
    rates = Rates()
    assert [[each["value"] for each in rates.of("eth0", ["p"], [figure("", value)])] for value in (10, 25, 7)] == [
        [],
        [15.0],
        [7.0],
    ]


def test_the_first_packets_of_all_are_a_rate_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of sources is empty until somebody sends: that is no reason to miss the first who does."""
    now = iter([1.0, 2.0, 3.0])
    monkeypatch.setattr("musa_pipeline.agent.rates.time.monotonic", lambda: next(now))
    rates = Rates()
    rates.begin("p", "eth0")
    assert rates.of("eth0", ["p"], []) == []
    assert [each["value"] for each in rates.of("eth0", ["p"], [figure("192.0.2.1", 64)])] == [64.0]


def test_an_input_that_hangs_keeps_no_other_waiting() -> None:
    stop, hang, seen = threading.Event(), threading.Event(), []

    class Out:
        def put(self, records: Any) -> None:
            seen.extend(records)
            if seen.count("quick") > 5:
                stop.set()
                hang.set()
                sampler.wake.set()

    def hanging() -> list[str]:
        hang.wait(30)
        return ["slow"]

    tasks = [Task("slow", "a", "c", 0.01, hanging), Task("quick", "a", "c", 0.01, lambda: ["quick"])]  # type: ignore[arg-type, list-item, return-value]
    sampler = Sampler(tasks, Out(), lambda: None, stop)
    sampler.run()
    assert seen.count("quick") > 5
    assert seen.count("slow") <= 1


COMMAND: dict[str, Any] = {
    "id": "c", "machine": "vm", "number": 1, "verb": "load", "arguments": {}, "issued": 1.0, "expires": 2.0, "because": "", "signature": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"commands": [COMMAND | {"issued": 10**400}]}),
        json.dumps({"commands": [COMMAND | {"issued": float("nan")}]}),
        json.dumps({"commands": [COMMAND | {"signature": "\ud800"}]}),
        "[" * 100_000,
    ],
    ids=["huge", "nan", "half a sign", "deep"],
)
def test_no_answer_of_a_gateway_ends_who_listens(tmp_path: Path, text: str) -> None:
    class Answers:
        def ask(self, method: str, path: str) -> tuple[int, bytes]:
            return 200, text.encode()

    told: list[dict[str, Any]] = []
    orders = Orders("vm", "key", State(tmp_path / "state.json"), lambda verb, arguments: (None, None))
    Listener(orders, Answers(), told.append, threading.Event())._once()  # type: ignore[arg-type]
    assert [each["outcome"] for each in told] == ["refused"] * ("commands" in text)


RECORD: dict[str, Any] = {"at": 1.0, "agent": "a", "component": "c", "metric": "m", "value": 1, "unit": ""}


@pytest.mark.parametrize(
    "more",
    [
        {"value": 10**400}, {"at": 10**400}, {"at": -1}, {"agent": ""}, {"agent": "a" * 201}, {"metric": "m" * 201}, {"unit": "\ud800"},
        {"x" * 201: 1}, {"why": "\udfff"}, {"about": {f"n{number}": 1 for number in range(41)}},
    ],
)  # fmt: skip
def test_what_the_gateway_would_refuse_a_batch_for_is_no_measurement(more: dict[str, Any]) -> None:
    assert measurement(RECORD, "vm")
    assert measurement(RECORD | {"about": 5}, "vm")
    assert measurement(RECORD | more, "vm") is None
