"""Reading what was written gives the same value, and writing it again the same bytes."""

from hypothesis import given, settings

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.wsag import read_agreement, write_sla, write_slat
from tests.formats.wsag.agreements import CATALOGS, slas, slats


def back(data: bytes) -> Slat | Sla | None:
    """Read a document that must need no mending."""
    problems = Problems()
    found = read_agreement(data, "sla.xml", problems)
    assert [str(each) for each in problems] == []
    return found


@given(slats)
@settings(max_examples=300, deadline=None)
def test_a_template_reads_back_as_it_was_written(slat: Slat) -> None:
    written = write_slat(slat, CATALOGS)
    found = back(written)
    assert found == slat
    assert isinstance(found, Slat)
    assert [type(each.bound) for each in found.slos] == [type(each.bound) for each in slat.slos]
    assert write_slat(found, CATALOGS) == written


@given(slas)
@settings(max_examples=300, deadline=None)
def test_an_agreement_reads_back_as_it_was_written(sla: Sla) -> None:
    written = write_sla(sla, CATALOGS)
    found = back(written)
    assert found == sla
    assert isinstance(found, Sla)
    assert [type(each.bound) for each in found.slos] == [type(each.bound) for each in sla.slos]
    assert write_sla(found, CATALOGS) == written
