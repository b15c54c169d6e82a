"""Laws of evidence: what more findings may do, that order and repetition mean nothing, on the real catalogs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.evidence import Account, Bearing, Dossier, Evidence, EvidenceKind
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import NOWHERE
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.risk import assess
from musa_pipeline.risk.dossier import merged
from musa_pipeline.risk.evidence import MOST_DOWN, MOST_UP, Relevance, moves
from musa_pipeline.workspace.catalogs import catalog_files

CATALOGS = read_catalogs(catalog_files(Problems()), Problems())
RELEVANCE = Relevance(CATALOGS)
WEB = ComponentId("web")
CPIM = Cpim(
    name="one",
    language="none",
    components=(Component(id=WEB, name="web", kind=KindId("web-application"), exposed=True, at=NOWHERE),),
)
HALF_LIFE = 90 * 86_400.0
NOW = 1_780_000_000

bearings = st.one_of(
    st.sampled_from(["CWE-89", "CWE-79", "CWE-352", "CWE-1395"]).map(lambda each: Bearing(weaknesses=(each,))),
    st.sampled_from(["T1190", "T1499", "T1110.004"]).map(lambda each: Bearing(techniques=(each,))),
    st.sampled_from(["SI-10", "AU-12", "SC-5", "SI-4"]).map(lambda each: Bearing(controls=(ControlId(each),))),
)
names = st.integers(0, 30).map(lambda each: f"{each:012x}")
rows = st.builds(
    Evidence,
    component=st.sampled_from([WEB, ComponentId("db")]),
    kind=st.sampled_from(EvidenceKind),
    severity=st.sampled_from(Rating),
    time=st.integers(NOW - 400 * 86_400, NOW),
    tool=st.sampled_from(["one", "two"]),
    series=st.sampled_from(["", "main"]),
    bearing=bearings,
    ids=st.lists(names, min_size=1, max_size=3, unique=True).map(lambda each: tuple(sorted(each))),
)
accounts = st.builds(
    Account,
    tool=st.sampled_from(["one", "two"]),
    form=st.just("SARIF 2.1.0"),
    series=st.sampled_from(["", "main"]),
    file=st.sampled_from(["a", "b"]),
    time=st.integers(NOW - 400 * 86_400, NOW),
    sha256=st.sampled_from(["1", "2"]),
    found=st.just(1),
    kept=st.just(1),
)


def _dossier(evidence: Iterable[Evidence], *, read: Iterable[Account] = ()) -> Dossier:
    return Dossier(as_of=date(2026, 5, 28), evidence=tuple(evidence), accounts=tuple(read))


dossiers = st.builds(lambda some, read: _dossier(some, read=read), st.lists(rows, max_size=6), st.lists(accounts, max_size=2))


def _likelihoods(dossier: Dossier) -> dict[str, float]:
    evidence = moves(dossier, CATALOGS, HALF_LIFE, RELEVANCE)
    return {each.id: each.likelihood for each in assess(CPIM, Answers(), CATALOGS, RiskSettings(), evidence).risks}


@given(st.lists(rows, max_size=5), rows)
@settings(max_examples=40, deadline=None)
def test_more_bad_findings_never_lower_a_risk_and_more_good_ones_never_raise_one(some: list[Evidence], more: Evidence) -> None:
    before, after = _likelihoods(_dossier(some)), _likelihoods(_dossier([*some, more]))
    good = more.kind is EvidenceKind.PASSED
    assert all(after[each] <= before[each] if good else after[each] >= before[each] for each in before)


@given(dossiers, dossiers, dossiers)
def test_the_order_of_merging_means_nothing_and_twice_is_once(one: Dossier, two: Dossier, three: Dossier) -> None:
    once = merged(merged(one, two), three)
    assert once == merged(merged(three, one), two) == merged(one, merged(two, three))
    assert merged(once, two) == once


@given(st.permutations([(each, number) for number, each in enumerate(EvidenceKind)]))
def test_the_order_of_findings_means_nothing(order: list[tuple[EvidenceKind, int]]) -> None:
    found = [
        Evidence(
            component=WEB,
            kind=kind,
            severity=Rating.HIGH,
            time=NOW - number * 86_400,
            tool="one",
            series="",
            bearing=Bearing(weaknesses=("CWE-89",), controls=(ControlId("SI-10"),)),
            ids=(f"{number:012x}",),
        )
        for kind, number in order
    ]
    first = moves(_dossier(sorted(found, key=lambda each: each.ids)), CATALOGS, HALF_LIFE, RELEVANCE)
    assert moves(_dossier(found), CATALOGS, HALF_LIFE, RELEVANCE) == first


@given(st.lists(rows, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_factor_moves_no_further_than_its_bound(some: list[Evidence]) -> None:
    many = [replace(each, ids=tuple(f"{number:03x}{name}" for number in range(40) for name in each.ids)) for each in some]
    found = [move.by for each in moves(_dossier(many), CATALOGS, HALF_LIFE, RELEVANCE).values() for move in each]
    assert all(-MOST_DOWN <= each <= MOST_UP and each for each in found)


@given(rows)
def test_what_is_ignored_weighs_nothing(one: Evidence) -> None:
    ignored = replace(_dossier([one]), ignored=tuple((name, "a test") for name in one.ids))
    assert moves(ignored, CATALOGS, HALF_LIFE, RELEVANCE) == {}
