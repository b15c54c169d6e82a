"""Types are known with all they inherit, whoever defines them; unknown ones stay legal and are told once."""

import pytest

from musa_pipeline.domain.cpim import Port
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca.builtin import PREFIXES, PRIMITIVES, body, facts
from musa_pipeline.formats.tosca.p1_read import Findings, mapping_in, read_document
from musa_pipeline.formats.tosca.p2_imports import Imported
from musa_pipeline.formats.tosca.p4_types import NODES, Types
from musa_pipeline.text.yaml import Mapping, Scalar
from tests.formats.tosca.tosca_bench import model, read


def types(*texts: str) -> tuple[Types, Problems]:
    """Return the types of some files; `prefix|text` is one that was imported with a prefix."""
    problems, files = Problems(), []
    for number, text in enumerate(texts):
        prefix, bar, rest = text.partition("|")
        document = read_document(
            "tosca_definitions_version: tosca_simple_yaml_1_3\n" + (rest if bar else text), f"{number}.yaml", problems
        )
        assert document is not None
        files.append(Imported(document, prefix if bar else ""))
    return Types(files, Findings(problems), frozenset()), problems


@pytest.mark.parametrize("section", list(PREFIXES))
def test_the_tables_of_built_in_types_name_only_types_that_they_have(section: str) -> None:
    for name, fact in facts(section).items():
        assert not fact.parent or fact.parent in facts(section) or fact.parent in PRIMITIVES
        definition = body(section, name)
        for key, known in (("properties", "data_types"), ("capabilities", "capability_types"), ("interfaces", "interface_types")):
            for _, value in mapping_in(definition, key):
                assert isinstance(value, Mapping)
                kind = value.get("type")
                assert kind is None or (isinstance(kind, Scalar) and (kind.text in facts(known) or kind.text in PRIMITIVES))


@pytest.mark.parametrize(
    ("section", "written", "full"),
    [
        (NODES, "Compute", "tosca.nodes.Compute"),
        (NODES, "tosca:Compute", "tosca.nodes.Compute"),
        (NODES, "Network", "tosca.nodes.network.Network"),
        (NODES, "tosca.nodes.BlockStorage", "tosca.nodes.BlockStorage"),
        (NODES, "tosca:Storage.BlockStorage", "tosca.nodes.Storage.BlockStorage"),
        (NODES, "VNF", "tosca.nodes.nfv.VNF"),
        (NODES, "tosca.nodes.nfv.Vdu.Compute", "tosca.nodes.nfv.Vdu.Compute"),
        (NODES, "cloudify.nodes.Compute", "cloudify.nodes.Compute"),
        (NODES, "my:Thing", ""),
        ("capability_types", "Endpoint.Public", "tosca.capabilities.Endpoint.Public"),
        ("capability_types", "Bindable", "tosca.capabilities.network.Bindable"),
        ("relationship_types", "LinksTo", "tosca.relationships.network.LinksTo"),
        ("artifact_types", "Bash", "tosca.artifacts.Implementation.Bash"),
        ("interface_types", "Standard", "tosca.interfaces.node.lifecycle.Standard"),
        ("interface_types", "Lifecycle.Standard", "tosca.interfaces.node.lifecycle.Standard"),
        ("data_types", "Credential", "tosca.datatypes.Credential"),
        ("data_types", "PortSpec", "tosca.datatypes.network.PortSpec"),
        ("data_types", "tosca.datatypes.json", "tosca.datatypes.json"),
        ("data_types", "scalar-unit.size", "scalar-unit.size"),
    ],
)
def test_full_short_and_prefixed_names_mean_one_type(section: str, written: str, full: str) -> None:
    assert types("")[0].name(section, written) == full


