"""Requirements lead where their filters, directives and substitutions say; what stays open is told."""

import pytest

from musa_pipeline.domain.cpim import Role
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca import read_tosca
from tests.formats.tosca.test_tosca_values import given
from tests.formats.tosca.tosca_bench import CATALOGS, TYPES, model, read

MACHINES = (
    "    small: {type: tosca.nodes.Compute, capabilities: {host: {properties: {num_cpus: 1, mem_size: 1 GB}},"
    " os: {properties: {type: linux}}}}\n"
    "    large: {type: tosca.nodes.Compute, capabilities: {host: {properties: {num_cpus: 8, mem_size: 16 GB}},"
    " os: {properties: {type: linux}}}}\n"
)


def host(asked: str, *, version: str = "tosca_simple_yaml_1_3") -> tuple[str | None, list[str]]:
    cpim, said = given(
        f"    a: {{type: tosca.nodes.SoftwareComponent, requirements: [{{host: {asked}}}]}}\n{MACHINES}", version=version
    )
    return cpim.components[0].host, [each for each in said if "T063" in each or "T013" in each or "T066" in each]


def test_a_node_filter_takes_the_only_node_that_fits_and_says_so() -> None:
    text = "note T063 requirement 'host' of component 'a' asks for type 'tosca.nodes.Compute' and has a node filter; only"
    for clauses in (
        "num_cpus: {greater_or_equal: 4}",
        "num_cpus: [{greater_than: 1}, {less_or_equal: 8}]",
        "mem_size: {greater_than: 2 GiB}",
        "num_cpus: {in_range: [4, UNBOUNDED]}",
        "num_cpus: {valid_values: [8, 16]}",
        "num_cpus: 8",
    ):
        filter_ = f"{{capabilities: [{{host: {{properties: [{{{clauses}}}]}}}}]}}"
        assert host(f"{{node: tosca.nodes.Compute, node_filter: {filter_}}}") == (
            "large",
            [f"{text} 'large' fits, and is taken | name it to be sure"],
        )


@pytest.mark.parametrize("path", ["host, num_cpus", "num_cpus"])
@pytest.mark.parametrize("form", ["{}", "{{condition: {}}}"])
def test_a_condition_of_tosca_2_filters_too(path: str, form: str) -> None:
    condition = form.format(f"{{$and: [{{$greater_or_equal: [{{$get_property: [SELF, CAPABILITY, {path}]}}, 4]}}]}}")
    assert host(f"{{node: tosca.nodes.Compute, node_filter: {condition}}}", version="tosca_2_0")[0] == "large"


def test_a_filter_that_fits_none_or_several_leaves_the_requirement_open() -> None:
    none = "{node: tosca.nodes.Compute, node_filter: {capabilities: [{host: {properties: [{num_cpus: {greater_than: 9}}]}}]}}"
    assert host(none) == (
        None,
        [
            (
                "warning T013 requirement 'host' of component 'a' asks for type 'tosca.nodes.Compute' and has a node filter,"
                " which no other component has; it stays open | name the node it leads to"
            )
        ],
    )
    several = "{node: tosca.nodes.Compute, node_filter: {capabilities: [{os: {properties: [{type: linux}]}}]}}"
    assert host(several)[1] == [
        (
            "warning T013 requirement 'host' of component 'a' asks for type 'tosca.nodes.Compute' and has a node filter,"
            " which several have; it stays open | name one of them: 'small', 'large'"
        )
    ]


def test_a_named_node_that_its_filter_rules_out_is_told() -> None:
    asked = "{node: small, node_filter: {capabilities: [{host: {properties: [{num_cpus: {greater_than: 4}}]}}]}}"
    assert host(asked) == (
        "small",
        [
            (
                "warning T013 requirement 'host' of component 'a' names 'small', which its node filter rules out"
                " | name another node, or drop the filter"
            )
        ],
    )


def test_a_requirement_may_be_a_list_a_mapping_or_stand_beside_its_attributes() -> None:
    for requirements in (
        "[{uses: b}, {uses: c}]",
        "{uses: [b, {node: c}]}",
        "[{uses: [b, 0]}, {uses: {node: [c, 1]}}]",
        "[{uses: b, type: musa.relationships.Uses}, {uses: {node: c, count: 2}}]",
    ):
        cpim, _ = given(
            f"    a: {{type: musa.nodes.Api, requirements: {requirements}}}\n"
            "    b: {type: musa.nodes.Api}\n    c: {type: musa.nodes.Api}\n",
            version="tosca_2_0",
        )
        assert [(each.source, each.target) for each in cpim.connections] == [("a", "b"), ("a", "c")]


