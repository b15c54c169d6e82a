"""The sources that source-drop blocks: until when, and what was dropped of each."""

import contextlib
import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from musa_pipeline.kernel.facts import Facts
from musa_pipeline.kernel.libbpf import KernelRefused
from musa_pipeline.kernel.maps import Map, read_address, write_address
from musa_pipeline.kernel.memory import boot_clock
from musa_pipeline.kernel.program import Program
from musa_pipeline.kernel.structures import map_info

DROP = "source-drop"
SECOND = 1_000_000_000


@dataclass(frozen=True)
class Blocked:
    """One blocked source: seconds until the kernel forgets it (0: it is over), and what was dropped of it."""

    source: str
    left: float
    packets: int
    octets: int


class Drops:
    """The maps of one loaded source-drop."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.until, self.counts = self._map("blocked"), self._map("dropped")

    def _map(self, name: str) -> Map:
        if name not in self.program.maps:
            raise KernelRefused(f"the facts of {self.program.facts.id!r} name no map {name!r}")
        return self.program.maps[name]

    @staticmethod
    def named(source: str) -> str:
        """Return an address in its one spelling."""
        return read_address(write_address(source))

    def end_of(self, source: str, seconds: float) -> int:
        """Return when a block that begins now is over; raises KernelRefused if it may not be asked for."""
        write_address(source)
        longest = self.program.parameters["longest"]
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= longest:
            raise KernelRefused(f"a source is blocked for more than 0 and at most {longest} seconds, not {seconds!r}")
        return boot_clock() + int(seconds * SECOND)

    def block(self, source: str, end: int) -> None:
        """Block a source until then; counts go on where they were."""
        key = write_address(source)
        try:
            self._put(key, end)
        except KernelRefused as error:
            if error.number != errno.E2BIG:
                raise
            self.forget([each.source for each in self.told() if not each.left])
            try:
                self._put(key, end)
            except KernelRefused as again:
                most = self.program.parameters["most"]
                raise KernelRefused(f"{most} sources are blocked already, and no more can be", number=again.number) from again

    def _put(self, key: bytes, end: int) -> None:
        with contextlib.suppress(_Exists):
            try:
                self.counts.put(key, {}, how=1)
            except KernelRefused as error:
                raise _Exists if error.number == errno.EEXIST else error from error
        self.until.put(key, {"until": end})

    def unblock(self, source: str) -> bool:
        """Let a source through; tell whether it was blocked. Its counts are told once more."""
        key = write_address(source)
        was_open = self.named(source) in self.open_blocks()
        self.until.delete(key)
        return was_open

    def open_blocks(self) -> dict[str, int]:
        """Return source -> end of all blocks that are not over."""
        now = boot_clock()
        return {read_address(key): numbers["until"] for key, numbers in self.until.rows() if numbers["until"] > now}

    def told(self) -> tuple[Blocked, ...]:
        """Return all blocks with what they dropped; those that are over too, until they are forgotten."""
        found = []
        for key, counted in sorted(self.counts.rows()):
            end = (self.until.get(key) or {"until": 0})["until"]
            left = max(0, end - boot_clock()) / SECOND
            found.append(Blocked(read_address(key), left, counted["packets"], counted["octets"]))
        return tuple(found)

    def forget(self, sources: "Iterable[str]") -> None:
        """Forget blocks that are over, with their counts."""
        for key in map(write_address, sources):
            self.until.delete(key)
            self.counts.delete(key)

    def inherit(self, maps: "Mapping[str, int]", remembered: "Mapping[str, int] | None" = None) -> None:
        """Block what an earlier program blocked: what was remembered, else what its maps say; counts go on where they were."""
        until, counts = self._as_ours("blocked", maps), self._as_ours("dropped", maps)
        if remembered is None:
            ends = {key: numbers["until"] for key, numbers in until.rows()} if until else {}
        else:
            ends = {write_address(source): end for source, end in remembered.items()}
        for key in [key for key, _ in self.until.rows() if key not in ends]:
            self.until.delete(key)
        for key, numbers in counts.rows() if counts and not _same(counts, self.counts) else ():
            self.counts.put(key, numbers)
        for key, end in ends.items():
            if end > boot_clock():
                self._put(key, end)

    def _as_ours(self, name: str, maps: "Mapping[str, int]") -> "Map | None":
        """Return a map of an earlier program, if it is there and its entries are made like ours."""
        facts = self._map(name).facts
        found = map_info(maps[name]) if name in maps else None
        alike = found is not None and (found.key_size, found.value_size) == (facts.key_size, facts.value_size)
        return Map(facts, maps[name]) if alike else None


def _same(one: Map, other: Map) -> bool:
    return bool(map_info(one.descriptor).id == map_info(other.descriptor).id)


def still_good(facts: Facts, parameters: "Mapping[str, int]", maps: "Mapping[str, int]") -> dict[str, int]:
    """Return the maps of an earlier source-drop that a new one can go on with as they are: all of them, or none."""
    said = {each.name: (each.key_size, each.value_size, parameters["most"]) for each in facts.maps}
    for name, shape in said.items():
        found = map_info(maps[name]) if name in maps else None
        if found is None or (found.key_size, found.value_size, found.max_entries) != shape:
            return {}
    return {name: maps[name] for name in said}


class _Exists(Exception):
    """The source has counts already."""
