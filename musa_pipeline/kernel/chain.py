"""The programs of one interface, in their order, each jumping to the next; changed while packets flow, so that none is lost or missed."""

import ctypes
import errno
import platform
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from musa_pipeline.kernel.drops import DROP, Blocked, Drops, still_good
from musa_pipeline.kernel.facts import Library
from musa_pipeline.kernel.interface import Hook
from musa_pipeline.kernel.libbpf import U32, KernelRefused, call
from musa_pipeline.kernel.maps import KEYS
from musa_pipeline.kernel.memory import Memory, Remembered
from musa_pipeline.kernel.program import Program
from musa_pipeline.kernel.structures import program_info
from musa_pipeline.kernel.takeover import is_ours, left_maps, name_of

FIRST = bytes(4)
TOLD_FOR = 60
"""Seconds in which a block that is over is still told."""
MEMBARRIER = {"x86_64": 324, "aarch64": 283}
"""membarrier(2), which the C library does not wrap."""


@dataclass(frozen=True)
class Row:
    """One entry of a map: the key as people write it, and its numbers, counted since the program was loaded."""

    program: str
    map: str
    key_kind: str
    key: str
    numbers: "dict[str, int]"


@dataclass(frozen=True)
class Figure:
    """One count as a measurement: `about` says of which interface, and of which source if the map knows sources."""

    program: str
    metric: str
    unit: str
    about: "dict[str, str]"
    value: int


@dataclass(frozen=True)
class Running:
    """One program of the chain. Runs and nanoseconds stay 0 unless the kernel is told to count them (kernel.bpf_stats_enabled)."""

    program: str
    id: int
    order: int
    mode: str
    parameters: "dict[str, int]"
    digest: str
    runs: int
    nanoseconds: int


