"""What needs an offering: each machine of the model, and each component that has none."""

from collections import defaultdict
from dataclasses import dataclass

from musa_pipeline.domain.cpim import Component, Cpim, Resources, Role
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.places import expand


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One thing to place, with the components that run there. `kinds`: an offering of any of these kinds can be it.

    `copies`: so many of it, alike: the most instances that it or a component on it is to have.
    """

    id: ComponentId
    node: Component
    members: tuple[ComponentId, ...]
    kinds: frozenset[str]
    resources: Resources
    countries: frozenset[str]
    copies: int = 1


def units_of(cpim: Cpim) -> tuple[Unit, ...]:
    """Return the units, sorted by id; a component is a member of the unit at the foot of its hosts. An empty machine is none."""
    by_id = {each.id: each for each in cpim.components}
    members: dict[ComponentId, list[Component]] = defaultdict(list)
    for component in cpim.components:
        if component.role is not Role.EXTERNAL:
            members[_foot(component, by_id)].append(component)
    found = (_unit(by_id[foot], members[foot]) for foot in sorted(members))
    return tuple(each for each in found if each.members)


def _foot(component: Component, by_id: dict[ComponentId, Component]) -> ComponentId:
    seen = {component.id}
    while component.host and component.host in by_id and component.host not in seen:
        component = by_id[component.host]
        seen.add(component.id)
    return component.id


def _unit(node: Component, inhabitants: list[Component]) -> Unit:
    bounds = [expand(each.countries) for each in inhabitants if each.countries]
    countries = frozenset.intersection(*bounds) if bounds else frozenset()
    kinds = {COMPUTE} if node.role is Role.HOST else {COMPUTE, str(node.kind)}
    return Unit(
        id=node.id,
        node=node,
        members=tuple(sorted(each.id for each in inhabitants if each.role is Role.COMPONENT)),
        kinds=frozenset(kinds),
        resources=node.resources,
        # bounds that exclude one another leave no country at all, which no region has
        countries=countries if countries or not bounds else frozenset({"-"}),
        copies=max(each.instances for each in (node, *inhabitants)),
    )