def test_what_a_type_inherits_is_what_the_nearest_definition_says() -> None:
    known, problems = types(
        "node_types:\n"
        "  my.Base:\n    derived_from: SoftwareComponent\n"
        "    properties: {port: {type: integer, default: 80, constraints: [{in_range: [1, 99]}]}, path: {type: string}}\n"
        "    capabilities: {api: {type: Endpoint, valid_source_types: [my.Top]}}\n"
        "    requirements: [{host: {occurrences: [1, 2]}}, {more: tosca.capabilities.Endpoint}]\n"
        "  my.Top:\n    derived_from: my.Base\n"
        "    properties: {port: {default: 8}, path: {type: string, required: false}}\n"
        "    capabilities: {api: my.Api}\n"
        "capability_types: {my.Api: {derived_from: Endpoint.Admin, properties: {extra: {type: string, default: x}}}}\n"
    )
    top = known.node_type("my.Top")
    assert list(problems) == []
    assert top.chain == ("my.Top", "my.Base", "tosca.nodes.SoftwareComponent", "tosca.nodes.Root")
    assert sorted(top.properties) == ["admin_credential", "component_version", "path", "port"]
    port, path = top.properties["port"], top.properties["path"]
    assert (port.schema.type, [name for name, _ in port.schema.constraints], port.required) == ("integer", ["in_range"], True)
    assert isinstance(port.default, Scalar)
    assert (port.default.value, path.required) == (8, False)
    assert top.capabilities == {"feature": "tosca.capabilities.Node", "api": "my.Api"}
    assert top.offers["api"].sources == ("my.Top",)
    host = top.requirements["host"]
    assert (host.capability, host.relationship) == ("tosca.capabilities.Container", "tosca.relationships.HostedOn")
    assert (host.least, host.most) == (1, 2)
    assert sorted(known.capability_defaults("my.Api")) == ["extra"]  # what the norm has as default says nothing of a model


def test_a_circle_of_types_ends_and_is_told_once() -> None:
    known, problems = types(
        "node_types: {a: {derived_from: b}, b: {derived_from: c}, c: {derived_from: a}, d: {derived_from: a}}\n"
    )
    assert [(each.code, each.at.line) for each in problems] == [("T011", 2)]
    assert known.chain(NODES, "d") == ("d", "a", "b", "c")[: len(known.chain(NODES, "d"))]


def test_one_name_in_two_namespaces_is_two_types() -> None:
    red = "red|node_types: {Shop: {derived_from: Base}, Base: {derived_from: WebServer}}\n"
    blue = "blue|node_types: {Shop: {derived_from: Base}, Base: {derived_from: Database}}\n"
    for order in ((red, blue), (blue, red)):
        known, problems = types(*order, "node_types: {Own: {derived_from: 'red:Shop'}, Base: {derived_from: LoadBalancer}}\n")
        assert list(problems) == []
        assert "tosca.nodes.WebServer" in known.chain(NODES, "red:Shop")
        assert "tosca.nodes.Database" in known.chain(NODES, "blue:Shop")
        assert "tosca.nodes.WebServer" in known.chain(NODES, "Own")
        assert "tosca.nodes.LoadBalancer" in known.chain(NODES, "Base")


def test_a_name_under_a_prefix_that_no_import_gives_is_not_the_own_type_of_that_name() -> None:
    known, problems = types("node_types: {Pod: {derived_from: 'k8s:Pod'}}\n")
    known.report_unknown()
    assert [(each.code, str(each.severity), each.text) for each in problems] == [
        ("T004", "warning", "node type 'Pod' has unknown node type 'k8s:Pod'")
    ]
    assert known.chain(NODES, "Pod") == ("Pod", "k8s:Pod")


def test_an_unknown_type_is_told_once_and_is_an_error_only_where_it_can_be_nothing_but_a_slip() -> None:
    _, said = model(
        "    a: {type: radon.nodes.Function}\n    b: {type: radon.nodes.Function}\n    c: {type: radon.nodes.Function}\n"
        "    d: {type: tosca.nodes.Databse}\n    e: {type: musa.nodes.Quantum}\n    f: {type: tosca.nodes.indigo.Compute}\n"
    )
    assert [each for each in said if each.startswith("T004")] == [
        "T004 error 8:15 component 'd' has unknown node type 'tosca.nodes.Databse' | did you mean 'tosca.nodes.Database'?",
        "T004 error 9:15 component 'e' has unknown node type 'musa.nodes.Quantum' | import the file that defines it, or define it below node_types",
        (
            "T004 warning 5:15 component 'a' has unknown node type 'radon.nodes.Function', and so in 2 more places"
            " | import the file that defines it, or define it below node_types"
        ),
        (
            "T004 warning 10:15 component 'f' has unknown node type 'tosca.nodes.indigo.Compute'"
            " | import the file that defines it, or define it below node_types"
        ),
    ]


def test_how_bad_an_unknown_type_is_does_not_depend_on_how_much_else_is_wrong() -> None:
    nodes = "".join(f"    n{n}: {{type: tosca.nodes.Compote, requirements: [{{host: m{n}}}]}}\n" for n in range(3_000))
    _, problems = read("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n" + nodes)
    assert [(str(each.severity), each.help) for each in problems if each.code == "T004"] == [
        ("error", "did you mean 'tosca.nodes.Compute'?")
    ]


