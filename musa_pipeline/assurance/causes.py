"""Why a promise broke: which component is behind it, how that is known, and what the catalog has against it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from musa_pipeline.assurance.bounds import worse
from musa_pipeline.assurance.judge import Judged
from musa_pipeline.domain.agent import Agent
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.event import MachineId
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.metric import Combine, MetricLink
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.verdict import Objective, State

NOWHERE = MachineId("")
WORST_FIRST = (State.VIOLATED, State.AT_RISK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the plan says of where components are: the machine of each, whom each uses, and the agents beside each."""

    machine: Mapping[ComponentId, MachineId] = field(default_factory=dict)
    uses: Mapping[ComponentId, tuple[ComponentId, ...]] = field(default_factory=dict)
    beside: Mapping[ComponentId, frozenset[str]] = field(default_factory=dict)

    def on(self) -> dict[MachineId, tuple[ComponentId, ...]]:
        """Return the components of each machine."""
        found: dict[MachineId, list[ComponentId]] = {}
        for component, machine in sorted(self.machine.items()):
            found.setdefault(machine, []).append(component)
        return {machine: tuple(components) for machine, components in found.items()}


def surroundings(plan: Plan) -> Surroundings:
    """Read the surroundings out of a plan; a port that is open for a component is used by it."""
    machine: dict[ComponentId, MachineId] = {}
    uses: dict[ComponentId, set[ComponentId]] = {}
    beside: dict[ComponentId, set[str]] = {}
    for each in (machine_ for csp in plan.csps for pool in csp.pools for machine_ in pool.machines):
        for component in each.components:
            machine.setdefault(component.id, MachineId(each.id))
            for port in component.ports:
                for source in port.sources:
                    uses.setdefault(ComponentId(source), set()).add(component.id)
        for agent in each.agents:
            beside.setdefault(agent.component, set()).add(agent.agent)
    return Surroundings(
        machine=machine,
        uses={each: tuple(sorted(used - {each})) for each, used in sorted(uses.items())},
        beside={each: frozenset(found) for each, found in sorted(beside.items())},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The component behind a violation; empty fields are not known."""

    component: ComponentId
    machine: MachineId = NOWHERE
    because: str = ""


class Causes:
    """Finds causes among the latest verdicts, and gives advice."""

    def __init__(
        self,
        around: Surroundings,
        latest: Callable[[ComponentId, str], Judged | None],
        advice: Mapping[tuple[ComponentId, str], str] | None = None,
    ) -> None:
        self._around, self._latest, self._advice = around, latest, advice or {}
        self._on = around.on()

    def of(self, objective: Objective, time: float) -> Cause:
        """Return the cause of a violation: of the application, its worst member; then whom that one uses, if it failed no later."""
        del time
        component = objective.component or self._worst(objective)
        if not component:
            return Cause(component=objective.component)
        steps = [component]
        while found := self._beneath(steps[-1], objective.slo.metric, set(steps)):
            steps.append(found)
        return self._told(objective, steps)

    def advice(self, objective: Objective, component: ComponentId) -> str:
        """Return what the catalog recommends for a component whose metric broke its bound."""
        return self._advice.get((component, objective.slo.metric), "")

    def _worst(self, objective: Objective) -> ComponentId:
        """Return the member that took most from the whole."""
        worst, slo = None, objective.slo
        for name in objective.members:
            found = self._latest(name, slo.metric)
            if found is None or found.verdict.value is None or found.verdict.state not in WORST_FIRST:
                continue
            if worst is None or _before(objective, found, worst):
                worst = found
        return worst.verdict.component if worst else ComponentId("")

    def _beneath(self, component: ComponentId, metric: str, seen: set[ComponentId]) -> ComponentId | None:
        """Return a component that this one uses and that went bad on the same metric no later than it."""
        own = self._latest(component, metric)
        if own is None or not own.tally.bad:
            return None
        candidates = []
        for used in self._around.uses.get(component, ()):
            other = self._latest(used, metric)
            if used in seen or other is None or other.verdict.state is not State.VIOLATED or not other.tally.bad:
                continue
            if other.tally.bad[0].time <= own.tally.bad[0].time:
                candidates.append((other.tally.bad[0].time, used))
        return min(candidates)[1] if candidates else None

    def _told(self, objective: Objective, steps: Sequence[ComponentId]) -> Cause:
        component = steps[-1]
        found = self._latest(component, objective.slo.metric)
        if found is None:
            return Cause(component=component, machine=self._around.machine.get(component, NOWHERE))
        bad, machine = found.tally.bad, MachineId(found.tally.machine) or self._around.machine.get(component, NOWHERE)
        words = [found.verdict.reason]
        if bad:
            words.append(f"seen by {' and '.join(sorted({each.agent for each in bad}))}")
        if len(steps) > 1:
            words.append(f"{' and '.join(steps[:-1])} {'uses' if len(steps) == 2 else 'use'} it and failed no earlier")
        words += self._neighbours(component, objective.slo.metric, machine)
        return Cause(component=component, machine=machine, because="; ".join(words))

    def _neighbours(self, component: ComponentId, metric: str, machine: str) -> list[str]:
        """Say whether the other components of the machine are well, which tells the component from its machine."""
        there = self._on.get(self._around.machine.get(component, NOWHERE), ())
        others = [found for each in there if each != component and (found := self._latest(each, metric))]
        ill = [each.verdict.component for each in others if each.tally.bad and not each.tally.run]
        if ill:
            return [f"so {'do' if len(ill) > 1 else 'does'} {_some(ill)} on {machine}: the machine itself may be the cause"]
        well = [each.verdict.component for each in others if each.tally.run]
        return [f"{_some(well)} on the same machine {'are' if len(well) > 1 else 'is'} well"] if well else []


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _before(objective: Objective, one: Judged, other: Judged) -> bool:
    """Tell whether one member is worse than another: violated first, then by its value."""
    first, second = WORST_FIRST.index(one.verdict.state), WORST_FIRST.index(other.verdict.state)
    if first != second:
        return first < second
    mine, its = one.verdict.value or 0.0, other.verdict.value or 0.0
    return mine != its and worse(objective.slo.operator, objective.slo.bound, mine, its) == mine


def advice(
    objectives: Iterable[Objective],
    around: Surroundings,
    catalogs: Catalogs,
    facts: Mapping[ComponentId, Facts] | None = None,
) -> dict[tuple[ComponentId, str], str]:
    """Return, for each component and metric, the recommendation of the catalog.

    More copies, where bounds multiply (one copy stands in for another); an agent that grants a control which the metric shows
    and that is not yet beside the component.
    """
    return {
        (each.component, each.slo.metric): _advice(each, around, catalogs, (facts or {}).get(each.component))
        for each in objectives
        if each.component
    }


def _advice(objective: Objective, around: Surroundings, catalogs: Catalogs, facts: Facts | None) -> str:
    metric = catalogs.metric.get(objective.slo.metric)
    if metric is None or not metric.controls:
        return ""
    beside = around.beside.get(objective.component, frozenset())
    shows = {each.control: each for each in metric.controls}
    lacking = []
    for agent in sorted(catalogs.agents, key=lambda each: each.id):
        granted = [each.control for each in agent.grants if each.control in shows]
        if granted and agent.id not in beside and (facts is None or holds(agent.protects, facts)):
            lacking.append((-len(granted), agent.price, agent.id, granted))
    words = []
    if objective.combine is Combine.PRODUCT:
        words.append(f"redundancy: run {objective.component} in more than one copy, for copies stand in for one another")
    if lacking:
        _, _, name, granted = min(lacking)
        words.append(f"put agent {name} beside {objective.component}: it grants {_why(shows, granted)}")
    elif not words:
        there = [each.id for each in catalogs.agents if each.id in beside and any(one in shows for one in _granted(each))]
        words.append(
            f"see how {', '.join(there)} works there" if there else f"where it runs must provide {_why(shows, list(shows))}"
        )
    return "; or ".join(words)


def _granted(agent: Agent) -> tuple[ControlId, ...]:
    return tuple(each.control for each in agent.grants)


def _why(shows: Mapping[ControlId, MetricLink], controls: Sequence[ControlId]) -> str:
    return ", ".join(f"{each} ({shows[each].because})" if shows[each].because else each for each in controls)
