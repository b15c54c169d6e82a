"""Values as far as the file itself decides them: inputs with defaults, properties of nodes; everything else is unknown."""

import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Final

from musa_pipeline.formats.tosca.p1_read import word
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, Value

_DEEPEST: Final = 16
_MOST: Final = 500_000
"""Function calls evaluated in one run: functions of functions could otherwise grow exponentially."""
_WORDS: Final = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
_SIZE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
_OCTETS: Final = {
    "b": 1,
    **{f"{letter}{unit}": base**power for unit, base in (("b", 1000), ("ib", 1024)) for power, letter in enumerate("kmgt", 1)},
    **{letter: 1000**power for power, letter in enumerate("kmgt", 1)},
}
MIB: Final = 1024**2
GIB: Final = 1024**3

Property = Callable[[str, list[str]], "Node | None"]
"""`property(template name, path)`: the value of a property of a template, its type's default included."""


class Values:
    """Evaluates the functions of TOSCA 1.3, section 4, on one topology; None is unknown."""

    def __init__(self, inputs: Mapping, property_of: Property) -> None:
        self.inputs, self.property_of = inputs, property_of
        self._left = _MOST

    def node(self, node: Node | None, me: str = "", depth: int = 0) -> Node | None:
        """Return what a function stands for, other nodes as they are; `me` is the template that SELF means."""
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            return node
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return None
        [(name, argument)] = node.entries.items()
        match name.removeprefix("$"):
            case "get_input":
                return self.node(self._input(argument), me, depth + 1)
            case "get_property":
                return self.node(self._property(argument, me), me, depth + 1)
            case "concat" | "join":
                return self._concat(argument, me, depth)
            case "get_attribute" | "get_operation_output" | "get_artifact" | "get_secret" | "get_nodes_of_type" | "token":
                return None
            case _:
                return node

    def scalar(self, node: Node | None, me: str = "") -> Scalar | None:
        """Return the scalar a node stands for; None if it is none, or unknown."""
        found = self.node(node, me)
        return found if isinstance(found, Scalar) and found.value is not None else None

    def text(self, node: Node | None, me: str = "") -> str:
        """Return the text a node stands for; '' if unknown."""
        found = self.scalar(node, me)
        return found.text if found else ""

    def _input(self, argument: Node) -> Node | None:
        path = _words(argument)
        definition = self.inputs.get(path[0]) if path else None
        found = definition.get("default") or definition.get("value") if isinstance(definition, Mapping) else definition
        for key in path[1:]:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _property(self, argument: Node, me: str) -> Node | None:
        path = _words(argument)
        if len(path) < 2:
            return None
        return self.property_of(me if path[0] == "SELF" else path[0], path[1:])

    def _concat(self, argument: Node, me: str, depth: int) -> Node | None:
        if not isinstance(argument, Sequence):
            return None
        parts, between = argument.items, ""
        if parts and isinstance(parts[0], Sequence):  # join: [[a, b], separator]
            between = word(parts[1]) if len(parts) > 1 else ""
            parts = parts[0].items
        texts = [self.node(each, me, depth + 1) for each in parts]
        if not all(isinstance(each, Scalar) for each in texts):
            return None
        whole = between.join(each.text for each in texts if isinstance(each, Scalar))
        return Scalar(whole, whole, argument.at) if len(whole) < 10_000 else None


def _words(node: Node) -> list[str]:
    return [word(each) for each in node.items] if isinstance(node, Sequence) else [word(node)] if word(node) else []


def boolean(value: Value) -> bool | None:
    """Return yes or no, in all of YAML's spellings; None if it is neither.

    >>> boolean(True), boolean("yes"), boolean("maybe")
    (True, True, None)
    """
    return value if isinstance(value, bool) else _WORDS.get(value.lower()) if isinstance(value, str) else None


def size(value: Value, unit: int) -> int | None:
    """Return a scalar-unit.size in units of so many octets, rounded up; a bare number is in MB (TOSCA 1.3, section 3.3.6.4).

    >>> size("4 GB", MIB), size("512 MiB", MIB), size(2048, MIB), size("20GiB", GIB), size("4 pounds", GIB)
    (3815, 512, 1954, 20, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _SIZE.fullmatch(str(value)) if len(str(value)) < 40 else None
    factor = _OCTETS.get((found[2] or "MB").lower()) if found else None
    return ceil(Fraction(found[1]) * factor / unit) if found and factor else None


def whole(value: Value) -> int | None:
    """Return a whole number that is not negative; None if it is none.

    >>> whole(2), whole("8080"), whole(2.5), whole(True)
    (2, 8080, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**9 else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else None
