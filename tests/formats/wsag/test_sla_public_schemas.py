"""Every document that we write is valid against both published schema sets."""

import pytest
from hypothesis import given, settings
from lxml import etree

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.formats.wsag import write_sla, write_slat
from tests.formats.wsag.agreements import CATALOGS, slas, slats
from tests.formats.wsag.public_schemas import SETS, load


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
