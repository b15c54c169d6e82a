"""Threats: ways to be harmed, with the controls that answer them and default OWASP factors."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from musa_pipeline.domain.condition import ALWAYS, Condition
from musa_pipeline.domain.ids import ControlId, ThreatId
from musa_pipeline.domain.source import NOWHERE, Source, Span

LIKELIHOOD: Final = ("skill", "motive", "opportunity", "size", "discovery", "exploit", "awareness", "detection")
TECHNICAL: Final = ("confidentiality", "integrity", "availability", "accountability")
BUSINESS: Final = ("financial", "reputation", "non-compliance", "privacy")
FACTORS: Final = LIKELIHOOD + TECHNICAL + BUSINESS
"""The sixteen factors of the OWASP risk rating methodology, each 0..9."""


class Stride(StrEnum):
    """Microsoft's six threat classes."""

    SPOOFING = "spoofing"
    TAMPERING = "tampering"
    REPUDIATION = "repudiation"
    DISCLOSURE = "information-disclosure"
    DENIAL = "denial-of-service"
    ELEVATION = "elevation-of-privilege"


class Strength(StrEnum):
    """How far a control answers a threat."""

    PARTIAL = "partial"
    STRONG = "strong"


class Lowers(StrEnum):
    """Which side of a risk a control lowers: how likely the harm is, or how bad once it is done."""

    LIKELIHOOD = "likelihood"
    IMPACT = "impact"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDefault:
    """The value 0..9 a factor has unless the user says otherwise, and why; the first whose condition holds counts."""

    value: int
    because: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDefaults:
    """The defaults of one factor, in the order they are tried."""

    factor: str
    options: tuple[FactorDefault, ...]
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLink:
    """A control that answers a threat.

    `minimum` is the least risk score at which it is required; None: the control's own (by baseline); 11: never by itself.
    `rev4`: of a link that MUSA made, the controls of revision 4 that it names, each with MUSA's least risk score.
    """

    control: ControlId
    strength: Strength = Strength.PARTIAL
    lowers: Lowers = Lowers.LIKELIHOOD
    minimum: int | None = None
    because: str = ""
    rev4: tuple[tuple[ControlId, int], ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """One threat of the catalog. `applies` is decided over the facts of `domain.facts` and the answer to `question`.

    A threat without question is decided by facts alone. `weaknesses` are CWE's, `patterns` CAPEC's, `techniques` ATT&CK's.
    `categories` are those of MUSA, and only its threats have them.
    """

    id: ThreatId
    title: str
    stride: Stride
    sources: tuple[Source, ...]
    question: str = ""
    applies: Condition = ALWAYS
    factors: tuple[FactorDefaults, ...] = ()
    controls: tuple[ControlLink, ...] = ()
    techniques: tuple[str, ...] = ()
    weaknesses: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)
