"""The smallest changes that can grant a missing control, as values: what each would change, in words, at what price."""

from dataclasses import dataclass
from typing import TypeAlias

from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, OfferingId


@dataclass(frozen=True, slots=True)
class AddAgent:
    """One more agent beside a component."""

    agent: AgentId
    component: ComponentId


@dataclass(frozen=True, slots=True)
class AskService:
    """The questionnaire says that the cloud service implements a control; one that is configurable becomes a duty."""

    control: ControlId
    component: ComponentId


@dataclass(frozen=True, slots=True)
class Implement:
    """The questionnaire says that a component implements a control itself."""

    control: ControlId
    component: ComponentId


@dataclass(frozen=True, slots=True)
class Move:
    """A unit runs on another offering."""

    unit: ComponentId
    offering: OfferingId


Change: TypeAlias = AddAgent | AskService | Implement | Move


@dataclass(frozen=True, slots=True)
class Option:
    """Changes made together; `price` in EUR a month more than now, `words` one sentence each."""

    changes: tuple[Change, ...]
    price: float
    words: tuple[str, ...]

    @property
    def key(self) -> tuple[int, bool, float, tuple[str, ...]]:
        """Better first: fewer changes; then what is done, before what is only answered of the component itself; then cheaper."""
        return (len(self.changes), any(isinstance(each, Implement) for each in self.changes), self.price, self.words)

    def __add__(self, other: "Option") -> "Option":
        """Return both together, each change once."""
        parts = dict(zip(self.changes + other.changes, self.words + other.words, strict=True))
        price = self.price if set(other.changes) <= set(self.changes) else round(self.price + other.price, 2)
        return Option(tuple(parts), price, tuple(parts.values()))