def test_what_a_type_asks_for_is_met_by_the_only_node_that_fits_and_what_nobody_says_is_told() -> None:
    cpim, said = given(
        "    a: {type: my.App}\n    b: {type: tosca.nodes.Root, requirements: [{thing: {}}]}\n    vm: {type: tosca.nodes.Compute}\n",
        types="node_types: {my.App: {derived_from: tosca.nodes.Root, requirements: [{place: {capability: tosca.capabilities.Compute,"
        " node: tosca.nodes.Compute, relationship: tosca.relationships.HostedOn}}]}}\n",
    )
    assert cpim.components[0].host == "vm"
    assert said[-2:] == [
        "note T063 component 'a' does not say what meets requirement 'place' of its type; only 'vm' fits, and is taken | name it to be sure",
        "note T066 requirement 'thing' of component 'b' says neither a node nor a type; it stays open | name the node it leads to",
    ]


def test_an_attachment_of_two_components_is_a_connection() -> None:
    cpim, _ = given(
        "    a: {type: musa.nodes.Api, requirements: [{store: {node: b, relationship: tosca.relationships.AttachesTo}}]}\n"
        "    b: {type: musa.nodes.FileStore}\n"
    )
    assert [(each.source, each.target) for each in cpim.connections] == [("a", "b")]


def test_what_is_selected_from_what_runs_is_a_service_of_others() -> None:
    cpim, said = given(
        "    a: {type: musa.nodes.Api, requirements: [{uses: b}, {host: vm}]}\n"
        "    b: {type: musa.nodes.Database, directives: [select]}\n    vm: {type: tosca.nodes.Compute, directives: [select]}\n"
    )
    assert [(each.name, each.role) for each in cpim.components] == [
        ("a", Role.COMPONENT),
        ("b", Role.EXTERNAL),
        ("vm", Role.HOST),
    ]
    assert said == [
        "note T064 component 'b' is to be selected from what already runs; it is taken as a service that others run | ",
        "note T064 component 'vm' is to be selected from what already runs; it is planned like one that is to be made | ",
    ]


QUEUE = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [kinds.yaml]
topology_template:
  inputs: {port: {type: integer, default: 1}, size: {type: integer, default: 2}}
  substitution_mappings:
    node_type: my.Queue
    properties: {queue_port: [port]}
    capabilities: {door: [server, service]}
    requirements: {log: [server, uses]}
  node_templates:
    server:
      type: musa.nodes.Api
      properties: {port: {get_input: port}, instances: {get_input: size}}
      requirements: [{host: box}, {uses: store}]
    store: {type: musa.nodes.Database, properties: {port: {get_property: [server, port]}}, requirements: [{host: box}]}
    box: {type: tosca.nodes.Compute}
"""
KINDS = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [musa.yaml]
node_types:
  my.Queue:
    derived_from: tosca.nodes.Root
    properties: {queue_port: {type: integer}}
    capabilities: {door: tosca.capabilities.Endpoint}
    requirements: [{log: {capability: tosca.capabilities.Node, occurrences: [0, 1]}}]
"""
MAIN = (
    "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [musa.yaml, kinds.yaml, queue.yaml]\ntopology_template:\n  node_templates:\n"
    "    app: {type: musa.nodes.Api, requirements: [{uses: {node: queue, capability: door}}]}\n"
    "    queue: {type: my.Queue, properties: {queue_port: 5672}, requirements: [{log: logs}]}\n"
    "    logs: {type: musa.nodes.Api}\n"
    "  policies:\n    - it: {type: musa.policies.SecurityRequirement, targets: [queue], properties: {controls: [AC-2]}}\n"
)


