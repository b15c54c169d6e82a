"""The part of Cypher that writes a graph down: CREATE and MERGE of nodes and arcs, MATCH of nodes that are there.

Nothing is executed: what else Cypher can say is told, and passed over (openCypher 9, chapters on CREATE, MERGE and patterns).
"""

from collections.abc import Mapping
from typing import Final

from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.macm.graph import Arc, Graph, Property, Value, Vertex
from musa_pipeline.formats.macm.tokens import Kind, Places, Token, tokens, unquoted

CLAUSES: Final = frozenset({"CREATE", "MERGE", "MATCH"})
_OTHERS: Final = frozenset(
    {"SET", "DELETE", "DETACH", "REMOVE", "RETURN", "WITH", "UNWIND", "OPTIONAL", "ON", "CALL", "FOREACH", "LOAD", "USE", "WHERE"}
    | {"DROP", "LIMIT", "ORDER", "UNION"}
)
_SCHEMA: Final = frozenset({"INDEX", "CONSTRAINT", "UNIQUE", "FULLTEXT", "RANGE", "TEXT", "VECTOR", "LOOKUP", "DATABASE", "OR"})
"""What CREATE may make besides a graph."""
_DEEPEST: Final = 20
_DIGITS: Final = 300
_WORDS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}


class _Wrong(Exception):
    """The text does not go on as Cypher; what is wrong has been told."""


def read_cypher(text: str, file: str, findings: Findings) -> Graph:
    """Return the graph that a text writes; what cannot be read is told with its place, and the next pattern is gone on with."""
    return _Reader(text, file, findings).graph()


