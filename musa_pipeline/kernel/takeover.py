"""What an agent that was killed left on an interface: is it ours, and which sources does it block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from musa_pipeline.kernel.interface import Attached
from musa_pipeline.kernel.libbpf import KernelRefused, call
from musa_pipeline.kernel.structures import map_info, maps_of, program_info

OURS = "musa_"
"""How the names of our programs begin, in the kernel too."""


def name_of(program: int) -> str:
    """Return the name of a program in the kernel; empty if we may not know (it takes CAP_SYS_ADMIN) or it is gone."""
    try:
        descriptor = call("looking at a program", "bpf_prog_get_fd_by_id", program)
    except KernelRefused:
        return ""
    try:
        return str(program_info(descriptor).name.decode("utf-8", "replace"))
    finally:
        os.close(descriptor)


def is_ours(attached: Attached, remembered: int) -> bool:
    """Tell whether an attached program is one of ours: by the number that we kept, else by its name."""
    return attached.program != 0 and (attached.program == remembered or name_of(attached.program).startswith(OURS))


@contextmanager
def left_maps(program: int) -> Iterator[dict[str, int]]:
    """Lend the maps of a program in the kernel, name -> descriptor; none if we may not have them."""
    found: dict[str, int] = {}
    try:
        try:
            descriptor = call("looking at a program", "bpf_prog_get_fd_by_id", program)
            try:
                for each in maps_of(descriptor):
                    lent = call("looking at a map", "bpf_map_get_fd_by_id", each)
                    name = str(map_info(lent).name.decode("utf-8", "replace"))
                    if name in found:
                        os.close(lent)
                    else:
                        found[name] = lent
            finally:
                os.close(descriptor)
        except KernelRefused:
            pass  # without CAP_SYS_ADMIN our own memory has to do
        yield found
    finally:
        for each in found.values():
            os.close(each)
