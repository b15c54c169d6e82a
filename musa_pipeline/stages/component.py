"""Beside the road: everything that a model says of one component, and where it says so."""

from dataclasses import dataclass

from musa_pipeline.domain.cpim import Component, Connection, Cpim, WantedAgent, Zone
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.kind import Kind
from musa_pipeline.domain.problems import Problem
from musa_pipeline.stages import read
from musa_pipeline.stages.check_models import placed
from musa_pipeline.stages.named import component_named
from musa_pipeline.stages.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One component with what surrounds it.

    `below` is the chain of hosts, the nearest first; `above` what runs on it. `apart` and `together`: with whom it must not, or must,
    share a provider. `notes` are the findings that speak of it.
    """

    application: str
    component: Component
    kind: Kind | None
    below: tuple[Component, ...] = ()
    above: tuple[Component, ...] = ()
    uses: tuple[Connection, ...] = ()
    used_by: tuple[Connection, ...] = ()
    agents: tuple[WantedAgent, ...] = ()
    apart: tuple[ComponentId, ...] = ()
    together: tuple[ComponentId, ...] = ()
    zone: Zone | None = None
    notes: tuple[Problem, ...] = ()


def card(work: Work, written: str) -> Card:
    """Read the model and gather what is known of a component, given by its name in the model or by its id.

    Raises UsageWrong if the model has no such component; FilesWrong if it cannot be read.
    """
    read.run(work)
    cpim = work.get("cpim", Cpim, f"{work.place.sla}/cpim.json")
    known = {each.id: each for each in cpim.components}
    found = known[component_named(work, written)]
    below: list[Component] = []
    at = found.host
    while at in known and known[at] is not found and known[at] not in below:
        below.append(known[at])
        at = known[at].host
    return Card(
        application=cpim.name,
        component=found,
        kind=work.catalogs.kind.get(found.kind),
        below=tuple(below),
        above=tuple(each for each in cpim.components if each.host == found.id and each is not found),
        uses=tuple(each for each in cpim.connections if each.source == found.id),
        used_by=tuple(each for each in cpim.connections if each.target == found.id),
        agents=tuple(each for each in cpim.agents if found.id in each.protects),
        apart=_others(cpim.apart, found.id),
        together=_others(cpim.together, found.id),
        zone=next((each for each in cpim.zones if each.name == found.zone), None),
        notes=tuple(placed((each for each in work.problems if _speaks(each, found)), work.place)),
    )


def _others(groups: tuple[frozenset[ComponentId], ...], own: ComponentId) -> tuple[ComponentId, ...]:
    return tuple(sorted({each for group in groups if own in group for each in group} - {own}))


def _speaks(problem: Problem, component: Component) -> bool:
    """Tell whether a finding is about a component: it quotes its name, or stands at its own place."""
    return repr(component.name) in problem.text or (bool(problem.at) and problem.at == component.at)
