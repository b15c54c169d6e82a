"""What is known before anything is measured: the deployed application as entities of the Context Broker, with desired state."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from musa_pipeline.domain.context import Entity, Kind
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.plan import Machine, Plan
from musa_pipeline.domain.verdict import Objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A machine with its provider and the address at which it is reached; empty: not known."""

    machine: Machine
    provider: str
    address: str = ""


def placed(plan: Plan, addresses: Mapping[str, str]) -> tuple[Placed, ...]:
    """Return the machines of a plan with their addresses, by id."""
    found = [
        Placed(machine=machine, provider=csp.provider, address=addresses.get(machine.id, ""))
        for csp in plan.csps
        for pool in csp.pools
        for machine in pool.machines
    ]
    return tuple(sorted(found, key=lambda each: each.machine.id))


def known(
    application: str, cpim: Cpim, machines: Iterable[Placed], objectives: Iterable[Objective], protected: Iterable[str] = ()
) -> tuple[Entity, ...]:
    """Return all entities that a deployed plan brings, sorted by kind and id; only `desired` is set."""
    machines, objectives, kept = tuple(machines), tuple(objectives), frozenset(protected)
    host_of: dict[ComponentId, str] = {}
    for each in machines:
        host_of.update({component.id: each.machine.id for component in each.machine.components})
    services = {each.id: each for each in cpim.components if each.role is not Role.HOST}
    found = [Entity(kind=Kind.APPLICATION, id=application, desired={"components": [*sorted(services)], "name": cpim.name})]
    uses: dict[ComponentId, list[ComponentId]] = defaultdict(list)
    for link in cpim.connections:
        uses[link.source].append(link.target)
        port = link.port.number or _port(services.get(link.target))
        relation: dict[str, Plain] = {"from": link.source, "to": link.target, "relation": "uses", "port": port}
        found.append(Entity(kind=Kind.LINK, id=f"{link.source}>{link.target}", desired=relation | _encrypted(link.port.secure)))
    found += [_service(each, host_of.get(each.id), uses[each.id], each.id in kept) for each in services.values()]
    for each in machines:
        found += _host(each, services, kept)
    found += map(_promise, objectives)
    return tuple(sorted(found, key=lambda each: (each.kind, each.id)))


def _service(component: Component, machine: str | None, uses: Iterable[ComponentId], protected: bool) -> Entity:
    return Entity(
        kind=Kind.SERVICE,
        id=component.id,
        desired={
            "kind": component.kind,
            "role": str(component.role),
            "exposed": component.exposed,
            "machine": machine,
            "ports": [each.number for each in component.ports if each.number],
            "uses": [*sorted(uses)],
            "data": [*sorted({str(each.classification) for each in component.data})],
            "protected": protected,
        },
    )


def _host(placed: Placed, services: Mapping[ComponentId, Component], protected: frozenset[str]) -> Iterator[Entity]:
    machine = placed.machine
    inside = sorted(each.id for each in machine.components)
    yield Entity(
        kind=Kind.HOST,
        id=machine.id,
        desired={
            "provider": placed.provider,
            "region": machine.region,
            "offering": machine.offering,
            "address": placed.address,
            "components": list(inside),
            "exposed": any(services[each].exposed for each in inside if each in services),
            "protected": bool(protected.intersection(inside)),
        },
    )
    for component in inside:
        on: dict[str, Plain] = {"from": machine.id, "to": component, "relation": "hosts"}
        yield Entity(kind=Kind.LINK, id=f"{machine.id}>{component}", desired=on)
    for agent in machine.agents:
        yield Entity(
            kind=Kind.AGENT,
            id=f"{agent.agent}@{agent.component}",
            desired={
                "machine": machine.id,
                "component": agent.component,
                "role": agent.role,
                "controls": list(agent.controls),
                "metrics": list(agent.metrics),
            },
        )


def _promise(objective: Objective) -> Entity:
    slo = objective.slo
    return Entity(
        kind=Kind.SLO,
        id=objective.id,
        desired={
            "component": objective.component,
            "metric": slo.metric,
            "title": objective.title,
            "operator": str(slo.operator),
            "bound": slo.bound,
            "alert": slo.alert,
            "unit": slo.unit,
            "controls": list(objective.controls),
            "agents": list(objective.agents),
            "period": objective.period,
            "max_age": objective.window.max_age,
            "late": objective.window.late,
        },
    )


def _port(component: Component | None) -> int | None:
    return next((each.number for each in component.ports if each.number), None) if component else None


def _encrypted(secure: bool | None) -> dict[str, Plain]:
    return {} if secure is None else {"encrypted": secure}
