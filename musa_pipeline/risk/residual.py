"""What granted controls leave of each risk: every one multiplies likelihood or impact, and the same matrix rates what is left.

The product is a convention of the ordinal scale, not a measurement (docs/risk.md says why it was chosen).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from math import prod
from types import MappingProxyType
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.residual import AggregateRisk, Effect, ResidualProfile, ResidualRisk, State, Tally
from musa_pipeline.domain.risk import Rating, Risk, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import ControlLink, Lowers, Strength, Threat
from musa_pipeline.risk.owasp import rate
from musa_pipeline.risk.required import bearers_of

LEAVES: Final = MappingProxyType({Strength.STRONG: 0.5, Strength.PARTIAL: 0.8})
"""What a control of a strength leaves of the likelihood, or of the impact, of a threat that it answers."""
HOLDS: Final = ("data", "passes")
"""The exposures that name classes of data, by which a component has a bar of its own."""
UNDECIDED: Final[Mapping[str, State]] = MappingProxyType({})


def effect(link: ControlLink) -> Effect:
    """Return what a granted control does to the threat of this link; effects of several multiply, so their logarithms add.

    >>> effect(ControlLink(control=ControlId("SC-5"), strength=Strength.STRONG)).factor
    0.5
    """
    return Effect(on=link.lowers, factor=LEAVES[link.strength])


def left(risk: Risk, links: tuple[ControlLink, ...]) -> tuple[float, float]:
    """Return likelihood and impact 0..9, to two decimals, that these links leave of a risk."""
    on = {side: prod(each.factor for each in map(effect, links) if each.on is side) for side in Lowers}
    return round(risk.likelihood * on[Lowers.LIKELIHOOD], 2), round(risk.impact * on[Lowers.IMPACT], 2)


def with_machines(cpim: Cpim, granted: Mapping[ComponentId, frozenset[ControlId]]) -> dict[ComponentId, frozenset[ControlId]]:
    """Return what every node is granted: a machine what all that runs on it is granted, and nothing when nothing runs there."""
    nothing: frozenset[ControlId] = frozenset()
    found: dict[ComponentId, frozenset[ControlId]] = {}
    for name, bearers in bearers_of(cpim).items():
        sets = {granted.get(each, nothing) for each in bearers}
        found[name] = frozenset.intersection(*sets) if sets else nothing
    return found


def residual(
    profile: RiskProfile,
    granted: Mapping[ComponentId, frozenset[ControlId]],
    catalogs: Catalogs,
    settings: RiskSettings,
    decided: Mapping[str, State] = UNDECIDED,
) -> ResidualProfile:
    """Rate every risk again under the controls that its component is granted, and take them together.

    A risk over its bar has the state that `decided` says for its id, else it is open.
    """
    bars = bars_of(profile, settings)
    nothing: frozenset[ControlId] = frozenset()
    risks = [
        _left(each, catalogs.threat[each.threat], granted.get(each.component, nothing), bars[each.component], decided)
        for each in profile.risks
    ]
    risks.sort(key=lambda each: (-each.rating.score, -each.likelihood * each.impact, each.component, each.threat))
    by_component: dict[ComponentId, list[ResidualRisk]] = defaultdict(list)
    for each in risks:
        by_component[each.component].append(each)
    return ResidualProfile(
        application=profile.application,
        risks=tuple(risks),
        components=tuple(together(name, by_component[name]) for name in sorted(by_component)),
        whole=together(None, risks),
    )


def _left(risk: Risk, threat: Threat, granted: frozenset[ControlId], bar: Rating, decided: Mapping[str, State]) -> ResidualRisk:
    links = tuple(each for each in threat.controls if each.control in granted)
    likelihood, impact = left(risk, links)
    rating = rate(likelihood, impact)
    return ResidualRisk(
        component=risk.component,
        threat=risk.threat,
        inherent=risk.rating,
        likelihood=likelihood,
        impact=impact,
        rating=rating,
        lowered_by=tuple(each.control for each in links),
        appetite=bar,
        state=State.MITIGATED if rating.score <= bar.score else decided.get(risk.id, State.OPEN),
    )


def bars_of(profile: RiskProfile, settings: RiskSettings) -> dict[ComponentId, Rating]:
    """Return the bar of each component that has a risk: the lowest of the general one and those of the data it holds or passes."""
    by_class = {str(data): bar for data, bar in settings.appetite_by_data}
    bars = dict.fromkeys((each.component for each in profile.risks), settings.appetite)
    for each in profile.exposures:
        if each.fact in HOLDS and each.value in by_class and each.component in bars:
            bars[each.component] = min(bars[each.component], by_class[each.value], key=lambda bar: bar.score)
    return bars


def together(component: ComponentId | None, risks: list[ResidualRisk]) -> AggregateRisk:
    """Return risks as one: as bad as the worst of them, with how many of each rating; very low when there is none.

    Not their mean: a harmless risk beside a critical one makes it no better.
    """
    before, after = Counter(each.inherent for each in risks), Counter(each.rating for each in risks)
    over = [each for each in risks if each.over]
    return AggregateRisk(
        component=component,
        inherent=max(before, key=lambda each: each.score, default=Rating.VERY_LOW),
        residual=max(after, key=lambda each: each.score, default=Rating.VERY_LOW),
        tallies=tuple(Tally(rating=each, inherent=before[each], residual=after[each]) for each in reversed(Rating)),
        over=len(over),
        open=sum(each.state is State.OPEN for each in over),
    )
