"""A cloud-provider-independent model as a TOSCA 1.3 service template with our types (docs/formats/tosca.md)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from musa_pipeline.domain.cpim import Component, Connection, Cpim, Port, Resources, Role, Trust
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.text.quantity import format_bound

Plain: TypeAlias = Any
"""What YAML has: mappings, lists and values."""

_TYPES: Final = {
    "web-application": "WebApplication",
    "api": "Api",
    "web-server": "WebServer",
    "database": "Database",
    "object-store": "ObjectStore",
    "file-store": "FileStore",
    "message-broker": "MessageBroker",
    "cache": "Cache",
    "identity-provider": "IdentityProvider",
    "function": "Function",
    "worker": "Worker",
    "load-balancer": "LoadBalancer",
    "mobile-client": "MobileClient",
    "container-runtime": "ContainerRuntime",
    "software": "Software",
    "network": "Network",
    "key-store": "KeyStore",
    "container-registry": "ContainerRegistry",
    "build-pipeline": "BuildPipeline",
    "iot-device": "IotDevice",
    "external-service": "ExternalService",
}
_MACHINE: Final = "tosca.nodes.Compute"
_OPERATORS: Final = {Operator.GE: "at_least", Operator.LE: "at_most", Operator.EQ: "equals"}
_FROM_POLICY: Final = "policy "
"""What the reader says of a bound without a reason: the policy that it comes from."""
_WIDE: Final = 120


def write_tosca(cpim: Cpim) -> str:
    """Return the model as YAML text. What TOSCA with our types has no words for is left out: read it again and compare."""
    return _Writer(cpim).text()


class _Writer:
    def __init__(self, cpim: Cpim) -> None:
        self.cpim = cpim
        self.by_id = {each.id: each for each in cpim.components}
        self.uses: dict[ComponentId, list[Connection]] = defaultdict(list)
        for each in cpim.connections:
            self.uses[each.source].append(each)
        self.types: dict[str, Plain] = {}
        self._endpoints: dict[ComponentId, dict[Port, str]] = {}

    def text(self) -> str:
        templates = {each.name: self._template(each) for each in self.cpim.components}
        topology: dict[str, Plain] = {"node_templates": templates}
        if groups := self._groups():
            topology["groups"] = groups
        if policies := _named(self._policies()):
            topology["policies"] = policies
        document: dict[str, Plain] = {
            "tosca_definitions_version": "tosca_simple_yaml_1_3",
            "metadata": {"template_name": self.cpim.name},
            "imports": ["musa.yaml"],
        }
        if self.types:
            document["node_types"] = self.types
        document["topology_template"] = topology
        return _dump(document)

    # node templates

    def _template(self, component: Component) -> Plain:
        capabilities: dict[str, Plain] = {}
        written: dict[str, Plain] = {"type": self._type(component)}
        properties = self._properties(component, capabilities)
        if properties:
            written["properties"] = properties
        capabilities |= _machine(component.resources)
        if component.most_instances or (component.role is Role.HOST and component.instances > 1):
            capabilities["scalable"] = {"properties": _scale(component)}
        if capabilities:
            written["capabilities"] = capabilities
        requirements = [{"host": self.by_id[component.host].name}] if component.host in self.by_id else []
        requirements += [{"uses": self._use(each)} for each in self.uses[component.id]]
        if requirements:
            written["requirements"] = requirements
        if component.scripts:
            written["interfaces"] = {"Standard": _operations(component)}
        return written

    def _type(self, component: Component) -> str:
        own = _MACHINE if component.role is Role.HOST else "musa.nodes." + _TYPES.get(component.kind, "Component")
        if component.role is Role.EXTERNAL:
            own = "musa.nodes.ExternalService"
        ports = self._named_ports(component)
        if not ports:
            return own
        name = f"{component.id}.nodes.{own.rpartition('.')[2]}"
        service = {"type": "musa.capabilities.Service"}
        self.types[name] = {"derived_from": own, "capabilities": {each: dict(service) for each in ports.values()}}
        return name

    def _named_ports(self, component: Component) -> dict[Port, str]:
        """Return a name for each port, where the properties of our types cannot say them all."""
        if component.id not in self._endpoints:
            ports = component.ports
            one = len(ports) == 1 and not ports[0].path and component.role is not Role.HOST
            bare = all(each == Port(number=each.number) and each.number for each in ports) and component.role is not Role.HOST
            named = {} if one or bare else {port: f"port-{number}" for number, port in enumerate(ports, 1)}
            self._endpoints[component.id] = named
        return self._endpoints[component.id]

    def _properties(self, component: Component, capabilities: dict[str, Plain]) -> dict[str, Plain]:
        ports = component.ports
        found: dict[str, Plain] = {}
        usual = "compute" if component.role is Role.HOST else component.kind if component.kind in _TYPES else ""
        if component.role is Role.EXTERNAL:
            usual = "external-service"
        if component.kind != usual:
            found["kind"] = str(component.kind)
        if component.exposed is not None:
            found["exposed"] = component.exposed
        if named := self._named_ports(component):
            capabilities |= {name: {"properties": _port(port, path="url_path")} for port, name in named.items()}
        elif len(ports) == 1:
            found |= _port(ports[0])
        elif ports:
            found["ports"] = [each.number for each in ports]
        if component.data:
            found["data"] = [{"name": each.name, "class": str(each.classification)} for each in component.data]
        if component.implements:
            found["implements"] = [str(each.control) for each in component.implements]
        if component.image:
            found["image"] = component.image
        if component.roles:
            found["roles"] = list(component.roles)
        if component.sla:
            found["sla"] = component.sla
        if component.instances != 1 and component.role is not Role.HOST and not component.most_instances:
            found["instances"] = component.instances
        return found

    def _use(self, connection: Connection) -> Plain:
        target = self.by_id[connection.target]
        named = self._named_ports(target)
        if connection.port == (target.ports[0] if len(target.ports) == 1 else Port()):
            return target.name
        if connection.port in named:
            return {"node": target.name, "capability": named[connection.port]}
        return {
            "node": target.name,
            "relationship": {"type": "musa.relationships.Uses", "properties": _port(connection.port)},
        }

    # groups and policies

    def _groups(self) -> dict[str, Plain]:
        members: dict[str, list[str]] = defaultdict(list)
        for each in self.cpim.components:
            if each.zone:
                members[each.zone].append(each.name)
        groups = {}
        for zone in self.cpim.zones:
            written: dict[str, Plain] = {"type": "musa.groups.TrustZone"}
            if zone.trust is not Trust.INTERNAL:
                written["properties"] = {"trust": str(zone.trust)}
            groups[zone.name] = written | {"members": members[zone.name]}
        return groups

    def _policies(self) -> Iterator[tuple[str, str, Sequence[str], dict[str, Plain]]]:
        """Yield the name, type, targets and properties of each policy."""
        yield from self._wanted()
        levels: dict[Slo, list[str]] = defaultdict(list)
        for each in self.cpim.components:
            for slo in each.slos:
                levels[slo].append(each.name)
        reasons: set[str] = set()
        for slo, targets in levels.items():
            if slo.operator in _OPERATORS:
                name = "" if slo.because in reasons or not slo.because.startswith(_FROM_POLICY) else slo.because
                reasons.add(name)
                own = name.removeprefix(_FROM_POLICY) or f"{slo.metric} of {targets[0]}"
                yield own, "ServiceLevel", targets, _level(slo, because="" if name else slo.because)
        places: dict[frozenset[str], list[str]] = defaultdict(list)
        for each in self.cpim.components:
            if each.countries:
                places[each.countries].append(each.name)
        for countries, targets in places.items():
            yield f"in {' '.join(sorted(countries))}", "Location", targets, {"countries": sorted(countries)}
        for ids in self.cpim.apart:
            targets = self._names(sorted(ids))
            yield f"{' and '.join(targets[:2])} apart", "Separation", targets, {}
        for ids in self.cpim.together:
            targets = self._names(sorted(ids))
            yield f"{' and '.join(targets[:2])} together", "CoLocation", targets, {}
        for agent in self.cpim.agents:
            yield f"{agent.agent} before {agent.protects[0]}", "Agent", self._names(agent.protects), {"agent": str(agent.agent)}

    def _wanted(self) -> Iterator[tuple[str, str, Sequence[str], dict[str, Plain]]]:
        asked: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
        for each in self.cpim.components:
            groups: dict[str, list[str]] = defaultdict(list)
            for wish in each.wanted:
                groups[wish.capability].append(str(wish.control))
            for capability, controls in groups.items():
                asked[capability, tuple(controls)].append(each.name)
        for (capability, several), targets in asked.items():
            said: dict[str, Plain] = {"controls": list(several)}
            if not capability:
                yield f"controls of {targets[0]}", "SecurityRequirement", targets, said
            else:
                yield capability, "SecurityCapability", targets, {"capability": capability, **said}

    def _names(self, ids: Iterable[ComponentId]) -> list[str]:
        return [self.by_id[each].name for each in ids]


def _named(policies: Iterable[tuple[str, str, Sequence[str], dict[str, Plain]]]) -> list[Plain]:
    """Return policies as TOSCA lists them; a name that is taken gets a number."""
    taken: dict[str, int] = defaultdict(int)
    written = []
    for name, type_, targets, properties in policies:
        taken[name] += 1
        own = name if taken[name] == 1 else f"{name} ({taken[name]})"
        policy: dict[str, Plain] = {"type": f"musa.policies.{type_}", "targets": list(targets)}
        written.append({own: policy | ({"properties": properties} if properties else {})})
    return written


def _port(port: Port, *, path: str = "") -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    if port.number is not None:
        found["port"] = port.number
    if port.protocol:
        found["protocol"] = port.protocol
    if port.secure is not None:
        found["secure"] = port.secure
    if path and port.path:
        found[path] = port.path
    return found


def _machine(resources: Resources) -> dict[str, Plain]:
    host: dict[str, Plain] = {}
    if resources.cores:
        host["num_cpus"] = resources.cores
    if resources.memory:
        host["mem_size"] = f"{resources.memory} MiB"
    if resources.storage:
        host["disk_size"] = f"{resources.storage} GiB"
    found: dict[str, Plain] = {"host": {"properties": host}} if host else {}
    return found | ({"os": {"properties": {"distribution": resources.os}}} if resources.os else {})


def _scale(component: Component) -> dict[str, Plain]:
    most = {"max_instances": component.most_instances} if component.most_instances else {}
    return {"min_instances": component.instances, "default_instances": component.instances, **most}


def _operations(component: Component) -> dict[str, Plain]:
    """Return each operation once: several commands of one are one line of a shell."""
    runs: dict[str, list[str]] = defaultdict(list)
    for each in component.scripts:
        runs[each.operation].append(each.run)
    return {operation: " && ".join(each) for operation, each in runs.items()}


def _level(slo: Slo, because: str) -> dict[str, Plain]:
    found: dict[str, Plain] = {"metric": str(slo.metric), _OPERATORS[slo.operator]: format_bound(slo.bound, slo.unit)}
    if slo.alert is not None:
        found["alert_at"] = format_bound(slo.alert, slo.unit)
    if slo.weight is not Weight.MEDIUM:
        found["weight"] = slo.weight.value.lower()
    if because:
        found["because"] = because
    return found


def _dump(document: dict[str, Plain]) -> str:
    """Write as people do: sections apart, what is small on one line."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  PyYAML's signature
            return True

        def represent_mapping(self, tag: str, mapping: Plain, flow_style: bool | None = None) -> Plain:
            """Give each line of a script its own, which a mapping on one line cannot."""
            several = any(isinstance(each, str) and "\n" in each for each in mapping.values())
            node = super().represent_mapping(tag, mapping, False if several else flow_style)
            for _, value in node.value if several else ():
                if isinstance(value, yaml.ScalarNode) and "\n" in value.value:
                    value.style = "|"
            return node

    parts = [
        yaml.dump(
            {key: value},
            Dumper=Dumper,
            sort_keys=False,
            width=_WIDE,
            allow_unicode=True,
            default_flow_style=None if isinstance(value, dict | list) else False,
        )
        for key, value in document.items()
    ]
    return "\n".join(["".join(parts[:3]), *parts[3:]]) if len(parts) > 3 else "".join(parts)
