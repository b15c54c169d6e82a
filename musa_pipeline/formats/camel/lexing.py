"""Characters of a CAMEL file: comments and quoted texts told from the rest, every character still at its old place."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span

NAME: Final = r"\^?[^\W\d]\w*"
_TOKEN: Final = re.compile(r"//[^\n]*|/\*|[\"'{}]")
_ON_ITS_LINE: Final = {quote: re.compile(rf"[^{quote}\\\n]*+(?:\\[^\n][^{quote}\\\n]*+)*+{quote}") for quote in "\"'"}
_OVER_LINES: Final = {quote: re.compile(rf"[^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+{quote}", re.DOTALL) for quote in "\"'"}
_BEFORE_A_TEXT: Final = re.compile(r"[:,\[]\s*$")
_AFTER_A_TEXT: Final = re.compile(r"[\s,\])}]|$")
_NOT_LINE_END: Final = re.compile(r"[^\n]")


class Places:
    """Offsets of one file as lines and columns; those of more files come after them."""

    def __init__(self, text: str, file: str) -> None:
        self._bases: list[int] = []
        self._files: list[tuple[str, list[int]]] = []
        self._end = 0
        self.more(text, file)

    def more(self, text: str, file: str) -> int:
        """Add a file, and return the offset at which it begins."""
        base = self._end
        self._bases.append(base)
        self._files.append((file, [0, *(found.end() for found in re.finditer("\n", text))]))
        self._end += len(text) + 1
        return base

    def at(self, offset: int, length: int = 1) -> Span:
        """Return the place of an offset."""
        number = bisect_right(self._bases, offset) - 1
        file, starts = self._files[number]
        column = offset - self._bases[number]
        line = bisect_right(starts, column)
        return Span(file, line, column - starts[line - 1] + 1, max(1, length))


class Within:
    """The places of one of several files, by offsets in that file."""

    def __init__(self, places: Places, base: int) -> None:
        self.places, self.base = places, base

    def at(self, offset: int, length: int = 1) -> Span:
        """Return the place of an offset."""
        return self.places.at(self.base + offset, length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexed:
    """`clean` has blanks where comments were, `bare` also where texts were; `braces` are those outside of both."""

    clean: str
    bare: str
    braces: tuple[tuple[int, str], ...]


def lex(text: str, places: Places | Within, problems: Problems) -> Lexed:
    """Tell comments and texts from the rest; what is not closed is closed here, after an error."""
    return _Lexer(text, places, problems).run()


class _Lexer:
    def __init__(self, text: str, places: Places | Within, problems: Problems) -> None:
        self.text, self.places, self.problems = text, places, problems
        self.hopeless: set[str] = set()  # kinds of quotes that nothing ends any more: looked for once, so that time stays linear

    def run(self) -> Lexed:
        clean: list[str] = []
        bare: list[str] = []
        braces: list[tuple[int, str]] = []
        done = 0
        while found := _TOKEN.search(self.text, done):
            start, sign = found.start(), found[0]
            between = self.text[done:start]
            if sign in "{}":
                braces.append((start, sign))
                done, said, masked = start + 1, sign, sign
            elif sign in "\"'":
                done, said = self._quoted(start)
                masked = sign + _blank(said[1:-1]) + sign
            else:
                done = found.end() if sign != "/*" else self._comment(start)
                said = masked = _blank(self.text[start:done])
            clean += (between, said)
            bare += (between, masked)
        rest = self.text[done:]
        return Lexed(clean="".join([*clean, rest]), bare="".join([*bare, rest]), braces=tuple(braces))

    def _comment(self, start: int) -> int:
        end = self.text.find("*/", start + 2)
        if end >= 0:
            return end + 2
        self.problems.report("K003", self.places.at(start, 2), "this comment is never closed", help="end it by `*/`")
        return len(self.text)

    def _quoted(self, start: int) -> tuple[int, str]:
        """Return end and form of the text that begins here. One that would end where another begins lacks its end."""
        text, quote = self.text, self.text[start]
        short = _ON_ITS_LINE[quote].match(text, start + 1)
        if short:
            return short.end(), text[start : short.end()]
        line = text.find("\n", start)
        if line >= 0 and quote not in self.hopeless:
            long = _OVER_LINES[quote].match(text, start + 1)
            if not long:
                self.hopeless.add(quote)
            elif _AFTER_A_TEXT.match(text, long.end()) and not _BEFORE_A_TEXT.search(
                text, max(start + 1, long.end() - 20), long.end() - 1
            ):
                return long.end(), text[start : long.end()]
        self.problems.report("K003", self.places.at(start), "this text is not closed", help=f"end it by {quote}")
        if line < 0:
            return len(text), text[start:].replace("\\", " ") + quote
        # the line's end becomes the missing quote, so that no character moves
        return line + 1, text[start:line].replace("\\", " ") + quote


def _blank(said: str) -> str:
    return _NOT_LINE_END.sub(" ", said)
