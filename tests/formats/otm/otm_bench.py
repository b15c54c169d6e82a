"""The shortest way from an OTM text to what came of it, with the catalogs that are shipped."""

from functools import cache

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.formats.otm import read_otm
from tests.support import ROOT

ZONES = """
trustZones:
  - {id: net, name: Internet, risk: {trustRating: 1}}
  - {id: in, name: Private, risk: {trustRating: 80}}
"""


@cache
def catalogs() -> Catalogs:
    """The catalogs of the repository."""
    files = sorted(each for each in (ROOT / "catalogs").glob("*/*") if each.suffix in {".yaml", ".json"})
    texts = {each.relative_to(ROOT).as_posix(): each.read_text() for each in files if each.parent.name != "schemas"}
    return read_catalogs(texts, Problems())


def read(text: str) -> tuple[Cpim | None, list[str]]:
    """Return the model, and the findings with their ways out."""
    problems = Problems()
    found = read_otm(text, "a.otm", catalogs=catalogs(), problems=problems)
    return found, [f"{each} -> {each.help}" if each.help else str(each) for each in problems]


def model(text: str, zones: str = ZONES) -> Cpim:
    """Return the model of a document that may have notes, but no mistake."""
    found, problems = read(f"otmVersion: 0.2.0\nproject: {{id: app, name: App}}\n{zones}{text}")
    assert found is not None
    assert [each for each in problems if "note[" not in each] == []
    return found


def wrong(text: str) -> list[str]:
    """Return errors and warnings of a document that begins as it should: four lines, which places count."""
    _, problems = read(f"otmVersion: 0.2.0\nproject: {{id: app, name: App}}\n{text}")
    return [each for each in problems if "note[" not in each]
