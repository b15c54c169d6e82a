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


def may_hold(condition: Condition, facts: Facts) -> bool:
    """Tell whether a condition holds for some values of the facts that are absent; a fact without values is known to have none.

    >>> may_hold(Is(fact="exposed"), {}), may_hold(Is(fact="category"), {"category": frozenset()})
    (True, False)
    """
    match condition:
        case Is(fact=fact):
            return fact not in facts or holds(condition, facts)
        case All(parts=parts):
            return all(may_hold(part, facts) for part in parts)
        case Any(parts=parts):
            return any(may_hold(part, facts) for part in parts)
        case Not(part=part):
            return not _must_hold(part, facts)


def _must_hold(condition: Condition, facts: Facts) -> bool:
    """Tell whether it holds whatever the absent facts are, as far as each part tells by itself."""
    match condition:
        case Is(fact=fact):
            return fact in facts and holds(condition, facts)
        case All(parts=parts):
            return all(_must_hold(part, facts) for part in parts)
        case Any(parts=parts):
            return any(_must_hold(part, facts) for part in parts)
        case Not(part=part):
            return not may_hold(part, facts)


def mentions(condition: Condition, fact: str) -> bool:
    """Tell whether a fact can change what a condition says."""
    match condition:
        case Is(fact=name):
            return name == fact
        case All(parts=parts) | Any(parts=parts):
            return any(mentions(part, fact) for part in parts)
        case Not(part=part):
            return mentions(part, fact)


def reasons(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """Return, in words, the facts by which a condition holds; nothing if it does not hold or always does.

    >>> reasons(Any(parts=(Is(fact="exposed", among=frozenset({"true"})),)), {"exposed": frozenset({"true"})})
    ('exposed',)
    """
    if not holds(condition, facts):
        return ()
    match condition:
        case Is(fact=fact, among=among):
            values = sorted(facts.get(fact, frozenset()) & among) if among else sorted(facts[fact])
            return (fact,) if values == ["true"] else (f"{fact} {', '.join(values)}",)
        case All(parts=parts) | Any(parts=parts):
            return tuple(dict.fromkeys(word for part in parts for word in reasons(part, facts)))
        case Not(part=Is(fact=fact, among=among)):
            return (f"not {fact} {', '.join(sorted(among))}".strip(),)
        case _:
            return ()


def written(condition: Condition) -> str:
    """Return a condition in words, as a reader of the catalog wants it.

    >>> written(All(parts=(Is(fact="kind", among=frozenset({"api", "cache"})), Not(part=Is(fact="exposed")))))
    'kind is api or cache and not (exposed is known)'
    """
    match condition:
        case Is(fact=fact, among=among):
            return f"{fact} is {' or '.join(sorted(among)) or 'known'}"
        case All(parts=parts):
            return " and ".join(_within(part) for part in parts) or "always"
        case Any(parts=parts):
            return " or ".join(_within(part) for part in parts)
        case Not(part=part):
            return f"not ({written(part)})"


def _within(part: Condition) -> str:
    return f"({written(part)})" if isinstance(part, All | Any) and len(part.parts) > 1 else written(part)
