"""Frozen values to JSON: what is left at its default is left out, short things stand on one line."""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final

import msgspec

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.values.kinds import KINDS, VERSION, format_of, span_text

WIDTH: Final = 120
_INDENT: Final = "  "
_encode = msgspec.json.Encoder().encode


def write_value(value: object, kind: str) -> bytes:
    """Return the artefact `kind` that holds the value; equal values and places give equal bytes."""
    if not isinstance(value, KINDS[kind]):
        raise TypeError(f"{kind}.json holds a {KINDS[kind].__name__}, not a {type(value).__name__}")
    whole = {"format": format_of(kind), "version": VERSION, **plain(value)}
    return pretty(whole).encode()


def pretty(node: dict[str, Any]) -> str:
    """Return JSON text with two spaces a level, where what is short and holds nothing nested stands on one line."""
    return "".join(_object(node, "")) + "\n"


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


def _lines(node: Any, indent: str) -> Iterator[str]:
    """Yield the text of a node whose first line is already indented."""
    if not isinstance(node, dict | list):
        yield _encode(node).decode()
        return
    flat = _flat(node, WIDTH - len(indent))
    if flat:
        yield flat
    elif isinstance(node, dict):
        yield from _object(node, indent)
    else:
        inner = indent + _INDENT
        before = f"[\n{inner}"
        for each in node:
            yield before
            yield from _lines(each, inner)
            before = f",\n{inner}"
        yield f"\n{indent}]"


def _object(node: dict[str, Any], indent: str) -> Iterator[str]:
    inner = indent + _INDENT
    before = f"{{\n{inner}"
    for key, each in node.items():
        yield f"{before}{_encode(key).decode()}: "
        yield from _lines(each, inner)
        before = f",\n{inner}"
    yield f"\n{indent}}}"


def _flat(node: dict[str, Any] | list[Any], room: int) -> str:
    """Return the node on one line, if it fits and nests no deeper than twice; else nothing."""
    if not _shallow(node, 2):
        return ""
    text = msgspec.json.format(_encode(node), indent=0).decode()
    return text if len(text) <= room else ""


def _shallow(node: Any, levels: int) -> bool:
    if not isinstance(node, dict | list):
        return True
    return levels > 0 and all(_shallow(each, levels - 1) for each in (node.values() if isinstance(node, dict) else node))
