"""Attack paths: from the internet, component by component, to data that must not be read."""

from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.cpim import DataClass
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.risk import Rating, Risk

SENSITIVE: Final = frozenset({DataClass.CONFIDENTIAL, DataClass.PERSONAL, DataClass.SPECIAL})
"""The classes of data that somebody would take a way for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One component on the way, and the risk that lets an attacker in; None: anybody is there already."""

    component: ComponentId
    risk: Risk | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPath:
    """A way from the internet to a component with data of class `data`: `hops` in order, the last is where the data is.

    `likelihood` is that of the least likely hop, `impact` that of the last one's risk, both 0..9; `rating` is their place in the matrix.
    """

    hops: tuple[Hop, ...]
    data: DataClass
    likelihood: float
    impact: float
    rating: Rating

    @property
    def target(self) -> ComponentId:
        """The component that holds the data."""
        return self.hops[-1].component


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPaths:
    """The worst attack paths of an application, worst first, one for each component with data that can be reached.

    `more` were found beside them; `unreached` hold such data too, and the model shows no way there.
    """

    application: str
    paths: tuple[AttackPath, ...]
    more: int = 0
    unreached: tuple[ComponentId, ...] = ()
