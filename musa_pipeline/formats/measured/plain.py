"""JSON by others, read leniently: what is not of the expected form is not there."""

import math
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span

_BITS: Final = 64
_LONGEST_TOLD: Final = 20
"""Lines that cannot be read, told one by one; of the others the count."""


def inside(value: object, *path: str) -> Any:
    """Return what stands at a path of keys; None if there is nothing.

    >>> inside({"a": {"b": 1}}, "a", "b"), inside({"a": [1]}, "a", "b")
    (1, None)
    """
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def word(value: object, *path: str) -> str:
    """Return the text at a path, a number as text; '' for anything else, and for a number so long that nobody means it."""
    found = inside(value, *path)
    if isinstance(found, str):
        return found
    if isinstance(found, bool) or not isinstance(found, int | float):
        return ""
    return "" if isinstance(found, int) and found.bit_length() > _BITS else str(found)


def number(value: object, *path: str) -> float | None:
    """Return the number at a path, also where it is written as text; None for what is no finite one.

    >>> number({"a": "8.8"}, "a"), number({"a": "1e999"}, "a"), number({"a": True}, "a")
    (8.8, None, None)
    """
    said = word(value, *path)
    try:
        found = float(said) if said and len(said) < 40 else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def items(value: object, *path: str) -> list[Any]:
    """Return the list at a path; one thing alone is a list too, nothing an empty one."""
    found = inside(value, *path)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def words(value: object, *path: str) -> list[str]:
    """Return the texts of the list at a path."""
    return [each for each in items(value, *path) if isinstance(each, str)]


def read_json(data: bytes, file: str, problems: Problems) -> Any:
    """Return a document; None after a finding. Code: E002."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problems.report("E002", Span(file), f"not JSON: {_why(error)}", help="is it whole? ask the tool for it again")
        return None


def read_records(data: bytes, file: str, problems: Problems) -> Iterator[tuple[Span, dict[str, Any]]]:
    """Yield the objects of a list, of one object, or of lines that are each an object; a line that is none is told and passed over.

    Codes: E002, E003.
    """
    start = data.lstrip()[:1]
    if start == b"[" or (start == b"{" and not _has_lines(data)):
        whole = read_json(data, file, problems)
        listed = (
            whole
            if isinstance(whole, list)
            else inside(whole, "events")
            if isinstance(inside(whole, "events"), list)
            else [whole]
        )
        yield from ((Span(file), each) for each in listed if isinstance(each, dict))
        return
    wrong = 0
    for line, text in enumerate(data.splitlines(), 1):
        if not text.strip():
            continue
        try:
            found = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found, why = None, _why(error)
        else:
            why = "no object"
        if isinstance(found, dict):
            yield Span(file, line), found
            continue
        wrong += 1
        if wrong <= _LONGEST_TOLD:
            problems.warn("E003", Span(file, line), f"this line cannot be read: {why}", help="the other lines are read")
    if wrong > _LONGEST_TOLD:
        problems.warn("E003", Span(file), f"{wrong:,} lines cannot be read; the first {_LONGEST_TOLD} are told")


def _has_lines(data: bytes) -> bool:
    """Tell whether the first line is whole by itself, so that the others are too."""
    first, _, rest = data.lstrip().partition(b"\n")
    if not rest.strip() or not first.rstrip().endswith(b"}"):
        return False
    try:
        return isinstance(msgspec.json.decode(first), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return rest.lstrip().startswith(b"{")  # the first line was cut, and another object begins below


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
