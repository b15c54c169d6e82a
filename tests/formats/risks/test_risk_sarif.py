"""Risks as SARIF: what code scanning reads, at the right signs, the same risk the same alert."""

import json
from dataclasses import replace
from typing import Any

import jsonschema

from musa_pipeline.domain.residual import State
from musa_pipeline.domain.risk import Rating, RiskProfile
from musa_pipeline.domain.source import NOWHERE
from musa_pipeline.formats.risks import sarif
from musa_pipeline.formats.risks.severity import severity
from musa_pipeline.risk.paths import attack_paths
from tests.files.test_catalog_files import CATALOGS
from tests.formats.findings.test_findings_for_programs import COLUMN, LEVEL, LOCATION, TEXT, URI, described, listed
from tests.formats.risks.bank import BANK, FILE, HOSTILE, LINES, assessed, half_granted, renamed

NUMBER = {"type": "integer", "minimum": 0}
SEVERITY = {"type": "string", "pattern": r"^(?:10|\d)\.\d$"}
NAMED = described(name={"enum": ["STRIDE", "ATT&CK", "CWE", "CAPEC"]}, index=NUMBER)
PLACE: dict[str, object] = {
    "logicalLocations": listed(
        described(name={"type": "string"}, fullyQualifiedName={"type": "string"}, kind={"const": "module"})
    ),
    "physicalLocation_": described(
        artifactLocation=LOCATION, region=described(startLine=COLUMN, startColumn=COLUMN, endColumn=COLUMN)
    ),
}
FLOW = described(locations={**listed(described(location=described(**PLACE, message=TEXT))), "minItems": 1})
# What we write of SARIF 2.1.0 (OASIS, errata 01) for risks, as that schema has it; the whole of it accepts the same documents.
SCHEMA = jsonschema.Draft202012Validator(
    described(
        **{"$schema": {"type": "string"}},
        version={"const": "2.1.0"},
        runs=listed(
            described(
                tool=described(
                    driver=described(
                        name={"const": "musa"},
                        version={"type": "string"},
                        semanticVersion={"type": "string"},
                        rules=listed(
                            described(
                                id={"type": "string"},
                                name={"type": "string", "pattern": "^[A-Z][A-Za-z0-9]+$"},
                                shortDescription=TEXT,
                                fullDescription=TEXT,
                                help=described(text={"type": "string"}, markdown={"type": "string"}),
                                defaultConfiguration=described(level=LEVEL),
                                relationships=listed(
                                    described(
                                        target=described(id={"type": "string"}, index=NUMBER, toolComponent=NAMED),
                                        kinds=listed({"const": "relevant"}),
                                    )
                                ),
                                properties=described(
                                    **{"tags": {**listed({"type": "string"}), "maxItems": 10}, "security-severity": SEVERITY}
                                ),
                            )
                        ),
                        supportedTaxonomies=listed(NAMED),
                    )
                ),
                columnKind={"const": "utf16CodeUnits"},
                newlineSequences=listed({"type": "string"}),
                originalUriBaseIds={"type": "object"},
                invocations=listed(
                    described(
                        executionSuccessful={"const": True},
                        toolExecutionNotifications_=listed(
                            described(descriptor=described(id={"type": "string"}), level=LEVEL, message=TEXT)
                        ),
                    )
                ),
                artifacts=listed(described(location=LOCATION)),
                taxonomies=listed(
                    described(
                        name={"type": "string"},
                        organization={"type": "string"},
                        shortDescription=TEXT,
                        informationUri=URI,
                        isComprehensive={"const": False},
                        taxa={**listed(described(id={"type": "string"}, helpUri_=URI)), "uniqueItems": True, "minItems": 1},
                    )
                ),
                results=listed(
                    described(
                        ruleId={"type": "string"},
                        ruleIndex=NUMBER,
                        level=LEVEL,
                        message=TEXT,
                        locations=listed(described(**PLACE)),
                        codeFlows_=listed(described(message=TEXT, threadFlows=listed(FLOW))),
                        partialFingerprints=described(**{"musaRisk/v1": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}),
                        rank={"type": "number", "minimum": 0, "maximum": 100},
                        properties={"type": "object", "required": ["rating", "security-severity"]},
                        suppressions_=listed(
                            described(kind={"const": "external"}, status={"const": "accepted"}, justification={"type": "string"})
                        ),
                    )
                ),
            )
        ),
    )
)


def run_of(text: str) -> dict[str, Any]:
    document = json.loads(text)
    SCHEMA.validate(document)
    run: dict[str, Any] = document["runs"][0]
    return run


def run(profile: RiskProfile, **more: Any) -> dict[str, Any]:
    return run_of(sarif(BANK, profile, CATALOGS, version="0.1.0", lines={FILE: LINES}, **more))


