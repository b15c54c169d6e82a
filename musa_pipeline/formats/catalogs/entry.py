"""One catalog entry as a mapping whose keys are asked for by name: what is missing, misspelt or of the wrong shape is reported."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from math import isfinite
from typing import TypeVar

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Source, Span
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

Choice = TypeVar("Choice", bound=StrEnum)


class Entry:
    """A mapping under reading. Codes: C001 wrong shape or missing, C002 unknown key, C004 no source, C014 not one of the known words."""

    def __init__(self, node: Mapping, problems: Problems, known: Iterable[str] = ()) -> None:
        self.node, self.problems, self.at = node, problems, node.at
        known = frozenset(known)
        for key, at in node.keys.items() if known else ():
            if key not in known:
                help = near(key, known) or f"known keys are {', '.join(sorted(known))}"  # noqa: A001
                problems.report("C002", at, f"key {key!r} means nothing here", help=help)

    def has(self, key: str) -> bool:
        """Tell whether the key is there, with a value."""
        node = self.node.get(key)
        return node is not None and not (isinstance(node, Scalar) and node.value is None)

    def place(self, key: str) -> Span:
        """Return where the value of a key is, or the entry when the key is absent."""
        node = self.node.get(key)
        return node.at if node else self.at

    def wrong(self, at: Span, wanted: str) -> None:
        """Report a value of the wrong shape."""
        self.problems.report("C001", at, wanted)

    def missing(self, key: str, wanted: str) -> None:
        """Report a key that must be there."""
        self.problems.report("C001", self.at, f"{key!r} is missing", help=f"add {key}: {wanted}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; required when there is no default."""
        if not self.has(key):
            if default is None:
                self.missing(key, "a text")
            return default or ""
        node = self.node.get(key)
        if isinstance(node, Scalar) and node.text.strip():
            return node.text.strip()
        self.wrong(self.place(key), f"{key!r} must be a text")
        return default or ""

    def number(self, key: str) -> int | float | None:
        """Return a number, or None when the key is absent."""
        if not self.has(key):
            return None
        node = self.node.get(key)
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            return value
        self.wrong(self.place(key), f"{key!r} must be a number")
        return None

    def flag(self, key: str) -> bool:
        """Return yes or no; an absent key means no."""
        if not self.has(key):
            return False
        node = self.node.get(key)
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.wrong(self.place(key), f"{key!r} must be true or false")
        return False

    def word(self, key: str, words: type[Choice], default: Choice) -> Choice:
        """Return one of the field's words; the default stands in for what cannot be read."""
        if not self.has(key):
            self.missing(key, f"one of {', '.join(words)}")
            return default
        node = self.node.get(key)
        written = node.text if isinstance(node, Scalar) else ""
        for each in words:
            if written == each:
                return each
        help = near(written, words) or f"one of {', '.join(words)}"  # noqa: A001
        self.problems.report("C014", self.place(key), f"{key!r} cannot be {written!r}", help=help)
        return default

    def scalars(self, key: str) -> list[Scalar]:
        """Return the values of a list; a single value counts as a list of one."""
        node = self.node.get(key) if self.has(key) else None
        if node is None:
            return []
        found: list[Scalar] = []
        for each in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(each, Scalar) and each.value is not None:
                found.append(each)
            else:
                self.wrong(each.at, f"{key!r} must be a list of names")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(each.text for each in self.scalars(key))

    def pairs(self, key: str) -> Iterator[tuple[str, Span, Node]]:
        """Yield name, its place and what stands under it, for a key that holds a mapping."""
        node = self.node.get(key) if self.has(key) else None
        if isinstance(node, Mapping):
            for name, value in node:
                yield name, node.keys[name], value
        elif node is not None:
            self.wrong(node.at, f"{key!r} must be a mapping of names to what is said of each")

    def nodes(self, key: str) -> list[Node]:
        """Return what stands in a list; a single value counts as a list of one."""
        node = self.node.get(key) if self.has(key) else None
        if node is None:
            return []
        return node.items if isinstance(node, Sequence) else [node]

    def sources(self, key: str = "source") -> tuple[Source, ...]:
        """Return who says so; an entry without a source is an error."""
        found = []
        for each in self.nodes(key):
            if isinstance(each, Mapping):
                part = Entry(each, self.problems, ("document", "version", "clause", "link", "date"))
                said = {name: part.text(name, "") for name in ("version", "clause", "link", "date")}
                found.append(Source(document=part.text("document"), **said))
            else:
                self.wrong(each.at, f"{key!r} must say document, version and clause")
        if not self.nodes(key):
            way_out = f"add {key}: {{document: ..., version: ..., clause: ...}}"
            self.problems.report("C004", self.at, "this entry has no source", help=way_out)
        return tuple(found)

    def source(self) -> Source:
        """Return the one source of an entry."""
        return next(iter(self.sources()), Source(document=""))
