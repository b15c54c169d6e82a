"""One program in the kernel: opened from an object's octets, its parameters set, loaded through the verifier, its maps at hand."""

import ctypes
from collections.abc import Mapping
from types import TracebackType

from musa_pipeline.kernel.btf import Types
from musa_pipeline.kernel.facts import Facts
from musa_pipeline.kernel.libbpf import KernelRefused, library, pointer, refused
from musa_pipeline.kernel.maps import Map, reads
from musa_pipeline.kernel.structures import program_info

LOG_OCTETS = 1 << 20
PER_CPU_KINDS = (5, 6, 10)
"""enum bpf_map_type of linux/bpf.h: PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH."""
NEXT = "next"
"""The map of one place that holds the program after this one."""


class Program:
    """A loaded program. Closing it gives it up: the kernel keeps what is attached or is somebody's next, and frees the rest."""

    def __init__(
        self, facts: Facts, code: bytes, parameters: "Mapping[str, int] | None" = None, kept: "Mapping[str, int] | None" = None
    ) -> None:
        """Load an object; `kept` names maps whose descriptors are used instead of new ones.

        Raises KernelRefused, with the verifier's log if it came that far.
        """
        self.facts, self.parameters = facts, facts.settled(parameters or {})
        self._code = code  # libbpf reads on in it
        what = f"program {facts.id!r} cannot be opened"
        self._object = pointer(what, library().bpf_object__open_mem, code, len(code), None)
        try:
            self._check_against_facts()
            self._set_parameters()
            for name, descriptor in (kept or {}).items():
                self._done(f"map {name!r} cannot be kept", library().bpf_map__reuse_fd(self._map(name), descriptor))
            self._load()
            self.maps = {each.name: Map(each, library().bpf_map__fd(self._map(each.name))) for each in facts.maps}
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, kind: "type[BaseException] | None", error: "BaseException | None", trace: "TracebackType | None") -> None:
        self.close()

    def close(self) -> None:
        """Give the program up."""
        given, self._object = self._object, 0
        if given:
            library().bpf_object__close(given)

    @property
    def descriptor(self) -> int:
        """The program's file descriptor."""
        return int(library().bpf_program__fd(self._entry()))

    @property
    def id(self) -> int:
        """The kernel's number for it."""
        return int(program_info(self.descriptor).id)

    @property
    def next(self) -> int:
        """The descriptor of the map that holds the next program."""
        return int(library().bpf_map__fd(self._map(NEXT)))

    def _entry(self) -> int:
        found = library().bpf_object__find_program_by_name(self._object, self.facts.entry.encode())
        if not found:
            raise KernelRefused(f"the object of {self.facts.id!r} has no program {self.facts.entry!r}")
        return int(found)

    def _map(self, name: str) -> int:
        each = library().bpf_object__next_map(self._object, None)
        while each:
            if library().bpf_map__name(each) == name.encode():
                return int(each)
            each = library().bpf_object__next_map(self._object, each)
        raise KernelRefused(f"the object of {self.facts.id!r} has no map {name!r}")

    def _check_against_facts(self) -> None:
        """Refuse an object whose maps are not what the facts say: numbers would be read from the wrong places."""
        self._entry()
        types = Types(library().bpf_object__btf(self._object))
        for said in self.facts.maps:
            if not reads(said):
                raise KernelRefused(f"the facts of map {said.name!r} of {self.facts.id!r} cannot be")
            found = self._map(said.name)
            shape = (
                library().bpf_map__key_size(found),
                library().bpf_map__value_size(found),
                library().bpf_map__type(found) in PER_CPU_KINDS,
            )
            if shape != (said.key_size, said.value_size, said.per_cpu):
                raise KernelRefused(
                    f"map {said.name!r} of {self.facts.id!r} is (key, value, per processor) {shape}, "
                    f"the facts say {(said.key_size, said.value_size, said.per_cpu)}"
                )
            members = types.members(library().bpf_map__btf_value_type_id(found))
            wanted = tuple((each.name if len(members) > 1 else "", each.offset, each.size) for each in said.fields)
            if members and not (set(wanted) <= {(name if len(members) > 1 else "", *rest) for name, *rest in members}):
                raise KernelRefused(f"values of map {said.name!r} of {self.facts.id!r} are {members}, the facts say {wanted}")

    def _set_parameters(self) -> None:
        constants: dict[str, tuple[int, int]] = {}
        if any(not each.sizes for each in self.facts.parameters):
            constants = Types(library().bpf_object__btf(self._object)).constants()
        for each in self.facts.parameters:
            value = self.parameters[each.name]
            for name in each.sizes:
                self._done(f"size of map {name!r}", library().bpf_map__set_max_entries(self._map(name), value))
            if not each.sizes:
                self._set_constant(each.name, value, constants)

    def _set_constant(self, name: str, value: int, constants: "dict[str, tuple[int, int]]") -> None:
        if name not in constants:
            raise KernelRefused(f"the object of {self.facts.id!r} has no constant {name!r}")
        offset, size = constants[name]
        room = ctypes.c_size_t()
        place = library().bpf_map__initial_value(self._constants(), ctypes.byref(room))
        if not place or offset + size > room.value:
            raise KernelRefused(f"constant {name!r} of {self.facts.id!r} lies outside its section")
        ctypes.memmove(place + offset, value.to_bytes(size, "little"), size)

    def _constants(self) -> int:
        each = library().bpf_object__next_map(self._object, None)
        while each:
            if library().bpf_map__name(each).endswith(b".rodata"):
                return int(each)
            each = library().bpf_object__next_map(self._object, each)
        raise KernelRefused(f"the object of {self.facts.id!r} has no constants")

    def _load(self) -> None:
        log = ctypes.create_string_buffer(LOG_OCTETS)
        self._done("the verifier's log", library().bpf_program__set_log_buf(self._entry(), log, LOG_OCTETS))
        given = library().bpf_object__load(self._object)
        said = log.value.decode("utf-8", "replace")
        library().bpf_program__set_log_buf(self._entry(), None, 0)  # the buffer goes away with this call
        if given < 0:
            last = [line for line in said.splitlines() if line and not line.startswith("processed ")][-1:]
            raise refused(": ".join([f"the kernel refuses program {self.facts.id!r}", *last]), given, said)

    @staticmethod
    def _done(what: str, given: int) -> None:
        if given < 0:
            raise refused(what, given)
