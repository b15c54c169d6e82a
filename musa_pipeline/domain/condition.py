"""Conditions in catalogs: small trees of all, any, not and comparisons over the typed facts of a component."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Facts: TypeAlias = Mapping[str, frozenset[str]]
"""Fact name -> the values known to hold. A fact that is absent is unknown, and unknown is never true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Is:
    """The fact has one of these values; with no values: the fact is known at all."""

    fact: str
    among: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Every part holds; with no parts: always."""

    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Any:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition: TypeAlias = Is | All | Any | Not
ALWAYS = All()


def holds(condition: Condition, facts: Facts) -> bool:
    """Tell whether a condition holds over the facts of one component.

    >>> holds(Is(fact="kind", among=frozenset({"api"})), {"kind": frozenset({"api"})})
    True
    """
    match condition:
        case Is(fact=fact, among=among):
            known = facts.get(fact, frozenset())
            return bool(known & among) if among else bool(known)
        case All(parts=parts):
            return all(holds(part, facts) for part in parts)
        case Any(parts=parts):
            return any(holds(part, facts) for part in parts)
        case Not(part=part):
            return not holds(part, facts)
