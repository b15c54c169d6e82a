"""What may hold of a condition when only some facts are known."""

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.condition import All, Any, Condition, Is, Not, holds, may_hold

NAMES, VALUES = ("kind", "answer", "exposed"), ("a", "b")
IS = st.builds(lambda fact, among: Is(fact=fact, among=among), st.sampled_from(NAMES), st.frozensets(st.sampled_from(VALUES)))
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    IS,
    lambda part: st.one_of(
        st.lists(part, max_size=3).map(lambda parts: All(parts=tuple(parts))),
        st.lists(part, max_size=3).map(lambda parts: Any(parts=tuple(parts))),
        part.map(lambda one: Not(part=one)),
    ),
    max_leaves=6,
)
FACTS = st.fixed_dictionaries({each: st.frozensets(st.sampled_from(VALUES)) for each in NAMES})


@given(CONDITIONS, FACTS, st.sets(st.sampled_from(NAMES)))
def test_what_holds_may_hold_when_less_is_known(condition: Condition, facts: dict[str, frozenset[str]], kept: set[str]) -> None:
    known = {each: facts[each] for each in kept}
    assert may_hold(condition, known) or not holds(condition, facts)
    assert may_hold(condition, facts) == holds(condition, facts)
