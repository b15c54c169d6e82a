"""Catalog entries as YAML text in one house form: a value in one line where it fits, else opened up; same value, same bytes."""

import json
import re
import textwrap
from collections.abc import Mapping
from typing import Any

WIDTH = 120

_FIRST = re.compile(r"[A-Za-z(/]")
_FLOW_SIGNS = frozenset(",[]{}")
_RESOLVED = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"])


def write_entry(entry: Mapping[str, Any]) -> str:
    """Return a mapping as YAML, its keys in the order given.

    >>> print(write_entry({"id": "x", "controls": {"SC-5": {"minimum": 1}}}), end="")
    id: x
    controls: {SC-5: {minimum: 1}}
    """
    return "".join(line + "\n" for key, value in entry.items() for line in _pair(key, value, 0))


def _pair(key: str, value: Any, indent: int) -> list[str]:
    pad = " " * indent
    flow = f"{pad}{_scalar(key)}: {_alone(value)}"
    if len(flow) <= WIDTH:
        return [flow]
    if isinstance(value, Mapping):
        return [f"{pad}{_scalar(key)}:", *(line for each, inner in value.items() for line in _pair(each, inner, indent + 2))]
    if isinstance(value, list | tuple):
        return [f"{pad}{_scalar(key)}:", *(line for each in value for line in _item(each, indent + 2))]
    return _folded(f"{pad}{_scalar(key)}:", value, indent + 2) or [flow]


def _item(value: Any, indent: int) -> list[str]:
    pad = " " * indent
    flow = f"{pad}- {_alone(value)}"
    if len(flow) <= WIDTH:
        return [flow]
    if isinstance(value, Mapping) and value:
        lines = [line for each, inner in value.items() for line in _pair(each, inner, indent + 2)]
        return [f"{pad}- {lines[0].lstrip()}", *lines[1:]]
    return _folded(f"{pad}-", value, indent + 2) or [flow]


def _folded(head: str, value: Any, indent: int) -> list[str]:
    """Return a long text over several lines, if it comes back as it was."""
    if not isinstance(value, str) or " ".join(value.split()) != value or not value.isprintable():
        return []
    pad = " " * indent
    return [
        f"{head} >-",
        *(pad + line for line in textwrap.wrap(value, WIDTH - indent, break_long_words=False, break_on_hyphens=False)),
    ]


def _alone(value: Any) -> str:
    """Return a value that ends its line, where commas and brackets are mere signs."""
    if isinstance(value, str) and _plain(value):
        return value
    return _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if _plain(text) and not _FLOW_SIGNS & set(text):
        return text
    return "".join(each if each.isprintable() else _escape(each) for each in json.dumps(text, ensure_ascii=False))


def _escape(sign: str) -> str:
    """Return a sign that must not stand in a text file, as YAML writes it between double quotes."""
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _plain(text: str) -> bool:
    """Tell whether YAML reads these characters as this text without quotes."""
    if not _FIRST.match(text) or not text.isprintable() or text.lower() in _RESOLVED:
        return False
    return not (": " in text or " #" in text or text[-1] in ": ")
