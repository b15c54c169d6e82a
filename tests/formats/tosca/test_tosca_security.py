"""What TOSCA already says of security is read: doors, networks, zones, secrets, images, and policies of other projects."""

import pytest

from musa_pipeline.domain.cpim import Connection, Initiator, Port, Trust, Wanted, Zone
from musa_pipeline.domain.ids import ComponentId, ControlId
from tests.formats.tosca.test_tosca_values import given
from tests.formats.tosca.tosca_bench import model, read


def told(said: list[str], *codes: str) -> list[str]:
    return [each for each in said if any(code in each for code in codes)]


def test_endpoints_say_their_path_who_opens_them_and_that_administration_is_secure() -> None:
    cpim, _ = given(
        "    a: {type: musa.nodes.Api, requirements: [{uses: {node: b, capability: app_endpoint}}]}\n"
        "    b: {type: tosca.nodes.WebApplication, capabilities: {app_endpoint: {properties:"
        " {port: 443, protocol: https, url_path: /orders, initiator: target}}}}\n"
        "    c: {type: tosca.nodes.WebServer, capabilities: {admin_endpoint: {properties: {port: 9990}}}}\n"
    )
    assert cpim.connections == (
        Connection(
            source=ComponentId("a"),
            target=ComponentId("b"),
            port=Port(number=443, protocol="https", path="/orders"),
            initiator=Initiator.TARGET,
        ),
    )
    assert cpim.components[2].ports == (Port(number=9990, secure=True),)


def test_a_relationship_with_a_credential_is_authenticated() -> None:
    cpim, said = given(
        "    a: {type: musa.nodes.Api, requirements: [{uses: {node: b, relationship:"
        " {type: tosca.relationships.ConnectsTo, properties: {credential: {token: {get_input: none}}}}}}]}\n"
        "    b: {type: musa.nodes.Api}\n"
    )
    assert [each.authenticated for each in cpim.connections] == [True]
    assert told(said, "T031") == []


SECRET = "s3cr" + "et-thing"


def test_keys_of_a_credential_are_secrets_whatever_they_are_called() -> None:
    cpim, said = given(
        f"    a: {{type: my.App, properties: {{login: {{user: me, keys: {{first: {SECRET}}}, token: {SECRET}}}}}}}\n",
        f"    login: {{type: tosca.datatypes.Credential, default: {{token: {SECRET}}}}}\n    key: {{type: Credential, default: {SECRET}}}\n",
        types="node_types: {my.App: {derived_from: tosca.nodes.Root, properties: {login: {type: tosca.datatypes.Credential}}}}\n",
    )
    assert sorted(told(said, "T031")) == [
        "warning T031 component 'a' has a secret in clear text in 'first' | take it from an input without a default value",
        "warning T031 component 'a' has a secret in clear text in 'token' | take it from an input without a default value",
        "warning T031 input 'key' has a secret in clear text as its default | drop the default",
        "warning T031 input 'login' has a secret in clear text as its default | drop the default",
    ]
    assert SECRET not in repr(cpim) + "".join(said)


def test_no_expression_of_a_secret_reaches_the_cpim() -> None:
    cpim, said = given(
        f"    a: {{type: musa.nodes.Api, properties: {{image: {{concat: ['https://me:{SECRET}@hub/', {{get_attribute: [SELF, x]}}]}}}}}}\n"
    )
    assert cpim.components[0].unknown == ()
    assert SECRET not in repr(cpim) + "".join(said)


def test_secrets_of_outputs_and_groups_and_policies_are_found() -> None:
    _, said = model(
        "    a: {type: musa.nodes.Api}\n",
        rest=f"  outputs: {{out: {{value: x, password: {SECRET}}}}}\n  groups: {{g: {{type: tosca.groups.Root, properties: {{token: {SECRET}}}}}}}\n"
        f"  policies: [{{p: {{type: tosca.policies.Root, targets: [a], properties: {{text_secrets: {{api_key: {SECRET}}}}}}}}}]\n",
    )
    assert len(told(said, "T031")) == 3
    assert SECRET not in "".join(said)


