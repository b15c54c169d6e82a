"""What templates assign is held against what their types define: each fault at its own place, with a way out."""

import time

import pytest

from tests.formats.tosca.tosca_bench import model, read

TYPES = """\
data_types:
  my.Port: {derived_from: integer, constraints: [{in_range: [1, 100]}]}
  my.Limits: {properties: {low: {type: integer}, high: {type: integer, default: 9}, size: {type: scalar-unit.size, required: false}}}
capability_types:
  my.Api: {derived_from: tosca.capabilities.Endpoint, properties: {kind: {type: string, constraints: [{valid_values: [rest, soap]}]}}}
  my.Odd: {derived_from: tosca.capabilities.Root}
relationship_types:
  my.ToOdd: {derived_from: tosca.relationships.DependsOn, valid_target_types: [my.Odd], properties: {speed: {type: float, required: false}}}
node_types:
  my.Shop:
    derived_from: tosca.nodes.Root
    properties:
      port: {type: my.Port, required: false}
      count: {type: integer, required: false, constraints: [{greater_or_equal: 2}]}
      mode: {type: string, required: false, constraints: [{valid_values: [a, b]}]}
      code: {type: string, required: false, constraints: [{pattern: '[a-z]+'}, {max_length: 5}]}
      size: {type: scalar-unit.size, required: false, constraints: [{less_than: 4 GB}]}
      wait: {type: scalar-unit.time, required: false}
      flag: {type: boolean, required: false}
      rate: {type: float, required: false}
      tags: {type: list, required: false, entry_schema: {type: integer}, constraints: [{max_length: 2}]}
      table: {type: map, required: false, entry_schema: {type: my.Limits}}
      limits: {type: my.Limits, required: false}
      slow: {type: string, required: false, constraints: [{pattern: '(a+)+$'}]}
    capabilities: {api: {type: my.Api, valid_source_types: [my.Client]}, odd: my.Odd}
  my.Client:
    derived_from: tosca.nodes.Root
    properties: {must: {type: string}}
    requirements:
      - api: {capability: my.Api, occurrences: [1, 2]}
      - odd: {capability: my.Odd, relationship: my.ToOdd, occurrences: [0, UNBOUNDED]}
  my.Other: {derived_from: tosca.nodes.Root, requirements: [{api: {capability: my.Api}}]}
"""


def said(templates: str, rest: str = "") -> list[str]:
    _, found = model(templates, rest=rest + TYPES)
    return [each for each in found if each.startswith("T08")]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("cuont: 3", "T080 warning 5:37 component 'a' has property 'cuont', which my.Shop does not define | did you mean 'count'?"),
        ("count: many", "T081 error 5:44 property 'count' of component 'a' must be a whole number | write it so, or correct the type"),
        ("count: [2]", "T081 warning 5:44 property 'count' of component 'a' must be a whole number | write it so, or correct the type"),
        ("count: 1", "T082 warning 5:44 property 'count' of component 'a' must be at least 2 | its definition says so"),
        ("port: 200", "T082 warning 5:43 property 'port' of component 'a' must be in the range [1, 100] | its definition says so"),
        ("mode: c", "T082 warning 5:43 property 'mode' of component 'a' must be one of [a, b] | its definition says so"),
        ("code: A", "T082 warning 5:43 property 'code' of component 'a' must be of the form [a-z]+ | its definition says so"),
        ("code: abcdef", "T082 warning 5:43 property 'code' of component 'a' must be at most 5 long | its definition says so"),
        ("size: 4 lots", "T081 error 5:43 property 'size' of component 'a' must be a size such as 4 GB | write it so, or correct the type"),
        ("size: 4 GiB", "T082 warning 5:43 property 'size' of component 'a' must be less than 4 GB | its definition says so"),
        ("wait: 3 GB", "T081 error 5:43 property 'wait' of component 'a' must be a time such as 5 m | write it so, or correct the type"),
        ("flag: perhaps", "T081 error 5:43 property 'flag' of component 'a' must be true or false | write it so, or correct the type"),
        ("rate: fast", "T081 error 5:43 property 'rate' of component 'a' must be a number | write it so, or correct the type"),
        ("tags: {a: 1}", "T081 warning 5:43 property 'tags' of component 'a' must be a list | write it so, or correct the type"),
        ("tags: [1, x]", "T081 error 5:47 property 'tags[1]' of component 'a' must be a whole number | write it so, or correct the type"),
        ("tags: [1, 2, 3]", "T082 warning 5:43 property 'tags' of component 'a' must be at most 2 long | its definition says so"),
        ("table: {x: {low: 1, hgih: 2}}", "T080 warning 5:57 property 'table.x.hgih' of component 'a' is not of its data type | did you mean 'high'?"),
        ("limits: {high: 2}", "T083 warning 5:45 property 'limits.low' of component 'a' is required and absent | give it a value"),
        ("limits: 7", "T081 warning 5:45 property 'limits' of component 'a' must be a mapping with 'high', 'low', 'size' | write it so, or correct the type"),
    ],
)  # fmt: skip
def test_a_value_that_its_type_does_not_allow_is_told_at_its_place(properties: str, expected: str) -> None:
    assert said(f"    a: {{type: my.Shop, properties: {{{properties}}}}}") == [expected]


