"""eBPF programs of the library, loaded and read; without libbpf, privilege or library they are absent, and the reason is told."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

from musa_pipeline.agent.disk import say
from musa_pipeline.agent.orders import Failed, Refused, State
from musa_pipeline.agent.rates import Rates
from musa_pipeline.agent.record import Record
from musa_pipeline.kernel.chain import Chain
from musa_pipeline.kernel.drops import DROP
from musa_pipeline.kernel.facts import Library
from musa_pipeline.kernel.interface import default_interface
from musa_pipeline.kernel.libbpf import KernelRefused, missing

Pair = tuple[Any, Any]
BEYOND = 1e12
"""Seconds; a number beyond is no time."""
PAUSE = 5.0
"""Seconds between two tries to load what is owed."""


class Programs:
    """The chains of programs on the interfaces of this machine. What is loaded is remembered, and loaded again after a start."""

    def __init__(self, library: Path, memory: Path, state: State, never: frozenset[str] = frozenset()) -> None:
        """`never`: addresses and names that are not blocked, whatever a command says: the gateway's."""
        self.library, self.memory, self.state, self.never = Library(library), memory, state, addresses(never, ask=False)
        self.names = never
        self.lock = threading.RLock()
        self.chains: dict[str, Chain] = {}
        self.rates = Rates()
        self.owed: list[dict[str, Any]] = []
        self.again = 0.0
        self.told: set[str] = set()
        self.verbs: dict[str, Callable[[dict[str, Any]], Pair]] = {
            "load": self._load,
            "unload": self._unload,
            "block": self._block,
            "unblock": self._unblock,
        }

    def restore(self, wanted: Sequence[dict[str, Any]]) -> None:
        """Take over what is still attached, and load what the deployment wants and what commands had loaded."""
        # who answers for names may be away for long: nothing waits for it
        threading.Thread(target=self._ask_names, name="names", daemon=True).start()
        self.owed = [*wanted, *self.state.fields["loaded"]]
        self._pay(time.monotonic())

    def _ask_names(self) -> None:
        self.never = addresses(self.names)

    def _pay(self, now: float) -> None:
        """Load what is owed; the programs, or what loads them, may come to the machine after the agent."""
        left = sorted(path.stem for path in self.memory.glob("*.json") if path.stem not in self.chains)
        self.again = now + PAUSE
        why = missing() if self.owed or left else ""
        if why:
            self._tell(f"no program is loaded: {why}")
            return
        for interface in left:
            self._safely(interface, lambda interface=interface: self._chain(interface))  # type: ignore[misc]
        self.owed = [
            each
            for each in self.owed
            if not self._safely(str(each.get("program")), lambda each=each: self._put(each))  # type: ignore[misc]
        ]

    def _tell(self, text: str) -> None:
        """Say a thing once, not each time it is tried."""
        if text not in self.told:
            self.told = {*list(self.told)[-50:], text}
            say(text)

    def do(self, verb: str, arguments: dict[str, Any]) -> Pair:
        """Obey a command; return the state before and after, as the kernel tells it. Raises Refused or Failed."""
        if verb not in self.verbs:
            raise Refused(f"there is no verb {verb!r}")
        with self.lock:
            try:
                return self.verbs[verb](arguments)
            except KernelRefused as wrong:
                raise Failed(missing() or str(wrong)) from wrong

    def figures(self) -> list[Record]:
        """Return what the loaded programs counted: as rates since the last time, and what was dropped as totals."""
        with self.lock:
            now = time.monotonic()
            if self.owed and now >= self.again:
                self._pay(now)
            told: list[Record] = []
            for chain in self.chains.values():
                try:
                    loaded = [each.program for each in chain.running() if each.program != DROP]
                    told += self.rates.of(chain.interface, loaded, (each for each in chain.figures() if each.program in loaded))
                    told += _dropped(chain)
                except KernelRefused as wrong:
                    say(f"programs of {chain.interface} cannot be read: {wrong}")
            return told

    def close(self) -> None:
        """Let go; what is blocked stays blocked until its time is over, which the kernel itself heeds."""
        with self.lock:
            for chain in self.chains.values():
                self._safely(chain.interface, lambda chain=chain: chain.close(keep_blocks=True))  # type: ignore[misc]
            self.chains = {}

    def let_go(self) -> None:
        """Take everything off the interfaces, blocks too: the agent is being removed."""
        for path in sorted(self.memory.glob("*.json")):
            self._safely(path.stem, lambda path=path: self._chain(path.stem).close())  # type: ignore[misc]

    def _safely(self, what: str, work: Callable[[], object]) -> bool:
        """Do some work; tell whether it could be done, and why not."""
        try:
            work()
        except (KernelRefused, Refused, OSError) as wrong:
            self._tell(f"{what}: {wrong}")
            return False
        return True

    def _chain(self, interface: str) -> Chain:
        """Return the chain of an interface (of the default route, if none is named), taking over what is left there."""
        name = interface or default_interface()
        if name not in self.chains:
            self.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
            chain = Chain(name, self.library, self.memory / f"{name}.json")
            for trouble in chain.resume():
                say(f"{name}: {trouble}")
            self.chains[name] = chain
        return self.chains[name]

    def _put(self, arguments: dict[str, Any]) -> Chain:
        program, interface, parameters, digest = _texts(arguments, "program", "interface", "digest")
        chain = self._chain(interface)
        chain.load(program, parameters, digest)
        return chain

    def _load(self, arguments: dict[str, Any]) -> Pair:
        program, interface, _, _ = _texts(arguments, "program", "interface", "digest")
        before = _running(self._chain(interface), program)
        chain = self._put(arguments)
        if before["state"] == "absent":
            self.rates.begin(program, chain.interface)
        self._remember(chain.interface, program, arguments)
        return before, _running(chain, program)

    def _unload(self, arguments: dict[str, Any]) -> Pair:
        program, interface, _, _ = _texts(arguments, "program", "interface", "digest")
        chain = self._chain(interface)
        before = _running(chain, program)
        chain.unload(program)
        self._remember(chain.interface, program, None)
        return before, _running(chain, program)

    def _remember(self, interface: str, program: str, arguments: dict[str, Any] | None) -> None:
        others = [each for each in self.state.fields["loaded"] if (each["interface"], each["program"]) != (interface, program)]
        fresh = {"parameters": arguments.get("parameters", {}), "digest": arguments.get("digest", "")} if arguments else None
        self.state.set(loaded=[*others, {"interface": interface, "program": program, **fresh}] if fresh else others)

    def _block(self, arguments: dict[str, Any]) -> Pair:
        source, seconds = self._source(arguments), _left(arguments)
        chains = list(self.chains.values()) or [self._chain("")]
        before = _block_of(chains, source)
        for chain in chains:
            chain.block(source, seconds)
        return before, _block_of(chains, source)

    def _unblock(self, arguments: dict[str, Any]) -> Pair:
        source = self._source(arguments)
        chains = list(self.chains.values()) or [self._chain("")]
        before = _block_of(chains, source)
        for chain in chains:
            chain.unblock(source)
        return before, _block_of(chains, source)

    def _source(self, arguments: dict[str, Any]) -> str:
        try:
            address = plain(arguments["source"])
        except (KeyError, ValueError) as wrong:
            raise Refused("its source is no address") from wrong
        special = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
        if special or str(address) in self.never:
            raise Refused(f"{address} is never blocked")
        return str(address)


