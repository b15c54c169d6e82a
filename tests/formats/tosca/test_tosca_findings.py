"""Every mistake is told at its place, in one sentence, with a way out."""

import pytest

from tests.formats.tosca.tosca_bench import model, read

WEB = "    web: {type: musa.nodes.WebApplication, requirements: [{host: vm}]}\n    vm: {type: tosca.nodes.Compute}\n"

WRONG = [
    (
        "    web: {type: musa.nodes.WebApplicaton}",
        "T004 error 5:17 component 'web' has unknown node type 'musa.nodes.WebApplicaton' | did you mean 'musa.nodes.WebApplication'?",
    ),
    ("    web: {}", "T004 error 5:5 node template 'web' has no type | write 'type: musa.nodes.WebApplication'"),
    (
        WEB + "    db: {type: musa.nodes.Database, requirements: [{host: vmm}]}",
        "T012 error 7:59 component 'db' needs 'vmm' as its 'host', which the model does not have | did you mean 'vm'?",
    ),
    (
        WEB + "    db: {type: musa.nodes.Database, requirements: [{uses: wbe}]}",
        "T012 error 7:59 component 'db' uses 'wbe', which the model does not have | did you mean 'web'?",
    ),
    (
        "    a: {type: musa.nodes.Api, requirements: [{host: b}]}\n    b: {type: musa.nodes.Api, requirements: [{host: a}]}",
        "T014 error 5:53 component 'a' runs on itself in a circle | end the circle at a machine",
    ),
    (
        "    a_b: {type: musa.nodes.Api}\n    a-b: {type: musa.nodes.Api}",
        (
            "T015 warning 6:5 components 'a_b' and 'a-b' have one id 'a-b'; this one is called 'a-b-2'"
            " | give them names that differ in more than signs"
        ),
    ),
    (
        "    thing: {type: tosca.nodes.SoftwareComponent, properties: {}}\n    x: {type: tosca.nodes.network.Network}",
        "T016 note 6:5 'x' is part of what it is attached to, and no component of its own | ",
    ),
    (
        "    thing: {type: tosca.nodes.Root}\n    redis-1: {type: tosca.nodes.Root}",
        (
            "T017 note 6:5 component 'redis-1' is taken as 'cache' because of 'redis' in 'redis-1'"
            " | write 'kind' in its properties if it is something else"
        ),
    ),
    (
        "    thing: {type: musa.nodes.Api, properties: {kind: databse}}",
        "T018 error 5:54 component 'thing' has unknown kind 'databse' | did you mean 'database'?",
    ),
    (
        "    web: [1]",
        "T019 error 5:10 node template 'web' must be a mapping of names to values | write 'name: value' lines below it",
    ),
    (
        "    web: {type: musa.nodes.Api, requirments: [{host: vm}]}",
        "T020 warning 5:33 node template 'web' has unknown key 'requirments' | did you mean 'requirements'?",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {expose: true}}",
        "T021 error 5:46 component 'web' has unknown property 'expose' | did you mean 'exposed'?",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {port: {get_input: prot}}}",
        "T022 error 5:64 input 'prot' is asked for, but the model does not declare it | declare it below topology_template, inputs",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {exposed: perhaps}}",
        "T023 error 5:55 'exposed' of component 'web' is 'perhaps', neither yes nor no | write true or false",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {port: 70000}}",
        "T023 error 5:52 port of component 'web' is '70000' | a port is a number from 1 to 65535",
    ),
    (
        "    vm: {type: tosca.nodes.Compute, capabilities: {host: {properties: {mem_size: 4 lots}}}}",
        "T023 error 5:82 '4 lots' of component 'vm' is no size | write 4 GB or 512 MiB",
    ),
    (
        "    vm: {type: tosca.nodes.Compute, capabilities: {host: {properties: {num_cpus: two}}}}",
        "T023 error 5:82 num_cpus of component 'vm' is 'two' | write a whole number",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {implements: [AC-33]}}",
        "T024 error 5:59 'AC-33' is no control of NIST SP 800-53 revision 5 | did you mean 'AC-3'?",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {implements: [ia-2.11]}}",
        "T025 warning 5:59 IA-2(11) was moved in NIST SP 800-53 revision 5; IA-2(6) is used | write IA-2(6)",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {implements: [SC-14]}}",
        "T025 warning 5:59 SC-14 was withdrawn and nothing took its place; it is left out | drop it",
    ),
    (
        "    web: {type: musa.nodes.Api, properties: {data: [{name: x, class: secret}]}}",
        "T032 error 5:70 data 'x' of component 'web' has class 'secret' | classes: public, internal, confidential, personal, special",
    ),
    (
        WEB + "    db: {type: musa.nodes.Database, requirements: [{host: vm}, {host: web}]}",
        "T033 warning 7:71 component 'db' runs on 'web' and on 'vm'; the first counts | name one host",
    ),
    (
        "    a: {type: musa.nodes.Api, requirements: [{uses: a}]}",
        "T034 warning 5:53 component 'a' uses itself; this says nothing and is left out | name another component",
    ),
]


