"""Phase 5: node templates to components and connections; what the file does not decide stays unknown."""

from collections import defaultdict
from dataclasses import replace

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Connection, Cpim, Port, Role
from musa_pipeline.domain.ids import ComponentId, slug
from musa_pipeline.formats.tosca.endpoints import (
    exposed,
    instances_of,
    opens_to_all,
    port_of,
    ports_of,
    resources_of,
    volume_of,
)
from musa_pipeline.formats.tosca.needs import Words
from musa_pipeline.formats.tosca.normative import PROPERTIES
from musa_pipeline.formats.tosca.p1_read import entries
from musa_pipeline.formats.tosca.policies import read_policies
from musa_pipeline.formats.tosca.roles import Kinds, image_of, is_part, is_platform, role_of
from musa_pipeline.formats.tosca.scripts import Scripts
from musa_pipeline.formats.tosca.secrets import report_input_secret, report_interface_secrets, report_secrets
from musa_pipeline.formats.tosca.substitution import own_edges
from musa_pipeline.formats.tosca.templates import Edge, Link, Model, Template
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence


def normalise(model: Model, catalogs: Catalogs, name: str, file: str) -> Cpim:
    """Return the topology as a CPIM."""
    return _Normaliser(model, catalogs, file).cpim(name)


class _Normaliser:
    def __init__(self, model: Model, catalogs: Catalogs, file: str) -> None:
        self.model, self.catalogs = model, catalogs
        self.findings = model.findings
        self.edges = {name: list(model.edges(name)) for name in model.templates}
        for substitution in model.replaced.values():
            for edge in own_edges(model, substitution):
                self.edges[edge.source.name].append(edge)
        hosting = [each for some in self.edges.values() for each in some if each.link is Link.HOSTED]
        self.kinds = Kinds(model, catalogs, {each.target.name for each in hosting}, {each.source.name for each in hosting})
        self.scripts = Scripts(model, file)
        self.words = Words(catalogs, model.findings)
        self.left_out = {name for name, each in model.templates.items() if self._is_left_out(each)}
        self.ids = self._ids()
        self.ports: dict[str, dict[str, tuple[Port, ...]]] = {}

    def cpim(self, name: str) -> Cpim:
        hosts = self._hosts()
        components: dict[str, Component | None] = {
            each: None if each in self.left_out else self._component(template, hosts.get(each))
            for each, template in self.model.templates.items()
        }
        self._attach(components)
        self._check_literals()
        asked = read_policies(self.model, self.catalogs, components)
        final = (
            replace(
                each,
                wanted=asked.controls_of(each.id),
                slos=asked.slos_of(each.id),
                countries=asked.countries.get(each.id, frozenset()),
            )
            for each in components.values()
            if each
        )
        return Cpim(
            name=name,
            language="tosca",
            components=tuple(sorted(final, key=lambda each: each.id)),
            connections=self._connections(),
            agents=tuple(sorted(asked.agents, key=lambda each: (each.agent, each.protects))),
            apart=tuple(sorted(asked.apart, key=sorted)),
            together=tuple(sorted(asked.together, key=sorted)),
            at=self.model.topology.at,
        )

    def _is_left_out(self, template: Template) -> bool:
        if is_part(template):
            text = f"{template.name!r} is part of what it is attached to, and no component of its own"
        elif is_platform(template) and not any(each.link is Link.HOSTED for each in self.edges[template.name]):
            text = f"{template.name!r} stands for a provider, which is chosen later; what runs on it needs an offering of its own"
        else:
            return False
        self.findings.note("T016", template.at, text)
        return True

    def _ids(self) -> dict[str, ComponentId]:
        """Return the id of each component: the slug of its name, numbered where two names give one slug."""
        slugs = {name: slug(name) for name in self.model.templates if name not in self.left_out}
        taken = set(slugs.values())
        first: dict[str, str] = {}
        numbers: dict[str, int] = defaultdict(lambda: 1)
        ids = {}
        for name, wanted in slugs.items():
            given = wanted
            if wanted in first:
                while given in taken:
                    numbers[wanted] += 1
                    given = f"{wanted}-{numbers[wanted]}"
                taken.add(given)
                text = f"components {first[wanted]!r} and {name!r} have one id {wanted!r}; this one is called {given!r}"
                self.findings.warn("T015", self.model.templates[name].at, text, "give them names that differ in more than signs")
            first.setdefault(wanted, name)
            ids[name] = ComponentId(given)
        return ids

    def _hosts(self) -> dict[str, str]:
        """Return what each component runs on, circles cut and told."""
        hosts: dict[str, str] = {}
        for name, edges in self.edges.items():
            found = [each for each in edges if each.link is Link.HOSTED and each.target.name not in self.left_out]
            if name in self.left_out or not found:
                continue
            hosts[name] = found[0].target.name
            for each in found[1:]:
                if each.target.name != hosts[name]:
                    text = f"component {name!r} runs on {each.target.name!r} and on {hosts[name]!r}; the first counts"
                    self.findings.warn("T033", each.at, text, "name one host")
        self._cut_circles(hosts)
        return hosts

    def _cut_circles(self, hosts: dict[str, str]) -> None:
        done: set[str] = set()
        for start in list(hosts):
            path: dict[str, None] = {}
            name = start
            while name in hosts and name not in done and name not in path:
                path[name] = None
                name = hosts[name]
            if name in path:
                edge = next(each for each in self.edges[name] if each.link is Link.HOSTED and each.target.name == hosts[name])
                self.findings.error(
                    "T014", edge.at, f"component {name!r} runs on itself in a circle", "end the circle at a machine"
                )
                del hosts[name]
            done.update(path)

    def _component(self, template: Template, host: str | None) -> Component:
        kind = self.kinds.of(template)
        role = role_of(template, kind)
        self._check_properties(template)
        self.ports[template.name] = ports = ports_of(self.model, template)
        properties = template.properties
        return Component(
            id=self.ids[template.name],
            name=template.name,
            kind=kind,
            role=role,
            type=template.type_name,
            host=self.ids[host] if host and role is not Role.EXTERNAL else None,
            exposed=exposed(self.model, template),
            ports=tuple(dict.fromkeys(sorted((each for some in ports.values() for each in some), key=_port_key))),
            data=self.words.data(self._own(template, "data"), template.name),
            resources=resources_of(self.model, template),
            implements=self.words.controls(
                self.model.values.node(properties.get("implements")) if self._is_ours(template) else None
            ),
            scripts=self.scripts.of(template),
            image="" if role is Role.HOST else self.scripts.image(template, image_of(self.model, template)),
            instances=instances_of(self.model, template),
            at=template.at,
        )

    def _own(self, template: Template, name: str) -> Node | None:
        return self.model.property(template, name) if self._is_ours(template) else None

    @staticmethod
    def _is_ours(template: Template) -> bool:
        return any(each.startswith("musa.") for each in template.type.chain)

    def _check_properties(self, template: Template) -> None:
        """Report properties that one of our types does not have: a need misspelt is a need lost."""
        if not self._is_ours(template) or not template.type.complete:
            return
        properties = template.properties
        for name in properties.entries:
            if name not in template.type.properties and name not in PROPERTIES:
                close = self.findings.near(name, template.type.properties)
                text = f"component {template.name!r} has unknown property {name!r}"
                self.findings.error(
                    "T021", properties.keys[name], text, close or f"see {template.type_name} in docs/formats/tosca.md"
                )

    def _attach(self, components: dict[str, Component | None]) -> None:
        """Give what parts say to what they are attached to: the size of volumes, and firewalls open to all."""
        for edges in self.edges.values():
            for edge in edges:
                for part, whole in ((edge.target, edge.source), (edge.source, edge.target)):
                    component = components[whole.name]
                    if part.name not in self.left_out or component is None:
                        continue
                    if part.isa("tosca.nodes.BlockStorage", "tosca.nodes.Storage.BlockStorage"):
                        storage = component.resources.storage + volume_of(self.model, part)
                        components[whole.name] = replace(component, resources=replace(component.resources, storage=storage))
                    elif component.exposed is None and opens_to_all(part):
                        components[whole.name] = replace(component, exposed=True)

    def _connections(self) -> tuple[Connection, ...]:
        found: dict[tuple[ComponentId, ComponentId], Connection] = {}
        for edges in self.edges.values():
            for edge in edges:
                if edge.link is not Link.CONNECTED or {edge.source.name, edge.target.name} & self.left_out:
                    continue
                source, target = self.ids[edge.source.name], self.ids[edge.target.name]
                if source == target:
                    text = f"component {edge.source.name!r} uses itself; this says nothing and is left out"
                    self.findings.warn("T034", edge.at, text, "name another component")
                    continue
                connection = Connection(source=source, target=target, port=self._port(edge), at=edge.at)
                if (source, target) not in found or found[source, target].port == Port():
                    found[source, target] = connection
        return tuple(found[pair] for pair in sorted(found))

    def _port(self, edge: Edge) -> Port:
        """Return the port a connection uses: its own, that of the endpoint it names, or the only one there is."""
        said = edge.properties
        own = port_of(self.model, edge.source, said.get("port"), said.get("protocol"), said.get("secure"))
        ports = self.ports[edge.target.name]
        only = ports.get(edge.capability) or tuple(dict.fromkeys(each for some in ports.values() for each in some))
        if len(only) != 1:
            return own
        [there] = only
        return Port(
            number=there.number if own.number is None else own.number,
            protocol=own.protocol or there.protocol,
            secure=there.secure if own.secure is None else own.secure,
        )

    def _check_literals(self) -> None:
        """Report secrets in clear, and inputs that are asked for but not declared."""
        for name, definition, at in entries(self.model.topology.inputs):
            report_input_secret(name, definition, at, self.findings)
        for name, template in self.model.templates.items():
            for key in ("properties", "attributes", "capabilities", "requirements", "artifacts"):
                report_secrets(name, template.body, key, self.findings)
            report_interface_secrets(name, template.body, self.findings, self.scripts.told)
            self._check_inputs(template.body)
        for _, policy, _ in entries(self.model.topology.policies):
            if isinstance(policy, Mapping):
                report_secrets("policies", policy, "properties", self.findings, "section")
            self._check_inputs(policy)

    def _check_inputs(self, node: Node) -> None:
        pending = [node]
        known = self.model.topology.inputs.entries
        while pending:
            each = pending.pop()
            if isinstance(each, Sequence):
                pending.extend(each.items)
            elif isinstance(each, Mapping):
                said = each.get("get_input")
                first = said.items[0] if isinstance(said, Sequence) and said.items else said
                if isinstance(first, Scalar) and first.text not in known:
                    close = self.findings.near(first.text, known)
                    text = f"input {first.text!r} is asked for, but the model does not declare it"
                    self.findings.fault("T022", first.at, text, close or "declare it below topology_template, inputs")
                pending.extend(each.entries.values())


def _port_key(port: Port) -> tuple[int, str, str]:
    return (port.number or 0, port.protocol, str(port.secure))
