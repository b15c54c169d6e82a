"""Frozen values to JSON: what is left at its default is left out, short things stand on one line."""

import json.encoder
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final

import msgspec

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.values.kinds import KINDS, VERSION, format_of, span_text

WIDTH: Final = 120
_INDENT: Final = "  "
_encode = msgspec.json.Encoder().encode
_quoted = json.encoder.encode_basestring  # the same text as msgspec's, without a detour over bytes


def write_value(value: object, kind: str) -> bytes:
    """Return the artefact `kind` that holds the value; equal values and places give equal bytes."""
    if not isinstance(value, KINDS[kind]):
        raise TypeError(f"{kind}.json holds a {KINDS[kind].__name__}, not a {type(value).__name__}")
    whole = {"format": format_of(kind), "version": VERSION, **plain(value)}
    return pretty(whole).encode()


def pretty(node: dict[str, Any]) -> str:
    """Return JSON text with two spaces a level, where what is short and holds nothing nested stands on one line."""
    out: list[str] = []
    _object(node, "", out.append)
    return "".join((*out, "\n"))


def plain(value: Any) -> Any:
    """Return a value as dicts, lists and scalars: sets sorted, places as text, defaults left out."""
    return _PLAIN[type(value)](value)


class _Plain(dict[type, Callable[[Any], Any]]):
    """How values of one class become plain; found out once a class, since a model has tens of thousands of values."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        self[kind] = found = self._find(kind)
        return found

    def _find(self, kind: type) -> Callable[[Any], Any]:
        if kind is Span:
            return span_text
        if is_dataclass(kind):
            return _dataclass(kind)
        if issubclass(kind, str):
            return str.__str__
        if issubclass(kind, tuple | list):
            return lambda value: [self[type(each)](each) for each in value]
        if issubclass(kind, frozenset):
            return lambda value: sorted(map(plain, value))
        if issubclass(kind, dict):
            return lambda value: {key: plain(each) for key, each in value.items()}
        return lambda value: value


_PLAIN: Final = _Plain()


def _dataclass(kind: Any) -> Callable[[Any], Any]:
    known = [(each.name, each.default) for each in fields(kind)]

    def as_dict(value: Any) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for name, default in known:
            each = getattr(value, name)
            if default is MISSING or each != default:
                said[name] = _PLAIN[type(each)](each)
        return said

    return as_dict


def _lines(node: Any, indent: str, say: Callable[[str], None]) -> None:
    """Say the text of a node whose first line is already indented."""
    flat = _flat(node, WIDTH - len(indent))
    if flat:
        say(flat)
    elif isinstance(node, dict):
        _object(node, indent, say)
    else:
        inner = indent + _INDENT
        before = f"[\n{inner}"
        for each in node:
            say(before)
            _value(each, inner, say)
            before = f",\n{inner}"
        say(f"\n{indent}]")


def _object(node: dict[str, Any], indent: str, say: Callable[[str], None]) -> None:
    inner = indent + _INDENT
    before = f"{{\n{inner}"
    for key, each in node.items():
        say(f"{before}{_quoted(key)}: ")
        _value(each, inner, say)
        before = f",\n{inner}"
    say(f"\n{indent}}}")


def _value(node: Any, indent: str, say: Callable[[str], None]) -> None:
    if isinstance(node, str):
        say(_quoted(node))
    elif isinstance(node, dict | list):
        _lines(node, indent, say)
    else:
        say(_encode(node).decode())


def _flat(node: dict[str, Any] | list[Any], room: int) -> str:
    """Return the node on one line, if it fits and nests no deeper than twice; else nothing."""
    if len(node) * 4 > room or not _shallow(node, 2):  # no member takes less than four characters with what parts it
        return ""
    text = _encode(node)
    if len(text) > (room if text.isascii() else room * 4):  # bytes; a character has at most four
        return ""
    line = msgspec.json.format(text, indent=0).decode()
    return line if len(line) <= room else ""


def _shallow(node: Any, levels: int) -> bool:
    for each in node.values() if isinstance(node, dict) else node:
        if isinstance(each, dict | list) and (levels == 1 or not _shallow(each, levels - 1)):
            return False
    return True
