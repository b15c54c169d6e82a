"""The JSON Schema for editors accepts what our reader accepts and marks the mistakes that people make."""

import json
from typing import Any

import jsonschema
import pytest

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca.schema import write_schema
from musa_pipeline.text.yaml import plain, read_yaml
from tests.support import ROOT, shared

TEXT = write_schema({"musa.yaml": (ROOT / "catalogs/tosca/musa.yaml").read_text()})
SCHEMA = json.loads(TEXT)
DRAFTS = (jsonschema.Draft202012Validator(SCHEMA), jsonschema.Draft7Validator(SCHEMA))
HEAD = "tosca_definitions_version: tosca_simple_yaml_1_3\n"


def read(text: str) -> Any:
    return plain(read_yaml(text, "a.yaml", Problems()))


def mistakes(text: str) -> list[str]:
    """Return the paths at which the schema finds fault; both drafts agree."""
    tree = read(text)
    newest, older = (sorted("/".join(map(str, each.path)) for each in draft.iter_errors(tree)) for draft in DRAFTS)
    assert newest == older
    return newest


def node(body: str) -> str:
    return f"{HEAD}topology_template: {{node_templates: {{a: {{{body}}}}}}}\n"


def test_it_is_a_schema_and_the_same_each_time() -> None:
    for each in (jsonschema.Draft202012Validator, jsonschema.Draft7Validator):
        each.check_schema(SCHEMA)
    assert write_schema({"musa.yaml": (ROOT / "catalogs/tosca/musa.yaml").read_text()}) == TEXT
    assert len(TEXT) < 400_000


def tosca_models() -> list[str]:
    files = [*(ROOT / "models").rglob("*.yaml"), *(ROOT / "catalogs/tosca").glob("*.yaml")]
    return sorted(str(each.relative_to(ROOT)) for each in files if "tosca_definitions_version" in each.read_text())


@pytest.mark.parametrize("name", tosca_models())
def test_every_model_and_our_own_types_are_valid(name: str) -> None:
    assert mistakes((ROOT / name).read_text()) == []


def test_plain_models_by_other_people_are_valid() -> None:
    count = 0
    for path in sorted(shared("tosca").rglob("*")):
        if path.suffix not in (".yaml", ".yml", ".tosca"):
            continue
        tree = read(path.read_text("utf-8-sig"))
        version = str(tree.get("tosca_definitions_version", "")) if isinstance(tree, dict) else ""
        if version.startswith("tosca_simple_yaml_1_") and "_wd" not in version:
            assert [each.message[:200] for each in DRAFTS[0].iter_errors(tree)] == [], path
            count += 1
    assert count >= 20


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("topology_template: {}", ""),
        ("tosca_definitions_version: tosca_simple_yaml_1_4", "tosca_definitions_version"),
        (HEAD + "topology_templates: {}", ""),
        (HEAD + "topology_template: {node_template: {}}", "topology_template"),
        (node("type: musa.nodes.Databse"), "topology_template/node_templates/a/type"),
        (node("properties: {}"), "topology_template/node_templates/a"),
        (node("type: musa.nodes.Api, propertys: {}"), "topology_template/node_templates/a"),
        (node("type: musa.nodes.Api, properties: {prot: 80}"), "topology_template/node_templates/a/properties"),
        (node("type: musa.nodes.Api, properties: {port: [80]}"), "topology_template/node_templates/a/properties"),
        (node("type: musa.nodes.Api, properties: {exposed: maybe}"), "topology_template/node_templates/a/properties"),
        (
            node("type: musa.nodes.Api, properties: {data: [{name: x, class: secret}]}"),
            "topology_template/node_templates/a/properties",
        ),
        (node("type: musa.nodes.Api, properties: {data: [{class: public}]}"), "topology_template/node_templates/a/properties"),
        (node("type: musa.nodes.Api, requirements: [{use: b}]"), "topology_template/node_templates/a/requirements"),
        (node("type: musa.nodes.Api, requirements: [{uses: {nod: b}}]"), "topology_template/node_templates/a/requirements"),
        (node("type: tosca.nodes.Database, properties: {name: x, port: x}"), "topology_template/node_templates/a/properties"),
        (
            node("type: tosca.nodes.Compute, capabilities: {host: {properties: {mem_size: 4 pounds}}}"),
            "topology_template/node_templates/a/capabilities/host/properties/mem_size",
        ),
        (HEAD + "imports: [{file: x.yaml, repo: y}]", "imports"),
        (HEAD + "node_types: {my.A: {derived_form: tosca.nodes.Root}}", "node_types/my.A"),
        (HEAD + "topology_template: {inputs: {a: {typ: string}}}", "topology_template/inputs/a"),
    ],
)
def test_a_typical_mistake_is_marked_where_it_is(text: str, where: str) -> None:
    assert where in mistakes(text)


