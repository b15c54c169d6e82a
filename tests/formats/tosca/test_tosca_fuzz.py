"""No file crashes the reader, nothing it gives contradicts itself, and the same file gives the same model."""

import json
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.cpim import Cpim, Role
from tests.formats.tosca.tosca_bench import ROOT, TYPES, read

KEYS = [
    "tosca_definitions_version",
    "topology_template",
    "service_template",
    "node_templates",
    "inputs",
    "policies",
    "groups",
    "imports",
    "node_types",
    "capability_types",
    "relationship_types",
    "policy_types",
    "derived_from",
    "type",
    "properties",
    "requirements",
    "capabilities",
    "interfaces",
    "artifacts",
    "host",
    "uses",
    "node",
    "relationship",
    "capability",
    "Standard",
    "operations",
    "create",
    "start",
    "implementation",
    "primary",
    "file",
    "targets",
    "members",
    "controls",
    "metric",
    "at_least",
    "alert_at",
    "countries",
    "agent",
    "data",
    "name",
    "class",
    "exposed",
    "port",
    "ports",
    "protocol",
    "secure",
    "kind",
    "implements",
    "instances",
    "default",
    "get_input",
    "get_property",
    "concat",
    "join",
    "num_cpus",
    "mem_size",
    "os",
    "a",
    "b",
    "vm",
    "web",
    "size",
    "image",
    "node_filter",
    "directives",
    "copy",
    "node",
    "substitution_mappings",
    "node_type",
    "substitution_filter",
    "members",
    "trust",
    "workflows",
    "steps",
    "activities",
    "triggers",
    "target_filter",
    "$get_property",
    "$and",
    "$equal",
    "$sum",
    "token",
    "get_attribute",
    "get_artifact",
    "get_nodes_of_type",
    "greater_than",
    "valid_values",
    "pattern",
    "scalable",
    "credential",
    "network_name",
    "checksum",
    "repository",
    "repositories",
]
WORDS = [
    "tosca_simple_yaml_1_3",
    "tosca_2_0",
    "musa.yaml",
    "types.yaml",
    "musa.nodes.Api",
    "musa.nodes.Database",
    "musa.nodes.Software",
    "tosca.nodes.Root",
    "tosca.nodes.Compute",
    "tosca.nodes.network.Port",
    "tosca.nodes.BlockStorage",
    "tosca.relationships.HostedOn",
    "tosca.capabilities.Endpoint",
    "musa.policies.ServiceLevel",
    "musa.policies.Location",
    "musa.policies.Separation",
    "SELF",
    "HOST",
    "TARGET",
    "CAPABILITY",
    "select",
    "substitute",
    "musa.groups.TrustZone",
    "musa.policies.SecurityCapability",
    "tosca.policies.Scaling",
    "tosca.policies.nfv.AffinityRule",
    "tosca.nodes.network.Network",
    "http://x/y",
    "0.0.0.0/0",
    "(a+)+",
    "a",
    "b",
    "vm",
    "web",
    "AC-2",
    "SC-14",
    "availability",
    "EU",
    "99",
    "%",
    "4",
    "GB",
    "-",
    "~",
    "yes",
]
scalars = st.one_of(st.sampled_from([*KEYS, *WORDS]), st.text(max_size=6), st.integers(), st.booleans(), st.none(), st.floats())
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from([*KEYS, *WORDS]) | st.text(max_size=4), inner, max_size=5),
    ),
    max_leaves=25,
)
templates = st.dictionaries(
    st.sampled_from(["a", "b", "vm", "web", "A"]),
    st.one_of(
        trees,
        st.fixed_dictionaries({"type": scalars}, optional={"properties": trees, "requirements": trees, "capabilities": trees}),
    ),
    max_size=5,
)
REAL = [
    (ROOT / "models/shop/shop.yaml").read_text(),
    (ROOT / "models/flight-scheduling/flight-scheduling.yaml").read_text(),
    TYPES,
]


def sound(cpim: Cpim | None) -> None:
    """What every later stage counts on."""
    if cpim is None:
        return
    ids = [each.id for each in cpim.components]
    known = {each.id: each for each in cpim.components}
    assert ids == sorted(set(ids))
    pairs = [(each.source, each.target) for each in cpim.connections]
    assert pairs == sorted(set(pairs))
    assert {end for pair in pairs for end in pair} <= set(ids)
    assert all(source != target for source, target in pairs)
    for component in cpim.components:
        seen = set()
        at = component
        while at.host is not None:
            assert at.id not in seen
            seen.add(at.id)
            at = known[at.host]
        assert component.instances > 0
        assert component.at.file
        assert component.role is not Role.EXTERNAL or component.host is None
        assert all(each.number is None or 0 < each.number < 65536 for each in component.ports)
    assert {each for group in (*cpim.apart, *cpim.together) for each in group} <= set(ids)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees)
