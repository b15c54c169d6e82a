"""What the graph of the model shows of each component: who can reach it, what passes it, what falls with it.

Everything here grows with the model: another connection, port or class of data never takes away what was shown. Time is linear.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from musa_pipeline.domain.condition import Condition, Facts, reasons
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, Initiator, Role, Trust
from musa_pipeline.domain.ids import AgentId, ComponentId
from musa_pipeline.domain.risk import LONGEST_PATH, Exposure, FactorMove
from musa_pipeline.domain.source import NOWHERE, Source, Span
from musa_pipeline.domain.threat import Stride

GRAPH_FACTS: Final = ("reachable", "less-trusted", "data", "passes", "single-point", "uses-plain", "unauthenticated")
"""The facts of which `exposures_of` tells the way."""
REDUNDANCY: Final = AgentId("ha")
"""The agent of the catalog that keeps a second instance of what it protects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureRule:
    """An entry of the catalog: under its condition it moves default factors of threats of these STRIDE classes, always upwards."""

    id: str
    title: str
    when: Condition
    stride: frozenset[Stride]
    moves: tuple[FactorMove, ...]
    sources: tuple[Source, ...]
    at: Span = field(default=NOWHERE, compare=False)

    def moved_by(self, facts: Facts) -> tuple[FactorMove, ...]:
        """Return its moves, each with the first of the facts by which it holds that the graph shows."""
        words = (each.partition(" ")[0] for each in reasons(self.when, facts))
        fact = next((each for each in words if each in GRAPH_FACTS), "")
        return tuple(replace(each, fact=fact) for each in self.moves)


_Step: TypeAlias = tuple[ComponentId | None, Span]
_Shown: TypeAlias = dict[ComponentId, _Step]
"""Component -> what stands before it on the way, and where the model says so; nothing before it: the way begins there."""
_Ways: TypeAlias = dict[ComponentId, list[tuple[ComponentId, Span]]]
_TRUST: Final = {each: number for number, each in enumerate(Trust)}


def shown_by(cpim: Cpim) -> dict[tuple[str, str], _Shown]:
    """Return, for each fact and value, the components of which it holds with the step before them."""
    graph = _Graph(cpim)
    found: dict[tuple[str, str], _Shown] = {
        ("reachable", "true"): _walk(graph.entries(), graph.attacks),
        ("less-trusted", "true"): graph.from_less_trusted(),
        ("single-point", "true"): graph.single_points(),
        ("uses-plain", "true"): graph.plain(),
        ("unauthenticated", "true"): graph.unauthenticated(),
    }
    for data in DataClass:
        holders = {each.id: one.at for each in graph.sorted for one in reversed(each.data) if one.classification is data}
        found["data", data] = {name: (None, at) for name, at in holders.items()}
        passed = _walk(holders, graph.answers)
        found["passes", data] = {name: step for name, step in passed.items() if name not in holders}
    return found


def exposures_of(cpim: Cpim) -> tuple[Exposure, ...]:
    """Return what the graph shows of the components and machines of the model with the way, by component, fact and value."""
    others = {each.id for each in cpim.components if each.role is Role.EXTERNAL}
    found = [
        Exposure(
            component=name,
            fact=fact,
            value=value,
            path=_path(name, shown, whole=fact in ("reachable", "passes")),
            because=_words(fact, value),
            at=at,
        )
        for (fact, value), shown in shown_by(cpim).items()
        for name, (_, at) in shown.items()
        if name not in others
    ]
    return tuple(sorted(found, key=lambda each: (each.component, GRAPH_FACTS.index(each.fact), each.value)))


def _words(fact: str, value: str) -> str:
    match fact:
        case "reachable":
            return "reachable from the internet"
        case "less-trusted":
            return "used from a zone that is trusted less"
        case "data":
            return f"holds {value} data"
        case "passes":
            return f"{value} data pass it"
        case "single-point":
            return "one instance, and others depend on it"
        case "uses-plain":
            return "nothing encrypts what it says to another machine, or hears from one"
        case _:
            return "nobody proves who he is before using it"


def _path(name: ComponentId, shown: _Shown, *, whole: bool) -> tuple[ComponentId, ...]:
    path, before = [name], shown[name][0]
    while before is not None and len(path) < LONGEST_PATH:
        path.append(before)
        before = shown[before][0] if whole and before in shown else None
    return tuple(reversed(path))


