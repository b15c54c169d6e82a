"""What a stage writes the next one reads, to the last place; and people can read it in between."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.composition import Composition, Outcome, Proof
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Port, Wanted
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.values import KINDS, read_value, schema_of, write_value
from tests import strategies
from tests.support import ROOT

VALUES = {
    "cpim": strategies.cpims,
    "risk": strategies.risk_profiles,
    "selection": strategies.selections,
    "gaps": strategies.compositions,
    "residual": strategies.residual_profiles,
    "macm": strategies.macms,
    "plan": strategies.plans,
    "questions": strategies.questions,
}
artefacts = st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind]))
some_settings = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def everything(value: Any) -> Any:
    """A value with what equality leaves out (places) and with the types of its numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *((each.name, everything(getattr(value, each.name))) for each in fields(value)))
    if isinstance(value, tuple | list):
        return [everything(each) for each in value]
    if isinstance(value, dict):
        return [(key, everything(each)) for key, each in value.items()]
    if isinstance(value, frozenset):
        return sorted(value)
    return (type(value).__name__, value)


@given(artefacts)
@some_settings
def test_what_is_written_reads_back_to_the_last_place(artefact: tuple[str, Any]) -> None:
    kind, value = artefact
    problems = Problems()
    read = read_value(write_value(value, kind), KINDS[kind], "x.json", problems)
    assert not list(problems)
    assert everything(read) == everything(value)


@given(artefacts)
@some_settings
def test_what_is_written_obeys_its_schema(artefact: tuple[str, Any]) -> None:
    kind, value = artefact
    jsonschema.Draft202012Validator(json.loads(schema_of(kind))).validate(json.loads(write_value(value, kind)))


@given(artefacts)
@some_settings
def test_writing_twice_gives_the_same_bytes(artefact: tuple[str, Any]) -> None:
    kind, value = artefact
    read = read_value(write_value(value, kind), KINDS[kind], "x.json", Problems())
    assert write_value(read, kind) == write_value(value, kind)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_committed_schemas_are_those_of_the_types(kind: str) -> None:
    place = ROOT / "catalogs" / "schemas" / f"{kind}.schema.json"
    assert place.read_text() == schema_of(kind), "stale: write schema_of(kind) there"
    jsonschema.Draft202012Validator.check_schema(json.loads(place.read_text()))


def test_an_artefact_reads_well() -> None:
    web = Component(
        id=ComponentId("web"),
        name="Web",
        kind=KindId("web-application"),
        exposed=True,
        ports=(Port(number=443, protocol="https", secure=True),),
        data=(DataSet(name="clicks", classification=DataClass.PERSONAL, at=Span("app.yaml", 4, 2, 6)),),
        countries=frozenset({"FR", "DE"}),
        wanted=(Wanted(control=ControlId("SC-8")),),
        at=Span("app.yaml", 3, 1, 3),
    )
    model = Cpim(
        name="shop",
        language="tosca",
        components=(web,),
        connections=(Connection(source=web.id, target=web.id),),
        apart=(frozenset({ComponentId("web")}),),
    )
    assert (
        write_value(model, "cpim").decode()
        == """\
{
  "format": "musa/cpim",
  "version": 1,
  "name": "shop",
  "language": "tosca",
  "components": [
    {
      "id": "web",
      "name": "Web",
      "kind": "web-application",
      "exposed": true,
      "ports": [{"number": 443, "protocol": "https", "secure": true}],
      "data": [{"name": "clicks", "classification": "personal", "at": "app.yaml:4:2+6"}],
      "countries": ["DE", "FR"],
      "wanted": [{"control": "SC-8"}],
      "at": "app.yaml:3:1+3"
    }
  ],
  "connections": [{"source": "web", "target": "web"}],
  "apart": [["web"]]
}
"""
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "error[V001]: not JSON: input data was truncated"),
        (b"\xff", "error[V001]: not JSON: "),
        (b"{", "error[V001]: not JSON: input data was truncated"),
        (b"[]", "error[V004]: not a cpim: expected `object`, got `array`"),
        (b"{}", "error[V002]: this is '', not 'musa/cpim'"),
        (b'{"format": "musa/risk", "version": 1}', "error[V002]: this is 'musa/risk', not 'musa/cpim'"),
        (b'{"format": "musa/cpim", "version": 2}', "error[V003]: version 2 of 'musa/cpim' is not known here, only 1"),
        (b'{"format": "musa/cpim", "version": 1}', "error[V004]: not a cpim: object missing required field `name`"),
        (
            b'{"format": "musa/cpim", "version": 1, "name": "x", "language": "y", "components": [], "at": "nowhere"}',
            "error[V004]: not a cpim: 'nowhere' is not a place (file:line:column+length) - at `$.at`",
        ),
    ],
)
def test_a_file_that_is_none_of_ours_is_a_finding(text: bytes, told: str) -> None:
    problems = Problems()
    assert read_value(text, Cpim, "sla/shop/cpim.json", problems) is None
    (found,) = problems
    assert str(found).startswith(f"sla/shop/cpim.json:1:1: {told}")
    assert "musa run" in found.help


def test_a_variable_without_a_value_is_a_finding() -> None:
    text = b"""{"format": "musa/plan", "version": 1, "application": "x", "csps": [], "steps": [
        {"number": 1, "title": "", "machine": "", "role": "", "variables": {"a": [null]}, "because": ""}]}"""
    problems = Problems()
    assert read_value(text, Plan, "plan.json", problems) is None
    assert [str(each) for each in problems] == ["plan.json:1:1: error[V004]: not a plan: a variable of a step has no value"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.sampled_from(sorted(KINDS)))
def test_no_bytes_crash_the_reader(data: bytes, kind: str) -> None:
    problems = Problems()
    assert read_value(data, KINDS[kind], "x", problems) is None
    assert problems.errors == 1


@given(artefacts, st.data())
@some_settings
def test_no_damaged_artefact_crashes_the_reader(artefact: tuple[str, Any], data: st.DataObject) -> None:
    kind, value = artefact
    written = write_value(value, kind)
    at = data.draw(st.integers(0, len(written) - 1))
    damaged = written[:at] + data.draw(st.binary(max_size=3)) + written[at + data.draw(st.integers(0, 3)) :]
    problems = Problems()
    assert (read_value(damaged, KINDS[kind], "x", problems) is None) == bool(problems.errors)


def test_deep_proofs_are_written_and_what_is_too_deep_is_a_finding() -> None:
    proof = Proof(holds=True, claim="leaf")
    for _ in range(100):
        proof = Proof(holds=True, claim="x", beneath=(proof,))
    told = Outcome(control=ControlId("SC-5"), promised=False, granted_for=(), failing=(), not_applicable=(), proof=proof)
    deep = Composition(application="x", outcomes=(told,), components=())
    assert read_value(write_value(deep, "gaps"), Composition, "gaps.json", Problems()) == deep
    problems = Problems()
    assert read_value(b'{"format":"musa/gaps","version":1,"gaps":' + b"[" * 100_000, Composition, "gaps.json", problems) is None
    assert problems.errors == 1


def test_a_value_of_another_type_is_our_mistake() -> None:
    with pytest.raises(TypeError, match=r"plan\.json holds a Plan, not a Cpim"):
        write_value(Cpim(name="x", language="tosca", components=()), "plan")
