"""The YAML half of a program: what it says is read, and every mistake is told at its place, all in one run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.bpf import BpfField, BpfMap, BpfParameter, BpfProgram, Scope
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.bpf import read_program

GOOD = """\
id: mine
title: A program of a test
scope: inspect
hook: xdp
entry: musa_mine
order: 50
cost: medium
needs: {btf: false}
parameters:
  most: {type: int, range: [1, 9], default: 3, sizes: [seen], help: entries}
maps:
  seen:
    key: ipv4
    per_cpu: true
    value:
      flags: {unit: flags, size: 2}
      packets: {unit: packets, emits: test.packets}
      last: {unit: s, size: 4}
"""


def said(text: str) -> list[str]:
    problems = Problems()
    program = read_program(text, "bpf/mine.yaml", problems)
    assert (program is None) == bool(problems.errors)
    return [f"{each}; {each.help}" if each.help else str(each) for each in problems]


def test_a_program_is_read_with_the_places_of_its_numbers_as_in_c() -> None:
    problems = Problems()
    assert read_program(GOOD, "bpf/mine.yaml", problems) == BpfProgram(
        id="mine",
        title="A program of a test",
        scope=Scope.INSPECT,
        hook="xdp",
        entry="musa_mine",
        order=50,
        cost="medium",
        needs_btf=False,
        parameters=(BpfParameter(name="most", lowest=1, highest=9, default=3, help="entries", sizes=("seen",)),),
        maps=(
            BpfMap(
                name="seen",
                key="ipv4",
                key_size=4,
                value_size=24,
                per_cpu=True,
                fields=(
                    BpfField(name="flags", offset=0, size=2, metric="", unit="flags"),
                    BpfField(name="packets", offset=8, size=8, metric="test.packets", unit="packets"),
                    BpfField(name="last", offset=16, size=4, metric="", unit="s"),
                ),
            ),
        ),
    )
    assert not list(problems)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: A program of a test\n", "", "1:1: error[B001]: a program has no 'title'; add title: a text"),
        ("title: A program of a test", "title: [a]", "2:8: error[B001]: 'title' must be a text, not a list"),
        ("title", "titel", "2:1: error[B002]: a program has no key 'titel'; did you mean 'title'?"),
        ("scope: inspect", "scope: inspekt", "3:8: error[B003]: 'scope' cannot be 'inspekt'; did you mean 'inspect'?"),
        ("hook: xdp", "hook: kprobe", "4:7: error[B003]: 'hook' cannot be 'kprobe'; one of xdp"),
        ("order: 50", "order: -1", "6:8: error[B004]: 'order' must be a whole number from 0 to 1000"),
        ("order: 50", "order: true", "6:8: error[B004]: 'order' must be a whole number from 0 to 1000"),
        (
            "[1, 9]",
            "[9, 1]",
            "10:28: error[B004]: 'range' is no range; write [lowest, highest], whole numbers from 0 to 4294967295",
        ),
        ("default: 3", "default: 10", "10:45: error[B004]: 'default' must be a whole number from 1 to 9"),
        ("size: 4", "size: 3", "18:29: error[B004]: 'size' must be one of 8, 4, 2, 1"),
        (
            "musa_mine",
            "mine",
            "5:8: error[B005]: 'mine' cannot be a name here; an entry begins with 'musa_' and has at most 15 signs",
        ),
        ("id: mine", "id: other", "1:5: error[B006]: id 'other' is in a file named 'mine'; rename one of them to mine"),
        ("[seen]", "[sene]", "10:56: error[B007]: parameter 'most' sizes a map 'sene' that is not here; maps here: 'seen'"),
        (
            "unit: s,",
            "unit: s, emits: test.packets,",
            "12:3: error[B008]: 'test.packets' is emitted twice; give each number a metric of its own",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place_with_the_way_out(old: str, new: str, told: str) -> None:
    assert old in GOOD
    assert f"bpf/mine.yaml:{told}" in said(GOOD.replace(old, new))


def test_mistakes_are_told_all_in_one_run() -> None:
    text = GOOD.replace("xdp", "none").replace("order: 50", "order: x").replace("key: ipv4", "key: ip").replace("medium", "free")
    assert [each.split(": ")[0] for each in said(text)] == [f"bpf/mine.yaml:{place}" for place in ("4:7", "6:8", "7:7", "13:10")]


KEYS = st.sampled_from(
    ["id", "scope", "order", "needs", "parameters", "maps", "value", "range", "sizes", "key", "size", "emits", "x"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab-_. \u00e4", max_size=5) | st.just("mine"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, ANYTHING))
def test_no_text_breaks_the_reader(tree: dict[str, object]) -> None:
    import json

    problems = Problems()
    assert read_program(json.dumps(tree), "bpf/mine.yaml", problems) is None
    assert problems.errors


@given(st.text())
def test_no_signs_break_the_reader(text: str) -> None:
    assert read_program(text, "bpf/mine.yaml", Problems()) is None


@given(st.sampled_from(GOOD.splitlines()), ANYTHING)
def test_any_line_may_be_anything_else(line: str, other: object) -> None:
    import json

    read_program(GOOD.replace(line, f"{line.split(':')[0]}: {json.dumps(other)}"), "bpf/mine.yaml", Problems())
