"""Imports: beside the importing file, each once, circles and absences told."""

from tests.formats.tosca.tosca_bench import model, read

VERSION = "tosca_definitions_version: tosca_simple_yaml_1_3\n"
TYPES = VERSION + "node_types: {my.Api: {derived_from: musa.nodes.Api, properties: {port: {type: integer, default: 7000}}}}\n"
USE = "topology_template: {node_templates: {a: {type: my.Api}}}\n"


def test_types_come_from_imports_of_imports_in_every_form() -> None:
    for form in (
        "[types.yaml]",
        "[{file: types.yaml}]",
        "[{mine: types.yaml}]",
        "[{mine: {file: types.yaml}}]",
        "{mine: types.yaml}",
    ):
        files = {"types.yaml": TYPES.replace("node_types", "imports: [musa.yaml]\nnode_types")}
        cpim, problems = read(f"{VERSION}imports: {form}\n{USE}", files)
        assert cpim is not None
        assert [(each.type, str(each.kind), each.ports[0].number) for each in cpim.components] == [("my.Api", "api", 7000)]
        assert list(problems) == []


def test_a_prefix_stands_before_imported_types() -> None:
    files = {"types.yaml": TYPES.replace("my.Api", "Api")}
    imports = "imports: [musa.yaml, {file: types.yaml, namespace_prefix: my}]\n"
    cpim, problems = read(VERSION + imports + USE.replace("my.Api", "'my:Api'"), files)
    assert cpim is not None
    assert [(str(each.id), str(each.kind)) for each in cpim.components] == [("a", "api")]
    assert list(problems) == []


def test_a_circle_of_imports_is_told_with_both_places() -> None:
    files = {"a.yaml": VERSION + "imports: [b.yaml]\nnode_types: {}\n", "b.yaml": VERSION + "imports: [a.yaml]\nnode_types: {}\n"}
    _, said = model(
        "    vm: {type: tosca.nodes.Compute}", files={"musa.yaml": VERSION + "imports: [a.yaml]\nnode_types: {}", **files}
    )
    assert said == [
        "T008 warning 2:11 'models/app/a.yaml' imports itself in a circle | the circle begins at models/app/a.yaml:2:11; drop one import"
    ]


def test_a_file_that_imports_itself_is_a_circle_too() -> None:
    cpim, problems = read(VERSION + "imports: [app.yaml]\n" + USE.replace("my.Api", "Compute"), {"app.yaml": VERSION})
    assert cpim is not None
    assert [each.code for each in problems] == ["T008"]


def test_a_file_imported_twice_counts_once() -> None:
    files = {"types.yaml": TYPES, "more.yaml": VERSION + "imports: [types.yaml]\nnode_types: {}\n"}
    _, problems = read(VERSION + "imports: [musa.yaml, types.yaml, more.yaml]\n" + USE, files)
    assert list(problems) == []


def test_an_absent_import_leaves_its_types_unknown_and_the_graph_whole() -> None:
    text = VERSION + "imports: [gone.yaml]\ntopology_template:\n  node_templates:\n"
    nodes = "    a: {type: their.App, requirements: [{host: b}, {db: c}]}\n    b: {type: their.VM}\n    c: {type: their.MySQL}\n"
    cpim, problems = read(text + nodes)
    assert cpim is not None
    assert [(str(each.id), str(each.kind), each.host) for each in cpim.components] == [
        ("a", "software", "b"),
        ("b", "compute", None),
        ("c", "database", None),
    ]
    assert [(each.source, each.target) for each in cpim.connections] == [("a", "c")]
    assert [(each.code, str(each.severity)) for each in problems if each.severity != "note"] == [
        ("T006", "warning"),
        *[("T004", "warning")] * 3,
    ]


def test_nothing_is_fetched_from_the_network() -> None:
    url = "https://example.org/types.yaml"
    repository = "repositories: {hub: {url: 'https://example.org'}}\nimports: [{file: types.yaml, repository: hub}]\n"
    for imports in (f"imports: ['{url}']\n", f"imports: [{{x: '{url}'}}]\n", repository):
        _, problems = read(VERSION + imports + USE, {"types.yaml": TYPES})
        assert [each.code for each in problems if each.code in ("T006", "T007")] == ["T007"]


