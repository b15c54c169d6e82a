"""What may be written where a value of some TOSCA type belongs, as JSON Schema: the value, or a function that stands for it."""

from typing import Any, Final

from musa_pipeline.text.yaml import Mapping, Node, Scalar, plain

Schema = dict[str, Any]

FUNCTION: Final[Schema] = {"$ref": "#/$defs/function"}
FUNCTIONS: Final = (
    "get_input get_property get_attribute get_operation_output get_nodes_of_type get_artifact get_secret concat join token"
)
_SIZE: Final = r"^\s*[0-9]+(\.[0-9]+)?\s*([kKMGT]i?)?[bB]?\s*$"
_TIME: Final = r"^\s*[0-9]+(\.[0-9]+)?\s*(d|h|m|s|ms|us|ns)?\s*$"
_FREQUENCY: Final = r"^\s*[0-9]+(\.[0-9]+)?\s*([kMG]?Hz)?\s*$"
_BITRATE: Final = r"^\s*[0-9]+(\.[0-9]+)?\s*([kKMGT]i?)?[bB]ps\s*$"


def _either(*kinds: Schema) -> Schema:
    return {"anyOf": list(kinds)}


def _number_or(pattern: str) -> Schema:
    return _either({"type": "number"}, {"type": "string", "pattern": pattern})


PRIMITIVES: Final[dict[str, Schema]] = {
    "string": {"type": ["string", "number", "boolean"]},
    "integer": _either({"type": "integer"}, {"type": "string", "pattern": "^[-+]?[0-9]+$"}),
    "float": _either({"type": "number"}, {"type": "string", "pattern": r"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$"}),
    "boolean": _either({"type": "boolean"}, {"type": "string", "pattern": "^(?:[Yy]es|[Nn]o|[Oo]n|[Oo]ff|[Tt]rue|[Ff]alse)$"}),
    "timestamp": {"type": "string"},
    "version": {"type": ["string", "number"]},
    "null": {"type": "null"},
    "range": {"type": "array", "minItems": 2, "maxItems": 2},
    "scalar-unit.size": _number_or(_SIZE),
    "scalar-unit.time": _number_or(_TIME),
    "scalar-unit.frequency": _number_or(_FREQUENCY),
    "scalar-unit.bitrate": {"type": "string", "pattern": _BITRATE},
}


def value_schema(definition: Mapping, known: frozenset[str]) -> Schema:
    """Return the schema of a property by its definition (TOSCA 1.3, section 3.6.10); `known` are data types that have one."""
    schema = _either(_constrained(_of_type(definition, known), definition), FUNCTION)
    said = definition.get("description")
    if isinstance(said, Scalar) and said.value:
        schema["description"] = " ".join(said.text.split())
    default = definition.get("default")
    if default is not None:
        schema["default"] = plain(default)
    return schema


def _of_type(definition: Mapping, known: frozenset[str]) -> Schema:
    kind = definition.get("type")
    name = kind.text if isinstance(kind, Scalar) else ""
    entry = definition.get("entry_schema")
    inner = _entry(entry, known)
    if name == "list":
        return {"type": "array", "items": inner}
    if name == "map":
        return {"type": "object", "additionalProperties": inner}
    return type_schema(name, known)


def _entry(entry: Node | None, known: frozenset[str]) -> Schema:
    if isinstance(entry, Mapping):
        return value_schema(entry, known)
    return _either(type_schema(entry.text, known), FUNCTION) if isinstance(entry, Scalar) else {}


def type_schema(name: str, known: frozenset[str]) -> Schema:
    """Return the schema of a type of values by its name; anything for one that is not known."""
    if name in PRIMITIVES:
        return dict(PRIMITIVES[name])
    return {"$ref": f"#/$defs/{name}"} if name in known else {}


def _constrained(schema: Schema, definition: Mapping) -> Schema:
    """Return the schema with those constraints that JSON Schema can say too."""
    found = plain(definition.get("constraints"))
    extra: Schema = {}
    for each in found if isinstance(found, list) else ():
        for name, value in each.items() if isinstance(each, dict) else ():
            match name, value:
                case "valid_values", list():
                    extra["enum"] = value
                case "equal", str() | int() | float() | bool():
                    extra["enum"] = [value]
                case ("greater_or_equal", int() | float()) if not isinstance(value, bool):
                    extra["minimum"] = value
                case ("less_or_equal", int() | float()) if not isinstance(value, bool):
                    extra["maximum"] = value
                case "in_range", [int() as low, int() as high]:
                    extra |= {"minimum": low, "maximum": high}
                case "min_length", int():
                    extra |= {"minLength": value, "minItems": value, "minProperties": value}
    return {"allOf": [schema, extra]} if extra else schema


def constrained(schema: Schema, definition: Mapping) -> Schema:
    """Return the schema of a data type that is another with constraints."""
    return _constrained(schema, definition)
