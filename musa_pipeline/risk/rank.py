"""Which of the required controls answer most: the order in which they are worth doing."""

from collections import defaultdict
from dataclasses import dataclass

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.risk.required import bearers_of
from musa_pipeline.risk.residual import effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A control that is required of a component, or of the application (None), and what it answers there, worst risk first.

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
    required = {(each.component, each.control): each for each in profile.required}
    bearers = bearers_of(cpim)
    worth: dict[tuple[ComponentId | None, ControlId], float] = defaultdict(float)
    threats: dict[tuple[ComponentId | None, ControlId], dict[ThreatId, None]] = defaultdict(dict)
    shares = {each.id: [(link.control, 1 - effect(link).factor) for link in each.controls] for each in catalogs.threats}
    for risk in profile.risks:
        for control, share in shares[risk.threat]:
            asking = [each for each in bearers[risk.component] if (each, control) in required]
            for component in (*asking, *((None,) if asking else ())):
                worth[component, control] += risk.rating.score * share
                threats[component, control].setdefault(risk.threat)
    by_control: dict[tuple[ComponentId | None, ControlId], list[ComponentId]] = defaultdict(list)
    for component, control in required:
        by_control[component, control].append(component)
        by_control[None, control].append(component)
    found: dict[ComponentId | None, list[Ranked]] = defaultdict(list)
    for key, components in by_control.items():
        asked = [required[each, key[1]] for each in components]
        found[key[0]].append(
            Ranked(
                component=key[0],
                control=key[1],
                worth=round(worth[key], 1),
                score=max(each.score for each in asked),
                threats=tuple(threats[key]),
                wanted=any(each.wanted for each in asked),
                policy=any(each.policy for each in asked),
                components=tuple(sorted(components)),
            )
        )
    return {component: tuple(sorted(controls, key=_worst)) for component, controls in found.items()}


def _worst(each: Ranked) -> tuple[float, int, tuple[str, int, int]]:
    return -each.worth, -each.score, control_key(each.control)
