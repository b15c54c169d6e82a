"""Cypher text as tokens, each at its place; comments and blanks are passed over."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from musa_pipeline.domain.source import Span

_TOKEN: Final = re.compile(
    r"""(?:\s++|//[^\n]*+|/\*(?s:.*?)\*/)*+
    (?: (?P<name> [^\W\d]\w*+ )
    | (?P<ticked> `(?:[^`]|``)*+` )
    | (?P<text> '(?:[^'\\]|\\(?s:.))*+' | "(?:[^"\\]|\\(?s:.))*+" )
    | (?P<number> -?(?:\d++(?:\.\d++)?|\.\d++)(?:[eE][-+]?\d++)?(?!\w) )
    | (?P<sign> <--|-->|<-|->|--|[(){}\[\]:,;] )
    | (?P<unclosed> /\*|['"`] )
    | (?P<other> (?s:.) ) | \Z )""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|(?s:.))")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_MUST_ESCAPE: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Kind(StrEnum):
    """What a token is. A text or comment that nobody closes is told from a sign that Cypher does not have here."""

    NAME = "name"
    TICKED = "ticked"
    TEXT = "text"
    NUMBER = "number"
    SIGN = "sign"
    UNCLOSED = "unclosed"
    OTHER = "other"
    END = "end"


class Token(NamedTuple):
    """One word: as it stands in the text, from this character on."""

    kind: Kind
    text: str
    offset: int


class Places:
    """Offsets of a text as lines and columns."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def at(self, token: Token) -> Span:
        """Return where a token stands."""
        line = bisect_right(self._starts, token.offset)
        column = token.offset - self._starts[line - 1] + 1
        return Span(self._file, line, column, max(1, len(token.text.partition("\n")[0])))


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, and one that says where it ends: where nobody closes a text or a comment, at once.

    >>> [each.text for each in tokens("CREATE (a:CSP {name: 'A'}) // all")]
    ['CREATE', '(', 'a', ':', 'CSP', '{', 'name', ':', "'A'", '}', ')', '']
    """
    kinds = {each.value: each for each in Kind}
    new = tuple.__new__  # what a NamedTuple does itself, without its check of names: half the time of reading goes by here
    for found in _TOKEN.finditer(text):
        if kind := found.lastgroup:
            yield new(Token, (kinds[kind], found[kind], found.start(kind)))
            if kind == Kind.UNCLOSED:
                break
    yield Token(Kind.END, "", len(text))


def unquoted(token: Token) -> str:
    r"""Return the text between quotes, or the name between backticks.

    >>> unquoted(Token(Kind.TEXT, r"'it\'s \u00e9'", 0)), unquoted(Token(Kind.TICKED, "`a-b`", 0))
    ("it's é", 'a-b')
    """
    if token.kind is Kind.TICKED:
        return token.text[1:-1].replace("``", "`")
    plain = _ESCAPE.sub(_unescaped, token.text[1:-1])
    # two halves of a sign beyond the first plane become that sign; a half alone is none
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if "\\u" in token.text else plain


def _unescaped(found: re.Match[str]) -> str:
    said = found[1]
    return chr(int(said[1:], 16)) if len(said) == 5 else _ESCAPED.get(said, said)


def quoted(text: str) -> str:
    r"""Return a text as a literal; signs that are not printed are escaped, so that no terminal obeys them.

    >>> print(quoted("it's\x1b"))
    'it\'s\u001b'
    """
    return "'" + "".join(_MUST_ESCAPE.get(each) or (each if each.isprintable() else _code(each)) for each in text) + "'"


def _code(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
