"""Phase 5: node templates to components and connections; what the file does not decide stays unknown."""

from collections import defaultdict
from dataclasses import replace
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Connection, Cpim, Initiator, Port, Role, Unknown
from musa_pipeline.domain.ids import ComponentId, slug
from musa_pipeline.formats.tosca.artifacts import check_image, image_of
from musa_pipeline.formats.tosca.asked import Asked
from musa_pipeline.formats.tosca.attachments import attach
from musa_pipeline.formats.tosca.endpoints import (
    exposed,
    initiator_of,
    instances_of,
    most_instances_of,
    port_key,
    port_of,
    ports_of,
    resources_of,
)
from musa_pipeline.formats.tosca.needs import Words
from musa_pipeline.formats.tosca.p1_read import items, word
from musa_pipeline.formats.tosca.policies import read_policies
from musa_pipeline.formats.tosca.review import review, tell_plain_ways
from musa_pipeline.formats.tosca.roles import Kinds, is_part, is_platform, role_of
from musa_pipeline.formats.tosca.scripts import Scripts
from musa_pipeline.formats.tosca.substitution import own_edges
from musa_pipeline.formats.tosca.templates import Edge, Link, Model, Template
from musa_pipeline.formats.tosca.values import Ends, expression
from musa_pipeline.formats.tosca.workflows import check_workflows
from musa_pipeline.formats.tosca.zones import read_zones
from musa_pipeline.text.commands import holds_secret, is_secret
from musa_pipeline.text.yaml import Node

