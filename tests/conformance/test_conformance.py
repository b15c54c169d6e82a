"""tosca-parser behind its adapter: what it is given, what becomes of its words, and that no file makes it harm or delay anybody."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.domain.problems import Problem, Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.conformance import Merged, Unfit, findings_of, merged, normative
from musa_pipeline.formats.tosca.conformance.merge import MOST_NODES
from musa_pipeline.runners.conformance import MEMORY, Validator, installed
from musa_pipeline.stages.check_models import check_models
from tests.support import lacking, shared

NORMATIVE = normative()
HEAD = "tosca_definitions_version: tosca_simple_yaml_1_3\n"


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    if not installed():
        lacking("tosca-parser is not installed")
    with Validator() as worker:
        yield worker


def asked(text: str, **files: str) -> Merged:
    def fetch(name: str, _importing: str) -> tuple[str, str] | None:
        found = files.get(name.removesuffix(".yaml"))
        return (name, found) if found is not None else None

    found = merged(text, "a.yaml", fetch)
    assert isinstance(found, Merged), found
    return found


def told(validator: Validator, text: str, *known: Problem, strict: bool = False, **files: str) -> list[str]:
    given = asked(text, **files)
    return [str(each) for each in findings_of(validator.judge(given.template, NORMATIVE), given, known, strict=strict)]


def test_a_wrong_word_has_its_place_and_is_a_warning(validator: Validator) -> None:
    text = HEAD + "topology_template:\n  node_templates:\n    db:\n      type: tosca.nodes.Compute\n      properties: {foo: 1}\n"
    said = "tosca-parser: 'properties' of template 'db' contains unknown field 'foo'"
    assert told(validator, text) == [f"a.yaml:6:20: warning[N001]: {said}"]
    assert told(validator, text, strict=True) == [f"a.yaml:6:20: error[N001]: {said}"]


def test_a_wrong_value_of_two_components_is_told_at_each(validator: Validator) -> None:
    one = "      type: tosca.nodes.Database\n      properties: {name: x, port: high}\n"
    text = HEAD + f"topology_template:\n  node_templates:\n    a:\n{one}    b:\n{one}"
    said = "warning[N003]: tosca-parser: 'high' is not an integer"
    assert told(validator, text) == [f"a.yaml:6:35: {said}", f"a.yaml:9:35: {said}"]


def test_what_our_reader_said_of_a_line_is_not_said_again(validator: Validator) -> None:
    text = HEAD + "topology_template:\n  node_templates:\n    db:\n      type: tosca.nodes.Compute\n      properties: {foo: 1}\n"
    ours = Problem(code="T021", at=Span("a.yaml", 6, 20, 3), text="ours", severity=Severity.WARNING)
    assert told(validator, text, ours) == []


def test_a_wrong_word_in_an_imported_type_is_told_in_its_file(validator: Validator) -> None:
    text = HEAD + "imports: [types.yaml]\ntopology_template:\n  node_templates:\n    a: {type: my.App}\n"
    types = HEAD + "node_types:\n  my.App:\n    derived_from: tosca.nodes.Root\n    capabilites: {}\n"
    assert [each.partition(" ")[0] for each in told(validator, text, types=types)] == ["types.yaml:5:5:"]


def test_what_is_right_for_us_and_the_norm_is_right_for_it(validator: Validator) -> None:
    """Open requirements, normative types it lacks, workflows, requirements by type, prefixes of namespaces, short forms."""
    text = (
        HEAD
        + """
imports: [{file: types.yaml, namespace_prefix: p}]
metadata: {template_name: x}
topology_template:
  inputs: {size: {type: integer, default: 1}}
  node_templates:
    a: {type: tosca.nodes.WebApplication}
    b: {type: tosca.nodes.Storage.ObjectStorage, properties: {name: b}}
    c: {type: tosca.nodes.SoftwareComponent, requirements: {host: d}}
    d: {type: tosca.nodes.Compute}
    e: {type: p:my.App, requirements: [{host: tosca.nodes.Compute}, {peer: {node_filter: {properties: []}}}]}
  workflows: {deploy: {steps: {}}}
  outputs: {o: {type: string, value: {get_attribute: [d, public_address]}}}
