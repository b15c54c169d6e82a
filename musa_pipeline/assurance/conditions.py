"""Conditions answered in three values, after Kleene: what nobody knows is neither true nor false; the trace holds what was seen."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from musa_pipeline.assurance.sight import Sight, Unknown, View
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.sight import ASKING
from musa_pipeline.text.cel import Cel, CelWrong, read_cel

MOST_SHOWN = 6
LONGEST_SHOWN = 120
_NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """True, False, or None: not known. `trace` is the condition as a tree, each line with the value that it had.

    `unknown`: what nobody knows, and why, if that leaves the condition open.
    """

    truth: bool | None
    trace: str
    unknown: str = ""


def answer(text: str, event: Mapping[str, Plain], lists: Mapping[str, tuple[str, ...]], view: View, now: float) -> Answer:
    """Answer a condition about an event and the live context; no condition is true."""
    if not text:
        return Answer(truth=True, trace="")
    try:
        cel = read_cel(text)
    except CelWrong as wrong:
        return Answer(truth=None, trace=f"{text} = unknown: it is {wrong.text}", unknown=f"it is {wrong.text}")
    fields = frozenset(each.name for each in cel.walk() if each.form == "field")
    asked = _Asked(event, lists, Sight(view, now, fields))
    truth = asked.truth(cel, 0)
    return Answer(truth=truth, trace="\n".join(asked.lines), unknown="; ".join(dict.fromkeys(asked.open)))


class _Asked:
    """One condition being answered."""

    def __init__(self, event: Mapping[str, Plain], lists: Mapping[str, tuple[str, ...]], sight: Sight) -> None:
        from celpy import celtypes

        self.lines: list[str] = []
        self.open: list[str] = []
        self.values = {
            "event": _value(dict(event)),
            "lists": _value({name: [*items] for name, items in lists.items()}),
            "topology": celtypes.MapType({}),
        }
        self.functions: dict[str, Callable[..., Any]] = {
            **{name: _question(sight, name) for name in ASKING},
            "contains": _contains,
            "_in_": _in,
            "matches": _matches,
            "size": _size,
        }

    def truth(self, cel: Cel, depth: int) -> bool | None:
        place, known = len(self.lines), len(self.open)
        self.lines.append("")
        found, seen = self._truth(cel, depth)
        if found is not None:
            del self.open[known:]  # the rest decided it
        self.lines[place] = f"{'  ' * depth}{_short(cel.text)} = {seen or _shown(found)}"
        return found

    def _truth(self, cel: Cel, depth: int) -> tuple[bool | None, str]:
        match cel.form:
            case "&&" | "||":
                decides = cel.form == "||"  # one true decides an or, one false an and, whatever is not known
                first = self.truth(cel.parts[0], depth + 1)
                if first is decides:
                    self.lines.append(f"{'  ' * (depth + 1)}{_short(cel.parts[1].text)} = {_NOT_ASKED}")
                    return decides, ""
                second = self.truth(cel.parts[1], depth + 1)
                if second is decides:
                    return decides, ""
                return (None if first is None or second is None else not decides), ""
            case "not":
                inner = self.truth(cel.parts[0], depth + 1)
                return (None if inner is None else not inner), ""
            case "choice":
                test = self.truth(cel.parts[0], depth + 1)
                return (None if test is None else self.truth(cel.parts[1 if test else 2], depth + 1)), ""
            case _:
                return self._leaf(cel)

    def _leaf(self, cel: Cel) -> tuple[bool | None, str]:
        try:
            found = self._evaluate(cel)
        except Unknown as why:
            self.open += self._not_known(cel) or [f"{_short(cel.text)} is unknown: {why}"]
            return None, f"unknown: {why}"
        seen = ", ".join(self._seen(cel))
        truth = bool(found) if type(found).__name__ in ("BoolType", "bool") else None
        if truth is None:
            self.open.append(f"{_short(cel.text)} is {_plain_text(found)}, neither true nor false")
        told = _shown(truth) if truth is not None else f"unknown: it is {_plain_text(found)}, neither true nor false"
        return truth, f"{told}  ({seen})" if seen else told

    def _seen(self, cel: Cel) -> Iterator[str]:
        """Yield the values that went into a comparison, as far as they stand for themselves."""
        parts = [each for each in _sources(cel) if each is not cel]
        for each in parts[:MOST_SHOWN]:
            try:
                yield f"{_short(each.text)} = {_plain_text(self._evaluate(each))}"
            except Unknown as why:
                yield f"{_short(each.text)} = unknown: {why}"

    def _not_known(self, cel: Cel) -> list[str]:
        """Return the parts of a comparison that nobody knows, and why."""
        found = []
        for each in [part for part in _sources(cel) if part is not cel][:MOST_SHOWN]:
            try:
                self._evaluate(each)
            except Unknown as why:
                found.append(f"{_short(each.text)} is unknown: {why}")
        return found

    def _evaluate(self, cel: Cel) -> Any:
        from celpy.evaluation import Activation, CELEvalError, CELUnsupportedError, Evaluator

        evaluator = Evaluator(cel.tree, Activation(functions=self.functions))
        try:
            return evaluator.evaluate(self.values)
        except (CELEvalError, CELUnsupportedError) as error:
            raise Unknown(_reason(error)) from error
        except (RecursionError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise Unknown("it cannot be computed") from error


def _sources(cel: Cel) -> Iterator[Cel]:
    """Yield the largest parts that name something of the event, the lists or the context, without a macro's own names."""
    if cel.form == "field" or (cel.form == "call" and cel.name in ASKING):
        yield cel
    elif cel.form == "call" and cel.name in ("exists", "exists_one", "all", "filter", "map", "has"):
        yield from _sources(cel.parts[0]) if cel.method else ()
    else:
        for each in cel.parts:
            yield from _sources(each)


