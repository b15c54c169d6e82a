"""Inputs are checked, functions are decided where the file decides them, and what is left stays an expression."""

from typing import Any

import pytest

from musa_pipeline.domain.cpim import Cpim, Port, Unknown
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca import read_tosca
from tests.formats.tosca.tosca_bench import CATALOGS, TYPES, model

HEAD = "tosca_definitions_version: {version}\nimports: [musa.yaml]\n{types}topology_template:\n  inputs:\n{inputs}  node_templates:\n{nodes}"


def given(
    nodes: str, inputs: str = "    none: {type: string, required: false}\n", version: str = "tosca_simple_yaml_1_3",
    types: str = "", **values: Any,
) -> tuple[Cpim, list[str]]:  # fmt: skip
    problems = Problems()
    text = HEAD.format(version=version, inputs=inputs, nodes=nodes, types=types)
    cpim = read_tosca(
        text,
        "models/app/app.yaml",
        fetch=lambda name, _: (name, TYPES) if name == "musa.yaml" else None,
        catalogs=CATALOGS,
        problems=problems,
        inputs=values,
    )
    assert cpim is not None
    quiet = {"T003", "T017", "T070", "T080", "T083", "T087"}
    return cpim, [f"{each.severity} {each.code} {each.text} | {each.help}" for each in problems if each.code not in quiet]


def image(expression: str, nodes: str = "", **more: Any) -> str:
    cpim, _ = given(f"    a: {{type: musa.nodes.Api, properties: {{image: {expression}, port: 80}}}}\n{nodes}", **more)
    return next(each.image for each in cpim.components if each.name == "a")


INPUTS = "    tag: {type: string, default: v1}\n    more: {type: map, entry_schema: string, default: {x: [p, q]}}\n"
OTHERS = (
    "    db:\n      type: my.Db\n      properties: {deep: {k: [one, two]}, image: mongo, twin: {get_property: [SELF, image]}}\n"
    "      capabilities: {service: {properties: {port: 27017, protocol: tcp}}}\n      requirements: [{host: vm}, {next: c}]\n"
    "      artifacts: {dump: {file: dumps/all.gz, type: tosca.artifacts.File}}\n"
    "    c: {type: my.Db, properties: {image: redis}}\n"
    "    vm: {type: my.Vm, properties: {site: home}}\n"
)
KINDS = (
    "node_types:\n"
    "  my.Db: {derived_from: musa.nodes.Database, properties: {deep: {type: map}, twin: {type: string}}, requirements: [{next: {capability: tosca.capabilities.Node}}]}\n"
    "  my.Vm: {derived_from: tosca.nodes.Compute, properties: {site: {type: string}}}\n"
)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("{get_input: tag}", "v1"),
        ("{get_input: [more, x, 1]}", "q"),
        ("{get_property: [db, image]}", "mongo"),
        ("{get_property: [db, twin]}", "mongo"),
        ("{get_property: [db, deep, k, 0]}", "one"),
        ("{get_property: [db, service, protocol]}", "tcp"),
        ("{get_property: [db, next, image]}", "redis"),
        ("{get_attribute: [db, image]}", "mongo"),
        ("{get_artifact: [db, dump]}", "dumps/all.gz"),
        ("{concat: [a, {get_input: tag}, ':', 7]}", "av1:7"),
        ("{join: [[a, b, {get_input: tag}], '-']}", "a-b-v1"),
        ("{token: ['10.0.0.1:80', ':', 0]}", "10.0.0.1"),
        ("{token: ['a-b/c', '-/', 2]}", "c"),
        ("{concat: [{concat: [{concat: [x, y]}, z]}]}", "xyz"),
        ("{get_property: [nobody, image]}", ""),
        ("{get_property: [db, nothing]}", ""),
        ("{get_attribute: [db, public_address]}", ""),
        ("{get_operation_output: [db, Standard, create, out]}", ""),
        ("{token: [a, ':', 3]}", ""),
        ("{concat: [a, {get_attribute: [vm, ip]}]}", ""),
        ("{get_input: [more, y]}", ""),
    ],
)
def test_a_function_is_what_the_file_says_it_is(expression: str, found: str) -> None:
    assert image(expression, OTHERS, inputs=INPUTS, types=KINDS) == found


