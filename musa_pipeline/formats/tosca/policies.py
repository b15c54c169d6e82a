"""Policies of our own types: what is asked of components, where they may run, how well they must work."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Role, WantedAgent
from musa_pipeline.domain.ids import AgentId, ComponentId, MetricId
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.places import expand
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.asked import Asked, Policy
from musa_pipeline.formats.tosca.attachments import report_open
from musa_pipeline.formats.tosca.levels import service_level
from musa_pipeline.formats.tosca.needs import Words
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, entries, is_null, items, word
from musa_pipeline.formats.tosca.templates import Model, definitions
from musa_pipeline.formats.tosca.wild import Unused, check_triggers, read_wild
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_KEYS: Final = frozenset({"type", "description", "metadata", "properties", "targets", "triggers"})
_MOST: Final = 1_000_000
"""Targets of all policies together, groups followed."""


def read_policies(model: Model, catalogs: Catalogs, components: dict[str, Component | None]) -> Asked:
    """Return what the model's policies ask for. `components` are those of each template, None for what is left out."""
    return _Reader(model, catalogs, components).read()


class _Reader:
    def __init__(self, model: Model, catalogs: Catalogs, components: dict[str, Component | None]) -> None:
        self.model, self.catalogs, self.components = model, catalogs, components
        self.findings: Findings = model.findings
        self.words = Words(catalogs, model.findings)
        self.asked = Asked()
        self.unused = Unused(model)
        self.members: dict[str, dict[str, Node]] = {}
        self.left = _MOST
        self.readers: dict[str, Callable[[Policy], None]] = {
            "musa.policies.SecurityRequirement": self._requirement,
            "musa.policies.SecurityCapability": self._capability,
            "musa.policies.ServiceLevel": self._service_level,
            "musa.policies.Location": self._location,
            "musa.policies.Separation": self._separation,
            "musa.policies.CoLocation": self._co_location,
            "musa.policies.Agent": self._agent,
        }

    def read(self) -> Asked:
        for name, body, at in entries(self.model.topology.policies):
            if isinstance(body, Mapping):
                self._policy(name, body, at)
            else:
                self.findings.fault(
                    "T019", at, f"policy {name!r} must be a mapping", "write type, targets and properties below it"
                )
        self.unused.tell()
        return self.asked

    def _policy(self, name: str, body: Mapping, at: Span) -> None:
        written = word(body.get("type"))
        if not written:
            self.findings.fault("T004", at, f"policy {name!r} has no type", "write 'type: musa.policies.SecurityRequirement'")
            return
        self.model.types.check("policy_types", written, body.entries["type"].at, f"policy {name!r}")
        chain = self.model.types.chain("policy_types", written)
        targets = self._counted(name, at, self._targets(name, body.get("targets")))
        triggers = check_triggers(self.model, name, body)
        reader = next((self.readers[each] for each in chain if each in self.readers), None)
        if reader is None:
            self._wild(name, body, at, chain, list(dict.fromkeys(targets)))
            return
        if triggers:
            named = ", ".join(map(repr, triggers[:5]))
            text = f"triggers of policy {name!r} are read and not used: {named}"
            self.findings.note("T065", body.keys["triggers"], text, "what happens at run time is said by policies/")
        for key in body.entries:
            if key not in _KEYS:
                close = self.findings.near(key, _KEYS)
                self.findings.error("T021", body.keys[key], f"policy {name!r} has unknown key {key!r}", close)
        properties = self._properties(name, body, chain)
        said = not is_null(body.get("targets"))
        for_whom = tuple(dict.fromkeys(targets)) if said else tuple(self._counted(name, at, self._all()))
        reader(Policy(name, at, properties, for_whom, said))

    def _properties(self, name: str, body: Mapping, chain: tuple[str, ...]) -> Mapping:
        """Return the properties, defaults of the types included; one that no type of the chain has is an error."""
        own = self.findings.mapping(body.get("properties"), f"properties of policy {name!r}")
        known: dict[str, Node | None] = {}
        for each in reversed(chain):
            definition = self.model.types.sections["policy_types"].get(each)
            declared = definition.body.get("properties") if definition else None
            for key, value in declared if isinstance(declared, Mapping) else EMPTY:
                known[key] = value.get("default") if isinstance(value, Mapping) else None
        for key in own.entries:
            if known and key not in known:
                close = self.findings.near(key, known)
                self.findings.error("T021", own.keys[key], f"policy {name!r} has unknown property {key!r}", close)
        values = {key: self.model.values.node(value) for key, value in {**known, **own.entries}.items()}
        return Mapping(
            {key: value for key, value in values.items() if value is not None and not is_null(value)}, own.keys, own.at
        )

    def _wild(self, name: str, body: Mapping, at: Span, chain: tuple[str, ...], targets: list[ComponentId]) -> None:
        """Use what a policy of another project says, and tell what of it is used."""
        own = self._own_properties(body, chain)
        if not targets and isinstance(own.get("targets"), Sequence):  # tacker names them below properties
            targets = list(dict.fromkeys(self._targets(name, own.get("targets"))))
        used = read_wild(self.model, chain, own)
        few = (used.apart or used.together) and len(set(targets)) < 2
        if not used.told or not targets or few:
            self.unused.add(chain[0], name, at)
            return
        if used.apart or used.together:
            (self.asked.apart if used.apart else self.asked.together).add(frozenset(targets))
        if used.countries:
            countries = self.words.countries(Sequence(list(used.countries), at))
            for target in targets:
                self._allow(name, at, target, countries)
        for each in self.words.controls(used.controls):
            for target in targets:
                self.asked.wanted[target].setdefault(each.control, each)
        for target in targets:
            before = self.asked.instances.get(target, (0, 0))
            self.asked.instances[target] = (max(before[0], used.instances), max(before[1], used.most))
            if used.secure_ports is not None:
                ports = self.asked.secure.get(target, used.secure_ports)
                self.asked.secure[target] = ports | used.secure_ports if ports and used.secure_ports else frozenset()
            if used.open_at:
                self.asked.open.add(target)
                report_open(self.model, target, own, Scalar("", "", used.open_at), f"by policy {name!r}")
        self.findings.note("T065", at, f"policy {name!r} of type {chain[0]!r} is used: {used.told}")

    def _own_properties(self, body: Mapping, chain: tuple[str, ...]) -> Mapping:
        """Return the properties of another project's policy, defaults of its types included, evaluated."""
        found: dict[str, Node] = {}
        for name, definition, _ in reversed(list(definitions(self.model.types, "policy_types", chain, "properties"))):
            default = definition.get("default") if isinstance(definition, Mapping) else None
            if default is not None:
                found[name] = default
        own = body.get("properties")
        found.update(own.entries if isinstance(own, Mapping) else {})
        values = {name: self.model.values.deep(value) for name, value in found.items()}
        keys = own.keys if isinstance(own, Mapping) else {}
        return Mapping({name: value for name, value in values.items() if value is not None}, keys, body.at)

    def _targets(self, name: str, node: Node | None) -> list[ComponentId]:
        """Return the components that targets and groups of targets name (TOSCA 1.3, section 3.8.6)."""
        found: list[ComponentId] = []
        for target, each in self._named(items(node)).items():
            if target in self.model.every:
                inside = [self.components.get(one.name) for one in self.model.inside(target)]
                if not any(inside):
                    self.findings.warn("T016", each.at, f"policy {name!r} is for {target!r}, which is left out of the model", "")
                found.extend(one.id for one in inside if one)
            else:
                close = self.findings.near(target, self.components, self.model.topology.groups.entries)
                text = f"policy {name!r} is for {target!r}, which the model does not have"
                self.findings.fault("T012", each.at, text, close or "write the name of a node template or group of this file")
        return found

    def _named(self, nodes: list[Node]) -> dict[str, Node]:
        """Return the words that targets say, each once; in place of a group its members, looked up once in a model."""
        found: dict[str, Node] = {}
        for each in nodes:
            target = word(each)
            if not self._is_group(target):
                found.setdefault(target, each)
                continue
            if target not in self.members:
                self.members[target] = self._inside_group(each)
            found |= self.members[target]
        return found

    def _inside_group(self, group: Node) -> dict[str, Node]:
        found: dict[str, Node] = {}
        pending, seen = [group], set[str]()
        while pending:
            each = pending.pop()
            target = word(each)
            if not self._is_group(target):
                found.setdefault(target, each)
            elif target not in seen:
                seen.add(target)
                body = self.model.topology.groups.entries[target]
                pending.extend(reversed(items(body.get("members") if isinstance(body, Mapping) else None)))
        return found

    def _counted(self, name: str, at: Span, targets: Collection[ComponentId]) -> Collection[ComponentId]:
        """Return the targets; none once those of all policies are more than anybody means: a group in each is soon many."""
        before = self.left
        self.left -= len(targets)
        if self.left < 0 <= before:
            text = f"the policies up to {name!r} have more than {_MOST:,} targets together; this and others count for none"
            self.findings.error("T029", at, text, "let one policy be for all that it is meant for")
        return targets if self.left >= 0 else ()

    def _is_group(self, name: str) -> bool:
        return name not in self.model.every and isinstance(self.model.topology.groups.get(name), Mapping)

    def _all(self) -> tuple[ComponentId, ...]:
        """Return whom a policy without targets is for: every component we deploy."""
        return tuple(each.id for each in self.components.values() if each and each.role is Role.COMPONENT)

    def _requirement(self, policy: Policy) -> None:
        controls = self.words.controls(policy.properties.get("controls"))
        if not controls and "controls" not in policy.properties.entries:
            self._lacks(policy, "controls", "[AC-2, SC-8]")
        for target in policy.targets:
            for each in controls:
                self.asked.wanted[target].setdefault(each.control, each)

    def _capability(self, policy: Policy) -> None:
        """Ask for a named group of controls; the policy's name is the capability's, unless it says another."""
        controls = self.words.controls(policy.properties.get("controls"))
        if not controls and "controls" not in policy.properties.entries:
            self._lacks(policy, "controls", "[AC-2, IA-2]")
        name = word(policy.properties.get("capability")) or policy.name
        for target in policy.targets:
            for each in controls:
                self.asked.wanted[target].setdefault(each.control, replace(each, capability=name))

    def _location(self, policy: Policy) -> None:
        countries = self.words.countries(policy.properties.get("countries"))
        if "countries" not in policy.properties.entries:
            self._lacks(policy, "countries", "[EU]")
        if not countries:
            return
        deployed = (each.id for each in self.components.values() if each and each.role is not Role.EXTERNAL)
        for target in policy.targets if policy.said else deployed:
            self._allow(policy.name, policy.at, target, countries)

    def _allow(self, name: str, at: Span, target: ComponentId, countries: frozenset[str]) -> None:
        """Let a component run in these countries, of those that other policies allow."""
        before = self.asked.countries.get(target)
        both = countries if before in (None, countries) else expand(before or ()) & expand(countries)
        if both:
            self.asked.countries[target] = both
        else:
            text = f"policy {name!r} leaves no country for component {target!r}: another policy allows none of these"
            self.findings.error("T030", at, text, "let the policies share at least one country")

    def _separation(self, policy: Policy) -> None:
        self._set(policy, self.asked.apart)

    def _co_location(self, policy: Policy) -> None:
        self._set(policy, self.asked.together)

    def _set(self, policy: Policy, among: set[frozenset[ComponentId]]) -> None:
        if policy.said and len(policy.targets) > 1:
            among.add(frozenset(policy.targets))
        else:
            self.findings.error(
                "T029", policy.at, f"policy {policy.name!r} needs at least two targets", "write 'targets: [a, b]'"
            )

    def _agent(self, policy: Policy) -> None:
        node = policy.properties.get("agent")
        if not policy.said:
            self.findings.error("T029", policy.at, f"policy {policy.name!r} has no targets", "write 'targets: [web]'")
        if not node:
            self._lacks(policy, "agent", "ha")
        elif word(node) not in self.catalogs.agent:
            close = self.findings.near(word(node), self.catalogs.agent)
            text = f"policy {policy.name!r} asks for unknown agent {word(node)!r}"
            self.findings.error("T028", node.at, text, close or "agents: " + ", ".join(sorted(self.catalogs.agent)))
        elif policy.said and policy.targets:
            protects = tuple(sorted(policy.targets))
            self.asked.agents.append(WantedAgent(agent=AgentId(word(node)), protects=protects, at=policy.at))

    def _service_level(self, policy: Policy) -> None:
        node = policy.properties.get("metric")
        metric = self.catalogs.metric.get(MetricId(word(node))) if node else None
        if node is None:
            self._lacks(policy, "metric", "availability")
        elif metric is None:
            close = self.findings.near(word(node), self.catalogs.metric)
            text = f"policy {policy.name!r} names unknown metric {word(node)!r}"
            self.findings.error("T026", node.at, text, close or "'musa catalog list metrics' shows them all")
        elif slo := service_level(policy, metric, self.findings):
            for target in policy.targets:
                self._promise(policy, target, slo)

    def _promise(self, policy: Policy, target: ComponentId, slo: Slo) -> None:
        before = self.asked.slos[target].setdefault(slo.metric, slo)
        if before != slo:
            text = f"policy {policy.name!r} sets another bound on {slo.metric!r} of component {target!r}"
            self.findings.error("T027", policy.at, text, f"the first is at {before.at}; keep one of them")

    def _lacks(self, policy: Policy, key: str, example: str) -> None:
        self.findings.error(
            "T029", policy.at, f"policy {policy.name!r} has no {key!r}", f"write '{key}: {example}' in its properties"
        )