def test_an_image_without_a_digest_is_noted_and_one_with_it_is_not() -> None:
    digest = "shop@sha256:" + "0" * 64
    _, problems = read(
        "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [musa.yaml]\ntopology_template:\n  node_templates:\n"
        f"    a: {{type: musa.nodes.Api, properties: {{image: 'hub/shop:1.2'}}}}\n    b: {{type: musa.nodes.Api, properties: {{image: '{digest}'}}}}\n"
        "    c: {type: tosca.nodes.Compute, artifacts: {image: {file: debian.qcow2, type: tosca.artifacts.Deployment.Image.VM.QCOW2}}}\n"
    )
    assert [f"{each.severity} {each.text} | {each.help}" for each in problems if each.code == "T070"] == [
        (
            "note the image 'hub/shop:1.2' of component 'a' has no digest; its tag may be another image tomorrow"
            " | write name@sha256:…, as 'docker images --digests' shows it"
        )
    ]


def test_artifacts_over_plain_ways_or_with_weak_checksums_are_told() -> None:
    sha = "checksum: abc, checksum_algorithm: SHA-256"
    text = (
        "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [musa.yaml]\n"
        f"repositories: {{old: {{url: 'http://me:{SECRET}@example.com/files'}}, new: 'https://example.com'}}\n"
        "topology_template:\n  node_templates:\n    a:\n      type: musa.nodes.Api\n      artifacts:\n"
        "        one: {file: 'http://example.com/x.tar', type: tosca.artifacts.File}\n"
        "        two: {file: x.tar, type: tosca.artifacts.File, repository: old}\n"
        "        three: {file: 'https://example.com/x.tar', type: tosca.artifacts.File}\n"
        f"        four: {{file: 'http://example.com/x.tar', type: tosca.artifacts.File, {sha}}}\n"
        "        five: {file: x.tar, type: tosca.artifacts.File, checksum: abc, checksum_algorithm: MD5}\n"
        "        six: {file: x.tar, type: tosca.artifacts.File, repository: new}\n"
    )
    cpim, problems = read(text)
    found = [f"{each.severity} {each.code} {each.text}" for each in problems if each.code in {"T071", "T031"}]
    plain = "without encryption or checksum"
    assert sorted(found) == [
        "note T071 artifact 'three' of component 'a' comes from the network without a checksum",
        "warning T031 repository 'old' has a secret in clear text in its address",
        f"warning T071 artifact 'one' of component 'a' comes from 'http://example.com/…' {plain}",
        f"warning T071 artifact 'two' of component 'a' comes from its repository 'http://example.com/…' {plain}",
        "warning T071 repository 'old' is reached without encryption",
        "warning T071 the checksum of artifact 'five' of component 'a' is MD5, which can be forged",
    ]
    assert SECRET not in repr(cpim) + "".join(found)


def test_plain_ways_to_personal_data_are_noted() -> None:
    data = "data: [{name: people, class: personal}]"
    cpim, said = given(
        "    a: {type: musa.nodes.Api, requirements: [{uses: db}]}\n    b: {type: musa.nodes.Api, requirements: [{uses: db}]}\n"
        f"    db: {{type: musa.nodes.Database, properties: {{port: 80, protocol: http, exposed: true, {data}}}}}\n"
        f"    safe: {{type: musa.nodes.Database, properties: {{port: 443, protocol: https, exposed: true, {data}}}}}\n"
    )
    assert cpim.connections
    assert said == [
        "note T073 'a', 'b' reach the personal data of 'db' over plain http | use TLS and write 'secure: true'",
        (
            "note T073 component 'db' holds personal data and can be reached from outside over plain http"
            " | offer it over TLS and write 'secure: true'"
        ),
    ]


