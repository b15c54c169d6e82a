"""What a type says about properties, capabilities, requirements and operations (TOSCA 1.3, section 3.6 and 3.7)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import EMPTY, entries, is_null, items, word
from musa_pipeline.formats.tosca.scalars import boolean
from musa_pipeline.formats.tosca.shapes import tidy
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

UNBOUNDED: Final = 10**9
_LIFECYCLES: Final = frozenset({"standard", "lifecycle"})


@dataclass(frozen=True, slots=True)
class Definition:
    """One type as written, and the file it was written in; '' for one of the norm. `space` is the prefix of its import."""

    name: str
    body: Mapping
    at: Span
    file: str
    space: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a value must be: a type, the schema of its entries and keys, and constraints."""

    type: str
    constraints: tuple[tuple[str, Node], ...] = ()
    entry: "Schema | None" = None
    key: "Schema | None" = None
    space: str = ""


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """One property of a type; `builtin` if the norm defines it."""

    schema: Schema
    required: bool = True
    default: Node | None = None
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class CapabilityDefinition:
    """One capability of a type: its type, the types that may use it, and what it says of that type's properties."""

    type: str
    sources: tuple[str, ...] = ()
    properties: Mapping = field(default_factory=lambda: EMPTY)
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class RequirementDefinition:
    """What a type says about one of its requirements; '' where it leaves that open, None where it does not count."""

    capability: str = ""
    node: str = ""
    relationship: str = ""
    least: int | None = None
    most: int | None = None
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What a type or template runs for one operation, the place of the key that says so, and its file."""

    implementation: Node
    at: Span
    file: str


def named(node: Node | None) -> Iterator[tuple[str, Node, Span]]:
    """Yield definitions by name, from a mapping or a list; in a list, other keys stand beside the name in drafts."""
    return entries(tidy(node, "capability"))


def schema_of(node: Node | None, space: str) -> Schema:
    """Return what a definition of a property, an entry or an input says its value must be."""
    if not isinstance(node, Mapping):
        return Schema(word(node), space=space)
    kind = word(node.get("type"))
    entry, key = node.get("entry_schema"), node.get("key_schema")
    return Schema(
        kind,
        constraints_of(node),
        schema_of(entry, space) if entry is not None and not is_null(entry) else None,
        schema_of(key, space) if key is not None and not is_null(key) else None,
        space,
    )


def constraints_of(node: Mapping) -> tuple[tuple[str, Node], ...]:
    """Return the clauses of a definition, each with its argument."""
    return tuple(
        (name, argument) for each in items(node.get("constraints")) if isinstance(each, Mapping) for name, argument in each
    )


def property_of(node: Node, space: str, *, builtin: bool, inherited: PropertyDefinition | None) -> PropertyDefinition:
    """Return a property's definition; where it names no type, it refines what is inherited (TOSCA 1.3, section 3.6.10)."""
    body = node if isinstance(node, Mapping) else EMPTY
    schema = schema_of(body, space)
    said = body.get("required")
    required = boolean(said.value) if isinstance(said, Scalar) else None
    default = body.get("default")
    default = default if default is not None and not is_null(default) else None
    if inherited is None or schema.type:
        return PropertyDefinition(schema, required is not False, default, builtin)
    return PropertyDefinition(
        replace(inherited.schema, constraints=inherited.schema.constraints + schema.constraints),
        inherited.required if required is None else required,
        inherited.default if default is None else default,
        builtin,
    )


def occurrences(node: Node | None) -> tuple[int | None, int | None]:
    """Return how often at least and at most; None where that is not said."""
    if isinstance(node, Sequence) and len(node.items) == 2:
        return _count(node.items[0]), _count(node.items[1])
    both = _count(node)
    return both, both


def _count(node: Node | None) -> int | None:
    if not isinstance(node, Scalar):
        return None
    if node.text.upper() == "UNBOUNDED":
        return UNBOUNDED
    return (
        node.value if isinstance(node.value, int) and not isinstance(node.value, bool) and 0 <= node.value < UNBOUNDED else None
    )


def operations(interfaces: Node | None, file: str, lifecycles: Collection[str] = ()) -> Iterator[tuple[str, Operation]]:
    """Yield what each life-cycle operation runs, in the short and the long forms (TOSCA 1.3, section 3.6.17).

    An interface is a life cycle by its name, by its type's, or because `lifecycles` says so.
    """
    for name, interface, _ in entries(interfaces):
        if not isinstance(interface, Mapping):
            continue
        if name not in lifecycles and not {_last(name), _last(word(interface.get("type")))} & _LIFECYCLES:
            continue
        nested = interface.get("operations")
        whole = nested if isinstance(nested, Mapping) else interface
        for operation, value in whole:
            if operation in {"type", "inputs", "description"}:
                continue
            found: Node | None = value
            at = whole.keys[operation]
            for keys in (("implementation",), ("primary", "file"), ("file",)):
                if isinstance(found, Mapping):
                    key = next((each for each in keys if found.get(each) is not None), "")
                    at = found.keys.get(key, at)
                    found = found.get(key)
            if found is not None and not isinstance(found, Sequence) and not is_null(found):
                yield operation, Operation(found, at, file)


def _last(name: str) -> str:
    return name.rpartition(".")[2].rpartition(":")[2].lower()