class _Reader:
    def __init__(self, text: str, file: str, findings: Findings) -> None:
        self._tokens, self._places, self._findings = tokens(text), Places(text, file), findings
        self._now = next(self._tokens)
        self._ahead: Token | None = None
        self._statement, self._broken = 0, False
        self._vertices: dict[str, Vertex] = {}
        self._named: dict[str, tuple[str, int]] = {}
        self._marked: dict[tuple[str, Value], list[str]] = {}
        self._missing: dict[str, Span] = {}
        self._arcs: list[Arc] = []

    # statements

    def graph(self) -> Graph:
        while self._now.kind is not Kind.END:
            word = self._now.text.upper() if self._now.kind is Kind.NAME else self._now.text
            if word == ";":
                self._take()
                self._statement += 1
            elif word in CLAUSES and self._next().text.upper() not in _SCHEMA:
                self._take()
                self._patterns(word)
            else:
                self._pass_over()
        self._tell_missing()
        arcs = (each for each in self._arcs if each.source in self._vertices and each.target in self._vertices)
        return Graph(vertices=tuple(self._vertices.values()), arcs=tuple(arcs))

    def _pass_over(self) -> None:
        """Go on at the next clause that writes a graph."""
        token, at = self._now, self._places.at(self._now)
        if token.kind is Kind.NAME:
            text = f"{token.text[:40]!r} is not read: a composition model is written with CREATE or MERGE"
            self._findings.warn("H004", at, text, "say in the node itself what is set later")
        elif token.kind is Kind.UNCLOSED:
            self._findings.error("H003", at, f"{token.text!r} is opened here and never closed", "close it")
        else:
            self._findings.error("H003", at, f"expected 'CREATE', found {token.text[:40]!r}", "begin with CREATE, then (node), …")
        self._take()
        while self._now.kind is not Kind.END and self._now.text != ";" and self._now.text.upper() not in CLAUSES:
            self._take()

    def _patterns(self, clause: str) -> None:
        while True:
            try:
                self._pattern(clause)
                if self._now.text != "," and not self._clause_ends():
                    self._wrong("',' or ';'")
            except _Wrong:
                self._broken = True
                self._recover()
            if self._now.text != ",":
                return
            comma = self._take()
            if self._clause_ends():
                self._findings.warn("H003", self._places.at(comma), "a comma with nothing after it", "take it away")
                return

    def _clause_ends(self) -> bool:
        now = self._now
        return now.kind is Kind.END or now.text == ";" or (now.kind is Kind.NAME and now.text.upper() in CLAUSES | _OTHERS)

    def _recover(self) -> None:
        """Go on at the next comma before a node, or the next statement."""
        while self._now.kind is not Kind.END and self._now.text != ";":
            if self._now.text == "," and self._next().text == "(":
                return
            if self._now.kind is Kind.NAME and self._now.text in CLAUSES:
                return
            self._take()

    # patterns

    def _pattern(self, clause: str) -> None:
        if self._now.kind is Kind.NAME and self._next().text == "=":
            self._take()
            self._take()
        source = self._node(clause)
        while self._now.text in ("-", "<-", "--", "-->", "<--"):
            kind, properties, at, forward = self._arrow()
            target = self._node(clause)
            ends = (source, target) if forward else (target, source)
            if clause != "MATCH":
                self._arcs.append(Arc(kind=kind, source=ends[0], target=ends[1], properties=properties, at=at))
            source = target

    def _node(self, clause: str) -> str:
        start = self._expect("(")
        variable, named = "", start
        if self._now.kind in (Kind.NAME, Kind.TICKED):
            named = self._take()
            variable = unquoted(named) if named.kind is Kind.TICKED else named.text
        labels = []
        while self._now.text in (":", "&"):
            self._take()
            labels.append(self._name("a label"))
        properties = self._properties() if self._now.text == "{" else {}
        self._expect(")")
        at = self._places.at(named)
        if clause == "MATCH":
            return self._matched(variable, labels, properties, at)
        return self._vertex(variable, tuple(labels), properties, at, merge=clause == "MERGE")

    def _vertex(self, variable: str, labels: tuple[str, ...], properties: dict[str, Property], at: Span, *, merge: bool) -> str:
        known = self._named.get(variable) if variable else None
        if not labels and not properties and variable:
            if known:
                return known[0]
            self._missing.setdefault(variable, at)
            return f"?{variable}"
        if merge and (same := self._same(labels, properties)):
            if variable:
                self._named[variable] = same, self._statement
            return same
        if known and known[1] == self._statement:
            first = self._vertices[known[0]].at.line
            text = f"node {variable!r} is created twice"
            self._findings.error("H005", at, text, f"the first is at line {first}; give each its own variable")
            return known[0]
        key = f"{len(self._vertices)}"
        self._vertices[key] = Vertex(key=key, variable=variable, labels=labels, properties=properties, at=at)
        for mark in (*((each, None) for each in labels), *((name, each.value) for name, each in properties.items())):
            self._marked.setdefault(mark, []).append(key)
        if variable:
            self._named[variable] = key, self._statement
        return key

    def _same(self, labels: tuple[str, ...], properties: Mapping[str, Property]) -> str:
        """Return the node that a MERGE or MATCH finds: it has these labels and these values."""
        marks = [*((each, None) for each in labels), *((name, each.value) for name, each in properties.items())]
        candidates = min((self._marked.get(each, []) for each in marks), key=len, default=[])
        for key in candidates:
            each = self._vertices[key]
            if set(labels) <= set(each.labels) and all(
                name in each.properties and each.properties[name].value == one.value for name, one in properties.items()
            ):
                return key
        return ""

    def _matched(self, variable: str, labels: list[str], properties: dict[str, Property], at: Span) -> str:
        found = self._same(tuple(labels), properties)
        if not found:
            self._findings.warn("H004", at, "MATCH finds no node that is created before it", "create the node first")
        elif variable:
            self._named[variable] = found, self._statement
        return found

    def _arrow(self) -> tuple[str, dict[str, Property], Span, bool]:
        """Return type, properties, place and direction of an arc."""
        first = self._take()
        kind, properties = "", {}
        named = first
        directed = first.text in ("<-", "<--", "-->")
        if first.text in ("-", "<-"):
            self._expect("[")
            if self._now.kind in (Kind.NAME, Kind.TICKED):
                self._take()
            if self._now.text == ":":
                self._take()
                named = self._now
                kind = self._name("the type of a relation")
            if self._now.text == "{":
                properties = self._properties()
            self._expect("]")
            last = self._take() if self._now.text in ("-", "->") else self._wrong("'->'")
            directed = directed or last.text == "->"
        at = self._places.at(named)
        if not kind or not directed:
            missing = "a type" if directed else "a direction"
            self._findings.warn("H003", at, f"a relation without {missing}", "write (source)-[:uses]->(target)")
        return kind, properties, at, not first.text.startswith("<")

    # properties

    def _properties(self) -> dict[str, Property]:
        self._expect("{")
        found: dict[str, Property] = {}
        while self._now.text != "}":
            token = self._now
            name, at = self._name("a property"), self._places.at(token)
            self._expect(":")
            if name in found:
                self._findings.warn("H003", at, f"property {name!r} is here twice; the last counts", "take one away")
            found[name] = Property(value=self._value(0), at=at)
            if self._now.text != ",":
                break
            self._take()
        self._expect("}")
        return found

    def _value(self, depth: int) -> Value:
        token = self._now
        if depth > _DEEPEST:
            self._wrong("a list that is not so deep")
        if token.kind is Kind.TEXT:
            return unquoted(self._take())
        if token.kind is Kind.NUMBER and len(token.text) < _DIGITS:
            self._take()
            return float(token.text) if set(token.text) & set(".eE") else int(token.text)
        if token.kind is Kind.NAME and token.text.lower() in _WORDS:
            return _WORDS[self._take().text.lower()]
        if token.text == "[":
            return self._list(depth)
        self._wrong("a text in quotes, a number, true, false or a list")
        return None

    def _list(self, depth: int) -> Value:
        self._take()
        found: list[Value] = []
        while self._now.text != "]":
            found.append(self._value(depth + 1))
            if self._now.text != ",":
                break
            self._take()
        self._expect("]")
        return tuple(found)

    # tokens

    def _name(self, what: str) -> str:
        if self._now.kind not in (Kind.NAME, Kind.TICKED):
            self._wrong(what)
        token = self._take()
        return unquoted(token) if token.kind is Kind.TICKED else token.text

    def _expect(self, sign: str) -> Token:
        return self._take() if self._now.text == sign and self._now.kind is Kind.SIGN else self._wrong(repr(sign))

    def _wrong(self, expected: str) -> Token:
        token, at = self._now, self._places.at(self._now)
        if token.kind is Kind.UNCLOSED:
            self._findings.error("H003", at, f"{token.text!r} is opened here and never closed", "close it")
        else:
            found = "the end of the file" if token.kind is Kind.END else repr(token.text[:40])
            self._findings.error("H003", at, f"expected {expected}, found {found}", "what is read: docs/formats/macm.md")
        raise _Wrong

    def _take(self) -> Token:
        token = self._now
        if self._ahead is not None:
            self._now, self._ahead = self._ahead, None
        elif token.kind is not Kind.END:
            self._now = next(self._tokens)
        return token

    def _next(self) -> Token:
        if self._ahead is None and self._now.kind is not Kind.END:
            self._ahead = next(self._tokens)
        return self._ahead or self._now

    def _tell_missing(self) -> None:
        for variable, at in self._missing.items():
            if variable in self._named or self._broken:  # created further down, or where the text could not be read
                continue
            way_out = self._findings.near(variable, self._named) or "create it: (variable:Service {name: …})"
            self._findings.error("H006", at, f"a relation leads to {variable!r}, which the file does not create", way_out)
        key = {f"?{each}": self._named[each][0] for each in self._missing if each in self._named}
        self._arcs = [
            Arc(kind=one.kind, source=key.get(one.source, one.source), target=key.get(one.target, one.target),
                properties=one.properties, at=one.at)
            for one in self._arcs
        ]  # fmt: skip
