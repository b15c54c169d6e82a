"""Remedies: for a missing control the smallest changes that would grant it, each tried by the rules on the part it affects."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product

from musa_pipeline.composition.build import COMPUTE, Claims, offered, said_by
from musa_pipeline.composition.changes import AddAgent, AskService, Implement, Move, Option
from musa_pipeline.composition.culprits import MOST, culprits_of
from musa_pipeline.composition.fitting import Fitting
from musa_pipeline.composition.ledger import Ledger
from musa_pipeline.composition.rules import Shield, Types, local, protection
from musa_pipeline.domain.answers import Answers, Grant
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, OfferingId
from musa_pipeline.domain.offering import Evidence, Offering
from musa_pipeline.domain.places import expand
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.domain.settings import SelectionSettings

KEPT = 3
"""Remedies told for a gap."""
TRIED = 12
"""Offerings tried for a unit, cheapest first; so the work for a gap is bounded."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a component would stand on after some changes, for one control."""

    types: Types
    own: int
    given: int
    shields: tuple[Shield, ...] = field(default=())

    @property
    def granted(self) -> int:
        return local(self.types, self.own, self.given, protection(self.shields, self.types.hybrid))


class Remedies:
    """Searches over one ledger."""

    def __init__(
        self, ledger: Ledger, cpim: Cpim, selection: Selection, answers: Answers, evidence: Evidence, settings: SelectionSettings
    ) -> None:
        self._ledger, self._settings, self._evidence = ledger, settings, evidence
        catalogs = ledger.catalogs
        self._claims: Claims = said_by(answers)
        self._placement: dict[ComponentId, Placement] = {
            member: each for each in selection.placements for member in (*each.members, each.unit)
        }
        self._beside = {(each.component, each.agent) for each in selection.agents}
        self._fitting = Fitting((each.id, each.protects) for each in catalogs.agents)
        self._granting: dict[ControlId, list[AgentId]] = defaultdict(list)
        for agent in sorted(catalogs.agents, key=lambda each: (each.price, each.id)):
            for grant in agent.grants:
                self._granting[grant.control].append(agent.id)
        self._agent_mask = {each.id: ledger.universe.mask(one.control for one in each.grants) for each in catalogs.agents}
        self._providing: dict[ControlId, list[Offering]] = defaultdict(list)
        for offering in sorted(catalogs.offerings, key=lambda each: (each.price, each.id)):
            for control in {each.control for each in offering.provided if each.evidence >= evidence}:
                self._providing[control].append(offering)
        self._configurable = {each.id: frozenset(one.control for one in each.configurable) for each in catalogs.offerings}
        self._bound = {member for group in (*cpim.apart, *cpim.together) for member in group}
        self._asked = 0
        for each in ledger.required:
            self._asked |= each
        self._moves: dict[tuple[ComponentId, OfferingId], int] = {}
        self._losing: dict[tuple[ComponentId, OfferingId], bool] = {}
        self._singles: dict[tuple[int, ControlId], tuple[Option, ...]] = {}

    def of(self, node: int, control: ControlId) -> tuple[Option, ...]:
        """Return the best few options, each of which grants the control to the component."""
        found = list(self._for_all(culprits_of(self._ledger, control).get(node, ()), control))
        ledger, bit = self._ledger, self._ledger.universe.bit[control]
        if ledger.universe.boundary & bit and node not in ledger.entries:
            entries = [each for each in ledger.entries if ledger.applies[each] & bit and not ledger.kept[each] & bit]
            culprits = {one for each in entries[:MOST] for one in culprits_of(ledger, control)[each]}
            if entries and len(entries) < MOST:
                found += self._for_all(tuple(sorted(culprits)), control)
        return tuple(sorted(dict.fromkeys(found), key=lambda each: each.key)[:KEPT])

    def _for_all(self, culprits: tuple[int, ...], control: ControlId) -> tuple[Option, ...]:
        """Return options that grant a control where each of these nodes stands."""
        if not culprits or len(culprits) >= MOST:
            return ()
        each = [self._local(culprit, control) for culprit in culprits]
        if len(each) == 1:
            return each[0]
        combined = {}
        for parts in product(*(options[:2] for options in each)):
            option = parts[0]
            for part in parts[1:]:
                option += part
            combined[frozenset(option.changes)] = option
        return tuple(combined.values())

    def _local(self, node: int, control: ControlId) -> tuple[Option, ...]:
        if (node, control) not in self._singles:
            self._singles[node, control] = tuple(sorted(self._options(node, control), key=lambda each: each.key)[:KEPT])
        return self._singles[node, control]

    def _options(self, node: int, control: ControlId) -> list[Option]:
        ledger, bit = self._ledger, self._ledger.universe.bit[control]
        found = ledger.nodes[node] if node < len(ledger.components) else None
        if found is None or not bit & ledger.universe.live:
            return []
        component = ledger.components[node]
        match component.role:
            case Role.EXTERNAL:
                words = f"show that {component.id} grants it (by its owner's SLA), and answer so"
                return [Option((Implement(control, component.id),), 0.0, (words,))]
            case Role.HOST:
                return []
        now = _Trial(ledger.types[node], ledger.own[node], ledger.given[node], tuple(ledger.shields(node)))
        agents = list(self._agents(component, control))
        moves = list(self._to_other_offerings(component, control))
        singles = [option for agent, option in agents if self._with_agent(now, agent).granted & bit]
        singles += [option for given, option in moves if self._moved(now, given).granted & bit]
        singles += [option for after, option in self._service(now, component, control) if after.granted & bit]
        if not singles:
            singles = [
                one + two
                for (agent, one), (given, two) in product(agents[:KEPT], moves[:KEPT])
                if self._with_agent(self._moved(now, given), agent).granted & bit
            ]
        if ledger.catalogs.control[control].type is not ControlType.COMMON:
            words = f"let {component.id} implement it, and answer so"
            after = _Trial(_as(now.types, bit, ControlType.SPECIFIC), now.own | bit, now.given, now.shields)
            singles += [Option((Implement(control, component.id),), 0.0, (words,))] * bool(after.granted & bit)
        return singles

    def _agents(self, component: Component, control: ControlId) -> Iterator[tuple[AgentId, Option]]:
        placement = self._placement.get(component.id)
        offering = self._ledger.catalogs.offering.get(placement.offering) if placement else None
        if offering and COMPUTE not in offering.kinds:
            return  # nothing of ours runs on a managed service
        fits = self._fitting.at(self._ledger.facts[component.id])
        for agent in self._granting.get(control, ()):
            if agent in fits and (component.id, agent) not in self._beside:
                price = self._ledger.catalogs.agent[agent].price
                yield agent, Option((AddAgent(agent, component.id),), price, (f"add agent {agent} before {component.id}",))

    def _with_agent(self, now: _Trial, agent: AgentId) -> _Trial:
        return _Trial(now.types, now.own, now.given, (*now.shields, Shield(self._agent_mask[agent], now.given)))

    def _moved(self, now: _Trial, given: int) -> _Trial:
        # agents stand on the same host, so they move along
        return _Trial(now.types, now.own, given, tuple(Shield(each.grants, given) for each in now.shields))

    def _service(self, now: _Trial, component: Component, control: ControlId) -> Iterator[tuple[_Trial, Option]]:
        """Return what answering that the service implements it would do, where the service offers it or lets it be configured."""
        bit = self._ledger.universe.bit[control]
        placement = self._placement.get(component.id)
        offering = self._ledger.catalogs.offering.get(placement.offering) if placement else None
        if offering is None:
            return
        after = _as(now.types, bit, ControlType.COMMON)
        if now.given & bit and now.types.hybrid & bit:
            words = f"answer that the service implements it for {component.id}: {offering.title} grants it"
        elif not now.given & bit and control in self._configurable[offering.id]:
            words = (
                f"take the duty to configure it at {offering.title}, and answer that the service implements it for {component.id}"
            )
        else:
            return
        yield _Trial(after, now.own, now.given | bit, now.shields), Option((AskService(control, component.id),), 0.0, (words,))

    def _to_other_offerings(self, component: Component, control: ControlId) -> Iterator[tuple[int, Option]]:
        placement = self._placement.get(component.id)
        now = self._ledger.catalogs.offering.get(placement.offering) if placement else None
        if (
            placement is None
            or now is None
            or self._ledger.given[self._ledger.number[component.id]] & self._ledger.universe.bit[control]
        ):
            return
        instances = self._instances(placement.unit)
        tried = (each for each in self._providing.get(control, ()) if each.id != now.id and self._fits(placement, now, each))
        kept = 0
        for offering in islice(tried, TRIED):
            if self._loses(placement, offering):
                continue
            provider = self._ledger.catalogs.provider.get(offering.provider)
            words = f"place {placement.unit} on {offering.title} ({provider.name if provider else offering.provider})"
            price = round((offering.price - now.price) * instances, 2)
            yield self._given(component, placement, offering), Option((Move(placement.unit, offering.id),), price, (words,))
            kept += 1
            if kept == KEPT:
                return

    def _instances(self, unit: ComponentId) -> int:
        node = self._ledger.number.get(unit)
        return self._ledger.components[node].instances if node is not None else 1

    def _fits(self, placement: Placement, now: Offering, other: Offering) -> bool:
        """Tell whether a unit may run on another offering: its kind, its size, where it may be, and who was ruled out."""
        node = self._ledger.number.get(placement.unit)
        if node is None or (COMPUTE in now.kinds) is not (COMPUTE in other.kinds):
            return False
        unit, settings = self._ledger.components[node], self._settings
        has, want = other.resources, unit.resources
        if COMPUTE not in other.kinds and unit.kind not in other.kinds:
            return False
        if has.cores < want.cores or has.memory < want.memory or (has.storage and has.storage < want.storage):
            return False
        if other.provider != now.provider and ({placement.unit, *placement.members} & self._bound):
            return False
        provider = self._ledger.catalogs.provider.get(other.provider)
        law = expand(settings.jurisdictions)
        if other.provider in settings.excluded or (law and (provider is None or provider.jurisdiction not in law)):
            return False
        bounds = [expand(each) for each in (settings.countries, *self._countries(placement)) if each]
        return any(all(region.country in each for each in bounds) for region in other.regions)

    def _countries(self, placement: Placement) -> Iterator[frozenset[str]]:
        for member in dict.fromkeys((placement.unit, *placement.members)):
            node = self._ledger.number.get(member)
            if node is not None:
                yield self._ledger.components[node].countries

    def _given(self, component: Component, placement: Placement, offering: Offering) -> int:
        """Return what a component would be given if its unit ran on another offering."""
        ledger = self._ledger
        between, node, seen = 0, ledger.number[component.id], set[int]()
        while below := [each for each in ledger.parents[node] if each < len(ledger.components) and each not in seen]:
            node = below[0]
            seen.add(node)
            between |= ledger.own[node]
        return between | self._offered(placement, offering)

    def _offered(self, placement: Placement, offering: Offering) -> int:
        key = (placement.unit, offering.id)
        if key not in self._moves:
            taken = frozenset(
                control
                for member in placement.members
                for control, by in self._claims.get(member, {}).items()
                if by is Grant.SERVICE
            )
            self._moves[key] = self._ledger.universe.mask(offered(offering, taken, self._evidence)) & self._ledger.universe.live
        return self._moves[key]

    def _loses(self, placement: Placement, offering: Offering) -> bool:
        """Tell whether a move would take from a component of the unit a control that anybody asks for."""
        key = (placement.unit, offering.id)
        if key not in self._losing:
            self._losing[key] = any(self._lost(member, placement, offering) for member in placement.members)
        return self._losing[key]

    def _lost(self, member: ComponentId, placement: Placement, offering: Offering) -> int:
        ledger, node = self._ledger, self._ledger.number.get(member)
        if node is None:
            return 0
        now = _Trial(ledger.types[node], ledger.own[node], ledger.given[node], tuple(ledger.shields(node)))
        after = self._moved(now, self._given(ledger.components[node], placement, offering))
        return ledger.local[node] & ledger.applies[node] & self._asked & ~after.granted


def _as(types: Types, bit: int, kind: ControlType) -> Types:
    """Return the types with one control judged otherwise."""
    return Types(
        types.specific | bit if kind is ControlType.SPECIFIC else types.specific & ~bit,
        types.common | bit if kind is ControlType.COMMON else types.common & ~bit,
        types.hybrid | bit if kind is ControlType.HYBRID else types.hybrid & ~bit,
    )
