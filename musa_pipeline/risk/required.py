"""From rated risks and the model's own wishes to the controls that components are required to be granted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.control import Control
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.profile import Addition
from musa_pipeline.domain.risk import OfOrganisation, Required, Risk
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.domain.threat import ControlLink, Threat
from musa_pipeline.risk.tailor import UNTAILORED, Tailoring

EXPLICIT = 9
"""The score of a control that the model asks for by name: the user's word weighs as the worst risk."""


def requires(link: ControlLink, control: Control, score: int) -> bool:
    """Tell whether a risk of this score requires a control: from the link's minimum, else the control's own by baseline."""
    return UNTAILORED.requires(link, control, score)


def required_of(
    cpim: Cpim,
    risks: list[Risk],
    facts: Mapping[ComponentId, Facts],
    catalogs: Catalogs,
    tailoring: Tailoring = UNTAILORED,
    chosen: Mapping[ComponentId, frozenset[ControlId]] | None = None,
) -> tuple[tuple[Required, ...], tuple[OfOrganisation, ...]]:
    """Return what components are required to be granted, and what is called for that only an organisation implements.

    By risk: what the tailoring requires from the risks' scores, or, if `chosen` is given, what that has for each component.
    By policy: what the tailoring adds. Neither asks for a control of a component to which its scope does not apply. The user's
    word is not weighed: what the model asks of a component by name is required of it, whatever its level, scope and policy.
    """
    asked = Asked(cpim, facts, catalogs, tailoring)
    found, beyond = _Called(), _Called()
    answering: dict[tuple[ThreatId, int], list[tuple[ControlId, bool, bool]]] = {}
    for risk in risks:
        score = risk.rating.score
        if (risk.threat, score) not in answering:
            answering[risk.threat, score] = list(_answering(catalogs.threat[risk.threat], score, catalogs, tailoring))
        for bearer in asked.bearers[risk.component]:
            beside = asked.senseless.at(bearer)
            for control, called, by_policy in answering[risk.threat, score]:
                key = bearer, control
                if control in beside and key not in asked.wanted:
                    continue
                mine = control in catalogs.borne or key in asked.wanted
                if mine and chosen is not None:
                    called, by_policy = control in chosen.get(bearer, ()), False
                if called:
                    (found if mine else beyond).add(bearer, control, score, risk.threat, by_policy=by_policy)
    found.scores.update(dict.fromkeys((*asked.policy, *asked.wanted), EXPLICIT))
    beyond.scores.update(dict.fromkeys(asked.beyond, EXPLICIT))
    return tuple(_required(found, asked, tailoring)), tuple(beyond.by_control())


def _required(found: "_Called", asked: "Asked", tailoring: Tailoring) -> Iterator[Required]:
    for key in sorted(found.scores, key=lambda each: (each[0], control_key(each[1]))):
        because, policy = "", NOWHERE
        if key in asked.policy:
            because, policy = asked.policy[key].because, asked.policy[key].at
        elif key in found.by_policy and key not in found.by_risk:
            because, policy = tailoring.policy(key[1])
        yield Required(
            component=key[0],
            control=key[1],
            score=found.scores[key],
            threats=tuple(sorted(found.threats.get(key, ()))),
            wanted=asked.wanted.get(key, NOWHERE),
            because=because,
            policy=policy,
        )


class Asked:
    """What is asked whatever the risk: by name in the model (`wanted`), by policy, and by policy of the organisation (`beyond`)."""

    def __init__(self, cpim: Cpim, facts: Mapping[ComponentId, Facts], catalogs: Catalogs, tailoring: Tailoring) -> None:
        self.bearers, self.senseless = bearers_of(cpim), Senseless(facts, catalogs)
        self.wanted: dict[tuple[ComponentId, ControlId], Span] = {}
        self.policy: dict[tuple[ComponentId, ControlId], Addition] = {}
        self.beyond: dict[tuple[ComponentId, ControlId], Addition] = {}
        like: dict[object, list[Addition]] = {}
        added = [each for control, each in tailoring.add.items() if _in_force(control, catalogs)]
        for component in cpim.components:
            for wish in component.wanted:
                for bearer in self.bearers[component.id]:
                    self.wanted.setdefault((bearer, wish.control), wish.at)
            same = frozenset(facts[component.id].items()) if added else None
            if same not in like:
                like[same] = [each for each in added if holds(each.applies, facts[component.id])]
            for bearer in self.bearers[component.id] if like[same] else ():
                beside = self.senseless.at(bearer)
                for each in like[same]:
                    if each.control not in beside:
                        mine = self.policy if each.control in catalogs.borne else self.beyond
                        mine.setdefault((bearer, each.control), each)

    def of(self, component: ComponentId) -> frozenset[ControlId]:
        """Return the controls that are asked of one component by name or by policy."""
        return self._of.get(component, frozenset())

    @cached_property
    def _of(self) -> dict[ComponentId, frozenset[ControlId]]:
        found: dict[ComponentId, set[ControlId]] = defaultdict(set)
        for component, control in (*self.wanted, *self.policy):
            found[component].add(control)
        return {component: frozenset(controls) for component, controls in found.items()}


def _in_force(control: ControlId, catalogs: Catalogs) -> bool:
    known = catalogs.control.get(control)
    return known is not None and not known.withdrawn


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
    """What risks call for: the worst score and the threats of each control at each component, and whether policy makes them."""

    def __init__(self) -> None:
        self.scores: dict[tuple[ComponentId, ControlId], int] = defaultdict(int)
        self.threats: dict[tuple[ComponentId, ControlId], set[ThreatId]] = defaultdict(set)
        self.by_policy: set[tuple[ComponentId, ControlId]] = set()
        self.by_risk: set[tuple[ComponentId, ControlId]] = set()

    def add(self, component: ComponentId, control: ControlId, score: int, threat: ThreatId, *, by_policy: bool) -> None:
        key = component, control
        self.scores[key] = max(self.scores[key], score)
        self.threats[key].add(threat)
        (self.by_policy if by_policy else self.by_risk).add(key)

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


def _answering(threat: Threat, score: int, catalogs: Catalogs, tailoring: Tailoring) -> Iterator[tuple[ControlId, bool, bool]]:
    """Yield the controls that answer a threat: whether a risk of this score requires it, and whether only by policy."""
    for link in threat.controls:
        control = catalogs.control.get(link.control)
        if control and not control.withdrawn:
            called = tailoring.requires(link, control, score)
            yield link.control, called, called and not requires(link, control, score)


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
