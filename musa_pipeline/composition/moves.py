"""Other offerings that a unit could run on: those that fit, provide the control, and take nothing away that anybody asks for."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from musa_pipeline.composition.build import Claims, offered
from musa_pipeline.composition.changes import Move, Option
from musa_pipeline.composition.ledger import Ledger
from musa_pipeline.composition.trial import Trial
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.bounds import Joint, fits
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.ids import ComponentId, ControlId, OfferingId
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.offering import Evidence, Offering, provided
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.domain.settings import SelectionSettings

KEPT = 3
"""Offerings told for a unit and a control."""
TRIED = 12
"""Offerings tried for them, cheapest first: the work for a gap is bounded."""


class Moves:
    """The market as it is for units that are placed already; what was decided once is remembered."""

    def __init__(
        self, ledger: Ledger, cpim: Cpim, selection: Selection, claims: Claims, evidence: Evidence, settings: SelectionSettings
    ) -> None:
        self._ledger, self._claims, self._evidence, self._settings = ledger, claims, evidence, settings
        self._placement = {member: each for each in selection.placements for member in (*each.members, each.unit)}
        self._joint = Joint(cpim, selection.placements, selection.price, settings)
        self._countries = _countries(cpim, selection)
        self._providing: dict[ControlId, list[Offering]] = defaultdict(list)
        for offering in sorted(ledger.catalogs.offerings, key=lambda each: (each.price, each.id)):
            for control in provided(offering, evidence):
                self._providing[control].append(offering)
        self._asked = 0
        for each in ledger.required:
            self._asked |= each
        self._grants: dict[tuple[ComponentId, OfferingId], int] = {}
        self._losing: dict[tuple[ComponentId, OfferingId], bool] = {}
        self._between: dict[ComponentId, int] = {}
        self._fitting: dict[tuple[ComponentId, OfferingId], bool] = {}
        self._found: dict[tuple[ComponentId, ControlId], tuple[tuple[Offering, Option], ...]] = {}

    def offering_of(self, component: ComponentId) -> Offering | None:
        """Return what a component runs on."""
        placement = self._placement.get(component)
        return self._ledger.catalogs.offering.get(placement.offering) if placement else None

    def copies(self, component: ComponentId) -> int:
        """Return on how many machines or services alike a component runs."""
        placement = self._placement.get(component)
        return placement.copies if placement else 1

    def of(self, component: Component, control: ControlId) -> Iterator[tuple[int, Option]]:
        """Return a few moves of a component's unit by price, with what its host would grant it there."""
        placement, now = self._placement.get(component.id), self.offering_of(component.id)
        if placement is None or now is None:
            return
        for offering, option in self._from(placement, now, control):
            yield self._given(component.id, placement, offering), option

    def _from(self, placement: Placement, now: Offering, control: ControlId) -> tuple[tuple[Offering, Option], ...]:
        """Return the moves of a unit, found once for all that runs on it."""
        key = (placement.unit, control)
        if key not in self._found:
            others = (each for each in self._providing.get(control, ()) if each.id != now.id)
            fitting = (each for each in others if self._fits(placement, now, each))
            harmless = (each for each in islice(fitting, TRIED) if not self._loses(placement, each))
            self._found[key] = tuple((each, self._option(placement, now, each)) for each in islice(harmless, KEPT))
        return self._found[key]

    def _option(self, placement: Placement, now: Offering, offering: Offering) -> Option:
        provider = self._ledger.catalogs.provider.get(offering.provider)
        words = f"place {placement.unit} on {offering.title} ({provider.name if provider else offering.provider})"
        price = round((offering.price - now.price) * placement.copies, 2)
        return Option((Move(placement.unit, offering.id),), price, (words,))

    def _fits(self, placement: Placement, now: Offering, other: Offering) -> bool:
        key = (placement.unit, other.id)
        if key not in self._fitting:
            self._fitting[key] = self._may_run(placement, now, other)
        return self._fitting[key]

    def _may_run(self, placement: Placement, now: Offering, other: Offering) -> bool:
        """Tell whether the next choice may put a unit on another offering: by its own bounds, and by those of the whole."""
        node, provider = self._ledger.number.get(placement.unit), self._ledger.catalogs.provider.get(other.provider)
        if node is None or provider is None or (COMPUTE in now.kinds) is not (COMPUTE in other.kinds):
            return False  # what leaves its machine for a managed service, or comes from one, is no small change
        unit, countries = self._ledger.components[node], self._countries[placement.unit]
        here = (fits(unit, unit.resources, countries, other, each, provider, self._settings) for each in other.regions)
        return any(here) and self.allows(self._option(placement, now, other))

    def allows(self, option: Option) -> bool:
        """Tell whether the whole choice may be so: money, the number of providers, what must be apart or together."""
        offering = self._ledger.catalogs.offering
        moved = {each.unit: offering[each.offering].provider for each in option.changes if isinstance(each, Move)}
        return self._joint.allows(moved, option.price)

    def _given(self, component: ComponentId, placement: Placement, offering: Offering) -> int:
        """Return what a component would be given if its unit ran on another offering: that, and what hosts between grant."""
        if component not in self._between:
            self._between[component] = self._hosts_between(component)
        return self._between[component] | self._offered(placement, offering)

    def _hosts_between(self, component: ComponentId) -> int:
        ledger, found = self._ledger, 0
        node, seen = ledger.number[component], set[int]()
        while below := [each for each in ledger.parents[node] if each < len(ledger.components) and each not in seen]:
            node = below[0]
            seen.add(node)
            found |= ledger.own[node]
        return found

    def _offered(self, placement: Placement, offering: Offering) -> int:
        key = (placement.unit, offering.id)
        if key not in self._grants:
            taken = frozenset(
                control
                for member in placement.members
                for control, by in self._claims.get(member, {}).items()
                if by is Grant.SERVICE
            )
            grants = offered(offering, taken, self._evidence)
            self._grants[key] = self._ledger.universe.mask(grants) & self._ledger.universe.live
        return self._grants[key]

    def _loses(self, placement: Placement, offering: Offering) -> bool:
        """Tell whether a move would take from anything on the unit a control that somebody asks for."""
        key = (placement.unit, offering.id)
        if key not in self._losing:
            residents = dict.fromkeys((placement.unit, *placement.members))
            self._losing[key] = any(self._lost(each, placement, offering) for each in residents)
        return self._losing[key]

    def _lost(self, resident: ComponentId, placement: Placement, offering: Offering) -> int:
        ledger, node = self._ledger, self._ledger.number.get(resident)
        if node is None:
            return 0
        given = self._given(resident, placement, offering)
        deployed = ledger.components[node].role is Role.COMPONENT
        after = Trial.now(ledger, node).moved(given).granted if deployed else ledger.own[node] | given
        return ledger.local[node] & self._asked & ~after


def _countries(cpim: Cpim, selection: Selection) -> dict[ComponentId, tuple[frozenset[str], ...]]:
    """Return for each unit the countries where it and all that stands on it may be, each a bound by itself."""
    units = {each.unit for each in selection.placements}
    components = {each.id: each for each in cpim.components}
    found: dict[ComponentId, dict[frozenset[str], None]] = {each: {} for each in units}
    for component in cpim.components:
        at, seen = component, {component.id}
        while at.id not in units and at.host in components and at.host not in seen and at.host is not None:
            at = components[at.host]
            seen.add(at.id)
        if at.id in units and component.countries:
            found[at.id][component.countries] = None
    return {unit: tuple(each) for unit, each in found.items()}
