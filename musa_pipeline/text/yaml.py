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

MOST_NODES = 1_000_000
"""Nodes of one file after aliases are followed, some 400 MiB of tree; ten thousand components have a fifth of that."""
DEEPEST = 100
"""Levels of nesting, aliases followed: what walks a tree may call itself so often."""

_MOST_TWICE = 1_000
_LONGEST_SHOWN = 80
_LONGEST_KEY = 1_000
_MOST_IN_KEY = 100
_BEGINS_NUMBER = frozenset("+-.0123456789")
_TABS = "YAML is indented with spaces; replace the tabs"

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


def read_yaml(text: str, file: str, problems: Problems, *, several: bool = False, written_keys: bool = False) -> Node | None:
    """Return the tree of one document; None after an error, or if there is nothing in it.

    With `several`, a Sequence of all documents. With `written_keys`, a key that is a list or mapping is kept as its text in
    flow style, unless it is a template's `{{ }}` without quotes. Codes: Y001 not YAML, Y002 duplicate key, Y003 too large
    or too deep, Y004 a key that is not text, Y005 unknown anchor, Y006 nothing in the file, Y007 more than one document.
    """
    return _Reader(file, problems, written_keys).read(text, several)


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


class _Frame:
    """A list or mapping that is being read. `key`: the waiting key and its place; `merged`: keys that only `<<` brought."""

    __slots__ = ("anchor", "at", "before", "height", "key", "merged", "node")

    def __init__(self, node: Sequence | Mapping, before: int, anchor: str | None) -> None:
        self.node, self.before, self.anchor = node, before, anchor
        self.key: Node | str | None = None
        self.at: Span = node.at
        self.merged: set[str] | None = None
        self.height = 1


