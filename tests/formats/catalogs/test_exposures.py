"""An exposure that is wrong is told with its place and a way out, and the rest of it still counts."""

import pytest

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.exposures import read_exposure
from musa_pipeline.text.yaml import Mapping, read_yaml

GOOD = """\
id: reachable
title: Reachable from the internet
when: {reachable: true}
stride: [spoofing]
moves: {opportunity: {by: 2, because: anybody may come}}
sources: [{document: a paper}]
"""


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("by: 2,", "by: 0,", "5:27: error[C003]: factor 'opportunity' is moved by 0, and exposure moves it up by whole steps from 1 to 9 ()"),
        ("opportunity", "oportunity", "5:9: error[C007]: no factor 'oportunity' (did you mean 'opportunity'?)"),
        ("{by: 2, because: anybody may come}", "2", "5:22: error[C001]: factor 'opportunity' must say by and because, as in {by: 2, because: ...} ()"),
        ("spoofing", "spofing", "4:10: error[C014]: 'stride' cannot be 'spofing' (did you mean 'spoofing'?)"),
        ("{reachable: true}", "{reachable: false}", "3:19: error[C007]: fact 'reachable' is never 'false' (known values are true)"),
        ("{reachable: true}", "{answer: true}", "3:7: error[C011]: an exposure has no question, so its condition cannot wait for an answer (let facts decide)"),
        ("when: {reachable: true}\n", "", "1:1: error[C011]: an exposure without condition would move every risk (say when, as in {reachable: true})"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_word(wrong: str, right: str, told: str) -> None:
    assert wrong in GOOD
    assert read(GOOD.replace(wrong, right))[0] == f"exposures/reachable.yaml:{told}"


def test_a_business_factor_is_never_moved() -> None:
    (told,) = read(GOOD.replace("opportunity", "privacy"))
    assert "error[C011]: factor 'privacy' is only ever what somebody answered, so nothing moves it" in told


def test_a_good_one_is_read_in_silence() -> None:
    assert read(GOOD) == []


def read(text: str) -> list[str]:
    problems = Problems()
    node = read_yaml(text, "exposures/reachable.yaml", problems)
    assert isinstance(node, Mapping)
    read_exposure(node, Conditions(["api"], problems), problems)
    return [f"{each} ({each.help})" for each in problems]
