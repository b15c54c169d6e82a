"""What is left of each risk under the controls that are granted, and how far a team lives with it."""

from dataclasses import dataclass
from enum import StrEnum

from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.threat import Lowers


class State(StrEnum):
    """What became of a risk: `mitigated` when its residual is at or below the bar, else what people decided, else open."""

    OPEN = "open"
    MITIGATED = "mitigated"
    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a granted control does to a risk that it answers: likelihood or impact is multiplied by `factor`, above 0 to 1."""

    on: Lowers
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualRisk:
    """One risk under granted controls: `likelihood` and `impact` 0..9 are what is left, `lowered_by` what lowered them.

    `appetite` is the bar of its component: the worst rating that the team lives with there. `owner` answers for an accepted or
    transferred one until the day `expires`.
    """

    component: ComponentId
    threat: ThreatId
    inherent: Rating
    likelihood: float
    impact: float
    rating: Rating
    appetite: Rating
    state: State
    lowered_by: tuple[ControlId, ...] = ()
    owner: str = ""
    expires: str = ""

    @property
    def id(self) -> str:
        """The name of the risk, as its profile has it."""
        return f"{self.component}/{self.threat}"

    @property
    def over(self) -> bool:
        """Tell whether what is left is worse than the bar."""
        return self.rating.score > self.appetite.score


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many risks have a rating, before controls and under them."""

    rating: Rating
    inherent: int
    residual: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateRisk:
    """The risks of one component, or of the application (None), taken together: the worst, and how many of each rating.

    `over` counts those above the bar, `open` those of them about which nobody decided.
    """

    component: ComponentId | None
    inherent: Rating
    residual: Rating
    tallies: tuple[Tally, ...]
    over: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualProfile:
    """What is left of every risk of one model, worst first, of each component by id, and of the whole."""

    application: str
    risks: tuple[ResidualRisk, ...]
    components: tuple[AggregateRisk, ...]
    whole: AggregateRisk
