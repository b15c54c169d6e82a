"""Definitions and constraints that once ended the reader, or held it for hours."""

import time

import pytest

from musa_pipeline.formats.tosca.operators import COMPARISONS
from tests.formats.tosca.tosca_bench import model


def test_a_circle_of_types_that_closes_in_the_norm_is_told() -> None:
    _, said = model(
        "    web: {type: tosca.nodes.Compute}\n",
        rest="node_types:\n  tosca.nodes.Compute: {description: ours}\n  tosca.nodes.Abstract.Compute: {derived_from: Compute}\n",
    )
    assert [each for each in said if each.startswith("T011")] == [
        "T011 error 7:3 node type 'tosca.nodes.Compute' is derived from itself | end the circle at one type"
    ]


def test_texts_that_only_begin_like_numbers_are_compared_as_texts() -> None:
    digits = "1" * 60
    _, said = model(
        f"    web: {{type: my.Node, properties: {{n: '{digits}x', m: '.inf'}}}}\n",
        rest="node_types:\n  my.Node:\n    derived_from: tosca.nodes.SoftwareComponent\n    properties:\n"
        "      n: {type: string, constraints: [{greater_than: '9'}]}\n"
        "      m: {type: string, constraints: [{greater_than: '9'}]}\n",
    )
    assert [each for each in said if not each.startswith("T017")] == [
        "T082 warning 5:42 property 'n' of component 'web' must be more than 9 | its definition says so",
    ]


@pytest.mark.parametrize(
    ("pattern", "value", "said"),
    [
        ("a?" * 40 + "a" * 40, "a" * 40, None),
        ("((a|a)(b))*c", "ab" * 60, None),
        ("(aa|a){40}b", "a" * 60, None),
        (r"(\d{1,3}\.){3}\d{1,3}", "10.0.0.1", True),
        ("[^]a*+]+(?:x|y)?", "bcx", True),
        (r"v[0-9]?[0-9]\.[0-9]+?", "v12.3", True),
        ("(a", "a", None),
    ],
)
def test_patterns_that_could_take_long_are_not_decided(pattern: str, value: str, said: bool | None) -> None:
    began = time.process_time()
    assert COMPARISONS["pattern"](value, pattern) is said
    assert time.process_time() - began < 1
