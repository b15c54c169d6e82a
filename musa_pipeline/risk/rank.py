"""Which of the required controls answer most: the order in which they are worth doing."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.risk import Required, Risk, RiskProfile
from musa_pipeline.risk.required import bearers_of
from musa_pipeline.risk.residual import effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A control that is required of a component, or of the application (None), and the threats that it answers there.

    `worth`: of every risk that it answers the score, times the share of likelihood or impact that it would take off alone.
    """

    component: ComponentId | None
    control: ControlId
    worth: float
    score: int
    threats: tuple[ThreatId, ...]
    wanted: bool
    policy: bool
    components: tuple[ComponentId, ...]


def ranked(profile: RiskProfile, cpim: Cpim, catalogs: Catalogs) -> dict[ComponentId | None, tuple[Ranked, ...]]:
    """Return the required controls of each component and of the whole (None), those that answer most first.

    Equals stand by the score of their worst risk, then in the standard's order. The risks of a machine count at what runs on it.
    """
    tallied = _Tally(profile, cpim, catalogs)
    found: dict[ComponentId | None, list[Ranked]] = defaultdict(list)
    asking: dict[ControlId, list[Required]] = defaultdict(list)
    for each in profile.required:
        asking[each.control].append(each)
        found[each.component].append(_ranked(each.component, tallied.worth[each.component][each.control], each.threats, [each]))
    for control, required in asking.items():
        found[None].append(_ranked(None, tallied.whole[control], tuple(tallied.threats[control]), required))
    return {component: tuple(sorted(controls, key=_worst)) for component, controls in found.items()}


class _Tally:
    """What the required controls take off: `worth` at each component, `whole` and `threats`, worst first, over all."""

    def __init__(self, profile: RiskProfile, cpim: Cpim, catalogs: Catalogs) -> None:
        self.worth: dict[ComponentId, dict[ControlId, float]] = defaultdict(dict)
        self.whole: dict[ControlId, float] = defaultdict(float)
        self.threats: dict[ControlId, dict[ThreatId, None]] = defaultdict(dict)
        for each in profile.required:
            self.worth[each.component][each.control] = 0.0
        shares = {each.id: [(link.control, 1 - effect(link).factor) for link in each.controls] for each in catalogs.threats}
        bearers = bearers_of(cpim)
        for risk in profile.risks:
            for control in self._bear(risk, bearers[risk.component], shares[risk.threat]):
                self.threats[control].setdefault(risk.threat)

    def _bear(self, risk: Risk, bearers: list[ComponentId], shares: list[tuple[ControlId, float]]) -> Iterator[ControlId]:
        """Count one risk at those who bear it, and once for the whole; yield the controls that somebody is asked for."""
        score, asked = risk.rating.score, [self.worth[each] for each in bearers]
        for control, share in shares:
            mine = [each for each in asked if control in each]
            for each in mine:
                each[control] += score * share
            if mine:
                self.whole[control] += score * share
                yield control


def _ranked(component: ComponentId | None, worth: float, threats: tuple[ThreatId, ...], required: list[Required]) -> Ranked:
    return Ranked(
        component=component,
        control=required[0].control,
        worth=round(worth, 1),
        score=max(each.score for each in required),
        threats=threats,
        wanted=any(each.wanted for each in required),
        policy=any(each.policy for each in required),
        components=tuple(each.component for each in required),
    )


def _worst(each: Ranked) -> tuple[float, int, tuple[str, int, int]]:
    return -each.worth, -each.score, control_key(each.control)
