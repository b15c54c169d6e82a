"""eBPF programs as people and the controller see them: the YAML half of each pair in `bpf/`."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.source import NOWHERE, Span


class Scope(StrEnum):
    """What a program may do."""

    MONITOR = "monitor"
    INSPECT = "inspect"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True, kw_only=True)
class BpfParameter:
    """What can be set before a program is loaded: a whole number within bounds. It sizes maps, else it is the constant of its name."""

    name: str
    lowest: int
    highest: int
    default: int
    help: str
    sizes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BpfField:
    """One number in a map's value: where it is, and which metric and unit it is; no metric if it is not measured."""

    name: str
    offset: int
    size: int
    metric: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BpfMap:
    """One map. `key` is a decoder: `none` (one entry), `interface` (32 bit index), `ipv4` (address, network order),
    `address` (16 octets, an IPv4 address as ::ffff:a.b.c.d).
    """

    name: str
    key: str
    key_size: int
    value_size: int
    per_cpu: bool
    fields: tuple[BpfField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BpfProgram:
    """One pair `<id>.bpf.c` and `<id>.yaml`. `entry` is the C function, `hook` where it attaches (xdp), `order`: lower runs first."""

    id: str
    title: str
    scope: Scope
    hook: str
    entry: str
    order: int
    cost: str
    needs_btf: bool
    parameters: tuple[BpfParameter, ...] = ()
    maps: tuple[BpfMap, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)
