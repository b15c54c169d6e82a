"""Frozen values to JSON: what is left at its default is left out, short things stand on one line."""

import json.encoder
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final, TypeAlias

import msgspec

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.values.kinds import KINDS, VERSION, format_of, span_text

WIDTH: Final = 120
_FLAT: Final = 2
"""So many levels of nesting may stand on one line."""
_INDENT: Final = "  "
_encode = msgspec.json.Encoder().encode
_quoted = json.encoder.encode_basestring  # the same text as msgspec's, without a detour over bytes

_Text: TypeAlias = tuple[str, int]
"""JSON text whose first line is already indented, and how many levels it nests; more than `_FLAT` if it has several lines."""
_Writer: TypeAlias = Callable[[Any, str], _Text]


def write_value(value: object, kind: str) -> bytes:
    """Return the artefact `kind` that holds the value; equal values and places give equal bytes."""
    if not isinstance(value, KINDS[kind]):
        raise TypeError(f"{kind}.json holds a {KINDS[kind].__name__}, not a {type(value).__name__}")
    return pretty({"format": format_of(kind), "version": VERSION, **_said(value)}).encode()


def pretty(node: dict[str, Any]) -> str:
    """Return JSON text with two spaces a level, where what is short and holds nothing nested stands on one line."""
    members = [f"{_quoted(key)}: {_text(each, _INDENT)[0]}" for key, each in node.items()]
    return _broken("{}", members, "") + "\n"


def _text(value: Any, indent: str) -> _Text:
    return _WRITERS[type(value)](value, indent)


class _Writers(dict[type, _Writer]):
    """How values of one class are written; found out once a class, since a model has tens of thousands of values."""

    def __missing__(self, kind: type) -> _Writer:
        self[kind] = found = self._find(kind)
        return found

    def _find(self, kind: type) -> _Writer:
        if kind is Span:
            return lambda value, _indent: (_quoted(span_text(value)), 0)
        if is_dataclass(kind):
            return _dataclass(kind)
        if issubclass(kind, str):
            return lambda value, _indent: (_quoted(value), 0)
        if issubclass(kind, tuple | list):
            return _array
        if issubclass(kind, frozenset):
            return lambda value, indent: _array(sorted(value), indent)
        if issubclass(kind, dict):
            return _object
        return lambda value, _indent: (_encode(value).decode(), 0)


_WRITERS: Final = _Writers()


def _said(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that are not left at their default."""
    said = {each.name: (getattr(value, each.name), each.default) for each in fields(value)}
    return {name: each for name, (each, default) in said.items() if default is MISSING or each != default}


def _dataclass(kind: Any) -> _Writer:
    known = [(each.name, f"{_quoted(each.name)}: ", each.default) for each in fields(kind)]

    def write(value: Any, indent: str) -> _Text:
        inner, members, deepest = indent + _INDENT, [], 0
        for name, head, default in known:
            each = getattr(value, name)
            if type(each) is str:  # most are
                if each != default:
                    members.append(head + _quoted(each))
            elif each is not default and each != default:
                text, levels = _WRITERS[type(each)](each, inner)
                members.append(head + text)
                if levels > deepest:
                    deepest = levels
        return _joined("{}", members, deepest, indent)

    return write


def _object(value: dict[str, Any], indent: str) -> _Text:
    texts = [_text(each, indent + _INDENT) for each in value.values()]
    members = [f"{_quoted(key)}: {text}" for key, (text, _) in zip(value, texts, strict=True)]
    return _joined("{}", members, max((levels for _, levels in texts), default=0), indent)


def _array(value: Iterable[Any], indent: str) -> _Text:
    inner, members, deepest = indent + _INDENT, [], 0
    for each in value:
        if type(each) is str:
            members.append(_quoted(each))
        else:
            text, levels = _WRITERS[type(each)](each, inner)
            members.append(text)
            if levels > deepest:
                deepest = levels
    return _joined("[]", members, deepest, indent)


def _joined(signs: str, members: list[str], deepest: int, indent: str) -> _Text:
    """Put members on one line, if they fit and none nests too deep, else on a line each."""
    room = WIDTH - len(indent)
    short = not members or len(members) * 4 <= room  # many small numbers read better one below the other
    if short and deepest < _FLAT and sum(map(len, members)) + 2 * len(members) <= room:
        return signs[0] + ", ".join(members) + signs[1], deepest + 1
    return _broken(signs, members, indent), _FLAT + 1


def _broken(signs: str, members: list[str], indent: str) -> str:
    inner = f"\n{indent}{_INDENT}"
    return f"{signs[0]}{inner}{f',{inner}'.join(members)}\n{indent}{signs[1]}"
