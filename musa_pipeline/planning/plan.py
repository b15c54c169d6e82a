"""The implementation plan after MUSA: providers, pools, machines, components, agents and ports, and the steps in order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from musa_pipeline.domain.agent import Agent
from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, control_key
from musa_pipeline.domain.plan import Csp, Machine, Managed, ManualTask, Plan, PlannedAgent, PlannedComponent, Pool
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.planning.places import Place, Places, place_all
from musa_pipeline.planning.ports import PROXIES, Served, serve_all
from musa_pipeline.planning.steps import Post, steps


def plan(cpim: Cpim, selection: Selection, slas: tuple[Sla, ...], composition: Composition, catalogs: Catalogs) -> Plan:
    """Return the plan; every control of an SLA that counts on an agent has that agent's role on a machine, or a manual task."""
    promised = {each.component: each for each in slas if each.component}
    places = place_all(cpim, selection, catalogs)
    chosen = _chosen(cpim, selection, catalogs)
    proxies = {
        component: frozenset(agent.role for agent, _ in agents if agent.role in PROXIES) for component, agents in chosen.items()
    }
    served = serve_all(cpim, places, proxies)
    posts, homeless = _post(cpim, chosen, places, served, promised)
    return Plan(
        application=cpim.name,
        csps=_csps(places, posts, served),
        steps=steps(cpim, places, served, posts, promised),
        tasks=_tasks(composition, (*homeless, *_unknown(cpim, catalogs))),
    )


def _chosen(cpim: Cpim, selection: Selection, catalogs: Catalogs) -> dict[ComponentId, tuple[tuple[Agent, str], ...]]:
    """Return the agents before each component with the reason, those chosen and those that the model asks for."""
    found: dict[ComponentId, dict[AgentId, tuple[Agent, str]]] = defaultdict(dict)
    for instance in selection.agents:
        if instance.agent in catalogs.agent:
            found[instance.component][instance.agent] = (catalogs.agent[instance.agent], instance.because)
    for wanted in cpim.agents:
        for component in wanted.protects:
            if wanted.agent in catalogs.agent:
                found[component].setdefault(wanted.agent, (catalogs.agent[wanted.agent], "the model asks for it"))
    return {component: tuple(agents[each] for each in sorted(agents)) for component, agents in found.items()}


def _post(
    cpim: Cpim,
    chosen: Mapping[ComponentId, tuple[tuple[Agent, str], ...]],
    places: Places,
    served: Mapping[ComponentId, tuple[Served, ...]],
    promised: Mapping[ComponentId, Sla],
) -> tuple[tuple[Post, ...], tuple[PlannedAgent, ...]]:
    """Return every agent at its machines, and those that can stand nowhere.

    An agent stands on its component's machines. Nothing of ours runs on a managed service: agents before it are left to a person.
    """
    posts: list[Post] = []
    homeless: list[PlannedAgent] = []
    for component in cpim.components:
        for agent, because in chosen.get(component.id, ()):
            planned = _planned(agent, component, promised.get(component.id))
            machines = places.machines(component.id)
            if agent.role in PROXIES and not any(each.hop(agent.role) for each in served.get(component.id, ())):
                machines = ()
            if machines:
                posts.append(Post(agent=agent, component=component, planned=planned, machines=machines, because=because))
            else:
                homeless.append(planned)
    return tuple(posts), tuple(homeless)


def _unknown(cpim: Cpim, catalogs: Catalogs) -> Iterator[PlannedAgent]:
    """Return the agents asked for that no catalog has, and those before what the model does not have."""
    components = {each.id for each in cpim.components}
    for wanted in cpim.agents:
        entry = catalogs.agent.get(wanted.agent)
        for component in wanted.protects:
            if entry is None or component not in components:
                yield PlannedAgent(agent=wanted.agent, role=entry.role if entry else "", component=component)


def _planned(agent: Agent, component: Component, sla: Sla | None) -> PlannedAgent:
    grants = {each.control for each in agent.grants}
    terms = sla.terms if sla else ()
    return PlannedAgent(
        agent=agent.id,
        role=agent.role,
        component=component.id,
        controls=tuple(sorted((each.control for each in terms if each.control in grants), key=control_key)),
        metrics=tuple(sorted({each.metric for each in (sla.slos if sla else ()) if each.metric in agent.measures})),
    )


def _csps(places: Places, posts: Iterable[Post], served: Mapping[ComponentId, tuple[Served, ...]]) -> tuple[Csp, ...]:
    agents: dict[str, list[PlannedAgent]] = defaultdict(list)
    for post in posts:
        for machine in post.machines:
            agents[machine].append(post.planned)
    found: list[tuple[Placement, Machine | Managed]] = [
        (place.placement, _machine(name, place, served, agents[name])) for place in places.places for name in place.machines
    ]
    found.extend(places.managed)
    found.sort(
        key=lambda each: (each[0].provider, each[0].region, each[1].id if isinstance(each[1], Machine) else each[1].component)
    )
    return tuple(
        Csp(
            provider=provider,
            pools=tuple(
                _pool(region, [each[1] for each in some]) for region, some in groupby(of, key=lambda each: each[0].region)
            ),
        )
        for provider, of in groupby(found, key=lambda each: each[0].provider)
    )


def _pool(region: str, found: list[Machine | Managed]) -> Pool:
    return Pool(
        region=region,
        machines=tuple(each for each in found if isinstance(each, Machine)),
        managed=tuple(each for each in found if isinstance(each, Managed)),
    )


def _machine(name: str, place: Place, served: Mapping[ComponentId, tuple[Served, ...]], agents: list[PlannedAgent]) -> Machine:
    return Machine(
        id=name,
        offering=place.placement.offering,
        region=place.placement.region,
        cores=place.resources.cores,
        memory=place.resources.memory,
        storage=place.resources.storage,
        os=place.resources.os,
        components=tuple(
            PlannedComponent(id=each.id, kind=each.kind, ports=tuple(port.open for port in served.get(each.id, ())))
            for each in place.members
        ),
        agents=tuple(sorted(agents, key=lambda each: (each.component, each.agent))),
    )


def _tasks(composition: Composition, homeless: tuple[PlannedAgent, ...]) -> tuple[ManualTask, ...]:
    """Return what a person must do: the duties that the SLAs count on, and agents that can stand nowhere."""
    found: list[tuple[ComponentId, ControlId, str, str]] = [
        (each.component, each.control, f"configure {each.control} of {each.offering} for {each.component}", each.source)
        for each in composition.duties
    ]
    for agent in homeless:
        found.extend(
            (
                agent.component,
                control,
                f"run agent {agent.agent} before {agent.component}: the plan has no machine for it",
                agent.role,
            )
            for control in agent.controls or (ControlId(""),)
        )
    ordered = sorted(set(found), key=lambda each: (each[0], control_key(each[1]), each[2]))
    return tuple(
        ManualTask(number=number, title=title, control=control, component=component, source=source)
        for number, (component, control, title, source) in enumerate(ordered, start=1)
    )