class _Reader:
    def __init__(self, file: str, problems: Problems, written_keys: bool) -> None:
        self.file, self.problems, self.written_keys = file, problems, written_keys
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.count, self.twice = 0, 0

    def read(self, text: str, several: bool) -> Node | None:
        import yaml

        whole = Span(self.file)
        try:
            documents = self._documents(yaml, _events(yaml, text))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = Span(self.file, mark.line + 1, mark.column + 1) if mark else whole
            said = error.problem or "cannot be read"
            way_out = _TABS if mark and "\t" in text[mark.index : mark.index + 2] else ""
            self.problems.report("Y001", at, f"not YAML: {said}" + (f" {error.context}" if error.context else ""), help=way_out)
            return None
        except yaml.YAMLError as error:
            said = getattr(error, "reason", "") or str(error).splitlines()[0]
            self._no_text(said, text, getattr(error, "position", 0))
            return None
        except UnicodeEncodeError as error:
            self._no_text("half of a sign", text, error.start)
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

    def _no_text(self, said: str, text: str, position: int) -> None:
        before = text[:position]
        at = Span(self.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        self.problems.report("Y001", at, f"not YAML: {said}", help="a text file in UTF-8 is expected")

    def _documents(self, yaml: Any, events: Iterator[Any]) -> list[Node]:
        """Build from events with a stack of our own, so that depth is ours to bound.

        One long loop, for it runs once for every word of a model: a call less is a tenth of the time.
        """
        documents: list[Node] = []
        stack: list[_Frame] = []
        top: _Frame | None = None
        scalar, alias, mapping, sequence = yaml.ScalarEvent, yaml.AliasEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        file, constants, anchors = self.file, _CONSTANTS, self.anchors
        count = 0
        for event in events:
            kind = event.__class__
            node: Node
            height = 0
            if kind is scalar:
                start, end = event.start_mark, event.end_mark
                line, column = start.line, start.column
                text = event.value
                at = Span(file, line + 1, column + 1, (end.column - column if end.line == line else 1) or 1)
                count += 1
                if count > MOST_NODES:
                    self._too_many(at)
                anchor = event.anchor
                if top is not None and top.key is None and anchor is None and top.node.__class__ is Mapping:
                    top.key = text if text != "<<" or not event.style else Scalar(text, text, at)  # '<<' in quotes is a name
                    top.at = at
                    continue
                if event.style or not event.implicit[0]:
                    node = Scalar(text, text, at)
                elif text in constants:
                    node = Scalar(constants[text], text, at)
                else:
                    node = Scalar(text if text[0] not in _BEGINS_NUMBER else _number(text), text, at)
                if anchor is not None:
                    anchors[anchor] = (node, 1, 0)
            elif kind is mapping or kind is sequence:
                start = event.start_mark
                at = Span(file, start.line + 1, start.column + 1)
                node = Mapping({}, {}, at) if kind is mapping else Sequence([], at)
                count += 1
                if count > MOST_NODES:
                    self._too_many(at)
                anchor = event.anchor
                if anchor is not None:
                    anchors.pop(anchor, None)
                top = _Frame(node, count, anchor)
                stack.append(top)
                if len(stack) > DEEPEST:
                    self._too_deep(at)
                continue
            elif kind in ends:
                done = stack.pop()
                node, height = done.node, done.height
                if done.anchor is not None:
                    anchors[done.anchor] = (node, count - done.before + 1, height)
                top = stack[-1] if stack else None
                if top is not None and top.height <= height:
                    top.height = height + 1
            elif kind is alias:
                start = event.start_mark
                at = Span(file, start.line + 1, start.column + 1, len(event.anchor) + 1)
                if event.anchor not in anchors:
                    self.problems.report("Y005", at, f"alias {event.anchor!r} has no anchor before it")
                    raise _Stop
                node, size, height = anchors[event.anchor]
                count += size
                if count > MOST_NODES:
                    self._too_many(at)
                if len(stack) + height > DEEPEST:
                    self._too_deep(at)
                if top is not None and top.height <= height:
                    top.height = height + 1
            else:
                continue
            if top is None:
                documents.append(node)
                continue
            parent = top.node
            key = top.key
            if parent.__class__ is Sequence:
                parent.items.append(node)  # a test of the class is half the price of isinstance
            elif key is None:
                top.key, top.at = node, node.at
            elif key.__class__ is str and key not in parent.entries and key != "<<":  # type: ignore[union-attr]
                parent.entries[key] = node  # type: ignore[union-attr]
                parent.keys[key] = top.at  # type: ignore[union-attr]
                top.key = None
            else:
                self._enter(top, node)
                top.key = None
        return documents

    def _too_many(self, at: Span) -> None:
        text = f"more than {MOST_NODES:,} nodes, aliases followed"
        self.problems.report("Y003", at, text, help="use fewer or smaller aliases, or split the file")
        raise _Stop

    def _too_deep(self, at: Span) -> None:
        self.problems.report("Y003", at, f"nested deeper than {DEEPEST}", help="no model needs that; is a bracket left open?")
        raise _Stop

    def _enter(self, top: _Frame, value: Node) -> None:
        """Enter what is not simply a new key: a merge, a key that is there already, a key that is no text."""
        parent, at = top.node, top.at
        assert isinstance(parent, Mapping)  # noqa: S101  only mappings have keys
        key = top.key.text if isinstance(top.key, Scalar) else top.key
        if not isinstance(key, str):
            braces = _are_braces(key)
            written = _written(key) if self.written_keys and not braces else ""
            if not written or len(written) > _LONGEST_KEY:
                way_out = "put '{{ … }}' in quotes" if braces else ""
                self.problems.report("Y004", at, "a key must be text, not a list or mapping", help=way_out)
                return
            key = written
        merged = top.merged = top.merged or set()
        if top.key == "<<" and isinstance(value, Mapping | Sequence):
            for each in value.items if isinstance(value, Sequence) else [value]:
                if isinstance(each, Mapping):
                    for name, inherited in each.entries.items():
                        if name not in parent.entries:
                            parent.entries[name] = inherited
                            parent.keys[name] = each.keys[name]
                            merged.add(name)
            return
        if key in parent.entries and key not in merged:  # one's own key wins over a merged one, and is no mistake
            first = parent.keys[key]
            way_out = f"the first is at line {first.line}; keep one of them"
            self.problems.report("Y002", at, f"key {_short(key)} is here twice", help=way_out)
            self.twice += 1
            if self.twice >= _MOST_TWICE:
                raise _Stop
            return
        merged.discard(key)
        parent.entries[key] = value
        parent.keys[key] = at


def _events(yaml: Any, text: str) -> Iterator[Any]:
    """Return the parser's events, without a generator between it and us where libyaml is there."""
    if not hasattr(yaml, "CSafeLoader"):
        events: Iterator[Any] = yaml.parse(text, Loader=yaml.SafeLoader)
        return events
    return iter(yaml.CSafeLoader(text).get_event, None)


def _are_braces(key: Node | None) -> bool:
    """Tell whether a key is what `{{ name }}` without quotes becomes: a mapping with a name and no value."""
    if not isinstance(key, Mapping):
        return False
    return all(isinstance(each, Scalar) and each.value is None for each in key.entries.values())


def _written(node: Node | None) -> str:
    """Return a small tree in flow style; '' if it has more parts than a key can be meant to have."""
    left = [_MOST_IN_KEY]

    def flow(node: Node | None) -> str:
        left[0] -= 1
        match node:
            case Scalar(text=text):
                return text[: _LONGEST_KEY + 1]
            case Sequence(items=items) if left[0] > 0:
                return "[" + ", ".join(map(flow, items)) + "]"
            case Mapping(entries=entries) if left[0] > 0:
                return "{" + ", ".join(f"{name[: _LONGEST_KEY + 1]}: {flow(each)}" for name, each in entries.items()) + "}"
        return ""

    text = flow(node)
    return text if left[0] >= 0 else ""


def _short(key: str) -> str:
    """Return a key as findings show it, a very long one by its beginning.

    >>> _short("port")
    "'port'"
    """
    return repr(key) if len(key) <= _LONGEST_SHOWN else repr(key[:_LONGEST_SHOWN]) + "…"


def _number(text: str) -> Value:
    """Return the number that a plain word is, or the word; of a number too long to be meant only the word."""
    if len(text) < 20 and _NUMBER.match(text):
        return int(text)
    if len(text) < 40 and _FLOAT.match(text):
        return float(text)
    return text
