"""Whether a plain value is of a type and meets its constraints, in words that never repeat the value (TOSCA 1.3, 3.3 and 3.6.3)."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from musa_pipeline.formats.tosca import operators
from musa_pipeline.formats.tosca.p1_read import entries, items, word
from musa_pipeline.formats.tosca.scalars import boolean, is_timestamp, measured, version
from musa_pipeline.formats.tosca.templates import Model
from musa_pipeline.formats.tosca.values import expression
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, plain

_DEEPEST: Final = 12


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_whole_text(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip("-").isdigit()


def _is_range(value: Any) -> bool:
    ends = [each for each in value if str(each).upper() != "UNBOUNDED"] if isinstance(value, list) and len(value) == 2 else None
    return ends is not None and all(map(_is_integer, ends)) and ends == sorted(ends)


def _is_port(value: Any) -> bool:
    return (_is_integer(value) or _is_whole_text(value)) and 0 < int(value) < 65_536


_TYPES: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "string": ("text", lambda value: not isinstance(value, list | dict)),
    "integer": ("a whole number", lambda value: _is_integer(value) or _is_whole_text(value)),
    "float": ("a number", lambda value: _is_number(value) or (isinstance(value, str) and _is_float_text(value))),
    "boolean": ("true or false", lambda value: boolean(value) is not None),
    "timestamp": ("a time such as 2001-12-14T21:59:43Z", is_timestamp),
    "range": ("a range such as [1, 4]", _is_range),
    "version": ("a version such as 1.2", lambda value: _is_integer(value) or version(value) is not None),
    "list": ("a list", lambda value: isinstance(value, list)),
    "map": ("a mapping", lambda value: isinstance(value, dict)),
    "scalar-unit.size": ("a size such as 4 GB", lambda value: _is_number(value) or measured(value, "size") is not None),
    "scalar-unit.time": ("a time such as 5 min", lambda value: _is_number(value) or measured(value, "time") is not None),
    "scalar-unit.frequency": (
        "a frequency such as 2 GHz",
        lambda value: _is_number(value) or measured(value, "frequency") is not None,
    ),
    "scalar-unit.bitrate": ("a rate such as 10 Mbps", lambda value: _is_number(value) or measured(value, "bitrate") is not None),
    "PortDef": ("a port from 1 to 65535", _is_port),
    "tosca.datatypes.network.PortDef": ("a port from 1 to 65535", _is_port),
}
_WORDS: Final = {
    "equal": "equal to {}",
    "greater_than": "greater than {}",
    "greater_or_equal": "at least {}",
    "less_than": "less than {}",
    "less_or_equal": "at most {}",
    "in_range": "in {}",
    "valid_values": "one of {}",
    "length": "{} long",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "pattern": "like {}",
}


def fault_of(model: Model, definition: Mapping, value: Any, depth: int = 0) -> str:
    """Return what a value should be and is not; '' if it fits, or if that cannot be told."""
    kind = word(definition.get("type"))
    known = _TYPES.get(kind.removeprefix("tosca:"))
    if known and not known[1](value):
        return known[0]
    if said := _unmet(definition, value):
        return said
    if depth > _DEEPEST:
        return ""
    return _fault_inside(model, definition, kind, value, depth)


def _fault_inside(model: Model, definition: Mapping, kind: str, value: Any, depth: int) -> str:
    schema = definition.get("entry_schema")
    inner = schema if isinstance(schema, Mapping) else Mapping({"type": schema}, {}, schema.at) if schema else None
    if kind in {"list", "map"} and inner is not None:
        parts = value if isinstance(value, list) else list(value.values())
        found = next(filter(None, (fault_of(model, inner, each, depth + 1) for each in parts[:1_000])), "")
        return f"of entries that are each {found}" if found else ""
    return _fault_of_data(model, kind, value, depth) if kind not in _TYPES else ""


def _fault_of_data(model: Model, kind: str, value: Any, depth: int) -> str:
    """Return what a value of a data type that the model defines lacks."""
    chain = model.types.chain("data_types", kind) if "data_types" in model.types.sections and kind else ()
    fields: dict[str, Node] = {}
    for name in reversed(chain):
        body = model.types.sections["data_types"].get(name)
        if body is None:
            continue
        if said := _unmet(body.body, value):
            return said
        fields.update({field: node for field, node, _ in entries(body.body.get("properties"))})
    if not fields:
        return ""
    if not isinstance(value, dict):
        return "a mapping with " + ", ".join(sorted(fields)[:6])
    for name, node in fields.items():
        if not isinstance(node, Mapping):
            continue
        if value.get(name) is None:
            required = node.get("required")
            optional = isinstance(required, Scalar) and boolean(required.value) is False
            if not optional and node.get("default") is None and name not in value:
                return f"a mapping with {name!r}"
        elif said := fault_of(model, node, value[name], depth + 1):
            return f"a mapping whose {name!r} is {said}"
    return ""


def _unmet(definition: Mapping, value: Any) -> str:
    """Return the first constraint that a value breaks, in words."""
    for name, node in _clauses(definition.get("constraints")):
        compare = operators.COMPARISONS.get(name)
        if compare and compare(value, plain(node)) is False:
            return _WORDS[name].format(expression(node))
    return ""


def _clauses(node: Node | None) -> Iterator[tuple[str, Node]]:
    for each in items(node):
        if isinstance(each, Mapping):
            yield from each
        elif isinstance(each, Sequence):
            for inner in each.items:
                yield from inner if isinstance(inner, Mapping) else ()


def _is_float_text(value: str) -> bool:
    try:
        float(value[:40])
    except ValueError:
        return False
    return True
