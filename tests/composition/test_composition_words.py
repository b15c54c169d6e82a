"""Templates, proofs, gaps, remedies, duties and SLAs of small applications, as whole values."""

from dataclasses import replace

from musa_pipeline.composition import agree, compose_all, duties, prove
from musa_pipeline.domain.agreement import Resource, SlaTerm, SlatTerm
from musa_pipeline.domain.answers import ComponentAnswers, ControlAnswer, Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition, Duty, Proof, Remedy
from musa_pipeline.domain.condition import Is
from musa_pipeline.domain.cpim import Role, Wanted, WantedAgent
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.metric import Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.settings import SelectionSettings
from musa_pipeline.domain.source import Span
from tests.composition.worlds import World, agent, answers, catalogs, claims, component, offering, world

CLOUD = catalogs(
    offerings=(
        offering("plain", price=10.0),
        offering("guarded", "PE-3", "SI-4", price=30.0, provider="green"),
        offering("grand", "PE-3", "SI-4", price=90.0),
        offering("open", configurable=("PE-3", "SC-28"), price=12.0),
    ),
    agents=(agent("ha", "SC-5", price=12.4), agent("watch", "SI-4", price=3.0)),
)


def all_of(world: World, settings: SelectionSettings | None = None) -> tuple[Macm, Composition, list[str]]:
    problems = Problems()
    macm, found = compose_all(
        world.cpim, world.profile, world.slats, world.selection, world.answers, world.catalogs, world.evidence, problems, settings
    )
    return macm, found, [f"{each.severity} {each.code} {each.text}" for each in problems]


def lines(proof: Proof, depth: int = 0) -> list[str]:
    own = f"{'  ' * depth}{'+' if proof.holds else '-'} {proof.claim}" + (f" @{proof.at}" if proof.at else "")
    return [own, *(line for each in proof.beneath for line in lines(each, depth + 1))]


def proof(world: World, who: str | None, control: str) -> list[str]:
    return lines(prove(world.macm, world.cpim, world.slats, world.selection, world.catalogs, who, control))


def remedies(world: World, settings: SelectionSettings | None = None) -> dict[tuple[str, str], tuple[Remedy, ...]]:
    return {(each.component, each.control or ""): each.remedies for each in all_of(world, settings)[1].gaps}


def test_a_template_says_who_is_to_implement_each_control_and_why() -> None:
    web = component("web", implements=(Wanted(control="IA-5", at=Span("app.yaml", 7)),))
    asked = (("web", "SC-5"), ("web", "PE-3"), ("web", "IA-5"), ("web", "SC-8"), ("web", "SI-4"))
    said = (
        ComponentAnswers(
            component="web",
            controls=(ControlAnswer(control="SI-4", by=Grant.SERVICE, because="theirs", at=Span("answers.yaml", 3)),),
        ),
    )
    terms = world(web, required=asked, said=said, book=CLOUD, score=7).slats[0].terms
    common = {"score": 7, "weight": Weight.HIGH}
    assert terms == (
        SlatTerm(
            control="IA-5",
            title="Authenticator Management",
            by=Grant.COMPONENT,
            because="the model says that it implements it",
            **common,
        ),
        SlatTerm(
            control="PE-3",
            title="Physical Access Control",
            by=Grant.SERVICE,
            because="a common control is the cloud service's",
            **common,
        ),
        SlatTerm(
            control="SC-5",
            title="Denial-of-service Protection",
            by=Grant.AGENT,
            because="an agent can grant it: ha",
            agents=("ha",),
            **common,
        ),
        SlatTerm(
            control="SC-8",
            title="Transmission Confidentiality and Integrity",
            by=Grant.NOBODY,
            because="nobody is known to implement it",
            **common,
        ),
        SlatTerm(
            control="SI-4",
            title="System Monitoring",
            by=Grant.SERVICE,
            answered=True,
            because="theirs",
            agents=("watch",),
            **common,
        ),
    )
    assert [str(each.at) for each in terms] == ["app.yaml:7:1", "", "", "", "answers.yaml:3:1"]


