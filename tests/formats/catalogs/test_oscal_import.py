import json
from collections.abc import Mapping

import pytest

from musa_pipeline.domain.control import Baseline, ControlType
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.catalogs.controls import read_controls
from musa_pipeline.formats.oscal import NotOscal, import_controls
from tests.support import ROOT, shared

NAMES = {"5": "NIST_SP-800-53_rev5.2.0_catalog.json", "4": "NIST_SP-800-53_rev4_catalog-min.json"}
PROFILES = {"5": "NIST_SP-800-53_rev5.1.1_{}-baseline_profile.json", "4": "NIST_SP-800-53_rev4_{}-baseline_profile.json"}
NOBODY = Source(document="nobody")


def oscal(*controls: Mapping[str, object]) -> str:
    return json.dumps({"catalog": {"metadata": {"title": "T", "version": "1"}, "groups": [{"controls": list(controls)}]}})


@pytest.mark.parametrize("revision", ["5", "4"])
def test_importing_again_gives_the_committed_bytes(revision: str) -> None:
    folder = shared("controls/nist")
    committed = (ROOT / f"catalogs/controls/nist-800-53-r{revision}.json").read_text()
    source = Source(**json.loads(committed)["source"])
    names = [each for each in Baseline if (folder / PROFILES[revision].format(each.upper())).exists()]
    baselines = {each.value: (folder / PROFILES[revision].format(each.upper())).read_text() for each in names}
    assert import_controls((folder / NAMES[revision]).read_text(), baselines, revision, source) == committed


def test_facts_without_prose() -> None:
    level = {"name": "implementation-level", "value": "system"}
    first = {
        "id": "sc-5",
        "title": "Denial-of-service Protection",
        "props": [level],
        "links": [{"href": "#sc-7", "rel": "related"}, {"href": "#0e1a", "rel": "reference"}],
        "parts": [{"name": "statement", "prose": "much prose"}],
        "controls": [
            {"id": "sc-5.3", "title": "Detection", "props": [level, {"name": "implementation-level", "value": "organization"}]}
        ],
    }
    second = {
        "id": "ac-13",
        "title": "Supervision",
        "props": [{"name": "status", "value": "Withdrawn"}],
        "links": [{"href": "#ac-2_smt.k", "rel": "incorporated-into"}],
    }
    profile = json.dumps(
        {"profile": {"metadata": {"title": "L", "version": "1"}, "imports": [{"include-controls": [{"with-ids": ["sc-5.3"]}]}]}}
    )
    text = import_controls(oscal(first, second), {"low": profile}, "5", NOBODY)
    assert text.split('"controls": [\n')[1].splitlines() == [
        '  {"id":"AC-13","title":"Supervision","withdrawn":true,"moved_to":["AC-2"]},',
        '  {"id":"SC-5","title":"Denial-of-service Protection","level":"system","related":["SC-7"]},',
        '  {"id":"SC-5(3)","title":"Detection","parent":"SC-5","baselines":["low"],"level":"both"}',
        "]}",
    ]
    found = read_controls(text, "r5.json", Problems())
    assert found is not None
    assert [(each.id, each.type, each.minimum_risk) for each in found.controls] == [
        ("AC-13", ControlType.HYBRID, None),
        ("SC-5", ControlType.SPECIFIC, None),
        ("SC-5(3)", ControlType.HYBRID, 1),
    ]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"catalog": {"metadata": {"title": "T"}}}', oscal({"id": "control one", "title": "x"})]
)
def test_what_is_not_oscal_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(NotOscal, match="the catalog is not an OSCAL document: "):
        import_controls(text, {}, "5", NOBODY)


def test_a_profile_that_is_none_is_named() -> None:
    with pytest.raises(NotOscal, match="baseline 'high' is not an OSCAL document"):
        import_controls(oscal(), {"high": "{}"}, "5", NOBODY)
