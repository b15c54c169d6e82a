"""The YAML tree: places kept, mistakes found, nothing unbounded, nothing executed."""

import re

import yaml
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.problems import Problems
from musa_pipeline.text.yaml import Mapping, plain, read_yaml


def read(text: str) -> tuple[object, list[str]]:
    problems = Problems()
    tree = read_yaml(text, "a.yaml", problems)
    return plain(tree), [str(each) for each in problems]


def test_words_stay_words_and_numbers_are_numbers() -> None:
    text = "{a: yes, b: on, c: 2024-01-01, d: 1.10, e: 012, f: true, g: ~, h: '1', i: 0x1F, j: 1e3}"
    assert read(text) == (
        {
            "a": "yes",
            "b": "on",
            "c": "2024-01-01",
            "d": 1.1,
            "e": "012",
            "f": True,
            "g": None,
            "h": "1",
            "i": "0x1F",
            "j": 1000.0,
        },
        [],
    )


def test_every_key_and_value_knows_its_place() -> None:
    problems = Problems()
    tree = read_yaml("a: 1\nb:\n  - x\n  - {c: dd}\n", "a.yaml", problems)
    assert isinstance(tree, Mapping)
    assert [str(at) for at in tree.keys.values()] == ["a.yaml:1:1", "a.yaml:2:1"]
    assert str(tree.entries["b"].items[1].entries["c"].at) == "a.yaml:4:9"  # type: ignore[union-attr]
    assert tree.entries["b"].items[1].entries["c"].at.length == 2  # type: ignore[union-attr]


def test_a_key_twice_is_told_with_both_lines() -> None:
    assert read("a: 1\nb: 2\na: 3\n") == ({"a": 1, "b": 2}, ["a.yaml:3:1: error[Y002]: key 'a' is here twice"])


def test_ones_own_key_wins_over_a_merged_one_before_and_after() -> None:
    text = "base: &b {k: 1, l: 2}\nafter: {<<: *b, k: 3}\nbefore: {k: 3, <<: *b}\ninline: {<<: &i {k: 1}, k: 2}\n"
    tree, told = read(text)
    assert told == []
    assert tree == {"base": {"k": 1, "l": 2}, "after": {"k": 3, "l": 2}, "before": {"k": 3, "l": 2}, "inline": {"k": 2}}


def test_an_own_key_twice_is_a_mistake_even_beside_a_merge() -> None:
    assert read("base: &b {k: 1}\nm: {<<: *b, k: 2, k: 3}\n")[1] == ["a.yaml:2:19: error[Y002]: key 'k' is here twice"]


def test_tags_are_text_and_nothing_is_made_of_them() -> None:
    tree, told = read("a: !!python/object/apply:os.system [id]\nb: !unsafe x\n")
    assert (tree, told) == ({"a": ["id"], "b": "x"}, [])


_PLAIN_TEXT = st.text(max_size=8).filter(lambda text: not re.fullmatch(r"[-+]?[0-9.]+[eE][-+]?[0-9]+", text))
"""`0E0` is a number in YAML 1.2 and none in 1.1, which the library writes without quotes."""
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _PLAIN_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=6), plain_values, min_size=1, max_size=4))
def test_what_a_yaml_library_writes_is_read_as_it_was(value: dict[str, object]) -> None:
    problems = Problems()
    tree = read_yaml(yaml.safe_dump(value), "a.yaml", problems)
    if not len(problems):  # some keys are merge keys or not printable, which is told
        assert plain(tree) == value


@given(st.text())
def test_no_text_crashes_it(text: str) -> None:
    read_yaml(text, "a.yaml", Problems())
    read_yaml(text, "a.yaml", Problems(), several=True)


def test_depth_is_counted_through_aliases() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{each}: &a{each} [*a{each - 1}]\n" for each in range(1, 200))
    assert read(chain) == (None, ["a.yaml:100:12: error[Y003]: nested deeper than 100"])


def test_a_merge_sign_in_quotes_is_a_name() -> None:
    assert read("a: {'<<': {b: 1}}\n") == ({"a": {"<<": {"b": 1}}}, [])


def test_half_a_sign_is_told_with_its_place() -> None:
    assert read("a: b\nc: \ud800") == (None, ["a.yaml:2:4: error[Y001]: not YAML: half of a sign"])


def test_tabs_have_a_way_out() -> None:
    problems = Problems()
    read_yaml("a:\n\tb: 1\n", "a.yaml", problems)
    assert [each.help for each in problems] == ["YAML is indented with spaces; replace the tabs"]


def test_a_file_of_doubles_ends() -> None:
    tree, told = read("a: 1\n" * 5_000)
    assert (tree, len(told)) == (None, 1_000)


def test_a_number_too_long_to_be_meant_is_text() -> None:
    assert read("a: " + "9" * 10**6)[0] == {"a": "9" * 10**6}


def test_a_key_that_is_a_list_or_mapping_is_kept_as_its_text_where_the_language_allows_it() -> None:
    problems = Problems()
    text = "[CAPABILITY, endpoint]: port\n{$concat: [a, {b: c}]}: d\n? - x\n: y\n{{ name }}: z\nport: {{ port }}\n"
    tree = read_yaml(text, "a.yaml", problems, written_keys=True)
    kept = {"[CAPABILITY, endpoint]": "port", "{$concat: [a, {b: c}]}": "d", "[x]": "y", "port": {}}
    assert plain(tree) == kept
    assert [f"{each} | {each.help}" for each in problems] == [
        "a.yaml:5:1: error[Y004]: a key must be text, not a list or mapping | put '{{ … }}' in quotes",
        "a.yaml:5:2: error[Y004]: a key must be text, not a list or mapping | put '{{ … }}' in quotes",
        "a.yaml:6:8: error[Y004]: a key must be text, not a list or mapping | put '{{ … }}' in quotes",
    ]
    assert read("[a, b]: c\n") == ({}, ["a.yaml:1:1: error[Y004]: a key must be text, not a list or mapping"])


def test_a_key_of_many_parts_is_not_kept() -> None:
    problems = Problems()
    wide = "? [" + "x, " * 200 + "]\n: 1\n? [" + "y" * 2_000 + "]\n: 2\n"
    assert plain(read_yaml(wide, "a.yaml", problems, written_keys=True)) == {}
    assert [each.code for each in problems] == ["Y004", "Y004"]