def test_a_proof_names_every_place() -> None:
    said = (
        ComponentAnswers(
            component="web",
            controls=(ControlAnswer(control="SC-8", by=Grant.COMPONENT, because="TLS", at=Span("answers.yaml", 41)),),
        ),
    )
    web, db = component("web"), component("db", implements=(Wanted(control="SC-8", at=Span("shop.yaml", 9)),))
    shop = world(web, db, uses=(("web", "db"),), said=said, required=(("web", "SC-8"),), book=CLOUD)
    assert proof(shop, "web", "SC-8") == [
        "+ SC-8 is granted to web",
        "  + web implements it: TLS @answers.yaml:41:1",
        "  + it travels: every service used is granted it too",
        "    + db is granted it",
    ]


def test_a_proof_of_a_failing_hybrid_control_names_both_sides() -> None:
    shop = world(component("web", host="vm"), component("vm", kind="compute", role=Role.HOST), on={"vm": "plain"}, book=CLOUD)
    assert proof(shop, "web", "SI-4") == [
        "- SI-4 is not granted to web",
        "  - its own side does not grant it",
        "    - web does not implement it",
        "    - no agent that grants it protects it",
        "  - its host does not grant it",
        "    - plain in eu-1 does not offer it",
    ]


def test_a_proof_leads_to_the_service_that_fails_however_far_away() -> None:
    chain = [component(name, implements=claims(*(["SC-8"] if name != "d" else []))) for name in "abcd"]
    shop = world(*chain, uses=(("a", "b"), ("b", "c"), ("c", "d")))
    assert proof(shop, "a", "SC-8") == [
        "- SC-8 is not granted to a",
        "  + a implements it",
        "  - it travels, and a service used is not granted it",
        "    - b is not granted it, because of a service that it uses",
        "      - d is not granted it",
        "        - d does not implement it",
        "        - no agent that grants it protects it",
    ]


def test_the_application_is_proven_by_its_components() -> None:
    shop = world(component("a", implements=claims("SC-5")), component("b"))
    assert proof(shop, None, "SC-5") == [
        "- shop does not promise SC-5",
        "  - SC-5 is not granted to b",
        "    - b does not implement it",
        "    - no agent that grants it protects it",
    ]
    assert proof(shop, None, "SA-13") == ["- shop does not promise SA-13", "  - SA-13 is withdrawn, now SA-8"]


def test_a_gap_is_mended_by_an_agent_before_an_answer() -> None:
    shop = world(component("web"), on={"web": "plain"}, required=(("web", "SC-5"),), book=CLOUD)
    gap = all_of(shop)[1].gaps[0]
    assert gap.reason == "web does not implement it and no agent that grants it protects it"
    assert gap.remedies == (
        Remedy(changes=("add agent ha before web",), price=12.4, agent="ha"),
        Remedy(changes=("let web implement it (then answer: by the component)",)),
    )


def test_a_gap_of_a_hybrid_control_is_mended_by_an_agent_and_another_offering_together() -> None:
    shop = world(component("web"), on={"web": "plain"}, required=(("web", "SI-4"),), book=CLOUD)
    assert remedies(shop)["web", "SI-4"] == (
        Remedy(changes=("let web implement it (then answer: by the component)",)),
        Remedy(changes=("add agent watch before web", "place web on guarded (Green)"), price=23.0),
        Remedy(changes=("add agent watch before web", "place web on grand (Blue)"), price=83.0),
    )


def test_a_gap_of_a_common_control_is_mended_by_a_duty_or_another_offering() -> None:
    shop = world(component("web"), on={"web": "open"}, required=(("web", "PE-3"),), book=CLOUD)
    assert remedies(shop)["web", "PE-3"] == (
        Remedy(changes=("take the duty to configure it for web at open (then answer: by the service)",)),
        Remedy(changes=("place web on guarded (Green)",), price=18.0),
        Remedy(changes=("place web on grand (Blue)",), price=78.0),
    )


def test_remedies_keep_to_the_settings_of_the_selection() -> None:
    shop = world(component("web"), on={"web": "plain"}, required=(("web", "PE-3"),), book=CLOUD)
    found = remedies(shop, SelectionSettings(excluded=frozenset({"green"})))["web", "PE-3"]
    assert [each.changes for each in found] == [
        ("place web on grand (Blue)",),
        ("do it in your own organisation for web (then answer: by the component)",),
    ]
    assert [each.changes for each in remedies(shop, SelectionSettings(countries=frozenset({"FR"})))["web", "PE-3"]] == [
        ("do it in your own organisation for web (then answer: by the component)",)
    ]


