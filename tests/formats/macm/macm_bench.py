"""The shortest way from a composition model's text to what came of it, with the catalogs that are shipped."""

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.macm import read_macm
from tests.formats.tosca.tosca_bench import CATALOGS

GROUND = """
CREATE (csp:CSP {component_id: '1', name: 'Cloud', type: 'CSP'}),
  (vm:Virtual:VM {component_id: '2', name: 'VM', type: 'Virtual.VM'}),
  (os:SystemLayer:OS {component_id: '3', name: 'OS', type: 'SystemLayer.OS'}),
  (csp)-[:provides]->(vm), (vm)-[:hosts]->(os)
"""
"""Five lines on which services can be put."""


def read(text: str) -> tuple[Cpim | None, list[str]]:
    """Return the model, and the findings with their ways out."""
    problems = Problems()
    found = read_macm(text, "a.macm", catalogs=CATALOGS, problems=problems)
    return found, [f"{each} -> {each.help}" if each.help else str(each) for each in problems]


def model(text: str) -> Cpim:
    """Return the model of a text that may have notes and warnings, but no mistake."""
    found, problems = read(text)
    assert found is not None
    assert [each for each in problems if "error[" in each] == []
    return found


def wrong(text: str) -> list[str]:
    """Return errors and warnings."""
    return [each for each in read(text)[1] if "note[" not in each]


def codes(text: str) -> list[str]:
    """Return the codes of errors and warnings."""
    return [each.partition("[")[2].partition("]")[0] for each in wrong(text)]


def service(number: int, name: str, kind: str = "API", more: str = "") -> str:
    """Return a service on the ground's system."""
    said = f"{{component_id: '{number}', name: '{name}', type: 'Service.{kind}'{more}}}"
    return f"CREATE ({name}:Service:Server {said}), (os)-[:hosts]->({name})\n"