@pytest.mark.parametrize(
    "properties",
    [
        "count: '4', port: '80', mode: a, code: abc, size: 512 MiB, wait: .5 d, flag: yes, rate: .5, tags: [1, '2']",
        "count: {get_input: n}, mode: {get_property: [b, mode]}, limits: {get_attribute: [b, limits]}, tags: [{get_input: n}, 2]",
        "mode: '{{ mode }}', count: '${COUNT}', rate: .inf, size: 100",
        "count: , mode: null, limits: {low: 1, size: 3 GB}, table: {x: {low: {get_input: n}}}",
        "slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    ],
)
def test_values_that_fit_or_that_only_a_deployment_knows_are_not_told(properties: str) -> None:
    rest = "  inputs: {n: {type: integer}}\n"
    start = time.process_time()
    assert said(f"    a: {{type: my.Shop, properties: {{{properties}}}}}\n    b: {{type: my.Shop}}\n", rest) == []
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        (
            "    a: {type: my.Client, requirements: [{api: s}]}\n    s: {type: my.Shop}",
            [
                "T083 warning 5:5 component 'a' lacks property 'must', which my.Client requires | give it a value; else it stays unknown"
            ],
        ),
        (
            "    a: {type: my.Client, properties: {must: x}}",
            [
                (
                    "T086 warning 5:5 component 'a' has no requirement 'api', of which its type wants 1 or more"
                    " | name the node that it leads to; else it stays open"
                )
            ],
        ),
        (
            (
                "    a: {type: my.Client, properties: {must: x}, requirements: [{api: s}, {api: t}, {api: u}]}\n"
                "    s: {type: my.Shop}\n    t: {type: my.Shop}\n    u: {type: my.Shop}"
            ),
            [
                (
                    "T086 warning 5:5 component 'a' has 3 requirements 'api', of which its type allows 2"
                    " | drop some, or widen occurrences in the type"
                )
            ],
        ),
        (
            "    a: {type: my.Client, properties: {must: x}, requirements: [{api: a}]}",
            [
                "T084 warning 5:70 component 'a' needs 'a' as its 'api', which offers no my.Api | let my.Client offer it, or name another node"
            ],
        ),
        (
            "    a: {type: my.Client, properties: {must: x}, requirements: [{api: {node: s, capability: ap}}]}\n    s: {type: my.Shop}",
            ["T084 warning 5:77 component 'a' needs 's' as its 'api', whose type has no capability 'ap' | did you mean 'api'?"],
        ),
        (
            "    a: {type: my.Other, requirements: [{api: s}]}\n    s: {type: my.Shop}",
            [
                "T085 warning 5:46 component 'a' needs 's' as its 'api', whose 'api' is only for my.Client | derive my.Other from one of them"
            ],
        ),
        (
            (
                "    a: {type: my.Client, properties: {must: x}, requirements: [{api: s}, {odd: {node: s, relationship:"
                " {type: my.ToOdd, properties: {speed: fast, spede: 2}}}}]}\n    s: {type: my.Shop}"
            ),
            [
                "T081 error 5:141 property 'speed' of relationship 'odd' of component 'a' must be a number | write it so, or correct the type",
                "T080 warning 5:147 relationship 'odd' of component 'a' has property 'spede', which my.ToOdd does not define | did you mean 'speed'?",
            ],
        ),
        (
            "    s: {type: my.Shop, capabilities: {api: {properties: {kind: grpc, prot: 1}}, apii: {}}}",
            [
                "T082 warning 5:64 property 'kind' of capability 'api' of component 's' must be one of [rest, soap] | its definition says so",
                "T080 warning 5:70 capability 'api' of component 's' has property 'prot', which my.Api does not define | did you mean 'port'?",
                "T087 warning 5:81 component 's' has capability 'apii', which its type does not offer | did you mean 'api'?",
            ],
        ),
        (
            "    s: {type: my.Other, requirements: [{apl: t}]}\n    t: {type: my.Shop}",
            ["T087 warning 5:41 component 's' has requirement 'apl', which its type does not define | did you mean 'api'?"],
        ),
        (
            "    d: {type: tosca.nodes.Database}",
            [
                "T083 note 5:5 component 'd' lacks property 'name', which tosca.nodes.Database requires | give it a value; else it stays unknown"
            ],
        ),
    ],
)
def test_requirements_and_capabilities_that_do_not_fit_are_told(templates: str, expected: list[str]) -> None:
    assert said(templates) == expected