def policy(kind: str, properties: str) -> str:
    return f"{HEAD}topology_template: {{policies: [{{p: {{type: {kind}, properties: {properties}}}}}]}}\n"


@pytest.mark.parametrize(
    "text",
    [
        policy("musa.policies.Location", "{}"),
        policy("musa.policies.Locations", "{countries: [EU]}"),
        policy("musa.policies.Location", "{country: [EU]}"),
        policy("musa.policies.ServiceLevel", "{at_least: 1}"),
        policy("musa.policies.ServiceLevel", "{metric: availability, weight: heavy}"),
        policy("musa.policies.ServiceLevel", "{metric: availability, at_leest: 3}"),
        f"{HEAD}topology_template: {{groups: {{g: {{type: musa.groups.TrustZone, properties: {{trust: edgy}}}}}}}}\n",
        f"{HEAD}topology_template: {{groups: {{g: {{type: musa.groups.TrustZone, properties: {{trusts: edge}}}}}}}}\n",
        f"{HEAD}topology_template: {{policies: [{{p: {{type: musa.policies.Agent}}}}]}}\n",
    ],
)
def test_a_wrong_policy_or_group_is_marked(text: str) -> None:
    assert mistakes(text)


@pytest.mark.parametrize(
    "text",
    [
        node("type: my.own.Type, properties: {anything: [1]}"),
        node("type: Compute"),
        node("type: musa.nodes.Api, properties: {port: {get_input: p}, exposed: yes, data: {get_input: d}, instances: '3'}"),
        node("type: musa.nodes.Api, requirements: {host: vm}"),
        node("type: musa.nodes.Api, requirements: [{uses: {node: b, relationship: {type: x}}}, {dependency: c}]"),
        node("type: tosca.nodes.Compute, capabilities: {host: {properties: {mem_size: 4 GiB, num_cpus: 2}}, scalable: }"),
        policy("musa.policies.ServiceLevel", "{metric: availability, at_least: 99.5 %, weight: low}"),
        policy("my.policies.Other", "{x: 1}"),
        f"{HEAD}topology_template: {{groups: {{g: {{type: musa.groups.TrustZone, members: [a]}}, h: {{type: tosca.groups.Root}}}}}}\n",
    ],
)
def test_what_our_reader_accepts_is_not_marked(text: str) -> None:
    assert mistakes(text) == []


def test_editors_can_offer_types_with_what_they_are_for() -> None:
    offered = {each["const"]: each.get("description", "") for each in SCHEMA["$defs"]["node"]["properties"]["type"]["anyOf"][:-1]}
    assert offered["musa.nodes.WebApplication"] == "Pages for people's browsers."
    assert {"tosca.nodes.Compute", "tosca.nodes.network.Port", "musa.nodes.ExternalService"} <= offered.keys()


def test_types_of_a_repository_join_ours() -> None:
    own = HEAD + "node_types: {acme.Web: {derived_from: musa.nodes.WebApplication, properties: {theme: {type: string}}}}\n"
    schema = json.loads(write_schema({"musa.yaml": (ROOT / "catalogs/tosca/musa.yaml").read_text(), "acme.yaml": own}))
    draft = jsonschema.Draft202012Validator(schema)
    assert draft.is_valid(read(node("type: acme.Web, properties: {theme: dark, port: 80}")))
    assert not draft.is_valid(read(node("type: acme.Web, properties: {them: dark}")))


@pytest.mark.parametrize(
    "text", ["", "[", "a: b", HEAD + "node_types: 5", HEAD + "node_types: {a: {derived_from: a, properties: [x]}}"]
)
def test_files_of_types_that_are_wrong_do_no_harm(text: str) -> None:
    assert json.loads(write_schema({"odd.yaml": text}))["title"]
