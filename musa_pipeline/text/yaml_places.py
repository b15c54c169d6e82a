"""Where every part of a YAML text begins and ends, so that it can be changed without writing it anew."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Form(StrEnum):
    """How a part is written."""

    SCALAR = "scalar"
    ALIAS = "alias"
    FLOW = "flow mapping"
    BLOCK = "block mapping"
    LIST = "list"


@dataclass(slots=True)
class Part:
    """One value: the text from `start` to `end`, its anchor included, comments behind it not. `column` from 0 is its keys'.

    An alias is a part of its own, not what it stands for; entries that only `<<` brings are none.
    """

    form: Form
    start: int
    end: int
    column: int
    entries: list["Entry"] = field(default_factory=list)

    def entry(self, key: str) -> "Entry | None":
        """Return the entry that stands under a key itself."""
        return next((each for each in self.entries if each.key == key), None)


@dataclass(slots=True)
class Entry:
    """A key, where it begins, where it ends, and its value."""

    key: str
    start: int
    end: int
    value: Part


def places(text: str) -> Part | None:
    """Return the parts of the first document; None if there is nothing in it. The text must be one that `read_yaml` accepts."""
    import yaml

    return _built(yaml, _events(yaml, text))


def _events(yaml: Any, text: str) -> Iterator[Any]:
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    events: Iterator[Any] = iter(loader(text).get_event, None)
    return events


def _built(yaml: Any, events: Iterator[Any]) -> Part | None:
    """Build with a stack of our own; a list is kept as one part, for nothing is changed inside it."""
    begins, ends = (yaml.MappingStartEvent, yaml.SequenceStartEvent), (yaml.MappingEndEvent, yaml.SequenceEndEvent)
    stack: list[Part] = []
    keys: list[tuple[str, int, int] | None] = []
    for event in events:
        start, end = event.start_mark, event.end_mark
        if isinstance(event, begins):
            stack.append(Part(_form(yaml, event), start.index, end.index, start.column))
            keys.append(None)
            continue
        if isinstance(event, ends):
            done = stack.pop()
            keys.pop()
            done.end = end.index if end.index > start.index else _last(done)  # what is indented has no sign at its end
        elif isinstance(event, yaml.ScalarEvent):
            done = Part(Form.SCALAR, start.index, end.index, start.column)
        elif isinstance(event, yaml.AliasEvent):
            done = Part(Form.ALIAS, start.index, end.index, start.column)
        else:
            continue
        if not stack:
            return done
        above = stack[-1]
        if above.form is Form.LIST:
            above.end = max(above.end, done.end)
        elif (key := keys[-1]) is None:
            keys[-1] = (event.value if isinstance(event, yaml.ScalarEvent) else "", done.start, done.end)
        else:
            above.entries.append(Entry(*key, done))
            keys[-1] = None
    return None


def _form(yaml: Any, event: Any) -> Form:
    if isinstance(event, yaml.SequenceStartEvent):
        return Form.LIST
    return Form.FLOW if event.flow_style else Form.BLOCK


def _last(part: Part) -> int:
    """Return where the last sign of a part is that is told by its indentation alone."""
    return max(part.end, max(part.entries[-1].end, part.entries[-1].value.end) if part.entries else part.end)
