"""What was agreed is on disk whole or not at all, whenever a process dies; it is written once and by one process at a time."""

import os
from pathlib import Path

import pytest

from musa_pipeline.domain.agreement_record import RESTORE
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.problems import Problems
from musa_pipeline.workspace.agreements import add_record, alone, freeze, load_records, strangers
from musa_pipeline.workspace.places import Place
from tests.command import tree

FILES = {"sla.xml": b"<a/>", "sla/web.xml": b"<b/>", "agreed.yaml": b"record: 1\n"}
ACTS = ("offered", "agreed", "terminated")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(application="shop", model=tmp_path / "models/shop/shop.yaml", root=tmp_path, out=tmp_path)


def dying(place: Place, at: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Freeze in a process of its own that dies, as by kill -9, when it syncs for the nth time; return its exit code."""
    child = os.fork()
    if not child:
        left = iter(range(at))
        monkeypatch.setattr(os, "fsync", lambda _file: None if next(left, None) is not None else os._exit(9))
        try:
            freeze(place, 1, FILES)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_process_that_dies_leaves_all_of_it_or_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place.out / "sla/shop/agreements"
    codes = []
    for at in range(8):
        codes.append(dying(place, at, monkeypatch))
        there = tree(folder / "1")
        assert there in ({}, FILES), at
        if there:
            break
        assert list(load_records(place, Problems(), ACTS)) == []
    assert codes == [9] * 6  # three files and two folders were synced before the name was given, then that name
    with alone(place):
        pass
    assert [each.name for each in folder.iterdir()] == ["1"]  # what the dead left was swept away


def test_a_number_and_an_act_are_written_once(place: Place) -> None:
    freeze(place, 1, FILES)
    with pytest.raises(OutsideFailed, match="cannot be written"):
        freeze(place, 1, FILES | {"sla.xml": b"<other/>"})
    add_record(place, 1, "terminated", b"record: 2\n")
    with pytest.raises(OutsideFailed, match="cannot be written"):
        add_record(place, 1, "terminated", b"record: 3\n")
    assert tree(place.out / "sla/shop/agreements") == {
        **{f"1/{name}": data for name, data in FILES.items()},
        "1/terminated.yaml": b"record: 2\n",
    }


def test_one_process_at_a_time_adds_to_a_history(place: Place) -> None:
    with alone(place), pytest.raises(OutsideFailed, match="another process adds to the agreements of shop now"), alone(place):
        pass


def test_a_lock_that_came_with_a_repository_empties_no_file_elsewhere(place: Place, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / ".musa").mkdir()
    (tmp_path / ".musa/shop.agreements.lock").symlink_to(tmp_path / "mine")
    with pytest.raises(OutsideFailed, match="cannot be written"), alone(place):
        pass
    assert (tmp_path / "mine").read_text() == "mine"


def test_what_lies_about_in_the_folder_is_told_and_not_followed(place: Place, tmp_path: Path) -> None:
    freeze(place, 1, FILES)
    top = place.out / "sla/shop/agreements"
    (top / "notes").mkdir()
    (top / "3").mkdir()
    (top / "2").symlink_to("/")
    (top / "1/agreed2.yaml").write_text("")
    os.mkfifo(top / "1/offered.yaml")
    problems = Problems()
    assert [name for _, name, _ in load_records(place, problems, ACTS)] == ["sla/shop/agreements/1/agreed.yaml"]
    assert sorted((each.code, each.at.file) for each in problems) == [
        ("R003", "sla/shop/agreements/3"),
        ("R006", "sla/shop/agreements/2"),
        ("R006", "sla/shop/agreements/notes"),
        ("W006", "sla/shop/agreements/1/offered.yaml"),
    ]
    assert {each.help for each in problems} == {"remove it", RESTORE}
    assert strangers(place, 1, frozenset({*FILES, "offered.yaml"})) == ("agreed2.yaml",)
