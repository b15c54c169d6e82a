"""Whether a value is what a definition says it must be: types, data types, constraints, each fault at its own place (TOSCA 1.3, 3.3, 3.6)."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.definitions import PropertyDefinition, Schema
from musa_pipeline.formats.tosca.operators import COMPARISONS
from musa_pipeline.formats.tosca.p1_read import is_null, word
from musa_pipeline.formats.tosca.p4_types import DATA, Types
from musa_pipeline.formats.tosca.scalars import boolean, measured
from musa_pipeline.formats.tosca.values import expression, function_of
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, plain

_MOST: Final = 500_000
"""Values looked at in one run: aliases make large trees of small files."""
_DEEPEST: Final = 30
_LONGEST_NUMBER: Final = 400
"""Characters; a float of 64 bits has 325 at the most."""
_OPEN: Final = ("{{", "${", "{%", "<<", "{ get_")
"""Signs of templates in texts: what they become is not known here."""


class Fault(NamedTuple):
    """What is wrong with a value: where in it, and what it should be.

    `kind` is 'type' (a scalar that cannot be meant), 'shape' (a list for a scalar or the like), 'constraint', 'missing' or 'unknown'.
    """

    kind: str
    path: str
    at: Span
    should: str
    known: tuple[str, ...] = ()


def _is_integer(node: Scalar) -> bool:
    text = node.text.replace("_", "")
    if text == "UNBOUNDED":  # as bounds of occurrences and of scaling have it
        return True
    return (
        (isinstance(node.value, int) and not isinstance(node.value, bool))
        or text.lstrip("+-").isdigit()
        or text[:2] in {"0x", "0o"}
    )


def _float(node: Scalar) -> float | None:
    """Return the number that a value is, or that its text is; None if it is none."""
    if isinstance(node.value, bool) or len(node.text) > _LONGEST_NUMBER:
        return None
    try:
        return float(node.text.replace(".inf", "inf").replace(".nan", "nan"))  # YAML's words for what is no number
    except ValueError:
        return None


def _is_float(node: Scalar) -> bool:
    return _float(node) is not None


def _is_measured(measure: str) -> Callable[[Scalar], bool]:
    return lambda node: _is_float(node) or measured(node.text if node.text[:1] != "." else f"0{node.text}", measure) is not None


_SCALARS: Final[dict[str, tuple[str, Callable[[Scalar], bool]]]] = {
    "integer": ("a whole number", _is_integer),
    "float": ("a number", _is_float),
    "number": ("a number", _is_float),
    "boolean": ("true or false", lambda node: boolean(node.value) is not None or boolean(node.text) is not None),
    "scalar-unit.size": ("a size such as 4 GB", _is_measured("size")),
    "scalar-unit.time": ("a time such as 5 m", _is_measured("time")),
    "scalar-unit.frequency": ("a frequency such as 2 GHz", _is_measured("frequency")),
    "scalar-unit.bitrate": ("a rate such as 10 Mbps", _is_measured("bitrate")),
}
_TEXTS: Final = frozenset({"string", "timestamp", "version", "regex", "text"})
_WORDS: Final = {
    "equal": "{}", "greater_than": "more than {}", "greater_or_equal": "at least {}", "less_than": "less than {}",
    "less_or_equal": "at most {}", "in_range": "in the range {}", "valid_values": "one of {}", "length": "{} long",
    "min_length": "at least {} long", "max_length": "at most {} long", "pattern": "of the form {}",
}  # fmt: skip


class Fits:
    """Checks values against definitions; what only a deployment knows fits."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self._left = _MOST
        self._plain: dict[int, tuple[Node, object]] = {}

    def faults(self, value: Node, schema: Schema, path: str, depth: int = 0) -> Iterator[Fault]:
        """Yield what is wrong with a value."""
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST or is_null(value) or function_of(value):
            return
        if isinstance(value, Scalar) and any(each in value.text for each in _OPEN):
            return
        if isinstance(value, Mapping) and any(key.startswith("$") for key in value.entries):
            return
        kind = self._kind(schema)
        before = self._left
        yield from self._typed(value, schema, kind, path, depth)
        if before == self._left or not isinstance(value, Scalar):
            yield from self._broken(value, schema.constraints, path)

    def missing(self, assigned: Mapping, properties: dict[str, PropertyDefinition], path: str, at: Span) -> Iterator[Fault]:
        """Yield the required properties that are neither given nor at a default."""
        for name, each in properties.items():
            if each.required and each.default is None and name not in assigned.entries:
                yield Fault("missing", f"{path}{name}", at, "")

    def _kind(self, schema: Schema) -> str:
        return self.types.name(DATA, schema.type, schema.space) or schema.type

    def _typed(self, value: Node, schema: Schema, kind: str, path: str, depth: int) -> Iterator[Fault]:
        if known := _SCALARS.get(kind):
            if not isinstance(value, Scalar):
                yield Fault("shape", path, value.at, known[0])
            elif not known[1](value):
                yield Fault("type", path, value.at, known[0])
        elif kind in _TEXTS:
            if not isinstance(value, Scalar):
                yield Fault("shape", path, value.at, "text, not a list or mapping")
        elif kind == "list":
            if not isinstance(value, Sequence):
                yield Fault("shape", path, value.at, "a list")
            elif schema.entry:
                for number, each in enumerate(value.items):
                    yield from self.faults(each, schema.entry, f"{path}[{number}]", depth + 1)
        elif kind in {"map", "dict"}:
            if not isinstance(value, Mapping):
                yield Fault("shape", path, value.at, "a mapping of names to values")
            elif schema.entry:
                for name, each in value:
                    yield from self.faults(each, schema.entry, f"{path}.{name}", depth + 1)
        elif kind == "range":
            if isinstance(value, Mapping) or (isinstance(value, Sequence) and len(value.items) != 2):
                yield Fault("shape", path, value.at, "a range such as [1, 4]")
        elif kind:
            yield from self._data(value, schema, path, depth)

    def _data(self, value: Node, schema: Schema, path: str, depth: int) -> Iterator[Fault]:
        """Yield what is wrong with a value of a data type that the model or the norm defines."""
        found = self.types.kind(DATA, schema.type, schema.space)
        root = found.chain[-1] if found.chain else ""
        if not found.complete:
            return
        if not found.properties:
            if root != schema.type and root in {*_SCALARS, *_TEXTS, "list", "map", "range"}:
                yield from self._typed(value, Schema(root, (), schema.entry, schema.key), root, path, depth + 1)
            yield from self._broken(value, found.constraints, path)
            return
        if not isinstance(value, Mapping):
            yield Fault("shape", path, value.at, "a mapping with " + ", ".join(map(repr, sorted(found.properties)[:5])))
            return
        for name, each in value:
            definition = found.properties.get(name)
            if definition is not None:
                yield from self.faults(each, definition.schema, f"{path}.{name}", depth + 1)
            elif found.closed:
                yield Fault("unknown", f"{path}.{name}", value.keys[name], "", tuple(found.properties))
        yield from self.missing(value, found.properties, f"{path}.", value.at)
        yield from self._broken(value, found.constraints, path)

    def _broken(self, value: Node, constraints: tuple[tuple[str, Node], ...], path: str) -> Iterator[Fault]:
        """Yield the first constraint that a value breaks."""
        if not constraints:
            return
        if isinstance(value, Sequence) and any(function_of(each) for each in value.items):
            return
        said = self._value(value)
        for name, argument in constraints:
            compare = COMPARISONS.get(name)
            if compare is None or function_of(argument):
                continue
            if compare(said, self._value(argument)) is False and not self._as_text(name, value, argument):
                yield Fault("constraint", path, value.at, _WORDS[name].format(expression(argument)))
                return

    def _as_text(self, name: str, value: Node, argument: Node) -> bool:
        """Tell whether a value that is written as another kind is the one that is meant: `'4'` for 4, `yes` for true."""
        if not isinstance(value, Scalar):
            return name == "in_range"
        if name in {"valid_values", "equal"}:
            wanted = argument.items if isinstance(argument, Sequence) else [argument]
            return any(word(each) == value.text for each in wanted) or boolean(value.text) in {
                boolean(each.value) for each in wanted if isinstance(each, Scalar)
            } - {None}
        if name == "pattern":
            return False
        numbers = [value, *(argument.items if isinstance(argument, Sequence) else [argument])]
        texts = [each for each in numbers if isinstance(each, Scalar) and isinstance(each.value, str)]
        if not texts or not all(
            isinstance(each, Scalar) and (_is_float(each) or word(each).upper() == "UNBOUNDED") for each in numbers
        ):
            return False
        turned = [each.text if (number := _float(each)) is None else number for each in numbers if isinstance(each, Scalar)]
        return COMPARISONS[name](turned[0], turned[1:] if isinstance(argument, Sequence) else turned[1]) is not False

    def _value(self, node: Node) -> object:
        """Return a node as plain values; those of definitions are asked for again and again."""
        if isinstance(node, Scalar):
            return node.value
        if id(node) not in self._plain:
            self._plain[id(node)] = (node, plain(node))
        return self._plain[id(node)][1]