"""
    )
    types = (
        HEAD
        + """
node_types:
  my.App:
    derived_from: tosca.nodes.Root
    requirements: [{host: tosca.capabilities.Compute}, {peer: {capability: tosca.capabilities.Node, occurrences: 1}}]
"""
    )
    assert told(validator, text, types=types) == []


def test_types_that_nothing_leads_to_are_left_out() -> None:
    text = HEAD + "imports: [types.yaml]\ntopology_template: {node_templates: {a: {type: my.App}}}\n"
    types = HEAD + (
        "node_types: {my.App: {derived_from: my.Base}, my.Base: {derived_from: tosca.nodes.Root}, my.Other: {derived_from: my.Base}}\n"
        "data_types: {my.Data: {properties: {x: {type: string}}}}\n"
    )
    assert asked(text, types=types).template == {
        "tosca_definitions_version": "tosca_simple_yaml_1_3",
        "node_types": {"my.App": {"derived_from": "my.Base"}, "my.Base": {"derived_from": "tosca.nodes.Root"}},
        "topology_template": {"node_templates": {"a": {"type": "my.App"}}},
    }


def test_a_component_of_an_unknown_type_is_not_judged(validator: Validator) -> None:
    """Nor what others ask of it: nobody knows what it has."""
    text = HEAD + (
        "imports: [gone.yaml]\ntopology_template:\n  node_templates: {a: {type: their.App, properties: {x: 1}}}\n"
        "  outputs: {o: {value: {get_attribute: [a, address]}}}\n"
    )
    assert told(validator, text) == []


def test_it_breaks_at_one_part_and_the_rest_is_judged(validator: Validator) -> None:
    """`int` has no attribute `get`, it says of an artifact without a file."""
    text = HEAD + (
        "topology_template:\n  node_templates:\n    odd: {type: tosca.nodes.Compute, requirements: [{dependency: {node: db, relationship: 5}}]}\n"
        "    db: {type: tosca.nodes.Compute, properties: {foo: 1}}\n"
    )
    found = told(validator, text)
    assert "a.yaml:5:50: warning[N001]: tosca-parser: 'properties' of template 'db' contains unknown field 'foo'" in found
    assert any(
        "note[N007]: tosca-parser broke" in each and each.endswith("the rest was judged without that part") for each in found
    )


def test_a_secret_is_in_no_message(validator: Validator) -> None:
    text = HEAD + (
        "topology_template:\n  inputs: {db_password: {type: integer, default: hunter2}}\n"
        "  node_templates: {a: {type: tosca.nodes.SoftwareComponent, properties: {admin_credential: {token: 5, keys: swordfish}}}}\n"
    )
    found = told(validator, text)
    assert found
    assert not any("hunter2" in each or "swordfish" in each for each in found)


def test_circles_of_types_are_cut_before(validator: Validator) -> None:
    """tosca-parser would walk round for ever."""
    text = HEAD + (
        "node_types: {A: {derived_from: B}, B: {derived_from: C}, C: {derived_from: A}, D: {derived_from: D}}\n"
        "data_types: {X: {derived_from: Y}, Y: {derived_from: X}}\n"
        "topology_template: {node_templates: {a: {type: A}, d: {type: D, properties: {x: X}}}}\n"
    )
    given = asked(text)
    assert given.template["node_types"]["A"] == {"derived_from": "tosca.nodes.Root"}
    assert given.template["data_types"]["X"] == {"derived_from": "tosca.datatypes.Root"}
    started = time.monotonic()
    assert "stopped" not in validator.judge(given.template, NORMATIVE)
    assert time.monotonic() - started < 5


def node(**more: object) -> dict[str, Any]:
    return {
        "tosca_definitions_version": "tosca_simple_yaml_1_3",
        "topology_template": {"node_templates": {"a": {"type": "A"}}},
        **more,
    }


def test_one_that_loops_is_ended_and_the_next_is_judged() -> None:
    endless = node(node_types={"A": {"derived_from": "B"}, "B": {"derived_from": "A"}})
    with Validator(seconds=1) as worker:
        started = time.monotonic()
        assert worker.judge(endless, {}) == {"stopped": "time"}
        assert time.monotonic() - started < 6
        assert worker.judge(node(node_types={"A": {"derived_from": "tosca.nodes.Root"}}), {})["messages"] == []


def test_one_that_eats_memory_is_ended_and_the_next_is_judged(validator: Validator) -> None:
    """Each level copies the interfaces of the one above twice."""
    wide = {f"operation{number}": {"inputs": {f"i{each}": "x" * 200 for each in range(40)}} for number in range(40)}
    deep: dict[str, Any] = {
        "A": {"derived_from": "T18"},
        "T0": {"derived_from": "tosca.nodes.Root", "interfaces": {"Mine": wide}},
    }
    deep |= {f"T{number}": {"derived_from": f"T{number - 1}"} for number in range(1, 19)}
    template = node(node_types=deep)
    template["topology_template"]["node_templates"]["a"]["interfaces"] = {"Mine": {"operation1": "x.sh"}}
    with Validator(seconds=3, memory=300 * 2**20) as worker:
        assert worker.judge(template, {}).get("stopped") in ("time", "memory")
        assert "messages" in worker.judge(node(), {})
    large = node()
    large["topology_template"]["node_templates"] = {f"n{number}": {"type": "tosca.nodes.Compute"} for number in range(4_000)}
    with Validator(memory=2**20) as worker:
        assert worker.judge(large, {}) == {"stopped": "memory"}
    assert MEMORY < 2**30
    assert "messages" in validator.judge(node(), NORMATIVE)


def test_a_worker_that_dies_is_started_again() -> None:
    with Validator() as worker:
        assert "messages" in worker.judge(node(), {})
        assert worker._process
        worker._process.kill()
        worker._process.wait()
        assert "messages" in worker.judge(node(), {})


def test_it_can_open_no_file_and_no_connection(tmp_path: Path, validator: Validator) -> None:
    """A template with imports would have it read them: neither a file nor an address is reached."""
    secret = tmp_path / "types.yaml"
    secret.write_text(HEAD + "node_types: {A: {derived_from: tosca.nodes.Root}}\n")
    for name in (str(secret), f"file://{secret}", "http://127.0.0.1:9/types.yaml"):
        found = validator.judge(node(imports=[name]), {})
        assert found["broken"] or found["messages"], name
    assert asked(HEAD + f"imports: [{secret}]\ntopology_template: {{node_templates: {{a: {{type: A}}}}}}\n").template == {
        "tosca_definitions_version": "tosca_simple_yaml_1_3",
        "topology_template": {"node_templates": {"a": {"type": "tosca.nodes.Root"}}},
    }


def test_what_one_template_leaves_behind_does_not_reach_the_next(validator: Validator) -> None:
    nfv = {"tosca_definitions_version": "tosca_simple_profile_for_nfv_1_0_0", "topology_template": {"node_templates": {}}}
    plain = node()
    plain["topology_template"]["node_templates"]["a"]["type"] = "tosca.nodes.nfv.VNF"
    before = validator.judge(plain, {})
    validator.judge(nfv, {})
    assert validator.judge(plain, {}) == before


def test_messages_are_counted_beyond_a_bound(validator: Validator) -> None:
    lines = "".join(f"    n{number}: {{type: tosca.nodes.Compute, properties: {{foo: 1}}}}\n" for number in range(700))
    found = told(validator, HEAD + "topology_template:\n  node_templates:\n" + lines)
    assert len(found) == 501
    assert found[-1].endswith("note[N006]: tosca-parser says 200 more that are not shown")


def test_a_thousand_nodes_take_little_time_and_ten_thousand_are_not_asked(validator: Validator) -> None:
    def model(count: int) -> str:
        lines = (
            f"    h{n}: {{type: tosca.nodes.Compute}}\n    w{n}: {{type: tosca.nodes.WebServer, requirements: [host: h{n}]}}\n"
            for n in range(count // 2)
        )
        return HEAD + "topology_template:\n  node_templates:\n" + "".join(lines)

    started = time.monotonic()
    assert told(validator, model(1_000)) == []
    assert time.monotonic() - started < 8
    found = merged(model(MOST_NODES + 2), "a.yaml", lambda _name, _file: None)
    assert found == Unfit(Span("a.yaml", 1, 28, 21), "the model has more than 5,000 node templates")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("tosca_definitions_version: tosca_2_0\nservice_template: {node_templates: {a: {type: A}}}", "'tosca_2_0' is a dialect"),
        (
            "tosca_definitions_version: alien_dsl_3_0_0\ntopology_template: {node_templates: {a: {type: A}}}",
            "'alien_dsl_3_0_0' is",
        ),
        (
            HEAD
            + "node_types:\n  T0: {derived_from: tosca.nodes.Root}\n"
            + "".join(f"  T{n}: {{derived_from: T{n - 1}}}\n" for n in range(1, 14))
            + "topology_template: {node_templates: {a: {type: T13}}}\n",
            "type 'T12' is derived over more than 12 others",
        ),
        (
            HEAD + "dsl_definitions:\n  a: &a [" + "x, " * 300 + "]\n  b: &b [" + "*a, " * 300 + "]\n"
            "topology_template: {node_templates: {a: {type: A, properties: {x: [*b, *b, *b]}}}}\n",
            "the model and its types have more than 200,000 values",
        ),
    ],
)
def test_what_it_cannot_judge_it_is_not_asked(text: str, because: str) -> None:
    found = merged(text, "a.yaml", lambda _name, _file: None)
    assert isinstance(found, Unfit)
    assert found.because.startswith(because)


@pytest.mark.parametrize(
    "text", ["", "[]", "a: b", HEAD, HEAD + "topology_template: 5", "\t", HEAD + "topology_template: {node_templates: []}"]
)
def test_what_cannot_be_read_is_not_asked_either(text: str) -> None:
    assert merged(text, "a.yaml", lambda _name, _file: None) is None


ODD = [
    "properties: 5", "capabilities: []", "requirements: 5", "requirements: [5, {}, {a: 1, b: 2}]", "interfaces: {Standard: 5}",
    "artifacts: [a]", "attributes: x", "requirements: [{host: [a, 0]}]", "requirements: {host: {node: {get_input: x}}}",
    "interfaces: {Standard: {create: {implementation: {primary: 5}}}}", "capabilities: {host: {properties: 3}}", "metadata: 7",
    "properties: {x: {get_property: []}}", "properties: {x: {concat: 3}}", "directives: 5", "description: [a]",
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_odd_shapes_do_not_stop_it(odd: str, validator: Validator) -> None:
    text = (
        HEAD
        + f"topology_template:\n  node_templates:\n    a: {{type: tosca.nodes.Compute, {odd}}}\n    b: {{type: tosca.nodes.Compute, properties: {{foo: 1}}}}\n"
    )
    found = told(validator, text)
    assert any("'b'" in each for each in found)
    assert not any("Traceback" in each or ".py" in each for each in found)


def test_real_models_are_judged_without_a_stop(validator: Validator) -> None:
    """Each finding has a line and a column, none a traceback; what is told is told once."""
    count = 0
    for path in sorted(shared("tosca").rglob("*")):
        if path.suffix not in (".yaml", ".yml", ".tosca") or b"topology_template" not in path.read_bytes():
            continue
        given = merged(path.read_text("utf-8-sig"), path.name, lambda _name, _file: None)
        if isinstance(given, Merged):
            answer = validator.judge(given.template, NORMATIVE)
            assert "stopped" not in answer, path
            found = list(findings_of(answer, given, Problems()))
            assert all(each.at.line > 0 and each.at.column > 0 for each in found)
            assert len(set(found)) == len(found)
            assert not any("Traceback" in each.text or "\n" in each.text for each in found)
            count += 1
    assert count >= 5


def test_without_the_extra_a_note_says_so_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None among the modules is how Python says that one cannot be imported."""
    monkeypatch.setitem(sys.modules, "toscaparser", None)
    (tmp_path / "a.yaml").write_text(HEAD + "topology_template: {node_templates: {a: {type: tosca.nodes.WebServer}}}\n")
    with Validator() as worker:
        (found,) = check_models([str(tmp_path / "a.yaml")], validator=worker)
        assert worker._process is None
    assert found.components == 1
    assert [(each.severity, each.text) for each in found.problems if each.code == "N008"] == [
        (Severity.NOTE, "tosca-parser is not installed; conformance was not checked")
    ]
