"""Random templates and agreements, and a catalog that knows some of their metrics."""

from hypothesis import strategies as st

from musa_pipeline.domain.agreement import Member, Resource, Sla, Slat, SlaTerm, SlatTerm, ThreatNote
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.ids import ControlId, MetricId, ProviderId
from musa_pipeline.domain.metric import Combine, Metric, MetricLink, Operator, Scale, Slo, Weight
from musa_pipeline.domain.offering import Provider
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Source
from musa_pipeline.domain.threat import Stride
from tests.strategies import bounds, controls, ids, several

SOURCE = Source(document="MUSA SLA Generator", version="2016-10", clause="M13")

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n\r"), max_size=12
)
"""Any text that XML can hold."""
foreign = st.sampled_from(["IAM-02", "AIS-04", "SC-05", "sc-5", "IV'S-1", "a\"b'c", "plain"]).map(ControlId)
weights = st.sampled_from(Weight)


def metric(name: str, scale: Scale, combine: Combine, lowest: float | None, highest: float | None, *shown: str) -> Metric:
    links = tuple(MetricLink(control=ControlId(each)) for each in shown)
    return Metric(
        id=MetricId(name),
        title=f"title of {name}",
        definition=f"how {name} is measured",
        unit="hours",
        scale=scale,
        operator=Operator.LE,
        combine=combine,
        max_age=86400,
        source=SOURCE,
        reference="M13",
        lowest=lowest,
        highest=highest,
        controls=links,
    )


METRICS = (
    metric("scan-age", Scale.NUMBER, Combine.MAX, 1.0, 24.5, "SC-5", "SC-5(3)", "SI-4"),
    metric("tls-level", Scale.LEVEL, Combine.MIN, 1.0, 8.0, "IAM-02", "SC-8"),
    metric("redirects", Scale.BOOLEAN, Combine.ALL, None, None, "AC-2", "IA-5"),
    metric("availability", Scale.PERCENT, Combine.PRODUCT, None, 100.0),
)
CATALOGS = Catalogs(
    controls=ControlCatalog(id="nist-800-53-r5", title="SP 800-53", revision="5", version="5.2.0", source=SOURCE, controls=()),
    metrics=METRICS,
    providers=(Provider(id=ProviderId("a-cloud"), name="A Cloud", jurisdiction="DE", regions=(), source=SOURCE),),
)

metrics = st.sampled_from([each.id for each in METRICS]) | ids
slos = st.builds(
    Slo,
    metric=metrics,
    operator=st.sampled_from(Operator),
    bound=bounds,
    unit=words,
    weight=weights,
    alert=st.none() | bounds,
    because=words,
)
threats = st.builds(
    ThreatNote, threat=ids, title=words, stride=st.sampled_from(Stride), rating=st.sampled_from(Rating), source=words
)
slat_terms = st.builds(
    SlatTerm,
    control=controls | foreign,
    title=words,
    by=st.sampled_from(Grant),
    score=st.integers(0, 9),
    weight=weights,
    answered=st.booleans(),
    because=words,
    threats=several(ids),
    agents=several(ids),
)
frameworks = st.sampled_from(["nist-800-53-r5", "nist-800-53-r4"]) | words
slats = st.builds(
    Slat,
    id=words,
    application=words,
    component=ids,
    name=words,
    kind=ids,
    framework=frameworks,
    terms=several(slat_terms, 5),
    slos=several(slos, 5),
    threats=several(threats),
)
sla_terms = st.builds(
    SlaTerm,
    control=controls | foreign,
    title=words,
    weight=weights,
    rule=words,
    granted_by=several(words, 6),
    granted_for=several(ids),
    not_applicable=several(ids),
)
resources = st.builds(
    Resource, provider=st.just("a-cloud") | words, offering=words, zone=words, title=words, os=st.just("") | words
)
members = st.builds(Member, component=ids, document=words, digest=st.from_regex("[0-9a-f]{64}", fullmatch=True))
slas = st.builds(
    Sla,
    id=words,
    application=words,
    name=words,
    framework=frameworks,
    terms=several(sla_terms, 5),
    component=st.none() | ids,
    kind=st.none() | ids,
    slos=several(slos, 5),
    threats=several(threats),
    resources=several(resources),
    members=several(members),
    customer=words,
)
