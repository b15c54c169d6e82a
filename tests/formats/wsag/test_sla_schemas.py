"""Our own schemas: they hold for what we write, and say of other documents what the published ones say."""

import random

import pytest
from hypothesis import given, settings
from lxml import etree

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.wsag import validate, write_sla, write_slat
from musa_pipeline.formats.wsag.schema import compiled
from tests.formats.wsag.agreements import CATALOGS, slas, slats
from tests.formats.wsag.example import SLA, SLAT
from tests.formats.wsag.mutations import mutated
from tests.formats.wsag.public_schemas import SETS, load
from tests.support import ROOT, shared

SCHEMAS = {each.name: each.read_text(encoding="utf-8") for each in (ROOT / "catalogs" / "schemas").glob("*.xsd")}
OURS = compiled(SCHEMAS)
CHANGES = 120


def findings(data: bytes) -> list[str]:
    problems = Problems()
    assert validate(data, SCHEMAS, problems, "sla.xml") is not bool(len(problems))
    return [str(each) for each in problems]


@given(slats)
@settings(max_examples=100, deadline=None)
def test_every_template_is_valid_against_our_schemas(slat: Slat) -> None:
    assert findings(write_slat(slat, CATALOGS)) == []


@given(slas)
@settings(max_examples=100, deadline=None)
def test_every_agreement_is_valid_against_our_schemas(sla: Sla) -> None:
    assert findings(write_sla(sla, CATALOGS)) == []


def test_a_finding_has_its_line() -> None:
    broken = write_sla(SLA, CATALOGS).replace(b"<specs:operator>leq", b"<specs:operator>at most")
    line = broken[: broken.index(b"at most")].count(b"\n") + 1
    assert findings(broken)[0].startswith(
        f"sla.xml:{line}:1: error[A007]: element 'specs:operator': [facet 'enumeration'] The value 'at most' is not an element of the set"
    )


def test_our_notes_are_checked_too() -> None:
    broken = write_sla(SLA, CATALOGS).replace(b'granted-for="group-1"', b'granted-for="group-9"')
    assert "No match found for key-sequence ['group-9']" in findings(broken)[0]


def test_a_schema_cannot_reach_out_of_its_folder() -> None:
    reaching = SCHEMAS | {
        "nist.xsd": SCHEMAS["nist.xsd"].replace("<xs:annotation>", '<xs:include schemaLocation="/etc/hosts"/><xs:annotation>', 1)
    }
    with pytest.raises(etree.XMLSchemaParseError):
        compiled(reaching)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[etree.XMLSchema]:
    return [load(each, tmp_path_factory.mktemp(each)) for each in SETS]


def test_real_documents_get_the_same_verdict_from_all_schemas(published: list[etree.XMLSchema]) -> None:
    verdicts = {}
    for path in sorted(shared("sla").glob("*.xml")):
        root = etree.parse(str(path))
        verdicts[path.name] = {schema.validate(root) for schema in (*published, OURS)}
    assert verdicts == {name: {not name.startswith("seaclouds")} for name in verdicts}, (
        "SeaClouds writes another namespace; all others are valid"
    )


def documents() -> list[tuple[str, bytes]]:
    own = [("our template", write_slat(SLAT, CATALOGS)), ("our agreement", write_sla(SLA, CATALOGS))]
    folder = ROOT.parent / "shared" / "data" / "sla"
    return own + [
        (path.name, path.read_bytes()) for path in sorted(folder.glob("*.xml")) if not path.name.startswith("seaclouds")
    ]


@pytest.mark.parametrize(("name", "data"), [pytest.param(*each, id=each[0]) for each in documents()])
def test_changed_documents_get_the_same_verdict_from_all_schemas(
    published: list[etree.XMLSchema], name: str, data: bytes
) -> None:
    chance = random.Random(name)
    root = etree.fromstring(data)
    refused = 0
    for _ in range(CHANGES):
        changed, what = mutated(root, chance)
        again = etree.fromstring(etree.tostring(changed))
        verdicts = {schema.validate(again) for schema in (*published, OURS)}
        assert len(verdicts) == 1, what
        refused += verdicts == {False}
    assert CHANGES / 4 < refused < CHANGES
