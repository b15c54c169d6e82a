"""Where a thing was said: a place in a user's file, or a clause of a published document."""

from dataclasses import dataclass
from typing import Final, final


@final
class Span:
    """A place in a file: path from the repository's root, line and column from 1, length in characters.

    An ordinary class, not a dataclass: readers make one for every node of a file, so making it must be cheap. Never changed once made.
    """

    __slots__ = ("column", "file", "length", "line")

    def __init__(self, file: str, line: int = 1, column: int = 1, length: int = 1) -> None:
        self.file, self.line, self.column, self.length = file, line, column, length

    def _key(self) -> tuple[str, int, int, int]:
        return (self.file, self.line, self.column, self.length)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __lt__(self, other: "Span") -> bool:
        return self._key() < other._key()

    def __bool__(self) -> bool:
        return bool(self.file)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.file else ""

    def __repr__(self) -> str:
        return f"Span({self.file!r}, {self.line}, {self.column}, {self.length})"


NOWHERE: Final = Span("", 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who says so: a document, its version, the clause; for providers' claims the address and the day it was read."""

    document: str
    version: str = ""
    clause: str = ""
    link: str = ""
    date: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.document, self.version, self.clause) if part)
