"""A camel model cut into sub-models, and these into the pieces that the grammar reads one by one.

CAMEL has no statement terminator, so one lost brace would spoil the rest of the file. Here a heading that cannot stand where it
stands ends what was left open, so that each broken block gives its own finding and the others are read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.formats.camel.headings import (
    APPLICATION,
    BARE,
    BESIDE,
    DESCRIPTION,
    HEAD,
    HEADING,
    IMPORT,
    LAYER,
    MODEL,
    MODELS,
    STARTS,
    UNCUT,
    YOUNGER,
)
from musa_pipeline.formats.camel.lexing import Lexed, Places, Within

PLAIN: Final[Mapping[str, str]] = {}
_TEXT: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_AROUND: Final = re.compile(r"[(){}]")
MOST_OPEN: Final = 1_000
"""Braces of one file, missing or too many, that are told."""
DEEPEST: Final = 50
"""Blocks within blocks; the deepest real model has nine."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the file; `missing` closing braces are to be thought after it."""

    start: int
    end: int
    missing: int = 0


@dataclass(slots=True)
class Block:
    """One sub-model, or all that stands beside sub-models (part `application`)."""

    part: str
    name: str
    start: int
    pieces: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class Cut:
    """The camel model: its name, where the name stands, and its blocks in the order written."""

    name: str
    start: int
    blocks: list[Block]
    unread: list[Piece] = field(default_factory=list)
    """What no sub-model has: the names in it are lost."""
    whole: bool = True
    """Whether the file goes on to the end of the camel model."""
    imports: list[tuple[str, int]] = field(default_factory=list)
    """Files that it imports, and where it says so."""


def is_camel(clean: str) -> re.Match[str] | None:
    """Return where the camel model's heading stands in a text without comments, imports skipped."""
    start = 0
    while found := IMPORT.match(clean, start):
        start = found.end()
    return HEAD.match(clean, start)


def cut(lexed: Lexed, places: Places | Within, problems: Problems, parts: Mapping[str, str] = PLAIN) -> Cut | None:
    """Return the sub-models of a camel model, or None after an error when there is none.

    `parts` are the grammars by the words that begin a sub-model, where they are not called so.
    """
    clean, start = lexed.clean, 0
    imports: list[tuple[str, int]] = []
    while found := IMPORT.match(clean, start):
        imports.append((found[1].strip("\"'"), found.start(1)))
        start = found.end()
    head = HEAD.match(clean, start)
    if not head:
        left = clean[start:]
        at = start + len(left) - len(left.lstrip()) if left.strip() else 0
        problems.report("K001", places.at(at), "no camel model begins here", help="write `camel model Name { ... }`")
        return None
    whole = Cut(head[1].lstrip("^"), head.start(1), [], imports=imports)
    _Cutter(whole, lexed, places, problems, parts).run(head.end())
    return whole


