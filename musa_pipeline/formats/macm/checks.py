"""What the schema asks of a composition model beyond its spelling: labels, patterns, one host, paths, layers (VSecLab 2026).

A breach is a warning: the model is read all the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from musa_pipeline.domain.findings import Findings
from musa_pipeline.formats.macm.dialects import NUMBER, TYPE, Node
from musa_pipeline.formats.macm.graph import Arc, Property
from musa_pipeline.formats.macm.patterns import RELATIONS, is_allowed, way_out
from musa_pipeline.formats.macm.words import (
    AGENT,
    ASSET_TYPES,
    CONTAINER,
    EXTENSION,
    FIRMWARE,
    HW,
    HYPERVISOR,
    LAYER,
    OS,
    PARTY,
    PRIMARY,
    PROTOCOLS,
    RUNTIME,
    SERVICE,
    SLA,
    VIRTUAL,
    VM,
)

_HOLDS: Final = ("hosts", "provides")
_NO_PATH: Final = frozenset({"uses", "interacts", *EXTENSION})
_SHOWN: Final = 5
_NEEDS_ONE: Final = {
    LAYER: ("H014", "an operating system stands on HW or Virtual, a runtime or hypervisor on an operating system; or a CSP provides it"),
    VIRTUAL: ("H015", "a container is hosted by a SystemLayer.ContainerRuntime, a machine by a SystemLayer.HyperVisor; or a CSP provides it"),
    SERVICE: ("H016", "let a SystemLayer or a Service host it, or a CSP provide it"),
}  # fmt: skip


def check(nodes: Mapping[str, Node], arcs: Iterable[Arc], findings: Findings) -> None:
    """Report every breach of the schema, where it is written, with what would mend it."""
    arcs = tuple(arcs)
    _Checks(nodes, arcs, findings).all()


class _Checks:
    def __init__(self, nodes: Mapping[str, Node], arcs: tuple[Arc, ...], findings: Findings) -> None:
        self._nodes, self._arcs, self._findings = nodes, arcs, findings
        self._known = {key: each for key, each in nodes.items() if each.primary in PRIMARY}
        self._above: dict[str, dict[str, Arc]] = defaultdict(dict)
        for each in arcs:
            if each.kind in _HOLDS:
                self._above[each.target].setdefault(each.source, each)

    def all(self) -> None:
        self._numbers()
        for node in self._known.values():
            self._labels(node)
            self._one_holder(node)
        for arc in self._arcs:
            self._pattern(arc)
            self._layers(arc)
            self._protocols(arc)
        self._paths()
        self._connected()

    # nodes

    def _numbers(self) -> None:
        seen: dict[str, Node] = {}
        for node in self._nodes.values():
            said, at = node.vertex.text(*NUMBER), node.vertex.place(*NUMBER)
            if not said:
                self._findings.warn("H008", at, f"node {node.name!r} has no number", "give it a component_id of its own")
            elif (first := seen.setdefault(said, node)) is not node:
                text = f"{said!r} is the number of {first.name!r} and of {node.name!r}"
                self._findings.warn("H008", at, text, "give each node its own component_id")
            if not node.vertex.text("name"):
                self._findings.warn("H007", node.at, f"node {node.name!r} has no name", "give it one: {name: '…'}")

    def _labels(self, node: Node) -> None:
        at = node.vertex.place(*TYPE)
        if not node.type:
            self._findings.warn("H009", at, f"node {node.name!r} has no asset type", "give it one: {type: 'Service.Web'}")
            return
        if node.type not in ASSET_TYPES:
            hint = self._findings.near(node.type, ASSET_TYPES) or "types are Service.Web, HW.Server, Virtual.VM and others"
            self._findings.warn("H009", at, f"asset type {node.type!r} of {node.name!r} is not in the catalogue", hint)
            return
        primary, secondary = ASSET_TYPES[node.type]
        if node.current and (primary != node.primary or node.secondary != ((secondary,) if secondary else ())):
            has, needs = (
                ":".join(each) for each in ((node.primary, *node.secondary), (primary, secondary) if secondary else (primary,))
            )
            text = f"{node.name!r} has the labels {has!r}, but {node.type!r} goes with {needs!r}"
            self._findings.warn("H010", node.at, text, f"label it {needs!r}, or give it another type")

    def _one_holder(self, node: Node) -> None:
        holders = self._above.get(node.key, {})
        if len(holders) > 1:
            some = ", ".join(repr(self._nodes[each].name) for each in list(holders)[:_SHOWN])
            at = list(holders.values())[1].at
            text = f"{node.name!r} is hosted or provided by more than one: {some}"
            self._findings.warn("H013", at, text, "leave the nearest one; what hosts that need not host this too")
        elif not holders and node.primary in _NEEDS_ONE:
            code, help_ = _NEEDS_ONE[node.primary]
            self._findings.warn(code, node.at, f"nothing hosts or provides {node.name!r}", help_)

    # arcs

    def _pattern(self, arc: Arc) -> None:
        source, target = self._nodes[arc.source], self._nodes[arc.target]
        if arc.kind in EXTENSION:
            return
        if arc.kind not in RELATIONS:
            hint = self._findings.near(arc.kind, RELATIONS) or "relations are " + ", ".join(sorted(RELATIONS))
            self._findings.warn("H011", arc.at, f"{arc.kind!r} is no relation of composition models", hint)
        elif source.primary in PRIMARY and target.primary in PRIMARY and not is_allowed(source.primary, arc.kind, target.primary):
            text = f"{source.name!r} {arc.kind} {target.name!r}: {source.primary} {arc.kind} {target.primary} is no pattern of the schema"
            self._findings.warn("H012", arc.at, text, way_out(source.primary, arc.kind, target.primary))

    def _layers(self, arc: Arc) -> None:
        """Hold what hosts what against the layers: hardware, system, virtual machine or container, system, service."""
        if arc.kind != "hosts":
            return
        source, target = self._nodes[arc.source], self._nodes[arc.target]
        match (source.primary, target.primary):
            case (primary, "SystemLayer") if primary == HW:
                wrong = target.type == RUNTIME
                code, help_ = "H019", "a container runtime stands on an operating system: put SystemLayer.OS between"
            case (primary, "SystemLayer") if primary == LAYER:
                wrong = source.type != OS or target.type not in (RUNTIME, HYPERVISOR)
                code, help_ = (
                    "H020",
                    "an operating system may host a container runtime or a hypervisor, nothing else a system layer",
                )
            case (primary, "Virtual") if primary == LAYER:
                wrong = (source.type, target.type) not in ((RUNTIME, CONTAINER), (HYPERVISOR, VM))
                code, help_ = "H021", "a container runtime hosts containers, a hypervisor machines"
            case (primary, "SystemLayer") if primary == VIRTUAL:
                wrong = target.type not in (OS, FIRMWARE)
                code, help_ = "H022", "a machine or container hosts an operating system or firmware, which hosts the rest"
            case (primary, "Service") if primary == LAYER:
                wrong = source.type not in (OS, FIRMWARE)
                code, help_ = (
                    "H023",
                    "services stand on an operating system or firmware: put it, and a container or machine, between",
                )
            case _:
                return
        if wrong:
            text = f"{source.name!r} ({source.type!r}) hosts {target.name!r} ({target.type!r})"
            self._findings.warn(code, arc.at, text, help_)

    def _protocols(self, arc: Arc) -> None:
        allowed = PROTOCOLS.get(arc.kind, frozenset())
        for name, each in arc.properties.items():
            if not name.endswith("_protocol"):
                continue
            self._protocol(arc, name, each, allowed)

    def _protocol(self, arc: Arc, name: str, said: Property, allowed: frozenset[str]) -> None:
        if name not in allowed:
            some = ", ".join(sorted(allowed)) or "'uses' and 'connects' have protocols"
            self._findings.warn("H024", said.at, f"{arc.kind!r} has no {name!r}", f"write {some}" if allowed else some)
        elif isinstance(said.value, tuple) and len(said.value) > 1 and name != "application_protocol":
            self._findings.warn(
                "H024", said.at, f"{name!r} has more than one value", "only application_protocol may have several"
            )

    # the whole

    def _paths(self) -> None:
        parts = _Parts(self._nodes)
        for arc in self._arcs:
            if arc.kind not in _NO_PATH:
                parts.join(arc.source, arc.target)
        for arc in self._arcs:
            one, other = self._nodes[arc.source], self._nodes[arc.target]
            people = PARTY in (one.primary, other.primary)  # they use nothing: that is told as a wrong pattern
            if arc.kind == "uses" and not people and parts.of(arc.source) != parts.of(arc.target):
                source, target = one.name, other.name
                text = f"{source!r} uses {target!r}, and no hosts, provides or connects leads from one to the other"
                self._findings.warn("H018", arc.at, text, "connect the machines of both by a Network, or name their hosts")

    def _connected(self) -> None:
        parts = _Parts(self._nodes)
        for arc in self._arcs:
            parts.join(arc.source, arc.target)
        groups: dict[str, list[Node]] = defaultdict(list)
        for key, node in self._nodes.items():
            if node.primary not in (AGENT, SLA):
                groups[parts.of(key)].append(node)
        for group in sorted(groups.values(), key=len, reverse=True)[1:]:
            some = ", ".join(repr(each.name) for each in group[:_SHOWN]) + (" and others" if len(group) > _SHOWN else "")
            self._findings.warn(
                "H017", group[0].at, f"nothing joins {some} to the rest of the model", "add the relation, or take it out"
            )


class _Parts:
    """Nodes that hang together."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._up = {each: each for each in keys}

    def of(self, key: str) -> str:
        while self._up[key] != key:
            self._up[key] = self._up[self._up[key]]
            key = self._up[key]
        return key

    def join(self, one: str, other: str) -> None:
        self._up[self.of(one)] = self.of(other)
