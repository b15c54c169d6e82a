"""What was chosen to run the application on, at what price, and why."""

from dataclasses import dataclass

from musa_pipeline.domain.agent import AgentInstance
from musa_pipeline.domain.ids import ComponentId, ControlId, OfferingId, ProviderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """The best offering for a unit that was not chosen, and what it would change."""

    offering: OfferingId
    coverage: int
    price: float
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One unit (a machine of the model, or a component without one) on one offering in one region.

    `members` are the components that run there, itself included when it is one. `coverage` and `of` are risk-weighted:
    the sum of scores of required controls that are granted, and of all required ones. `copies`: so many machines or services
    alike, each with its agents; `price`: EUR a month of all copies, without agents.
    """

    unit: ComponentId
    offering: OfferingId
    provider: ProviderId
    region: str
    country: str
    members: tuple[ComponentId, ...]
    price: float
    coverage: int
    of: int
    because: str
    copies: int = 1
    missing: tuple[tuple[ComponentId, ControlId], ...] = ()
    runner_up: Alternative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The whole choice. `status`: optimal, or `gap`: how far from the best it may be (0..1). Prices in EUR a month."""

    application: str
    placements: tuple[Placement, ...]
    agents: tuple[AgentInstance, ...]
    coverage: int
    of: int
    price: float
    agents_price: float
    status: str
    gap: float
    method: str
