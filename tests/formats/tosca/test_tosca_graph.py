"""What the topology says becomes components and connections; what it does not say stays unknown."""

from musa_pipeline.domain.cpim import Port, Resources, Script
from tests.formats.tosca.tosca_bench import model


def test_requirements_lead_to_names_types_and_what_the_type_asks_for() -> None:
    cpim, said = model(
        "    a: {type: musa.nodes.Api, requirements: [{uses: {node: db, relationship: {type: musa.relationships.Uses,"
        " properties: {port: 5432, secure: yes}}}}]}\n"
        "    b: {type: tosca.nodes.WebApplication, requirements: [{host: {}}, {db: tosca.nodes.Database}]}\n"
        "    c: {type: tosca.nodes.WebServer, requirements: [{host: {capability: tosca.capabilities.Compute}}]}\n"
        "    db: {type: tosca.nodes.Database, properties: {name: shop}}\n"
        "    vm: {type: Compute}\n"
    )
    assert said == []
    assert {str(each.id): each.host for each in cpim.components} == {"a": None, "b": "c", "c": "vm", "db": None, "vm": None}
    assert [(each.source, each.target, each.port) for each in cpim.connections] == [
        ("a", "db", Port(number=5432, secure=True)),
        ("b", "db", Port()),
    ]


def test_a_requirement_that_several_could_meet_stays_open() -> None:
    cpim, said = model(
        "    a: {type: tosca.nodes.WebServer, requirements: [{host: tosca.nodes.Compute}]}\n"
        "    b: {type: tosca.nodes.WebApplication, requirements: [{db: tosca.nodes.Database}]}\n"
        "    v: {type: Compute}\n    w: {type: Compute}\n"
    )
    assert said == [
        (
            "T013 warning 5:60 requirement 'host' of component 'a' asks for type 'tosca.nodes.Compute', which several have;"
            " it stays open | name one of them: 'v', 'w'"
        ),
        (
            "T013 warning 6:63 requirement 'db' of component 'b' asks for type 'tosca.nodes.Database', which no other component has;"
            " it stays open | name the node it leads to"
        ),
    ]
    assert {each.host for each in cpim.components} == {None}


def test_what_a_relationship_means_is_said_by_its_type_its_capability_or_its_name() -> None:
    cpim, _ = model(
        "    a:\n      type: musa.nodes.Api\n      requirements:\n"
        "        - one: {node: vm, relationship: tosca.relationships.HostedOn}\n"
        "        - two: {node: b, relationship: my.ConnectsTo}\n"
        "        - three: {node: c, relationship: template}\n"
        "        - dependency: d\n"
        "    b: {type: musa.nodes.Api, requirements: {host: vm}}\n"
        "    c: {type: musa.nodes.Api}\n    d: {type: musa.nodes.Api}\n    vm: {type: Compute}\n",
        rest="  relationship_templates: {template: {type: my.ConnectsTo, properties: {protocol: HTTPS}}}\n"
        "relationship_types: {my.ConnectsTo: {derived_from: tosca.relationships.ConnectsTo}}\n",
    )
    assert {str(each.id): each.host for each in cpim.components} == {"a": "vm", "b": "vm", "c": None, "d": None, "vm": None}
    assert [(each.target, each.port.protocol) for each in cpim.connections] == [("b", ""), ("c", "https"), ("d", "")]


def test_endpoints_say_where_a_component_listens_and_who_reaches_it() -> None:
    cpim, said = model(
        "    shut: {type: tosca.nodes.WebApplication, capabilities: {app_endpoint: {properties:"
        " {port: 443, protocol: HTTPS, secure: true, network_name: PRIVATE}}}}\n"
        "    open: {type: tosca.nodes.WebApplication, capabilities: {app_endpoint: {properties:"
        " {network_name: PUBLIC, ports: {a: {target: 80, protocol: http}, b: {target: 443, protocol: https}}}}}}\n"
        "    balancer: {type: tosca.nodes.LoadBalancer, requirements: [{application: shut}]}\n"
        "    unknown: {type: tosca.nodes.WebApplication, capabilities: {app_endpoint: {properties: {port: {get_attribute: [SELF, p]}}}}}\n"
        "    boxed: {type: my.Container, properties: {ports: [{target: 9000}, '8443:443/tcp', 22]}}\n"
        "    asked: {type: tosca.nodes.WebApplication, requirements: [{uses: {node: two, capability: admin}}]}\n"
        "    two: {type: my.Two}\n",
        rest="capability_types: {my.Admin: {derived_from: tosca.capabilities.Endpoint, properties: {port: {default: 9}}}}\n"
        "node_types:\n  my.Container: {derived_from: tosca.nodes.Container.Application}\n"
        "  my.Two: {derived_from: tosca.nodes.WebServer, capabilities: {admin: {type: my.Admin}}}\n",
    )
    assert [each for each in said if each[:4] not in {"T017", "T080", "T082"}] == []
    found = {str(each.id): (each.exposed, each.ports) for each in cpim.components}
    assert found == {
        "shut": (False, (Port(number=443, protocol="https", secure=True),)),
        "open": (True, (Port(number=80, protocol="http"), Port(number=443, protocol="https"))),
        "balancer": (True, ()),
        "unknown": (None, ()),
        "boxed": (None, (Port(number=22), Port(number=443), Port(number=9000))),
        "asked": (None, ()),
        "two": (None, (Port(number=9),)),
    }
    assert [(each.source, each.target, each.port.number) for each in cpim.connections] == [
        ("asked", "two", 9),
        ("balancer", "shut", 443),
    ]


