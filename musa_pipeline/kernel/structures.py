"""Structures of bpf(2) and libbpf that we fill or read. Each begins with, or is passed with, its size, so newer kernels know what we mean."""

import ctypes

from musa_pipeline.kernel.libbpf import INT, POINTER, SIZE, U32, U64, KernelRefused, call


class ProgramInfo(ctypes.Structure):
    """struct bpf_prog_info of linux/bpf.h, up to what Linux 5.16 added."""

    _fields_ = (
        *((name, U32) for name in ("type", "id")),
        ("tag", ctypes.c_uint8 * 8),
        *((name, U32) for name in ("jited_octets", "translated_octets")),
        *((name, U64) for name in ("jited", "translated", "load_time")),
        *((name, U32) for name in ("created_by", "map_count")),
        ("map_ids", U64),
        ("name", ctypes.c_char * 16),
        *((name, U32) for name in ("interface", "gpl")),
        *((name, U64) for name in ("netns_device", "netns_inode")),
        *((name, U32) for name in ("symbol_count", "length_count")),
        *((name, U64) for name in ("symbols", "lengths")),
        *((name, U32) for name in ("btf_id", "function_size")),
        ("functions", U64),
        *((name, U32) for name in ("function_count", "line_count")),
        *((name, U64) for name in ("lines", "jited_lines")),
        *((name, U32) for name in ("jited_line_count", "line_size", "jited_line_size", "tag_count")),
        *((name, U64) for name in ("tags", "run_time", "runs", "recursion_misses")),
        *((name, U32) for name in ("verified_instructions", "padding")),
    )


class MapInfo(ctypes.Structure):
    """struct bpf_map_info of linux/bpf.h: its beginning."""

    _fields_ = (
        *((name, U32) for name in ("type", "id", "key_size", "value_size", "max_entries", "flags")),
        ("name", ctypes.c_char * 16),
        *((name, U32) for name in ("interface", "padding")),
        *((name, U64) for name in ("netns_device", "netns_inode")),
    )


class AttachOptions(ctypes.Structure):
    """struct bpf_xdp_attach_opts of libbpf."""

    _fields_ = (("size", SIZE), ("old_program", INT), ("padding", INT))


class QueryOptions(ctypes.Structure):
    """struct bpf_xdp_query_opts of libbpf 1.0."""

    _fields_ = (
        ("size", SIZE),
        *((name, U32) for name in ("program", "native", "hardware", "generic")),
        ("mode", ctypes.c_uint8),
        ("padding", ctypes.c_uint8 * 7),
    )


class TestRun(ctypes.Structure):
    """struct bpf_test_run_opts of libbpf 1.0."""

    __test__ = False  # no test, whatever the name

    _fields_ = (
        ("size", SIZE),
        ("data_in", POINTER),
        ("data_out", POINTER),
        *((name, U32) for name in ("size_in", "size_out")),
        ("context_in", POINTER),
        ("context_out", POINTER),
        *((name, U32) for name in ("context_size_in", "context_size_out", "answer")),
        *((name, INT) for name in ("repeat",)),
        *((name, U32) for name in ("duration", "flags", "processor", "batch")),
    )


def program_info(descriptor: int) -> ProgramInfo:
    """Return what the kernel knows of a program."""
    asked = ProgramInfo()
    _ask(descriptor, asked)
    return asked


def map_info(descriptor: int) -> MapInfo:
    """Return what the kernel knows of a map."""
    asked = MapInfo()
    _ask(descriptor, asked)
    return asked


def maps_of(descriptor: int) -> tuple[int, ...]:
    """Return the ids of the maps that a program uses."""
    count = program_info(descriptor).map_count
    ids = (U32 * count)()
    asked = ProgramInfo(map_count=count, map_ids=ctypes.addressof(ids))
    _ask(descriptor, asked)
    return tuple(ids[: min(count, asked.map_count)])


def _ask(descriptor: int, asked: "ProgramInfo | MapInfo") -> None:
    size = U32(ctypes.sizeof(asked))
    call("asking the kernel", "bpf_obj_get_info_by_fd", descriptor, ctypes.byref(asked), ctypes.byref(size))


def try_packet(descriptor: int, packet: bytes, repeat: int = 1) -> tuple[int, int]:
    """Run a loaded program on a packet inside the kernel (BPF_PROG_TEST_RUN): its verdict, and nanoseconds per run."""
    given = ctypes.create_string_buffer(packet, len(packet))
    room = ctypes.create_string_buffer(len(packet) + 256)
    asked = TestRun(
        data_in=ctypes.addressof(given), data_out=ctypes.addressof(room), size_in=len(packet), size_out=len(room), repeat=repeat
    )
    asked.size = ctypes.sizeof(asked)
    call("the test run", "bpf_prog_test_run_opts", descriptor, ctypes.byref(asked))
    if asked.answer > 4:
        raise KernelRefused(f"the test run: {asked.answer} is no verdict of XDP")
    return asked.answer, asked.duration