def test_of_unknown_types_nothing_is_said() -> None:
    assert (
        said(
            "    a: {type: their.Thing, properties: {x: 1}, capabilities: {y: {}}, requirements: [{z: b}]}\n    b: {type: my.Shop}"
        )
        == []
    )
    rest = "  policies: [{p: {type: their.Policy, properties: {x: 1}}}]\n"
    assert said("    a: {type: my.Shop}", rest) == []


def test_a_value_that_was_told_when_it_was_read_is_not_told_twice() -> None:
    _, found = model("    a: {type: musa.nodes.Api, properties: {port: many}}")
    assert [each.split(" ")[0] for each in found] == ["T023"]


def test_checks_take_time_that_grows_with_the_model() -> None:
    def took(size: int) -> float:
        nodes = "".join(
            f"    n{n}: {{type: my.Shop, properties: {{count: 1, mode: c, tags: [x, y, z], limits: {{lowe: 2}}}},"
            f" requirements: [{{apy: n{n}}}]}}\n"
            for n in range(size)
        )
        start = time.process_time()
        read("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n" + nodes + TYPES)
        return time.process_time() - start

    took(10)
    small, large = min(took(300) for _ in range(2)), took(3_000)
    assert large < max(20 * small, 4)


def test_a_deep_chain_of_types_costs_its_depth_once() -> None:
    chain = "".join(f"  t{n}: {{derived_from: t{n + 1}, interfaces: {{Standard: {{create: a.sh}}}}}}\n" for n in range(400))
    nodes = "".join(f"    n{n}: {{type: t0}}\n" for n in range(400))
    start = time.process_time()
    cpim, problems = read(
        "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n"
        + nodes
        + "node_types:\n"
        + chain
        + "  t400: {derived_from: tosca.nodes.SoftwareComponent}\n"
    )
    assert cpim is not None
    assert problems.errors == 0
    assert time.process_time() - start < 3
