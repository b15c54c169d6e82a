"""The shipped providers, rates and crosswalks: they load, they are valid, and every claim says who says so."""

import json
from functools import cache

import pytest
from jsonschema import Draft202012Validator

from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.offering import Evidence, Offering, Provider
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs.controls import read_controls
from musa_pipeline.formats.catalogs.crosswalk_imports import import_fedramp, import_iso
from musa_pipeline.formats.catalogs.offerings import CONFIGURABLE, read_offerings
from musa_pipeline.text.yaml import Node, plain, read_yaml
from tests.support import ROOT, shared

CATALOGS = ROOT / "catalogs"
FILES = sorted([*(CATALOGS / "offerings").glob("*.yaml"), *(CATALOGS / "crosswalks").glob("*.yaml")])
KINDS = frozenset(each.stem for each in (CATALOGS / "kinds").glob("*.yaml"))


@cache
def controls() -> ControlCatalog:
    problems = Problems()
    path = CATALOGS / "controls" / "nist-800-53-r5.json"
    read = read_controls(path.read_text(), "r5", problems)
    assert read is not None
    return read


@cache
def trees() -> tuple[tuple[str, Node], ...]:
    problems = Problems()
    read = [(str(path.relative_to(ROOT)), read_yaml(path.read_text(), str(path.relative_to(ROOT)), problems)) for path in FILES]
    assert not list(problems)
    return tuple((path, node) for path, node in read if node)


@cache
def shipped() -> tuple[tuple[Provider, ...], tuple[Offering, ...], Problems]:
    problems = Problems()
    providers, offerings = read_offerings(dict(trees()), controls(), problems, kinds=KINDS)
    return providers, offerings, problems


def test_every_file_reads_without_a_finding() -> None:
    assert [str(each) for each in shipped()[2]] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_valid_against_its_schema(path) -> None:
    name = "catalog-crosswalk" if path.parent.name == "crosswalks" else "catalog-offering"
    schema = json.loads((CATALOGS / "schemas" / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema).iter_errors(plain(dict(trees())[str(path.relative_to(ROOT))]))
    assert [f"{each.json_path}: {each.message}" for each in found] == []


def test_a_file_is_named_after_what_is_in_it() -> None:
    for path, node in trees():
        facts = plain(node)
        assert facts.get("id", facts.get("framework", "rates")) == path.rpartition("/")[2].removesuffix(".yaml")


def test_there_are_enough_real_providers_and_sizes_to_choose_from() -> None:
    providers, offerings, _ = shipped()
    assert len(providers) >= 10
    assert len(offerings) >= 30
    sizes = {each.id: {offer.resources.cores for offer in offerings if offer.provider == each.id} for each in providers}
    assert {name for name, cores in sizes.items() if max(cores) < 8} == {"open-telekom-cloud"}, (
        "no larger size could be sourced there"
    )


def test_every_claim_and_every_price_has_a_document_and_a_day() -> None:
    providers, offerings, _ = shipped()
    sources = [each.source for each in providers] + [each.price_source for each in offerings]
    sources += [row.source for each in offerings for row in (*each.provided, *each.configurable)]
    assert all(each.document and each.date for each in sources)


def test_every_claim_and_every_offering_knows_its_place() -> None:
    providers, offerings, _ = shipped()
    assert all(each.at for each in providers)
    assert all(row.at for each in offerings for row in (each, *each.provided, *each.configurable))


def test_prices_are_above_zero_and_regions_are_known() -> None:
    providers, offerings, _ = shipped()
    known = {each.id: set(each.regions) for each in providers}
    assert all(each.price > 0 and each.regions and set(each.regions) <= known[each.provider] for each in offerings)


def test_the_best_evidence_is_kept_for_american_regions_only() -> None:
    for each in shipped()[1]:
        if any(row.evidence is Evidence.E4 for row in each.provided):
            assert {region.country for region in each.regions} == {"US"}, each.id


def test_nothing_is_provided_that_the_customer_must_switch_on() -> None:
    for each in shipped()[1]:
        assert not {row.control for row in each.provided} & {row.control for row in each.configurable}, each.id
        assert {row.evidence for row in each.configurable} <= set(CONFIGURABLE)


def test_controls_stand_in_the_order_of_the_standard() -> None:
    from musa_pipeline.domain.ids import control_key

    for each in shipped()[1]:
        ids = [row.control for row in each.provided]
        assert ids == sorted(ids, key=control_key)


def test_reading_twice_gives_the_same() -> None:
    again = read_offerings(dict(reversed(trees())), controls(), Problems(), kinds=KINDS)
    assert again == shipped()[:2]


def test_the_crosswalk_of_iso_27001_is_what_the_pairs_give() -> None:
    pairs = shared("controls/crosswalk/nist53r5-iso27001-2022.pairs.json").read_text()
    assert import_iso(pairs) == (CATALOGS / "crosswalks" / "iso-27001-2022.yaml").read_text()


@pytest.mark.parametrize("level", ["LOW", "MODERATE", "HIGH", "LI-SaaS"])
def test_the_crosswalks_of_fedramp_are_what_the_baselines_give(level: str) -> None:
    facts = shared("controls/fedramp/fedramp-rev5-baselines.facts.json").read_text()
    assert import_fedramp(facts, level) == (CATALOGS / "crosswalks" / f"fedramp-{level.lower()}.yaml").read_text()


def test_a_fedramp_authorisation_is_in_the_marketplace_as_stated() -> None:
    file = shared("controls/providers/fedramp-marketplace_2026-04-28.json")
    products = {each["id"]: each for each in json.loads(file.read_text())["data"]["Products"]}
    stated = [
        (facts["sources"][each["source"]]["clause"].split(",")[0], each["level"], each["date"])
        for _, node in trees()
        for facts in [plain(node)]
        for each in facts.get("attestations", ())
        if each["framework"].startswith("fedramp")
    ]
    assert len(stated) == 4
    for product, level, day in stated:
        found = products[product]
        assert (found["status"], found["impact_level"], found["auth_date"][:10]) == ("FedRAMP Authorized", level, day)


def test_the_examples_of_the_manual_read_without_a_finding() -> None:
    text = (ROOT / "docs" / "formats" / "offerings.md").read_text()
    provider, walk = (part.partition("```")[0] for part in text.split("```yaml\n")[1:])
    problems = Problems()
    read = {
        path: read_yaml(each, path, problems) for path, each in {"offerings/x.yaml": provider, "crosswalks/x.yaml": walk}.items()
    }
    _, offerings = read_offerings({path: node for path, node in read.items() if node}, controls(), problems, kinds=KINDS)
    assert [str(each) for each in problems] == []
    assert [(each.id, each.price) for each in offerings] == [("example-cloud/m2", 36.5)]
