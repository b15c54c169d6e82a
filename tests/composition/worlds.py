"""Small worlds for composition: a model, catalogs, answers and a choice, as one value; random ones for the laws."""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from musa_pipeline.composition import build, require
from musa_pipeline.composition.changes import AddAgent, AskService, Change, Implement, Move
from musa_pipeline.composition.compose import compose
from musa_pipeline.composition.ledger import Ledger, ledger_of, promised
from musa_pipeline.domain.agent import Agent, AgentGrant, AgentInstance, AgentWork
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.answers import Answers, ComponentAnswers, ControlAnswer, Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.condition import ALWAYS, Is
from musa_pipeline.domain.control import Control, ControlCatalog, Level, Scope
from musa_pipeline.domain.cpim import Component, Connection, Cpim, Resources, Role, Wanted
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.offering import Evidence, OfferedControl, Offering, Provider, Region
from musa_pipeline.domain.risk import Required, RiskProfile
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.domain.source import Source, Span

SOURCE = Source(document="made up")
CONTROLS = (
    Control(id="SC-5", title="Denial-of-service Protection", level=Level.SYSTEM),
    Control(id="SC-7", title="Boundary Protection", level=Level.SYSTEM),
    Control(id="SC-8", title="Transmission Confidentiality and Integrity", level=Level.SYSTEM),
    Control(id="SC-28", title="Protection of Information at Rest", level=Level.SYSTEM),
    Control(id="PE-3", title="Physical Access Control", level=Level.ORGANIZATION),
    Control(id="AU-2", title="Event Logging", level=Level.ORGANIZATION),
    Control(id="SI-4", title="System Monitoring", level=Level.BOTH),
    Control(id="IA-5", title="Authenticator Management", level=Level.BOTH),
    Control(id="SA-13", title="Trustworthiness", level=Level.SYSTEM, withdrawn=True, moved_to=("SA-8",)),
)
IDS = tuple(each.id for each in CONTROLS)
SCOPES = (
    Scope(
        id="travelling", controls=("SC-8", "IA-5", "AU-2"), because="as strong as the weakest link", source=SOURCE, travels=True
    ),
    Scope(id="boundary", controls=("SC-7",), because="who guards the door guards the house", source=SOURCE, boundary=True),
    Scope(
        id="stores",
        controls=("SC-28", "IA-5"),
        because="only stores keep data",
        source=SOURCE,
        applies=Is(fact="kind", among=frozenset({"database"})),
        travels=True,
        at=Span("catalogs/scopes/stores.yaml", 3),
    ),
)
REGION = Region(id="eu-1", country="DE")
PROVIDERS = tuple(
    Provider(id=each, name=each.title(), jurisdiction="DE", regions=(REGION,), source=SOURCE) for each in ("blue", "green")
)

