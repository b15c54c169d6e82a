"""How a provider's file becomes offerings, and what is said when it is wrong."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.cpim import Resources
from musa_pipeline.domain.ids import ControlId, KindId
from musa_pipeline.domain.offering import Evidence, OfferedControl, Offering, Provider, Region
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.catalogs.offerings import read_offerings
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, read_yaml

IDS = ("AC-2", "AC-3", "CP-9", "PE-3", "SC-7", "SC-28")
CONTROLS = ControlCatalog(
    id="r5", title="", revision="5", version="", source=Source(document="SP 800-53"),
    controls=(
        *(Control(id=ControlId(each), title=each) for each in IDS),
        Control(id=ControlId("SC-19"), title="Voice", withdrawn=True, moved_to=(ControlId("SC-7"),)),
    ),
)  # fmt: skip

ISO = """
framework: iso
title: A standard
source: {document: Map, date: 2023-10}
grade: E3
relation: related-to
basis: published
controls:
  A.5.15: AC-2 AC-3
  A.7.2: PE-3
  A.8.24: SC-28 AC-3
"""
BASELINE = """
framework: baseline
title: A baseline
source: {document: Profile, date: 2024-12}
grade: E4
relation: selects
basis: published
controls: {SC: SC-7 SC-28}
"""
NO_MAP = """
framework: report
title: A report
source: {document: Report, date: 2024-12}
because: nobody published a map
"""
RATES = """
base: EUR
source: {document: Central bank, date: 2026-08-14}
rates: {USD: 1.25}
"""
CLOUD = """
id: cloud
name: Cloud
entity: Cloud AG
jurisdiction: DE
headquarters: DE
source: docs
sources:
  docs: {document: Docs, clause: "1", link: "https://cloud.example", date: 2026-01-02}
regions:
  - {id: north, country: DE, city: Kiel}
  - {id: west, country: US}
services:
  - id: vm
    title: Machines
    model: IaaS
    kinds: [compute]
    provided:
      PE-3: {evidence: E2, source: docs}
    configurable:
      SC-28: {evidence: E1, source: docs}
attestations:
  - {framework: iso, services: all, regions: all, date: 2026-01, source: docs}
  - {framework: baseline, services: [vm], regions: [west], date: 2025-05-01, source: docs}
  - {framework: report, services: all, regions: [north], date: 2025-05-01, source: docs}
offerings:
  - id: small
    title: Small
    service: vm
    regions: [north]
    resources: {cores: 2, memory: 4 GiB, storage: 40 GiB}
    price: {value: 0.01, currency: EUR, per: hour, source: docs}
  - id: small-us
    title: Small
    service: vm
    regions: [west]
    resources: {cores: 2, memory: 4096, os: linux}
    price: {value: 10, currency: USD, per: month, source: docs}
"""
FILES = {
    "catalogs/crosswalks/iso.yaml": ISO,
    "catalogs/crosswalks/baseline.yaml": BASELINE,
    "catalogs/crosswalks/report.yaml": NO_MAP,
    "catalogs/offerings/rates.yaml": RATES,
    "catalogs/offerings/cloud.yaml": CLOUD,
}
PATH = "catalogs/offerings/cloud.yaml"
DOCS = Source(document="Docs", clause="1", link="https://cloud.example", date="2026-01-02")


def read(files: dict[str, str]) -> tuple[tuple[Provider, ...], tuple[Offering, ...], list[str]]:
    problems = Problems()
    trees = {path: read_yaml(dedent(text), path, problems) for path, text in files.items()}
    found = {path: node for path, node in trees.items() if node}
    providers, offerings = read_offerings(found, CONTROLS, problems, kinds=frozenset({KindId("compute"), KindId("database")}))
    return providers, offerings, [f"{each}" + (f" | {each.help}" if each.help else "") for each in problems]


def with_cloud(old: str, new: str) -> list[str]:
    """Read with one edit of the provider's file and return what was found."""
    assert old in CLOUD
    return read({**FILES, PATH: CLOUD.replace(old, new, 1)})[2]


def row(control: str, evidence: Evidence, clause: str) -> OfferedControl:
    source = Source(document="Docs", clause=clause, link="https://cloud.example", date="2026-01-02")
    return OfferedControl(control=ControlId(control), evidence=evidence, source=source)


