"""From rated risks and the model's own wishes to the controls that components are required to be granted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.control import Control
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.risk import OfOrganisation, Required, Risk
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.domain.threat import ControlLink, Threat

EXPLICIT = 9
"""The score of a control that the model asks for by name: the user's word weighs as the worst risk."""


def requires(link: ControlLink, control: Control, score: int) -> bool:
    """Tell whether a risk of this score requires a control: from the link's minimum, else the control's own by baseline."""
    minimum = link.minimum if link.minimum is not None else control.minimum_risk
    return minimum is not None and score >= minimum


def required_of(
    cpim: Cpim, risks: list[Risk], facts: Mapping[ComponentId, Facts], catalogs: Catalogs
) -> tuple[tuple[Required, ...], tuple[OfOrganisation, ...]]:
    """Return what components are required to be granted, and what their risks call for that only an organisation implements.

    No risk asks for a control of a component to which its scope does not apply. The user's word is not weighed: what the
    model asks of a component by name is required of it, whatever its level and scope.
    """
    senseless = Senseless(facts, catalogs)
    bearers, borne = bearers_of(cpim), catalogs.borne
    found, beyond = _Called(), _Called()
    wanted: dict[tuple[ComponentId, ControlId], Span] = {}
    answering: dict[tuple[ThreatId, int], list[ControlId]] = {}
    for component in cpim.components:
        for wish in component.wanted:
            for bearer in bearers[component.id]:
                wanted.setdefault((bearer, wish.control), wish.at)
    for risk in risks:
        score = risk.rating.score
        if (risk.threat, score) not in answering:
            answering[risk.threat, score] = list(_answering(catalogs.threat[risk.threat], score, catalogs))
        for bearer in bearers[risk.component]:
            beside = senseless.at(bearer)
            for control in answering[risk.threat, score]:
                if control in beside and (bearer, control) not in wanted:
                    continue
                mine = control in borne or (bearer, control) in wanted
                (found if mine else beyond).add(bearer, control, score, risk.threat)
    found.scores.update(dict.fromkeys(wanted, EXPLICIT))
    required = tuple(
        Required(
            component=key[0],
            control=key[1],
            score=found.scores[key],
            threats=tuple(sorted(found.threats.get(key, ()))),
            wanted=wanted.get(key, NOWHERE),
        )
        for key in sorted(found.scores, key=lambda each: (each[0], control_key(each[1])))
    )
    return required, tuple(beyond.by_control())


class Senseless:
    """The controls that make no sense at a component, by their scopes; components of the same facts share one answer."""

    def __init__(self, facts: Mapping[ComponentId, Facts], catalogs: Catalogs) -> None:
        self._facts, self._scopes = facts, catalogs.scopes
        self._of: dict[ComponentId, frozenset[ControlId]] = {}
        self._like: dict[object, frozenset[ControlId]] = {}

    def at(self, component: ComponentId) -> frozenset[ControlId]:
        if component not in self._of:
            facts = self._facts[component]
            same = frozenset(facts.items())
            if same not in self._like:
                outside = (each.controls for each in self._scopes if not holds(each.applies, facts))
                self._like[same] = frozenset(control for controls in outside for control in controls)
            self._of[component] = self._like[same]
        return self._of[component]


class _Called:
    """What risks call for: the worst score and the threats of each control at each component."""

    def __init__(self) -> None:
        self.scores: dict[tuple[ComponentId, ControlId], int] = defaultdict(int)
        self.threats: dict[tuple[ComponentId, ControlId], set[ThreatId]] = defaultdict(set)

    def add(self, component: ComponentId, control: ControlId, score: int, threat: ThreatId) -> None:
        key = component, control
        self.scores[key] = max(self.scores[key], score)
        self.threats[key].add(threat)

    def by_control(self) -> Iterator[OfOrganisation]:
        components: dict[ControlId, list[ComponentId]] = defaultdict(list)
        for component, control in self.scores:
            components[control].append(component)
        for control in sorted(components, key=control_key):
            keys = [(each, control) for each in components[control]]
            yield OfOrganisation(
                control=control,
                score=max(self.scores[key] for key in keys),
                threats=tuple(sorted({threat for key in keys for threat in self.threats[key]})),
                components=tuple(sorted(components[control])),
            )


def _answering(threat: Threat, score: int, catalogs: Catalogs) -> Iterator[ControlId]:
    """Return the controls that a risk of this threat with this score requires."""
    for link in threat.controls:
        control = catalogs.control.get(link.control)
        if control and not control.withdrawn and requires(link, control, score):
            yield link.control


def bearers_of(cpim: Cpim) -> dict[ComponentId, list[ComponentId]]:
    """Return, for each node, the components that bear its requirements: itself, or what runs on a machine."""
    host = {each.id: each.host for each in cpim.components}
    on: dict[ComponentId, list[ComponentId]] = defaultdict(list)
    for component in cpim.components:
        if component.role is Role.COMPONENT:
            on[component.id].append(component.id)
            for machine in _machines(component, host):
                on[machine].append(component.id)
    roles = {each.id: each.role for each in cpim.components}
    return {each: on[each] if roles[each] is Role.HOST else [each] if roles[each] is Role.COMPONENT else [] for each in host}


def _machines(component: Component, host: dict[ComponentId, ComponentId | None]) -> Iterator[ComponentId]:
    below, seen = component.host, {component.id}
    while below and below not in seen:
        yield below
        seen.add(below)
        below = host.get(below)
