"""Conditions checked before anything happens: names that exist, fields that a record has, values that can be compared."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.sight import ASKING, EVENTS, RECORDS
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.policies.known import ASKED, NOBODY, Checked, Known
from musa_pipeline.text.cel import Cel, CelWrong, read_cel
from musa_pipeline.text.yaml import Scalar

_COMPARED = ("<", "<=", ">", ">=")
_TEXTS = ("startsWith", "endsWith", "matches")
_MACROS = ("exists", "exists_one", "all", "filter", "map")
_ANY = "any"


def check_condition(
    node: Scalar, what: str, lists: Collection[str], problems: Problems, *, known: Known = NOBODY, code: str = "P010"
) -> str:
    """Return the condition's text; empty if it cannot be used.

    Codes: P010 not an expression, P011 an unknown name, field, question or list, P012 values that do not go together,
    P016 to P019 names that are not known.
    """
    text = node.text.strip()
    said = problems.errors
    try:
        cel = read_cel(text)
    except CelWrong as error:
        problems.report(
            code, _at(node, error.offset), f"condition {_short(text)!r} is {error.text}", help="see docs/formats/policies.md"
        )
        return ""
    checker = _Checker(
        what,
        lists,
        lambda code, cel, text, help_: problems.report(code, _at(node, cel.offset, len(cel.text)), text, help=help_),
        lambda kind, cel: Checked(known, problems).name(kind, _written(cel), _at(node, cel.offset, len(cel.text))),
    )
    kind = checker.type_of(cel)
    if kind not in ("bool", _ANY):
        problems.report(
            "P012", node.at, f"condition {_short(text)!r} is {_a(kind)}, not true or false", help="compare it with something"
        )
    return text if problems.errors == said else ""


@dataclass(slots=True)
class _Checker:
    what: str
    lists: Collection[str]
    report: Callable[[str, Cel, str, str], None]
    name: Callable[[str, Cel], None]
    variables: dict[str, str] = field(default_factory=dict)

    def type_of(self, cel: Cel) -> str:
        match cel.form:
            case "literal":
                return {"BOOL_LIT": "bool", "STRING_LIT": "text", "MLSTRING_LIT": "text"}.get(cel.name, _number(cel.name))
            case "name":
                return self._name(cel)
            case "field":
                return self._field(cel, self.type_of(cel.parts[0]))
            case "index":
                whole = self.type_of(cel.parts[0])
                self.type_of(cel.parts[1])
                return whole.removeprefix("list of ") if whole.startswith("list of ") else _ANY
            case "call":
                return self._call(cel)
            case "not":
                self._want(cel.parts[0], "bool")
                return "bool"
            case "minus":
                self._want(cel.parts[0], "number")
                return "number"
            case "&&" | "||":
                for each in cel.parts:
                    self._want(each, "bool")
                return "bool"
            case "choice":
                self._want(cel.parts[0], "bool")
                one, other = (self.type_of(each) for each in cel.parts[1:])
                return one if one == other else _ANY
            case "list":
                kinds = {self.type_of(each) for each in cel.parts}
                return f"list of {kinds.pop()}" if len(kinds) == 1 else "list of any"
            case "map" | "object":
                self.report(
                    "P010", cel, f"{_short(cel.text)!r} makes a value; a condition only asks", "see docs/formats/policies.md"
                )
                return _ANY
            case operator:
                return self._operation(cel, operator)

    def _operation(self, cel: Cel, operator: str) -> str:
        one, other = (self.type_of(each) for each in cel.parts)
        if operator == "in":
            if not other.startswith("list of ") and other != _ANY:
                self.report("P012", cel, f"{_short(cel.parts[1].text)!r} is {_a(other)}, not a list", "")
            elif not _alike(one, other.removeprefix("list of ")):
                self.report("P012", cel, f"{_a(one)} is never in {_a(other)}", "")
            return "bool"
        if not _alike(one, other) or (operator in _COMPARED and "bool" in (one, other)):
            self.report("P012", cel, f"{_short(cel.text)!r}: {_a(one)} cannot be compared or combined with {_a(other)}", "")
        if operator in (*_COMPARED, "==", "!="):
            return "bool"
        return one if one != _ANY else other

    def _want(self, cel: Cel, wanted: str) -> None:
        kind = self.type_of(cel)
        if not _alike(kind, wanted):
            self.report("P012", cel, f"{_short(cel.text)!r} is {_a(kind)}, not {_a(wanted)}", "")

    def _name(self, cel: Cel) -> str:
        if cel.name in self.variables:
            return self.variables[cel.name]
        if cel.name in ("event", "lists", "topology"):
            return cel.name
        self.report(
            "P011",
            cel,
            f"there is no {cel.name!r} to ask",
            near(cel.name, ("event", "lists")) or "a condition begins at event, lists, or a question such as component(id)",
        )
        return _ANY

    def _field(self, cel: Cel, of: str) -> str:
        known: Mapping[str, str]
        if of == "event":
            known = EVENTS[self.what]
        elif of == "lists":
            known = dict.fromkeys(self.lists, "list of text")
        elif of in RECORDS:
            known = RECORDS[of]
        else:
            if of != _ANY:
                self.report("P012", cel, f"{_short(cel.parts[0].text)!r} is {_a(of)}: it has no field {cel.name!r}", "")
            return _ANY
        if cel.name in known:
            return known[cel.name]
        whose = {"event": f"the event of a {self.what}", "lists": "lists"}.get(of, f"a {of}")
        way = (
            f"define it under runtime.lists in musa.yaml, or under lists here: lists: {{{cel.name}: []}}"
            if of == "lists"
            else f"it has {', '.join(sorted(known))}"
        )
        self.report("P011", cel, f"{whose} has no {cel.name!r}", near(cel.name, known) or way)
        return _ANY

    def _call(self, cel: Cel) -> str:
        if cel.method and not (cel.parts[0].form == "name" and cel.parts[0].name == "topology"):
            return self._method(cel)
        arguments = cel.parts[1:] if cel.method else cel.parts
        if cel.name == "has" and not cel.method:
            if len(arguments) != 1 or arguments[0].form != "field":
                self.report("P012", cel, "has() takes one field: has(event.source)", "")
            else:
                self.type_of(arguments[0])
            return "bool"
        if cel.name in ("size", "double", "string") and not cel.method and len(arguments) == 1:
            self.type_of(arguments[0])
            return "text" if cel.name == "string" else "number"
        if cel.name not in ASKING:
            self.report(
                "P011", cel, f"there is no question {cel.name!r}", near(cel.name, ASKING) or f"there are {', '.join(ASKING)}"
            )
            return _ANY
        wanted, answer = ASKING[cel.name]
        if len(arguments) != len(wanted):
            self.report("P012", cel, f"{cel.name}() takes {len(wanted)}, not {len(arguments)}", "")
            return answer
        for each, kind in zip(arguments, wanted, strict=True):
            self._want(each, kind)
        for each, names in zip(arguments, ASKED.get(cel.name, ()), strict=False):
            self.name(names, each)
        return answer

    def _method(self, cel: Cel) -> str:
        of, arguments = self.type_of(cel.parts[0]), cel.parts[1:]
        if cel.name in _MACROS:
            return self._macro(cel, of)
        if cel.name == "size" and not arguments:
            return "number"
        if cel.name == "contains" and len(arguments) == 1:
            if of.startswith("list of ") or of == "text":
                self._want(arguments[0], of.removeprefix("list of "))
            elif of != _ANY:
                self.report("P012", cel, f"{_short(cel.parts[0].text)!r} is {_a(of)}: it contains nothing", "")
            return "bool"
        if cel.name in _TEXTS and len(arguments) == 1:
            self._want(cel.parts[0], "text")
            self._want(arguments[0], "text")
            return "bool"
        self.report(
            "P011", cel, f"{_a(of)} has no question {cel.name!r}", near(cel.name, (*_TEXTS, *_MACROS, "contains", "size"))
        )
        return _ANY

    def _macro(self, cel: Cel, of: str) -> str:
        if len(cel.parts) != 3 or cel.parts[1].form != "name" or not (of.startswith("list of ") or of == _ANY):
            self.report(
                "P012", cel, f"{cel.name}() is asked of a list, with a name and a condition on it: list.{cel.name}(each, …)", ""
            )
            return _ANY
        name = cel.parts[1].name
        outer = self.variables.get(name)
        self.variables[name] = of.removeprefix("list of ")
        kind = self.type_of(cel.parts[2])
        if cel.name != "map" and not _alike(kind, "bool"):
            self.report("P012", cel.parts[2], f"{_short(cel.parts[2].text)!r} is {_a(kind)}, not true or false", "")
        if outer is None:
            del self.variables[name]
        else:
            self.variables[name] = outer
        return {"filter": of, "map": f"list of {kind}"}.get(cel.name, "bool")


def _alike(one: str, other: str) -> bool:
    return one == other or _ANY in (one, other)


def _written(cel: Cel) -> str:
    """Return the text that a literal stands for; nothing for what is computed, or is written with escapes."""
    quotes = cel.text[:1]
    plain = cel.name == "STRING_LIT" and quotes in ("'", '"') and "\\" not in cel.text
    return cel.text[1:-1] if plain else ""


def _number(token: str) -> str:
    return "number" if token in ("INT_LIT", "UINT_LIT", "FLOAT_LIT") else _ANY


def _a(kind: str) -> str:
    words = {
        "bool": "true or false",
        "number": "a number",
        "text": "a text",
        _ANY: "something",
        "lists": "all lists",
        "event": "the event",
    }
    return words.get(kind) or f"a {kind}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _at(node: Scalar, offset: int, length: int = 1) -> Span:
    """Return the place of a character of a text on one line; of the whole where its writing does not tell."""
    at = node.at
    quotes = (at.length - len(node.text)) // 2
    if at.length - len(node.text) not in (0, 2) or "\n" in node.text:
        return at
    return Span(at.file, at.line, at.column + quotes + offset, max(1, min(length, at.length - offset - 2 * quotes)))