def test_the_host_is_searched_upwards() -> None:
    nodes = (
        "    s: {type: my.On, properties: {image: {get_property: [HOST, site]}}, requirements: [{host: d}]}\n"
        "    d: {type: my.On, requirements: [{host: vm}]}\n    vm: {type: my.Vm, properties: {site: home}}\n"
    )
    cpim, said = given(nodes, types=KINDS + "  my.On: {derived_from: musa.nodes.ContainerRuntime}\n")
    assert (cpim.components[1].name, cpim.components[1].image) == ("s", "home")
    assert said == []


def test_a_relationship_knows_its_source_and_target() -> None:
    cpim, _ = given(
        "    a: {type: musa.nodes.Api, properties: {protocol: https}, requirements: [{uses: {node: b, relationship:"
        " {type: musa.relationships.Uses, properties: {port: {get_property: [TARGET, service, port]},"
        " protocol: {get_property: [SOURCE, protocol]}}}}}]}\n"
        "    b: {type: musa.nodes.Api, capabilities: {service: {properties: {port: 99}}}}\n"
    )
    assert cpim.connections[0].port == Port(number=99, protocol="https")


def test_functions_of_tosca_2_are_decided_too() -> None:
    nodes = (
        "    a: {type: musa.nodes.Api, properties: {image: {$concat: [x, {$get_input: tag}]}, port: {$sum: [80, 1]},"
        " exposed: {$and: [{$greater_than: [2, 1]}, true]}}}\n"
    )
    cpim, _ = given(nodes, INPUTS, version="tosca_2_0")
    [a] = cpim.components
    assert (a.image, a.ports, a.exposed) == ("xv1", (Port(number=81),), True)


def test_what_only_a_deployment_decides_stays_an_expression() -> None:
    cpim, said = given(
        "    a:\n      type: musa.nodes.Api\n"
        "      properties: {image: {concat: [hub/, {get_input: tag}]}, port: {get_attribute: [SELF, port]}, exposed: {get_input: open}}\n"
        "      requirements: [{uses: {get_input: target}}]\n",
        "    tag: {type: string}\n    open: {type: boolean}\n    target: {type: string}\n",
    )
    [a] = cpim.components
    assert a.unknown == (
        Unknown(what="exposed", expression="{get_input: open}"),
        Unknown(what="image", expression="{concat: [hub/, {get_input: tag}]}"),
        Unknown(what="port", expression="{get_attribute: [SELF, port]}"),
        Unknown(what="requirements.uses", expression="{get_input: target}"),
    )
    assert said == [
        (
            "note T066 where requirement 'uses' of component 'a' leads is only known to its deployment; it stays open"
            " | name the node it leads to, or give the input a value"
        )
    ]


def test_values_that_are_given_take_the_place_of_defaults() -> None:
    nodes = "    a: {type: musa.nodes.Api, properties: {image: {get_input: tag}, port: {get_input: [ports, 1]}}}\n"
    inputs = "    tag: {type: string, default: old}\n    ports: {type: list, entry_schema: integer}\n"
    cpim, said = given(nodes, inputs, tag="new", ports=[1, 2])
    assert (cpim.components[0].image, cpim.components[0].ports, said) == ("new", (Port(number=2),), [])


WRONG = [
    ({"prot": 1}, "error T060 input 'prot' is given, but the model does not declare it | did you mean 'port'?"),
    ({"port": "x"}, "error T060 input 'port' must be a whole number; what is given is not | see its definition below inputs"),
    ({"port": 0}, "error T060 input 'port' must be in the range [1, 9]; what is given is not | see its definition below inputs"),
    ({"port": [1]}, "error T060 input 'port' must be a whole number; what is given is not | see its definition below inputs"),
    ({"some": [1]}, "error T061 input 'port' is required, and has neither a value nor a default | give it a value"),
]


