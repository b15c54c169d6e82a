"""Agents that the model asks for and that protect nothing: each is told, with the reason and a way out."""

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import AgentId, ComponentId
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.macm import Macm, RelationKind
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.selection import Selection


def warn_of_idle(macm: Macm, cpim: Cpim, selection: Selection, catalogs: Catalogs, problems: Problems) -> None:
    """Warn of each agent before each component that is asked for and not in the graph."""
    busy = {each.source for each in macm.relations if each.kind is RelationKind.PROTECTS}
    idle = [
        (wanted.at, wanted.agent, component)
        for wanted in cpim.agents
        for component in wanted.protects
        if f"agent/{wanted.agent}/{component}" not in busy
    ]
    if not idle:
        return
    why = _Reasons(cpim, selection, catalogs)
    for at, agent, component in idle:
        reason, way_out = why.of(agent, component)
        problems.warn("G006", at, f"agent {agent!r} does not protect {component!r}: {reason}", help=way_out)


class _Reasons:
    """Says why an agent cannot stand before a component."""

    def __init__(self, cpim: Cpim, selection: Selection, catalogs: Catalogs) -> None:
        self._components = {each.id: each for each in cpim.components}
        self._catalogs = catalogs
        self._facts: dict[ComponentId, Facts] = facts_of(cpim, catalogs)
        self._offering = {member: each.offering for each in selection.placements for member in each.members}

    def of(self, agent: AgentId, component: ComponentId) -> tuple[str, str]:
        """Return the reason and what to do about it."""
        entry, target = self._catalogs.agent.get(agent), self._components.get(component)
        if entry is None:
            return "no catalog has this agent", f"agents: {', '.join(sorted(self._catalogs.agent))}"
        if target is None:
            return "the model has no such component", "name a component of the model"
        match target.role:
            case Role.HOST:
                return "it is a machine", self._upon(target)
            case Role.EXTERNAL:
                return "others run it", "protect the components that use it"
        offering = self._catalogs.offering.get(self._offering[component]) if component in self._offering else None
        if offering and COMPUTE not in offering.kinds:
            return f"nothing of ours runs on the managed service {offering.title!r}", "host it on a machine, or drop the agent"
        if not holds(entry.protects, self._facts[component]):
            return "it is not made for such a component", "take another agent"
        return "the choice leaves it out", "choose again: run `musa run`"

    def _upon(self, machine: Component) -> str:
        there = sorted(each.id for each in self._components.values() if each.host == machine.id)
        return f"name what runs there: {', '.join(there)}" if there else "name a component"
