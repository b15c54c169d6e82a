"""The textX grammar of each sub-model: compiled when a file first uses it, and its syntax errors in few words."""

import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.blocks import Piece
from musa_pipeline.formats.camel.lexing import Lexed, Places, Within
from musa_pipeline.formats.camel.statements import of_class, rules_in, shapes

_FILES: Final[dict[str, tuple[str, ...]]] = {
    "application": ("actions",),
    "deployment": (),
    "execution": ("date", "layers"),
    "location": (),
    "metric": ("range", "date", "layers", "formula", "value"),
    "organisation": ("date", "actions"),
    "provider": ("range", "units", "value"),
    "requirement": ("range",),
    "scalability": ("range", "layers", "actions"),
    "security": ("layers", "formula", "value"),
    "type": ("value",),
    "unit": ("units",),
    "musa1": (),
    "application3": ("feature3", "value3"),
    "constraint3": ("date3", "value3"),
    "data3": ("feature3", "value3"),
    "deployment3": ("configuration3", "feature3", "value3"),
    "location3": ("feature3", "value3"),
    "metadata3": (),
    "metric3": ("configuration3", "feature3", "value3", "date3"),
    "organisation3": ("feature3", "value3", "date3"),
    "requirement3": ("feature3", "value3"),
    "scalability3": ("feature3", "value3"),
    "security3": ("feature3", "value3"),
    "type3": ("value3",),
    "unit3": ("feature3", "value3"),
}
"""Which shared rules each part needs beside its own; a file that uses three parts compiles three."""

_COMMENT: Final = re.compile(r"^\s*//.*$", re.MULTILINE)
_HEAD: Final = re.compile(r"\s*(?:\([^)]*\)\s*)?((?:'[^']+'\s*)+)")
_WORD: Final = re.compile(r"'([^']+)'")
_BLOCK: Final = re.compile(r"(.*?'\{' \()(.*)(\)\* '\}')$", re.DOTALL)
"""A rule whose block says things in any order."""
_NESTING: Final = re.compile(r"'[^']+'|[()|]")
_PHRASE: Final = re.compile(r"'[a-z0-9][\w-]*:?'(?:\s+'[\w-]+:?')*")
_READABLE: Final = {
    "Name": "a name",
    "Path": "a reference",
    "Quoted": "a text in quotes",
    "Whole": "a whole number",
    "Number": "a number",
    "Date": "a date",
    "UnitKind": "a unit",
    "Comparison": "a comparison such as >",
    "Kebab": "a word",
    "Protocol": "a protocol",
    "ControlWord": "a control such as SC-5",
    "Quantity": "a quantity such as 99 %",
}
_COMPONENT: Final = {
    "deployment": re.compile(r"\s*(?:internal\s+component|vm)\s+\^?[^\W\d]\w*\s*\{"),
    "deployment3": re.compile(r"\s*(?:software|vm|paas|container)\s+\^?[^\W\d]\w*\s*\{"),
    "musa1": re.compile(r"\s*external\s+component\s+\^?[^\W\d]\w*\s*\{"),
}
"""Headings of components, by the part that has them."""
_FOUND: Final = re.compile(r"\^?[^\W\d][\w-]{0,99}:?|-?\d[\w.]{0,99}|.", re.DOTALL)
_MOST_SHOWN: Final = 8
MOST_UNREAD: Final = 1_000
"""Broken statements of one file that are told."""


class Grammar:
    """One part, or those of its statements that a file uses: its metamodel, and the phrases that are keywords in it."""

    def __init__(self, part: str, without: frozenset[str]) -> None:
        from textx import metamodel_from_str

        rules = _rules(part)
        own = "\n".join(f"{name}:{body};" for name, body in rules.items())
        phrases = sorted({" ".join(_WORD.findall(each)) for each in _PHRASE.findall(own)}, key=lambda each: (-len(each), each))
        self.phrases = frozenset(phrases)
        starts = [each.split()[0] for each in phrases]
        self.phrase_of = {start: phrase for start, phrase in zip(starts, phrases, strict=True) if starts.count(start) == 1}
        text = _only_needed(rules, without) + _load("words").replace("RESERVED", _reserved(phrases))
        self.model = metamodel_from_str(text, autokwd=True)

    def read(self, text: str, offset: int) -> list[Any]:
        """Return the statements of one piece that begins at `offset`; raises textX's syntax error.

        A text without any line end is searched for one at each of its words, which takes quadratic time.
        """
        return [_plain(each, offset) for each in self.model.model_from_str(text + "\n").items]


