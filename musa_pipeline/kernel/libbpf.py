"""What we call of libbpf 1.x, by ctypes: nothing else stands between us and bpf(2). No callbacks: units may forbid writable code.

Standard library only, Python 3.10: this travels in the agent's single file.
"""

import ctypes
import errno
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

BTF_OF_KERNEL = Path("/sys/kernel/btf/vmlinux")
NAME = "libbpf.so.1"

POINTER, INT, SIZE, TEXT, U32, U64 = (
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_size_t,
    ctypes.c_char_p,
    ctypes.c_uint32,
    ctypes.c_uint64,
)

CALLS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "libbpf_set_print": (POINTER, (POINTER,)),
    "libbpf_num_possible_cpus": (INT, ()),
    "bpf_object__open_mem": (POINTER, (TEXT, SIZE, POINTER)),
    "bpf_object__load": (INT, (POINTER,)),
    "bpf_object__close": (None, (POINTER,)),
    "bpf_object__btf": (POINTER, (POINTER,)),
    "bpf_object__next_map": (POINTER, (POINTER, POINTER)),
    "bpf_object__next_program": (POINTER, (POINTER, POINTER)),
    "bpf_object__find_program_by_name": (POINTER, (POINTER, TEXT)),
    "bpf_program__name": (TEXT, (POINTER,)),
    "bpf_program__section_name": (TEXT, (POINTER,)),
    "bpf_program__fd": (INT, (POINTER,)),
    "bpf_program__set_log_buf": (INT, (POINTER, POINTER, SIZE)),
    "bpf_program__set_log_level": (INT, (POINTER, U32)),
    "bpf_program__insn_cnt": (SIZE, (POINTER,)),
    "bpf_map__name": (TEXT, (POINTER,)),
    "bpf_map__fd": (INT, (POINTER,)),
    "bpf_map__type": (INT, (POINTER,)),
    "bpf_map__key_size": (U32, (POINTER,)),
    "bpf_map__value_size": (U32, (POINTER,)),
    "bpf_map__max_entries": (U32, (POINTER,)),
    "bpf_map__set_max_entries": (INT, (POINTER, U32)),
    "bpf_map__btf_value_type_id": (U32, (POINTER,)),
    "bpf_map__initial_value": (POINTER, (POINTER, POINTER)),
    "bpf_map__reuse_fd": (INT, (POINTER, INT)),
    "btf__type_by_id": (POINTER, (POINTER, U32)),
    "btf__name_by_offset": (TEXT, (POINTER, U32)),
    "btf__find_by_name_kind": (INT, (POINTER, TEXT, U32)),
    "btf__resolve_size": (ctypes.c_int64, (POINTER, U32)),
    "bpf_map_lookup_elem": (INT, (INT, POINTER, POINTER)),
    "bpf_map_lookup_batch": (INT, (INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER)),
    "bpf_map_update_elem": (INT, (INT, POINTER, POINTER, U64)),
    "bpf_map_delete_elem": (INT, (INT, POINTER)),
    "bpf_map_get_next_key": (INT, (INT, POINTER, POINTER)),
    "bpf_map_get_fd_by_id": (INT, (U32,)),
    "bpf_prog_get_fd_by_id": (INT, (U32,)),
    "bpf_obj_get_info_by_fd": (INT, (INT, POINTER, POINTER)),
    "bpf_prog_test_run_opts": (INT, (INT, POINTER)),
    "bpf_xdp_attach": (INT, (INT, INT, U32, POINTER)),
    "bpf_xdp_query": (INT, (INT, INT, POINTER)),
}


class KernelRefused(Exception):
    """The kernel, or libbpf before it, did not do what was asked; `log` is what the verifier said, if it was asked."""

    def __init__(self, text: str, log: str = "", number: int = 0) -> None:
        super().__init__(text)
        self.text, self.log, self.number = text, log, number

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL:
    """Return libbpf; raises KernelRefused where there is none."""
    try:
        found = ctypes.CDLL(NAME, use_errno=True)
    except OSError as error:
        raise KernelRefused(f"{NAME} is not here: install Debian's package libbpf1 or its like") from error
    for name, (result, arguments) in CALLS.items():
        try:
            call = getattr(found, name)
        except AttributeError as error:
            raise KernelRefused(f"{NAME} is too old: it has no {name}") from error
        call.restype, call.argtypes = result, arguments
    found.libbpf_set_print(None)  # it would write to standard error
    return found


def missing() -> str:
    """Return why no program can be loaded here, in a sentence; empty if nothing speaks against it."""
    try:
        library()
    except KernelRefused as error:
        return error.text
    if not BTF_OF_KERNEL.exists():
        return f"this kernel tells no types: {BTF_OF_KERNEL} is not here"
    return _lacking_privilege()


def _lacking_privilege() -> str:
    """Return which capabilities(7) are missing; CAP_SYS_ADMIN stands for the two that were split from it in Linux 5.8."""
    status = Path("/proc/thread-self/status").read_text("ascii", "replace")
    held = next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:")), 0)
    needed = {12: "CAP_NET_ADMIN"} if held >> 21 & 1 else {12: "CAP_NET_ADMIN", 38: "CAP_PERFMON", 39: "CAP_BPF"}
    lacking = [name for number, name in needed.items() if not held >> number & 1]
    return f"{', '.join(lacking)} missing: programs need it" if lacking else ""


def call(what: str, name: str, *arguments: Any) -> int:
    """Return what a call of libbpf gives; raises KernelRefused, worded after `what`, if that is an error."""
    given: int = getattr(library(), name)(*arguments)
    if given < 0:
        raise refused(what, given)
    return given


def refused(what: str, given: int, log: str = "") -> KernelRefused:
    """Return the exception for a negative error number."""
    return KernelRefused(f"{what}: {os.strerror(-given)} ({errno.errorcode.get(-given, -given)})", log, -given)


def pointer(what: str, function: Callable[..., Any], *arguments: Any) -> int:
    """Return the pointer a call gives; raises KernelRefused if it is null."""
    ctypes.set_errno(0)
    given = function(*arguments)
    if not given:
        raise refused(what, -(ctypes.get_errno() or errno.EINVAL))
    return int(given)
