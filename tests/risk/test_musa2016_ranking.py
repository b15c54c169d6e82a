"""The ranking of MUSA's SLA Generator, computed here from its own tables, against `--method musa-2016`, row by row."""

import csv
import io
import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from musa_pipeline.domain.answers import Answers, ComponentAnswers, FactorAnswer, QuestionAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.threat import BUSINESS, LIKELIHOOD, TECHNICAL, Stride
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.risk.musa2016 import Ranking, candidates, overall, ranking
from tests.command import musa
from tests.support import ROOT, shared

KINDS = {"custom web app": "software", "storage as service": "database", "external software as service": "external-service"}
WORDS = {"VERY LOW": 1, "LOW": 3, "MEDIUM": 5, "HIGH": 7, "CRITICAL": 9}
MATRIX = (("VERY LOW", "LOW", "MEDIUM"), ("LOW", "MEDIUM", "HIGH"), ("MEDIUM", "HIGH", "CRITICAL"))
"""Impact down, likelihood across, as in the tool's `saveRating`."""


@cache
def catalogs() -> Catalogs:
    files = {str(each.relative_to(ROOT)): each.read_text() for each in (ROOT / "catalogs").rglob("*.*") if each.is_file()}
    return read_catalogs(files, Problems())


def table(name: str) -> list[dict[str, str]]:
    text = (shared("musa-sla-generator") / name).read_text()
    return [
        {key: (value or "").strip() for key, value in row.items()}
        for row in csv.DictReader(io.StringIO(text), dialect="excel-tab")
    ]


def plain(title: str) -> str:
    return re.sub(r"\s*\([A-Za-z]+\)$", "", title)


def rows() -> dict[tuple[str, str], tuple[str, frozenset[str]]]:
    """Return, for category and title, the class and the suggested controls of each of the 55 rows."""
    links: dict[str, set[str]] = defaultdict(set)
    for link in table("threat_controls.tsv"):
        links[link["threat_id"]].add(link["nist_control"])
    return {
        (each["component_category"], plain(each["threat"])): (each["stride"], frozenset(links[each["id"]]))
        for each in table("threats.tsv")
    }


def ranked(likelihood: int, technical: int, business: int) -> Ranking:
    """Rank one component of each category, every question answered yes, every factor given."""
    cpim = Cpim(
        name="three",
        language="",
        components=tuple(Component(id=ComponentId(kind), name=kind, kind=KindId(kind)) for kind in KINDS.values()),
    )
    value = dict.fromkeys(LIKELIHOOD, likelihood) | dict.fromkeys(TECHNICAL, technical) | dict.fromkeys(BUSINESS, business)
    said = tuple(
        ComponentAnswers(
            component=each.id,
            questions=tuple(QuestionAnswer(threat=threat.id, yes=True) for threat in catalogs().threats),
            factors=tuple(FactorAnswer(factor=name, value=number) for name, number in value.items()),
        )
        for each in cpim.components
    )
    return ranking(cpim, Answers(components=said), catalogs())


def test_all_55_rows_are_offered_for_their_category_with_their_class() -> None:
    expected = {key: stride for key, (stride, _) in rows().items()}
    assert len(expected) == 55
    offered = {(category, each.title): each.stride for category in KINDS for each in candidates(category, catalogs())}
    names = {"ELEVATION OF PRIVILEGES": Stride.ELEVATION}
    assert offered == {key: names.get(stride) or Stride(stride.lower().replace(" ", "-")) for key, stride in expected.items()}


@pytest.mark.parametrize("likelihood", [0, 2, 3, 5, 6, 9])
@pytest.mark.parametrize(("technical", "business"), [(0, 0), (2, 0), (4, 0), (9, 0), (9, 1), (0, 3), (1, 6), (2, 9)])
def test_each_row_has_the_risk_and_the_controls_of_the_tool(likelihood: int, technical: int, business: int) -> None:
    impact = business or technical
    word = MATRIX[(impact >= 3) + (impact >= 6)][(likelihood >= 3) + (likelihood >= 6)]
    least = {each["control"]: int(each["minrisk"] or 11) for each in table("controls_minrisk.tsv")}
    titles = {each.id: each.title for each in catalogs().threats}
    found = ranked(likelihood, technical, business)
    got = {
        (each.category, titles[each.threat]): (each.risk.value.upper(), set(each.suggested), set(each.required))
        for each in found.threats
    }
    assert got == {
        key: (word, set(links), {each for each in links if WORDS[word] >= least[each]}) for key, (_, links) in rows().items()
    }
    assert sum(len(each.suggested) for each in found.threats) == 256
    assert {each.risk.value.upper() for each in found.classes} == {word}


def test_a_class_is_the_mean_of_its_threats_in_bands_of_two() -> None:
    assert [overall(each).value for each in (1, 1.99, 2, 3.99, 4, 6, 7.99, 8, 9)] == [
        *("very low", "very low", "low", "low", "medium", "high", "high", "critical", "critical")
    ]


def test_a_no_takes_a_threat_out_and_machines_are_not_ranked() -> None:
    vm, db = ComponentId("vm"), ComponentId("db")
    cpim = Cpim(
        name="two",
        language="",
        components=(
            Component(id=vm, name="vm", kind=KindId("compute"), role=Role.HOST),
            Component(id=db, name="db", kind=KindId("database"), host=vm),
        ),
    )
    silent = ranking(cpim, Answers(), catalogs())
    no = tuple(QuestionAnswer(threat=each.threat, yes=False) for each in silent.threats)
    refused = ranking(cpim, Answers(components=(ComponentAnswers(component=db, questions=no),)), catalogs())
    assert (silent.without_category, {each.component for each in silent.threats}) == ((vm,), {db})
    assert (refused.threats, refused.classes, refused.required) == ((), (), ())


def test_the_command_ranks_a_model_and_prints_the_same_as_table_and_json(tmp_path: Path) -> None:
    told = musa("risk", "models/shop", "--out", tmp_path, "--method", "musa-2016")
    assert "ranked as MUSA's SLA Generator did in 2016" in told.stdout
    assert "without a category of MUSA, so not ranked: vm" in told.stdout
    found = json.loads(musa("risk", "models/shop", "--out", tmp_path, "--method", "musa-2016", "--format", "json").stdout)
    assert (found["format"], found["application"]) == ("musa/ranking-2016", "shop")
    assert {each["component"] for each in found["threats"]} == {"web", "orders"} == set(found["required"])
