"""Laws of composition, over random graphs, catalogs, choices and answers."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from musa_pipeline.composition import agree, compose, compose_all, prove
from musa_pipeline.composition.remedies import Remedies
from musa_pipeline.domain.composition import Composition, Proof
from musa_pipeline.domain.cpim import Component
from musa_pipeline.domain.macm import Label, Macm, Node, Relation, RelationKind
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.settings import SelectionSettings
from tests.composition.walk import Walk
from tests.composition.worlds import IDS, World, some_controls, worlds


@st.composite
def graphs(draw: st.DrawFn, world: World) -> Macm:
    """Any graph over the world's components, well-formed or not: many hosts, hosts in circles, agents anywhere."""
    extra = [
        Node(id=f"n/{n}", label=Label.IAAS, name=f"n/{n}", grants=frozenset(draw(some_controls)))
        for n in range(draw(st.integers(0, 3)))
    ]
    nodes = [replace(each, grants=frozenset(draw(some_controls))) for each in world.macm.nodes if each.component] + extra
    names = st.sampled_from([each.id for each in nodes])
    relations = draw(st.lists(st.builds(Relation, kind=st.sampled_from(RelationKind), source=names, target=names), max_size=14))
    return Macm(name="any", nodes=tuple(nodes), relations=tuple(relations))


@given(worlds())
def test_all_controls_at_once_say_what_a_walk_control_by_control_says(world: World) -> None:
    walk = Walk(world.macm, world.cpim, world.slats, world.catalogs)
    granted, promised = world.granted(), world.promised()
    for control in IDS:
        assert {who: control in has for who, has in granted.items()} == walk.granted(control)
        assert (control in promised) == walk.promised(control)


@given(st.data())
def test_the_walk_agrees_on_graphs_of_any_shape(data: st.DataObject) -> None:
    world = data.draw(worlds())
    macm = data.draw(graphs(world))
    walk = Walk(macm, world.cpim, world.slats, world.catalogs)
    granted = world.granted(macm)
    for control in IDS:
        assert {who: control in has for who, has in granted.items()} == walk.granted(control)


@given(st.data())
def test_more_granted_controls_never_lose_one(data: st.DataObject) -> None:
    world = data.draw(worlds())
    macm = data.draw(st.sampled_from([world.macm, data.draw(graphs(world))]))
    lucky = data.draw(st.sampled_from(macm.nodes))
    gift = frozenset(data.draw(some_controls))
    richer = replace(
        macm, nodes=tuple(replace(each, grants=each.grants | gift) if each == lucky else each for each in macm.nodes)
    )
    after = world.granted(richer)
    assert world.promised(macm) <= world.promised(richer)
    for who, has in world.granted(macm).items():
        assert has <= after[who]


@given(worlds(), st.randoms(use_true_random=False))
def test_order_never_matters(world: World, chance: random.Random) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    cpim = replace(world.cpim, components=shuffled(world.cpim.components), connections=shuffled(world.cpim.connections))
    selection = replace(world.selection, placements=shuffled(world.selection.placements), agents=shuffled(world.selection.agents))
    answers = replace(world.answers, components=shuffled(world.answers.components))
    profile = replace(world.profile, required=shuffled(world.profile.required))
    catalogs = replace(world.catalogs, agents=shuffled(world.catalogs.agents), offerings=shuffled(world.catalogs.offerings))
    other = World(cpim=cpim, selection=selection, answers=answers, profile=profile, catalogs=catalogs)
    assert everything(other) == everything(world)
    macm = replace(world.macm, nodes=shuffled(world.macm.nodes), relations=shuffled(world.macm.relations))
    assert compose(macm, world.cpim, world.slats, world.selection, world.catalogs) == world.composed()


def everything(world: World) -> tuple[Macm, Composition]:
    return compose_all(
        world.cpim, world.profile, world.slats, world.selection, world.answers, world.catalogs, world.evidence, Problems()
    )


@given(worlds())
def test_the_application_never_promises_more_than_its_weakest_member(world: World) -> None:
    found = world.composed()
    granted = {each.component: frozenset(each.granted) for each in found.components}
    assert [each.control for each in found.outcomes if each.promised] == [
        each.control for each in found.outcomes if each.control in world.promised()
    ]
    for outcome in found.outcomes:
        assert outcome.promised == (bool(outcome.granted_for) and not outcome.failing)
        for who in outcome.granted_for:
            assert outcome.control in granted[who]
        for who in outcome.failing:
            assert outcome.control not in granted[who]
        sides = [*outcome.granted_for, *outcome.failing, *outcome.not_applicable]
        assert sorted(sides) == [each.component for each in found.components]


@given(worlds())
def test_what_nobody_says_is_never_granted(world: World) -> None:
    silent = replace(world.macm, nodes=tuple(replace(each, grants=frozenset()) for each in world.macm.nodes))
    assert set(world.granted(silent).values()) == {frozenset()}
    assert world.promised(silent) == frozenset()


@given(worlds())
def test_withdrawn_controls_are_never_granted(world: World) -> None:
    assert all("SA-13" not in each for each in world.granted().values())
    assert "SA-13" not in world.promised()


