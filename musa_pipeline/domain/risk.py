"""Risks: threats rated for components after the OWASP risk rating methodology, and the controls that answer them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.domain.threat import Stride


class Band(StrEnum):
    """Likelihood or impact 0..9: below 3 low, below 6 medium, else high."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Rating(StrEnum):
    """Severity of a risk, by the matrix of impact and likelihood."""

    VERY_LOW = "very low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def score(self) -> int:
        """1, 3, 5, 7 or 9 (MUSA SLA generator)."""
        return _SCORES[self]


_SCORES = {each: 1 + 2 * number for number, each in enumerate(Rating)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorMove:
    """A shift of one factor, by so many steps of its scale, with the reason and the place that says so.

    `fact` is the exposure that it speaks of, whose path the profile has; '' when something else moved the factor.
    """

    factor: str
    by: int
    because: str
    fact: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One OWASP factor as it was used: its value 0..9, the reason, and the place that says so.

    `moves` shifted it from `before`, together and kept within the scale; None: nothing moved it.
    """

    name: str
    value: int
    because: str
    before: int | None = None
    moves: tuple[FactorMove, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A fact that the graph shows of a component, with its value and the way that makes it true, first step first.

    A way of more than `LONGEST_PATH` steps keeps its last ones: what stands first there has an exposure with the rest.
    """

    component: ComponentId
    fact: str
    value: str
    path: tuple[ComponentId, ...] = ()
    because: str = ""
    at: Span = field(default=NOWHERE, compare=False)


LONGEST_PATH: Final = 16
"""Components of a way that an exposure tells; so that a chain of n components has not n squared of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSet:
    """The sixteen factors of a threat as they are for some components: many components share one set."""

    id: str
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A threat to a component: why it applies, and its rating by the factor set named."""

    component: ComponentId
    threat: ThreatId
    stride: Stride
    likelihood: float
    technical: float
    business: float
    impact: float
    rating: Rating
    factors: str
    because: str

    @property
    def id(self) -> str:
        """A deterministic name."""
        return f"{self.component}/{self.threat}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """A control that a component must be granted. `score` 1..9 is that of its worst risk (9 when model or policy ask for it).

    `threats` led to it; `wanted` is the place in the model that asks for it, if one does; `policy` the place in a tailoring
    profile without which it would not be required, and `because` what that says.
    """

    component: ComponentId
    control: ControlId
    score: int
    threats: tuple[ThreatId, ...] = ()
    wanted: Span = field(default=NOWHERE, compare=False)
    because: str = ""
    policy: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOrganisation:
    """A control that the risks call for and that only an organisation can implement: never a component's to fail.

    `score` 1..9 is that of the worst risk, `components` are those whose risks call for it.
    """

    control: ControlId
    score: int
    threats: tuple[ThreatId, ...]
    components: tuple[ComponentId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A threat whose question nobody answered for a component; it was taken as `assumed`. The catalog has the question."""

    component: ComponentId
    threat: ThreatId
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskProfile:
    """All risks of one model, worst first, the factor sets they name, and the controls they require, by component and control.

    `organisation`: the controls they call for that are the organisation's own, apart from every component.
    `exposures`: what the graph shows of components, by component, fact and value.
    `gap`: the part of its cost by which a cheaper cover may still be below the one required; 0: proven, or no cover is required.
    """

    application: str
    risks: tuple[Risk, ...]
    required: tuple[Required, ...]
    factor_sets: tuple[FactorSet, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    organisation: tuple[OfOrganisation, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    gap: float = 0.0

    def factors_of(self, risk: Risk) -> tuple[Factor, ...]:
        """Return the factors of one of its risks, in OWASP's order."""
        return next((each.factors for each in self.factor_sets if each.id == risk.factors), ())
