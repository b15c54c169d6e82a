"""Where everything runs: machines for placements on compute, managed services for the others, and what stands on each."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Cpim, Resources, Role
from musa_pipeline.domain.ids import ComponentId, slug
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.plan import Managed
from musa_pipeline.domain.selection import Placement, Selection

RESERVED: Final = frozenset({"all", "ungrouped", "localhost"})
"""Names that mean something else to Ansible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One unit of the choice on compute: its machines (copies of one another) and the components on each of them."""

    placement: Placement
    machines: tuple[str, ...]
    members: tuple[Component, ...]
    resources: Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All places, sorted by unit, the place of each component, and the managed services by placement."""

    places: tuple[Place, ...]
    of: dict[ComponentId, Place]
    managed: tuple[tuple[Placement, Managed], ...]

    def machines(self, component: ComponentId) -> tuple[str, ...]:
        """Return the machines a component runs on; a managed or external one runs on none of ours."""
        place = self.of.get(component)
        return place.machines if place else ()


def place_all(cpim: Cpim, selection: Selection, catalogs: Catalogs) -> Places:
    """Return where each component of the choice runs."""
    components = {each.id: each for each in cpim.components}
    taken: set[str] = set()
    places: list[Place] = []
    managed: list[tuple[Placement, Managed]] = []
    for placement in sorted(selection.placements, key=lambda each: each.unit):
        members = _members(placement, components)
        if _is_compute(placement, catalogs):
            places.append(
                Place(
                    placement=placement,
                    machines=_names(placement.unit, placement.copies, taken),
                    members=members,
                    resources=_resources(placement, components, catalogs),
                )
            )
        else:
            managed.extend(
                (placement, Managed(component=each.id, offering=placement.offering, region=placement.region)) for each in members
            )
    of = {member.id: place for place in places for member in place.members}
    return Places(places=tuple(places), of=of, managed=tuple(managed))


def _members(placement: Placement, components: dict[ComponentId, Component]) -> tuple[Component, ...]:
    found = (components[each] for each in sorted({placement.unit, *placement.members}) if each in components)
    return tuple(each for each in found if each.role is Role.COMPONENT)


def _is_compute(placement: Placement, catalogs: Catalogs) -> bool:
    offering = catalogs.offering.get(placement.offering)
    return offering is None or COMPUTE in offering.kinds


def _names(unit: ComponentId, copies: int, taken: set[str]) -> tuple[str, ...]:
    """Return the names of the machines; a name that is taken, or means something to Ansible, gets a suffix."""
    base = slug(unit)
    wanted = [base] if copies <= 1 else [f"{base}-{number}" for number in range(1, copies + 1)]
    names = []
    for name in wanted:
        while name in taken or name in RESERVED:
            name += "-machine"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _resources(placement: Placement, components: dict[ComponentId, Component], catalogs: Catalogs) -> Resources:
    """Return what the model asks of the machine, and where it is silent what the offering has."""
    asked = components[placement.unit].resources if placement.unit in components else Resources()
    offering = catalogs.offering.get(placement.offering)
    has = offering.resources if offering else Resources()
    return Resources(
        cores=asked.cores or has.cores,
        memory=asked.memory or has.memory,
        storage=asked.storage or has.storage,
        os=asked.os or has.os,
    )


def users(cpim: Cpim) -> dict[ComponentId, tuple[ComponentId, ...]]:
    """Return for each component those that use it, sorted."""
    found: dict[ComponentId, set[ComponentId]] = defaultdict(set)
    for link in cpim.connections:
        if link.source != link.target:
            found[link.target].add(link.source)
    return {target: tuple(sorted(sources)) for target, sources in found.items()}


def in_order(cpim: Cpim, wanted: Iterable[ComponentId]) -> tuple[ComponentId, ...]:
    """Return components so that what is used, and what hosts, comes first; a cycle is entered at its first name."""
    before: dict[ComponentId, set[ComponentId]] = defaultdict(set)
    for link in cpim.connections:
        before[link.source].add(link.target)
    for each in cpim.components:
        if each.host is not None:
            before[each.id].add(each.host)
    done: dict[ComponentId, None] = {}
    seen: set[ComponentId] = set()
    for start in sorted(wanted):
        _visit(start, before, seen, done)
    keep = set(wanted)
    return tuple(each for each in done if each in keep)


def _visit(
    start: ComponentId, before: dict[ComponentId, set[ComponentId]], seen: set[ComponentId], done: dict[ComponentId, None]
) -> None:
    """Add a component to `done` after all that must come before it; without recursion, for deep models."""
    if start in seen:
        return
    seen.add(start)
    stack = [(start, iter(sorted(before.get(start, ()))))]
    while stack:
        node, rest = stack[-1]
        following = next((each for each in rest if each not in seen), None)
        if following is None:
            stack.pop()
            done[node] = None
        else:
            seen.add(following)
            stack.append((following, iter(sorted(before.get(following, ())))))
