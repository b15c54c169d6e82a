"""Conditions in the Common Expression Language (CEL) as a tree that remembers its places; parsed, never executed here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

LONGEST = 2_000
"""Characters of one condition; what people write has a tenth of that."""
DEEPEST = 40
WALKS = frozenset(("exists", "exists_one", "all", "filter", "map"))
"""Macros that ask about each item of a list. One inside another asks as often as both lists multiply: a condition must end soon."""

_ALIKE = {
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
    "relation_in": "in",
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
    "multiplication_mod": "%",
}
_PLAIN = frozenset(
    ("expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary", "member", "primary")
)


class CelWrong(Exception):
    """A text is not CEL: why, and at which character from 0."""

    def __init__(self, text: str, offset: int) -> None:
        super().__init__(text, offset)
        self.text, self.offset = text, offset


@dataclass(frozen=True, slots=True)
class Cel:
    """One expression. `form` is `name`, `literal`, `field`, `call`, `index`, `not`, `minus`, `choice`, `list`, `map`, `object` or an operator.

    `name` is the name, the field or the function; a call's first part is its receiver if `method`. `tree` is the parser's own.
    """

    form: str
    text: str
    offset: int
    parts: tuple["Cel", ...] = ()
    name: str = ""
    method: bool = False
    tree: Any = field(default=None, compare=False, repr=False)

    def walk(self) -> Iterator["Cel"]:
        """Yield the expression and all its parts."""
        yield self
        for each in self.parts:
            yield from each.walk()


@lru_cache(maxsize=512)
def read_cel(text: str) -> Cel:
    """Return the tree of a condition.

    Raises CelWrong if it is none, or is too long or too deep.
    """
    if len(text) > LONGEST:
        raise CelWrong(f"longer than {LONGEST} characters", 0)
    if _brackets(text) > DEEPEST:
        raise CelWrong(f"nested deeper than {DEEPEST}", 0)
    import celpy  # a fifth of a second that only who has policies need pay
    from celpy.celparser import CELParseError

    try:
        tree = celpy.Environment().compile(text)
    except CELParseError as error:
        lines = text.splitlines(keepends=True)
        line, column = getattr(error, "line", None) or 1, getattr(error, "column", None) or 1
        offset = sum(map(len, lines[: line - 1])) + column - 1
        raise CelWrong("empty" if not text.strip() else "not an expression", max(0, min(offset, len(text)))) from error
    except RecursionError as error:
        raise CelWrong(f"nested deeper than {DEEPEST}", 0) from error
    try:
        found = _of(tree, text)
        deep = _depth(found) > DEEPEST
    except RecursionError:
        deep = True
    if deep:
        raise CelWrong(f"nested deeper than {DEEPEST}", 0)
    for each in filter(_walks, found.walk()):
        for inner in each.parts[1:]:
            again = next(filter(_walks, inner.walk()), None)
            if again is not None:
                raise CelWrong("a walk through a list for each item of another", again.offset)
    return found


def _walks(cel: Cel) -> bool:
    return cel.form == "call" and cel.method and cel.name in WALKS


def _brackets(text: str) -> int:
    """Return how deep brackets nest; those in texts count too, for only a bound is wanted."""
    deepest = depth = 0
    for each in text:
        depth += (each in "([{") - (each in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _depth(cel: Cel) -> int:
    return 1 + max(map(_depth, cel.parts), default=0)


def _of(tree: Any, text: str, *, whole: bool = False) -> Cel:
    kept = None  # the evaluator takes a name, a call or a literal only inside its primary
    while tree.data in _PLAIN and len(tree.children) == 1:
        kept = tree if tree.data == "primary" else None
        tree = tree.children[0]
    if tree.data == "paren_expr":
        return _of(tree.children[0], text, whole=whole)
    start = tree.meta.start_pos

    def made(form: str, *parts: Any, name: str = "", method: bool = False) -> Cel:
        inside = tuple(_of(each, text) for each in parts)
        return Cel(form, text[start : tree.meta.end_pos], start, inside, name, method, kept or tree)

    match tree.data, tree.children:
        case "expr", [test, yes, no]:
            return made("choice", test, yes, no)
        case "conditionalor", [one, other]:
            return made("||", one, other)
        case "conditionaland", [one, other]:
            return made("&&", one, other)
        case (("relation" | "addition" | "multiplication"), [operator, other]):
            return made(_ALIKE[operator.data], operator.children[0], other)
        case "unary", [sign, inner]:
            return made("not" if sign.data == "unary_not" else "minus", inner)
        case "member_dot", [of, name]:
            return made("field", of, name=str(name))
        case "member_dot_arg", [of, name, *arguments]:
            return made("call", of, *_listed(arguments), name=str(name), method=True)
        case "member_index", [of, place]:
            inside = (_of(of, text), _of(place, text, whole=True))
            return Cel("index", text[start : tree.meta.end_pos], start, inside, tree=tree)
        case (("ident_arg" | "dot_ident_arg"), [name, *arguments]):
            return made("call", *_listed(arguments), name=str(name))
        case (("ident" | "dot_ident"), [name]):
            return made("name", name=str(name))
        case "literal", [token]:
            if token.type == "INT_LIT" and not whole:  # a number is a number: what is whole compares with what is not
                tree.children[0] = token.update(type="FLOAT_LIT")
            return made("literal", name=token.type)
        case "list_lit", items:
            return made("list", *_listed(items))
        case "map_lit", _:
            return made("map")
        case _:
            return made("object")


def _listed(children: list[Any]) -> list[Any]:
    return list(children[0].children) if children and children[0] is not None else []
