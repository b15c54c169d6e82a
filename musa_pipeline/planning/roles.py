"""Variables of each role: what a step tells it about the component, its ports and its neighbours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.agent import Agent
from musa_pipeline.domain.cpim import Component, Connection, Script
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.plan import Variable
from musa_pipeline.planning.places import Places
from musa_pipeline.planning.ports import Served

Variables = dict[str, Variable]

_INPUTS: Final[dict[str, Variable]] = {
    "system-monitor": ["system"],
    "network-monitor": ["network"],
    "availability-probe": ["availability"],
}
_METHODS: Final[list[Variable]] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_HOURS: Final = {
    "scanner_basic_hours": MetricId("m13-scanning-frequency-basic-scan"),
    "scanner_extended_hours": MetricId("m22-scanning-frequency-extended-scan"),
}
_SOONER: Final = 0.85
"""Of the promised interval: before the alert, which by default is at nine tenths."""
_FILE_ENDINGS: Final = (".sh", ".bash", ".py", ".pl", ".rb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An agent before a component, on a machine: all that its role may need to know."""

    agent: Agent
    component: Component
    machine: str
    places: Places
    served: Mapping[ComponentId, tuple[Served, ...]]
    filtered: frozenset[ComponentId]
    slos: tuple[Slo, ...]

    @property
    def ports(self) -> tuple[Served, ...]:
        """The ports of the component."""
        return self.served.get(self.component.id, ())

    @property
    def neighbours(self) -> tuple[Component, ...]:
        """All components on the machines of this one, itself included."""
        place = self.places.of.get(self.component.id)
        return place.members if place else ()


def component_variables(
    component: Component, links: tuple[Connection, ...], places: Places, ports: Mapping[ComponentId, tuple[Served, ...]]
) -> Variables:
    """Return what the role `component` needs: where to listen, whom it uses, which scripts make it."""
    return {
        "component_name": component.id,
        "component_ports": [_listener(each) for each in ports.get(component.id, ())],
        "component_uses": [_use(each, places, ports) for each in links],
        "component_scripts": {each.operation: _script(each) for each in component.scripts},
        "component_image": component.image,
    }


def _listener(served: Served) -> Variables:
    return {"number": served.inner, "address": served.address, "protocol": served.open.protocol, "outside": served.open.number}


def _use(link: Connection, places: Places, ports: Mapping[ComponentId, tuple[Served, ...]]) -> Variables:
    """Return where a used component is reached; 0: the model does not say the port of a service that is not ours."""
    outside = [each.open for each in ports.get(link.target, ())]
    named = next((each for each in outside if each.number == link.port.number), outside[0] if outside else None)
    return {
        "name": link.target,
        "machines": list(places.machines(link.target)),
        "port": named.number if named else link.port.number or 0,
        "protocol": named.protocol if named else link.port.protocol.lower(),
    }


def _script(script: Script) -> Variables:
    """Return a script as a file beside the model, or as a command."""
    words = script.run.split()
    is_file = len(words) == 1 and words[0].endswith(_FILE_ENDINGS) and not words[0].startswith("/")
    return {"file": words[0], "command": ""} if is_file else {"file": "", "command": script.run}


def agent_variables(situation: Situation) -> Variables:
    """Return what an agent's role needs; a role that we do not ship gets the component and its ports."""
    role = situation.agent.role
    return _BY_ROLE.get(role, _other)(situation)


def _other(situation: Situation) -> Variables:
    role = situation.agent.role
    return {
        f"{role}_component": situation.component.id,
        f"{role}_ports": [{"number": each.open.number, "protocol": each.open.protocol} for each in situation.ports],
    }


def _only_component(situation: Situation) -> Variables:
    return {f"{situation.agent.role}_component": situation.component.id}


def _ha(situation: Situation) -> Variables:
    ports: list[Variable] = []
    for served in situation.ports:
        hop = served.hop("ha")
        if hop:
            # With TLS or an unknown protocol inside, only connections can be counted; requests need HTTP.
            mode = "http" if served.open.protocol == "http" else "tcp"
            proxied = served.hop("access_control") is not None
            ports.append({"number": hop.number, "forward": hop.forward, "mode": mode, "tell_source": proxied})
    return {
        "ha_component": situation.component.id,
        "ha_ports": ports,
        "ha_machines": list(situation.places.machines(situation.component.id)),
    }


