"""What our own runtime tells, as observations: incidents, promises that were not held, findings of the detectors."""

from collections.abc import Iterable, Mapping
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.event import Finding
from musa_pipeline.domain.evidence import Bearing, EvidenceKind, Observation
from musa_pipeline.domain.ids import ControlId, MetricId, control_key
from musa_pipeline.domain.metric import Grade, Metric
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.verdict import Incident, State, Verdict

TECHNIQUES: Final[Mapping[str, tuple[str, ...]]] = {
    "traffic-anomaly": ("T1498",),
    "volumetric-dos": ("T1498", "T1499"),
}
"""The techniques of ATT&CK that our detectors find; the type of another's finding may name one itself."""

_LONGEST_TYPE: Final = 200


def of_incident(incident: Incident, catalogs: Catalogs) -> Observation:
    """Return an incident as evidence on the component that caused it: a promise was broken and somebody had to know."""
    return Observation(
        id=incident.id,
        kind=EvidenceKind.INCIDENT,
        severity=Rating.HIGH,
        time=incident.began,
        title=f"{incident.metric}: {incident.because}",
        places=tuple(each for each in (incident.cause, incident.component, incident.machine) if each),
        bearing=of_metric(incident.metric, catalogs),
    )


def of_verdict(verdict: Verdict, catalogs: Catalogs) -> Observation | str:
    """Return a violated promise as evidence; for any other verdict, why it is none."""
    if verdict.state is not State.VIOLATED:
        return f"a verdict: {verdict.state}"
    return Observation(
        id=f"{verdict.objective}@{verdict.time:.0f}",
        kind=EvidenceKind.VIOLATION,
        severity=Rating.MEDIUM,
        time=verdict.time,
        title=f"{verdict.metric}: {verdict.reason}",
        places=(verdict.component,) if verdict.component else (),
        bearing=of_metric(verdict.metric, catalogs),
    )


def of_finding(finding: Finding) -> Observation:
    """Return a detector's finding as evidence, the graver the surer it is; its type may be a technique of ATT&CK."""
    named = finding.type[:_LONGEST_TYPE]
    own = (named.upper(),) if named[:2].upper() == "T1" else ()
    return Observation(
        id=finding.id,
        kind=EvidenceKind.DETECTION,
        severity=_by_confidence(finding.confidence),
        time=finding.time,
        title=f"{named}: {finding.detail}",
        places=tuple(each for each in (finding.component, finding.machine) if each),
        bearing=Bearing(techniques=TECHNIQUES.get(named, own)),
    )


def _by_confidence(confidence: float) -> Rating:
    """Return the word for a confidence 0..1, in the bands of CVSS.

    >>> [_by_confidence(each).value for each in (0.2, 0.5, 0.8, 0.95)]
    ['low', 'medium', 'high', 'critical']
    """
    bounds = ((0.9, Rating.CRITICAL), (0.7, Rating.HIGH), (0.4, Rating.MEDIUM))
    return next((rating for least, rating in bounds if confidence >= least), Rating.LOW)


def of_metric(name: MetricId, catalogs: Catalogs) -> Bearing:
    """Return what a metric that was missed bears on: its threats, and the controls that it shows best, each grade only without a better."""
    metric = catalogs.metric.get(name)
    if metric is None:
        return Bearing()
    return Bearing(threats=tuple(sorted(metric.threats)), controls=_shown(metric, catalogs.controls))


def _shown(metric: Metric, catalog: ControlCatalog) -> tuple[ControlId, ...]:
    known = {each.id for each in catalog.controls}
    for grade in Grade:
        found: Iterable[ControlId] = {each.control for each in metric.controls if each.grade is grade and each.control in known}
        if found:
            return tuple(sorted(found, key=control_key))
    return ()