def test_definitions_of_the_wrong_shape_are_told_or_left_and_never_stop_the_reader() -> None:
    for wrong in ("3", "[1]", "{a: 1}", "[{a: {b: [c]}}]", "[[x]]", "null", "{type: [x], occurrences: {}}", "[{a: 1, b: 2}]"):
        for key in (
            "properties",
            "capabilities",
            "requirements",
            "interfaces",
            "artifacts",
            "derived_from",
            "valid_target_types",
        ):
            text = (
                "tosca_definitions_version: tosca_simple_yaml_1_3\n"
                f"node_types: {{T: {{derived_from: tosca.nodes.Root, {key}: {wrong}}}, U: {wrong}}}\n"
                f"data_types: {{D: {{{key}: {wrong}, constraints: {wrong}}}}}\ncapability_types: {{C: {{{key}: {wrong}}}}}\n"
                "topology_template:\n  node_templates:\n"
                f"    a: {{type: T, {key}: {wrong}, properties: {{p: {wrong}}}, capabilities: {{c: {wrong}}}, requirements: [{{a: b}}]}}\n"
                f"    b: {{type: U, requirements: [{{a: {wrong}}}]}}\n"
            )
            read(text)


def test_types_in_another_section_s_place_are_taken_for_what_they_are_derived_from() -> None:
    known, problems = types(
        "node_types:\n  my.End: {derived_from: tosca.capabilities.Endpoint}\n  my.Front: {derived_from: my.End}\n"
        "  tosca.relationships.mine.To: {}\n  my.Node: {derived_from: tosca.nodes.Root, capabilities: {front: my.Front}}\n"
    )
    known.report_unknown()
    assert [(each.code, each.text) for each in problems] == [
        ("T088", "capability type 'my.End' is defined below node_types"),
        ("T088", "capability type 'my.Front' is defined below node_types"),
        ("T088", "relationship type 'tosca.relationships.mine.To' is defined below node_types"),
    ]
    assert known.node_type("my.Node").capabilities["front"] == "my.Front"
    assert known.chain("capability_types", "my.Front") == (
        "my.Front",
        "my.End",
        "tosca.capabilities.Endpoint",
        "tosca.capabilities.Root",
    )


def test_a_type_of_a_later_edition_is_noted_once() -> None:
    text = "topology_template: {node_templates: {a: {type: Storage.BlockStorage}, b: {type: Storage.BlockStorage}, c: {type: Compute}}}\n"
    for edition, expected in (("1_1", 1), ("1_2", 0), ("1_3", 0)):
        _, problems = read(f"tosca_definitions_version: tosca_simple_yaml_{edition}\n{text}")
        told = [each.text for each in problems if each.code == "T089"]
        assert told == ["tosca.nodes.Storage.BlockStorage came with TOSCA 1.2, and the file says 1.1"] * expected


def test_what_a_node_type_says_of_its_capabilities_and_interfaces_holds_for_its_templates() -> None:
    cpim, said = model(
        "    a: {type: my.Api}\n    b: {type: my.Special, interfaces: {running: {stop: stop.sh}}}\n",
        rest="node_types:\n"
        "  my.Api:\n    derived_from: tosca.nodes.SoftwareComponent\n"
        "    capabilities: {api: {type: tosca.capabilities.Endpoint, properties: {port: {default: 8080}, protocol: {default: https}}}}\n"
        "    interfaces: {running: {type: tosca.interfaces.node.lifecycle.Standard, start: start.sh}}\n"
        "  my.Special: {derived_from: my.Api, capabilities: {api: {type: tosca.capabilities.Endpoint, properties: {port: 8081}}}}\n",
    )
    a, b = cpim.components
    assert (a.ports, b.ports) == ((Port(number=8080, protocol="https"),), (Port(number=8081, protocol="https"),))
    assert [each.run for each in a.scripts] == ["start.sh"]
    assert [each.run for each in b.scripts] == ["start.sh", "stop.sh"]
    assert [each for each in said if each[:4] != "T017"] == []


def test_defaults_of_the_norm_say_nothing_of_a_model_even_if_a_file_brings_them() -> None:
    cpim, _ = model(
        "    a: {type: tosca.nodes.WebApplication}\n",
        rest="capability_types:\n  tosca.capabilities.Endpoint:\n    derived_from: tosca.capabilities.Root\n"
        "    properties: {network_name: {type: string, default: PRIVATE}, protocol: {type: string, default: tcp}}\n",
    )
    assert (cpim.components[0].exposed, cpim.components[0].ports) == (None, ())