_OF_THE_NORM: Final = frozenset(
    {"component_version", "admin_credential", "context_root", "name", "port", "user", "password", "size"}
)
"""Properties of software in the norm: people give them to our types too, which are not all derived from it."""


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
        self.hosting = {each.target.name for each in hosting}
        self.kinds = Kinds(model, catalogs, self.hosting, {each.source.name for each in hosting})
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
        zones = read_zones(self.model, self.edges, hosts)
        attach(self.model, self.edges, components, zones)
        review(self.model, self.scripts.told)
        check_workflows(self.model)
        asked = read_policies(self.model, self.catalogs, components)
        final = tuple(sorted((self._final(each, asked) for each in components.values() if each), key=lambda each: each.id))
        connections = self._connections(asked)
        tell_plain_ways(self.model, final, connections)
        return Cpim(
            name=name,
            language="tosca",
            components=final,
            connections=connections,
            agents=tuple(sorted(asked.agents, key=lambda each: (each.agent, each.protects))),
            apart=tuple(sorted(asked.apart, key=sorted)),
            together=tuple(sorted(asked.together, key=sorted)),
            zones=tuple(zones.zones.values()),
            at=self.model.topology.at,
        )

    def _final(self, component: Component, asked: Asked) -> Component:
        """Return a component with what policies ask of it, and what nobody but its deployment knows."""
        instances, most = asked.instances.get(component.id, (0, 0))
        secure = asked.secure.get(component.id)
        ports = component.ports
        if secure is not None:
            ports = tuple(replace(each, secure=True) if _is_among(each, secure) else each for each in ports)
        return replace(
            component,
            wanted=asked.controls_of(component.id),
            slos=asked.slos_of(component.id),
            countries=asked.countries.get(component.id, frozenset()),
            exposed=True if component.exposed is None and component.id in asked.open else component.exposed,
            instances=max(component.instances, instances),
            most_instances=max(component.most_instances, most),
            ports=ports,
            unknown=self._unknown(component.name),
        )

    def _unknown(self, name: str) -> tuple[Unknown, ...]:
        found = []
        for what, node in sorted(self.model.unknown.get(name, {}).items()):
            text = expression(node)
            if not is_secret(what.rpartition(".")[2]) and not holds_secret(text):
                found.append(Unknown(what=what, expression=text, at=node.at))
        return tuple(found)

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
        role = self._role(template, role_of(template, kind))
        self._check_properties(template)
        self.ports[template.name] = ports = ports_of(self.model, template)
        return Component(
            id=self.ids[template.name],
            name=template.name,
            kind=kind,
            role=role,
            type=template.type_name,
            host=self.ids[host] if host and role is not Role.EXTERNAL else None,
            exposed=exposed(self.model, template),
            ports=tuple(dict.fromkeys(sorted((each for some in ports.values() for each in some), key=port_key))),
            data=self.words.data(self._own(template, "data"), template.name),
            resources=resources_of(self.model, template),
            implements=self.words.controls(self._own(template, "implements")),
            scripts=self.scripts.of(template),
            image="" if role is Role.HOST else self._image(template),
            instances=instances_of(self.model, template),
            most_instances=most_instances_of(self.model, template),
            roles=tuple(filter(None, map(word, items(self._own(template, "roles"))))),
            sla=word(self._own(template, "sla")),
            at=template.at,
        )

    def _role(self, template: Template, role: Role) -> Role:
        """Return the role; what is selected from what already runs, and hosts nothing, is a service that others run."""
        if "select" not in template.directives and "selectable" not in template.directives:
            return role
        if role is Role.COMPONENT and template.name not in self.hosting:
            said = "it is taken as a service that others run"
            role = Role.EXTERNAL
        else:
            said = "it is planned like one that is to be made"
        text = f"component {template.name!r} is to be selected from what already runs; {said}"
        self.findings.note("T064", template.at, text)
        return role

    def _image(self, template: Template) -> str:
        image, at = image_of(self.model, template)
        check_image(self.model, template, image, at)
        return self.scripts.image(template, image)

    def _own(self, template: Template, name: str) -> Node | None:
        if not self._is_ours(template):
            return None
        return self.model.values.deep(self.model.property(template, name), template.name)

    @staticmethod
    def _is_ours(template: Template) -> bool:
        return any(each.startswith("musa.") for each in template.type.chain)

    def _check_properties(self, template: Template) -> None:
        """Report properties that one of our types does not have: a need misspelt is a need lost."""
        if not self._is_ours(template) or not template.type.complete:
            return
        properties = template.properties
        for name in properties.entries:
            if name not in template.type.properties and name not in _OF_THE_NORM:
                close = self.findings.near(name, template.type.properties)
                text = f"component {template.name!r} has unknown property {name!r}"
                self.findings.error(
                    "T021", properties.keys[name], text, close or f"see {template.type_name} in docs/formats/tosca.md"
                )

    def _connections(self, asked: Asked) -> tuple[Connection, ...]:
        found: dict[tuple[ComponentId, ComponentId], Connection] = {}
        for edges in self.edges.values():
            for edge in edges:
                if edge.link is Link.HOSTED or {edge.source.name, edge.target.name} & self.left_out:
                    continue
                source, target = self.ids[edge.source.name], self.ids[edge.target.name]
                if source == target:
                    text = f"component {edge.source.name!r} uses itself; this says nothing and is left out"
                    self.findings.warn("T034", edge.at, text, "name another component")
                    continue
                connection = self._connection(edge, source, target, asked.secure.get(target))
                if (source, target) not in found or found[source, target].port == Port():
                    found[source, target] = connection
        return tuple(found[pair] for pair in sorted(found))

    def _connection(self, edge: Edge, source: ComponentId, target: ComponentId, secure: frozenset[int] | None) -> Connection:
        port = self._port(edge)
        if secure is not None and _is_among(port, secure):
            port = replace(port, secure=True)
        return Connection(
            source=source,
            target=target,
            port=port,
            initiator=Initiator(initiator_of(self.model, edge.target, edge.capability)),
            authenticated=True if any("credential" in key.lower() for key in edge.properties.entries) else None,
            at=edge.at,
        )

    def _port(self, edge: Edge) -> Port:
        """Return the port a connection uses: its own, that of the endpoint it names, or the only one there is."""
        said = edge.properties
        ends = Ends(edge.source.name, edge.target.name, said)
        own = port_of(self.model, edge.source, said.get("port"), said.get("protocol"), said.get("secure"), me=ends)
        ports = self.ports[edge.target.name]
        only = ports.get(edge.capability) or tuple(dict.fromkeys(each for some in ports.values() for each in some))
        if len(only) != 1:
            return own
        [there] = only
        return Port(
            number=there.number if own.number is None else own.number,
            protocol=own.protocol or there.protocol,
            secure=there.secure if own.secure is None else own.secure,
            path=own.path or there.path,
        )


def _is_among(port: Port, numbers: frozenset[int]) -> bool:
    """Tell whether a policy for these ports, or for all if it names none, is for this one."""
    return not numbers or port.number in numbers
