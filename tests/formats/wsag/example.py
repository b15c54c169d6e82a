"""One template and one agreement with something in every place."""

from musa_pipeline.domain.agreement import Member, Resource, Sla, Slat, SlaTerm, SlatTerm, ThreatNote
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, MetricId, ThreatId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.threat import Stride

PLANNER, STORE = ComponentId("journey-planner"), ComponentId("store")
THREATS = (
    ThreatNote(
        threat=ThreatId("denial-of-service"),
        title="Denial of Service",
        stride=Stride.DENIAL,
        rating=Rating.CRITICAL,
        source="MUSA SLA Generator 2016-10",
    ),
)
SLOS = (
    Slo(
        metric=MetricId("scan-age"),
        operator=Operator.LE,
        bound=24,
        unit="hours",
        weight=Weight.HIGH,
        alert=20,
        because="a day is enough",
    ),
    Slo(metric=MetricId("redirects"), operator=Operator.EQ, bound=True, unit="yes or no"),
    Slo(metric=MetricId("availability"), operator=Operator.GE, bound=99.5, unit="percent", alert=99.7),
)
SLAT = Slat(
    id="smart-mobility/journey-planner",
    application="smart-mobility",
    component=PLANNER,
    name="Journey Planner",
    kind=KindId("web-app"),
    framework="nist-800-53-r5",
    terms=(
        SlatTerm(
            control=ControlId("AC-2"),
            title="Account Management",
            by=Grant.COMPONENT,
            score=5,
            weight=Weight.MEDIUM,
            answered=True,
        ),
        SlatTerm(
            control=ControlId("SC-5"),
            title="Denial-of-service Protection",
            by=Grant.AGENT,
            score=9,
            weight=Weight.HIGH,
            because="an agent can grant it: waf",
            threats=(ThreatId("denial-of-service"),),
            agents=(AgentId("waf"),),
        ),
        SlatTerm(control=ControlId("IAM-02"), title="Credential Lifecycle", by=Grant.SERVICE, score=3, weight=Weight.LOW),
    ),
    slos=SLOS,
    threats=THREATS,
)
SLA = Sla(
    id="smart-mobility",
    application="smart-mobility",
    name="Smart Mobility",
    framework="nist-800-53-r5",
    terms=(
        SlaTerm(
            control=ControlId("SC-5"),
            title="Denial-of-service Protection",
            weight=Weight.HIGH,
            rule="specific",
            granted_by=("journey-planner", "waf"),
            granted_for=(PLANNER,),
            not_applicable=(STORE,),
        ),
        SlaTerm(
            control=ControlId("SC-5(3)"),
            title="Detection",
            weight=Weight.LOW,
            rule="common",
            granted_by=(),
            granted_for=(PLANNER,),
        ),
    ),
    slos=SLOS,
    threats=THREATS,
    resources=(
        Resource(provider="a-cloud", offering="m1", zone="de-1", title="M1", os="debian 12"),
        Resource(provider="b-cloud", offering="store", zone="fr-1", title="Store"),
    ),
    members=(Member(component=PLANNER, document="sla/journey-planner.xml", digest="ab" * 32),),
)
