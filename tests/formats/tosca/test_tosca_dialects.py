"""Each dialect is turned into one shape: the same small application gives the same model, whoever wrote it."""

import pytest

from musa_pipeline.domain.cpim import Cpim, Script
from tests.formats.tosca.tosca_bench import read


def told(text: str, files: dict[str, str] | None = None) -> tuple[Cpim, list[str]]:
    cpim, problems = read(text, files)
    assert cpim is not None
    return cpim, [f"{each.code} {each.severity} {each.at.line}:{each.at.column} {each.text}" for each in problems]


def graph(cpim: Cpim) -> tuple[dict[str, str | None], list[tuple[str, str]]]:
    return {str(each.id): each.host for each in cpim.components}, [(each.source, each.target) for each in cpim.connections]


SAME = {
    "TOSCA 1.3": """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    web:
      type: tosca.nodes.WebServer
      requirements: [{host: vm}, {db: {node: db, relationship: tosca.relationships.ConnectsTo}}]
    db: {type: tosca.nodes.DBMS, requirements: [{host: vm}]}
    vm: {type: tosca.nodes.Compute, capabilities: {scalable: {properties: {default_instances: 2}}}}
""",
    "TOSCA 2.0": """\
tosca_definitions_version: tosca_2_0
imports: [{profile: "org.oasis-open.simple:2.0"}]
service_template:
  inputs: {many: {type: integer, default: 2}}
  node_templates:
    web:
      type: WebServer
      requirements: [{host: {node: [vm, 0]}}, {db: {node: db, relationship: ConnectsTo}}]
    db: {type: DBMS, requirements: [{host: {node: vm}}]}
    vm: {type: Compute, capabilities: {scalable: {properties: {default_instances: {$get_input: many}}}}}
""",
    "a working draft": """\
tosca_definitions_version: tosca_simple_yaml_1_0_0_wd03
topology_template:
  node_templates:
    web:
      type: tosca.nodes.WebServer
      requirements:
        - host: vm
          relationship: tosca.relationships.HostedOn
        - db: db
          type: tosca.relationships.ConnectsTo
    db:
      type: tosca.nodes.DBMS
      requirements:
        - host:
          node: vm
    vm: {type: tosca.nodes.Compute, capabilities: {scalable: {properties: {default_instances: 2}}}}
""",
    "Alien4Cloud": """\
tosca_definitions_version: alien_dsl_2_0_0
imports: [tosca-normative-types:1.0.0-ALIEN20]
topology_template:
  node_templates:
    web:
      type: tosca.nodes.WebServer
      requirements:
        - hostedOnVm: {type_requirement: host, node: vm, capability: tosca.capabilities.Container, relationship: tosca.relationships.HostedOn}
        - db: {node: db, capability: tosca.capabilities.Endpoint, relationship: tosca.relationships.ConnectsTo}
    db:
      type: tosca.nodes.DBMS
      requirements: [{hostedOn: {type_requirement: host, node: vm, relationship: tosca.relationships.HostedOn}}]
    vm: {type: tosca.nodes.Compute, capabilities: {scalable: {properties: {default_instances: 2}}}}
""",
    "Cloudify": """\
tosca_definitions_version: cloudify_dsl_1_3
node_templates:
  web:
    type: cloudify.nodes.WebServer
    relationships:
      - {type: cloudify.relationships.contained_in, target: vm}
      - {type: cloudify.relationships.connected_to, target: db}
  db:
    type: cloudify.nodes.DBMS
    relationships: [{type: my.hosted_in, target: vm}]
  vm: {type: cloudify.nodes.Compute, instances: {deploy: 2}}
relationships:
  my.hosted_in: {derived_from: cloudify.relationships.contained_in}
""",
    "Unfurl": """\
apiVersion: unfurl/v1alpha1
kind: Ensemble
tosca_definitions_version: tosca_simple_unfurl_1_0_0
spec:
  service_template:
    topology_template:
      node_templates:
        web:
          type: tosca.nodes.WebServer
          properties: {component_version: "{{ '.version' | eval }}"}
          requirements: [{host: vm}, {db: {node: db, relationship: tosca.relationships.ConnectsTo}}]
        db: {type: tosca.nodes.DBMS, properties: {port: "{{ 3306 }}"}, requirements: [{host: vm}]}
        vm: {type: tosca.nodes.Compute, capabilities: {scalable: {properties: {default_instances: 2}}}}
""",
    "Variability4TOSCA": """\
tosca_definitions_version: tosca_variability_1_0_rc_3
topology_template:
  variability: {inputs: {mode: {type: string}}}
  node_templates:
    - web:
        type: [{tosca.nodes.WebServer: {conditions: true}}, {tosca.nodes.DBMS: {}}]
        properties: [{component_version: {value: "1.0"}}, {component_version: "2.0"}]
        requirements:
          - host: {node: vm, conditions: true}
          - host: {node: db, conditions: false}
          - host: db
          - db: {node: db, relationship: tosca.relationships.ConnectsTo, conditions: true}
    - db: {type: tosca.nodes.DBMS, requirements: [{host: vm}], conditions: true}
    - vm: {type: tosca.nodes.Compute, capabilities: [{scalable: {properties: {default_instances: 2}}}]}
""",
}


