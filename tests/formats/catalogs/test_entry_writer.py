from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.musa2016.write import WIDTH, write_entry
from musa_pipeline.text.yaml import plain, read_yaml

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
words = st.lists(st.text("abc :#,-?\"'{}[]", min_size=1, max_size=9), min_size=1, max_size=40).map(" ".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(-1e9, 1e9) | texts | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcdefgh-(5)", min_size=1, max_size=9), values, min_size=1, max_size=5))
def test_what_is_written_is_read_again(entry: dict[str, object]) -> None:
    problems = Problems()
    tree = read_yaml(write_entry(entry), "x.yaml", problems)
    assert (plain(tree), list(problems)) == (entry, [])


def test_a_value_that_fits_takes_one_line_and_a_long_one_is_opened_up() -> None:
    entry = {
        "id": "x",
        "applies": {"kind": ["a", "b"]},
        "because": "word " * 40 + "end",
        "controls": {"SC-5": {"because": "y" * 110}},
    }
    text = write_entry(entry)
    assert text.startswith("id: x\napplies: {kind: [a, b]}\nbecause: >-\n  word word")
    assert "controls:\n  SC-5:\n    because: >-\n      yyy" in text
    assert max(map(len, text.splitlines())) <= WIDTH
