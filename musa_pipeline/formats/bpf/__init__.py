"""eBPF programs: `bpf/<id>.yaml`, the half of each pair that people and the controller read, and the facts that travel beside its object."""

from musa_pipeline.formats.bpf.facts import write_facts
from musa_pipeline.formats.bpf.read import read_program

__all__ = ["read_program", "write_facts"]
