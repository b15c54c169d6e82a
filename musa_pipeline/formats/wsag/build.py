"""XML that is written: elements as lines of text, without a tree in between, for an application has thousands of documents."""

import re
from collections.abc import Callable, Hashable, Mapping

from musa_pipeline.formats.wsag.names import writable

_PLAIN = re.compile(r"[ !#-%'-;=?-~]*")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = _TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})
"""What an attribute would lose when it is read: XML 1.0, section 3.3.3, makes every white space in it a blank."""


class Element:
    """One element: its start, and what is inside it so far; what is inside stands two spaces further right."""

    __slots__ = ("_end", "_start", "indent", "inside", "name")

    def __init__(self, name: str, attributes: Mapping[str, str] | None = None, indent: str = "") -> None:
        self.name = name
        self._start = f"{indent}<{name}{_said(attributes)}"
        self._end = f"{indent}</{name}>\n"
        self.indent = f"{indent}  "
        self.inside: list[str | Element] = []

    def __str__(self) -> str:
        """Return the lines of the element."""
        return f"{self._start}>\n{''.join(map(str, self.inside))}{self._end}" if self.inside else f"{self._start}/>\n"


def add(parent: Element, name: str, attributes: Mapping[str, str] | None = None) -> Element:
    """Add an element, `prefix:Name`, that others will stand in, and return it."""
    element = Element(name, attributes, parent.indent)
    parent.inside.append(element)
    return element


def put(parent: Element, name: str, text: str | None = None, attributes: Mapping[str, str] | None = None) -> None:
    """Add an element that holds a text or nothing."""
    start = f"{parent.indent}<{name}{_said(attributes)}"
    parent.inside.append(f"{start}/>\n" if text is None else f"{start}>{_escaped(text, _TEXT)}</{name}>\n")


def _said(attributes: Mapping[str, str] | None) -> str:
    return "".join(f' {name}="{_escaped(value, _VALUE)}"' for name, value in attributes.items()) if attributes else ""


def _escaped(text: str, signs: dict[int, str]) -> str:
    return text if _PLAIN.fullmatch(text) else writable(text).translate(signs)


class Kept:
    """Lines that many documents share, made once a key: a catalog's metrics and controls."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._made: dict[Hashable, str] = {}

    def add(self, parent: Element, key: Hashable, make: Callable[[Element], None]) -> None:
        """Add what `make` adds; equal keys must mean equal elements."""
        place = (parent.indent, key)
        if place not in self._made:
            if len(self._made) >= self._most:
                self._made.clear()
            alone = Element("kept", indent=parent.indent[2:])
            make(alone)
            self._made[place] = "".join(map(str, alone.inside))
        parent.inside.append(self._made[place])
