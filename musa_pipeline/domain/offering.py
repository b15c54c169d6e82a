"""Providers' services: what they are, where, for how much, and which controls they offer with what evidence."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.cpim import Resources
from musa_pipeline.domain.ids import ControlId, KindId, OfferingId, ProviderId
from musa_pipeline.domain.source import NOWHERE, Source, Span


class Evidence(StrEnum):
    """How well a claim is backed; a higher grade is better.

    E4 independent authorisation against 800-53 for this offering and region; E3 independent attestation to another framework
    with a published crosswalk; E2 vendor documentation says it is always on; E1 customer can configure it; E0 self-assessment.
    """

    E0 = "E0"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedControl:
    """A control that comes with an offering, and who says so."""

    control: ControlId
    evidence: Evidence
    source: Source
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A provider's location; `country` is ISO 3166 alpha-2."""

    id: str
    country: str
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A cloud service provider (CSP); `jurisdiction` is the country of its ultimate parent."""

    id: ProviderId
    name: str
    jurisdiction: str
    regions: tuple[Region, ...]
    source: Source
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """One service in its regions. `kinds` are the component kinds that it can be: `compute` for machines.

    `provided` controls are operated by the provider; `configurable` ones are a duty that lands on the component's SLA.
    `price` is EUR a month for one instance of the stated resources.
    """

    id: OfferingId
    provider: ProviderId
    title: str
    kinds: frozenset[KindId]
    regions: tuple[Region, ...]
    resources: Resources
    price: float
    price_source: Source
    provided: tuple[OfferedControl, ...] = ()
    configurable: tuple[OfferedControl, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


def provided(offering: Offering, evidence: Evidence) -> frozenset[ControlId]:
    """Return the controls that an offering provides with this grade of evidence or a better one."""
    return frozenset(each.control for each in offering.provided if each.evidence >= evidence)


def configurable(offering: Offering) -> frozenset[ControlId]:
    """Return the controls that an offering leaves to its customer: they count for whoever takes the duty."""
    return frozenset(each.control for each in offering.configurable)
