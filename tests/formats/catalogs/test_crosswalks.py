"""Crosswalks: every pair says how, on what basis and by whom; published maps give the shipped files again."""

from textwrap import dedent

import pytest

from musa_pipeline.domain.control import Control
from musa_pipeline.domain.crosswalk import Basis, Pair, Relation
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.catalogs.crosswalk_imports import IMPORTS
from musa_pipeline.formats.catalogs.offerings_crosswalk import read_crosswalk
from musa_pipeline.text.yaml import read_yaml
from tests.command import musa
from tests.files.test_catalog_files import CATALOGS
from tests.support import ROOT, shared

KNOWN = {
    each.id: each
    for each in (
        *(Control(id=ControlId(name), title=name) for name in ("AC-2", "AC-3", "IA-2")),
        Control(id=ControlId("SC-19"), title="Voice", withdrawn=True, moved_to=(ControlId("AC-2"),)),
    )
}
HEAD = """\
framework: f
title: F
source: {document: Map, date: 2024-01}
relation: related-to
basis: published
"""
SOURCE = Source(document="Map", date="2024-01")


def told(text: str) -> list[str]:
    problems = Problems()
    tree = read_yaml(dedent(text), "f.yaml", problems)
    assert tree
    read_crosswalk(tree, KNOWN, problems)
    return [f"{each}" + (f" | {each.help}" if each.help else "") for each in problems]


def test_a_row_may_say_something_else_than_the_head() -> None:
    text = (
        HEAD
        + "controls:\n  A_01: IA-2 AC-2 SC-19\n  A-02: {controls: AC-3, relation: equal-to, basis: own, because: same words}\n"
    )
    tree = read_yaml(text, "f.yaml", problems := Problems())
    assert tree
    walk = read_crosswalk(tree, KNOWN, problems)
    assert walk and not len(problems)
    assert list(walk.pairs()) == [
        Pair(clause="A_01", control=ControlId("AC-2"), relation=Relation.RELATED, basis=Basis.PUBLISHED, source=SOURCE),
        Pair(clause="A_01", control=ControlId("IA-2"), relation=Relation.RELATED, basis=Basis.PUBLISHED, source=SOURCE),
        Pair(
            clause="A-02",
            control=ControlId("AC-3"),
            relation=Relation.EQUAL,
            basis=Basis.OWN,
            source=SOURCE,
            because="same words",
        ),
    ]
    assert [each and each.clause for each in map(walk.row, ("a-1", "A_01", "a_2", "A-3"))] == ["A_01", "A_01", "A-02", None]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD.replace("relation: related-to\n", "") + "controls: {A: AC-2}", "f.yaml:1:1: error[O002]: a crosswalk has no 'relation' | one of equal-to, equivalent-to, subset-of, superset-of, intersects-with, related-to, mitigated-by, selects"),
        (HEAD.replace("published", "rumour") + "controls: {A: AC-2}", "f.yaml:5:8: error[O012]: a crosswalk has basis 'rumour' | one of published, carried, own"),
        (HEAD.replace("published", "own") + "controls: {A: AC-2}", "f.yaml:1:1: error[O002]: a crosswalk has no 'because' | a map of our own says why"),
        (HEAD + "controls: {A: {relation: equal-to}}", "f.yaml:6:15: error[O002]: clause 'A' has no 'controls' | the controls as text, as in 'AC-2 AC-3'"),
        (HEAD + "controls: {A: {controls: AC-2, basis: own}}", "f.yaml:6:15: error[O002]: clause 'A' has no 'because' | a pair of our own says why"),
        (HEAD + "controls: {A-1: AC-2, a_01: AC-3}", "f.yaml:6:23: error[O010]: clause 'a_01' is here as 'A-1' already | keep one of them"),
    ],
)  # fmt: skip
def test_a_pair_without_relation_or_basis_is_told(text: str, sentence: str) -> None:
    assert told(text) == [sentence]


@pytest.mark.parametrize(
    ("framework", "file"),
    [
        ("iso-27001-2022", "crosswalk/nist53r5-iso27001-2022.pairs.json"),
        ("ccm-4", "crosswalk/prowler-ccm4-nist53r5-checks.facts.json"),
        ("attack", "mappings/nist_800_53-rev5_attack-16.1-enterprise.json"),
    ],
)
def test_a_published_map_gives_the_shipped_file_again(framework: str, file: str) -> None:
    text = (shared("controls") / file).read_text("utf-8")
    assert IMPORTS[framework](text) == (ROOT / f"catalogs/crosswalks/{framework}.yaml").read_text("utf-8")


def test_the_shipped_maps_have_as_many_pairs_as_their_sources() -> None:
    """Of the sources' pairs those with a withdrawn control are left out."""
    counted = {each.id: (len(each.rows), sum(1 for _ in each.pairs())) for each in CATALOGS.crosswalks if each.rows}
    assert counted == {
        "attack": (470, 5264),
        "ccm-4": (65, 729),
        "csf-2.0": (106, 736),
        "fedramp-high": (18, 410),
        "fedramp-li-saas": (18, 156),
        "fedramp-low": (18, 156),
        "fedramp-moderate": (18, 323),
        "iso-27001-2022": (120, 642),
    }


def test_what_a_camel_model_calls_iam_02_is_found() -> None:
    assert CATALOGS.controls_of("ccm-4", "IAM_02")[:2] == ("AC-2", "AC-2(3)")
    assert CATALOGS.controls_of("ccm-4", "STA-01") == ()
    assert CATALOGS.controls_of("nothing", "IAM-02") == ()


def test_a_clause_and_a_framework_are_shown() -> None:
    shown = musa("catalog", "show", "iam_02")
    assert shown.returncode == 0 and "IAM-02 of CSA Cloud Controls Matrix 4" in shown.stdout
    assert "PR.IR-01" in musa("catalog", "show", "SC-5").stdout
    assert "related-to" in musa("catalog", "show", "csf-2.0").stdout


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"IAM-02": 3}', "\x00", "[[1, 2, 3]]"])
def test_what_is_no_map_is_refused_without_a_trace(text: str) -> None:
    for read in IMPORTS.values():
        with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
            read(text)
