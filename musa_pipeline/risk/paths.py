"""Attack paths: the likeliest way from the internet to each component that holds data worth taking.

An attacker begins at what is exposed or stands in a public zone, gets into a component by a risk that lets somebody in, and goes on
along connections, from who opens one to who is asked, from software to its machine and from a machine to what runs on it: each has
to be got into by a risk of its own. At the end a risk of disclosure is enough. A way is as likely as its least likely hop; of all
ways the likeliest counts, of those the shortest.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from typing import Final

from musa_pipeline.domain.attack import SENSITIVE, AttackPath, AttackPaths, Hop
from musa_pipeline.domain.cpim import Component, Cpim, DataClass, Initiator, Trust
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.risk import Rating, Risk, RiskProfile
from musa_pipeline.domain.threat import Stride
from musa_pipeline.risk.owasp import rate

LETS_IN: Final = frozenset({Stride.SPOOFING, Stride.TAMPERING, Stride.ELEVATION})
"""The classes of threats by which an attacker gets in and on; who reads, denies service or denies a deed is no step further."""
STRIKES: Final = LETS_IN | {Stride.DISCLOSURE}
"""The classes of threats that harm data at the end of a way."""
MOST: Final = 50
"""Paths that are written out; the rest is counted."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """A component with data, how likely the way to it is (infinite: nothing lies between), and what happens there."""

    target: Component
    way: float
    risk: Risk
    likelihood: float
    rating: Rating

    @property
    def order(self) -> tuple[float, float, str]:
        """The worst first."""
        return (-self.rating.score, -self.likelihood * self.risk.impact, self.target.id)


def attack_paths(cpim: Cpim, profile: RiskProfile, most: int = MOST) -> AttackPaths:
    """Return the worst attack paths of a model; its size costs time as sorting it does."""
    ground = _Ground(cpim, profile)
    holders = {each.id: each for each in cpim.components if any(data.classification in SENSITIVE for data in each.data)}
    ways = {each: way for each, way in ground.ways().items() if each in holders and each in ground.strikes}
    reached = sorted(
        (_struck(holders[each], way, ground.strikes[each]) for each, way in ways.items()), key=lambda each: each.order
    )
    traces = {way: ground.reach(way) for way in sorted({each.way for each in reached[:most]})}
    return AttackPaths(
        application=cpim.name,
        paths=tuple(_path(each, ground, traces[each.way]) for each in reached[:most]),
        more=max(len(reached) - most, 0),
        unreached=tuple(sorted(holders.keys() - ways.keys())),
    )


class _Ground:
    """The model as an attacker sees it: where one may begin, how likely it is to get into each component, what it leads to."""

    def __init__(self, cpim: Cpim, profile: RiskProfile) -> None:
        public = {each.name for each in cpim.zones if each.trust is Trust.PUBLIC}
        self.open = {each.id for each in cpim.components if each.zone in public}
        self.entries = sorted({each.id for each in cpim.components if each.exposed} | self.open)
        self.doors: dict[ComponentId, list[Risk]] = defaultdict(list)
        self.strikes: dict[ComponentId, list[Risk]] = defaultdict(list)
        for risk in profile.risks:
            if risk.stride in STRIKES:
                self.strikes[risk.component].append(risk)
            if risk.stride in LETS_IN:
                self.doors[risk.component].append(risk)
        self.ease = {each: max(risk.likelihood for risk in risks) for each, risks in self.doors.items()}
        self.ease.update(dict.fromkeys(self.open, inf))
        onward: dict[ComponentId, set[ComponentId]] = defaultdict(set)
        for source, target in _steps(cpim):
            onward[source].add(target)
        self.onward = {each: sorted(targets) for each, targets in onward.items()}

    def ways(self) -> dict[ComponentId, float]:
        """Return, for each component that can be asked for something, the likelihood of the likeliest way to it."""
        found: dict[ComponentId, float] = {}
        queue = [(-inf, each) for each in self.entries]
        while queue:
            way, here = heappop(queue)
            if here in found:
                continue
            found[here] = -way
            if (ease := self.ease.get(here)) is not None:
                for each in self.onward.get(here, ()):
                    if each not in found:
                        heappush(queue, (-min(-way, ease), each))
        return found

    def reach(self, level: float) -> dict[ComponentId, ComponentId | None]:
        """Return what can be asked by who gets into whatever is at least so likely, each with where from, the nearest first."""
        came: dict[ComponentId, ComponentId | None] = dict.fromkeys(self.entries)
        queue = deque(self.entries)
        while queue:
            here = queue.popleft()
            if self.ease.get(here, -1) < level:
                continue
            for each in self.onward.get(here, ()):
                if each not in came:
                    came[each] = here
                    queue.append(each)
        return came

    def hop(self, component: ComponentId) -> Hop:
        """Return how one gets through a component: by its likeliest risk."""
        if component in self.open:
            return Hop(component=component)
        risk = max(self.doors[component], key=lambda each: (each.likelihood, each.rating.score, each.threat))
        return Hop(component=component, risk=risk)


def _steps(cpim: Cpim) -> Iterator[tuple[ComponentId, ComponentId]]:
    for each in cpim.connections:
        if each.initiator is not Initiator.TARGET:
            yield each.source, each.target
        if each.initiator is not Initiator.SOURCE:
            yield each.target, each.source
    for component in cpim.components:
        if component.host:
            yield component.host, component.id
            yield component.id, component.host


def _struck(target: Component, way: float, risks: list[Risk]) -> _Reached:
    """Return the worst that may happen to a component at the end of a way."""
    return min((_Reached(target, way, each, min(way, each.likelihood), _rated(way, each)) for each in risks), key=_worst)


def _rated(way: float, risk: Risk) -> Rating:
    return rate(min(way, risk.likelihood), risk.impact)


def _worst(each: _Reached) -> tuple[float, float, str]:
    return (-each.rating.score, -each.likelihood * each.risk.impact, each.risk.threat)


def _path(each: _Reached, ground: _Ground, came: Mapping[ComponentId, ComponentId | None]) -> AttackPath:
    between = []
    at = came[each.target.id]
    while at is not None:
        between.append(ground.hop(at))
        at = came[at]
    return AttackPath(
        hops=(*reversed(between), Hop(component=each.target.id, risk=each.risk)),
        data=max((data.classification for data in each.target.data), key=list(DataClass).index),
        likelihood=each.likelihood,
        impact=each.risk.impact,
        rating=each.rating,
    )
