"""A record is read back as it was written, and nothing of one that somebody touched is believed."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.agreement_record import Act, Kept, Predecessor, Record, Waived
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.records import read_record, write_record
from musa_pipeline.formats.records.write import HEAD


def sealed(text: str) -> bytes:
    """Return a record with a seal that fits, as anybody can make one."""
    return f"{text}seal: {hashlib.sha256(text.encode()).hexdigest()}\n".encode()


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
numbers = st.integers(1, 999_999)
names = st.from_regex(r"(sla/)?[a-z][a-z0-9-]{0,9}\.xml", fullmatch=True)
files = st.lists(st.builds(Kept, name=names, sha256=digests), max_size=3, unique_by=lambda each: each.name).map(tuple)
waived = st.builds(
    Waived, component=st.none() | words.map(ComponentId), control=words.map(ControlId), owner=words, expires=days, gaps=numbers
)
records = st.builds(
    Record,
    sequence=numbers,
    number=numbers,
    act=st.sampled_from(Act),
    day=days,
    by=st.lists(words, min_size=1, max_size=3).map(tuple),
    sla=words,
    reason=st.just("") | words,
    since=st.none() | days,
    until=st.none() | days,
    documents=files,
    inputs=files,
    waived=st.lists(waived, max_size=2).map(tuple),
    supersedes=st.none() | st.builds(Predecessor, number=numbers, id=words, sha256=digests),
    changes=st.lists(words, max_size=3).map(tuple),
    previous=st.just("") | digests,
)


@given(records)
def test_what_is_written_is_read_back(record: Record) -> None:
    data, problems = write_record(record), Problems()
    found = read_record(data, "agreed.yaml", problems)
    assert (list(map(str, problems)), found and replace(found, seal="")) == ([], record)
    assert found
    assert write_record(found) == data


@given(records, st.data())
def test_a_byte_that_changes_breaks_the_seal(record: Record, draw: st.DataObject) -> None:
    data = write_record(record)
    place = draw.draw(st.integers(0, len(data) - 2))
    other = draw.draw(st.integers(0, 255).filter(lambda each: each != data[place]))
    problems = Problems()
    changed = data[:place] + bytes([other]) + data[place + 1 :]
    assert read_record(changed, "agreed.yaml", problems) is None
    assert [each.code for each in problems] == ["R002"]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("act: agreed", "act: promised", "'act' must be one of offered, agreed, terminated, not 'promised'"),
        ("day: 2026-11-22", "day: 2026-02-30", "'day' is '2026-02-30', which is no such day"),
        ("number: 1", "number: yes", "'number' must be a number from 1, not 'yes'"),
        ("number: 1", "nummer: 1", "a record has no key 'nummer'"),
        ('"sla.xml"', '"../sla.xml"', "the document '../sla.xml' would lie outside of its folder"),
        ('"sla.xml"', '"/etc/passwd"', "the document '/etc/passwd' would lie outside of its folder"),
        ("by: [", "by: {a: [", ""),
    ],
)
def test_a_sealed_record_of_somebody_else_is_read_with_the_same_care(before: str, after: str, sentence: str) -> None:
    record = Record(
        sequence=1, number=1, act=Act.AGREED, day=date(2026, 11, 22), by=("Jane",), sla="shop",
        documents=(Kept(name="sla.xml", sha256="0" * 64),),
    )  # fmt: skip
    text = write_record(record).decode().rpartition("seal: ")[0]
    assert text.startswith(HEAD)
    problems = Problems()
    assert read_record(sealed(text.replace(before, after)), "agreed.yaml", problems) is None
    assert not sentence or [each.text for each in problems] == [sentence]
    assert problems.errors
