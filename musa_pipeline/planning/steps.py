"""The steps in order: machines are made ready, what is used comes before what uses it, agents after what they protect."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.agent import Agent, AgentWork
from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.cpim import Component, Connection, Cpim
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.plan import PlannedAgent, Step, variable_prefix
from musa_pipeline.planning.places import Places, in_order
from musa_pipeline.planning.ports import Served
from musa_pipeline.planning.roles import Situation, Variables, agent_variables, component_variables

LAST: Final = frozenset({"integrity"})
"""Roles that take the state of a machine as it should be: they come when all others are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One agent before one component, on its machines."""

    agent: Agent
    component: Component
    planned: PlannedAgent
    machines: tuple[str, ...]
    because: str


class _Steps:
    """Numbers steps as they come and remembers which of them others must wait for."""

    def __init__(self) -> None:
        self.all: list[Step] = []
        self.base: dict[str, int] = {}
        self.of: dict[ComponentId, list[int]] = defaultdict(list)

    def add(self, title: str, machine: str, role: str, variables: Variables, because: str, after: Iterable[int]) -> int:
        number = len(self.all) + 1
        self.all.append(
            Step(
                number=number,
                title=title,
                machine=machine,
                role=role,
                variables=variables,
                because=because,
                after=tuple(sorted(set(after))),
            )
        )
        return number


def steps(
    cpim: Cpim,
    places: Places,
    served: Mapping[ComponentId, tuple[Served, ...]],
    posts: Iterable[Post],
    promised: Mapping[ComponentId, Sla],
) -> tuple[Step, ...]:
    """Return all steps, numbered from 1; a step comes after those it needs, save where a cycle of uses forbids it."""
    found = _Steps()
    _bases(cpim, places, found)
    links: dict[ComponentId, list[Connection]] = defaultdict(list)
    for link in cpim.connections:
        links[link.source].append(link)
    standing: dict[ComponentId, list[Post]] = defaultdict(list)
    for post in posts:
        standing[post.component.id].append(post)
    filtered = frozenset(post.component.id for each in standing.values() for post in each if post.agent.role == "packet_filter")
    components = {each.id: each for each in cpim.components}
    order = in_order(cpim, {*places.of, *standing})
    for name in order:
        component = components[name]
        if name in places.of:
            _component(component, tuple(links[name]), places, served, found)
        for post in standing[name]:
            if post.agent.role not in LAST:
                _agent(post, places, served, filtered, promised.get(name), found)
    for post in (each for name in order for each in standing[name] if each.agent.role in LAST):
        _agent(post, places, served, filtered, promised.get(post.component.id), found)
    return tuple(found.all)


def _bases(cpim: Cpim, places: Places, found: _Steps) -> None:
    for place in places.places:
        for machine in place.machines:
            found.base[machine] = found.add(
                f"make {machine} ready",
                machine,
                "base",
                {"base_application": cpim.name},
                f"all other steps on {machine} need it",
                (),
            )


def _component(
    component: Component,
    links: tuple[Connection, ...],
    places: Places,
    served: Mapping[ComponentId, tuple[Served, ...]],
    found: _Steps,
) -> None:
    needs = [number for link in links for number in found.of[link.target]]
    if component.host is not None:
        needs.extend(found.of[component.host])
    variables = component_variables(component, links, places, served)
    because = _component_because(component, places, served)
    numbers = [
        found.add(f"deploy {component.id} on {machine}", machine, "component", variables, because, [found.base[machine], *needs])
        for machine in places.machines(component.id)
    ]
    for role in component.roles:
        # each in its turn: a role may count on what the one before it did
        numbers = [
            found.add(
                f"configure {component.id} by {role} on {machine}",
                machine,
                role,
                {f"{variable_prefix(role)}_component": component.id},
                "the model names the role",
                [found.base[machine], number],
            )
            for machine, number in zip(places.machines(component.id), numbers, strict=True)
        ]
    found.of[component.id].extend(numbers)


def _component_because(component: Component, places: Places, served: Mapping[ComponentId, tuple[Served, ...]]) -> str:
    place = places.of[component.id].placement
    assumed = [
        f"; port {each.open.number}: {each.because}" for each in served.get(component.id, ()) if "names it" not in each.because
    ]
    return f"the choice runs it on {place.offering} in {place.region}{''.join(assumed)}"


def _agent(
    post: Post,
    places: Places,
    served: Mapping[ComponentId, tuple[Served, ...]],
    filtered: frozenset[ComponentId],
    sla: Sla | None,
    found: _Steps,
) -> None:
    protected = list(found.of[post.component.id])
    where = "before" if post.agent.work is AgentWork.ENFORCEMENT else "beside"
    for machine in post.machines:
        situation = Situation(
            agent=post.agent,
            component=post.component,
            machine=machine,
            places=places,
            served=served,
            filtered=filtered,
            slos=sla.slos if sla else (),
        )
        found.add(
            f"put {post.agent.id} {where} {post.component.id} on {machine}",
            machine,
            post.agent.role,
            agent_variables(situation),
            _agent_because(post),
            [found.base[machine], *protected],
        )


def _agent_because(post: Post) -> str:
    """Say what of the SLA counts on the agent; if nothing does, why it was chosen."""
    parts = []
    if post.planned.controls:
        parts.append(f"the SLA of {post.component.id} counts on it for {', '.join(post.planned.controls)}")
    if post.planned.metrics:
        parts.append(f"it measures {', '.join(post.planned.metrics)}")
    return "; ".join(parts) or post.because or "it was chosen"
