"""Ports: where each component is reached, by whom, and through which agents that stand before it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.plan import OpenPort
from musa_pipeline.planning.places import Place, Places, users

INTERNET: Final = "internet"
PROXIES: Final = ("ha", "access_control")
"""Roles that stand before a component and hand requests on, outermost first."""
FIRST_ASSUMED: Final = 8080
FIRST_INNER: Final = 20001
HIGHEST: Final = 65535
_WEB: Final = frozenset({"http", "https"})
_ANYWHERE, _HERE = "0.0.0.0", "127.0.0.1"  # noqa: S104


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One listener of a chain: who listens where, and on which port the next one waits."""

    role: str
    address: str
    number: int
    forward: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One port of a component: the number outside, the hops before it, and where the component itself listens."""

    open: OpenPort
    because: str
    hops: tuple[Hop, ...]
    address: str
    inner: int

    def hop(self, role: str) -> Hop | None:
        """Return the hop of a role, if it stands before this port."""
        return next((each for each in self.hops if each.role == role), None)


def serve_all(cpim: Cpim, places: Places, proxies: Mapping[ComponentId, frozenset[str]]) -> dict[ComponentId, tuple[Served, ...]]:
    """Return the served ports of every component on a machine; `proxies` are the roles that stand before it."""
    named: dict[ComponentId, set[tuple[int, str]]] = defaultdict(set)
    for link in cpim.connections:
        if link.port.number:
            named[link.target].add((link.port.number, link.port.protocol.lower()))
    using = users(cpim)
    served: dict[ComponentId, tuple[Served, ...]] = {}
    for place in places.places:
        served.update(_serve_place(place, named, using, proxies))
    return served


def _serve_place(
    place: Place,
    named: Mapping[ComponentId, set[tuple[int, str]]],
    using: Mapping[ComponentId, tuple[ComponentId, ...]],
    proxies: Mapping[ComponentId, frozenset[str]],
) -> dict[ComponentId, tuple[Served, ...]]:
    wished = {each.id: _wished(each, named.get(each.id, set())) for each in place.members}
    reserved = {number for ports in wished.values() for number, _ in ports}
    taken: set[int] = set()
    inner = _Free(FIRST_INNER, reserved)
    assumed = _Free(FIRST_ASSUMED, reserved)
    served: dict[ComponentId, tuple[Served, ...]] = {}
    for component in place.members:
        before = proxies.get(component.id, frozenset())
        sources = ((INTERNET,) if component.exposed else ()) + tuple(using.get(component.id, ()))
        found = []
        for wish, protocol in wished[component.id] or [(0, "")]:
            number, because = wish, "the model names it"
            if not wish:
                number, because = assumed.take(), "the model names no port: assumed"
            elif wish in taken:
                number, because = assumed.take(), f"port {wish} is taken on this machine by another component"
            taken.add(number)
            port = OpenPort(number=number, protocol=_spoken(protocol, before), sources=sources)
            found.append(_chain(port, because, before, len(place.machines) > 1, inner))
        served[component.id] = tuple(found)
    return served


def _wished(component: Component, named: set[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the ports of a component by number, first as it says itself, then as its users say."""
    found: dict[int, str] = {}
    own = [(each.number, each.protocol.lower()) for each in component.ports if each.number]
    for number, protocol in [*own, *sorted(named)]:
        if not found.get(number):
            found[number] = protocol
    if not found and component.ports:
        return [(0, component.ports[0].protocol.lower())]
    return list(found.items())


def _chain(port: OpenPort, because: str, before: frozenset[str], copies: bool, inner: "_Free") -> Served:
    """Return a port with its hops: each listens where the one before it forwards to, the component last.

    A hop is open to other machines when it is the first, or when it follows the balancer of several copies.
    """
    roles = [role for role in PROXIES if role in before and _fits(role, port.protocol)]
    hops: list[Hop] = []
    address, number = _ANYWHERE, port.number
    for role in roles:
        forward = inner.take()
        hops.append(Hop(role=role, address=address, number=number, forward=forward))
        address, number = (_ANYWHERE if role == "ha" and copies else _HERE), forward
    return Served(open=port, because=because, hops=tuple(hops), address=address, inner=number)


def _spoken(protocol: str, before: frozenset[str]) -> str:
    """Return what is spoken on a port: only the transport is known, and access control was chosen, so it is HTTP."""
    if protocol in ("", "tcp"):
        return "http" if "access_control" in before else "tcp"
    return protocol


def _fits(role: str, protocol: str) -> bool:
    if protocol in ("udp", "sctp", "icmp"):
        return False
    return role != "access_control" or protocol in _WEB


class _Free:
    """Hands out port numbers in order that nobody asked for."""

    def __init__(self, first: int, reserved: Iterable[int]) -> None:
        self._next, self._reserved = first, frozenset(reserved)

    def take(self) -> int:
        while self._next in self._reserved:
            self._next += 1
        number, self._next = min(self._next, HIGHEST), self._next + 1
        return number