class Chain:
    """All our programs on one interface. Several threads may use it. What it does fails with KernelRefused and then changed nothing.

    The interface holds the first program, that program the second, and so on. An agent that dies lets go of all but the first: source-drop,
    if it is loaded, goes on dropping until each block is over. The next agent takes over with `resume`.
    """

    def __init__(self, interface: str, library: Library, memory: "Path | None" = None) -> None:
        """Look at an interface of this network namespace; nothing is changed yet."""
        self.interface, self._library = interface, library
        self._hook = Hook(interface)
        self._memory, self._kept = Memory(memory), Remembered()
        self._links: list[Program] = []
        self._over: dict[str, float] = {}  # blocks that are over, since when we know
        self._mode = ""
        self._lock = threading.RLock()

    @property
    def mode(self) -> str:
        """How the chain is attached: native (in the driver), generic, or not at all."""
        return self._mode

    @property
    def trouble(self) -> str:
        """Why the last change could not be written down, so that the next process could not take it over; empty if it was."""
        return self._memory.trouble

    def resume(self) -> "tuple[str, ...]":
        """Take over what an earlier process on this machine left: same programs, same blocks, put in place of the old in one step.

        Returns what could not be had again, in sentences.
        """
        with self._lock:
            found = self._memory.read()
            attached = self._hook.attached()
            ours = is_ours(attached, found.attached if found else 0)
            if found is None and not ours:
                return ()
            self._kept = found or Remembered(programs={DROP: {}} if name_of(attached.program) == "musa_drop" else {})
            with left_maps(attached.program if ours else 0) as maps:
                links, troubles = self._made_again(maps, None if found is None else found.blocked)
            try:
                if ours and DROP in self._kept.programs and DROP not in [link.facts.id for link in links]:
                    raise KernelRefused(f"what is attached to {self.interface} stays as it is: {'; '.join(troubles)}")
                self._put_in_place_of(attached.mode if ours else "", links)
            except BaseException:
                self._give_up(links)
                raise
            return troubles

    def _made_again(
        self, left: "Mapping[str, int]", blocked: "Mapping[str, int] | None"
    ) -> "tuple[list[Program], tuple[str, ...]]":
        """Load what was loaded, with what the maps of an earlier process hold; and say what cannot be had."""
        links: list[Program] = []
        troubles = []
        for name, given in self._kept.programs.items():
            try:
                facts, code = self._library.open(name)
                known = {each.name for each in facts.parameters}  # a newer version may have dropped some
                parameters = facts.settled({key: value for key, value in given.items() if key in known})
                links.append(Program(facts, code, parameters, still_good(facts, parameters, left) if name == DROP else None))
                if name == DROP:
                    Drops(links[-1]).inherit(left, blocked)
            except KernelRefused as error:
                troubles.append(error.text)
        return sorted(links, key=_place), tuple(troubles)

    def _put_in_place_of(self, mode: str, links: "list[Program]") -> None:
        for link, after in pairwise(links):
            self._set_next(link, after)
        if links and mode:
            self._hook.replace(links[0].descriptor, mode)
            self._mode = mode
        elif links:
            self._mode = self._attach(links[0])
        elif mode:
            self._hook.detach(mode)
        self._links = links
        self._keep()

    def load(self, program: str, parameters: "Mapping[str, int] | None" = None, digest: str = "") -> None:
        """Load a program of the library and put it in its place; a loaded one of the same id is replaced, unless nothing differs."""
        with self._lock:
            facts, code = self._library.open(program, digest)
            settled = facts.settled(parameters or {})
            old = self._find(program)
            if old and old.facts == facts and old.parameters == settled:
                return
            held = {name: each.descriptor for name, each in old.maps.items()} if old and program == DROP else {}
            fresh = Program(facts, code, settled, still_good(facts, settled, held) if held else None)
            try:
                if held:
                    Drops(fresh).inherit(held)
                self._change([link for link in self._links if link is not old] + [fresh])
            except BaseException:
                fresh.close()
                raise

    def unload(self, program: str) -> bool:
        """Take a program out of the chain; tell whether it was there. Without source-drop nothing is blocked any more."""
        with self._lock:
            old = self._find(program)
            if not old:
                return False
            if program == DROP:
                self._kept.blocked = {}
            self._change([link for link in self._links if link is not old])
            return True

    def _change(self, links: "list[Program]") -> None:
        """Go over to other links, of which one at most is new and one at most is gone: a single step for the packets."""
        before, after = self._links, sorted(links, key=_place)
        for link in (each for each in after if each not in before):
            self._set_next(link, _following(after, link))
        head = after[0] if after else None
        if head is not (before[0] if before else None):
            self._set_head(head)
        for link in (each for each in after if each in before and _following(after, each) is not _following(before, each)):
            self._set_next(link, _following(after, link))
        self._links = after
        gone = [each for each in before if each not in after]
        if gone:
            _wait_for_packets()
        self._give_up(gone)
        self._keep()

    def _set_head(self, head: "Program | None") -> None:
        if not self._links and head:
            self._mode = self._attach(head)
        elif head:
            self._hook.replace(head.descriptor, self._mode, self._links[0].descriptor)
        else:
            self._hook.detach(self._mode, self._links[0].descriptor)
            self._mode = ""

    def _attach(self, head: Program) -> str:
        other = self._hook.attached().program
        if other:
            name = name_of(other)
            raise KernelRefused(
                f"program {other}{f' {name!r}' if name else ''} is attached to {self.interface}, and it is not ours"
            )
        return self._hook.attach(head.descriptor)

    @staticmethod
    def _set_next(link: Program, after: "Program | None") -> None:
        what = f"what follows {link.facts.id!r}"
        if after:
            call(what, "bpf_map_update_elem", link.next, FIRST, ctypes.byref(U32(after.descriptor)), 0)
            return
        try:
            call(what, "bpf_map_delete_elem", link.next, FIRST)
        except KernelRefused as error:
            if error.number != errno.ENOENT:
                raise

    @staticmethod
    def _give_up(links: "list[Program]") -> None:
        for link in links:
            link.close()

    def _find(self, program: str) -> "Program | None":
        return next((link for link in self._links if link.facts.id == program), None)

    def _keep(self) -> None:
        self._kept.programs = {link.facts.id: link.parameters for link in self._links}
        self._kept.attached = self._links[0].id if self._links else 0
        self._memory.write(self._kept)

    def block(self, source: str, seconds: float) -> None:
        """Drop all that comes from an address, for some seconds and no longer; a block that is there already gets the new end."""
        with self._lock:
            if not self._find(DROP):
                self.load(DROP)
            drops = Drops(self._drop())
            end = drops.end_of(source, seconds)
            self._kept.blocked = {**drops.open_blocks(), drops.named(source): end}
            self._memory.write(self._kept)  # first: who is killed here blocks once more rather than not at all
            try:
                drops.block(source, end)
            except KernelRefused:
                self._kept.blocked = drops.open_blocks()
                self._memory.write(self._kept)
                raise

    def unblock(self, source: str) -> bool:
        """Let an address through again; tell whether it was blocked."""
        with self._lock:
            link = self._find(DROP)
            if not link:
                return False
            drops = Drops(link)
            self._kept.blocked = {key: end for key, end in drops.open_blocks().items() if key != drops.named(source)}
            self._memory.write(self._kept)
            return drops.unblock(source)

    def blocked(self) -> "tuple[Blocked, ...]":
        """Return every block with what it dropped; one that is over is told with its last counts for a minute more."""
        with self._lock:
            link = self._find(DROP)
            drops = Drops(link) if link else None
            found = drops.told() if drops else ()
            now = time.monotonic()
            self._over = {each.source: self._over.get(each.source, now) for each in found if not each.left}
            if drops:
                drops.forget([source for source, since in self._over.items() if now - since > TOLD_FOR])
            return found

    def _drop(self) -> Program:
        link = self._find(DROP)
        if not link:
            raise KernelRefused(f"{DROP} is not loaded on {self.interface}")
        return link

    def rows(self) -> "tuple[Row, ...]":
        """Return every entry of every map of the loaded programs."""
        with self._lock:
            return tuple(
                Row(link.facts.id, name, map_.facts.key, KEYS[map_.facts.key](key), numbers)
                for link in self._links
                for name, map_ in link.maps.items()
                for key, numbers in map_.rows()
            )

    def figures(self) -> "tuple[Figure, ...]":
        """Return every count that is a measurement. It begins at 0 when its program is loaded, or when a source comes back."""
        with self._lock:
            fields = {
                (link.facts.id, name): [field for field in map_.facts.fields if field.metric]
                for link in self._links
                for name, map_ in link.maps.items()
            }
            return tuple(
                Figure(row.program, field.metric, field.unit, self._about(row), row.numbers[field.name])
                for row in self.rows()
                for field in fields[row.program, row.map]
            )

    def _about(self, row: Row) -> "dict[str, str]":
        source = {"source": row.key} if row.key_kind in ("ipv4", "address") else {}
        return {"interface": self.interface, **source}

    def running(self) -> "tuple[Running, ...]":
        """Return the programs of the chain, first to last."""
        with self._lock:
            found = []
            for link in self._links:
                info = program_info(link.descriptor)
                facts = link.facts
                found.append(
                    Running(facts.id, info.id, facts.order, self._mode, link.parameters, facts.digest, info.runs, info.run_time)
                )
            return tuple(found)

    def close(self, *, keep_blocks: bool = False) -> None:
        """Take everything off the interface; or leave source-drop there while a block is open, for the next process to take over."""
        with self._lock:
            drop = self._find(DROP)
            if keep_blocks and drop and Drops(drop).open_blocks():
                for link in [each for each in self._links if each is not drop]:
                    self.unload(link.facts.id)
            elif self._links:
                with suppress(KernelRefused):  # the interface is gone, or somebody put another program in our place
                    self._hook.detach(self._mode, self._links[0].descriptor)
                self._memory.forget()
            self._give_up(self._links)
            self._links, self._mode, self._kept = [], "", Remembered()


def _place(link: Program) -> "tuple[int, str]":
    return link.facts.order, link.facts.id


def _following(links: "list[Program]", link: Program) -> "Program | None":
    return next((after for before, after in pairwise(links) if before is link), None)


def _wait_for_packets() -> None:
    """Wait until no processor is still inside a program that was taken out: what follows it must see those packets too."""
    number = MEMBARRIER.get(platform.machine())
    if number:
        ctypes.CDLL(None).syscall(
            number, 1, 0, 0
        )  # MEMBARRIER_CMD_GLOBAL is synchronize_rcu(); where it is refused, nothing is lost but a count