@given(worlds())
def test_a_common_control_falls_with_all_hosts_and_agents_that_grant_it(world: World) -> None:
    """PE-3 is common by default; no component of these worlds is answered to implement it where this law is tried."""
    answers = replace(world.answers, components=())
    world = replace(world, answers=answers, cpim=replace(world.cpim, components=tuple(map(bare, world.cpim.components))))
    nodes = tuple(
        replace(each, grants=each.grants - {"PE-3"}) if each.label in {Label.IAAS, Label.PAAS, Label.AGENT} else each
        for each in world.macm.nodes
    )
    assert all("PE-3" not in each for each in world.granted(replace(world.macm, nodes=nodes)).values())


def bare(component: Component) -> Component:
    return replace(component, implements=())


def consistent(proof: Proof) -> Iterator[Proof]:
    """Yield every part of a proof that its own parts do not bear out."""
    if proof.beneath and proof.holds != all(each.holds for each in proof.beneath):
        yield proof
    for each in proof.beneath:
        yield from consistent(each)


@given(worlds())
def test_every_proof_says_what_composition_found_and_its_parts_bear_it_out(world: World) -> None:
    macm, slats, granted = world.macm, world.slats, world.granted()
    for control in IDS:
        for who, has in granted.items():
            proof = prove(macm, world.cpim, slats, world.selection, world.catalogs, who, control)
            assert proof.holds == (control in has)
            assert list(consistent(proof)) == []
        whole = prove(macm, world.cpim, slats, world.selection, world.catalogs, None, control)
        assert whole.holds == (control in world.promised())
        assert list(consistent(whole)) == []


@settings(max_examples=200)
@given(worlds())
def test_every_remedy_really_grants_and_takes_nothing_away(world: World) -> None:
    _, found = everything(world)
    ledger = world.ledger()
    remedies = Remedies(ledger, world.cpim, world.selection, world.answers, world.evidence, SelectionSettings())
    before = world.granted()
    asked = {term.control for slat in world.slats for term in slat.terms}
    for gap in found.gaps:
        options = remedies.of(ledger.number[gap.component], gap.control)
        assert tuple(each.words for each in options) == tuple(each.changes for each in gap.remedies)
        for option in options:
            after = world.with_changes(*option.changes).granted()
            assert gap.control in after[gap.component], (gap, option)
            for who, has in after.items():
                assert before[who] & asked <= has, (gap, option)


def accepted(world: World, bounds: SelectionSettings, price: float) -> bool:
    """Say from scratch whether a choice keeps to what binds all of it."""
    placements = world.selection.placements
    count = len({each.provider for each in placements})
    where = {member: each for each in placements for member in (*each.members, each.unit)}
    apart = all(
        len({where[each].provider for each in group if each in where}) == sum(each in where for each in group)
        for group in world.cpim.apart
    )
    together = all(len({where[each].provider for each in group if each in where}) <= 1 for group in world.cpim.together)
    return (
        (bounds.budget is None or price <= bounds.budget)
        and (bounds.providers_at_most is None or count <= bounds.providers_at_most)
        and (bounds.providers_at_least is None or count >= bounds.providers_at_least)
        and apart
        and together
    )


@given(worlds(), st.data())
def test_every_remedy_keeps_to_what_binds_the_whole_choice(world: World, data: st.DataObject) -> None:
    groups = st.lists(
        st.sets(st.sampled_from([each.id for each in world.cpim.components]), min_size=2).map(frozenset), max_size=2
    )
    if len(world.cpim.components) > 1:
        cpim = replace(world.cpim, apart=tuple(data.draw(groups)), together=tuple(data.draw(groups)))
        world = replace(world, cpim=cpim)
    bounds = SelectionSettings(
        budget=data.draw(st.none() | st.integers(50, 200).map(float)),
        providers_at_most=data.draw(st.none() | st.integers(1, 2)),
        providers_at_least=data.draw(st.none() | st.integers(1, 2)),
    )
    now = 50.0
    world = replace(world, selection=replace(world.selection, price=now))
    assume(accepted(world, bounds, now))
    remedies = Remedies(world.ledger(), world.cpim, world.selection, world.answers, world.evidence, bounds)
    ledger = world.ledger()
    for gap in everything(world)[1].gaps:
        for option in remedies.of(ledger.number[gap.component], gap.control):
            assert accepted(world.with_changes(*option.changes), bounds, now + option.price), option


@given(worlds())
def test_slas_promise_what_is_required_and_granted_and_nothing_else(world: World) -> None:
    macm, found = everything(world)
    parts, whole = agree(world.cpim, world.profile, world.slats, world.selection, macm, found, world.catalogs)
    has = world.granted()
    for slat, sla in zip(world.slats, parts, strict=True):
        assert [each.control for each in sla.terms] == [
            each.control for each in slat.terms if each.control in has[slat.component]
        ]
        assert all(each.granted_by and each.rule for each in sla.terms)
    terms = whole(()).terms
    assert [each.control for each in terms] == [each.control for each in found.outcomes if each.promised]
    gaps = {(each.component, each.control) for each in found.gaps if each.asked}
    missing = {(each.component, control) for each in found.components for control in each.missing}
    assert gaps == missing
    in_the_way = {(each.component, each.control) for each in found.gaps}
    assert in_the_way == {(name, each.control) for each in found.outcomes for name in each.failing}
