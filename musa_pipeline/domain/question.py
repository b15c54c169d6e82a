"""What is still to be answered about a model, and what each answer would change."""

from dataclasses import dataclass
from typing import TypeAlias

from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.risk import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAt:
    """A control that a component is required to be granted."""

    component: ComponentId
    control: ControlId


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What one answer would do: the rating of the risk (None: there is none), controls that would be required anew or no more."""

    rating: Rating | None
    come: tuple[ControlAt, ...] = ()
    go: tuple[ControlAt, ...] = ()

    @property
    def score(self) -> int:
        """The risk points: 0 without risk, else 1 to 9."""
        return self.rating.score if self.rating else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatQuestion:
    """Whether a threat concerns a component. `value`: the risk points between yes and no; `assumed` is what is taken meanwhile."""

    value: int
    component: ComponentId
    threat: ThreatId
    question: str
    assumed: bool
    yes: Consequence
    no: Consequence


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorQuestion:
    """What a factor is, 0 to 9: of one threat to components of which the same is known, or of business impact (no threat).

    `value`: the risk points between the best and the worst answer, for one component or for the whole application; `now` is
    what is taken meanwhile (None: it does not count), `least` and `most` the points of the risks with the best and the worst
    answer, `moves` how many risks could have another rating.
    """

    value: int
    factor: str
    now: int | None
    least: int
    most: int
    moves: int
    threat: ThreatId | None = None
    components: tuple[ComponentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlQuestion:
    """Who implements a required control. `value`: its risk points; `threats` led to it."""

    value: int
    component: ComponentId
    control: ControlId
    threats: tuple[ThreatId, ...] = ()


Question: TypeAlias = ThreatQuestion | FactorQuestion | ControlQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Everything open about one model, most valuable first in each kind."""

    application: str
    threats: tuple[ThreatQuestion, ...] = ()
    factors: tuple[FactorQuestion, ...] = ()
    controls: tuple[ControlQuestion, ...] = ()

    @property
    def ranked(self) -> tuple[ThreatQuestion | FactorQuestion, ...]:
        """Threats and factors together, most valuable first; who implements controls is asked when these are known."""
        return tuple(sorted((*self.threats, *self.factors), key=lambda each: -each.value))
