"""JSON Schemas of the artefacts (draft 2020-12), made from the types and their docstrings."""

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, ForwardRef, Union, get_args, get_origin, get_type_hints

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.values.kinds import KINDS, SPAN_PATTERN, VERSION, format_of
from musa_pipeline.formats.values.write import pretty

_SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_VARIABLE = "Variable"


def schema_of(kind: str) -> str:
    """Return the schema of one artefact as text, the same for the same types."""
    definitions: dict[str, Any] = {}
    root = _Schema(definitions).of_dataclass(KINDS[kind])
    header = {"format": {"const": format_of(kind)}, "version": {"const": VERSION}}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"musa:{kind}",
        "title": f"{kind}.json",
        **root,
        "properties": {**header, **root["properties"]},
        "required": [*header, *root.get("required", ())],
        "$defs": dict(sorted(definitions.items())),
    }
    return pretty(schema)


class _Schema:
    """Gathers the definitions that the types refer to."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions

    def of_dataclass(self, kind: type) -> dict[str, Any]:
        hints = get_type_hints(kind)
        required = [each.name for each in fields(kind) if each.default is MISSING]
        return {
            "description": " ".join((kind.__doc__ or "").split()),
            "type": "object",
            "properties": {each.name: self._of_field(each, hints[each.name]) for each in fields(kind)},
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }

    def _of_field(self, each: "Field[Any]", hint: Any) -> dict[str, Any]:
        schema = self.of(hint)
        if each.default is MISSING or isinstance(each.default, Span) or "$ref" in schema:
            return schema
        return {**schema, "default": each.default}

    def of(self, hint: Any) -> dict[str, Any]:
        """Return the schema of one type."""
        while hasattr(hint, "__supertype__"):  # a NewType is its base on paper
            hint = hint.__supertype__
        if hint in _SCALARS:
            return {"type": _SCALARS[hint]}
        if hint is Span:
            return self._refer("Span", {"description": _first(Span), "type": "string", "pattern": SPAN_PATTERN})
        if isinstance(hint, ForwardRef):
            return {"$ref": f"#/$defs/{hint.__forward_arg__}"}
        if isinstance(hint, type) and issubclass(hint, Enum):
            values = [member.value for member in hint]
            return self._refer(hint.__name__, {"description": _first(hint), "enum": values})
        if is_dataclass(hint) and isinstance(hint, type):
            if hint.__name__ not in self.definitions:
                self.definitions[hint.__name__] = {}  # known before its fields: proofs hold proofs
                self.definitions[hint.__name__] = self.of_dataclass(hint)
            return {"$ref": f"#/$defs/{hint.__name__}"}
        return self._of_generic(get_origin(hint), get_args(hint))

    def _of_generic(self, origin: Any, inner: tuple[Any, ...]) -> dict[str, Any]:
        if origin in (Union, types.UnionType):
            return self._of_union(inner)
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if origin is frozenset:
            return {"type": "array", "items": self.of(inner[0]), "uniqueItems": True}
        if origin is tuple and inner[-1] is not Ellipsis:
            return {"type": "array", "prefixItems": [self.of(each) for each in inner], "minItems": len(inner), "items": False}
        return {"type": "array", "items": self.of(inner[0])}

    def _of_union(self, inner: tuple[Any, ...]) -> dict[str, Any]:
        if any(get_origin(each) is dict for each in inner):  # the one recursive type without a class of its own
            if _VARIABLE not in self.definitions:
                self.definitions[_VARIABLE] = {}
                self.definitions[_VARIABLE] = {"anyOf": [self.of(each) for each in inner]}
            return {"$ref": f"#/$defs/{_VARIABLE}"}
        parts = [self.of(each) for each in inner]
        if all(part.keys() == {"type"} for part in parts):
            return {"type": [part["type"] for part in parts]}
        return {"anyOf": parts}

    def _refer(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        self.definitions[name] = schema
        return {"$ref": f"#/$defs/{name}"}


def _first(kind: type) -> str:
    return (kind.__doc__ or "").strip().split("\n")[0]
