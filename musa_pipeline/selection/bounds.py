"""The bounds on the choice, each as one requirement in the user's own words, so that a conflict can name them."""

from collections.abc import Callable
from dataclasses import dataclass

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.offering import Offering, Provider, Region
from musa_pipeline.domain.places import expand
from musa_pipeline.domain.settings import SelectionSettings
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.selection.units import Unit

SETTINGS = Span("musa.yaml")

Fits = Callable[[Offering, Region, Provider], bool]


@dataclass(frozen=True, slots=True)
class Bound:
    """One requirement. `fits` decides it for an offering and region, of every unit or of one; the others bind units together."""

    text: str
    at: Span
    fits: Fits | None = None
    unit: ComponentId | None = None
    budget: int | None = None
    measured: bool = False
    at_most: int | None = None
    at_least: int | None = None
    apart: frozenset[ComponentId] = frozenset()
    together: frozenset[ComponentId] = frozenset()

    @property
    def couples(self) -> bool:
        """Tell whether it binds the choice of one unit to that of another."""
        return self.fits is None and not self.measured

    def concerns(self, unit: ComponentId) -> bool:
        """Tell whether it can bear on one unit."""
        return unit in self.apart | self.together or not (self.apart or self.together)


def bounds_of(cpim: Cpim, units: tuple[Unit, ...], settings: SelectionSettings) -> tuple[Bound, ...]:
    """Return all bounds of a model and its settings, in a fixed order."""
    return (*_local(units, settings), *_joint(cpim, units, settings))


def _local(units: tuple[Unit, ...], settings: SelectionSettings) -> list[Bound]:
    found = [Bound("every service level that an agent can measure is measured", NOWHERE, measured=True)]
    if settings.jurisdictions:
        allowed = expand(settings.jurisdictions)
        found.append(
            Bound(
                f"selection.jurisdictions: providers under the law of {_words(settings.jurisdictions)}",
                SETTINGS,
                lambda _offering, _region, provider: provider.jurisdiction in allowed,
            )
        )
    if settings.countries:
        places = expand(settings.countries)
        found.append(
            Bound(
                f"selection.countries: regions in {_words(settings.countries)}",
                SETTINGS,
                lambda _offering, region, _provider: region.country in places,
            )
        )
    if settings.excluded:
        found.append(
            Bound(
                f"selection.providers.excluded: {_words(settings.excluded)}",
                SETTINGS,
                lambda offering, _region, _provider: offering.provider not in settings.excluded,
            )
        )
    found.extend(_country_bound(unit) for unit in units if unit.countries)
    found.extend(_size_bound(unit) for unit in units if unit.resources.cores or unit.resources.memory or unit.resources.storage)
    return found


def _words(values: frozenset[str] | frozenset[object]) -> str:
    return ", ".join(sorted(map(str, values)))


def _country_bound(unit: Unit) -> Bound:
    asked = _words(unit.node.countries) or "countries that its components allow"
    return Bound(
        f"{unit.node.name!r} must run in {asked}",
        unit.node.at,
        lambda _offering, region, _provider: region.country in unit.countries,
        unit.id,
    )


def _size_bound(unit: Unit) -> Bound:
    want = unit.resources
    parts = (
        [f"{want.cores} cores"] * bool(want.cores)
        + [f"{want.memory} MiB"] * bool(want.memory)
        + [f"{want.storage} GiB disk"] * bool(want.storage)
    )

    def fits(offering: Offering, _region: Region, _provider: Provider) -> bool:
        has = offering.resources
        enough = has.cores >= want.cores and has.memory >= want.memory
        # storage 0 in an offering: block storage is added by size, so it never rules one out
        return enough and (not has.storage or has.storage >= want.storage)

    return Bound(f"{unit.node.name!r} needs {', '.join(parts)}", unit.node.at, fits, unit.id)


def _joint(cpim: Cpim, units: tuple[Unit, ...], settings: SelectionSettings) -> list[Bound]:
    unit_of = {member: unit.id for unit in units for member in (*unit.members, unit.id)}
    found = []
    if settings.budget is not None:
        found.append(
            Bound(f"selection.budget: at most {settings.budget:g} EUR a month", SETTINGS, budget=round(settings.budget * 100))
        )
    if settings.providers_at_most is not None:
        found.append(
            Bound(f"selection.providers.at_most: {settings.providers_at_most}", SETTINGS, at_most=settings.providers_at_most)
        )
    if settings.providers_at_least is not None:
        found.append(
            Bound(f"selection.providers.at_least: {settings.providers_at_least}", SETTINGS, at_least=settings.providers_at_least)
        )
    for group in cpim.apart:
        placed = frozenset(unit_of[each] for each in group if each in unit_of)
        if len(placed) > 1 and len(placed) == sum(each in unit_of for each in group):
            found.append(Bound(f"{_words(group)} must be at different providers", cpim.at, apart=placed))
        elif len(placed) < sum(each in unit_of for each in group):
            found.append(
                Bound(
                    f"{_words(group)} must be at different providers, but share a machine",
                    cpim.at,
                    lambda _offering, _region, _provider: False,
                    min(placed),
                )
            )
    for group in cpim.together:
        placed = frozenset(unit_of[each] for each in group if each in unit_of)
        if len(placed) > 1:
            found.append(Bound(f"{_words(group)} must be at one provider", cpim.at, together=placed))
    return found
