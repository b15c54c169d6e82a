"""A cloud-provider-independent model as CAMEL 2015.9 text with our layer (docs/formats/camel.md)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from itertools import chain, count
from typing import Final, TypeVar

from musa_pipeline.domain.cpim import Component, Connection, Cpim, Port, Resources, Role
from musa_pipeline.domain.ids import ComponentId, slug
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.text.quantity import format_bound

T = TypeVar("T")
_NAME: Final = re.compile(r"[^\W\d]\w*")
_NOT_IN_NAMES: Final = re.compile(r"\W+")
_KEBAB: Final = re.compile(r"[^\W\d_]\w*(?:-\w+)*")
_KEYWORD: Final = re.compile(r"'([a-z]\w*)'")
_OPERATORS: Final = {Operator.GE: ">=", Operator.LE: "<=", Operator.EQ: "=", Operator.GT: ">", Operator.LT: "<"}
_OPERATIONS: Final = {"create": ("install",), "configure": ("configure",), "start": ("start",), "stop": ("stop",)}
_CREATING: Final = ("download", "upload", "install")
"""CAMEL's words for what creates, in the order they run."""


def write_camel(cpim: Cpim) -> str:
    """Return the model as text. What CAMEL with our layer has no words for is left out: read it again and compare."""
    return _Writer(cpim).text()


