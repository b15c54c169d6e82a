"""Attack paths: the likeliest way counts, circles end, and more exposure never makes a way less bad."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.attack import AttackPath, AttackPaths
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Initiator, Role, Trust, Zone
from musa_pipeline.domain.ids import ComponentId, KindId, ThreatId
from musa_pipeline.domain.risk import Rating, Risk, RiskProfile
from musa_pipeline.domain.threat import Stride
from musa_pipeline.risk.owasp import rate
from musa_pipeline.risk.paths import LETS_IN, STRIKES, attack_paths

PEOPLE = (DataSet(name="people", classification=DataClass.PERSONAL),)


def component(name: str, **more: object) -> Component:
    return Component(id=ComponentId(name), name=name, kind=KindId("api"), **more)  # type: ignore[arg-type]


def risk(name: str, likelihood: float, impact: float = 5, stride: Stride = Stride.ELEVATION, threat: str = "") -> Risk:
    return Risk(
        component=ComponentId(name),
        threat=ThreatId(threat or f"{stride}-of-{name}"),
        stride=stride,
        likelihood=likelihood,
        technical=impact,
        business=0,
        impact=impact,
        rating=rate(likelihood, impact),
        factors="",
        because="",
    )


def model(components: Iterable[Component], links: Iterable[str] = (), zones: tuple[Zone, ...] = ()) -> Cpim:
    pairs = (each.split(" > ") for each in links)
    connections = tuple(Connection(source=ComponentId(a), target=ComponentId(b)) for a, b in pairs)
    return Cpim(name="bank", language="", components=tuple(components), connections=connections, zones=zones)


def profile(*risks: Risk) -> RiskProfile:
    return RiskProfile(application="bank", risks=risks, required=())


def told(path: AttackPath) -> str:
    hops = " > ".join(f"{each.component} ({each.risk.threat if each.risk else 'open'})" for each in path.hops)
    return f"{path.rating} {path.likelihood} x {path.impact}: {hops}"


def ways(found: AttackPaths) -> list[str]:
    return [told(each) for each in found.paths]


WEB, SHORT, LONG, VAULT = component("web", exposed=True), component("short"), component("long"), component("vault", data=PEOPLE)


def test_of_two_ways_the_likelier_counts_and_of_equals_the_shorter() -> None:
    links = ["web > short", "short > vault", "web > long", "long > detour", "detour > vault"]
    cpim = model([WEB, SHORT, LONG, component("detour"), VAULT], links)
    doors = [risk("web", 8), risk("long", 7), risk("detour", 7), risk("vault", 8, 7, Stride.DISCLOSURE)]
    hard, easy = risk("short", 4), risk("short", 7)
    through = "elevation-of-privilege-of"
    end = "vault (information-disclosure-of-vault)"
    detour = f"critical 7 x 7: web ({through}-web) > long ({through}-long) > detour ({through}-detour) > {end}"
    assert ways(attack_paths(cpim, profile(hard, *doors))) == [detour]
    assert ways(attack_paths(cpim, profile(easy, *doors))) == [
        f"critical 7 x 7: web ({through}-web) > short ({through}-short) > {end}"
    ]


def test_a_way_is_as_likely_as_its_least_likely_hop_and_ends_with_the_worst_that_it_can_do() -> None:
    cpim = model([WEB, VAULT], ["web > vault"])
    often, badly = risk("vault", 8, 4, threat="often"), risk("vault", 3, 9, threat="badly")
    assert ways(attack_paths(cpim, profile(risk("web", 5, threat="in"), often, badly))) == [
        "high 3 x 9: web (in) > vault (badly)"
    ]


def test_what_lets_nobody_in_is_no_hop_and_what_is_not_reached_is_told() -> None:
    cpim = model([WEB, SHORT, VAULT], ["web > short", "short > vault"])
    reading = risk("short", 9, 9, Stride.DISCLOSURE)
    assert attack_paths(cpim, profile(risk("web", 8), reading, risk("vault", 8))) == AttackPaths(
        application="bank", paths=(), unreached=(VAULT.id,)
    )


def test_who_opens_a_connection_reaches_the_other_end_and_anybody_is_in_a_public_zone() -> None:
    device = component("device", zone="street")
    street = (Zone(name="street", trust=Trust.PUBLIC),)
    asked = model([device, VAULT], ["vault > device"], street)
    assert attack_paths(asked, profile(risk("vault", 5))).unreached == (VAULT.id,)
    turned = replace(asked, connections=tuple(replace(each, initiator=Initiator.TARGET) for each in asked.connections))
    assert ways(attack_paths(turned, profile(risk("vault", 5)))) == [
        "medium 5 x 5: device (open) > vault (elevation-of-privilege-of-vault)"
    ]


def test_who_breaks_out_onto_a_machine_reaches_what_runs_beside() -> None:
    vm = component("vm", role=Role.HOST)
    cpim = model([replace(WEB, host=vm.id), vm, replace(VAULT, host=vm.id)])
    doors = (risk("web", 8, threat="in"), risk("vault", 8, threat="at"))
    assert attack_paths(cpim, profile(*doors)).unreached == (VAULT.id,)
    found = attack_paths(cpim, profile(*doors, risk("vm", 4, threat="out")))
    assert ways(found) == ["medium 4 x 5: web (in) > vm (out) > vault (at)"]


def test_the_worst_are_written_out_the_others_are_counted() -> None:
    vaults = [component(f"vault{each}", data=PEOPLE) for each in range(9)]
    cpim = model([WEB, *vaults], [f"web > {each.id}" for each in vaults])
    risks = [risk(each.id, 1 + number) for number, each in enumerate(vaults)]
    found = attack_paths(cpim, profile(risk("web", 9), *risks), most=3)
    assert [each.target for each in found.paths] == ["vault8", "vault7", "vault6"]
    assert found.more == 6


def test_a_chain_of_thousands_that_ends_where_it_began_is_walked_once() -> None:
    names = [f"c{each:04}" for each in range(3_000)]
    cpim = model(
        [component(each, exposed=each == "c0000", data=PEOPLE) for each in names],
        [f"{a} > {b}" for a, b in zip(names, [*names[1:], names[0]], strict=True)],
    )
    found = attack_paths(cpim, profile(*(risk(each, 3 + number % 50 / 8) for number, each in enumerate(names))))
    assert len(found.paths) == 50
    assert found.more == 2_950


NAMES = "abcdef"
values = st.sampled_from([1.0, 2.5, 3.0, 5.5, 6.0, 8.25, 9.0])
risks = st.lists(st.builds(risk, st.sampled_from(NAMES), values, values, st.sampled_from(list(Stride))), max_size=12)
links = st.lists(st.builds("{} > {}".format, st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=10)
marked = st.sets(st.sampled_from(NAMES))


def drawn(exposed: set[str], holding: set[str], connected: list[str]) -> Cpim:
    return model((component(each, exposed=each in exposed, data=PEOPLE if each in holding else ()) for each in NAMES), connected)


def badness(found: AttackPaths) -> dict[ComponentId, tuple[int, float]]:
    return {each.target: (each.rating.score, each.likelihood * each.impact) for each in found.paths}


@given(marked, marked, links, risks)
def test_order_never_matters_and_every_hop_is_a_risk_of_a_component_that_the_one_before_leads_to(
    exposed: set[str], holding: set[str], connected: list[str], borne: list[Risk]
) -> None:
    cpim, once = drawn(exposed, holding, connected), tuple({each.id: each for each in borne}.values())
    found = attack_paths(cpim, profile(*once))
    turned = replace(cpim, components=cpim.components[::-1], connections=cpim.connections[::-1])
    assert attack_paths(turned, profile(*once[::-1])) == found
    for path in found.paths:
        steps = [each.component for each in path.hops]
        assert steps[0] in exposed and len(set(steps)) == len(steps)
        assert all(f"{a} > {b}" in connected for a, b in pairwise(steps))
        assert all(each.risk in once and each.risk.stride in LETS_IN for each in path.hops[:-1] if each.risk)
        last = path.hops[-1].risk
        assert last and last.stride in STRIKES and path.rating.score <= last.rating.score
        assert path.likelihood == min(each.risk.likelihood for each in path.hops if each.risk)
    assert {each.target for each in found.paths} | set(found.unreached) == holding


@given(marked, marked, links, risks, st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_another_connection_or_entry_never_makes_a_way_less_bad(
    exposed: set[str], holding: set[str], connected: list[str], borne: list[Risk], source: str, target: str
) -> None:
    known = profile(*{each.id: each for each in borne}.values())
    before = badness(attack_paths(drawn(exposed, holding, connected), known))
    linked = badness(attack_paths(drawn(exposed, holding, [*connected, f"{source} > {target}"]), known))
    opened = badness(attack_paths(drawn({*exposed, source}, holding, connected), known))
    assert all(linked[each] >= bad and opened[each] >= bad for each, bad in before.items())


def test_a_path_is_rated_as_the_matrix_rates_what_it_can_do() -> None:
    found = attack_paths(model([replace(VAULT, exposed=True)]), profile(risk("vault", 6, 6)))
    assert [(each.rating, each.data) for each in found.paths] == [(Rating.CRITICAL, DataClass.PERSONAL)]
