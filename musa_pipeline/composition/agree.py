"""The Security SLAs: of each component, what is required and granted; of the application, what holds for all of it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

from musa_pipeline.composition.ledger import Ledger, ledger_of
from musa_pipeline.composition.promises import Promises
from musa_pipeline.composition.witness import Witness
from musa_pipeline.domain.agreement import Member, Resource, Sla, Slat, SlaTerm, SlatTerm, ThreatNote
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition, Outcome
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.metric import Weight
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.selection import Placement, Selection

Whole: TypeAlias = Callable[[tuple[Member, ...]], Sla]
"""The application's SLA, once its members' documents are known."""


def agree(
    cpim: Cpim,
    profile: RiskProfile,
    slats: Sequence[Slat],
    selection: Selection,
    macm: Macm,
    composition: Composition,
    catalogs: Catalogs,
) -> tuple[tuple[Sla, ...], Whole]:
    """Return the SLA of each component, by component, and the application's as a function of its members."""
    ledger = ledger_of(macm, cpim, slats, catalogs)
    author = _Author(ledger, selection, composition)
    parts = tuple(author.component(each) for each in sorted(slats, key=lambda one: one.component))
    notes = _worst(profile, catalogs)

    def whole(members: tuple[Member, ...] = ()) -> Sla:
        return Sla(
            id=cpim.name,
            application=cpim.name,
            name=cpim.name,
            framework=catalogs.controls.id,
            terms=_application_terms(composition, parts, slats, catalogs),
            slos=tuple(each.slo for each in composition.slos),
            threats=notes,
            resources=_resources(selection.placements, ledger),
            members=members,
        )

    return parts, whole


class _Author:
    """Writes component SLAs over one ledger."""

    def __init__(self, ledger: Ledger, selection: Selection, composition: Composition) -> None:
        self._ledger = ledger
        self._witness = Witness(ledger, selection)
        self._promises = Promises(ledger)
        self._granted = {each.component: frozenset(each.granted) for each in composition.components}
        self._placement = {member: each for each in selection.placements for member in each.members}

    def component(self, slat: Slat) -> Sla:
        granted = self._granted.get(slat.component, frozenset())
        placement = self._placement.get(slat.component)
        return Sla(
            id=slat.id,
            application=slat.application,
            name=slat.name,
            framework=slat.framework,
            terms=tuple(self._term(slat.component, each) for each in slat.terms if each.control in granted),
            component=slat.component,
            kind=slat.kind,
            slos=self._promises.of(slat),
            threats=slat.threats,
            resources=_resources((placement,) if placement else (), self._ledger),
        )

    def _term(self, component: ComponentId, term: SlatTerm) -> SlaTerm:
        rule, names = self._by(self._ledger.number[component], term.control)
        return SlaTerm(control=term.control, title=term.title, weight=term.weight, rule=rule, granted_by=names)

    def _by(self, node: int, control: ControlId) -> tuple[str, tuple[str, ...]]:
        """Return the rule by which a component is granted a control, and who grants it."""
        ledger, bit = self._ledger, self._ledger.universe.bit[control]
        if not ledger.kept[node] & bit:
            return "boundary", tuple(self._witness.name(each) for each in ledger.entries if ledger.kept[each] & bit)
        types = ledger.types[node]
        rule = "specific" if types.specific & bit else "common" if types.common & bit else "hybrid"
        names = []
        if not types.common & bit and ledger.own[node] & bit:
            names.append(self._witness.name(node))
        names += self._witness.agent_names(node, control)
        if not types.specific & bit and ledger.given[node] & bit:
            names += self._witness.host_names(node, control)
        return f"{rule}, travels" if ledger.universe.travels & bit else rule, tuple(dict.fromkeys(names))


def _application_terms(
    composition: Composition, parts: Sequence[Sla], slats: Sequence[Slat], catalogs: Catalogs
) -> tuple[SlaTerm, ...]:
    """Return the controls that somebody requires and the whole application promises."""
    by: dict[ControlId, dict[str, None]] = defaultdict(dict)
    for part in parts:
        for term in part.terms:
            by[term.control].update(dict.fromkeys(term.granted_by))
    weights: dict[ControlId, Weight] = {}
    order = list(Weight)
    for slat in slats:
        for asked in slat.terms:
            weights[asked.control] = max(weights.get(asked.control, Weight.LOW), asked.weight, key=order.index)
    return tuple(
        _application_term(each, weights[each.control], tuple(sorted(by[each.control])), catalogs)
        for each in composition.outcomes
        if each.promised and each.control in weights
    )


def _application_term(outcome: Outcome, weight: Weight, by: tuple[str, ...], catalogs: Catalogs) -> SlaTerm:
    return SlaTerm(
        control=outcome.control,
        title=catalogs.control[outcome.control].title,
        weight=weight,
        rule="boundary" if outcome.boundary else "application",
        granted_by=by,
        granted_for=outcome.granted_for,
        not_applicable=outcome.not_applicable,
    )


def _worst(profile: RiskProfile, catalogs: Catalogs) -> tuple[ThreatNote, ...]:
    """Return each threat of the application with its worst rating, worst first."""
    worst: dict[ThreatId, ThreatNote] = {}
    for risk in profile.risks:
        known = worst.get(risk.threat)
        if known is None or risk.rating.score > known.rating.score:
            threat = catalogs.threat.get(risk.threat)
            worst[risk.threat] = ThreatNote(
                threat=risk.threat,
                title=threat.title if threat else "",
                stride=risk.stride,
                rating=risk.rating,
                source=str(threat.sources[0]) if threat and threat.sources else "",
            )
    return tuple(sorted(worst.values(), key=lambda each: (-each.rating.score, each.threat)))


def _resources(placements: Sequence[Placement], ledger: Ledger) -> tuple[Resource, ...]:
    """Return where things run, each offering in each region once."""
    found = {}
    for placement in placements:
        offering = ledger.catalogs.offering.get(placement.offering)
        node = ledger.number.get(placement.unit)
        system = ledger.components[node].resources.os if node is not None else ""
        resource = Resource(
            provider=placement.provider,
            offering=placement.offering,
            zone=placement.region,
            title=offering.title if offering else placement.offering,
            os=system or (offering.resources.os if offering else ""),
        )
        found[resource.provider, resource.offering, resource.zone, resource.os] = resource
    return tuple(found[each] for each in sorted(found))