def test_a_remedy_costs_for_every_copy() -> None:
    shop = world(component("web", instances=3), on={"web": "plain"}, required=(("web", "SI-4"), ("web", "SC-5")), book=CLOUD)
    placements = tuple(replace(each, copies=3) for each in shop.selection.placements)
    found = remedies(replace(shop, selection=replace(shop.selection, placements=placements)))
    assert found["web", "SC-5"][0] == Remedy(changes=("add agent ha before web",), price=37.2, agent="ha")
    assert found["web", "SI-4"][1].price == 69.0


def test_remedies_keep_to_what_binds_the_whole_choice() -> None:
    """PE-3 comes with `guarded`, 20 EUR more, at another provider, and with `grand`, 80 EUR more, at the same."""
    other, same = "place web on guarded (Green)", "place web on grand (Blue)"
    shop = world(component("web"), component("db"), on={"web": "plain", "db": "plain"}, required=(("web", "PE-3"),), book=CLOUD)
    shop = replace(shop, selection=replace(shop.selection, price=20.0))
    pair = (frozenset({"web", "db"}),)

    def moves(settings: SelectionSettings | None = None, **more: object) -> list[str]:
        bound = replace(shop, cpim=replace(shop.cpim, **more))
        return [one for each in remedies(bound, settings)["web", "PE-3"] for one in each.changes if one.startswith("place")]

    assert moves() == [other, same]
    assert moves(SelectionSettings(budget=40.0)) == [other]
    assert moves(SelectionSettings(budget=39.99)) == []
    assert moves(SelectionSettings(providers_at_most=1)) == [same]
    assert moves(SelectionSettings(providers_at_least=2)) == [other, same]
    assert moves(together=pair) == [same]
    assert moves(apart=pair) == [other, same]
    at_green = tuple(
        replace(each, provider="green", offering="guarded") if each.unit == "db" else each for each in shop.selection.placements
    )
    shop = replace(shop, selection=replace(shop.selection, placements=at_green))
    assert moves(apart=pair) == [same]
    assert moves(SelectionSettings(providers_at_least=2)) == [same]


def test_an_agent_beyond_the_budget_is_no_remedy() -> None:
    shop = world(component("web"), on={"web": "plain"}, required=(("web", "SC-5"),), book=CLOUD)
    shop = replace(shop, selection=replace(shop.selection, price=10.0))
    assert [each.agent for each in remedies(shop, SelectionSettings(budget=22.4))["web", "SC-5"]] == ["ha", None]
    assert [each.agent for each in remedies(shop, SelectionSettings(budget=22.3))["web", "SC-5"]] == [None]


def test_a_unit_keeps_to_the_countries_of_all_that_stands_on_it() -> None:
    machines = (component("vm", kind="compute", role=Role.HOST), component("guest", kind="compute", role=Role.HOST, host="vm"))
    for countries, found in ((frozenset({"EU"}), 2), (frozenset({"US"}), 0)):
        guest = replace(machines[1], countries=countries)
        shop = world(
            component("web", host="guest"), guest, machines[0], on={"vm": "plain"}, required=(("web", "PE-3"),), book=CLOUD
        )
        assert sum(each.changes[0].startswith("place") for each in remedies(shop)["web", "PE-3"]) == found


def test_a_gap_of_a_travelling_control_is_mended_where_it_fails() -> None:
    maps = component("maps", role=Role.EXTERNAL)
    shop = world(
        component("web", implements=claims("SC-8")), maps, uses=(("web", "maps"),), required=(("web", "SC-8"),), book=CLOUD
    )
    gap = all_of(shop)[1].gaps[0]
    assert gap.reason == "web uses maps: others run maps, and nobody says that it grants it"
    assert gap.remedies == (Remedy(changes=("show by its owner's SLA that maps grants it (then answer: by the component)",)),)