@pytest.mark.parametrize(("templates", "message"), WRONG, ids=[each[1].split(" | ")[0][:60] for each in WRONG])
def test_a_mistake_is_told_at_its_place_with_a_way_out(templates: str, message: str) -> None:
    assert message in model(templates)[1]


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    _, said = model(
        "    a: {type: musa.nodes.Apy, requirements: [{uses: b}]}\n    c: {type: musa.nodes.Api, properties: {port: 0}}"
    )
    assert [each.split(" ")[0] for each in said] == ["T004", "T012", "T023", "T017"]


def test_a_secret_is_told_by_its_place_and_never_repeated() -> None:
    _, said = model(
        "    db:\n      type: tosca.nodes.Database\n      properties: {password: hunter2, user: admin, token_type: bearer}\n"
        "    app:\n      type: tosca.nodes.Container.Application\n"
        "      properties: {env: [{name: API_KEY, value: hunter2}, {name: PORT, value: '80'}], secret: {get_input: key}}\n",
        rest="  inputs:\n    key: {type: string}\n    admin_password: {type: string, default: hunter2}\n",
    )
    secrets = [each for each in said if each.startswith("T031")]
    assert secrets == [
        "T031 warning 7:20 component 'db' has a secret in clear text in 'password' | take it from an input without a default value",
        "T031 warning 10:42 component 'app' has a secret in clear text in 'API_KEY' | take it from an input without a default value",
        "T031 warning 13:36 input 'admin_password' has a secret in clear text as its default | drop the default",
    ]
    assert "hunter2" not in "".join(said)


SECRET = "S3CRET-" + "hunter2"


@pytest.mark.parametrize(
    "command",
    [
        f"curl -u me:{SECRET} https://example.com",
        f"mysql --password={SECRET} shop",
        f"mysql -p{SECRET} shop",
        f"pg_dump postgres://me:{SECRET}@db/shop",
        f"PASSWORD={SECRET} ./run.sh",
        f"run --token {SECRET}",
        "aws configure set aws_access_key_id AKIA" + "IOSFODNN7EXAMPLE",
        f"curl -H 'Authorization: Bearer {SECRET}' https://example.com",
    ],
)
def test_a_command_with_a_secret_is_refused_without_repeating_it(command: str) -> None:
    said_so = (
        "operation 'configure' runs a command with a secret in clear text | take it from the environment, as in $DB_PASSWORD"
    )
    for body, column in ((f"configure: {command!r}", 31), (f"configure: {{implementation: {{primary: {command!r}}}}}", 60)):
        cpim, said = model(f"    a:\n      type: musa.nodes.Api\n      interfaces: {{Standard: {{{body}}}}}\n")
        assert [each for each in said if each.startswith("T031")] == [f"T031 error 7:{column} {said_so}"]
        assert cpim.components[0].scripts == ()
        assert SECRET not in repr(cpim) + "".join(said)


def test_a_secret_in_a_value_is_known_by_its_form_and_told_at_its_key() -> None:
    _, said = model(
        f"    a:\n      type: tosca.nodes.SoftwareComponent\n      properties: {{url: 'postgres://me:{SECRET}@db/shop', more: [x]}}\n"
        f"      interfaces: {{Standard: {{create: {{implementation: a.sh, inputs: {{run: 'x --token {SECRET}'}}}}}}}}\n"
        f"    b:\n      type: musa.nodes.Api\n      properties: {{image: 'https://me:{SECRET}@hub/b', data: []}}\n"
    )
    assert sorted(each.split(" | ")[0] for each in said if each.startswith("T031")) == [
        "T031 error 9:5 the image of component 'b' has a secret in clear text in its name",
        "T031 warning 11:20 component 'b' has a secret in clear text in 'image'",
        "T031 warning 7:20 component 'a' has a secret in clear text in 'url'",
        "T031 warning 8:71 component 'a' has a secret in clear text in 'run'",
    ]
    assert SECRET not in "".join(said)


@pytest.mark.parametrize(
    "path", ["../../../../etc/passwd.sh", "/etc/x.sh", "~/x.sh", "~root/x.sh", "a/../b.sh", "a\\0.sh", "..\\\\x.sh"]
)
def test_a_script_outside_the_model_is_refused(path: str) -> None:
    artifact = f'      artifacts: {{it: {{file: "{path}"}}}}\n      interfaces: {{Standard: {{create: it}}}}\n'
    for body in (f'      interfaces: {{Standard: {{create: "{path}"}}}}\n', artifact):
        cpim, said = model(f"    a:\n      type: musa.nodes.Api\n{body}")
        assert [each.split(" operation")[0].rsplit(" ", 1)[0] for each in said if " error " in each] == ["T035 error"]
        assert cpim.components[0].scripts == ()