@pytest.mark.parametrize("name", list(SAME))
def test_one_application_is_one_model_in_every_dialect(name: str) -> None:
    cpim, said = told(SAME[name])
    assert graph(cpim) == ({"db": "vm", "vm": None, "web": "vm"}, [("web", "db")])
    assert {str(each.id): (str(each.role), str(each.kind), each.instances) for each in cpim.components} == {
        "db": ("component", "database", 1),
        "vm": ("host", "compute", 2),
        "web": ("component", "web-server", 1),
    }
    expected = {"TOSCA 1.3": [], "Variability4TOSCA": ["T003", "T036"]}
    assert [each[:4] for each in said] == expected.get(name, ["T003"])


def test_alternatives_that_stand_aside_are_told_once_a_component() -> None:
    cpim, said = told("""\
tosca_definitions_version: tosca_variability_1_0
topology_template:
  inputs:
    - mode: {type: string, default: a}
    - mode: {type: string, default: b, conditions: false}
  node_templates:
    - web:
        type: [{tosca.nodes.WebServer: {conditions: true}}, {tosca.nodes.DBMS: {}}]
        properties: [{component_version: "1"}, {component_version: "2"}, {component_version: "3"}]
        requirements:
          - {host: vm, conditions: true}
          - {host: cloud, conditions: false}
          - host: rack
          - {database: {node: db, conditions: true}}
          - {database: {node: vm, conditions: false}}
          - {dependency: db}
          - {dependency: rack}
    - db: {type: tosca.nodes.DBMS, requirements: [{host: vm}]}
    - db: {type: tosca.nodes.Root, conditions: false}
    - vm: {type: tosca.nodes.Compute}
    - cloud: {type: tosca.nodes.Compute}
    - rack: {type: tosca.nodes.Compute}
""")
    assert graph(cpim)[0] == {"cloud": None, "db": "vm", "rack": None, "vm": None, "web": "vm"}
    assert [each for each in said if each.startswith("T036")] == [
        "T036 note 4:7 input 'mode' is here 2 times; the first is taken, and 1 stands aside",
        (
            "T036 note 7:7 component 'web' has alternatives: the first is taken of requirement 'host' ('vm'), "
            "requirement 'database' ('db'), type 'tosca.nodes.WebServer', property 'component_version'; 6 stand aside"
        ),
        "T036 note 18:7 component 'db' is here 2 times; the first is taken, and 1 stands aside",
    ]


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        ("tosca_2_0", "TOSCA 2.0"),
        ("tosca_simple_yaml_1_0_0_wd03", "a working draft of TOSCA 1.0"),
        ("alien_dsl_1_0_0", "the Alien4Cloud dialect"),
        ("yorc_tosca_simple_yaml_1_0", "the Alien4Cloud dialect"),
        ("cloudify_dsl_1_5", "the Cloudify dialect"),
        ("tosca_simple_profile_for_nfv_1_0_0", "the NFV profile"),
        ("tosca_simple_profile_for_mec_1_0_0", "the MEC profile"),
        ("tosca_simple_unfurl_1_0_0", "the Unfurl dialect"),
        ("tosca_variability_1_0", "the variability dialect"),
        ("aria_dsl_1_0", "the ARIA dialect"),
    ],
)
def test_a_dialect_is_named_where_its_version_stands(version: str, dialect: str) -> None:
    _, said = told(f"tosca_definitions_version: {version}\ntopology_template: {{node_templates: {{vm: {{type: Compute}}}}}}\n")
    assert said == [f"T003 warning 1:28 {version!r} is {dialect}: it is read in the shape of TOSCA 1.3"]


def test_an_import_may_be_in_another_dialect_than_the_model() -> None:
    types = """\
tosca_definitions_version: tosca_2_0
node_types:
  Shop:
    derived_from: tosca:SoftwareComponent
    properties:
      port: {type: integer, validation: {$and: [{$greater_or_equal: [$value, 1024]}, {$less_or_equal: [$value, 2048]}]}}
      code: {type: string, validation: {$matches: [$value, "[a-z]+"]}}
    requirements: [{host: {capability: tosca:Container, count_range: [1, 1]}}]
"""
    _, said = told(
        "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [types.yaml]\ntopology_template:\n  node_templates:\n"
        "    a: {type: Shop, properties: {port: 80, code: A1}}\n",
        {"types.yaml": types},
    )
    assert [each for each in said if "T017" not in each] == [
        "T086 warning 5:5 component 'a' has no requirement 'host', of which its type wants 1",
        "T082 warning 5:40 property 'port' of component 'a' must be at least 1024",
        "T082 warning 5:50 property 'code' of component 'a' must be of the form [a-z]+",
    ]