def test_a_firewall_that_lets_anybody_in_to_a_store_is_a_warning() -> None:
    rules = "    rules: {type: my.SecurityGroup, properties: {ports: {RULE}}}\n    vm: {type: tosca.nodes.Compute, requirements: [{by: rules}]}\n"
    rule = "db: {port_range_min: PORT, port_range_max: PORT, remote_ip_prefix: 0.0.0.0/0}"
    types = "node_types: {my.SecurityGroup: {derived_from: tosca.nodes.Root, properties: {ports: {type: map}}}}\n"
    cpim, said = given(rules.replace("RULE", rule.replace("PORT", "5432")), types=types)
    assert cpim.components[0].exposed is True
    assert told(said, "T072") == [
        "warning T072 component 'vm' is open to any address, by 'rules', with port 5432 | let in only the addresses that need it"
    ]
    _, said = given(rules.replace("RULE", rule.replace("PORT", "443")), types=types)
    assert [each[:9] for each in told(said, "T072")] == ["note T072"]


def test_scalable_says_how_many_there_may_be() -> None:
    cpim, _ = given(
        "    vm: {type: tosca.nodes.Compute, capabilities: {scalable: {properties:"
        " {min_instances: 1, max_instances: 5, default_instances: 2}}}}\n"
    )
    assert [(each.instances, each.most_instances) for each in cpim.components] == [(2, 5)]


NET = (
    "    web: {type: musa.nodes.WebApplication, requirements: [{host: front}]}\n"
    "    front: {type: tosca.nodes.Compute}\n    back: {type: tosca.nodes.Compute}\n    free: {type: tosca.nodes.Compute}\n"
    "    pub: {type: tosca.nodes.network.Network, properties: {network_name: PUBLIC}}\n"
    "    lan: {type: tosca.nodes.network.Network, properties: {network_name: backbone}}\n"
    "    p1: {type: tosca.nodes.network.Port, requirements: [{binding: front}, {link: pub}]}\n"
    "    p2: {type: tosca.nodes.network.Port, requirements: [{binding: front}, {link: lan}]}\n"
    "    p3: {type: tosca.nodes.network.Port, requirements: [{binding: back}, {link: lan}]}\n"
)


def test_networks_are_zones_and_who_is_on_a_public_one_is_exposed() -> None:
    cpim, _ = given(NET)
    assert cpim.zones == (Zone(name="lan", trust=Trust.INTERNAL), Zone(name="pub", trust=Trust.PUBLIC))
    assert {each.name: (each.zone, each.exposed) for each in cpim.components} == {
        "back": ("lan", None),
        "free": ("", None),
        "front": ("pub", True),
        "web": ("pub", None),
    }


ZONES = "  groups:\n    dmz: {type: musa.groups.TrustZone, properties: {trust: edge}, members: [front]}\n    core: {type: musa.groups.TrustZone, members: [back, free]}\n"


def test_a_group_says_the_zone_of_its_members_and_of_what_runs_on_them() -> None:
    cpim, said = model(NET, rest=ZONES)
    assert cpim.zones == (Zone(name="core", trust=Trust.INTERNAL), Zone(name="dmz", trust=Trust.EDGE))
    assert {each.name: each.zone for each in cpim.components} == {"back": "core", "free": "core", "front": "dmz", "web": "dmz"}
    assert told(said, "T067", "T021") == []


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("z: {type: musa.groups.TrustZone, properties: {trust: intenral}}", "T067 error 6:65 trust zone 'z' has trust 'intenral' | did you mean 'internal'?"),
        ("z: {type: musa.groups.TrustZone, properties: {turst: edge}}", "T021 error 6:58 trust zone 'z' has unknown property 'turst' | did you mean 'trust'?"),
        ("z: {type: musa.groups.TrustZone, mebers: [a]}", "T021 error 6:45 trust zone 'z' has unknown key 'mebers' | did you mean 'members'?"),
        ("z: {type: musa.groups.TrustZone, members: [b]}", "T012 error 6:55 group 'z' has the member 'b', which the model does not have | write the name of a node template or group of this file"),
        (
            "z: {type: musa.groups.TrustZone, members: [a]}, y: {type: musa.groups.TrustZone, members: [a]}",
            "T067 warning 6:103 component 'a' stands in trust zone 'z' and in 'y'; the first counts | let it be a member of one zone",
        ),
    ],
)  # fmt: skip
def test_a_zone_that_is_written_wrong_is_told(groups: str, message: str) -> None:
    _, said = model("    a: {type: musa.nodes.Api}\n", rest=f"  groups: {{{groups}}}\n")
    assert message in said


