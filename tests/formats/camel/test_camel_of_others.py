"""Models by other people: CAMEL 2015.9 is read as it stands, CAMEL 2 and 3 are recognised."""

from pathlib import Path

import pytest

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel import looks_like_camel, read_camel
from tests.formats.camel.camel_catalogs import CATALOGS, read
from tests.support import shared

OLD = ("AmazonEC2", "Gwdg", "Scalarm")


@pytest.mark.parametrize("name", OLD)
def test_camel_2015_is_read_without_an_error(name: str) -> None:
    text = (shared("camel/camel2015") / f"{name}.camel").read_text("utf-8")
    problems = Problems()
    assert looks_like_camel(text)
    assert read_camel(text, name, catalogs=CATALOGS, problems=problems)
    assert problems.errors == 0


def test_scalarm_has_four_components_on_three_machines() -> None:
    found, problems = read((shared("camel/camel2015") / "Scalarm.camel").read_text("utf-8"))
    assert found
    assert {str(each.id): each.host and str(each.host) for each in found.components if each.type == "internal component"} == {
        "experiment-manager": "core-intensive-ubuntu-germany",
        "information-service": "core-intensive-ubuntu-germany",
        "simulation-manager": "cpu-intensive-ubuntu-germany",
        "storage-manager": "storage-intensive-ubuntu-germany",
    }
    assert len(found.connections) == 6
    assert {code for each in found.components for code in each.countries} == {"DE"}
    assert sorted({each.split("[")[1][:4] for each in problems}) == ["K030", "K041", "K042", "K050"]


def test_every_model_in_camel_2_or_3_is_named_in_one_finding() -> None:
    for path in sorted(Path(shared("camel/camel3")).rglob("*.camel")):
        found, problems = read(path.read_text("utf-8"))
        assert found is None, path
        assert len(problems) == 1, path
        assert "error[K009]: this is CAMEL 2 or 3, as " in problems[0], path
