"""What people decided about risks and gaps that they leave as they are: who, why, and until when."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.residual import ResidualProfile, ResidualRisk, State
from musa_pipeline.domain.source import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Who answers for a decision, why, and for how long: from `since` to `expires`, both days included.

    `ticket` is where it was discussed; `expires_at` is the place of the last day.
    """

    owner: str
    reason: str
    since: date
    expires: date
    ticket: str = ""
    expires_at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedRisk:
    """A risk above the bar that is accepted, or transferred `to` somebody (an insurance, a supplier)."""

    component: ComponentId
    threat: ThreatId
    state: State
    term: Term
    to: str = ""
    at: Span = field(default=NOWHERE, compare=False)

    @property
    def risk(self) -> str:
        """The id of the risk."""
        return f"{self.component}/{self.threat}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A required control that may be missing: at one component, or at every one (component None)."""

    component: ComponentId | None
    control: ControlId
    term: Term
    at: Span = field(default=NOWHERE, compare=False)

    def covers(self, component: ComponentId, control: ControlId) -> bool:
        """Tell whether it is about this gap."""
        return self.control == control and self.component in (None, component)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """`decisions.yaml`: the risks by their ids, the waivers by component and control."""

    risks: tuple[DecidedRisk, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @property
    def states(self) -> dict[str, State]:
        """Return what was decided by the id of the risk, expired or not: only a check asks what day it is."""
        return {each.risk: each.state for each in self.risks}

    def named(self, profile: ResidualProfile) -> ResidualProfile:
        """Return the profile with owner and last day at each risk that is accepted or transferred."""
        terms = {each.risk: each.term for each in self.risks}
        return replace(profile, risks=tuple(_named(each, terms.get(each.id)) for each in profile.risks))

    def __iter__(self) -> Iterator[DecidedRisk | Waiver]:
        yield from self.risks
        yield from self.waivers


def _named(risk: ResidualRisk, term: Term | None) -> ResidualRisk:
    if term is None or risk.state not in (State.ACCEPTED, State.TRANSFERRED):
        return risk
    return replace(risk, owner=term.owner, expires=str(term.expires))