def test_any_tree_is_read_without_a_crash(tree: Any) -> None:
    sound(read(json.dumps(tree), {"types.yaml": TYPES})[0])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(templates, trees, trees, trees)
def test_any_topology_is_read_without_a_crash(nodes: Any, policies: Any, types: Any, imports: Any) -> None:
    text = json.dumps(
        {
            "tosca_definitions_version": "tosca_simple_yaml_1_3",
            "imports": ["musa.yaml", imports] if isinstance(imports, str) else imports,
            "node_types": types,
            "repositories": types,
            "topology_template": {
                "node_templates": nodes,
                "policies": policies,
                "groups": types,
                "inputs": imports,
                "workflows": policies,
                "outputs": policies,
                "substitution_mappings": types,
            },
        }
    )
    first, said = read(text)
    sound(first)
    again, said_again = read(text)
    assert (first, list(map(str, said))) == (again, list(map(str, said_again)))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(REAL), st.data())
def test_a_file_with_lines_lost_doubled_or_spoilt_is_read_without_a_crash(text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["lose", "double", "indent", "cut", "word"])):
            case "lose":
                lines[at] = ""
            case "double":
                lines.insert(at, lines[at])
            case "indent":
                lines[at] = "  " + lines[at]
            case "cut":
                lines[at] = lines[at][: data.draw(st.integers(0, 40))]
            case _:
                key, _, _ = lines[at].partition(":")
                lines[at] = f"{key}: {data.draw(st.sampled_from([*KEYS, *WORDS]))}"
    cpim, _ = read("\n".join(lines))
    sound(cpim)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    sound(read(text)[0])
    sound(read("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template: {node_templates: " + text + "}")[0])


def test_functions_of_functions_do_not_grow_without_bound() -> None:
    chain = "".join(
        f"        p{n}: {{concat: [{{get_property: [SELF, p{n + 1}]}}, {{get_property: [SELF, p{n + 1}]}}]}}\n" for n in range(60)
    )
    text = "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n    a:\n      type: tosca.nodes.Root\n"
    cpim, _ = read(text + "      properties:\n        image: {get_property: [SELF, p0]}\n" + chain + "        p60: xx\n")
    assert cpim is not None
    assert cpim.components[0].image == ""


def test_a_file_of_mistakes_does_not_take_minutes() -> None:
    nodes = "".join(f"    n{n}: {{type: tosca.nodes.Compote, requirements: [{{host: m{n}}}]}}\n" for n in range(5_000))
    cpim, problems = read("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n" + nodes)
    assert cpim is not None
    assert len(cpim.components) == 5_000
    assert problems.errors == 5_001  # an unknown type is told once


def test_a_type_without_a_name_is_no_parent_of_itself() -> None:
    cpim, _ = read(
        "tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: {'': x}\ntopology_template: {node_templates: {a: {type: ''}}}"
    )
    assert cpim is not None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(templates, trees, trees)
def test_any_topology_may_take_the_place_of_a_node(nodes: Any, mappings: Any, inputs: Any) -> None:
    inner = {
        "tosca_definitions_version": "tosca_simple_yaml_1_3",
        "topology_template": {
            "inputs": inputs,
            "node_templates": nodes,
            "substitution_mappings": {"node_type": "tosca.nodes.Root", "requirements": mappings, "capabilities": mappings},
        },
    }
    outer = {
        "tosca_definitions_version": "tosca_simple_yaml_1_3",
        "imports": ["inner.yaml"],
        "topology_template": {
            "node_templates": {
                "x": {"type": "tosca.nodes.Root", "directives": ["substitute"], "requirements": [{"dependency": "y"}]},
                "y": {"type": "tosca.nodes.Root", "requirements": [{"dependency": "x"}]},
                "vm": {"type": "tosca.nodes.Compute"},
            }
        },
    }
    sound(read(json.dumps(outer), {"inner.yaml": json.dumps(inner)})[0])


def test_filters_of_many_templates_on_many_others_end_in_time() -> None:
    head = "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n"
    asked = "{host: {node: tosca.nodes.Compute, node_filter: {capabilities: [{host: {properties: [{num_cpus: {greater_than: 4}}]}}]}}}"
    nodes = "".join(
        f"    m{n}: {{type: tosca.nodes.Compute, capabilities: {{host: {{properties: {{num_cpus: {n % 9}}}}}}}}}\n"
        f"    n{n}: {{type: tosca.nodes.SoftwareComponent, requirements: [{asked}]}}\n"
        for n in range(2_000)
    )
    start = time.process_time()
    cpim, _ = read(head + nodes)
    assert cpim is not None
    assert len(cpim.components) == 4_000
    assert time.process_time() - start < 30
