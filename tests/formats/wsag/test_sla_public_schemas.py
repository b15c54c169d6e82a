"""Every document that we write is valid against both published schema sets, and read back as it was meant."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.wsag import read_agreement, write_sla, write_slat
from tests.command import musa
from tests.formats.wsag.agreements import CATALOGS, slas, slats
from tests.formats.wsag.public_schemas import SETS, load
from tests.support import ROOT, shared

SPECS = "{http://www.specs-project.eu/resources/schemas/xml/SLAtemplate}"
MODELS = ("shop", "smart-mobility", "flight-scheduling")
FOREIGN = (
    "tosca/openstack__tosca-parser/samples/tests/data/tosca_elk.yaml",
    "tosca/xlab-si__xopera-examples/cloud/platform-connection/aws-azure-connection/aws-azure/service.yaml",
    "tosca/di-unipi-socc__TosKer/data/examples/sockshop-app/sockshop/sockshop.yaml",
    "tosca/oasis-open__tosca-community-contributions/examples/1.3/tutorial/requirements-and-capabilities.yaml",
    "tosca/micado-scale__tosca/ADT/outlandish.yaml",
    "camel/camel2015/Scalarm.camel",
)


@pytest.fixture(scope="module", params=SETS)
def schema(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    return load(request.param, tmp_path_factory.mktemp(request.param))


@given(slat=slats)
@settings(max_examples=150, deadline=None)
def test_every_template_is_valid_against_the_published_schemas(schema: etree.XMLSchema, slat: Slat) -> None:
    schema.assertValid(etree.fromstring(write_slat(slat, CATALOGS)))


@given(sla=slas)
@settings(max_examples=150, deadline=None)
def test_every_agreement_is_valid_against_the_published_schemas(schema: etree.XMLSchema, sla: Sla) -> None:
    schema.assertValid(etree.fromstring(write_sla(sla, CATALOGS)))


def test_every_committed_document_is_valid_and_read_back(tmp_path: Path) -> None:
    for name in MODELS:
        assert len(list((ROOT / "sla" / name).rglob("*.xml"))) >= 5
    prove(ROOT / "sla", tmp_path)


@pytest.mark.parametrize("name", MODELS)
def test_every_document_of_a_run_is_valid_and_read_back(name: str, tmp_path: Path) -> None:
    done = musa("run", name, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    prove(tmp_path / "out/sla", tmp_path)


@pytest.mark.parametrize("name", FOREIGN)
def test_every_document_made_of_other_peoples_models_is_valid_and_read_back(name: str, tmp_path: Path) -> None:
    done = musa("run", shared() / name, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr[-2000:]
    prove(tmp_path / "out/sla", tmp_path)


def prove(folder: Path, place: Path) -> None:
    """Hold each document against both schema sets, its reading against its elements, and the whole against `gaps.json`."""
    schemas = {name: load(name, place / name) for name in SETS}
    documents = sorted(folder.rglob("*.xml"))
    assert documents
    for path in documents:
        data = path.read_bytes()
        root = etree.fromstring(data)
        for schema in schemas.values():
            schema.assertValid(root)
        problems = Problems()
        read = read_agreement(data, path.name, problems)
        assert list(problems) == [], path
        assert isinstance(read, Slat if path.parent.name == "slat" else Sla), path
        assert sorted(term.control for term in read.terms) == controls_in(root), path
        assert sorted((slo.metric, slo.operator.value, _bound(slo.bound)) for slo in read.slos) == levels_in(root), path
        if path.name == "sla.xml":
            gaps = json.loads(path.with_name("gaps.json").read_text())
            assert controls_in(root) == sorted(each["control"] for each in gaps["outcomes"] if each["promised"])
            found = [(slo["metric"], slo["operator"], _bound(slo["bound"])) for slo in (each["slo"] for each in gaps["slos"])]
            assert levels_in(root) == sorted(found)


def controls_in(root: etree._Element) -> list[str]:
    """Return the controls as the elements name them: NIST_CP_9_8 is CP-9(8)."""
    ids = [each.get("id", "") for each in root.iter(f"{SPECS}NISTsecurityControl")]
    return sorted(re.sub(r"^NIST_([A-Z]+)_(\d+)(?:_(\d+))?$", _control, each) for each in ids)


def levels_in(root: etree._Element) -> list[tuple[str, str, str]]:
    """Return metric, operator and operand of each service level."""
    found = []
    for each in root.iter(f"{SPECS}SLO"):
        said = (each.findtext(path) for path in (f"{SPECS}MetricREF", f".//{SPECS}operator", f".//{SPECS}operand"))
        metric, operator, operand = (text or "" for text in said)
        found.append((metric, operator, operand))
    return sorted(found)


def _control(match: re.Match[str]) -> str:
    family, number, enhancement = match.groups()
    return f"{family}-{number}({enhancement})" if enhancement else f"{family}-{number}"


def _bound(value: bool | float) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else repr(value)
