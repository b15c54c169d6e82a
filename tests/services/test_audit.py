"""The audit log: whatever is changed, cut out, put in or cut off is seen, and half a line of a killed process is mended."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.assurance.reactions import Note
from musa_pipeline.services.audit import Head, check_audit, last_of, lines_of, write_lines

NOTES = [Note(time=float(n), what="sent", policy="flood", action=f"a{n}", text="é\n", trace="x\ny") for n in range(5)]


def log(path: Path, notes: list[Note] = NOTES) -> Head:
    lines = [*lines_of(notes, Head())]
    write_lines(path, lines)
    return lines[-1].head


def test_a_log_that_nobody_touched_is_whole(tmp_path: Path) -> None:
    head = log(tmp_path / "log")
    assert check_audit(tmp_path / "log", head) == check_audit(tmp_path / "log") and check_audit(tmp_path / "log").head == head
    assert last_of(tmp_path / "log") == head


@given(st.integers(0, 4), st.sampled_from(["change", "take out", "put in", "swap"]))
def test_whatever_is_done_to_a_line_is_seen(tmp_path_factory: pytest.TempPathFactory, number: int, what: str) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    head = log(path)
    lines = path.read_text().splitlines()
    match what:
        case "change":
            lines[number] = lines[number].replace('"sent"', '"kept"')
        case "take out":
            del lines[number]
        case "put in":
            lines.insert(number, lines[number])
        case "swap":
            other = (number + 1) % 5
            lines[number], lines[other] = lines[other], lines[number]
    path.write_text("\n".join(lines) + "\n")
    assert check_audit(path, head).broken != ""


def test_an_end_that_was_cut_off_or_written_anew_is_seen_by_who_remembers_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    head = log(path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:3]))
    assert check_audit(path).broken == ""
    assert check_audit(path, head).broken == "the log ends at line 3, but it had 5: its end was cut off or written anew"


def test_half_a_line_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = [*lines_of(NOTES, Head())]
    write_lines(path, lines[:3])
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    write_lines(path, lines)
    assert check_audit(path, lines[-1].head).broken == ""
    assert len(path.read_text().splitlines()) == 5


def test_lines_that_are_there_already_are_not_written_twice(tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = [*lines_of(NOTES, Head())]
    write_lines(path, lines[:4])
    write_lines(path, lines)
    write_lines(path, lines)
    assert [json.loads(each)["seq"] for each in path.read_text().splitlines()] == [1, 2, 3, 4, 5]


@given(st.binary(max_size=200))
def test_what_is_no_log_is_told_in_words(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(junk)
    assert bool(check_audit(path).broken) == bool(junk)
