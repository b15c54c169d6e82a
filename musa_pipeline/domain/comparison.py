"""What a change of an application changes in what follows from it: risks, controls, promises, providers, service levels, cost."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.decision import Decisions
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import ComponentId, control_key
from musa_pipeline.domain.problems import near
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.domain.risk import Rating, RiskProfile
from musa_pipeline.domain.selection import Selection


class Topic(StrEnum):
    """What a change is about, in the order in which a reviewer asks."""

    PROMISE = "promise"
    GAP = "gap"
    RISK = "risk"
    OBJECTIVE = "objective"
    COST = "cost"
    PROVIDER = "provider"
    AGENT = "agent"
    DECISION = "decision"
    CONTROL = "control"
    MODEL = "model"


class Turn(StrEnum):
    """What became of it. Broken: promised before, still asked for, and promised no more; gone: nothing asks for it any more."""

    BROKEN = "broken"
    NEW = "new"
    MOVED = "moved"
    GONE = "gone"


class Effect(StrEnum):
    """Whether who relies on the application is worse off by it, or better; or neither can be said."""

    WORSE = "worse"
    OTHER = "other"
    BETTER = "better"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is said of a subject before and after; an empty word: it is not said."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Tell whether it changed."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. `component` is empty for the whole application; `subject` is the id of what changed, `because` the reasons.

    `facts`: what is worth knowing of it, changed or not, the weightiest first. `weight` orders changes of one kind, heavy ones first.
    """

    topic: Topic
    turn: Turn
    effect: Effect
    component: ComponentId | None
    subject: str
    title: str = ""
    facts: tuple[Fact, ...] = ()
    because: tuple[str, ...] = ()
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What follows from a model at one moment; `titles` of controls and threats by their ids."""

    cpim: Cpim
    profile: RiskProfile
    residual: ResidualProfile
    selection: Selection
    composition: Composition
    slas: tuple[Sla, ...]
    decisions: Decisions
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an application stands, in numbers: controls required and promised, risks and those above the bar, EUR a month."""

    components: int
    required: int
    promised: int
    gaps: int
    risks: int
    over: int
    worst: Rating
    price: float


def standing(of: Derived) -> Standing:
    """Return the numbers of what follows from a model."""
    outcomes, risks = of.composition.outcomes, of.residual.risks
    return Standing(
        components=len(of.cpim.components),
        required=len(outcomes),
        promised=sum(each.promised for each in outcomes),
        gaps=sum(each.control is not None for each in of.composition.gaps),
        risks=len(risks),
        over=sum(each.over for each in risks),
        worst=max((each.rating for each in risks), key=lambda each: each.score, default=Rating.VERY_LOW),
        price=of.selection.price + of.selection.agents_price,
    )


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes by topic, what is worse first, then by weight, component and subject."""
    topics, effects, turns = list(Topic), list(Effect), list(Turn)
    return tuple(
        sorted(
            changes,
            key=lambda each: (
                topics.index(each.topic),
                effects.index(each.effect),
                turns.index(each.turn),
                -each.weight,
                each.component or "",
                control_key(each.subject),
                each.subject,
                [(fact.name, fact.before, fact.after) for fact in each.facts],
                each.title,
                each.because,
            ),
        )
    )


_CONDITIONS: Final[dict[str, tuple[Topic | None, Turn | None, Effect | None]]] = {
    "broken-promise": (Topic.PROMISE, Turn.BROKEN, None),
    "gap": (Topic.GAP, Turn.NEW, None),
    "risk": (Topic.RISK, None, Effect.WORSE),
    "objective": (Topic.OBJECTIVE, None, Effect.WORSE),
    "cost": (Topic.COST, None, Effect.WORSE),
    "provider": (Topic.PROVIDER, None, None),
    "agent": (Topic.AGENT, None, None),
    "decision": (Topic.DECISION, None, None),
    "control": (Topic.CONTROL, Turn.NEW, None),
    "worse": (None, None, Effect.WORSE),
    "any": (None, None, None),
}
CONDITIONS: Final = tuple(_CONDITIONS)
"""What a comparison may be asked to fail for."""


def read_conditions(written: Iterable[str]) -> tuple[str, ...]:
    """Return the conditions that somebody wrote, one or several with commas; all changes if none.

    >>> read_conditions(["broken-promise, risk"]), read_conditions([])
    (('broken-promise', 'risk'), ('any',))

    Raises UsageWrong with a way out for a word that is none.
    """
    words = [each.strip().lower() for line in written for each in re.split(r"[,\s]+", line.strip())]
    for each in words:
        if each not in _CONDITIONS:
            way = near(each, CONDITIONS) or f"known are {', '.join(CONDITIONS)}"
            raise UsageWrong(f"{each[:100]!r} is nothing that a comparison could fail for", way)
    return tuple(dict.fromkeys(words)) or ("any",)


def meets(change: Change, condition: str) -> bool:
    """Tell whether a condition is about a change."""
    topic, turn, effect = _CONDITIONS[condition]
    return topic in (None, change.topic) and turn in (None, change.turn) and effect in (None, change.effect)