def _access_control(situation: Situation) -> Variables:
    ports: list[Variable] = []
    for served in situation.ports:
        hop = served.hop("access_control")
        if hop:
            ports.append(
                {
                    "number": hop.number,
                    "address": hop.address,
                    "forward": hop.forward,
                    "tls": served.open.protocol == "https",
                    "told_source": served.hop("ha") is not None,
                }
            )
    sources = sorted({source for served in situation.ports for source in served.open.sources})
    return {
        "access_control_component": situation.component.id,
        "access_control_ports": ports,
        "access_control_machines": list(situation.places.machines(situation.component.id)),
        "access_control_rules": [{"path": "/", "methods": _METHODS, "sources": _sources(tuple(sources), situation.places)}],
    }


def _packet_filter(situation: Situation) -> Variables:
    unfiltered = [each for each in situation.neighbours if each.id not in situation.filtered]
    return {
        "packet_filter_component": situation.component.id,
        "packet_filter_ports": _openings(situation.component, situation),
        "packet_filter_neighbours": [opening for each in unfiltered for opening in _openings(each, situation)],
    }


def _openings(component: Component, situation: Situation) -> list[Variable]:
    """Return the ports of a component that other machines may reach; inner ones only from its own copies."""
    found: list[Variable] = []
    for served in situation.served.get(component.id, ()):
        transport = "udp" if served.open.protocol == "udp" else "tcp"
        found.append(
            {"number": served.open.number, "transport": transport, "sources": _sources(served.open.sources, situation.places)}
        )
        ha = served.hop("ha")
        if ha and len(situation.places.machines(component.id)) > 1:
            found.append({"number": ha.forward, "transport": transport, "sources": _sources((component.id,), situation.places)})
    return found


def _sources(sources: tuple[str, ...], places: Places) -> list[Variable]:
    """Return who may connect, by machine where we have one; `internet` is everybody."""
    return [{"name": each, "machines": list(places.machines(ComponentId(each)))} for each in sources]


def _probed(situation: Situation) -> list[tuple[int, str]]:
    """Return the ports that a probe can ask."""
    return [(each.open.number, each.open.protocol) for each in situation.ports if each.open.protocol != "udp"]


def _musa_agent(situation: Situation) -> Variables:
    machines = situation.places.machines(situation.component.id)
    targets: list[Variable] = [
        {"name": situation.component.id, "port": number, "protocol": protocol, "machines": list(machines)}
        for number, protocol in _probed(situation)
    ]
    known = {
        number for each in situation.neighbours for served in situation.served.get(each.id, ()) for number in _numbers(served)
    }
    return {
        "musa_agent_name": situation.agent.id,
        "musa_agent_component": situation.component.id,
        "musa_agent_inputs": _INPUTS.get(situation.agent.id, ["system"]),
        "musa_agent_targets": targets,
        "musa_agent_known_ports": list[Variable](sorted(known)),
    }


def _numbers(served: Served) -> set[int]:
    return {served.open.number, served.inner, *(hop.forward for hop in served.hops)}


def _scanner(situation: Situation) -> Variables:
    """Return the scanner's variables: the hours between scans are those that the SLA promises."""
    bounds = {each.metric: each.bound for each in situation.slos}
    # a scan takes time and starts late: at the bound itself every second one would break the promise
    hours: Variables = {
        name: int(bounds[metric] * _SOONER) for name, metric in _HOURS.items() if bounds.get(metric, 0) * _SOONER >= 1
    }
    return {"scanner_component": situation.component.id, **hours}


_BY_ROLE: Final[dict[str, Callable[[Situation], Variables]]] = {
    "ha": _ha,
    "access_control": _access_control,
    "packet_filter": _packet_filter,
    "musa_agent": _musa_agent,
    "scanner": _scanner,
    "integrity": _only_component,
    "backup": _only_component,
    "audit_log": _only_component,
}
