"""Risks in an Open Threat Model: a threat for each rating, mitigations with their states, ids that stay."""

import json
from dataclasses import replace
from typing import Any

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.cpim import Cpim, Wanted
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.settings import Settings
from musa_pipeline.formats.otm import write_otm
from musa_pipeline.risk import assess
from tests.formats.otm.otm_bench import catalogs, model, read
from tests.formats.otm.test_otm_model import FLIGHTS


def rated(found: Cpim) -> tuple[RiskProfile, dict[str, Any]]:
    profile = assess(found, Answers(), catalogs(), Settings().risk)
    return profile, json.loads(write_otm(found, catalogs=catalogs(), profile=profile))


def test_every_risk_names_a_threat_with_its_rating() -> None:
    profile, document = rated(model(FLIGHTS))
    threats = {each["id"]: each for each in document["threats"]}
    components = {each["id"]: each for each in document["components"]}
    written = {
        (name, threats[one["threat"]]["name"], threats[one["threat"]]["risk"]["likelihood"], threats[one["threat"]]["risk"]["impact"])
        for name, each in components.items()
        for one in each.get("threats", ())
    }  # fmt: skip
    titles = {each.id: each.title for each in catalogs().threats}
    assert written == {
        (each.component, titles[each.threat], round(each.likelihood * 100 / 9), round(each.impact * 100 / 9))
        for each in profile.risks
    }
    assert all(each["risk"]["likelihoodComment"] and each["categories"] for each in document["threats"])


def test_what_is_required_is_a_mitigation_and_what_is_claimed_is_implemented() -> None:
    found = model(FLIGHTS)
    profile, document = rated(found)
    known = {each["id"]: each["riskReduction"] for each in document["mitigations"]}
    states: dict[str, set[tuple[str, str]]] = {
        each["id"]: {(one["mitigation"], one["state"]) for threat in each.get("threats", ()) for one in threat["mitigations"]}
        for each in document["components"]
    }
    assert {(name, control) for name, some in states.items() for control, _ in some} <= {
        (each.component, each.control) for each in profile.required
    }
    assert {control for some in states.values() for control, _ in some} == set(known)
    assert set(known.values()) == {40, 75}
    assert ("SC-28", "implemented") in states["seats"]
    assert {state for control, state in states["front"]} == {"required"}


def test_a_document_with_risks_is_read_as_the_model_that_it_is_of() -> None:
    found = model(FLIGHTS)
    _, document = rated(found)
    again, problems = read(json.dumps(document))
    assert again is not None
    assert [each for each in problems if "U023" not in each] == []
    plain = tuple(replace(each, type="") for each in found.components)
    assert tuple(replace(each, type="") for each in again.components) == plain
    assert again.connections == found.connections
    claims = next(each for each in again.components if each.id == "seats").implements
    assert claims == (Wanted(control=ControlId("SC-28")),)
