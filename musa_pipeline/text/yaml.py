"""YAML as a tree that remembers line and column: duplicate keys found, aliases, depth and size bounded, nothing executed.

Scalars follow YAML 1.2's core schema (true, false, null, numbers), so that `yes`, `on` and dates stay the text that was written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span

Value: TypeAlias = str | int | float | bool | None

MOST_NODES = 2_000_000
"""Nodes of one file after aliases are followed; the largest honest models have a tenth of that."""
DEEPEST = 100

_NUMBER = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$")
_WORDS: dict[str, Value] = {"null": None, "true": True, "false": False}
_CONSTANTS: dict[str, Value] = {
    "": None,
    "~": None,
    **{form: value for word, value in _WORDS.items() for form in (word, word.capitalize(), word.upper())},
}


@dataclass(slots=True)
class Scalar:
    """One value; `text` is as written, `value` as meant."""

    value: Value
    text: str
    at: Span


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list["Node"]
    at: Span

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.items)


@dataclass(slots=True)
class Mapping:
    """A mapping with text keys, in the order written. `keys` has the place of each key."""

    entries: dict[str, "Node"]
    keys: dict[str, Span]
    at: Span

    def get(self, key: str) -> "Node | None":
        """Return the value of a key, or None."""
        return self.entries.get(key)

    def __iter__(self) -> Iterator[tuple[str, "Node"]]:
        return iter(self.entries.items())


Node: TypeAlias = Scalar | Sequence | Mapping


def read_yaml(text: str, file: str, problems: Problems, *, several: bool = False) -> Node | None:
    """Return the tree of one document; None after an error, or if there is nothing in it.

    With `several`, a Sequence of all documents. Codes: Y001 not YAML, Y002 duplicate key, Y003 too large or too deep,
    Y004 a key that is not text, Y005 unknown anchor, Y006 nothing in the file, Y007 more than one document.
    """
    return _Reader(file, problems).read(text, several)


def plain(node: Node | None) -> Any:
    """Return the tree as plain dicts, lists and values."""
    match node:
        case Mapping(entries=entries):
            return {key: plain(value) for key, value in entries.items()}
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Scalar(value=value):
            return value
        case None:
            return None


class _Stop(Exception):
    """The rest of the file cannot be read."""


class _Reader:
    def __init__(self, file: str, problems: Problems) -> None:
        self.file, self.problems = file, problems
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.count = 0

    def read(self, text: str, several: bool) -> Node | None:
        import yaml

        loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
        whole = Span(self.file)
        try:
            documents = self._documents(yaml, yaml.parse(text, Loader=loader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = Span(self.file, mark.line + 1, mark.column + 1) if mark else whole
            said = error.problem or "cannot be read"
            self.problems.report("Y001", at, f"not YAML: {said}" + (f" {error.context}" if error.context else ""))
            return None
        except yaml.YAMLError as error:
            said = getattr(error, "reason", "") or str(error).splitlines()[0]
            before = text[: getattr(error, "position", 0)]
            at = Span(self.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
            self.problems.report("Y001", at, f"not YAML: {said}", help="a text file in UTF-8 is expected")
            return None
        except _Stop:
            return None
        if several:
            return Sequence(documents, whole)
        if len(documents) > 1:
            self.problems.report("Y007", documents[1].at, "a second document begins here; one was expected")
        if not documents or (isinstance(documents[0], Scalar) and documents[0].value is None):
            self.problems.report("Y006", whole, "nothing in the file")
            return None
        return documents[0]

    def _documents(self, yaml: Any, events: Iterator[Any]) -> list[Node]:
        """Build from events with a stack of our own, so that depth is ours to bound."""
        documents: list[Node] = []
        # node, waiting key, count at its start, anchor, keys that are only merged in
        stack: list[tuple[Node, list[Any], int, str | None, set[str]]] = []
        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        mapping, sequence = yaml.MappingStartEvent, yaml.SequenceStartEvent
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        file = self.file
        for event in events:
            kind = type(event)
            start = event.start_mark
            node: Node
            if kind is scalar:
                end = event.end_mark
                text = event.value
                length = end.column - start.column if end.line == start.line else 1
                at = Span(file, start.line + 1, start.column + 1, length or 1)
                node = Scalar(_resolve(text) if event.implicit[0] and not event.style else text, text, at)
                if event.anchor:
                    self.anchors[event.anchor] = (node, 1)
                self._grow(1, at)
            elif kind is mapping or kind is sequence:
                at = Span(file, start.line + 1, start.column + 1)
                node = Mapping({}, {}, at) if kind is mapping else Sequence([], at)
                if event.anchor:
                    self.anchors.pop(event.anchor, None)
                self._grow(1, at)
                stack.append((node, [], self.count, event.anchor, set()))
                if len(stack) > DEEPEST:
                    self.problems.report("Y003", at, f"nested deeper than {DEEPEST}")
                    raise _Stop
                continue
            elif kind is alias:
                at = Span(file, start.line + 1, start.column + 1, len(event.anchor) + 1)
                if event.anchor not in self.anchors:
                    self.problems.report("Y005", at, f"alias {event.anchor!r} has no anchor before it")
                    raise _Stop
                node, size = self.anchors[event.anchor]
                self._grow(size, at)
            elif kind in ends:
                node, _, before, anchor, _ = stack.pop()
                if anchor:
                    self.anchors[anchor] = (node, self.count - before + 1)
            else:
                continue
            if not stack:
                documents.append(node)
                continue
            parent, waiting, _, _, merged = stack[-1]
            if isinstance(parent, Sequence):
                parent.items.append(node)
            elif isinstance(parent, Mapping):
                if waiting:
                    self._enter(parent, waiting.pop(), node, merged)
                else:
                    waiting.append(node)
        return documents

    def _grow(self, size: int, at: Span) -> None:
        self.count += size
        if self.count > MOST_NODES:
            self.problems.report(
                "Y003", at, f"more than {MOST_NODES:,} nodes, aliases followed", help="use fewer or smaller aliases"
            )
            raise _Stop

    def _enter(self, parent: Mapping, key: Node, value: Node, merged: set[str]) -> None:
        if not isinstance(key, Scalar):
            self.problems.report("Y004", key.at, "a key must be text, not a list or mapping")
            return
        if key.text == "<<" and isinstance(value, Mapping | Sequence):
            for each in value.items if isinstance(value, Sequence) else [value]:
                if isinstance(each, Mapping):
                    for name, inherited in each.entries.items():
                        if name not in parent.entries:
                            parent.entries[name] = inherited
                            parent.keys[name] = each.keys[name]
                            merged.add(name)
            return
        name = key.text
        if name in parent.entries and name not in merged:  # one's own key wins over a merged one, and is no mistake
            first = parent.keys[name]
            self.problems.report(
                "Y002", key.at, f"key {name!r} is here twice", help=f"the first is at line {first.line}; keep one of them"
            )
            return
        merged.discard(name)
        parent.entries[name] = value
        parent.keys[name] = key.at


def _resolve(text: str) -> Value:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    first = text[0]
    if first.isdigit() or first in "+-.":
        if _NUMBER.match(text) and len(text) < 20:
            return int(text)
        if _FLOAT.match(text) and len(text) < 40:
            return float(text)
    return text