class _Writer:
    def __init__(self, cpim: Cpim) -> None:
        self.cpim = cpim
        self.names = _names(cpim.components)
        self.taken = {_plain(each) for each in self.names.values()}
        self.deployment, self.needs, self.where = (self._free(each) for each in ("Deployment", "Needs", "Places"))
        self.by_id = {each.id: each for each in cpim.components}
        self.hosts = {each.host for each in cpim.components if each.host}
        self.ports = {each.id: _port_names(each) for each in cpim.components}
        self.talks = [each for each in cpim.connections if self._is_communication(each)]
        self.asks: dict[ComponentId, list[str]] = defaultdict(list)
        self.sizes = _numbered("Size", (_size(each.resources) for each in cpim.components if _sized(each.resources)))
        self.systems = _numbered("System", (each.resources.os for each in cpim.components if each.resources.os))
        self.places = _numbered(
            "Place", (each.countries for each in cpim.components if each.countries and each.role is Role.HOST)
        )

    def _free(self, name: str) -> str:
        """Return a name that nothing has yet: this one, or this one with a number."""
        numbers = (f"{name}_{number}" for number in count(2))
        found = next(each for each in chain((name,), numbers) if each not in self.taken)
        self.taken.add(found)
        return found

    def text(self) -> str:
        title = _name(self.cpim.name, "Application")
        lines = [f"camel model {title} {{"]
        for part in (self._deployment(), self._requirements(), self._locations(), self._layer()):
            body = list(part)
            if len(body) > 2:
                lines += [f"\t{line}".rstrip() for line in body]
                lines.append("")
        if not lines[-1]:
            lines.pop()
        return "\n".join([*lines, "}", ""])

    # deployment

    def _deployment(self) -> Iterator[str]:
        for talk in self.talks:
            self.asks[talk.source].append(f"{_plain(self.names[talk.target])}Needed")
        yield f"deployment model {self.deployment} {{"
        deployed = [each for each in self.cpim.components if each.role is not Role.EXTERNAL]
        for each in deployed:
            yield from _in(self._needs(each))
        for each in deployed:
            yield from _in(self._machine(each) if each.role is Role.HOST else self._component(each))
        for each in deployed:
            if each.host in self.by_id and each.role is Role.COMPONENT:  # a machine of CAMEL runs on nothing
                source, target = self.names[each.id], self.names[self.by_id[each.host].id]
                yield from _in(
                    [
                        f"hosting {_plain(source)}OnHost {{",
                        f"\tfrom {source}.{_plain(source)}Host to {target}.{_plain(target)}Place",
                        "}",
                    ]
                )
        for number, talk in enumerate(self.talks, 1):
            source, target = self.names[talk.source], self.names[talk.target]
            port = self.ports[talk.target][talk.port]
            way = f"\tfrom {source}.{_plain(target)}Needed to {target}.{port}"
            yield from _in([f"communication {self._free(f'Use{number}')} {{", way, "}"])
        yield "}"

    def _needs(self, component: Component) -> list[str]:
        if component.role is not Role.HOST:
            return []
        said = []
        if component.countries:
            said.append(f"\tlocation: {self.needs}.{self.places[component.countries]}")
        if _sized(component.resources):
            said.append(f"\tquantitative hardware: {self.needs}.{self.sizes[_size(component.resources)]}")
        if component.resources.os:
            said.append(f"\tos: {self.needs}.{self.systems[component.resources.os]}")
        return [f"requirement set {_plain(self.names[component.id])}Needs {{", *said, "}"] if said else []

    def _machine(self, component: Component) -> list[str]:
        name = self.names[component.id]
        said = [f"\trequirement set {_plain(name)}Needs"] if self._needs(component) else []
        return [f"vm {name} {{", *said, f"\tprovided host {_plain(name)}Place", *self._scripts(component), "}"]

    def _component(self, component: Component) -> list[str]:
        name = self.names[component.id]
        said = []
        for port, own in self.ports[component.id].items():
            said.append(f"\tprovided communication {own}" + (f" {{port: {port.number}}}" if port.number else ""))
        said += [f"\trequired communication {each} {{mandatory}}" for each in self.asks[component.id]]
        if component.host in self.by_id:
            said.append(f"\trequired host {_plain(name)}Host")
        if component.id in self.hosts:
            said.append(f"\tprovided host {_plain(name)}Place")
        return [f"internal component {name} {{", *said, *self._scripts(component), "}"]

    def _scripts(self, component: Component) -> list[str]:
        runs: dict[str, list[str]] = defaultdict(list)
        for each in component.scripts:
            runs[each.operation].append(each.run)
        said = []
        for operation, words in _OPERATIONS.items():
            several = runs[operation]
            used = _CREATING[-len(several) :] if operation == "create" and 0 < len(several) <= len(_CREATING) else words
            joined = several if len(used) == len(several) else [" && ".join(several)] if several else []
            said += [f"\t\t{word}: {_quoted(run)}" for word, run in zip(used, joined, strict=False)]
        return [f"\tconfiguration {_plain(self.names[component.id])}Configuration {{", *said, "\t}"] if said else []

    def _is_communication(self, connection: Connection) -> bool:
        """Tell whether two components of the deployment talk over a port that the target has; else the layer says it."""
        both = (self.by_id[connection.source], self.by_id[connection.target])
        return all(each.role is Role.COMPONENT for each in both) and connection.port in self.ports[connection.target]

    # requirements and places

    def _requirements(self) -> Iterator[str]:
        yield f"requirement model {self.needs} {{"
        for size, name in self.sizes.items():
            parts = (("core", size.cores), ("ram", size.memory), ("storage", size.storage))
            yield from _in([f"quantitative hardware {name} {{", *(f"\t{word}: {value}.." for word, value in parts if value), "}"])
        for system, name in self.systems.items():
            yield from _in([f"os {name} {{os: {_quoted(system)} 64os}}"])
        for countries, name in self.places.items():
            places = ", ".join(f"{self.where}.{each}" for each in sorted(countries))
            yield from _in([f"location requirement {name} {{", f"\tlocations [{places}]", "}"])
        for each in self.cpim.components:
            if each.role is not Role.EXTERNAL and (each.instances > 1 or each.most_instances):
                name = self.names[each.id]
                most = f" {each.most_instances}" if each.most_instances else ""
                scale = [f"\tcomponent: {self.deployment}.{name}", f"\tinstances: {each.instances} ..{most}"]
                yield from _in([f"horizontal scale requirement {_plain(name)}Scale {{", *scale, "}"])
        yield "}"

    def _locations(self) -> Iterator[str]:
        yield f"location model {self.where} {{"
        for code in sorted(frozenset().union(*self.places)):
            yield from _in([f"{'country' if len(code) == 2 and code != 'EU' else 'region'} {code} {{", f"\tname: '{code}'", "}"])
        yield "}"

    # our layer

    def _layer(self) -> Iterator[str]:
        yield "musa model v1 {"
        for each in self.cpim.components:
            yield from _in(self._external(each) if each.role is Role.EXTERNAL else self._about(each))
        for connection in self.cpim.connections:
            if not self._is_communication(connection):
                yield from _in([self._uses(connection)])
        for zone in self.cpim.zones:
            of = [self.names[each.id] for each in self.cpim.components if each.zone == zone.name]
            yield from _in([f"zone {zone.name} {{", f"\ttrust: {zone.trust}", *([f"\tof: {', '.join(of)}"] if of else []), "}"])
        yield from self._capabilities()
        for number, agent in enumerate(self.cpim.agents, 1):
            protects = ", ".join(self.names[each] for each in agent.protects)
            yield from _in([f"agent {self._free(f'Agent{number}')} {{ role: {agent.agent} protects: {protects} }}"])
        yield from self._levels()
        for word, sets in (("apart", self.cpim.apart), ("together", self.cpim.together)):
            for ids in sets:
                yield from _in([f"{word} [{', '.join(self.names[each] for each in sorted(ids))}]"])
        yield "}"

    def _about(self, component: Component) -> list[str]:
        said = [] if component.role is Role.HOST and component.kind == "compute" else [f"\tkind: {component.kind}"]
        said += self._reach(component)
        if spoken := [
            f"{self.names[component.id]}.{own}({_spoken(port)})"
            for port, own in self.ports[component.id].items()
            if port.protocol
        ]:
            said.append(f"\tspeaks: {', '.join(spoken)}")
        said += self._common(component)
        if component.image:
            said.append(f"\timage: {_quoted(component.image)}")
        if component.roles:
            said.append(f"\troles: [{', '.join(component.roles)}]")
        if component.sla:
            said.append(f"\tsla: {_quoted(component.sla)}")
        if component.countries and component.role is Role.COMPONENT:
            said.append(f"\tcountries: [{', '.join(sorted(component.countries))}]")
        return [f"component {self.names[component.id]} {{", *said, "}"] if said else []

    def _external(self, component: Component) -> list[str]:
        said = [f"\tkind: {component.kind}", *self._reach(component)]
        if listens := [f"{each.number}({_spoken(each)})" for each in component.ports if each.number and each.protocol]:
            said.append(f"\tlistens: {', '.join(listens)}")
        said += self._common(component)
        if component.sla:
            said.append(f"\tsla: {_quoted(component.sla)}")
        if component.countries:
            said.append(f"\tcountries: [{', '.join(sorted(component.countries))}]")
        return [f"external component {self.names[component.id]} {{", *said, "}"]

    @staticmethod
    def _reach(component: Component) -> list[str]:
        return [] if component.exposed is None else ["\texposed" if component.exposed else "\tinternal"]

    @staticmethod
    def _common(component: Component) -> list[str]:
        said = []
        if component.data:
            data = (
                f"{each.name if _KEBAB.fullmatch(each.name) else slug(each.name)}({each.classification})"
                for each in component.data
            )
            said.append(f"\tdata: {', '.join(data)}")
        if component.implements:
            said.append(f"\timplements: [{', '.join(str(each.control) for each in component.implements)}]")
        if bare := [str(each.control) for each in component.wanted if not each.capability]:
            said.append(f"\trequires: [{', '.join(bare)}]")
        return said

    def _uses(self, connection: Connection) -> str:
        target = self.by_id[connection.target]
        own = target.ports[0] if len(target.ports) == 1 else Port()
        by = f" by {_spoken(connection.port)}" if connection.port.protocol and connection.port != own else ""
        return f"uses {self.names[connection.source]} -> {self.names[connection.target]}{by}"

    def _capabilities(self) -> Iterator[str]:
        groups: dict[tuple[str, tuple[str, ...]], list[ComponentId]] = defaultdict(list)
        for each in self.cpim.components:
            asked: dict[str, list[str]] = defaultdict(list)
            for wish in each.wanted:
                if wish.capability:
                    asked[wish.capability].append(str(wish.control))
            for capability, controls in asked.items():
                groups[capability, tuple(controls)].append(each.id)
        for (capability, several), ids in groups.items():
            of = ", ".join(self.names[each] for each in ids)
            name = self._free(_name(capability, "Capability"))
            yield from _in([f"capability {name} {{", f"\tcontrols: [{', '.join(several)}]", f"\tof: {of}", "}"])

    def _levels(self) -> Iterator[str]:
        levels: dict[Slo, list[str]] = defaultdict(list)
        for each in self.cpim.components:
            for slo in each.slos:
                levels[slo].append(self.names[each.id])
        for number, (slo, of) in enumerate(levels.items(), 1):
            bound = f"{slo.metric} of {', '.join(of)} {_OPERATORS[slo.operator]} {format_bound(slo.bound, slo.unit)}"
            alert = f" alert {format_bound(slo.alert, slo.unit)}" if slo.alert is not None else ""
            weight = "" if slo.weight is Weight.MEDIUM else f" weight {slo.weight.value.lower()}"
            own = slo.because if _NAME.fullmatch(slo.because) and slo.because.lower() not in _keywords() else ""
            name = self._free(own if own and own not in self.taken else f"Level{number}")
            because = f" because {_quoted(slo.because)}" if slo.because and slo.because != name else ""
            yield from _in([f"service level {name} {{", f"\t{bound}{alert}{weight}{because}", "}"])