@lru_cache(maxsize=64)
def grammar(part: str, without: frozenset[str] = frozenset()) -> Grammar:
    """Return the grammar of a part, compiled once."""
    return Grammar(part, without)


class Reader:
    """Reads the pieces of one file.

    Statements whose heading the file does not have are left out of its grammars: compiling a rule costs more than reading a
    statement, and most files use a third of the language. The whole grammar of a part is compiled only to word an error.
    """

    def __init__(self, lexed: Lexed, places: Places | Within, problems: Problems) -> None:
        self.clean, self.bare, self.places, self.problems = lexed.clean, lexed.bare, places, problems
        self.base = places.base if isinstance(places, Within) else 0
        self.unread: list[Piece] = []
        self._without: dict[str, frozenset[str]] = {}

    def read(self, part: str, piece: Piece) -> list[Any]:
        """Return the statements in one piece; nothing after a syntax error, which is reported."""
        from textx import TextXSyntaxError

        if len(self.unread) > MOST_UNREAD:
            return []
        if len(self.unread) == MOST_UNREAD:
            text = f"more than {MOST_UNREAD:,} statements cannot be read; the rest of the file is not looked at"
            self.problems.report("K005", self.places.at(piece.start), text, help="mend these first")
            self.unread.append(Piece(piece.start, len(self.bare)))
            return []
        text = self.clean[piece.start : piece.end] + "}" * piece.missing
        try:
            return grammar(part, self._unused(part)).read(text, self.base + piece.start)
        except TextXSyntaxError:
            return self._fully(part, piece, text)
        except RecursionError:
            self.problems.report("K005", self.places.at(piece.start), "nested too deeply to be read")
        self.unread.append(piece)
        return []

    def _fully(self, part: str, piece: Piece, text: str) -> list[Any]:
        from textx import TextXSyntaxError

        used = grammar(part)
        try:
            return used.read(text, self.base + piece.start)
        except TextXSyntaxError as error:
            _report(used, error, text, piece, self.places, self.problems, secret=part.startswith("organisation"))
        except RecursionError:
            self.problems.report("K005", self.places.at(piece.start), "nested too deeply to be read")
        self.unread.append(piece)
        return self._by_its_heading(part, used, text, self.base + piece.start)

    def _by_its_heading(self, part: str, used: Grammar, text: str, offset: int) -> list[Any]:
        """Return a component whose body cannot be read as one without a body: others speak of it, and it is there."""
        from textx import TextXSyntaxError

        heading = _COMPONENT[part].match(text) if part in _COMPONENT else None
        if not heading:
            return []
        try:
            return used.read(heading[0] + "}", offset)
        except TextXSyntaxError:
            return []

    def _unused(self, part: str) -> frozenset[str]:
        if part not in self._without:
            heads = _heads(part)
            self._without[part] = frozenset(name for name, head in heads.items() if not head.search(self.bare))
        return self._without[part]


def _plain(node: Any, offset: int) -> Any:
    """Return a statement of textX as one of ours: the parser's trees are not kept, and what is single stays single."""
    kind = type(node).__name__
    found = of_class(kind)()
    found.at = offset + node._tx_position
    for name, several in shapes()[kind].items():
        value = getattr(node, name, None)
        if isinstance(value, list):
            value = [_plain(each, offset) if hasattr(each, "_tx_position") else each for each in value]
            value = value if several else value[0] if value else None
        elif hasattr(value, "_tx_position"):
            value = _plain(value, offset)
        elif several:
            value = [] if value is None else [value]
        setattr(found, name, value)
    return found


