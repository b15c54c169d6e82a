"""A cover: the cheapest measures that bring every risk of a model to the bar of its component, or as near as anything brings it."""

from dataclasses import dataclass

from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, ThreatId
from musa_pipeline.domain.risk import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A control implemented at a component, or an agent before it that grants several at once (`agent`), at a cost.

    `controls` are those that answer its risks, `answers` the threats that they answer there.
    """

    component: ComponentId
    controls: tuple[ControlId, ...]
    cost: int
    agent: AgentId | None = None
    answers: tuple[ThreatId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stubborn:
    """A risk that no set of measures brings to its bar: the best rating that it can have, and what it has without any."""

    component: ComponentId
    threat: ThreatId
    inherent: Rating
    best: Rating
    appetite: Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one appetite costs: controls beyond those that are asked anyway, measures, their cost, and risks that stay over it.

    `gap`: by which part of the cost a cheaper set may still exist; 0: proven that none does.
    """

    appetite: Rating
    controls: int
    measures: int
    cost: int
    over: int
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The measures by component, for the appetite of the settings; `asked` are the controls that model or policy ask anyway.

    `prices` are those of this appetite and its neighbours, the lowest appetite first.
    """

    application: str
    appetite: Rating
    measures: tuple[Measure, ...]
    asked: tuple[tuple[ComponentId, tuple[ControlId, ...]], ...]
    stubborn: tuple[Stubborn, ...]
    prices: tuple[Price, ...]

    @property
    def price(self) -> Price:
        """The price of this appetite."""
        return next(each for each in self.prices if each.appetite is self.appetite)