def _question(sight: Sight, name: str) -> Callable[..., Any]:
    count = len(ASKING[name][0])

    def ask(*arguments: Any) -> Any:
        from celpy.evaluation import CELEvalError

        for each in arguments:
            if isinstance(each, CELEvalError):
                return each
        try:
            found = sight.ask(name, *(str(each) for each in arguments[-count:]))
        except Unknown as why:
            return CELEvalError(str(why))
        return _value(found)

    return ask


def _contains(whole: Any, item: Any) -> Any:
    """Tell whether a text has another in it, or a list an item; an address is in a list that holds its network."""
    from celpy import celtypes
    from celpy.evaluation import CELEvalError

    for each in (whole, item):
        if isinstance(each, CELEvalError):
            return each
    if isinstance(whole, celtypes.ListType):
        return celtypes.BoolType(listed(str(item), tuple(map(str, whole))))
    return celtypes.BoolType(item in whole)


def _in(item: Any, whole: Any) -> Any:
    from celpy import celtypes
    from celpy.evaluation import operator_in

    texts = isinstance(item, str) and isinstance(whole, celtypes.ListType)
    return _contains(whole, item) if texts else operator_in(item, whole)


def _matches(text: Any, pattern: Any) -> Any:
    import re2  # type: ignore[import-untyped]
    from celpy import celtypes
    from celpy.evaluation import CELEvalError

    for each in (text, pattern):
        if isinstance(each, CELEvalError):
            return each
    options = re2.Options()
    options.log_errors = False
    try:
        return celtypes.BoolType(re2.search(str(pattern), str(text), options) is not None)
    except re2.error:
        return CELEvalError(f"{str(pattern)!r} is no pattern")


def listed(item: str, items: tuple[str, ...]) -> bool:
    """Tell whether an item is in a list; of addresses, whether the list holds it or its network.

    >>> listed("192.0.2.7", ("192.0.2.0/24",)), listed("::ffff:192.0.2.7", ("192.0.2.7",)), listed("a", ("b",))
    (True, True, False)
    """
    if item in items:
        return True
    try:
        address = ip_address(item)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    for each in items:
        try:
            if address in ip_network(each, strict=False):
                return True
        except ValueError:
            continue
    return False


def _size(whole: Any) -> Any:
    from celpy import celtypes
    from celpy.evaluation import CELEvalError

    return whole if isinstance(whole, CELEvalError) else celtypes.DoubleType(len(whole))


def _value(said: Plain) -> Any:
    """Return a plain value as CEL's; what is not known is not there."""
    from celpy import celtypes

    match said:
        case bool():
            return celtypes.BoolType(said)
        case int() | float():
            return celtypes.DoubleType(said)
        case str():
            return celtypes.StringType(said)
        case list():
            return celtypes.ListType([_value(each) for each in said if each is not None])
        case dict():
            return celtypes.MapType({celtypes.StringType(key): _value(each) for key, each in said.items() if each is not None})
        case None:
            return None


def _reason(error: Exception) -> str:
    text = str(error.args[0]) if error.args else ""
    missing = re.fullmatch(r"no such member in mapping: '(.*)'", text)
    if missing:
        return f"{missing[1]} is not known"
    return "values do not go together" if text.startswith("found no matching overload") else _short(text)


def _plain_text(value: Any) -> str:
    match type(value).__name__:
        case "BoolType" | "bool":
            return _shown(bool(value))
        case "StringType":
            return _short(repr(str(value)))
        case "DoubleType" | "IntType" | "UintType":
            return f"{float(value):g}"
        case "ListType":
            return _short(f"[{', '.join(_plain_text(each) for each in value[:20])}]")
        case "MapType":
            return _short(f"{{{', '.join(f'{key}: {_plain_text(each)}' for key, each in [*value.items()][:20])}}}")
        case _:
            return "nothing" if value is None else "something"


def _shown(truth: bool | None) -> str:
    return {True: "true", False: "false", None: "unknown"}[truth]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_SHOWN else f"{flat[: LONGEST_SHOWN - 1]}…"
