"""What a choice may be: where one thing may run, and what binds the choices of all things together."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from musa_pipeline.domain.cpim import Component, Cpim, Resources, Role
from musa_pipeline.domain.ids import ComponentId, ProviderId
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.offering import Offering, Provider, Region
from musa_pipeline.domain.places import expand
from musa_pipeline.domain.selection import Placement
from musa_pipeline.domain.settings import SelectionSettings


def fits(
    node: Component,
    resources: Resources,
    countries: Iterable[Collection[str]],
    offering: Offering,
    region: Region,
    provider: Provider,
    settings: SelectionSettings,
) -> bool:
    """Tell whether a node may run on an offering in a region: its kind, its size, where it may be, and who was ruled out.

    `countries`: those of the node and of all that runs on it, each a bound by itself; an empty one allows any.
    """
    law = expand(settings.jurisdictions)
    bounds = [expand(each) for each in (settings.countries, *countries) if each]
    return (
        (COMPUTE in offering.kinds or (node.role is not Role.HOST and node.kind in offering.kinds))
        and large_enough(resources, offering.resources)
        and offering.provider not in settings.excluded
        and (not law or provider.jurisdiction in law)
        and all(region.country in each for each in bounds)
    )


def large_enough(want: Resources, has: Resources) -> bool:
    """Tell whether an offering has what is asked for; storage 0 rules none out: block storage is added by size."""
    return has.cores >= want.cores and has.memory >= want.memory and (not has.storage or has.storage >= want.storage)


class Joint:
    """What binds one whole choice together: money, the number of providers, and what must be apart or together."""

    def __init__(self, cpim: Cpim, placements: Sequence[Placement], price: float, settings: SelectionSettings) -> None:
        self._settings, self._price = settings, price
        self._provider = {each.unit: each.provider for each in placements}
        self._used = Counter(self._provider.values())
        unit_of = {member: each.unit for each in placements for member in (*each.members, each.unit)}
        self._apart: dict[ComponentId, list[tuple[ComponentId, ...]]] = defaultdict(list)
        self._together: dict[ComponentId, list[tuple[ComponentId, ...]]] = defaultdict(list)
        for groups, found in ((cpim.apart, self._apart), (cpim.together, self._together)):
            for group in groups:
                units = tuple(sorted(unit_of[each] for each in group if each in unit_of))
                for unit in dict.fromkeys(units):
                    found[unit].append(units)

    def allows(self, moved: Mapping[ComponentId, ProviderId], price: float) -> bool:
        """Tell whether the choice may be so: some units at other providers, for so much more EUR a month than now.

        What is over the budget already is not made worse.
        """
        budget = self._settings.budget
        if budget is not None and price > 0 and round((self._price + price) * 100) > round(budget * 100):
            return False
        elsewhere = {unit: provider for unit, provider in moved.items() if self._provider.get(unit) != provider}
        return not elsewhere or (self._counted(elsewhere) and all(self._grouped(unit, elsewhere) for unit in elsewhere))

    def _counted(self, moved: Mapping[ComponentId, ProviderId]) -> bool:
        most, least = self._settings.providers_at_most, self._settings.providers_at_least
        if most is None and least is None:
            return True
        used = self._used - Counter(self._provider[each] for each in moved if each in self._provider)
        count = len(used + Counter(moved.values()))
        return (most is None or count <= most) and (least is None or count >= least)

    def _grouped(self, unit: ComponentId, moved: Mapping[ComponentId, ProviderId]) -> bool:
        def at(units: tuple[ComponentId, ...]) -> list[ProviderId]:
            return [moved.get(each, self._provider[each]) for each in units]

        apart = all(len(set(found)) == len(found) for found in map(at, self._apart.get(unit, ())))
        return apart and all(len(set(at(each))) == 1 for each in self._together.get(unit, ()))