def test_gaps_come_worst_first() -> None:
    shop = world(component("a"), component("b"), required=(("a", "SC-5"), ("b", "SC-8"), ("b", "SC-5")))
    scores = {("a", "SC-5"): 3, ("b", "SC-8"): 5, ("b", "SC-5"): 9}
    required = tuple(replace(each, score=scores[each.component, each.control]) for each in shop.profile.required)
    found = all_of(replace(shop, profile=replace(shop.profile, required=required)))[1]
    assert [(each.score, each.component, each.control) for each in found.gaps] == [
        (9, "b", "SC-5"),
        (5, "b", "SC-8"),
        (3, "a", "SC-5"),
        (0, "a", "SC-8"),
    ]
    assert [each.asked for each in found.gaps] == [True, True, True, False]


def test_a_duty_names_what_is_to_be_configured_where() -> None:
    said = (answers("web", PE_3=Grant.SERVICE, SC_5=Grant.SERVICE),)
    shop = world(component("web"), on={"web": "open"}, said=said, required=(("web", "PE-3"),), book=CLOUD)
    assert duties(shop.cpim, shop.selection, shop.answers, shop.catalogs, shop.evidence) == (
        Duty(component="web", control="PE-3", offering="open", source="made up"),
    )


def test_an_agent_asked_for_that_protects_nothing_is_told_with_the_reason() -> None:
    book: Catalogs = catalogs(
        offerings=(offering("managed", kinds=("web-application",)), offering("plain")),
        agents=(agent("ha", "SC-5"), agent("guard", "SC-28", protects=Is(fact="kind", among=frozenset({"database"})))),
    )
    machine = component("vm", kind="compute", role=Role.HOST)
    parts = (component("web"), component("api", host="vm"), machine, component("maps", role=Role.EXTERNAL))
    shop = world(*parts, on={"web": "managed", "vm": "plain"}, beside=(("guard", "api"),), book=book)
    wanted = (
        WantedAgent(agent="ha", protects=("api", "ghost", "maps", "vm", "web"), at=Span("app.yaml", 9)),
        WantedAgent(agent="guard", protects=("api",)),
        WantedAgent(agent="magic", protects=("web",)),
    )
    problems = Problems()
    cpim = replace(shop.cpim, agents=wanted)
    compose_all(cpim, shop.profile, shop.slats, shop.selection, shop.answers, book, shop.evidence, problems)
    assert sorted((each.code, each.text, each.help) for each in problems) == [
        ("G006", "agent 'guard' does not protect 'api': it is not made for such a component", "take another agent"),
        ("G006", "agent 'ha' does not protect 'api': the choice leaves it out", "choose again: run `musa run`"),
        ("G006", "agent 'ha' does not protect 'ghost': the model has no such component", "name a component of the model"),
        ("G006", "agent 'ha' does not protect 'maps': others run it", "protect the components that use it"),
        ("G006", "agent 'ha' does not protect 'vm': it is a machine", "name what runs there: api"),
        (
            "G006",
            "agent 'ha' does not protect 'web': nothing of ours runs on the managed service 'managed'",
            "host it on a machine, or drop the agent",
        ),
        ("G006", "agent 'magic' does not protect 'web': no catalog has this agent", "agents: guard, ha"),
    ]


def test_an_sla_says_by_which_rule_and_by_whom() -> None:
    asked = (("web", "SC-5"), ("web", "PE-3"), ("web", "SC-8"))
    shop = world(component("web"), on={"web": "guarded"}, beside=(("ha", "web"),), required=asked, book=CLOUD)
    macm, found, _ = all_of(shop)
    parts, whole = agree(shop.cpim, shop.profile, shop.slats, shop.selection, macm, found, shop.catalogs)
    assert parts[0].terms == (
        SlaTerm(control="PE-3", title="Physical Access Control", weight=Weight.MEDIUM, rule="common", granted_by=("guarded",)),
        SlaTerm(
            control="SC-5", title="Denial-of-service Protection", weight=Weight.MEDIUM, rule="specific", granted_by=("agent ha",)
        ),
    )
    assert parts[0].resources == (Resource(provider="green", offering="guarded", zone="eu-1", title="guarded"),)
    assert [(each.control, each.rule, each.granted_by, each.granted_for) for each in whole(()).terms] == [
        ("PE-3", "application", ("guarded",), ("web",)),
        ("SC-5", "application", ("agent ha",), ("web",)),
    ]