def test_a_profile_that_is_there_as_a_file_means_the_same_types_as_the_norm() -> None:
    profile = """\
tosca_definitions_version: tosca_2_0
profile: org.oasis-open.simple:2.0
relationship_types: {HostedOn: {}}
capability_types: {Compute: {}}
node_types:
  Root: {}
  Compute: {derived_from: Root, capabilities: {host: Compute}}
  WebServer: {derived_from: Root, requirements: [{host: {capability: Compute, relationship: HostedOn}}]}
"""
    cpim, said = told(
        "tosca_definitions_version: tosca_2_0\nimports: [profile.yaml]\nservice_template:\n  node_templates:\n"
        "    web: {type: WebServer, requirements: [{host: vm}]}\n    vm: {type: Compute}\n",
        {"profile.yaml": profile},
    )
    assert graph(cpim) == ({"vm": None, "web": "vm"}, [])
    assert [str(each.role) for each in cpim.components] == ["host", "component"]
    assert [each[:4] for each in said] == ["T003"]


def test_tasks_of_plugins_run_the_script_that_they_are_given_or_nothing() -> None:
    cpim, _ = told("""\
tosca_definitions_version: cloudify_dsl_1_3
node_templates:
  app:
    type: cloudify.nodes.ApplicationServer
    interfaces:
      cloudify.interfaces.lifecycle:
        create: scripts/create.sh
        configure: {implementation: fabric.fabric_plugin.tasks.run_script, inputs: {script_path: scripts/configure.sh}}
        start: {implementation: docker.cloudify_docker.tasks.start}
        stop: my_plugin.tasks.stop
""")
    assert cpim.components[0].scripts == (
        Script(operation="create", run="scripts/create.sh"),
        Script(operation="configure", run="scripts/configure.sh"),
    )


def test_a_file_without_a_version_is_known_by_its_shape() -> None:
    cpim, said = told(SAME["Cloudify"].partition("\n")[2])
    assert graph(cpim) == ({"db": "vm", "vm": None, "web": "vm"}, [("web", "db")])
    assert "T002 warning 1:1 tosca_definitions_version is missing" in [each.replace("0:0", "1:1") for each in said]


def test_what_an_imported_blueprint_deploys_belongs_to_the_model() -> None:
    machines = (
        "inputs: {size: {default: 3}}\nnode_templates:\n"
        "  vm: {type: cloudify.nodes.Compute, capabilities: {scalable: {properties: {default_instances: {get_input: size}}}}}\n"
        "  own: {type: cloudify.nodes.Compute}\n"
    )
    model = (
        "tosca_definitions_version: cloudify_dsl_1_3\nimports: [machines.yaml]\nnode_templates:\n"
        "  app: {type: cloudify.nodes.ApplicationServer, relationships: [{type: cloudify.relationships.contained_in, target: vm}]}\n"
        "  own: {type: cloudify.nodes.Database}\n"
    )
    cpim, _ = told(model, {"machines.yaml": machines})
    assert graph(cpim) == ({"app": "vm", "own": None, "vm": None}, [])
    assert {str(each.id): (str(each.role), each.instances) for each in cpim.components} == {
        "app": ("component", 1), "own": ("component", 1), "vm": ("host", 3),
    }  # fmt: skip
    cpim, _ = told("tosca_definitions_version: cloudify_dsl_1_3\nimports: [machines.yaml]\n", {"machines.yaml": machines})
    assert [str(each.id) for each in cpim.components] == ["own", "vm"]
    nothing, problems = read("tosca_definitions_version: cloudify_dsl_1_3\nimports: [absent.yaml]\n")
    assert nothing is None
    assert [each.code for each in problems if each.severity == "error"] == ["T005"]


def test_policies_in_groups_are_policies_for_their_group() -> None:
    text = """\
tosca_definitions_version: alien_dsl_1_4_0
imports: [musa.yaml]
topology_template:
  node_templates:
    a: {type: musa.nodes.Api}
    b: {type: musa.nodes.Api}
  groups:
    pair:
      members: [a, b]
      policies:
        - {name: apart, type: musa.policies.Separation}
        - guarded: {type: musa.policies.Agent, properties: {agent: ha}}
        - untyped: {anything: 1}
"""
    cpim, _ = told(text)
    assert cpim.apart == (frozenset({"a", "b"}),)
    assert [each.protects for each in cpim.agents] == [("a", "b")]


def test_a_topology_of_the_wrong_shape_is_told_in_every_dialect() -> None:
    for version in ("tosca_2_0", "cloudify_dsl_1_3", "tosca_variability_1_0", "alien_dsl_2_0_0", "tosca_simple_unfurl_1_0_0"):
        for body in (
            "[1, 2]",
            "{a: [1]}",
            "{a: {type: [], properties: 3, requirements: {x: [y]}, relationships: 5, interfaces: [x]}}",
        ):
            _, problems = read(
                f"tosca_definitions_version: {version}\ntopology_template: {{node_templates: {body}}}\nnode_templates: {body}\n"
            )
            assert len(problems) > 0
