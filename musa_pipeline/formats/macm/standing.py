"""Which nodes of a composition model are components of ours, and what each of them runs on: layers between are passed over."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from musa_pipeline.domain.findings import Findings
from musa_pipeline.formats.macm.dialects import Node
from musa_pipeline.formats.macm.graph import Arc
from musa_pipeline.formats.macm.words import (
    AGENT,
    ASSET_TYPES,
    CONTAINER,
    CSP,
    DEVICES,
    HW,
    HYPERVISOR,
    LAYER,
    NETWORK,
    OURS,
    PARTY,
    RUNTIME,
    SLA,
    VIRTUAL,
)

_NEVER: Final = frozenset({PARTY, CSP, AGENT, SLA})
_SHOWN: Final = 5
_LEVELS: Final = 8
"""Layers between a machine and what runs there: firmware, hypervisor, machine, system, runtime, container, system."""


class Standing:
    """What stands on what. `parts` are the keys of components; `host` what each of them runs on, '' for what has a place of its own."""

    def __init__(self, nodes: Mapping[str, Node], arcs: Iterable[Arc], findings: Findings) -> None:
        self.nodes, self._findings = nodes, findings
        hosting = _without_circles([each for each in arcs if each.kind == "hosts"], nodes, findings)
        self._above: dict[str, str] = {}
        for each in hosting:
            self._above.setdefault(each.target, each.source)
        self._hosting = {each.source for each in hosting}
        self._nearest: dict[str, str] = {}
        for key in nodes:
            self._find_nearest(key)
        self.host = {key: self._nearest.get(self._above.get(key, ""), "") for key in nodes if self._nearest[key] == key}
        self.on_device = {key: self._device_below(key) for key in self.host}
        self._drop()

    @property
    def parts(self) -> Iterator[str]:
        """The keys of what is a component."""
        yield from self.host

    def is_machine(self, key: str) -> bool:
        """Tell whether a part is something that software is put on."""
        node = self.nodes[key]
        if node.primary == LAYER:
            return node.type != RUNTIME
        return (
            node.type not in DEVICES
            and (node.primary == HW or (node.primary == VIRTUAL and node.type != CONTAINER))
            and _runs(node)
        )

    def around(self, key: str) -> Iterator[str]:
        """Yield a node and what it stands on, upwards, as far as layers reach."""
        for _ in range(_LEVELS):
            if key not in self.nodes:
                return
            yield key
            key = self._above.get(key, "")

    def listening(self, key: str) -> list[str]:
        """Return the parts that somebody reaches who reaches a node: itself, or what runs on the machine or in the layer."""
        if key in self.host and not self.is_machine(key):
            return [key]
        return self._contents.get(key, [])

    def _find_nearest(self, key: str) -> None:
        """Remember the nearest part at or above a node and all on the way to it."""
        path = []
        while key and key not in self._nearest:
            path.append(key)
            key = self._above.get(key, "")
        found = self._nearest.get(key, "")
        for each in reversed(path):
            if self._is_part(self.nodes[each]) or (not found and self._stands_for_a_machine(self.nodes[each])):
                found = each
            self._nearest[each] = found

    def _is_part(self, node: Node) -> bool:
        if node.primary in _NEVER or f"{OURS}assumed" in node.vertex.properties or f"{OURS}agent" in node.vertex.properties:
            return False
        if f"{OURS}role" in node.vertex.properties:
            return True
        match node.primary:
            case "Network":
                return node.type not in ASSET_TYPES and bool(node.type)
            case "SystemLayer":
                return node.type not in ASSET_TYPES or node.type == RUNTIME
            case "Virtual":
                return node.type != CONTAINER or node.key not in self._hosting
        return True

    def _stands_for_a_machine(self, node: Node) -> bool:
        """Tell whether a system layer of which nobody says where it stands is itself the place of what runs on it."""
        assumed = f"{OURS}assumed" in node.vertex.properties
        return node.primary == LAYER and node.type != HYPERVISOR and node.key in self._hosting and not assumed

    def _device_below(self, key: str) -> str:
        """Return the device of a user, or of the field, on which a part stands; '' if it stands on none."""
        return next((each for each in list(self.around(key))[1:] if self.nodes[each].type in DEVICES), "")

    def _drop(self) -> None:
        """Leave out devices that something runs on, and machines below machines: what matters of them is what runs there."""
        guests: dict[str, list[str]] = defaultdict(list)
        for key, host in self.host.items():
            if host:
                guests[host].append(key)
        for key, some in guests.items():
            node = self.nodes[key]
            below = all(self.is_machine(each) for each in some)
            if node.ours or not (node.type in DEVICES or (self.is_machine(key) and below)):
                continue
            why = "only carries machines" if below else "is a device, and stands for what runs on it"
            self._findings.note("H028", node.at, f"{node.name!r} {why}: no component of its own")
            del self.host[key]
        for key, host in self.host.items():
            if (host and host not in self.host) or (self.is_machine(key) and not self.nodes[key].ours) or self.on_device[key]:
                self.host[key] = ""
        self._contents: dict[str, list[str]] = defaultdict(list)
        for key in self.host:
            if not self.is_machine(key):
                for each in list(self.around(key))[1:]:
                    self._contents[each].append(key)


def _runs(node: Node) -> bool:
    """Tell whether hardware is a computer: of what the catalogue does not know, only that with such a name is."""
    return node.type in ASSET_TYPES and node.primary != NETWORK and node.type != "HW.Router"


def _without_circles(hosting: list[Arc], nodes: Mapping[str, Node], findings: Findings) -> list[Arc]:
    """Return the arcs without those that close a circle; each of these is told."""
    out: dict[str, list[Arc]] = defaultdict(list)
    for each in hosting:
        out[each.source].append(each)
    state: dict[str, bool] = {}  # False: on the way down from here, True: done
    closing = set()
    for start in out:
        stack = [] if start in state else [(start, iter(out[start]))]
        state.setdefault(start, False)
        while stack:
            key, rest = stack[-1]
            arc = next(rest, None)
            if arc is None:
                state[key] = True
                stack.pop()
            elif arc.target not in state:
                state[arc.target] = False
                stack.append((arc.target, iter(out.get(arc.target, ()))))
            elif not state[arc.target]:
                closing.add(id(arc))
                near = [each for each, _ in stack[-_SHOWN:]]
                near = near[near.index(arc.target) :] if arc.target in near else near
                text = " hosts ".join(repr(nodes[each].name) for each in (*near, arc.target))
                findings.warn("H025", arc.at, f"{text}: a circle; this relation is left out", "let one of them stand outside")
    return [each for each in hosting if id(each) not in closing]