class _Cutter:
    """Walks over the braces with a stack of the open ones: the sub-model's first, then its statement's, then what is within."""

    def __init__(self, whole: Cut, lexed: Lexed, places: Places | Within, problems: Problems, parts: Mapping[str, str]) -> None:
        self.whole, self.clean, self.bare, self.braces = whole, lexed.clean, lexed.bare, lexed.braces
        self.places, self.problems = places, problems
        self.parts = parts
        self.beside = Block(parts.get(APPLICATION, APPLICATION), "", whole.start)
        self.block: Block | None = None
        self.open: list[int] = []
        self.done = 0  # where the next piece begins
        self.ended = -1  # the brace that ended the last sub-model
        self.unread = -1  # where something unknown begins
        self.odd = 0

    def run(self, start: int) -> None:
        self.done = seen = start
        end = len(self.bare.rstrip())
        for offset, brace in self.braces:
            if offset < start:
                continue
            if brace == "{":
                self._opened(offset, seen)
            elif self.open:
                self._closed(offset)
            elif offset + 1 >= end:
                self._nothing_between(self.done, offset)
                break
            else:
                self.problems.report("K004", self.places.at(offset), "this '}' closes nothing", help="take it away")
                self._nothing_between(self.done, offset)
                self.done = offset + 1
                self.odd += 1
            if self.odd > MOST_OPEN:
                text = f"more than {MOST_OPEN:,} braces are missing or too many; the rest of the file is not looked at"
                self.problems.report("K005", self.places.at(offset), text, help="mend these first")
                self.whole.whole = False
                break
            if len(self.open) > DEEPEST:
                self.problems.report("K005", self.places.at(offset), f"blocks are nested deeper than {DEEPEST}")
                break
            seen = offset + 1
        else:
            where = self.open[-1] if self.open else start - 1
            self.problems.report("K004", self.places.at(where), "this '{' is never closed", help="add the missing '}'")
            self._end_statement(len(self.bare))
            self.whole.whole = False
        if self.beside.pieces:
            self.whole.blocks.append(self.beside)

    def _opened(self, offset: int, seen: int) -> None:
        heading = self.bare[seen:offset]
        if self.open:
            self._end_what_was_left_open(heading, seen)
        if not self.open:
            self._begin(heading, seen, offset)
        self.open.append(offset)

    def _begin(self, heading: str, seen: int, offset: int) -> None:
        """Begin what stands directly in the camel model."""
        model, beside = MODEL.search(heading), BESIDE.search(heading)
        last = self.whole.blocks[-1] if self.whole.blocks and self.ended >= 0 else None
        if model:
            self._nothing_between(self.done, seen + model.start())
            self.block = Block(self.parts.get(model[1], model[1]), model[2].lstrip("^"), seen + model.start(2))
            self.whole.blocks.append(self.block)
            self.done = offset + 1
        elif beside:
            self._nothing_between(self.done, seen + beside.start())
            self.block, self.done = None, seen + beside.start()
        elif last and last.part in HEADING and HEADING[last.part].search(heading):
            where = self.places.at(self.ended)
            self.problems.report(
                "K004", where, f"this '}}' ends the {_said(last.part)} model too early", help="take one '}' away"
            )
            self.block, self.open = last, [self.ended]
        else:
            self._unknown(heading, seen, offset)
            self.block, self.done, self.unread = None, -1, seen

    def _closed(self, offset: int) -> None:
        self.open.pop()
        if len(self.open) == 1 and self.block:
            if self.block.part in UNCUT:
                return
            self._piece(self.done, offset + 1)
            self.done = offset + 1
        elif not self.open:
            if self.block:
                self._piece(self.done, offset)
                self.ended = offset
            elif self.done >= 0:
                self._stands_beside(offset)
            else:
                self.whole.unread.append(Piece(self.unread, offset + 1))
            self.block, self.done = None, offset + 1

    def _stands_beside(self, offset: int) -> None:
        if self.bare.startswith("importURI", self.done):
            said = _TEXT.search(self.clean, self.done, offset)
            self.whole.imports.append((said[0].strip("\"'") if said else "", self.done))
        else:
            self.beside.pieces.append(Piece(self.done, offset + 1))

    def _end_what_was_left_open(self, heading: str, seen: int) -> None:
        model = MODEL.search(heading)
        if model:
            self._report_open(self.open[-1], model)
            self._end_statement(seen + model.start())
            self.open.clear()
            self.block, self.done = None, seen + model.start()
        elif self.block and len(self.open) > 1 and self.block.part in HEADING:
            found = HEADING[self.block.part].search(heading)
            if found and not found.groupdict().get("inner"):
                self._report_open(self.open[1], found)
                self._end_statement(seen + found.start())
                self.done = seen + found.start()
                del self.open[1:]

    def _report_open(self, where: int, before: re.Match[str]) -> None:
        self.odd += 1
        said = " ".join(before[0].split())
        self.problems.report(
            "K004", self.places.at(where), f"this '{{' is not closed before {said!r}", help="add the missing '}' before it"
        )

    def _end_statement(self, end: int) -> None:
        if self.block:
            self._piece(self.done, end, missing=len(self.open) - 1)
        elif self.done >= 0 and self.open:
            self.beside.pieces.append(Piece(self.done, end, len(self.open)))

    def _unknown(self, heading: str, seen: int, offset: int) -> None:
        start = seen + len(heading) - len(heading.lstrip())
        said = " ".join(heading.split()[:3])
        text = f"{said!r} is no part of a camel model" if said else "a block without a heading"
        known = (*MODELS, *YOUNGER) if self.parts else MODELS
        help_ = near(heading.split()[0], known) if said else ""
        help_ = help_ or f"a sub-model is one of: {', '.join(known)} or {LAYER} model"
        self.problems.report("K008", self.places.at(min(start, offset), len(said)), text, help=help_)

    def _nothing_between(self, start: int, end: int) -> None:
        left = self.bare[start:end] if start >= 0 else ""
        told = DESCRIPTION.match(left) if self.parts else None
        start, left = (start + told.end(), left[told.end() :]) if told else (start, left)
        if left.strip():
            word = left.split()[0]
            at = start + len(left) - len(left.lstrip())
            self.problems.report("K007", self.places.at(at, len(word)), f"{word!r} is not expected here")

    def _piece(self, start: int, end: int, missing: int = 0) -> None:
        if self.block:
            stretches = list(self._apart(self.block.part, start, end))
            for first, last in stretches:
                if self.bare[first:last].strip():
                    self.block.pieces.append(Piece(first, last, missing if last == end else 0))

    def _apart(self, part: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Cut statements without braces from each other and from the block after them."""
        brace = self.bare.find("{", start, end)
        before = end if brace < 0 or part in UNCUT else brace
        if part not in BARE or not BARE[part].search(self.bare, start, before):
            yield start, end
            return
        marks = [found.start() for found in STARTS[part].finditer(self.bare, start, before)]
        if part in UNCUT:
            marks = self._outer(marks, start)
        if not marks or self.bare[start : marks[0]].strip():
            marks.insert(0, start)
        yield from zip(marks, [*marks[1:], end], strict=True)

    def _outer(self, marks: list[int], start: int) -> list[int]:
        """Return those marks that no bracket or brace is around."""
        found, deep, done = [], 0, start
        for mark in marks:
            deep += sum(1 if sign in "({" else -1 for sign in _AROUND.findall(self.bare, done, mark))
            done = mark
            if deep <= 0:
                found.append(mark)
        return found


def _said(part: str) -> str:
    return part.rstrip("3")
