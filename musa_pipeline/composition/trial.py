"""What a component would be granted after some changes, by the same rules that composition uses."""

from dataclasses import dataclass
from typing import Self

from musa_pipeline.composition.ledger import Ledger
from musa_pipeline.composition.rules import Shield, Types, local, protection
from musa_pipeline.domain.control import ControlType


@dataclass(frozen=True, slots=True)
class Trial:
    """What a component stands on: the types in force for it, what it grants itself, what its host grants, who protects it."""

    types: Types
    own: int
    given: int
    shields: tuple[Shield, ...] = ()

    @classmethod
    def now(cls, ledger: Ledger, node: int) -> Self:
        """Return how things are."""
        return cls(ledger.types[node], ledger.own[node], ledger.given[node], tuple(ledger.shields(node)))

    @property
    def granted(self) -> int:
        """What it is granted where it stands."""
        return local(self.types, self.own, self.given, protection(self.shields, self.types.hybrid))

    def protected_by(self, agent: int) -> "Trial":
        """Return it with one more agent on its host, which grants these controls."""
        return Trial(self.types, self.own, self.given, (*self.shields, Shield(agent, self.given)))

    def moved(self, given: int) -> "Trial":
        """Return it on a host that grants these controls; its agents stand on the same host, so they move along."""
        return Trial(self.types, self.own, given, tuple(Shield(each.grants, given) for each in self.shields))

    def judged(self, bit: int, kind: ControlType) -> "Trial":
        """Return it with one control of another type."""
        types = Types(
            self.types.specific | bit if kind is ControlType.SPECIFIC else self.types.specific & ~bit,
            self.types.common | bit if kind is ControlType.COMMON else self.types.common & ~bit,
            self.types.hybrid | bit if kind is ControlType.HYBRID else self.types.hybrid & ~bit,
        )
        return Trial(types, self.own, self.given, self.shields)

    def implementing(self, bit: int) -> "Trial":
        """Return it implementing a control itself."""
        return Trial(self.types, self.own | bit, self.given, self.shields)

    def served(self, bit: int) -> "Trial":
        """Return it with a control granted by its host instead of itself: an answer wins over the model's claim, which falls."""
        return Trial(self.types, self.own & ~bit, self.given | bit, self.shields)


class Chances:
    """What changes would grant whatever stands like this: tried once for every control, however many gaps ask."""

    def __init__(self, now: Trial, controls: int) -> None:
        self._now = now
        self.given = now.given
        self.implementing = now.judged(controls, ControlType.SPECIFIC).implementing(controls).granted
        self.served = now.judged(controls, ControlType.COMMON).served(controls).granted
        self._tried: dict[tuple[int | None, int], int] = {}

    def granted(self, given: int | None = None, agent: int = 0) -> int:
        """Return what is granted on a host that grants `given`, by default where it stands, with an agent more that grants `agent`."""
        if (given, agent) not in self._tried:
            there = self._now if given is None else self._now.moved(given)
            self._tried[given, agent] = there.protected_by(agent).granted
        return self._tried[given, agent]
