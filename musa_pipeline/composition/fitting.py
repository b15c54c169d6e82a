"""Which entries of a catalog fit a component: each distinct set of facts is decided once, however many components share it."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from musa_pipeline.domain.condition import All, Any, Condition, Facts, Is, Not, holds

Key = TypeVar("Key")


class Fitting(Generic[Key]):
    """Entries with their conditions; `at` returns those whose condition holds over some facts."""

    def __init__(self, entries: Iterable[tuple[Key, Condition]]) -> None:
        self._entries = tuple(entries)
        self._names = tuple(sorted({name for _, condition in self._entries for name in _facts_in(condition)}))
        self._known: dict[tuple[frozenset[str] | None, ...], frozenset[Key]] = {}

    def at(self, facts: Facts) -> frozenset[Key]:
        """Return the entries that fit."""
        key = tuple(map(facts.get, self._names))
        if key not in self._known:
            self._known[key] = frozenset(each for each, condition in self._entries if holds(condition, facts))
        return self._known[key]


def _facts_in(condition: Condition) -> Iterator[str]:
    match condition:
        case Is(fact=fact):
            yield fact
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _facts_in(part)
        case Not(part=part):
            yield from _facts_in(part)
