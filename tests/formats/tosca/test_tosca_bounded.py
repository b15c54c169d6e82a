"""What multiplies in a small file is bounded: copies of copies, types derived through thousands, groups in each policy, long chains of hosts."""

import time

import pytest

from tests.formats.tosca.tosca_bench import model, read

VERSION = "tosca_definitions_version: tosca_simple_yaml_1_3\n"
NODES = VERSION + "topology_template:\n  node_templates:\n"
COMPUTE = "tosca.nodes.Compute"


def test_a_copy_through_more_than_fifty_others_is_an_error() -> None:
    body = f"    a0: {{type: {COMPUTE}}}\n" + "".join(f"    a{i}: {{copy: a{i - 1}}}\n" for i in range(1, 52))
    _, problems = read(NODES + body)
    assert [(each.text, each.at.line) for each in problems if each.code == "T012"] == [
        ("node template 'a51' copies through more than 50 others", 5)
    ]


def test_many_copies_of_a_large_template_end_with_one_error() -> None:
    large = ", ".join(f"p{i}: 1" for i in range(3_000))
    body = f"    a: {{type: their.Type, properties: {{{large}}}}}\n"
    body += "".join(f"    b{i}: {{copy: a, properties: {{q: 1}}}}\n" for i in range(1_000))
    _, problems = read(NODES + body)
    assert [each.text for each in problems if each.code == "T012"] == [
        "from here on copies are not read: all together they have more than 2,000,000 words"
    ]


def test_types_derived_through_thousands_are_cut_and_told() -> None:
    types = "".join(
        f"  t{i}: {{derived_from: t{i - 1}, properties: {{p{i}: {{type: string, required: false}}}}}}\n" for i in range(1, 3_000)
    )
    uses = "".join(f"    a{i}: {{type: t{i}}}\n" for i in range(0, 3_000, 3))
    began = time.monotonic()
    _, problems = read(NODES + uses + f"node_types:\n  t0: {{derived_from: {COMPUTE}}}\n{types}")
    assert time.monotonic() - began < 30
    assert {(each.code, each.text.partition("'t")[0]) for each in problems if each.severity == "error"} == {("T011", "type ")}


def test_a_group_in_each_of_many_policies_ends_with_one_error() -> None:
    nodes = "".join(f"    a{i}: {{type: {COMPUTE}}}\n" for i in range(2_000))
    group = f"  groups: {{g: {{type: tosca.groups.Root, members: [{', '.join(f'a{i}' for i in range(2_000))}]}}}}\n"
    policies = "".join(f"    - p{i}: {{type: tosca.policies.Placement, targets: [g]}}\n" for i in range(1_000))
    _, problems = read(NODES + nodes + group + "  policies:\n" + policies)
    assert [each.text for each in problems if each.severity == "error"] == [
        "the policies up to 'p500' have more than 1,000,000 targets together; this and others count for none"
    ]


def test_groups_in_a_circle_of_groups_have_all_members_each() -> None:
    policy = "{{type: musa.policies.SecurityRequirement, targets: [{}], properties: {{controls: [{}]}}}}"
    cpim, said = model(
        f"    a: {{type: {COMPUTE}}}\n    b: {{type: {COMPUTE}}}\n"
        "  groups:\n    g: {type: tosca.groups.Root, members: [a, h]}\n    h: {type: tosca.groups.Root, members: [b, g]}\n"
        f"  policies:\n    - p: {policy.format('g', 'AC-2')}\n    - q: {policy.format('h', 'AC-3')}"
    )
    assert cpim is not None, said
    assert [(str(each.id), [str(one.control) for one in each.wanted]) for each in cpim.components] == [
        ("a", ["AC-2", "AC-3"]),
        ("b", ["AC-2", "AC-3"]),
    ]


@pytest.mark.parametrize("many", [20_000])
def test_a_chain_of_hosts_costs_its_length_once(many: int) -> None:
    body = "".join(
        f"    a{i}: {{type: tosca.nodes.SoftwareComponent, requirements: [{{host: a{i + 1}}}]}}\n" for i in range(many)
    )
    began = time.monotonic()
    cpim, _ = read(NODES + body + f"    a{many}: {{type: {COMPUTE}}}\n")
    assert cpim is not None and len(cpim.components) == many + 1
    assert time.monotonic() - began < 40


@pytest.mark.parametrize(
    "said",
    [
        "properties: {p#: {type: string}}",
        "capabilities: {c#: tosca.capabilities.Endpoint}",
        "requirements: [r#: tosca.capabilities.Node]",
        "artifacts: {i#: {type: tosca.artifacts.Deployment.Image, file: x}}",
    ],
)
def test_many_templates_of_a_large_type_end_with_an_error(said: str) -> None:
    key, inner = said.split(": ", 1)
    large = ", ".join(inner[1:-1].replace("#", str(i)) for i in range(2_000))
    body = "".join(f"    a{i}: {{type: my.T}}\n" for i in range(600))
    text = NODES + body + f"node_types:\n  my.T: {{{key}: {inner[0]}{large}{inner[-1]}}}\n"
    began = time.monotonic()
    _, problems = read(text)
    assert [each.text for each in problems if each.severity == "error" and each.code == "T004"] == [
        "up to 'a500', node templates have more than 1,000,000 properties and the like by their types"
    ]
    assert time.monotonic() - began < 90
