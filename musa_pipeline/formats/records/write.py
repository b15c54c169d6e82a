"""A record as text: the same record gives the same bytes, the last line is the seal over all lines before it."""

import hashlib
from collections.abc import Iterator
from typing import Final

from musa_pipeline.domain.agreement_record import Record

HEAD: Final = (
    "# What was done with this SLA, by whom and when. Written once, never edited: the seal and the next record tell of it.\n"
)
SEAL: Final = b"\nseal: "


def write_record(record: Record) -> bytes:
    """Return the record with its seal; the one that the value may have is not looked at."""
    text = (HEAD + "".join(f"{line}\n" for line in _lines(record))).encode()
    return text + f"seal: {hashlib.sha256(text).hexdigest()}\n".encode()


def _lines(record: Record) -> Iterator[str]:
    yield f"record: {record.sequence}"
    yield f"number: {record.number}"
    yield f"act: {record.act}"
    yield f"day: {record.day}"
    yield f"by: [{', '.join(map(_text, record.by))}]"
    yield f"sla: {_text(record.sla)}"
    for key, said in (
        ("reason", _text(record.reason) if record.reason else ""),
        ("since", record.since),
        ("until", record.until),
    ):
        if said:
            yield f"{key}: {said}"
    for key, files in (("documents", record.documents), ("inputs", record.inputs)):
        if files:
            yield f"{key}:"
            yield from (f"  {_text(each.name)}: {each.sha256}" for each in files)
    if record.waived:
        yield "waived:"
        for gap in record.waived:
            where = f"component: {_text(gap.component)}, " if gap.component else ""
            control = f"control: {_text(gap.control)}, gaps: {gap.gaps}"
            yield f"  - {{{where}{control}, owner: {_text(gap.owner)}, expires: {gap.expires}}}"
    if before := record.supersedes:
        yield f"supersedes: {{number: {before.number}, id: {_text(before.id)}, sha256: {before.sha256}}}"
    if record.changes:
        yield "changes:"
        yield from (f"  - {_text(each)}" for each in record.changes)
    if record.previous:
        yield f"previous: {record.previous}"


def _text(words: str) -> str:
    r"""Return words in double quotes; signs that are not printed become escapes of YAML 1.2 (section 5.7).

    >>> print(_text('a "b" \x1b \u2028 é'))
    "a \"b\" \U0000001b \U00002028 é"
    """
    return '"' + "".join(map(_sign, words)) + '"'


def _sign(each: str) -> str:
    if each in '"\\':
        return f"\\{each}"
    return each if each.isprintable() else f"\\U{ord(each):08x}"
