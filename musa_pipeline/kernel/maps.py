"""Maps of a loaded program, read and written as plain values; what each processor counted is summed."""

import ctypes
import errno
import ipaddress
import struct
from collections.abc import Callable, Iterator

from musa_pipeline.kernel.facts import MapFacts
from musa_pipeline.kernel.libbpf import U32, KernelRefused, call, library, refused

CHUNK = 1024
"""Entries read by one call of the kernel."""


def read_address(key: bytes) -> str:
    """Return an address of 16 octets as people write it; ::ffff:a.b.c.d is an IPv4 address (RFC 4291, 2.5.5.2).

    >>> read_address(bytes(10) + bytes([255, 255, 192, 0, 2, 7]))
    '192.0.2.7'
    """
    address = ipaddress.IPv6Address(key)
    return str(address.ipv4_mapped or address)


def write_address(text: str) -> bytes:
    """Return the 16 octets of an address; raises KernelRefused if it is none.

    >>> write_address("2001:db8::1").hex()
    '20010db8000000000000000000000001'
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise KernelRefused(f"{text!r} is no address") from error
    if address.version == 4:
        return bytes(10) + b"\xff\xff" + address.packed
    if address.scope_id:
        raise KernelRefused(f"{text!r} has a zone, which packets do not")
    return address.packed


KEYS: dict[str, Callable[[bytes], str]] = {
    "none": lambda _: "",
    "interface": lambda key: str(int.from_bytes(key, "little")),
    "ipv4": lambda key: str(ipaddress.IPv4Address(key)),
    "address": read_address,
}
"""How the octets of a key read, by the word of the facts."""


SIGNS = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""How struct(3) writes a number of so many octets."""


def value_form(facts: MapFacts, copies: int) -> struct.Struct:
    """Return how a value is laid out: its numbers and what lies between them, once for each processor that counts."""
    parts, end = [], 0
    for field in sorted(facts.fields, key=lambda each: each.offset):
        parts.append(f"{field.offset - end}x{SIGNS[field.size]}")
        end = field.offset + field.size
    whole = (facts.value_size + 7) // 8 * 8 if facts.per_cpu else facts.value_size
    return struct.Struct("=" + "".join([*parts, f"{whole - end}x"] * copies))


def reads(facts: MapFacts) -> bool:
    """Tell whether keys and values can be read after these facts: known kinds and sizes, numbers that do not overlap or stand out."""
    ends = [0]
    for field in sorted(facts.fields, key=lambda each: each.offset):
        if field.size not in SIGNS or field.offset < ends[-1]:
            return False
        ends.append(field.offset + field.size)
    return facts.key in KEYS and ends[-1] <= facts.value_size


class Map:
    """One map of a loaded program, by descriptor; the loaded program owns the descriptor."""

    def __init__(self, facts: MapFacts, descriptor: int) -> None:
        self.facts, self.descriptor = facts, descriptor
        self.copies = library().libbpf_num_possible_cpus() if facts.per_cpu else 1
        self.names = [field.name for field in sorted(facts.fields, key=lambda each: each.offset)]
        self.form = value_form(facts, self.copies)

    def rows(self) -> Iterator[tuple[bytes, dict[str, int]]]:
        """Yield key and numbers of every entry. Entries that come and go meanwhile may be seen or not."""
        try:
            yield from self._rows_by_batch()
        except KernelRefused as error:
            if error.number not in (errno.EINVAL, errno.ENOSPC, errno.EOPNOTSUPP, 524):  # 524 is the kernel's own ENOTSUPP
                raise
            yield from self._rows_one_by_one()

    def _rows_by_batch(self) -> Iterator[tuple[bytes, dict[str, int]]]:
        width, value = self.facts.key_size, self.form.size
        keys, values = ctypes.create_string_buffer(CHUNK * width), ctypes.create_string_buffer(CHUNK * value)
        place, count, begun = ctypes.create_string_buffer(max(width, 8)), U32(), None
        found: list[tuple[bytes, dict[str, int]]] = []
        done = False
        while not done:
            count.value = CHUNK
            given = library().bpf_map_lookup_batch(
                self.descriptor, begun, ctypes.byref(place), keys, values, ctypes.byref(count), None
            )
            done = given == -errno.ENOENT
            if given < 0 and not done:
                raise refused(f"reading {self.facts.name}", given)
            raw = keys.raw
            for index, numbers in zip(range(count.value), self.form.iter_unpack(values.raw)):  # noqa: B905  as many as were read
                found.append((raw[index * width : (index + 1) * width], self._sums(numbers)))
            begun = ctypes.byref(place)
        yield from found

    def _rows_one_by_one(self) -> Iterator[tuple[bytes, dict[str, int]]]:
        before, key = None, ctypes.create_string_buffer(self.facts.key_size)
        keys: dict[bytes, None] = {}
        while library().bpf_map_get_next_key(self.descriptor, before, key) == 0 and key.raw not in keys:
            keys[key.raw] = None
            before = ctypes.create_string_buffer(key.raw, self.facts.key_size)
        for each in keys:
            numbers = self.get(each)
            if numbers is not None:
                yield each, numbers

    def get(self, key: bytes) -> "dict[str, int] | None":
        """Return the numbers of one entry; None if there is none."""
        room = ctypes.create_string_buffer(self.form.size)
        given = library().bpf_map_lookup_elem(self.descriptor, key, room)
        if given == -errno.ENOENT:
            return None
        if given < 0:
            raise refused(f"reading {self.facts.name}", given)
        return self._sums(self.form.unpack(room.raw))

    def put(self, key: bytes, numbers: "dict[str, int]", how: int = 0) -> None:
        """Write one entry (`how`: 0 any, 1 only a new one); of a map with a value for each processor, the first gets the numbers."""
        first = [numbers.get(name, 0) for name in self.names]
        value = self.form.pack(*first, *[0] * (len(first) * (self.copies - 1)))
        call(f"writing {self.facts.name}", "bpf_map_update_elem", self.descriptor, key, value, how)

    def delete(self, key: bytes) -> bool:
        """Take one entry out; tell whether there was one."""
        given = library().bpf_map_delete_elem(self.descriptor, key)
        if given not in (0, -errno.ENOENT):
            raise refused(f"deleting from {self.facts.name}", given)
        return bool(given == 0)

    def _sums(self, numbers: tuple[int, ...]) -> dict[str, int]:
        if self.copies == 1:
            return dict(zip(self.names, numbers))  # noqa: B905  one number a name, by the form
        width = len(self.names)
        return {name: sum(numbers[place::width]) for place, name in enumerate(self.names)}
