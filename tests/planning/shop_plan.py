"""A shop as values: a web application and its orders on one machine, a catalogue with two copies, a managed mail service."""

from dataclasses import replace

from musa_pipeline.domain.agent import Agent, AgentGrant, AgentInstance, AgentWork
from musa_pipeline.domain.agreement import Sla, SlaTerm
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition, Duty
from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.cpim import Component, Connection, Cpim, Port, Resources, Role, Script
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, MetricId, OfferingId, ProviderId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.offering import Offering, Region
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.domain.source import Source
from musa_pipeline.planning import plan

SOURCE = Source(document="made up")


def agent(name: str, role: str, grants: str = "", measures: str = "", work: AgentWork = AgentWork.ENFORCEMENT) -> Agent:
    return Agent(
        id=AgentId(name),
        title=name,
        work=work,
        role=role,
        source=SOURCE,
        grants=tuple(AgentGrant(control=ControlId(each), because="it does") for each in grants.split()),
        measures=tuple(MetricId(each) for each in measures.split()),
    )


AGENTS = (
    agent("access-control", "access_control", "AC-3 AC-4"),
    agent("audit-log", "audit_log", "AU-12", work=AgentWork.MONITORING),
    agent("availability-probe", "musa_agent", measures="availability", work=AgentWork.MONITORING),
    agent("backup", "backup", "CP-9"),
    agent("ha", "ha", "SC-5"),
    agent("integrity-monitor", "integrity", "SI-7", work=AgentWork.MONITORING),
    agent("network-monitor", "musa_agent", "SI-4(4)", work=AgentWork.MONITORING),
    agent("packet-filter", "packet_filter", "SC-7"),
    agent("system-monitor", "musa_agent", "SI-4", work=AgentWork.MONITORING),
    agent("vulnerability-scanner", "scanner", "RA-5", "m13-scanning-frequency-basic-scan", AgentWork.MONITORING),
)


def offering(name: str, kind: str) -> Offering:
    provider, _, _ = name.partition("-")
    return Offering(
        id=OfferingId(name),
        provider=ProviderId(provider),
        title=name,
        kinds=frozenset({KindId(kind)}),
        regions=(Region(id="north", country="DE"),),
        resources=Resources(cores=2, memory=4096, storage=40, os="debian-12"),
        price=10,
        price_source=SOURCE,
    )


CATALOGS = Catalogs(
    controls=ControlCatalog(id="r5", title="r5", revision="5", version="5", source=SOURCE, controls=()),
    agents=AGENTS,
    offerings=(offering("alpha-vm", "compute"), offering("beta-vm", "compute"), offering("beta-mail", "mail")),
)


def component(name: str, kind: str = "service", host: str | None = None, **more: object) -> Component:
    value = Component(id=ComponentId(name), name=name, kind=KindId(kind), host=ComponentId(host) if host else None)
    return replace(value, **more)  # type: ignore[arg-type]


CPIM = Cpim(
    name="shop",
    language="tosca",
    components=(
        component("catalogue", "api", exposed=False, ports=(Port(number=8000, protocol="http"),), instances=2),
        component("mail", "mail", ports=(Port(number=587, protocol="smtp"),)),
        component("orders", "database", "vm", ports=(Port(number=5432, protocol="tcp"),)),
        component("vm", "compute", role=Role.HOST, resources=Resources(cores=4, memory=8192)),
        component("web", "web-application", "vm", exposed=True, ports=(Port(number=8080, protocol="http"),)),
    ),
    connections=(
        Connection(source=ComponentId("web"), target=ComponentId("catalogue")),
        Connection(source=ComponentId("web"), target=ComponentId("mail"), port=Port(number=587)),
        Connection(source=ComponentId("web"), target=ComponentId("orders"), port=Port(number=5432)),
    ),
)


def placement(unit: str, offering: str, members: str = "", copies: int = 1) -> Placement:
    return Placement(
        unit=ComponentId(unit),
        offering=OfferingId(offering),
        provider=ProviderId(offering.partition("-")[0]),
        region="north",
        country="DE",
        members=tuple(ComponentId(each) for each in (members or unit).split()),
        price=10,
        coverage=1,
        of=1,
        because="the best",
        copies=copies,
    )


def selection(agents: str, *placements: Placement) -> Selection:
    """`agents`: `ha@web`, …"""
    pairs = [each.split("@") for each in agents.split()]
    return Selection(
        application="shop",
        placements=placements,
        agents=tuple(AgentInstance(agent=AgentId(name), component=ComponentId(where), because="chosen") for name, where in pairs),
        coverage=1,
        of=1,
        price=30,
        agents_price=5,
        status="optimal",
        gap=0,
        method="by hand",
    )


SELECTION = selection(
    "ha@web access-control@web packet-filter@web availability-probe@web system-monitor@web ha@catalogue "
    "vulnerability-scanner@web audit-log@web backup@orders integrity-monitor@web",
    placement("vm", "alpha-vm", "orders web"),
    placement("catalogue", "beta-vm", copies=2),
    placement("mail", "beta-mail"),
)


def sla(name: str, controls: str, *slos: Slo) -> Sla:
    return Sla(
        id=f"sla-{name}",
        application="shop",
        name=name,
        framework="r5",
        component=ComponentId(name),
        slos=slos,
        terms=tuple(
            SlaTerm(control=ControlId(each), title=each, weight=Weight.HIGH, rule="protected", granted_by=("agent",))
            for each in controls.split()
        ),
    )


def slo(metric: str, bound: float, unit: str) -> Slo:
    return Slo(metric=MetricId(metric), operator=Operator.GE, bound=bound, unit=unit)


SLAS = (
    sla(
        "web",
        "SC-5 AC-3 SI-4 IA-5 RA-5 SC-7",
        slo("availability", 99.5, "%"),
        slo("m13-scanning-frequency-basic-scan", 12, "hours"),
    ),
    sla("catalogue", "SC-5"),
    sla("mail", "SC-8"),
    sla("orders", "CP-9"),
)

COMPOSITION = Composition(
    application="shop",
    outcomes=(),
    components=(),
    duties=(Duty(component=ComponentId("mail"), control=ControlId("AC-2(4)"), offering="beta-mail", source="handbook, page 3"),),
)


def shop_plan() -> Plan:
    return plan(CPIM, SELECTION, SLAS, COMPOSITION, CATALOGS)


def with_script(cpim: Cpim, name: str, *scripts: Script) -> Cpim:
    return replace(
        cpim, components=tuple(replace(each, scripts=scripts) if each.id == name else each for each in cpim.components)
    )
