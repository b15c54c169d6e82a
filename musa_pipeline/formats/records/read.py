"""A record read back: its seal first, then word by word; nothing of one that cannot be read whole is believed."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from musa_pipeline.domain.agreement_record import RESTORE, Act, Kept, Predecessor, Record, Waived
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.records.write import SEAL
from musa_pipeline.text.expect import form_of
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, read_yaml

T = TypeVar("T")
_KEYS: Final = frozenset({*(each.name for each in fields(Record) if each.name not in ("sequence", "at")), "record"})
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME: Final = re.compile(r"(?!\.)[^/\\\x00-\x1f]+(?:/(?!\.)[^/\\\x00-\x1f]+)*")
_MOST: Final = 1_000_000


class _No(Exception):
    """A word that no record has; carries its place and the sentence."""

    def __init__(self, at: Span, text: str) -> None:
        super().__init__(at, text)
        self.at, self.text = at, text


def read_record(data: bytes, file: str, problems: Problems) -> Record | None:
    """Return the record; None after a finding. Codes: R001 it is none, R002 it was changed after it was written."""
    head, mark, seal = data.rpartition(SEAL)
    found = hashlib.sha256(head + b"\n").hexdigest()
    if not mark or seal.strip() != found.encode():
        text = "this record was changed after it was written: its seal does not fit" if mark else "this record has no seal"
        problems.report("R002", Span(file, data.count(b"\n", 0, len(head) + 1) + 1), text, help=RESTORE)
        return None
    notes = Problems()
    tree = read_yaml(data.decode("utf-8", "replace"), file, notes)
    problems.extend(notes)
    if tree is None or notes.errors:
        return None
    try:
        return _record(tree)
    except _No as wrong:
        problems.report("R001", wrong.at, wrong.text, help=RESTORE)
        return None


def _record(tree: Node) -> Record:
    whole = _mapping(tree, "a record")
    unknown = sorted(whole.keys.keys() - _KEYS)
    if unknown:
        raise _No(whole.keys[unknown[0]], f"a record has no key {unknown[0]!r}")
    return Record(
        sequence=_number(whole, "record"),
        number=_number(whole, "number"),
        act=_act(whole),
        day=_day(whole, "day"),
        by=tuple(_list(whole, "by", _scalar)),
        sla=_text(whole, "sla"),
        reason=_text(whole, "reason") if "reason" in whole.keys else "",
        since=_day(whole, "since") if "since" in whole.keys else None,
        until=_day(whole, "until") if "until" in whole.keys else None,
        documents=_files(whole, "documents"),
        inputs=_files(whole, "inputs"),
        waived=tuple(_list(whole, "waived", _waived)),
        supersedes=_predecessor(_mapping(_node(whole, "supersedes"), "'supersedes'")) if "supersedes" in whole.keys else None,
        changes=tuple(_list(whole, "changes", _scalar)),
        previous=_digest(whole, "previous") if "previous" in whole.keys else "",
        seal=_digest(whole, "seal"),
        at=whole.at,
    )


def _node(mapping: Mapping, key: str) -> Node:
    found = mapping.get(key)
    if found is None:
        raise _No(mapping.at, f"this has no {key!r}")
    return found


def _mapping(node: Node, what: str) -> Mapping:
    if not isinstance(node, Mapping):
        raise _No(node.at, f"{what} must be a mapping, not {form_of(node)}")
    return node


def _scalar(node: Node) -> str:
    if not isinstance(node, Scalar) or not node.text.strip():
        raise _No(node.at, f"a text was expected, not {form_of(node)}")
    return node.text


def _text(mapping: Mapping, key: str) -> str:
    return _scalar(_node(mapping, key))


def _made(mapping: Mapping, key: str, pattern: re.Pattern[str], what: str) -> str:
    node = _node(mapping, key)
    if not isinstance(node, Scalar) or not pattern.fullmatch(node.text):
        raise _No(node.at, f"{key!r} must be {what}, not {form_of(node)}")
    return node.text


def _digest(mapping: Mapping, key: str) -> str:
    return _made(mapping, key, _DIGEST, "a SHA-256")


def _day(mapping: Mapping, key: str) -> date:
    text = _made(mapping, key, _DAY, "a day")
    try:
        return date.fromisoformat(text)
    except ValueError as error:  # the 30th of February
        raise _No(_node(mapping, key).at, f"{key!r} is {text!r}, which is no such day") from error


def _number(mapping: Mapping, key: str) -> int:
    node = _node(mapping, key)
    if isinstance(node, Scalar) and type(node.value) is int and 0 < node.value < _MOST:
        return node.value
    raise _No(node.at, f"{key!r} must be a number from 1, not {form_of(node)}")


def _act(mapping: Mapping) -> Act:
    node = _node(mapping, "act")
    if isinstance(node, Scalar) and node.text in _values(Act):
        return Act(node.text)
    raise _No(node.at, f"'act' must be one of {', '.join(_values(Act))}, not {form_of(node)}")


def _values(words: type[StrEnum]) -> list[str]:
    return [each.value for each in words]


def _files(whole: Mapping, key: str) -> tuple[Kept, ...]:
    if key not in whole.keys:
        return ()
    files = _mapping(_node(whole, key), repr(key))
    for name, at in files.keys.items():
        if key == "documents" and not _NAME.fullmatch(name):
            raise _No(at, f"the document {name!r} would lie outside of its folder")
    return tuple(Kept(name=name, sha256=_digest(files, name)) for name in files.keys)


def _list(whole: Mapping, key: str, read: Callable[[Node], T]) -> list[T]:
    if key not in whole.keys:
        return []
    node = _node(whole, key)
    if not isinstance(node, Sequence):
        raise _No(node.at, f"{key!r} must be a list, not {form_of(node)}")
    return [read(each) for each in node.items]


def _waived(node: Node) -> Waived:
    said = _mapping(node, "a waived control")
    return Waived(
        component=ComponentId(_text(said, "component")) if "component" in said.keys else None,
        control=ControlId(_text(said, "control")),
        owner=_text(said, "owner"),
        expires=_day(said, "expires"),
        gaps=_number(said, "gaps"),
    )


def _predecessor(said: Mapping) -> Predecessor:
    return Predecessor(number=_number(said, "number"), id=_text(said, "id"), sha256=_digest(said, "sha256"))
