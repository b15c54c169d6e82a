"""The choice is the best there is: against every choice tried one by one, and with every bound."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.agent import Agent, AgentGrant, AgentWork
from musa_pipeline.domain.agreement import Slat, SlatTerm, weight_of
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import Control, ControlCatalog, Level
from musa_pipeline.domain.cpim import Component, Cpim, Resources, Role
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, MetricId, OfferingId, ProviderId
from musa_pipeline.domain.metric import Operator, Slo
from musa_pipeline.domain.offering import Evidence, OfferedControl, Offering, Provider, Region
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.selection import Selection
from musa_pipeline.domain.settings import SelectionSettings
from musa_pipeline.domain.source import Source
from musa_pipeline.selection import select

SOURCE = Source(document="a test", date="2026-01-01")
CONTROLS = [ControlId(f"SC-{number}") for number in range(1, 7)]
LEVELS = [Level.SYSTEM, Level.ORGANIZATION, Level.BOTH]
METRICS = [MetricId("m1"), MetricId("m2")]
PLACES = ["DE", "FR", "US"]


def catalogs(
    offers: list[tuple[int, int, int, frozenset[ControlId]]], agents: list[tuple[int, frozenset[ControlId]]]
) -> Catalogs:
    """Offerings as (provider, place, price, controls), agents as (price, controls)."""
    book = ControlCatalog(
        id="r5", title="", revision="5", version="", source=SOURCE,
        controls=tuple(Control(id=each, title=each, level=LEVELS[number % 3]) for number, each in enumerate(CONTROLS)),
    )  # fmt: skip
    providers = tuple(
        Provider(id=ProviderId(f"p{number}"), name="", jurisdiction=PLACES[number % 3], regions=(), source=SOURCE)
        for number in range(4)
    )
    offerings = tuple(
        Offering(
            id=OfferingId(f"p{provider}/o{number}"), provider=ProviderId(f"p{provider}"), title="", kinds=frozenset({KindId("compute")}),
            regions=(Region(id="r", country=PLACES[place]),), resources=Resources(cores=4, memory=8192), price=float(price), price_source=SOURCE,
            provided=tuple(OfferedControl(control=each, evidence=Evidence.E3, source=SOURCE) for each in sorted(controls)),
        )
        for number, (provider, place, price, controls) in enumerate(offers)
    )  # fmt: skip
    software = tuple(
        Agent(
            id=AgentId(f"a{number}"), title="", work=AgentWork.ENFORCEMENT, role="x", source=SOURCE, price=float(price),
            grants=tuple(AgentGrant(control=each, because="") for each in sorted(controls)), measures=tuple(sorted(metrics)),
        )
        for number, (price, controls, metrics) in enumerate(agents)
    )  # fmt: skip
    return Catalogs(controls=book, providers=providers, offerings=offerings, agents=software)


def model(units: int, **more: object) -> Cpim:
    components = tuple(Component(id=ComponentId(f"c{number}"), name=f"c{number}", kind=KindId("api")) for number in range(units))
    return replace(Cpim(name="app", language="TOSCA", components=components), **more)


def slats(known: Catalogs, asked: list[dict[ControlId, tuple[int, Grant | None]]]) -> list[Slat]:
    return [
        Slat(
            id=f"app/c{number}", application="app", component=ComponentId(f"c{number}"), name="", kind=KindId("api"), framework="r5",
            terms=tuple(
                SlatTerm(
                    control=control, title="", by=by or Grant.NOBODY, answered=by is not None, score=score, weight=weight_of(score),
                    agents=tuple(each.id for each in known.agents if any(one.control == control for one in each.grants)),
                )
                for control, (score, by) in sorted(wishes.items())
            ),
            slos=tuple(Slo(metric=each, operator=Operator.GE, bound=1, unit="") for each in METRICS),
        )
        for number, wishes in enumerate(asked)
    ]  # fmt: skip


def by_hand(known: Catalogs, asked: list[Slat], allowed: SelectionSettings) -> tuple[int, int, int] | None:
    """Every offering for every unit, every set of agents for every component: (coverage, -cents, -providers) of the best."""
    best = None
    one_by_one = []
    for slat in asked:
        options = []
        for offering in known.offerings:
            for chosen in product((False, True), repeat=len(known.agents)):
                agents = [each for each, there in zip(known.agents, chosen, strict=True) if there]
                if {one for each in agents for one in each.measures} != {one for each in known.agents for one in each.measures}:
                    continue
                by_agent = {one.control for each in agents for one in each.grants}
                host = {each.control for each in offering.provided}
                value = 0
                for term in slat.terms:
                    level = {Grant.COMPONENT: Level.SYSTEM, Grant.AGENT: Level.SYSTEM, Grant.SERVICE: Level.ORGANIZATION}.get(
                        term.by if term.answered else Grant.NOBODY, known.control[term.control].level
                    )
                    own = term.by is Grant.COMPONENT or term.control in by_agent
                    below = term.control in host
                    holds = {Level.SYSTEM: own, Level.ORGANIZATION: below or term.control in by_agent, Level.BOTH: own and below}[
                        level
                    ]
                    value += term.score * holds
                cents = round(offering.price * 100) + sum(round(each.price * 100) for each in agents)
                options.append((value, cents, offering.provider))
        one_by_one.append(options)
    for choice in product(*one_by_one):
        providers = {each[2] for each in choice}
        value, cents = sum(each[0] for each in choice), sum(each[1] for each in choice)
        if allowed.budget is not None and cents > round(allowed.budget * 100):
            continue
        if allowed.providers_at_most is not None and len(providers) > allowed.providers_at_most:
            continue
        if allowed.providers_at_least is not None and len(providers) < allowed.providers_at_least:
            continue
        best = max(best or (-1, 0, 0), (value, -cents, -len(providers)))
    return best


sets = st.frozensets(st.sampled_from(CONTROLS))
offers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(1, 50), sets), min_size=1, max_size=4)
agents_ = st.lists(st.tuples(st.integers(0, 20), sets, st.frozensets(st.sampled_from(METRICS))), max_size=3)
wishes = st.dictionaries(
    st.sampled_from(CONTROLS), st.tuples(st.sampled_from([1, 3, 5, 7, 9]), st.sampled_from([None, *Grant])), max_size=4
)
bounds = st.builds(
    SelectionSettings,
    budget=st.none() | st.integers(1, 120).map(float),
    providers_at_most=st.none() | st.integers(1, 2),
    providers_at_least=st.none() | st.integers(1, 2),
)


def test_nothing_better_than_the_choice_exists() -> None:
    @settings(max_examples=120, deadline=None)
    @given(offers, agents_, st.lists(wishes, min_size=1, max_size=2), bounds)
    def law(offers_: list, agents__: list, asked: list, allowed: SelectionSettings) -> None:
        known = catalogs(offers_, agents__)
        wanted = slats(known, asked)
        problems = Problems()
        found = select(model(len(asked)), wanted, known, allowed, problems)
        expected = by_hand(known, wanted, allowed)
        if expected is None:
            assert found is None
            assert "S001" in [each.code for each in problems]
        else:
            assert found is not None
            assert (found.coverage, -round(found.price * 100), -len({each.provider for each in found.placements})) == expected
            assert found.status == "optimal"

    law()


def choose(known: Catalogs, cpim: Cpim, allowed: SelectionSettings | None = None) -> tuple[Selection | None, Problems]:
    problems = Problems()
    asked = slats(known, [{} for each in cpim.components if each.role is Role.COMPONENT])
    return select(cpim, asked, known, allowed or SelectionSettings(), problems), problems


EU_AND_US = [(0, 0, 10, frozenset()), (1, 1, 20, frozenset()), (2, 2, 5, frozenset())]


def test_a_component_that_must_be_in_the_eu_is_never_placed_elsewhere() -> None:
    cpim = model(1)
    cpim = replace(cpim, components=(replace(cpim.components[0], countries=frozenset({"EU"})),))
    found, _ = choose(catalogs(EU_AND_US, []), cpim)
    assert found is not None
    assert [(each.offering, each.country) for each in found.placements] == [("p0/o0", "DE")]


def test_units_that_must_be_apart_are_at_different_providers() -> None:
    both = frozenset({ComponentId("c0"), ComponentId("c1")})
    found, _ = choose(catalogs(EU_AND_US, []), model(2, apart=(both,)))
    assert found is not None
    assert sorted(each.provider for each in found.placements) == ["p0", "p2"]


def test_units_that_must_be_together_are_at_one_provider() -> None:
    both = frozenset({ComponentId("c0"), ComponentId("c1")})
    cpim = model(2, together=(both,))
    bound = replace(cpim.components[0], countries=frozenset({"FR"}))
    found, problems = choose(catalogs(EU_AND_US, []), replace(cpim, components=(bound, cpim.components[1])))
    assert found is not None, list(problems)
    assert {each.provider for each in found.placements} == {"p1"}


def test_a_conflict_names_only_the_requirements_that_matter() -> None:
    cpim = model(2)
    bound = replace(cpim.components[0], countries=frozenset({"FR"}))
    allowed = SelectionSettings(jurisdictions=frozenset({"DE"}), budget=1000.0)
    found, problems = choose(catalogs(EU_AND_US, []), replace(cpim, components=(bound, cpim.components[1])), allowed)
    assert found is None
    (problem,) = problems
    assert problem.text == (
        "no offering can meet all of these together: selection.jurisdictions: providers under the law of DE (musa.yaml:1:1); "
        "'c0' must run in FR"
    )


def test_a_machine_that_is_too_small_does_not_fit() -> None:
    cpim = model(1)
    large = replace(cpim.components[0], resources=Resources(cores=64))
    found, problems = choose(catalogs(EU_AND_US, []), replace(cpim, components=(large,)))
    assert found is None
    assert [each.text for each in problems] == ["no offering can meet all of these together: 'c0' needs 64 cores"]


def test_the_order_of_components_and_offerings_does_not_matter() -> None:
    known = catalogs(EU_AND_US, [(3, frozenset(CONTROLS[:2]), frozenset())])
    asked = [{CONTROLS[0]: (5, None)}, {CONTROLS[1]: (9, None)}]
    forward = select(model(2), slats(known, asked), known, SelectionSettings(), Problems())
    turned = replace(known, offerings=known.offerings[::-1], agents=known.agents[::-1])
    cpim = model(2)
    backward = select(
        replace(cpim, components=cpim.components[::-1]), slats(known, asked)[::-1], turned, SelectionSettings(), Problems()
    )
    assert forward == backward


def test_a_bound_on_money_holds_for_everything_that_is_paid() -> None:
    known = catalogs([(0, 0, 10, frozenset())], [(30, frozenset(), frozenset({METRICS[0]}))])
    assert choose(known, model(1), SelectionSettings(budget=40.0))[0] is not None
    found, problems = choose(known, model(1), SelectionSettings(budget=39.0))
    assert found is None
    assert [each.text for each in problems] == [
        (
            "no offering can meet all of these together: every service level that an agent can measure is measured; "
            "selection.budget: at most 39 EUR a month (musa.yaml:1:1)"
        )
    ]


def test_copies_are_paid_one_by_one_with_their_agents() -> None:
    known = catalogs([(0, 0, 10, frozenset())], [(5, frozenset(), frozenset({METRICS[0]}))])
    cpim = model(1)
    found, _ = choose(known, replace(cpim, components=(replace(cpim.components[0], instances=3),)))
    assert found is not None
    assert (found.placements[0].copies, found.placements[0].price, found.agents_price, found.price) == (3, 30.0, 15.0, 45.0)


def test_an_empty_machine_is_not_paid_and_told() -> None:
    cpim = model(1)
    empty = Component(id=ComponentId("vm"), name="vm", kind=KindId("compute"), role=Role.HOST)
    found, problems = choose(catalogs(EU_AND_US, []), replace(cpim, components=(*cpim.components, empty)))
    assert found is not None
    assert [each.unit for each in found.placements] == ["c0"]
    assert [(each.code, each.text) for each in problems] == [("S003", "nothing runs on 'vm'")]


def test_services_of_others_cannot_be_kept_apart_by_us() -> None:
    cpim = model(1)
    others = tuple(
        Component(id=ComponentId(each), name=each, kind=KindId("external-service"), role=Role.EXTERNAL) for each in "xy"
    )
    cpim = replace(cpim, components=(*cpim.components, *others), apart=(frozenset({ComponentId("x"), ComponentId("y")}),))
    found, problems = choose(catalogs(EU_AND_US, []), cpim)
    assert found is not None
    assert [each.code for each in problems] == ["S004", "S004"]


def test_a_better_offering_that_the_bounds_exclude_is_told_as_such() -> None:
    both = frozenset({ComponentId("c0"), ComponentId("c1")})
    found, _ = choose(catalogs(EU_AND_US, []), model(2, apart=(both,)))
    assert found is not None
    assert sorted(each.because for each in found.placements) == [
        "grants 0 of 0 risk points, and none that grants as much costs less",
        "grants 0 of 0 risk points; better ones are ruled out by c0, c1 must be at different providers",
    ]