NOTHING_SAID = Answers()


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything composition reads."""

    cpim: Cpim
    catalogs: Catalogs
    answers: Answers = NOTHING_SAID
    profile: RiskProfile
    selection: Selection
    evidence: Evidence = Evidence.E2

    @property
    def slats(self) -> tuple[Slat, ...]:
        return require(self.cpim, self.profile, self.answers, self.catalogs)

    @property
    def macm(self) -> Macm:
        return build(self.cpim, self.selection, self.answers, self.catalogs, self.evidence)

    def composed(self) -> Composition:
        return compose(self.macm, self.cpim, self.slats, self.selection, self.catalogs)

    def ledger(self, macm: Macm | None = None) -> Ledger:
        return ledger_of(macm or self.macm, self.cpim, self.slats, self.catalogs)

    def granted(self, macm: Macm | None = None) -> dict[str, frozenset[str]]:
        """Return what each component is granted of all controls, required or not."""
        ledger = self.ledger(macm)
        return {ledger.components[each].id: frozenset(ledger.universe.names(ledger.granted[each])) for each in ledger.members}

    def promised(self, macm: Macm | None = None) -> frozenset[str]:
        """Return what the application promises of all controls, required or not."""
        ledger = self.ledger(macm)
        return frozenset(ledger.universe.names(promised(ledger)))

    def with_changes(self, *changes: Change) -> "World":
        """Return the world after some changes, told from scratch."""
        world = self
        for change in changes:
            world = _after(world, change)
        return world


def _after(world: World, change: Change) -> World:
    match change:
        case AddAgent(agent=agent, component=component):
            instances = (*world.selection.agents, AgentInstance(agent=agent, component=component))
            return replace(world, selection=replace(world.selection, agents=instances))
        case AskService(control=control, component=component):
            return _answer(world, component, ControlAnswer(control=control, by=Grant.SERVICE))
        case Implement(control=control, component=component):
            return _answer(world, component, ControlAnswer(control=control, by=Grant.COMPONENT))
        case Move(unit=unit, offering=offering):
            provider = world.catalogs.offering[offering].provider
            placements = tuple(
                replace(each, offering=offering, provider=provider) if each.unit == unit else each
                for each in world.selection.placements
            )
            return replace(world, selection=replace(world.selection, placements=placements))


def _answer(world: World, component: str, answer: ControlAnswer) -> World:
    said = {each.component: each for each in world.answers.components}
    mine = said.get(component, ComponentAnswers(component=component))
    others = tuple(each for each in mine.controls if each.control != answer.control)
    said[component] = replace(mine, controls=(*others, answer))
    return replace(world, answers=replace(world.answers, components=tuple(said.values())))


def catalogs(*, agents: tuple[Agent, ...] = (), offerings: tuple[Offering, ...] = (), **more: Any) -> Catalogs:
    """Return catalogs of the few controls above."""
    book = ControlCatalog(id="NIST_800_53_r5", title="", revision="5", version="5.2", source=SOURCE, controls=CONTROLS)
    return Catalogs(
        **{"controls": book, "scopes": SCOPES, "providers": PROVIDERS, "agents": agents, "offerings": offerings} | more
    )


def agent(name: str, *grants: str, price: float = 5.0, **more: Any) -> Agent:
    return Agent(
        id=name,
        title=name,
        work=AgentWork.ENFORCEMENT,
        role=name,
        source=SOURCE,
        grants=tuple(AgentGrant(control=each, because="") for each in grants),
        price=price,
        **more,
    )


def offering(
    name: str,
    *provided: str,
    configurable: tuple[str, ...] = (),
    kinds: tuple[str, ...] = ("compute",),
    provider: str = "blue",
    **more: Any,
) -> Offering:
    settings = {"price": 20.0, "resources": Resources(cores=4, memory=8192)} | more
    return Offering(
        id=name,
        provider=provider,
        title=name,
        kinds=frozenset(kinds),
        regions=(REGION,),
        price_source=SOURCE,
        provided=tuple(OfferedControl(control=each, evidence=Evidence.E3, source=SOURCE) for each in provided),
        configurable=tuple(OfferedControl(control=each, evidence=Evidence.E1, source=SOURCE) for each in configurable),
        **settings,
    )


def component(name: str, **more: Any) -> Component:
    return Component(**{"id": name, "name": name, "kind": "web-application"} | more)


def claims(*controls: str) -> tuple[Wanted, ...]:
    return tuple(Wanted(control=each) for each in controls)


def answers(component: str, **by: Grant) -> ComponentAnswers:
    """Return answers about controls, written as SC_5=Grant.COMPONENT."""
    return ComponentAnswers(
        component=component, controls=tuple(ControlAnswer(control=each.replace("_", "-"), by=grant) for each, grant in by.items())
    )


def world(
    *components: Component,
    uses: tuple[tuple[str, str], ...] = (),
    on: dict[str, str] | None = None,
    beside: tuple[tuple[str, str], ...] = (),
    said: tuple[ComponentAnswers, ...] = (),
    required: tuple[tuple[str, str], ...] = (),
    book: Catalogs | None = None,
    score: int = 5,
) -> World:
    """Return a world: `on` places units, `beside` adds (agent, component)."""
    book = book or catalogs()
    cpim = Cpim(
        name="shop",
        language="test",
        components=tuple(sorted(components, key=lambda each: each.id)),
        connections=tuple(Connection(source=source, target=target) for source, target in uses),
    )
    return World(
        cpim=cpim,
        catalogs=book,
        answers=Answers(components=said),
        profile=RiskProfile(
            application="shop",
            risks=(),
            required=tuple(Required(component=who, control=what, score=score) for who, what in sorted(required)),
        ),
        selection=_selection(cpim, book, on or {}, beside),
    )


def _selection(cpim: Cpim, book: Catalogs, on: dict[str, str], beside: tuple[tuple[str, str], ...]) -> Selection:
    foot = {each.id: each.id for each in cpim.components}
    host = {each.id: each.host for each in cpim.components}
    for each in cpim.components:
        at, seen = each.id, {each.id}
        while at not in on and host.get(at) in host and host[at] not in seen:
            at = host[at] or at
            seen.add(at)
        foot[each.id] = at
    members = defaultdict(list)
    for each in cpim.components:
        if each.role is Role.COMPONENT:
            members[foot[each.id]].append(each.id)
    placements = tuple(
        Placement(
            unit=unit,
            offering=chosen,
            provider=book.offering[chosen].provider,
            region="eu-1",
            country="DE",
            members=tuple(sorted(members[unit])),
            price=book.offering[chosen].price,
            coverage=0,
            of=0,
            because="",
        )
        for unit, chosen in sorted(on.items())
    )
    return Selection(
        application=cpim.name,
        placements=placements,
        agents=tuple(AgentInstance(agent=agent, component=who) for agent, who in beside),
        coverage=0,
        of=0,
        price=0.0,
        agents_price=0.0,
        status="optimal",
        gap=0.0,
        method="test",
    )


some_controls = st.lists(st.sampled_from(IDS), max_size=5, unique=True).map(tuple)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A random world: hosts below hosts, services others run, circles of use, agents, duties, answers of every sort."""
    hosts = [f"vm-{n}" for n in range(draw(st.integers(0, 2)))]
    parts = [f"c-{n}" for n in range(draw(st.integers(1, 5)))]
    outside = [f"x-{n}" for n in range(draw(st.integers(0, 1)))]
    made = []
    for place, each in enumerate(parts):
        made.append(
            component(
                each,
                kind=draw(st.sampled_from(["web-application", "database"])),
                host=draw(st.sampled_from([None, *hosts, *parts[:place]])),
                exposed=draw(st.sampled_from([None, True, False])),
                implements=claims(*draw(some_controls)),
                wanted=claims(*draw(st.lists(st.sampled_from(IDS), max_size=1))),
            )
        )
    made += [component(each, kind="compute", role=Role.HOST) for each in hosts]
    made += [component(each, kind="database", role=Role.EXTERNAL) for each in outside]
    agents = tuple(
        agent(
            f"agent-{n}",
            *draw(some_controls),
            price=float(draw(st.integers(1, 9))),
            protects=draw(st.sampled_from([ALWAYS, Is(fact="kind", among=frozenset({"database"}))])),
        )
        for n in range(draw(st.integers(0, 3)))
    )
    offerings = tuple(
        offering(
            f"offering-{n}",
            *draw(some_controls),
            configurable=draw(some_controls),
            kinds=draw(st.sampled_from([("compute",), ("compute",), ("database",), ("web-application", "database")])),
            provider=draw(st.sampled_from(["blue", "green"])),
            price=float(draw(st.integers(1, 90))),
        )
        for n in range(draw(st.integers(1, 4)))
    )
    book = catalogs(agents=agents, offerings=offerings)
    units = hosts + [each.id for each in made if each.role is Role.COMPONENT and each.host is None]
    on = {}
    for unit in units:
        kind = next(each.kind for each in made if each.id == unit)
        fitting = [each.id for each in offerings if "compute" in each.kinds or kind in each.kinds]
        chosen = draw(st.sampled_from([None, *fitting]))
        if chosen:
            on[unit] = chosen
    names = parts + outside
    pairs = st.tuples(st.sampled_from(parts), st.sampled_from(names))
    said = tuple(
        ComponentAnswers(
            component=each,
            controls=tuple(ControlAnswer(control=control, by=draw(st.sampled_from(Grant))) for control in draw(some_controls)),
        )
        for each in names
        if draw(st.booleans())
    )
    beside = (
        draw(st.lists(st.tuples(st.sampled_from([each.id for each in agents]), st.sampled_from(parts)), max_size=4, unique=True))
        if agents
        else []
    )
    required = draw(st.lists(st.tuples(st.sampled_from(parts), st.sampled_from(IDS)), max_size=12, unique=True))
    return world(
        *made,
        uses=tuple(draw(st.lists(pairs, max_size=8, unique=True))),
        on=on,
        beside=tuple(beside),
        said=said,
        required=tuple(required),
        book=book,
    )