def _walk(starts: dict[ComponentId, Span], ways: _Ways) -> _Shown:
    """Return everything that the ways lead to from any start, by the fewest steps; of equals the first by name."""
    found: _Shown = {each: (None, starts[each]) for each in sorted(starts)}
    frontier = list(found)
    while frontier:
        reached: list[ComponentId] = []
        for each in frontier:
            for there, at in ways.get(each, ()):
                if there not in found:
                    found[there] = (each, at)
                    reached.append(there)
        frontier = sorted(reached)
    return found


class _Graph:
    """The model as ways: `attacks` lead from who opens a connection to who listens, `answers` from what is used to its users.

    Both lead from software to the machine that it runs on, and never back: who holds a machine is another matter.
    """

    def __init__(self, cpim: Cpim) -> None:
        self.sorted = sorted(cpim.components, key=lambda each: each.id)
        self.by_id = {each.id: each for each in self.sorted}
        self.links = sorted(cpim.connections, key=lambda each: (each.source, each.target, each.port.number or 0, str(each.at)))
        self.trust = {each.name: each.trust for each in cpim.zones}
        self.redundant = {name for each in cpim.agents if each.agent == REDUNDANCY for name in each.protects}
        hosted = [(each.id, each.host, each.at) for each in self.sorted if each.host in self.by_id]
        self.attacks = _ways([*((*pair, link.at) for link in self.links for pair in opened(link)), *hosted])
        self.answers = _ways([*((link.target, link.source, link.at) for link in self.links), *hosted])

    def entries(self) -> dict[ComponentId, Span]:
        return {each.id: each.at for each in self.sorted if each.exposed or self.trust.get(each.zone) is Trust.PUBLIC}

    def from_less_trusted(self) -> _Shown:
        found: _Shown = {}
        for link in self.links:
            for source, target in opened(link):
                zones = [self.trust.get(self.by_id[each].zone) for each in (source, target)]
                if zones[0] and zones[1] and _TRUST[zones[0]] < _TRUST[zones[1]]:
                    found.setdefault(target, (source, link.at))
        return found

    def single_points(self) -> _Shown:
        """Return what has one instance, no declared redundancy, and users: other components, or people of an entry point.

        Every use counts as a need, so one instance that anything uses takes it along; a machine falls with what runs on it.
        """
        found: _Shown = {each: (None, at) for each, at in self.entries().items() if self._single(self.by_id[each])}
        for link in self.links:
            if link.source != link.target and self._single(self.by_id[link.target]):
                found.setdefault(link.target, (link.source, link.at))
        for name in sorted(found):
            below, seen = self.by_id[name], {name}
            while below.host in self.by_id and below.host not in seen and self._single(self.by_id[below.host]):
                found.setdefault(below.host, (below.id, below.at))
                seen.add(below.host)
                below = self.by_id[below.host]
        return found

    def _single(self, each: Component) -> bool:
        return each.instances == 1 and each.most_instances <= 1 and each.id not in self.redundant

    def plain(self) -> _Shown:
        found: _Shown = {}
        for link in self.links:
            if self._is_plain(link) and self._machine(link.source) != self._machine(link.target):
                found.setdefault(link.source, (link.target, link.at))
                found.setdefault(link.target, (link.source, link.at))
        return found

    def _is_plain(self, link: Connection) -> bool:
        """Tell whether the model says that nothing encrypts the connection; what the connection says comes before the port."""
        if link.port.secure is not None or link.port.number is None:
            return link.port.secure is False
        return any(each.number == link.port.number and each.secure is False for each in self.by_id[link.target].ports)

    def _machine(self, name: ComponentId) -> ComponentId:
        seen = {name}
        while (below := self.by_id[name].host) in self.by_id and below not in seen:
            seen.add(below)
            name = below
        return name

    def unauthenticated(self) -> _Shown:
        found: _Shown = {}
        for link in self.links:
            if link.authenticated is False:
                found.setdefault(link.target, (link.source, link.at))
        return found


def opened(link: Connection) -> Iterator[tuple[ComponentId, ComponentId]]:
    """Yield who can send something to whom of himself: along the connection, against it, or both, by who opens it."""
    if link.initiator is not Initiator.TARGET:
        yield link.source, link.target
    if link.initiator is not Initiator.SOURCE:
        yield link.target, link.source


def _ways(steps: Iterable[tuple[ComponentId, ComponentId, Span]]) -> _Ways:
    ways: _Ways = defaultdict(list)
    for source, target, at in steps:
        ways[source].append((target, at))
    for each in ways.values():
        each.sort(key=lambda step: step[0])
    return ways