def _names(components: Sequence[Component]) -> dict[ComponentId, str]:
    """Return a name in CAMEL for each component: its own if it is one, else one that makes the same id."""
    found: dict[ComponentId, str] = {}
    for each in components:
        own = each.name if _NAME.fullmatch(each.name) and slug(each.name) == each.id else _name(each.id, "Component")
        found[each.id] = f"^{own}" if own.lower() in _keywords() else own
    return found


def _port_names(component: Component) -> dict[Port, str]:
    if component.role is not Role.COMPONENT:
        return {}
    numbers = Counter(port.number for port in component.ports)
    return {
        port: f"Port{port.number}" if port.number and numbers[port.number] == 1 else f"Port{port.number or 0}_{number}"
        for number, port in enumerate(component.ports, 1)
    }


def _name(text: str, otherwise: str) -> str:
    """Return a text as a name of CAMEL."""
    found = _NOT_IN_NAMES.sub("_", text).strip("_")
    return found if _NAME.fullmatch(found) else f"{otherwise}_{found}".rstrip("_")


def _plain(name: str) -> str:
    return name.removeprefix("^")


def _numbered(kind: str, values: Iterable[T]) -> dict[T, str]:
    """Return a name for each different value, in the order they come."""
    return {value: f"{kind}{number}" for number, value in enumerate(dict.fromkeys(values), 1)}


def _size(whole: Resources) -> Resources:
    return replace(whole, os="")


def _sized(size: Resources) -> bool:
    return bool(size.cores or size.memory or size.storage)


def _spoken(port: Port) -> str:
    return port.protocol + ("" if port.secure is None else " secure" if port.secure else " plain")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _in(lines: Iterable[str]) -> list[str]:
    return [f"\t{each}" for each in lines]


@cache
def _keywords() -> frozenset[str]:
    """Return every word that is a keyword of some part: none of them is a name without `^`."""
    folder = resources.files("musa_pipeline.formats.camel") / "grammar"
    return frozenset(
        word for each in folder.iterdir() if each.name.endswith(".tx") for word in _KEYWORD.findall(each.read_text("utf-8"))
    )
