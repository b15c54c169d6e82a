"""Conditions in catalogs: `all`, `any`, `not`, or facts with the values they may have; several keys of one mapping mean all."""

from collections.abc import Iterable

from musa_pipeline.domain.condition import ALWAYS, All, Any, Condition, Is, Not
from musa_pipeline.domain.cpim import DataClass, Role, Trust
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

CATEGORIES = ("custom web app", "external software as service", "storage as service")
"""MUSA's three categories of components."""

_YES_NO = frozenset({"true", "false"})
_SHOWN = frozenset({"true"})
"""What the graph shows or does not: that it is not so, nobody knows."""


class Conditions:
    """Reads conditions, knowing which facts there are and what each may be. Code: C007 unknown fact or value, C001 wrong shape."""

    def __init__(self, kinds: Iterable[str], problems: Problems) -> None:
        known = frozenset(kinds)
        self.problems = problems
        self.facts: dict[str, frozenset[str]] = {
            "kind": known,
            "category": frozenset(CATEGORIES),
            "role": frozenset(Role),
            "exposed": _YES_NO,
            "data": frozenset(DataClass),
            "protocol": frozenset(),
            "secure": _YES_NO,
            "uses": known,
            "used-by": known,
            "hosted": _YES_NO,
            "zone": frozenset(Trust),
            "reachable": _SHOWN,
            "less-trusted": _SHOWN,
            "passes": frozenset(DataClass),
            "single-point": _SHOWN,
            "uses-plain": _SHOWN,
            "unauthenticated": _SHOWN,
            "answer": _YES_NO,
        }

    def read(self, node: Node | None) -> Condition:
        """Return the condition; no condition means always, and what cannot be read is left out."""
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return ALWAYS
        if not isinstance(node, Mapping):
            self.problems.report(
                "C001", node.at, "a condition must be a mapping of facts", help="as in {kind: [api], exposed: true}"
            )
            return ALWAYS
        parts = [self._part(key, node.keys[key], value) for key, value in node]
        found = [each for each in parts if each is not None]
        return found[0] if len(found) == 1 else All(parts=tuple(found))

    def _part(self, key: str, at: Span, value: Node) -> Condition | None:
        match key:
            case "all":
                return All(parts=self._parts(value))
            case "any":
                return Any(parts=self._parts(value))
            case "not":
                return Not(part=self.read(value))
        if key not in self.facts:
            help = near(key, self.facts) or f"known facts are {', '.join(sorted(self.facts))}"  # noqa: A001
            self.problems.report("C007", at, f"no component has a fact {key!r}", help=help)
            return None
        return self._is(key, value)

    def _parts(self, value: Node) -> tuple[Condition, ...]:
        if not isinstance(value, Sequence) or not value.items:
            self.problems.report("C001", value.at, "'all' and 'any' must hold a list of conditions")
            return ()
        return tuple(self.read(each) for each in value)

    def _is(self, fact: str, value: Node) -> Condition | None:
        among: set[str] = set()
        for each in value.items if isinstance(value, Sequence) else [value]:
            if not isinstance(each, Scalar) or each.value is None:
                self.problems.report("C001", each.at, f"fact {fact!r} must have a value or a list of values")
                continue
            word = each.text.lower() if isinstance(each.value, bool) else each.text
            if word == "any" and each is value:
                return Is(fact=fact)
            known = self.facts[fact]
            if known and word not in known:
                help = near(word, known) or f"known values are {', '.join(sorted(known))}"  # noqa: A001
                self.problems.report("C007", each.at, f"fact {fact!r} is never {word!r}", help=help)
                continue
            among.add(word)
        return Is(fact=fact, among=frozenset(among)) if among else None