def plain(text: str) -> IPv4Address | IPv6Address:
    """Return an address; one of IPv4 that is written as one of IPv6 is of IPv4. Raises ValueError.

    >>> str(plain("::ffff:192.0.2.7"))
    '192.0.2.7'
    """
    address = ip_address(text)
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def addresses(hosts: Iterable[str], *, ask: bool = True) -> frozenset[str]:
    """Return the addresses of hosts given by address, or by name where somebody answers for it."""
    found: set[str] = set()
    for host in hosts:
        try:
            found.add(str(plain(host)))
        except ValueError:
            with suppress(OSError, UnicodeError):
                told = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if ask else ()
                found.update(str(plain(str(each[4][0]))) for each in told)
    return frozenset(found)


def _left(arguments: dict[str, Any]) -> float:
    """Return for how many seconds a source is dropped: to its decided end, and no longer. Raises Refused."""
    ends: list[Any] = [arguments.get("seconds"), arguments.get("until", 0)]
    if not all(type(each) in (int, float) and abs(each) < BEYOND for each in ends):
        raise Refused("block takes a source, seconds and until")
    left = float(min(ends[0], ends[1] - time.time()) if "until" in arguments else ends[0])
    if not left > 0:
        raise Refused("its time is over already")
    return left


def _texts(arguments: dict[str, Any], program: str, interface: str, digest: str) -> tuple[str, str, dict[str, int], str]:
    """Return program, interface, parameters and digest. Raises Refused."""
    texts = [arguments.get(program), arguments.get(interface, ""), arguments.get(digest, "")]
    parameters = arguments.get("parameters", {})
    if not all(isinstance(each, str) for each in texts) or not texts[0] or not isinstance(parameters, dict):
        raise Refused("it takes program, interface, parameters and digest")
    return str(texts[0]), str(texts[1]), parameters, str(texts[2])


def _running(chain: Chain, program: str) -> Any:
    """Return what the kernel says of a program, as JSON can say it."""
    for each in chain.running():
        if each.program == program:
            return {
                "state": "loaded",
                "interface": chain.interface,
                "mode": each.mode,
                "digest": each.digest,
                "parameters": each.parameters,
            }
    return {"state": "absent", "interface": chain.interface}


def _block_of(chains: Sequence[Chain], source: str) -> Any:
    """Return what is dropped of a source, over all interfaces."""
    found = [each for chain in chains for each in chain.blocked() if each.source == source]
    left = max((each.left for each in found), default=0.0)
    return {
        "left": round(left, 3),
        "packets": sum(each.packets for each in found),
        "octets": sum(each.octets for each in found),
    }


def _dropped(chain: Chain) -> list[Record]:
    told: list[Record] = []
    with suppress(KernelRefused):
        for each in chain.blocked():
            about = {"program": DROP, "interface": chain.interface, "source": each.source}
            told.append({"metric": "net.dropped.packets", "value": each.packets, "unit": "packets", "about": about})
            told.append({"metric": "net.dropped.octets", "value": each.octets, "unit": "octets", "about": about})
            told.append({"metric": "net.dropped.left", "value": round(each.left, 3), "unit": "s", "about": about})
    return told