def test_commands_and_files_beside_the_model_are_kept() -> None:
    for run in ("cat ../notes", "scripts/a.sh", "./a.sh", "mysql -p$DB_PASSWORD", "https://example.com/a.sh"):
        cpim, said = model(f"    a:\n      type: musa.nodes.Api\n      interfaces: {{Standard: {{create: {run!r}}}}}\n")
        assert [each.run for each in cpim.components[0].scripts] == [run]
        assert not any(each.startswith(("T031", "T035")) for each in said)


def test_a_withdrawn_control_is_never_proposed() -> None:
    _, said = model("    web: {type: musa.nodes.Api, properties: {implements: [SC-144]}}")
    assert not any("SC-14'" in each.split(" | ")[1] for each in said)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["Y006"]),
        ("- a\n- b\n", ["T001"]),
        ("just text", ["T001"]),
        ("a: [", ["Y001"]),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\n", ["T005"]),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template: {node_templates: }\n", ["T005"]),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template: [1]\n", ["T005", "T019"]),
        ("node_types: {}\n", ["T005", "T002"]),
    ],
)
def test_a_file_without_anything_to_deploy_is_no_model(text: str, codes: list[str]) -> None:
    cpim, problems = read(text)
    assert cpim is None
    assert [each.code for each in problems] == codes


@pytest.mark.parametrize("version", ["1_0", "1_0_0", "1_1", "1_2", "1_3"])
def test_the_versions_of_the_simple_profile_are_read_without_a_word(version: str) -> None:
    text = f"tosca_definitions_version: tosca_simple_yaml_{version}\ntopology_template: {{node_templates: {{vm: {{type: tosca.nodes.Compute}}}}}}"
    cpim, problems = read(text)
    assert cpim is not None
    assert list(problems) == []


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("tosca_2_0", "'tosca_2_0' is TOSCA 2.0: it is read in the shape of TOSCA 1.3"),
        (
            "alien_dsl_3_0_0",
            "'alien_dsl_3_0_0' is the Alien4Cloud dialect: it is read in the shape of TOSCA 1.3",
        ),
        ("tosca_simple_yaml_1_4", "'tosca_simple_yaml_1_4' is no TOSCA version known here; it is read like TOSCA 1.3"),
    ],
)
def test_other_dialects_are_named_and_read_as_far_as_they_go(version: str, said: str) -> None:
    text = f"tosca_definitions_version: {version}\nservice_template:\n  node_templates:\n    a: {{type: x.y.Api, requirements: [{{host: [vm, 0]}}]}}\n    vm: {{type: Compute}}\n"
    cpim, problems = read(text)
    assert cpim is not None
    assert [(str(each.id), each.host) for each in cpim.components] == [("a", "vm"), ("vm", None)]
    assert ("T003", said) in [(each.code, each.text) for each in problems]
    assert problems.errors == 0


MISPLACED = """\
tosca_definitions_version: {version}
topology_templat: {{}}
x: 1
groups: {{}}
topology_template:
  polices: []
  imports: []
  y: 1
  node_templates: {{vm: {{type: tosca.nodes.Compute}}}}
"""


def test_a_section_that_nothing_reads_is_told_and_in_other_dialects_where_it_is_a_slip() -> None:
    lost = "what stands below it is not read"
    slips = [
        f"2:1 the file has unknown key 'topology_templat'; {lost} | did you mean 'topology_template'?",
        f"4:1 the file has unknown key 'groups'; {lost} | write it below topology_template",
        f"6:3 'topology_template' has unknown key 'polices'; {lost} | did you mean 'policies'?",
        f"7:3 'topology_template' has unknown key 'imports'; {lost} | write it at the top of the file",
    ]
    strange = [
        f"3:1 the file has unknown key 'x'; {lost} | correct it, or take it away",
        f"8:3 'topology_template' has unknown key 'y'; {lost} | correct it, or take it away",
    ]
    for version, told in (("tosca_simple_yaml_1_3", sorted(slips + strange)), ("alien_dsl_3_0_0", slips)):
        _, problems = read(MISPLACED.format(version=version))
        found = [f"{each.at.line}:{each.at.column} {each.text} | {each.help}" for each in problems if each.code == "T020"]
        assert found == told


def test_what_cloudify_has_beside_the_sections_of_tosca_is_known() -> None:
    flat = "tosca_definitions_version: cloudify_dsl_1_3\ncapabilities: {}\nrelationships: {}\nnode_templates: {vm: {type: cloudify.nodes.Compute}}\n"
    _, problems = read(flat)
    assert [each for each in problems if each.code == "T020"] == []
