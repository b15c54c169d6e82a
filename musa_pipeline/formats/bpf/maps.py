"""A map of a program: how its key reads, and where the numbers of its value are."""

import re
from typing import Final

from musa_pipeline.domain.bpf import BpfField, BpfMap
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.bpf.entry import NAME, Entry, named
from musa_pipeline.text.expect import is_nothing, mapping_of, text_of, value_of
from musa_pipeline.text.yaml import Mapping, Node

KEYS: Final = ("key", "per_cpu", "value")
FIELD_KEYS: Final = ("unit", "emits", "size")
KEY_SIZES: Final = {"none": 4, "interface": 4, "ipv4": 4, "address": 16}
"""What keys there are, and their octets."""
SIZES: Final = (8, 4, 2, 1)
METRIC: Final = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+")


def read_map(name: str, section: Mapping, node: Node, problems: Problems) -> BpfMap | None:
    """Return one map; numbers follow each other as in a C struct, each at a multiple of its own size."""
    named(name, NAME, section.keys[name], "a map's name is at most 15 small letters, digits and underscores", problems)
    part = mapping_of(node, f"map {name!r}", "B001", problems)
    if part is None:
        problems.report("B001", node.at, f"nothing is said of map {name!r}", help="say its key and value") if is_nothing(
            node
        ) else None
        return None
    entry = Entry(part, f"map {name!r}", KEYS, problems)
    key = entry.word("key", tuple(KEY_SIZES))
    fields: list[BpfField] = []
    end, widest = 0, 1
    for each, said in entry.parts("value"):
        field = _field(each, said, end, problems)
        fields.append(field)
        end, widest = field.offset + field.size, max(widest, field.size)
    if not fields:
        problems.report("B001", part.at, f"map {name!r} has no 'value'", help="add value: {packets: {unit: packets}}")
    return BpfMap(
        name=name,
        key=key,
        key_size=KEY_SIZES[key],
        value_size=_aligned(end, widest),
        per_cpu=entry.flag("per_cpu", default=False),
        fields=tuple(fields),
    )


def _field(name: str, node: Node, end: int, problems: Problems) -> BpfField:
    named(name, NAME, node.at, "a number's name is at most 15 small letters, digits and underscores", problems)
    part = mapping_of(node, f"number {name!r}", "B001", problems) or Mapping({}, {}, node.at)
    entry = Entry(part, f"number {name!r}", FIELD_KEYS, problems)
    metric = text_of(part.get("emits"))
    named(metric, METRIC, entry.place("emits"), "a metric's name is words joined by dots, as in net.source.packets", problems)
    size = value_of(part.get("size")) or SIZES[0]
    if size not in SIZES or isinstance(size, bool):
        problems.report("B004", entry.place("size"), f"'size' must be one of {', '.join(map(str, SIZES))}")
        size = SIZES[0]
    octets = int(size)
    return BpfField(name=name, offset=_aligned(end, octets), size=octets, metric=metric, unit=entry.text("unit"))


def _aligned(offset: int, size: int) -> int:
    return (offset + size - 1) // size * size