@pytest.mark.parametrize(("values", "message"), WRONG)
def test_a_value_that_does_not_fit_is_an_error_that_does_not_repeat_it(values: dict[str, Any], message: str) -> None:
    inputs = "    port: {type: integer, constraints: [{in_range: [1, 9]}]}\n    some: {type: list, required: false}\n"
    _, said = given("    a: {type: musa.nodes.Api, properties: {port: {get_input: port}}}\n", inputs, **values)
    assert message in said


def test_a_default_that_does_not_fit_is_a_warning() -> None:
    _, said = given("    a: {type: musa.nodes.Api}\n", "    size: {type: integer, default: large}\n")
    assert said == ["warning T060 input 'size' must be a whole number; its default is not | see its definition below inputs"]


def test_a_circle_of_functions_is_told_once_and_takes_no_time() -> None:
    ring = ", ".join(f"p{n}: {{concat: [{{get_property: [SELF, p{(n + 1) % 30}]}}, x]}}" for n in range(30))
    _, said = given(f"    a: {{type: tosca.nodes.Root, properties: {{{ring}}}}}\n")
    assert [each for each in said if "T062" in each] == [
        "error T062 {get_property: [SELF, p0]} leads back to itself; its value is unknown | end the circle at a value"
    ]


def test_a_function_that_names_nobody_is_told_with_who_was_meant() -> None:
    _, said = given("    wordpress: {type: musa.nodes.Api, properties: {image: {get_property: [wordpres, image]}}}\n")
    assert said == ["warning T062 get_property names 'wordpres', which the model does not have | did you mean 'wordpress'?"]


def test_a_long_chain_of_functions_is_decided_or_left_but_never_slow() -> None:
    chain = "".join(
        f"    n{n}: {{type: musa.nodes.Api, properties: {{port: {{get_property: [n{n + 1}, port]}}}}}}\n" for n in range(300)
    )
    cpim, said = given(chain + "    n300: {type: musa.nodes.Api, properties: {port: 80}}\n")
    ports = {each.name: each.ports for each in cpim.components}
    assert ports["n280"] == ports["n300"] == (Port(number=80),)
    assert said == []


def test_a_copy_has_what_its_original_has_and_its_own_words_first() -> None:
    cpim, said = given(
        "    a: {type: musa.nodes.Api, properties: {image: x, port: 80}, requirements: [{host: vm}]}\n"
        "    b: {copy: a, properties: {port: 81}}\n    c: {copy: b}\n    d: {copy: dd}\n    e: {copy: e}\n    vm: {type: tosca.nodes.Compute}\n"
    )
    found = {each.name: (each.image, each.ports, each.host) for each in cpim.components}
    assert found["b"] == found["c"] == ("x", (Port(number=81),), "vm")
    assert [each for each in said if "copies" in each] == [
        "error T012 node template 'd' copies 'dd', which the model does not have | did you mean 'd'?",
        "error T012 node template 'e' copies 'e', which leads back to itself | copy another node template, or write its type",
    ]


def test_expressions_of_unfurl_are_unknown_values_in_every_dialect() -> None:
    cpim, said = model(
        "    app:\n      type: my.App\n      properties:\n"
        "        title: {eval: {concat: [a, b]}}\n        name: {eval: '.name', select: first, trace: 1}\n"
        "        home: {get_env: HOME}\n        tags: {eval: .tags}\n",
        rest="node_types:\n  my.App:\n    derived_from: tosca.nodes.SoftwareComponent\n    properties:\n"
        "      {title: {type: string}, name: {type: string}, home: {type: string}, tags: {type: list, entry_schema: string}}\n",
    )
    assert [str(each.id) for each in cpim.components] == ["app"]
    assert [each for each in said if "T017" not in each] == []


def test_an_input_whose_default_is_itself_is_told_and_the_model_used() -> None:
    _, said = model(
        "    db: {type: tosca.nodes.DBMS, properties: {port: {get_input: p}}}\n",
        rest="  inputs: {p: {default: {get_input: p}}}\n",
    )
    assert [each for each in said if "T062" in each] == [
        "T062 warning 6:25 {get_input: p} leads back to itself; its value is unknown | end the circle at a value"
    ]