def test_machines_say_what_they_must_have() -> None:
    cpim, said = model(
        "    vm:\n      type: tosca.nodes.Compute\n      capabilities:\n"
        "        host: {properties: {num_cpus: {get_input: cores}, mem_size: 512 MiB, disk_size: 10 GiB}}\n"
        "        os: {properties: {type: Linux, distribution: Debian, version: '12'}}\n"
        "        scalable: {properties: {min_instances: 2}}\n"
        "      requirements: [{local_storage: {node: disk, relationship: {type: AttachesTo}}}]\n"
        "    disk: {type: tosca.nodes.BlockStorage, properties: {size: 5 GiB}}\n"
        "    app: {type: musa.nodes.Api, properties: {instances: 3}, requirements: [{host: vm}, {volume: disk}]}\n",
        rest="  inputs: {cores: {type: integer, default: 4}}\n",
    )
    app, vm = cpim.components
    assert vm.resources == Resources(cores=4, memory=512, storage=15, os="debian 12")
    assert (vm.instances, app.instances, app.resources.storage) == (2, 3, 5)
    assert [each[:4] for each in said] == ["T016"]


def test_values_that_only_a_deployment_knows_stay_unknown() -> None:
    cpim, said = model(
        "    a:\n      type: musa.nodes.Api\n      properties:\n"
        "        port: {get_input: port}\n        image: {concat: [registry/, {get_property: [SELF, name]}, ':', {get_input: tag}]}\n"
        "        exposed: {get_attribute: [SELF, exposed]}\n        name: shop\n"
        "    b: {type: musa.nodes.Api, properties: {port: {get_property: [a, port]}, image: {get_property: [b, image]}}}\n"
        "    c: {type: musa.nodes.Api, properties: {port: {get_property: [d, service, port]}}}\n"
        "    d: {type: musa.nodes.Api, capabilities: {service: {properties: {port: 99}}}}\n",
        rest="  inputs: {port: {type: integer}, tag: {type: string, default: v1}}\n",
    )
    a, b, c, _ = cpim.components
    assert (a.ports, a.image, a.exposed) == ((), "registry/shop:v1", None)
    assert (b.ports, b.image) == ((), "")
    assert c.ports == (Port(number=99),)
    assert [each for each in said if not each.startswith("T070")] == [
        "T062 error 12:84 {get_property: [b, image]} leads back to itself; its value is unknown | end the circle at a value"
    ]


def test_life_cycle_operations_are_files_beside_the_model_in_every_form() -> None:
    types = (
        "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [musa.yaml]\n"
        "node_types: {my.App: {derived_from: musa.nodes.Api, interfaces: {Standard: {create: create.sh, delete: delete.sh}}}}\n"
    )
    cpim, _ = model(
        "    a:\n      type: my.App\n      artifacts: {starter: {file: bin/start.sh, type: tosca.artifacts.Implementation.Bash}}\n"
        "      interfaces:\n        Standard:\n          operations:\n"
        "            create: {implementation: {primary: mine.sh}}\n            start: starter\n            stop: systemctl stop a\n",
        rest="",
        files={"musa.yaml": _merged(types)},
    )
    assert cpim.components[0].scripts == (
        Script(operation="create", run="mine.sh"),
        Script(operation="start", run="bin/start.sh"),
        Script(operation="stop", run="systemctl stop a"),
        Script(operation="delete", run="delete.sh"),
    )