def _report(
    used: Grammar, error: Any, text: str, piece: Piece, places: Places | Within, problems: Problems, *, secret: bool
) -> None:
    """Tell what stands there and what may; in organisation models, which hold credentials, nothing of the file is repeated."""
    offset = _offset(text, error.line, error.col)
    found = _FOUND.match(text, offset)
    word = found[0] if found else ""
    at = places.at(min(piece.start + offset, max(piece.start, piece.end - 1)), len(word))
    expected = sorted({_readable(used, each) for each in error.expected_rules or ()} - {""})
    if offset >= piece.end - piece.start or not word:
        said = "the statement ends too early"
    elif secret or word in "\"'":
        said = "not expected here"
    else:
        said = f"{word!r} is not expected here"
    hint = "" if secret else near(word, [each.strip("'") for each in expected])
    if word in used.phrases and {"a name", "a reference"} & set(expected):
        hint = f"{word!r} is a keyword here; write '^{word}' if it is a name"
    shown = expected[:_MOST_SHOWN] + (["..."] if len(expected) > _MOST_SHOWN else [])
    if secret:
        said, at = f"column {at.column}: {said}", Span(at.file, at.line)
    problems.report("K051" if secret else "K002", at, said, help=hint or ("expected: " + ", ".join(shown) if shown else ""))


def _readable(used: Grammar, rule: Any) -> str:
    named = _READABLE.get(rule.rule_name)
    if named:
        return named
    word = str(getattr(rule, "to_match", None) or "")
    return f"'{used.phrase_of.get(word, word)}'" if word else ""


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(len(text), start + column - 1)


@cache
def _rules(part: str) -> dict[str, str]:
    """Return the rules of a part by name, shared ones included, words excluded."""
    return rules_in("\n".join(_load(each) for each in (part, *_FILES[part])))


@cache
def _heads(part: str) -> dict[str, re.Pattern[str]]:
    """Return a pattern of the keywords that a rule of a part, or one alternative of a block, begins with; if it does."""
    rules = _rules(part)
    block = [each for body in rules.values() for each in _alternatives(body)]
    bodies = {**{each: each for each in block}, **{name: body for name, body in rules.items() if name not in ("Part", "Item")}}
    found = {name: _HEAD.match(body) for name, body in bodies.items()}
    return {name: re.compile(r"\s+".join(map(re.escape, _WORD.findall(head[1])))) for name, head in found.items() if head}


def _only_needed(rules: dict[str, str], without: frozenset[str]) -> str:
    kept = [each.strip() for each in rules["Item"].split("|") if each.strip() not in without] if without else []
    all_of_them = {name: _pruned(body, without) for name, body in rules.items()}
    if kept:
        all_of_them["Item"] = " " + " | ".join(kept)
    needed, waiting = [], ["Part"]
    while waiting:
        name = waiting.pop()
        if name in needed or name not in all_of_them:
            continue
        needed.append(name)
        waiting += reversed(re.findall(r"\b[A-Z]\w+", _WORD.sub("", all_of_them[name])))
    return "\n".join(f"{name}:{all_of_them[name]};" for name in needed)


def _alternatives(body: str) -> list[str]:
    """Return what may stand in the block of a rule, any number of times, if it is such a one."""
    block = _BLOCK.match(body)
    if not block:
        return []
    found, deep, done = [""], 0, 0
    for sign in _NESTING.finditer(block[2]):
        found[-1] += block[2][done : sign.start()]
        done = sign.end()
        deep += {"(": 1, ")": -1}.get(sign[0], 0)
        if sign[0] == "|" and not deep:
            found.append("")
        else:
            found[-1] += sign[0]
    found[-1] += block[2][done:]
    return [each.strip() for each in found]


def _pruned(body: str, without: frozenset[str]) -> str:
    """Leave out of a block what the file does not use."""
    block = _BLOCK.match(body)
    if not block or not without:
        return body
    all_of_them = _alternatives(body)
    kept = [each for each in all_of_them if each not in without and each.partition("=")[2] not in without]
    return f"{block[1]}{' | '.join(kept or all_of_them[:1])}{block[3]}"


def _reserved(phrases: list[str]) -> str:
    words = [re.escape(each).replace(r"\ ", r"\s+") for each in phrases]
    return "(?:" + "|".join(each if each.endswith(":") else rf"{each}\b" for each in words) + ")"


def _load(name: str) -> str:
    text = resources.files(__package__).joinpath("grammar").joinpath(f"{name}.tx").read_text(encoding="utf-8")
    return _COMMENT.sub("", text)