def test_a_provider_and_its_offerings_are_read_whole() -> None:
    providers, offerings, found = read(FILES)
    north, west = Region(id="north", country="DE", city="Kiel"), Region(id="west", country="US")
    assert found == []
    assert [(each.id, each.name, each.jurisdiction, each.regions, each.source) for each in providers] == [
        ("cloud", "Cloud", "DE", (north, west), DOCS)
    ]
    small, american = offerings
    assert (small.id, small.regions, small.price, small.price_source) == ("cloud/small", (north,), 7.3, DOCS)
    assert small.resources == Resources(cores=2, memory=4096, storage=40)
    assert american.resources == Resources(cores=2, memory=4096, os="linux")
    assert american.price == 8.0


def test_an_attestation_gives_the_controls_of_its_crosswalk_with_the_clauses_that_lead_there() -> None:
    small = read(FILES)[1][0]
    assert small.provided == (
        row("AC-2", Evidence.E3, "1; A.5.15"),
        row("AC-3", Evidence.E3, "1; A.5.15 A.8.24"),
        row("PE-3", Evidence.E3, "1; A.7.2"),
    )


def test_what_the_customer_must_switch_on_stays_a_duty_whatever_is_attested() -> None:
    _, offerings, _ = read(FILES)
    assert all("SC-28" not in {each.control for each in offering.provided} for offering in offerings)
    assert all(offering.configurable == (row("SC-28", Evidence.E1, "1"),) for offering in offerings)


def test_the_best_grade_wins_and_the_explicit_row_where_grades_are_equal() -> None:
    text = CLOUD.replace("PE-3: {evidence: E2", "PE-3: {evidence: E3")
    small, american = read({**FILES, PATH: text})[1]
    assert {each.control: (each.evidence, each.source.clause) for each in small.provided}["PE-3"] == (Evidence.E3, "1")
    assert {each.control: each.evidence for each in american.provided}["SC-7"] is Evidence.E4


def test_an_attestation_is_worth_no_more_than_a_claim_where_its_scope_could_not_be_read() -> None:
    old = "services: all, regions: all, date: 2026-01, source: docs"
    text = CLOUD.replace(old, old + ", evidence: E0, because: not seen")
    _, (small, _), found = read({**FILES, PATH: text})
    assert found == []
    assert {each.control: each.evidence for each in small.provided} == {"AC-2": "E0", "AC-3": "E0", "PE-3": "E2"}


def test_an_attestation_for_some_regions_of_an_offering_gives_nothing_and_says_so() -> None:
    text = CLOUD.replace("regions: [west]\n    resources", "regions: [north, west]\n    resources")
    _, offerings, found = read({**FILES, PATH: text})
    assert "SC-7" not in {each.control for each in offerings[1].provided}
    sentence = "attestation 'baseline' covers only west of offering 'small-us'"
    assert found == [f"{PATH}:36:14: warning[O014]: {sentence} | nothing is derived; make two offerings by region"]


def test_sizes_of_one_service_share_their_rows() -> None:
    second = CLOUD[CLOUD.index("  - id: small\n") : CLOUD.index("  - id: small-us")].replace("id: small", "id: large")
    _, offerings, found = read({**FILES, PATH: CLOUD + second})
    by_id = {each.id: each for each in offerings}
    assert found == []
    assert by_id["cloud/small"].provided is by_id["cloud/large"].provided


def test_an_offering_may_add_rows_of_its_own() -> None:
    text = CLOUD.replace(
        "    resources: {cores: 2, memory: 4 GiB",
        "    configurable: {CP-9: {evidence: E1, source: docs}}\n    resources: {cores: 2, memory: 4 GiB",
    )
    small = read({**FILES, PATH: text})[1][0]
    assert [each.control for each in small.configurable] == ["CP-9", "SC-28"]