def test_the_nodes_of_another_topology_take_the_place_of_a_node_of_its_type() -> None:
    cpim, problems = read(MAIN, {"queue.yaml": QUEUE, "kinds.yaml": KINDS})
    assert cpim is not None
    found = {
        each.name: (str(each.id), each.host, [port.number for port in each.ports], each.instances) for each in cpim.components
    }
    assert found == {
        "app": ("app", None, [], 1),
        "logs": ("logs", None, [], 1),
        "queue.box": ("queue-box", None, [], 1),
        "queue.server": ("queue-server", "queue-box", [5672], 2),
        "queue.store": ("queue-store", "queue-box", [5672], 1),
    }
    assert [(str(each.source), str(each.target)) for each in cpim.connections] == [
        ("app", "queue-server"),
        ("queue-server", "logs"),
        ("queue-server", "queue-store"),
    ]
    assert {each.name for each in cpim.components if each.wanted} == {"queue.server", "queue.store", "queue.box"}
    assert [str(each).partition(": ")[2] for each in problems] == [
        "note[T064]: the 3 nodes of 'models/app/queue.yaml' take the place of 'queue'; their names begin with 'queue.'"
    ]


def test_a_topology_that_would_take_its_own_place_ends() -> None:
    again = QUEUE.replace("    box:", "    again: {type: my.Queue, properties: {queue_port: 1}}\n    box:")
    cpim, _ = read(MAIN, {"queue.yaml": again, "kinds.yaml": KINDS})
    assert cpim is not None
    assert "queue.again" in {each.name for each in cpim.components}


def test_a_directive_that_no_topology_or_several_can_meet_is_told() -> None:
    asking = MAIN.replace("{type: my.Queue,", "{type: my.Queue, directives: [substitute],")
    cpim, problems = read(asking.replace(", queue.yaml", ""), {"kinds.yaml": KINDS})
    assert cpim is not None
    assert "queue" in {each.name for each in cpim.components}
    said = [each.text for each in problems if each.code == "T064"]
    assert said == [
        "component 'queue' asks for a topology that takes its place: no other file describes its type; it stays as it is"
    ]
    two = asking.replace("queue.yaml]", "queue.yaml, queue2.yaml]")
    _, problems = read(two, {"kinds.yaml": KINDS, "queue.yaml": QUEUE, "queue2.yaml": QUEUE})
    said = [each.text for each in problems if each.code == "T064"]
    assert said == [
        "component 'queue' asks for a topology that takes its place: 'models/app/queue.yaml', 'models/app/queue2.yaml'; it stays as it is"
    ]
    filtered = QUEUE.replace(
        "    node_type: my.Queue\n", "    node_type: my.Queue\n    substitution_filter: {properties: [{queue_port: 1}]}\n"
    )
    cpim, problems = read(two, {"kinds.yaml": KINDS, "queue.yaml": filtered, "queue2.yaml": QUEUE})
    assert cpim is not None
    assert "queue.server" in {each.name for each in cpim.components}


def test_what_a_model_says_of_its_requirements_in_an_older_draft_is_no_requirement() -> None:
    cpim, said = model(
        "    a: {type: tosca.nodes.Root, requirements: [{db: b, type: my.Rel, constraints: [x], instancesPOC: ''}]}\n"
        "    b: {type: musa.nodes.Database}\n",
        rest="relationship_types: {my.Rel: {derived_from: tosca.relationships.ConnectsTo}}\n",
    )
    assert [(each.source, each.target) for each in cpim.connections] == [("a", "b")]
    assert not any("T012" in each for each in said)


def test_a_topology_that_lies_in_the_same_archive_takes_a_nodes_place_without_an_import() -> None:
    files = {"queue.yaml": QUEUE, "kinds.yaml": KINDS, "musa.yaml": TYPES}
    problems = Problems()
    cpim = read_tosca(
        MAIN.replace(", queue.yaml", ""),
        "app.yaml",
        fetch=lambda name, _: (name, files[name]) if name in files else None,
        catalogs=CATALOGS,
        problems=problems,
        also=["queue.yaml"],
    )
    assert cpim is not None
    assert "queue.server" in {each.name for each in cpim.components}


def test_what_a_substitution_does_not_map_is_told() -> None:
    unmapped = QUEUE.replace("    requirements: {log: [server, uses]}\n", "")
    cpim, problems = read(MAIN, {"queue.yaml": unmapped, "kinds.yaml": KINDS})
    assert cpim is not None
    assert [each.text for each in problems if "does not say" in each.text] == [
        "the topology in the place of 'queue' does not say which of its nodes has requirement 'log'; 'queue.server' is taken"
    ]
