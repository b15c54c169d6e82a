import json

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.condition import ALWAYS, All, Any, Condition, Is, Not, holds
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.text.yaml import Mapping, read_yaml

KINDS = ("api", "database")


def read(text: str) -> Condition:
    problems = Problems()
    tree = read_yaml(f"applies: {text}", "x.yaml", problems)
    assert isinstance(tree, Mapping)
    found = Conditions(KINDS, problems).read(tree.get("applies"))
    assert list(problems) == []
    return found


def test_several_facts_mean_all_of_them() -> None:
    assert read("{kind: [api, database], exposed: true}") == All(
        parts=(Is(fact="kind", among=frozenset(KINDS)), Is(fact="exposed", among=frozenset({"true"})))
    )


def test_all_any_not_and_a_fact_with_any_value() -> None:
    assert read("{all: [{any: [{answer: true}, {data: any}]}, {not: {secure: false}}]}") == All(
        parts=(
            Any(parts=(Is(fact="answer", among=frozenset({"true"})), Is(fact="data"))),
            Not(part=Is(fact="secure", among=frozenset({"false"}))),
        )
    )


def test_no_condition_means_always() -> None:
    assert read("") == read("{}") == ALWAYS


facts = st.fixed_dictionaries(
    {}, optional={"kind": st.sampled_from([["api"], ["database"]]), "exposed": st.sampled_from([[True], [False]])}
)
trees = st.recursive(
    facts,
    lambda inner: (
        st.fixed_dictionaries({"not": inner})
        | st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)})
    ),
    max_leaves=8,
)


def expected(tree: dict[str, object], known: dict[str, frozenset[str]]) -> bool:
    def one(key: str, value: object) -> bool:
        match key, value:
            case "not", dict():
                return not expected(value, known)
            case "all", list():
                return all(expected(each, known) for each in value)
            case "any", list():
                return any(expected(each, known) for each in value)
        assert isinstance(value, list)
        return bool({str(each).lower() for each in value} & known.get(key, frozenset()))

    return all(one(key, value) for key, value in tree.items())


@given(trees, st.sampled_from(KINDS), st.sampled_from(["true", "false", None]))
def test_a_condition_means_what_its_tree_says(tree: dict[str, object], kind: str, exposed: str | None) -> None:
    known = {"kind": frozenset({kind})} | ({"exposed": frozenset({exposed})} if exposed else {})
    assert holds(read(json.dumps(tree)), known) == expected(tree, known)