def test_a_capability_is_a_named_group_of_controls() -> None:
    cpim, said = model(
        "    a: {type: musa.nodes.Api}\n    b: {type: musa.nodes.Api}\n",
        rest="  policies:\n    - sign-in: {type: musa.policies.SecurityCapability, targets: [a], properties: {controls: [AC-2, IA-2]}}\n"
        "    - x: {type: musa.policies.SecurityCapability, targets: [b], properties: {capability: backup, controls: [CP-9]}}\n"
        "    - y: {type: musa.policies.SecurityCapability, targets: [b]}\n",
    )
    assert [each.wanted for each in cpim.components] == [
        (Wanted(control=ControlId("AC-2"), capability="sign-in"), Wanted(control=ControlId("IA-2"), capability="sign-in")),
        (Wanted(control=ControlId("CP-9"), capability="backup"),),
    ]
    assert [each for each in said if "T029" in each] == [
        "T029 error 10:7 policy 'y' has no 'controls' | write 'controls: [AC-2, IA-2]' in its properties"
    ]


NODES = "    a: {type: musa.nodes.Api, properties: {port: 80}}\n    b: {type: musa.nodes.Api, requirements: [{uses: a}]}\n"


@pytest.mark.parametrize(
    ("kind", "properties", "told_", "field", "value"),
    [
        ("tosca.policies.nfv.AntiAffinityRule", "scope: nfvi_pop", "run at different providers", "apart", "a b"),
        ("tosca.policies.nfv.AntiAffinityRule", "scope: nfvi_node", "", "apart", ""),
        ("tosca.policies.nfv.AffinityRule", "scope: nfvi_node", "run at one provider", "together", "a b"),
        ("tosca.policies.tacker.Placement", "policy: affinity", "run at one provider", "together", "a b"),
        ("tosca.policies.Placement", "region: de", "run in DE", "countries", "DE"),
        ("tosca.policies.Placement", "region: eu-west-2", "", "countries", ""),
        ("tosca.policies.Scaling.MiCADO", "min_instances: 2, max_instances: 9", "begin with 2 and have at most 9 instances", "most", "9"),
        ("tosca.policies.tacker.Scaling", "targets: [a, b], max_instances: 3", "have at most 3 instances", "most", "3"),
        ("radon.policies.scaling.AutoScale", "min_size: 1, max_size: 4", "begin with 1 and have at most 4 instances", "most", "4"),
        ("tosca.policies.Security.MiCADO.Network.HttpProxy", "encryption: true, target_ports: [80]", "are encrypted", "secure", "True"),
        ("tosca.policies.Security.MiCADO.Network.Passthrough", "target_ports: [80]", "", "secure", "None"),
        ("tosca.policies.nfv.SecurityGroupRule", "remote_ip_prefix: 0.0.0.0/0, direction: ingress", "reached from any address", "exposed", "True"),
        ("tosca.policies.nfv.SecurityGroupRule", "remote_ip_prefix: 0.0.0.0/0, direction: egress", "", "exposed", "None"),
        ("acme.policies.SecurityControls", "controls: [ac-2]", "its targets need ac-2", "wanted", "AC-2"),
        ("tosca.policies.indigo.SlaPlacement", "sla_id: 4401", "", "countries", ""),
    ],
)  # fmt: skip
def test_policies_of_others_are_used_where_they_say_what_we_know(
    kind: str, properties: str, told_: str, field: str, value: str
) -> None:
    cpim, said = model(NODES, rest=f"  policies: [{{p: {{type: {kind}, targets: [a, b], properties: {{{properties}}}}}}}]\n")
    a = cpim.components[0]
    found = {
        "apart": " ".join(sorted(str(name) for some in cpim.apart for name in some)),
        "together": " ".join(sorted(str(name) for some in cpim.together for name in some)),
        "countries": " ".join(sorted(a.countries)),
        "most": str(a.most_instances),
        "secure": str(a.ports[0].secure),
        "exposed": str(a.exposed),
        "wanted": " ".join(str(each.control) for each in a.wanted),
    }[field]
    assert found == value
    [note] = [each for each in said if each.startswith("T065")]
    assert told_ in note if told_ else "is read and not used" in note
    if field == "secure":
        assert str(cpim.connections[0].port.secure) == value