def test_the_normative_types_need_no_import() -> None:
    cpim, problems = read(
        VERSION + "imports: ['tosca-normative-types:1.0.0-SNAPSHOT']\n" + USE.replace("my.Api", "'tosca:Compute'")
    )
    assert cpim is not None
    assert cpim.components[0].type == "tosca.nodes.Compute"
    assert list(problems) == []


def test_types_may_not_be_derived_from_themselves() -> None:
    types = "node_types: {A: {derived_from: B}, B: {derived_from: C}, C: {derived_from: A}, D: {derived_from: D}}\n"
    cpim, problems = read(VERSION + types + USE.replace("my.Api", "A"))
    assert cpim is not None
    assert [each.text for each in problems if each.code == "T011"] == [
        "node type 'A' is derived from itself",
        "node type 'D' is derived from itself",
    ]


def test_the_models_own_definition_of_a_type_counts() -> None:
    text = VERSION + "imports: [musa.yaml, types.yaml]\nnode_types: {my.Api: {derived_from: musa.nodes.Database}}\n" + USE
    cpim, problems = read(text, {"types.yaml": TYPES})
    assert cpim is not None
    assert str(cpim.components[0].kind) == "database"
    assert [str(each) for each in problems] == ["models/app/app.yaml:3:14: warning[T010]: node type 'my.Api' is defined twice"]


def test_settings_that_are_called_like_our_types_are_not_taken_for_types() -> None:
    _, problems = read(VERSION + "imports: [musa.yaml]\n" + USE, {"musa.yaml": "selection: {evidence: E2}\n"})
    assert "T009" in [each.code for each in problems]


def test_a_circle_of_imports_is_harmless_and_its_prefix_is_heeded() -> None:
    types = VERSION + "imports: [musa.yaml, {file: app.yaml, namespace_prefix: y}]\nnode_types: {B: {derived_from: 'y:A'}}\n"
    text = VERSION + "imports: [musa.yaml, types.yaml]\nnode_types: {A: {derived_from: musa.nodes.Api}}\n"
    text += "topology_template: {node_templates: {a: {type: B}}}\n"
    cpim, problems = read(text, {"types.yaml": types, "app.yaml": text})
    assert cpim is not None
    assert [(str(each.id), str(each.kind)) for each in cpim.components] == [("a", "api")]
    assert [each.code for each in problems] == ["T008"] and not problems.errors


def test_a_key_twice_in_an_imported_file_is_a_warning_and_in_the_model_an_error() -> None:
    files = {"types.yaml": TYPES + "node_types: {}\n"}
    cpim, problems = read(f"{VERSION}imports: [musa.yaml, types.yaml]\n{USE}", files)
    assert cpim is not None
    assert [(each.type, each.ports[0].number) for each in cpim.components] == [("my.Api", 7000)]
    assert [str(each) for each in problems] == ["models/app/types.yaml:3:1: warning[Y002]: key 'node_types' is here twice"]
    _, problems = read(f"{VERSION}imports: [musa.yaml, types.yaml]\n{USE}{USE}", {"types.yaml": TYPES})
    assert [str(each) for each in problems] == ["models/app/app.yaml:4:1: error[Y002]: key 'topology_template' is here twice"]


def test_what_an_import_brings_without_a_prefix_has_the_prefix_of_the_import() -> None:
    files = {
        "profile.yaml": VERSION
        + "imports: [core.yaml, {file: core.yaml, namespace: core}, {file: base.yaml, namespace: base}]\n",
        "core.yaml": VERSION + "node_types: {Pod: {derived_from: tosca.nodes.DBMS}, Site: {derived_from: 'base:Root'}}\n",
        "base.yaml": VERSION + "imports: [root.yaml]\nnode_types: {Other: {}}\n",
        "root.yaml": VERSION + "node_types: {Root: {derived_from: tosca.nodes.WebServer}}\n",
    }
    text = (
        f"{VERSION}imports: [{{file: profile.yaml, namespace: k8s}}]\nnode_types: {{Pod: {{derived_from: 'k8s:Pod'}}}}\n"
        "topology_template: {node_templates: {a: {type: Pod}, b: {type: 'k8s:Pod'}, c: {type: 'k8s:Site'}}}\n"
    )
    cpim, problems = read(text, files)
    assert cpim is not None
    kinds = {str(each.id): str(each.kind) for each in cpim.components}
    assert kinds == {"a": "database", "b": "database", "c": "web-server"}
    assert [str(each) for each in problems if each.code != "T017"] == []
