"""The context in a file: writers that are killed, files that are broken, disks that are full."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from musa_pipeline.context import file
from musa_pipeline.context.open import open_context
from musa_pipeline.context.port import ContextAway
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
from musa_pipeline.domain.event import MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId

NOON = 1_767_268_800.0

WRITER = """
import sys
from pathlib import Path
from musa_pipeline.context.open import open_context
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.event import Event, Measurement

store = open_context("embedded", Path(sys.argv[1]))
for number in range(10**6):
    moment = 1_767_268_800.0 + number
    store.apply([Change(id=str(number), kind=Kind.SERVICE, entity="web", time=moment, desired={"number": number})])
    store.record([Measurement(component="web", machine="m1", agent="a", metric="m", value=number, unit="", time=moment)])
    store.tell([Event(id=str(number), type="t", source="s", subject="web", time=moment)])
    print(number, flush=True)
"""

FULL = """
import resource, sys
from pathlib import Path
from musa_pipeline.context.open import open_context
from musa_pipeline.context.port import ContextAway
from musa_pipeline.domain.context import Change, Kind

store = open_context("embedded", Path(sys.argv[1]))
store.apply([Change(id="first", kind=Kind.SERVICE, entity="web", time=1.0, desired={"a": 1})])
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
for number in range(1000):
    try:
        store.apply([Change(id=str(number), kind=Kind.SERVICE, entity=str(number), time=1.0, desired={"a": "x" * 1000})])
    except ContextAway as problem:
        print("away", number > 10, store.get(Kind.SERVICE, "web") is not None, str(problem).startswith(sys.argv[1]))
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.apply([Change(id="last", kind=Kind.SERVICE, entity="web", time=2.0, desired={"a": 2})]))
print(len(store.find(Kind.SERVICE)) == number + 1)
"""


def test_what_a_killed_writer_was_told_is_kept_is_there(tmp_path: Path) -> None:
    place = tmp_path / "context.sqlite"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(place)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    last = 0
    while last < 200:
        last = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    last = int(([str(last), *writer.stdout.read().splitlines()])[-1])
    assert writer.wait() == -signal.SIGKILL
    store = open_context("embedded", place)
    states = [each.desired["number"] for each in store.history(Kind.SERVICE, "web", 10**6)]
    told = [int(each.id) for each in store.told(most=10**6)]
    measured = sum(each.count for each in store.series("web", "m", NOON, NOON + 10**6, 10**6))
    # what the writer was not told of may be there too: the part of one turn
    assert states == list(range(len(states)))[::-1]
    assert told == list(range(len(told)))[::-1]
    assert all(last + 1 <= each <= last + 2 for each in (len(states), len(told), measured))
    store.close()


def test_a_full_disk_is_told_and_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "context.sqlite")], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("away True True True\n1\nTrue\n", "")


def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "context.sqlite"
    place.write_bytes(b"not a database at all, but rather long: " * 100)
    before = place.read_bytes()
    with pytest.raises(OutsideFailed, match="cannot be used: file is not a database"):
        open_context("embedded", place)
    assert place.read_bytes() == before


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "context.sqlite"
    open_context("embedded", place).close()
    with sqlite3.connect(place) as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(OutsideFailed, match="was written by a newer version"):
        open_context("embedded", place)


def test_a_file_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    place = tmp_path / "context.sqlite"
    with sqlite3.connect(place) as db:
        db.executescript(file.SCHEMA + "pragma user_version = 1")
    told = [
        Measurement(
            component=ComponentId("web"), machine=MachineId("m"), agent="a", metric="m", value=1.0, unit="", time=NOON + number
        )
        for number in range(40)
    ]
    for _ in range(2):
        store = open_context("embedded", place)
        store.record(told[:10])
        store.record(told)
        assert [each.count for each in store.series("web", "m", NOON, NOON + 40, 40)] == [40]
        store.close()
    with sqlite3.connect(place) as db:
        assert db.execute("pragma user_version").fetchone() == (file.VERSION,)


def test_a_file_that_breaks_while_it_is_used_is_told(tmp_path: Path) -> None:
    place = tmp_path / "context.sqlite"
    store = open_context("embedded", place)
    store.apply(
        [Change(id=str(each), kind=Kind.SERVICE, entity=str(each), time=1.0, desired={"a": "x" * 500}) for each in range(500)]
    )
    store.close()
    content = bytearray(place.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    place.write_bytes(content)
    with pytest.raises(OutsideFailed, match="cannot be used"):
        open_context("embedded", place).find(Kind.SERVICE)


def test_the_file_is_nobody_elses_business(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "context.sqlite"
    store = open_context("embedded", place)
    store.apply([Change(id="a", kind=Kind.SERVICE, entity="web", time=1.0)])
    modes = {stat.S_IMODE(each.stat().st_mode) for each in place.parent.iterdir()}
    assert modes == {0o600}
    store.close()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideFailed):
        open_context("embedded", tmp_path / "file" / "context.sqlite")
    with pytest.raises(OutsideFailed):
        open_context("embedded", tmp_path)


def test_somebody_who_writes_for_long_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "context.sqlite"
    monkeypatch.setattr(file, "PATIENCE", 0.2)
    store = open_context("embedded", place)
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("begin immediate")
    change = Change(id="a", kind=Kind.SERVICE, entity="web", time=1.0)
    with pytest.raises(ContextAway, match="database is locked"):
        store.apply([change])
    assert store.find(Kind.SERVICE) == []
    other.execute("rollback")
    assert store.apply([change]) == 1
    other.close()
    store.close()


def test_a_closed_context_says_so(tmp_path: Path) -> None:
    store = open_context("embedded", tmp_path / "context.sqlite")
    store.close()
    store.close()
    with pytest.raises(ContextAway, match="closed"):
        store.find(Kind.SERVICE)


@pytest.mark.parametrize(
    "store",
    [
        "",
        "postgres://host",
        "http://",
        "https://user:secret@host:9200",
        "http://host:port",
        "http://host:9200?colour=blue",
        "https://host:9200?ca=/nowhere/ca.pem",
    ],
)
def test_an_address_that_is_none_is_told_without_its_secrets(tmp_path: Path, store: str) -> None:
    with pytest.raises(UsageWrong) as told:
        open_context(store, tmp_path / "context.sqlite", environment={})
    assert "secret" not in str(told.value)
