"""The example on the page `docs/formats/sla.md` is a document as we write it."""

import re

from musa_pipeline.domain.agreement import Slat, SlatTerm, ThreatNote
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, MetricId, ThreatId
from musa_pipeline.domain.metric import Combine, Metric, MetricLink, Operator, Scale, Slo, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Source
from musa_pipeline.domain.threat import Stride
from musa_pipeline.formats.wsag import read_agreement, write_slat
from tests.support import ROOT

SOURCE = Source(document="MUSA SLA Generator", version="2016-10-30", clause="metric M13")
SCAN = Metric(
    id=MetricId("m13"),
    title="Scanning Frequency",
    definition="Hours between two scans for known vulnerabilities.",
    unit="h",
    scale=Scale.NUMBER,
    operator=Operator.LE,
    combine=Combine.MAX,
    max_age=172800,
    source=SOURCE,
    lowest=1.0,
    highest=24.0,
    controls=(MetricLink(control=ControlId("RA-5")),),
)
CATALOGS = Catalogs(
    controls=ControlCatalog(id="nist-800-53-r5", title="SP 800-53", revision="5", version="5.2.0", source=SOURCE, controls=()),
    metrics=(SCAN,),
)
SLAT = Slat(
    id="shop/web",
    application="shop",
    component=ComponentId("web"),
    name="Web",
    kind=KindId("web-app"),
    framework="nist-800-53-r5",
    terms=(
        SlatTerm(
            control=ControlId("RA-5"),
            title="Vulnerability Monitoring and Scanning",
            by=Grant.AGENT,
            score=7,
            weight=Weight.HIGH,
            answered=True,
            because="nothing else scans the packages",
            threats=(ThreatId("injection"),),
            agents=(AgentId("scanner"),),
        ),
    ),
    slos=(Slo(metric=SCAN.id, operator=Operator.LE, bound=24, unit="h", weight=Weight.HIGH, alert=20),),
    threats=(
        ThreatNote(
            threat=ThreatId("injection"),
            title="Injection",
            stride=Stride.TAMPERING,
            rating=Rating.HIGH,
            source="OWASP Top 10 2013",
        ),
    ),
)


def test_the_example_on_the_page_is_what_we_write() -> None:
    page = (ROOT / "docs" / "formats" / "sla.md").read_text(encoding="utf-8")
    example = re.search(r"```xml\n(.*?)```", page, re.DOTALL)
    assert example
    assert example[1].encode() == write_slat(SLAT, CATALOGS)
    assert read_agreement(example[1].encode(), "example.xml", Problems()) == SLAT


def test_every_finding_of_the_reader_is_on_the_page() -> None:
    page = (ROOT / "docs" / "formats" / "sla.md").read_text(encoding="utf-8")
    code = ROOT / "musa_pipeline"
    sources = "".join(
        each.read_text(encoding="utf-8") for each in (*(code / "formats/wsag").glob("*.py"), code / "stages/agreed.py")
    )
    assert set(re.findall(r'"(A\d{3})"', sources)) == set(re.findall(r"^\| (A\d{3}) \|", page, re.MULTILINE))