@pytest.mark.parametrize(
    ("price", "euros"),
    [
        ("{value: 1, currency: USD, per: hour, source: docs}", 584.0),
        ("{value: 0.5, currency: EUR, per: GiB-month, source: docs}", 20.0),
        ("{value: 0.5, currency: EUR, per: GB-month, of: 100 GB, source: docs}", 50.0),
        ("[{value: 2, currency: EUR, per: month, source: docs}, {value: 0.01, currency: EUR, per: GiB-hour, of: 4 GiB, source: docs}]", 31.2),
    ],
)  # fmt: skip
def test_a_price_is_euros_a_month_for_one_instance(price: str, euros: float) -> None:
    text = CLOUD.replace("{value: 0.01, currency: EUR, per: hour, source: docs}", price)
    _, (small, _), found = read({**FILES, PATH: text})
    assert (small.price, found) == (euros, [])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("source: docs\nsources", "source: doc\nsources", "O004]: provider 'cloud' names source 'doc', which the file does not have | did you mean 'docs'?"),
        ("source: docs\nsources", "source: {document: D}\nsources", "O004]: the source of provider 'cloud' has no date | state the document and the day it was read"),
        ("PE-3: {evidence: E2, source: docs}", "PE-3: {evidence: E2}", "O004]: PE-3 of service 'vm' has no source | state the document and the day it was read, or leave the claim out"),
        ("PE-3: {evidence: E2", "PE-33: {evidence: E2", "O005]: service 'vm' names unknown control 'PE-33' | did you mean 'PE-3'?"),
        ("PE-3: {evidence: E2", "SC-19: {evidence: E2", "O005]: service 'vm' names withdrawn control 'SC-19' | it is now in SC-7"),
        ("PE-3: {evidence: E2", "PE-3: {evidence: E1", "O013]: PE-3 of service 'vm' has evidence 'E1' | allowed here: E0, E2, E3, E4"),
        ("SC-28: {evidence: E1", "SC-28: {evidence: E9", "O013]: SC-28 of service 'vm' has evidence 'E9' | allowed here: E0, E1"),
        ("SC-28: {evidence: E1", "PE-3: {evidence: E1", "O015]: service 'vm' claims PE-3 as provided and as configurable | always on is provided; what a customer must switch on is configurable"),
        ("regions: [north]\n", "regions: [nort]\n", "O006]: offering 'small' is in unknown region 'nort' | did you mean 'north'?"),
        ("kinds: [compute]", "kinds: [computer]", "O007]: service 'vm' is of unknown kind 'computer' | did you mean 'compute'?"),
        ("framework: iso", "framework: isso", "O008]: unknown framework 'isso' | did you mean 'iso'?"),
        ("    price: {value: 0.01, currency: EUR, per: hour, source: docs}\n", "", "O009]: offering 'small' has no price | state value, currency, per and source"),
        ("currency: USD", "currency: USB", "O009]: the price of offering 'small-us' is in 'USB', which has no rate | did you mean 'USD'?"),
        ("per: hour", "per: day", "O009]: the price of offering 'small' is per 'day' | one of: hour, month, GB-month, GiB-month, GB-hour, GiB-hour"),
        ("{value: 10, currency: USD, per: month", "{value: 10, currency: USD, per: GB-month", "O009]: the price of offering 'small-us' is per GB-month and has no size | state 'of', or storage in resources"),
        ("id: small-us", "id: small", "O010]: offering 'small' is here twice"),
        ("{id: west", "{id: north", "O010]: region 'north' is here twice"),
        ("service: vm", "service: vn", "O011]: offering 'small' is of unknown service 'vn'"),
        ("services: [vm]", "services: [wm]", "O011]: attestation 'baseline' covers unknown service 'wm'"),
        ("jurisdiction: DE", "jurisdiction: Germany", "O012]: jurisdiction 'Germany' is no country | use the two capital letters of ISO 3166, as in 'DE'"),
        ("4 GiB", "4 gigs", "O012]: memory '4 gigs' is no size | write a number and its unit, as in '4 GiB'"),
        ("value: 0.01", "value: -1", "O012]: 'value' of the price of offering 'small' must be a number from 0 upwards"),
        ("date: 2026-01,", "date: soon,", "O012]: date 'soon' is no date | write year-month-day, as in 2026-11-22"),
        ("date: 2026-01,", "valid-from: 2026-01-01, valid-to: 2025-01-01,", "O012]: attestation 'iso' ends before it begins"),
        ("date: 2026-01,", "", "O002]: attestation 'iso' has no 'date' | say when it was given or until when it is valid: date, valid-from or valid-to"),
        ("date: 2026-01,", "evidence: E0, date: 2026-01,", "O002]: attestation 'iso' has no 'because' | say what could not be read: the scope, the edition or the certificate itself"),
        ("entity: Cloud AG\n", "", "O002]: a provider has no 'entity'"),
        ("entity: Cloud AG", "entitty: Cloud AG\nentity: X", "O003]: a provider has unknown field 'entitty' | did you mean 'entity'?"),
        ("model: IaaS", "model: XaaS", "O012]: model 'XaaS' is none of IaaS, PaaS, SaaS"),
        ("kinds: [compute]", "kinds: {a: 1}", "O001]: 'kinds' of service 'vm' must be a list of texts"),
        ("regions:\n  - {id: north, country: DE, city: Kiel}", "regions:\n  - north", "O001]: each entry of 'regions' must be a mapping"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_a_way_out(old: str, new: str, sentence: str) -> None:
    found = [each for each in with_cloud(old, new) if each.partition("error[")[2] == sentence]
    assert len(found) == 1
    file, line, column, _ = found[0].split(":", 3)
    assert file == PATH
    assert int(line) > 1
    assert int(column) >= 1


def test_all_mistakes_are_told_in_one_run() -> None:
    text = CLOUD.replace("kinds: [compute]", "kinds: [x]").replace("4 GiB", "4 x").replace("currency: USD", "currency: XXX")
    codes = [each.partition("[")[2][:4] for each in read({**FILES, PATH: text})[2]]
    assert sorted(codes) == ["O007", "O009", "O012"]


def test_one_wrong_offering_does_not_hide_the_others() -> None:
    text = CLOUD.replace("service: vm\n    regions: [north]", "service: none\n    regions: [north]")
    assert [each.id for each in read({**FILES, PATH: text})[1]] == ["cloud/small-us"]


def test_a_provider_that_is_here_twice_counts_once() -> None:
    providers, offerings, found = read({**FILES, "catalogs/offerings/other.yaml": CLOUD})
    assert (len(providers), len(offerings)) == (1, 2)
    assert found == [
        "catalogs/offerings/other.yaml:2:1: error[O010]: provider 'cloud' is here twice | keep one file for each provider"
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("A.7.2: PE-3", "A.7.2: PE-99", "O005]: clause 'A.7.2' names unknown control 'PE-99'"),
        ("A.7.2: PE-3", "A.7.2: [PE-3]", "O001]: the controls of clause 'A.7.2' must be text, as in 'AC-2 AC-3'"),
        ("grade: E3", "grade: E2", "O013]: a crosswalk has evidence 'E2' | allowed here: E3, E4"),
        ("source: {document: Map, date: 2023-10}", "source: {date: 2023-10}", "O004]: the source of crosswalk 'iso' has no document | state the document and the day it was read"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_crosswalk_is_told(old: str, new: str, sentence: str) -> None:
    found = read({**FILES, "catalogs/crosswalks/iso.yaml": ISO.replace(old, new)})[2]
    assert any(each.partition("error[")[2].startswith(sentence) for each in found)


def test_a_crosswalk_without_a_map_must_say_why() -> None:
    found = read({**FILES, "catalogs/crosswalks/report.yaml": NO_MAP.replace("because: nobody published a map", "")})[2]
    assert [each.partition("error[")[2] for each in found] == [
        "O002]: a crosswalk has no 'controls' | list clause: controls, or say in 'because' why there is no map"
    ]


def test_a_rate_of_zero_is_told() -> None:
    found = read({**FILES, "catalogs/offerings/rates.yaml": RATES.replace("1.25", "0")})[2]
    assert any("the rate of 'USD' is 0" in each for each in found)


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=True), st.text(max_size=4), st.sampled_from(["E2", "all", "vm"]))  # fmt: skip
NAMES = """id name entity jurisdiction headquarters source sources regions services offerings attestations framework grade controls
rates base price value currency per of resources cores memory kinds provided configurable evidence because date"""
WORDS = st.sampled_from(NAMES.split())


def grown(leaf: object) -> Node:
    from musa_pipeline.domain.source import Span

    at = Span("x.yaml", 1, 1)
    if isinstance(leaf, dict):
        return Mapping({str(key): grown(value) for key, value in leaf.items()}, dict.fromkeys(map(str, leaf), at), at)
    if isinstance(leaf, list):
        return Sequence([grown(each) for each in leaf], at)
    return Scalar(leaf if isinstance(leaf, str | int | float | bool | None) else str(leaf), str(leaf), at)


TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6), max_leaves=25)


@given(TREES, st.sampled_from(["offerings/x.yaml", "crosswalks/x.yaml", "offerings/rates.yaml"]))
def test_no_tree_crashes_the_reader(tree: object, path: str) -> None:
    read_offerings({path: grown(tree)}, CONTROLS, Problems())


def _places(node: Node) -> list[tuple[Mapping, str]]:
    match node:
        case Mapping(entries=entries):
            return [(node, key) for key in entries] + [place for each in entries.values() for place in _places(each)]
        case Sequence(items=items):
            return [place for each in items for place in _places(each)]
        case _:
            return []


@given(st.data(), LEAVES)
def test_no_single_wrong_value_crashes_the_reader(data: st.DataObject, leaf: object) -> None:
    trees = {path: read_yaml(text, path, Problems()) for path, text in FILES.items()}
    found = {path: node for path, node in trees.items() if node}
    places = [place for node in found.values() for place in _places(node)]
    holder, key = data.draw(st.sampled_from(places))
    holder.entries[key] = grown(leaf)
    read_offerings(found, CONTROLS, Problems())