def test_what_is_not_used_is_told_once_for_each_type() -> None:
    _, said = model(
        NODES,
        rest="  policies:\n    - p: {type: tosca.policies.nfv.InstantiationLevels}\n    - q: {type: tosca.policies.nfv.InstantiationLevels}\n"
        "    - r: {type: musa.policies.SecurityRequirement, targets: [a], properties: {controls: [AC-2]},"
        " triggers: {t: {event: x, target_filter: {node: bb}, action: []}}}\n",
    )
    assert [each.partition(" | ")[0] for each in told(said, "T065", "T012")] == [
        "T012 error 10:145 trigger 't' of policy 'r' is for 'bb', which the model does not have",
        "T065 note 8:7 policy 'p' of type 'tosca.policies.nfv.InstantiationLevels' is read and not used, and so is one more of this type",
        "T065 note 10:98 triggers of policy 'r' are read and not used: 't'",
    ]


def test_workflows_are_checked_and_told_to_be_unused() -> None:
    _, said = model(
        NODES,
        rest="  workflows:\n    deploy:\n      steps:\n        one: {target: a, activities: [{delegate: deploy}], on_success: [two]}\n"
        "        two: {target: c, activities: [{set_state: x}, {inline: undeploi}, {cal_operation: y}], on_success: [tree], on_failure: one}\n"
        "    undeploy: {steps: {three: {target: b, activities: [{inline: deploy}]}}}\n",
    )
    assert told(said, "T068", "T012") == [
        "T012 error 11:23 step 'two' of workflow 'deploy' is for 'c', which the model does not have | write the name of a node template or group of this file",
        "T068 error 11:64 step 'two' of workflow 'deploy' runs workflow 'undeploi', which the model does not have | did you mean 'undeploy'?",
        "T068 error 11:76 step 'two' of workflow 'deploy' has unknown activity 'cal_operation' | did you mean 'call_operation'?",
        "T068 error 11:109 step 'two' of workflow 'deploy' goes on to 'tree', which it does not have | write the name of one of its steps",
        "T068 note 8:5 the workflows are not used: 'deploy', 'undeploy'; the plan follows hosts and connections | what must come first needs a requirement that says so",
    ]


def test_who_has_an_address_on_the_internet_is_exposed_whatever_its_endpoint_says() -> None:
    private = "capabilities: {endpoint: {properties: {network_name: PRIVATE, port: 22}}}"
    cpim, _ = given(
        f"    vm: {{type: tosca.nodes.Compute, {private}, requirements: [{{network: ip}}]}}\n    ip: {{type: yorc.nodes.openstack.FloatingIP}}\n"
        f"    other: {{type: tosca.nodes.Compute, {private}}}\n"
    )
    assert {each.name: (each.exposed, each.zone) for each in cpim.components} == {"vm": (True, ""), "other": (False, "")}


def test_a_script_that_an_imported_file_brings_from_its_own_folder_is_left_out_with_a_warning() -> None:
    types = (
        "tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: {my.App: {derived_from: tosca.nodes.SoftwareComponent,"
        " interfaces: {Standard: {create: ../lib/create.yml, start: start.sh}}}}\n"
    )
    text = "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [t.yaml]\ntopology_template: {node_templates: {a: {type: my.App}}}\n"
    cpim, problems = read(text, {"t.yaml": types})
    assert cpim is not None
    assert [each.run for each in cpim.components[0].scripts] == ["start.sh"]
    assert [f"{each.severity} {each.text}" for each in problems if each.code == "T035"] == [
        "warning operation 'create' runs '../lib/create.yml', which is not a file in the model's folder"
    ]


def test_a_topology_of_nothing_but_parts_is_read_with_a_warning() -> None:
    cpim, said = given("    net: {type: tosca.nodes.network.Network}\n")
    assert cpim.components == ()
    assert [each.partition(" ")[0] for each in said] == ["warning", "note"]