def _merged(types: str) -> str:
    from tests.formats.tosca.tosca_bench import TYPES

    own = types.partition("node_types: ")[2].strip().removeprefix("{").removesuffix("}")
    return TYPES.replace("node_types:\n", "node_types:\n\n  " + own + "\n", 1)


def test_networks_ports_and_firewalls_are_folded_into_what_they_belong_to() -> None:
    cpim, said = model(
        "    vm: {type: Compute, requirements: [{protected_by: rules}]}\n"
        "    net: {type: tosca.nodes.network.Network}\n"
        "    port: {type: tosca.nodes.network.Port, requirements: [{binding: vm}, {link: net}]}\n"
        "    rules: {type: my.SecurityRules, properties: {ports: {web: {remote: 0.0.0.0/0}}}}\n"
        "    files: {type: tosca.nodes.Storage.ObjectStorage}\n",
        rest="node_types: {my.SecurityRules: {derived_from: tosca.nodes.Root}}\n",
    )
    assert [(str(each.id), str(each.kind), each.exposed) for each in cpim.components] == [
        ("files", "object-store", None),
        ("vm", "compute", True),
    ]
    assert [each[:4] for each in said if each[:4] not in {"T072", "T080", "T083"}] == ["T016"] * 3
    assert cpim.connections == ()


def test_the_kind_is_what_the_model_says_then_the_nearest_type_then_words() -> None:
    cpim, _ = model(
        "    a: {type: my.Db, properties: {kind: cache}}\n    b: {type: my.Db}\n    c: {type: my.Odd}\n"
        "    mysql-1: {type: tosca.nodes.SoftwareComponent}\n    lambda: {type: musa.nodes.Software}\n"
        "    partner: {type: musa.nodes.ExternalService}\n    plain: {type: tosca.nodes.SoftwareComponent}\n",
        rest="node_types: {my.Db: {derived_from: tosca.nodes.Database}, my.Odd: {derived_from: my.Db, properties: {kind: {default: worker}}}}\n",
    )
    assert {str(each.id): (str(each.kind), str(each.role)) for each in cpim.components} == {
        "a": ("cache", "component"),
        "b": ("database", "component"),
        "c": ("worker", "component"),
        "mysql-1": ("database", "component"),
        "lambda": ("software", "component"),
        "partner": ("external-service", "external"),
        "plain": ("software", "component"),
    }


def test_what_a_thing_is_counts_before_how_it_is_packed_or_reached() -> None:
    image = "{file: %s, type: tosca.artifacts.Deployment.Image.Container.Docker}"
    cpim, _ = model(
        "    redis: {type: app.MicroService}\n    orders-db-2: {type: app.MicroService}\n    orders: {type: app.MicroService}\n"
        f"    wordpress-mysql: {{type: app.Web, artifacts: {{image: {image % 'docker.io/library/mysql:5.6'}}}}}\n"
        f"    shop: {{type: app.Nginx, artifacts: {{image: {image % 'redis/service:1'}}}}}\n"
        "    master: {type: LRMS.WebApp.Docker}\n    agent: {type: app.Worker, requirements: [{host: master}]}\n"
        "    tools: {type: cloud.ec2.Tooling}\n    store: {type: 'ns:Redis~app.Service::x'}\n    gate: {type: my.Compute, properties: {a: b}}\n"
        "    start: {type: app.Thing, artifacts: {image: {file: 'mysql_frontend:1', type: tosca.artifacts.Deployment.Image}}}\n"
    )
    assert {str(each.id): str(each.kind) for each in cpim.components} == {
        "redis": "cache",
        "orders-db-2": "database",
        "orders": "api",
        "wordpress-mysql": "database",
        "shop": "web-server",
        "master": "container-runtime",
        "agent": "worker",
        "tools": "software",
        "store": "cache",
        "gate": "compute",
        "start": "database",
    }


def test_images_and_rules_of_clouds_are_parts_and_only_instances_are_machines() -> None:
    cpim, said = model(
        "    ami: {type: cloudify.nodes.aws.ec2.Image}\n    vm: {type: cloudify.nodes.aws.ec2.Instances}\n"
        "    rule: {type: cloudify.nodes.aws.ec2.SecurityGroupRuleIngress}\n    picture: {type: app.Image}\n"
    )
    assert {str(each.id): (str(each.kind), str(each.role)) for each in cpim.components} == {
        "vm": ("compute", "host"),
        "picture": ("software", "component"),
    }
    assert [each.split(" is ")[0] for each in said if each.startswith("T016")] == ["T016 note 5:5 'ami'", "T016 note 7:5 'rule'"]