def test_each_risk_is_a_result_at_the_place_of_its_component_in_utf16() -> None:
    profile = assessed()
    found = run(profile)
    assert [(each["ruleId"], each["properties"]["rating"]) for each in found["results"]] == [
        (each.threat, each.rating) for each in profile.risks
    ]
    regions = {
        each["locations"][0]["logicalLocations"][0]["name"]: each["locations"][0]["physicalLocation"]["region"]
        for each in found["results"]
    }
    assert regions["web"] == {"startLine": 3, "startColumn": 7, "endColumn": 10}  # what stands before it takes two units
    assert regions["vault"] == {"startLine": 4, "startColumn": 5, "endColumn": 10}


def test_rules_are_in_the_taxonomies_that_their_relationships_point_into() -> None:
    found = run(assessed())
    driver, taxonomies = found["tool"]["driver"], found["taxonomies"]
    assert driver["supportedTaxonomies"] == [{"name": each["name"], "index": n} for n, each in enumerate(taxonomies)]
    for rule in driver["rules"]:
        threat = CATALOGS.threat[rule["id"]]
        targets = [each["target"] for each in rule["relationships"]]
        assert {each["id"] for each in targets} == {threat.stride, *threat.techniques, *threat.weaknesses, *threat.patterns}
        assert all(taxonomies[each["toolComponent"]["index"]]["taxa"][each["index"]]["id"] == each["id"] for each in targets)
    assert all(driver["rules"][each["ruleIndex"]]["id"] == each["ruleId"] for each in found["results"])


def test_a_risk_is_the_same_alert_when_lines_move_and_ratings_change() -> None:
    profile = assessed()
    moved = replace(BANK, components=tuple(replace(each, at=NOWHERE) for each in BANK.components))
    worse = replace(profile, risks=tuple(replace(each, rating=Rating.CRITICAL) for each in profile.risks))
    once, again = run(profile), run_of(sarif(moved, worse, CATALOGS, version="0.2.0", lines={}))
    prints = [[each["partialFingerprints"] for each in one["results"]] for one in (once, again)]
    assert prints[0] == prints[1]
    assert len({each["musaRisk/v1"] for each in prints[0]}) == len(profile.risks)


def test_what_is_more_than_code_scanning_takes_is_cut_worst_first_and_said() -> None:
    profile = assessed()
    found = run(profile, most=7, paths=attack_paths(BANK, profile))
    assert [each["ruleId"] for each in found["results"]] == [each.threat for each in profile.risks[:7]]
    assert [each["message"]["text"] for each in found["invocations"][0]["toolExecutionNotifications"]] == [
        f"{len(profile.risks)} risks were found, the 7 worst are here: code scanning takes no more than 25000; it shows 5000."
    ]
    assert "toolExecutionNotifications" not in run(profile)["invocations"][0]


def test_accepted_risks_are_suppressed_and_what_is_left_is_said() -> None:
    profile = assessed()
    left = half_granted(profile)
    first = profile.risks[0].id
    decided = tuple(replace(each, state=State.ACCEPTED) if each.id == first else each for each in left.risks)
    results = run(profile, residual=replace(left, risks=decided))["results"]
    assert [each.get("suppressions") for each in results if "suppressions" in each] == [
        [{"kind": "external", "status": "accepted", "justification": "the risk is accepted"}]
    ]
    assert all(each["properties"]["residual"] for each in results)


def test_no_name_of_a_model_becomes_a_link_in_a_message() -> None:
    cpim = renamed(BANK, HOSTILE)
    found = run_of(sarif(cpim, assessed(cpim), CATALOGS, version="0.1.0", lines={}))
    assert found["results"]
    assert not [each for each in found["results"] if "[x](" in each["message"]["text"].replace("\\[", "").replace("\\]", "")]


def test_the_word_that_code_scanning_shows_is_that_of_the_rating() -> None:
    begins = {Rating.CRITICAL: 9.1, Rating.HIGH: 7.0, Rating.MEDIUM: 4.0, Rating.LOW: 2.0, Rating.VERY_LOW: 0.1}
    for each in assessed().risks:
        found = severity(each.rating, each.likelihood, each.impact)
        above = [begin for begin in begins.values() if begin > begins[each.rating]]
        assert begins[each.rating] <= found < min(above, default=10.1)


def test_a_risk_at_the_end_of_a_way_shows_the_way() -> None:
    profile = assessed()
    found = run(profile, paths=attack_paths(BANK, profile))
    (flow,) = [each["codeFlows"][0] for each in found["results"] if "codeFlows" in each]
    steps = [each["location"] for each in flow["threadFlows"][0]["locations"]]
    assert flow["message"]["text"].startswith("From the internet to personal data (")
    assert [each["message"]["text"].partition(" (")[0] for each in steps] == ["web", "vault"]
    assert [each["physicalLocation"]["region"]["startLine"] for each in steps] == [3, 4]
