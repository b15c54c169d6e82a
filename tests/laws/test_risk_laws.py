"""Laws of risk over models of any shape and the shipped catalogs: more exposure is never less risk, more control never more."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Initiator, Port, Role, Trust, Zone
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.domain.risk import LONGEST_PATH, FactorMove, Rating, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import LIKELIHOOD, TECHNICAL
from musa_pipeline.risk import assess
from musa_pipeline.risk.residual import residual, with_machines
from tests.files.test_catalog_files import CATALOGS

NAMES = [ComponentId(each) for each in "abcde"]
MACHINES = [ComponentId("machine-1"), ComponentId("machine-2")]
ZONES = tuple(Zone(name=str(each), trust=each) for each in Trust)
KINDS = [each.id for each in CATALOGS.kinds if each.id not in ("compute", "container-runtime", "external-service")]
SENSITIVE = [DataClass.CONFIDENTIAL, DataClass.PERSONAL, DataClass.SPECIAL]
OWASP = RiskSettings()
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

classes = st.sampled_from(DataClass)
ports = st.builds(Port, number=st.sampled_from([80, 443]), secure=st.sampled_from([None, True, False]))
parts = st.builds(
    Component,
    id=st.just(NAMES[0]),
    name=st.just("part"),
    kind=st.sampled_from(KINDS),
    host=st.sampled_from([None, *MACHINES]),
    exposed=st.sampled_from([None, True, False]),
    zone=st.sampled_from(["", *map(str, Trust)]),
    instances=st.integers(0, 2),
    ports=st.lists(ports, max_size=2).map(tuple),
    data=st.lists(st.builds(DataSet, name=st.just("rows"), classification=classes), max_size=2).map(tuple),
)
links = st.builds(
    Connection,
    source=st.sampled_from(NAMES),
    target=st.sampled_from(NAMES),
    port=ports | st.just(Port()),
    initiator=st.sampled_from(Initiator),
    authenticated=st.sampled_from([None, True, False]),
).filter(lambda each: each.source != each.target)


@st.composite
def models(draw: st.DrawFn) -> Cpim:
    """Five parts on none, one or two machines, used by each other in any way."""
    drawn = [replace(draw(parts), id=name, name=name) for name in NAMES]
    machines = [Component(id=each, name=each, kind=KindId("compute"), role=Role.HOST) for each in MACHINES]
    used = tuple(draw(st.lists(links, max_size=8)))
    return Cpim(name="any", language="tosca", components=(*drawn, *machines), connections=used, zones=ZONES)


def rated(cpim: Cpim, catalogs: Catalogs = CATALOGS, evidence: tuple[FactorMove, ...] = ()) -> RiskProfile:
    """The profile of a model about which nobody answered anything."""
    moves = {(each, threat.id): evidence for each in NAMES for threat in catalogs.threats} if evidence else {}
    return assess(cpim, Answers(), catalogs, OWASP, moves)


def changed(cpim: Cpim, name: ComponentId, **facts: object) -> Cpim:
    """The model with other facts of one component."""
    return replace(
        cpim,
        components=tuple(replace(each, **facts) if each.id == name else each for each in cpim.components),  # type: ignore[arg-type]
    )


def lower(before: RiskProfile, after: RiskProfile) -> list[str]:
    """The risks that are gone or lower in the second profile."""
    now = {each.id: each for each in after.risks}
    return [
        each.id
        for each in before.risks
        if each.id not in now
        or now[each.id].likelihood < each.likelihood
        or now[each.id].technical < each.technical
        or now[each.id].rating.score < each.rating.score
    ]


@some
@given(models(), st.sampled_from(NAMES))
def test_opening_a_component_to_the_internet_lowers_no_risk(cpim: Cpim, name: ComponentId) -> None:
    assert lower(rated(cpim), rated(changed(cpim, name, exposed=True))) == []


@some
@given(models(), links)
def test_another_connection_lowers_no_risk(cpim: Cpim, link: Connection) -> None:
    """But one to an identity provider: a site that leaves signing in to one keeps no passwords to be asked for again."""
    by_id = {each.id: each for each in cpim.components}
    more = replace(cpim, connections=(*cpim.connections, link))
    gone = lower(rated(cpim), rated(more))
    if by_id[link.target].kind == "identity-provider":
        gone = [each for each in gone if each != f"{link.source}/weak-account-recovery"]
    assert gone == []


@some
@given(models(), st.sampled_from(NAMES), st.sampled_from(SENSITIVE))
def test_more_sensitive_data_lower_no_risk(cpim: Cpim, name: ComponentId, data: DataClass) -> None:
    known = next(each for each in cpim.components if each.id == name)
    more = changed(cpim, name, data=(*known.data, DataSet(name="more", classification=data)))
    assert lower(rated(cpim), rated(more)) == []


@some
@given(models(), st.integers(0, 7))
def test_traffic_in_clear_and_without_proof_of_identity_lowers_no_risk(cpim: Cpim, number: int) -> None:
    if number >= len(cpim.connections):
        return
    plain = replace(cpim.connections[number], port=Port(secure=False), authenticated=False)
    more = replace(cpim, connections=(*cpim.connections[:number], plain, *cpim.connections[number + 1 :]))
    assert lower(rated(cpim), rated(more)) == []


@some
@given(models(), st.permutations(range(len(NAMES + MACHINES))), st.permutations(range(8)))
def test_order_never_matters_and_twice_is_once(cpim: Cpim, order: list[int], of_links: list[int]) -> None:
    connections = tuple(cpim.connections[each] for each in of_links if each < len(cpim.connections))
    mixed = replace(cpim, components=tuple(cpim.components[each] for each in order), connections=connections)
    assert rated(cpim) == rated(mixed) == rated(mixed)


moves = st.builds(FactorMove, factor=st.sampled_from(LIKELIHOOD + TECHNICAL), by=st.integers(0, 9), because=st.just("measured"))


@some
@given(models(), st.lists(moves, max_size=3).map(tuple), moves)
def test_more_evidence_lowers_no_risk_and_each_move_is_seen(
    cpim: Cpim, evidence: tuple[FactorMove, ...], more: FactorMove
) -> None:
    before, after = rated(cpim, evidence=evidence), rated(cpim, evidence=(*evidence, more))
    assert lower(before, after) == []
    factors = {each.id: each.factors for each in after.factor_sets}
    for each in [one for factors_ in factors.values() for one in factors_]:
        shifted = sum(move.by for move in each.moves)
        assert each.value == (min(9, max(0, each.before + shifted)) if each.before is not None else each.value)
        assert bool(each.moves) == (each.before is not None)


grants = st.dictionaries(st.sampled_from(NAMES), st.frozensets(st.sampled_from(sorted(CATALOGS.borne)), max_size=40))


@some
@given(models(), grants, st.sampled_from(NAMES), st.frozensets(st.sampled_from(sorted(CATALOGS.borne)), max_size=40))
def test_a_granted_control_never_raises_what_is_left(cpim: Cpim, granted: dict, name: ComponentId, more: frozenset) -> None:  # type: ignore[type-arg]
    profile = rated(cpim)
    greater = granted | {name: granted.get(name, frozenset()) | more}
    before, after = (residual(profile, with_machines(cpim, each), CATALOGS, OWASP) for each in (granted, greater))
    least = {each.id: each for each in before.risks}
    for each in after.risks:
        was = least[each.id]
        assert 0 <= each.likelihood <= was.likelihood and 0 <= each.impact <= was.impact
        assert each.rating.score <= was.rating.score <= was.inherent.score
    assert after.whole.over <= before.whole.over
    assert after.whole.residual.score == max((each.rating.score for each in after.risks), default=1)


@some
@given(models(), grants, st.sampled_from(Rating), st.sampled_from(Rating), st.sampled_from(DataClass))
def test_a_greater_appetite_has_no_more_risks_over_it(
    cpim: Cpim,
    granted: dict,  # type: ignore[type-arg]
    one: Rating,
    other: Rating,
    data: DataClass,
) -> None:
    low, high = sorted((one, other), key=lambda each: each.score)
    profile = rated(cpim)
    over = [
        {each.id for each in residual(profile, granted, CATALOGS, wanted).risks if each.over}
        for wanted in (RiskSettings(appetite=low, appetite_by_data=((data, low),)), RiskSettings(appetite=high), OWASP)
    ]
    assert over[1] <= over[0]
    by_class = RiskSettings(appetite=high, appetite_by_data=((data, low),))
    assert over[1] <= {each.id for each in residual(profile, granted, CATALOGS, by_class).risks if each.over} <= over[0]


def crowd() -> Cpim:
    """One component of every kind, one behind the other, some of them exposed and with data."""
    names = [ComponentId(f"c-{number:02}") for number in range(len(KINDS))]
    made = [
        Component(
            id=name,
            name=name,
            kind=kind,
            host=MACHINES[number % 2],
            exposed=number % 5 == 0,
            data=(DataSet(name="rows", classification=list(DataClass)[number % 5]),),
            zone=str(list(Trust)[number % 4]),
        )
        for number, (name, kind) in enumerate(zip(names, KINDS, strict=True))
    ]
    used = [Connection(source=a, target=b, port=Port(secure=False), authenticated=False) for a, b in pairwise(names)]
    machines = [Component(id=each, name=each, kind=KindId("compute"), role=Role.HOST) for each in MACHINES]
    return Cpim(name="crowd", language="tosca", components=(*made, *machines), connections=tuple(used), zones=ZONES)


CROWD = crowd()


def test_without_some_threats_all_other_risks_stay_as_they_are() -> None:
    before = rated(CROWD)
    for number in range(10):
        gone = {each.id for each in CATALOGS.threats[number::10]}
        after = rated(CROWD, replace(CATALOGS, threats=tuple(each for each in CATALOGS.threats if each.id not in gone)))
        assert after.risks == tuple(each for each in before.risks if each.threat not in gone)
        assert {each.id for each in after.factor_sets} == {each.factors for each in after.risks}
        was = {(each.component, each.control): each for each in before.required}
        for each in after.required:
            own = was.pop((each.component, each.control))
            assert set(own.threats) - set(each.threats) <= gone
        assert all(each.threats and set(each.threats) <= gone for each in was.values())


@pytest.mark.parametrize("gone", CATALOGS.exposures, ids=lambda each: each.id)
def test_without_an_exposure_only_what_it_moved_is_as_before(gone: object) -> None:
    before = rated(CROWD)
    after = rated(CROWD, replace(CATALOGS, exposures=tuple(each for each in CATALOGS.exposures if each != gone)))
    own = {(move.factor, move.because) for move in gone.moves}  # type: ignore[attr-defined]
    was = {each.id: each for each in before.factor_sets}
    assert after.exposures == before.exposures
    moved = 0
    for each in after.factor_sets:
        for now, then in zip(each.factors, was[each.id].factors, strict=True):
            left = tuple(move for move in then.moves if (move.factor, move.because) not in own)
            moved += left != then.moves
            if left == then.moves:
                assert now == then
            else:
                assert now.value <= then.value and (now.moves == left or now.before is None)
    assert moved


def test_without_a_link_only_its_threat_requires_the_control_no_more() -> None:
    before = {(each.component, each.control): each for each in rated(CROWD).required}
    for threat in CATALOGS.threats[::7]:
        fewer = replace(threat, controls=threat.controls[1:])
        rest = tuple(fewer if each == threat else each for each in CATALOGS.threats)
        after = {(each.component, each.control): each for each in rated(CROWD, replace(CATALOGS, threats=rest)).required}
        lost = {control for _, control in before.keys() - after.keys()}
        other = {key for key in after if after[key] != before[key] and key[1] != threat.controls[0].control}
        assert lost <= {threat.controls[0].control} and not other and after.keys() <= before.keys()


def test_a_long_way_is_told_by_its_last_steps_and_the_rest_by_who_stands_first() -> None:
    names = [ComponentId(f"c-{number:03}") for number in range(100)]
    chain = Cpim(
        name="chain",
        language="tosca",
        components=tuple(Component(id=each, name=each, kind=KindId("api"), exposed=each == names[0]) for each in names),
        connections=tuple(Connection(source=a, target=b) for a, b in pairwise(names)),
    )
    ways = {each.component: each.path for each in rated(chain).exposures if each.fact == "reachable"}
    assert ways[names[3]] == tuple(names[:4])
    assert ways[names[-1]] == tuple(names[-LONGEST_PATH:])
    assert ways.keys() == set(names)
