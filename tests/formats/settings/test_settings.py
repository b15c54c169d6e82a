"""What a team decides is understood, and a setting that means nothing never passes in silence."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.cpim import DataClass
from musa_pipeline.domain.gate import read_rule
from musa_pipeline.domain.ids import ProviderId
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.settings import CheckSettings, RiskSettings, RuntimeSettings, SelectionSettings, Settings
from musa_pipeline.formats.settings import read_settings
from musa_pipeline.text.yaml import plain, read_yaml
from tests.support import ROOT

BY_DATA = ((DataClass.PERSONAL, Rating.LOW), (DataClass.SPECIAL, Rating.VERY_LOW))
GOOD = """\
risk: {impact: max}
selection:
  jurisdictions: [EU, CH]
  countries: no            # Norway, and nothing else
  evidence: e3
  budget: 900 EUR/month
  providers: {at_most: 3, at_least: 2, excluded: [scaleway]}
  time_limit: 2 min
runtime:
  bus: kafka://127.0.0.1:9092
  period: 1 s
  window: 30 s
  protected: [store]
  lists: {partners: [192.0.2.7, 198.51.100.0/24]}
"""


def read(text: str, providers: frozenset[ProviderId] | None = None) -> tuple[Settings, list[str]]:
    problems = Problems()
    found = read_settings(text, "musa.yaml", problems, providers=providers, profiles=("moderate", "ours"))
    return found, [f"{each} ({each.help})" for each in problems]


def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((ROOT / "catalogs/schemas/musa.schema.json").read_text()))


def test_every_setting_is_understood() -> None:
    assert read(GOOD) == (
        Settings(
            risk=RiskSettings(impact="max"),
            selection=SelectionSettings(
                jurisdictions=frozenset({"EU", "CH"}),
                countries=frozenset({"NO"}),
                evidence=Evidence.E3,
                budget=900.0,
                providers_at_most=3,
                providers_at_least=2,
                excluded=frozenset({ProviderId("scaleway")}),
                time_limit=120.0,
            ),
            runtime=RuntimeSettings(
                bus="kafka://127.0.0.1:9092",
                period=1.0,
                window=30.0,
                protected=("store",),
                lists=(("partners", ("192.0.2.7", "198.51.100.0/24")),),
            ),
        ),
        [],
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("risk: {appetite: low}", RiskSettings(appetite=Rating.LOW)),
        ("risk: {appetite: {special: very low, personal: low}}", RiskSettings(appetite_by_data=BY_DATA)),
        ("risk: {impact: max, appetite: {default: high}}", RiskSettings(impact="max", appetite=Rating.HIGH)),
    ],
)
def test_the_appetite_is_one_word_or_one_for_each_class_of_data(text: str, meant: RiskSettings) -> None:
    assert read(text) == (Settings(risk=meant), [])


@pytest.mark.parametrize("text", ["", "# all defaults\n", "risk:\nselection:\n", "selection: {budget: , providers: }\n"])
def test_what_is_not_said_has_its_default(text: str) -> None:
    assert read(text) == (Settings(), [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "1:1: error[D001]: musa.yaml must be a mapping, not a list (write `key: value` lines)"),
        ("selektion: {}", "1:1: error[D002]: musa.yaml has no key 'selektion' (did you mean 'selection'?)"),
        ("selection: {bugdet: 1}", "1:13: error[D002]: selection has no key 'bugdet' (did you mean 'budget'?)"),
        ("runtime: {bus: rabbit}", "1:16: error[D010]: 'runtime.bus' cannot be 'rabbit' (write embedded, or kafka://host:port)"),
            ("runtime: {window: 10 s}", "1:11: error[D008]: a window of 10 s never holds 3 samples of every 10 s (lengthen window, or shorten period)"),
            ("runtime: {store: embedded, samples: 5, window: 10 s}", "1:40: error[D008]: a window of 10 s never holds 5 samples of every 10 s (lengthen window, or shorten period)"),
            ("runtime: {store: embedded, period: 5 min}", "1:28: error[D008]: a window of 300 s never holds 3 samples of every 300 s (lengthen window, or shorten period)"),
            ("runtime: {lists: {partners: [192.0.2.300]}}", "1:30: error[D011]: 'runtime.lists.partners' has no address '192.0.2.300' (write an address such as 192.0.2.7, or a network such as 192.0.2.0/24)"),
        ("selection: {order: [cost]}", "1:13: note[D003]: 'selection.order' is not used yet ()"),
        ("risk: {appetite: harmless}", "1:18: error[D004]: 'risk.appetite' cannot be 'harmless' (one of very low, low, medium, high, critical)"),
        ("risk: {appetite: {personel: low}}", "1:19: error[D002]: risk.appetite has no key 'personel' (did you mean 'personal'?)"),
        ("risk: {appetite: {default: low, personal: high}}", "1:33: error[D008]: a bar of high for personal data never counts: the general one is low (lower it, or raise default)"),
        ("risk: {appetite: [low]}", "1:18: error[D004]: 'risk.appetite' cannot be a list (one of very low, low, medium, high, critical)"),
        ("risk: {impact: technical}", "1:16: error[D004]: 'risk.impact' cannot be 'technical' (one of business, max)"),
        ("selection: {evidence: 2}", "1:23: error[D004]: 'selection.evidence' cannot be '2' (did you mean 'E2'?)"),
        ("selection: {countries: [Germany]}", "1:25: error[D005]: 'selection.countries' has no place 'Germany' (an ISO 3166 code such as DE, or one of EU, EEA, EUROPE)"),
        ("selection: {countries: {DE: 1}}", "1:24: error[D001]: 'selection.countries' must be a list of words, not a mapping ()"),
        ("selection: {budget: 900 USD}", "1:21: error[D006]: 'selection.budget' cannot be '900 USD' (write an amount such as 900 EUR/month)"),
        ("selection: {time_limit: 0}", "1:25: error[D006]: 'selection.time_limit' cannot be '0' (write a time such as 60 s, 5 min or 30 d)"),
        ("selection: {providers: {at_most: 0}}", "1:34: error[D007]: 'selection.providers.at_most' cannot be '0' (write a whole number from 1)"),
        ("selection: {providers: {at_most: 1, at_least: 2}}", "1:37: error[D008]: at least 2 providers and at most 1 exclude each other (raise at_most or lower at_least)"),
        ("risk: {require: covers}", "1:17: error[D004]: 'risk.require' cannot be 'covers' (did you mean 'cover'?)"),
        ("risk: {profile: [low]}", "1:17: error[D001]: 'risk.profile' must be the id of a profile, not a list (musa catalog list profiles shows them)"),
        ("risk: {profile: modrate}", "1:17: error[D009]: no catalog has the profile 'modrate' (did you mean 'moderate'?)"),
        ("selection: {providers: {excluded: [scaleway, skaleway]}}", "1:46: error[D009]: no catalog has the provider 'skaleway' (did you mean 'scaleway'?)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_word(text: str, told: str) -> None:
    assert read(text, frozenset({ProviderId("scaleway")}))[1] == [f"musa.yaml:{told}"]


def test_the_schema_takes_what_the_reader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(schema().schema)
    schema().validate(plain(read_yaml(GOOD.replace("no  ", "'NO'").replace("e3", "E3"), "musa.yaml", Problems())))
    assert not schema().is_valid({"selection": {"bugdet": 1}})


words = st.sampled_from(
    [
        "risk",
        "impact",
        "selection",
        "jurisdictions",
        "countries",
        "evidence",
        "budget",
        "providers",
        "at_most",
        "at_least",
        "excluded",
        "time_limit",
        "EU",
        "E2",
    ]
)
trees = st.recursive(
    words | st.booleans() | st.none() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6),
    max_leaves=20,
)


@given(trees, st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_nothing_crashes_the_reader(tree: object, text: str) -> None:
    read(json.dumps(tree))
    read(text)
    read(json.dumps({"selection": tree, "risk": tree}))
    read(json.dumps({"selection": {"providers": tree, "budget": tree, "countries": tree}}))


def test_what_makes_a_check_fail_is_a_list_of_conditions_or_one() -> None:
    check, told = read("check: {fail_on: [missing, risk >= high, coverage < 95 %], longest: 90, baseline: known.json}")
    assert not told
    assert check.check == CheckSettings(
        fail_on=tuple(map(read_rule, ("missing", "risk >= high", "coverage < 95 %"))), longest=90, baseline="known.json"
    )
    assert read("check: {fail_on: stale}")[0].check.fail_on == (read_rule("stale"),)
    assert read("check: {fail_on: []}")[0].check.fail_on == ()
    assert read("check:")[0].check == CheckSettings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("check: {fail_on: [mising]}", "1:19: error[D014]: 'mising' is about 'mising', which no check knows (did you mean 'missing'?)"),
        ("check: {fail_on: [[x]]}", "1:19: error[D001]: a condition of 'check.fail_on' must be a text, not a list (write `fail_on: [missing, risk >= high]`)"),
        ("check: {longest: 0 d}", "1:18: error[D006]: 'check.longest' cannot be '0 d' (write a number of days such as 366 d, 3660 d at most)"),
        ("check: {baseline: [x]}", "1:19: error[D001]: 'check.baseline' must be the name of a file, not a list (give its path from the repository's root)"),
        ("check: {failon: x}", "1:9: error[D002]: check has no key 'failon' (did you mean 'fail_on'?)"),
    ],
)  # fmt: skip
def test_a_mistake_about_checks_is_told_at_its_word(text: str, told: str) -> None:
    assert read(text)[1] == [f"musa.yaml:{told}"]
