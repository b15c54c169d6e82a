"""What a packet costs in each program, and in all three in a row, by the kernel's own test run (BPF_PROG_TEST_RUN). Needs root.

    python benchmarks/xdp.py [--repeat 1000000] [--sources 4096]

The limit is a program that only says XDP_PASS: the price of the test run itself. Each figure is the best of five, for the least disturbed.
Reading the counters, as an agent does every period, is timed too.
"""

import argparse
import ctypes
import platform
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from musa_pipeline.domain.problems import Problems
from musa_pipeline.kernel.drops import Drops
from musa_pipeline.kernel.facts import Facts, Library
from musa_pipeline.kernel.libbpf import U32, call, missing
from musa_pipeline.kernel.memory import boot_clock
from musa_pipeline.kernel.program import Program
from musa_pipeline.kernel.structures import try_packet
from musa_pipeline.runners.bpf import PACKETS, compile_program
from musa_pipeline.stages.programs import make_library

ROOT = Path(__file__).resolve().parent.parent
NOTHING = """\
#include "kernel.h"
SEC("xdp") int musa_nothing(struct xdp_md *context) { return context ? XDP_PASS : XDP_DROP; }
char LICENSE[] SEC("license") = "Apache-2.0";
"""


def limit(folder: Path) -> Program:
    """Return a program that does nothing."""
    (folder / "include").symlink_to(ROOT / "bpf/include")
    (folder / "nothing.bpf.c").write_text(NOTHING)
    problems = Problems()
    code = compile_program(folder / "nothing.bpf.c", "nothing.bpf.c", problems)
    assert code, [str(each) for each in problems]
    return Program(Facts("nothing", "monitor", "xdp", "musa_nothing", 0, "", (), ()), code)


def best(program: Program, packet: bytes, repeat: int) -> tuple[int, int]:
    """Return the verdict and the least nanoseconds a packet took."""
    runs = [try_packet(program.descriptor, packet, repeat) for _ in range(5)]
    return min(runs, key=lambda each: each[1])


def put_next(program: Program, after: Program) -> None:
    call("what follows", "bpf_map_update_elem", program.next, bytes(4), ctypes.byref(U32(after.descriptor)), 0)


def rows(library: Library, nothing: Program, repeat: int) -> Iterator[tuple[str, str, int]]:
    opening, other = PACKETS["a TCP opening"], PACKETS["a TCP opening over IPv6"]
    yield "does nothing (the limit)", "pass", best(nothing, opening, repeat)[1]
    alone = {name: Program(*library.open(name)) for name in ("interface-counters", "source-counters", "source-drop")}
    for name, program in alone.items():
        yield f"{name}, IPv4", "pass", best(program, opening, repeat)[1]
        yield f"{name}, IPv6", "pass", best(program, other, repeat)[1]
    put_next(alone["source-drop"], alone["interface-counters"])
    put_next(alone["interface-counters"], alone["source-counters"])
    yield "all three in a row, IPv4", "pass", best(alone["source-drop"], opening, repeat)[1]
    Drops(alone["source-drop"]).block("192.0.2.7", boot_clock() + 3600 * 10**9)
    verdict, spent = best(alone["source-drop"], opening, repeat)
    assert verdict == 1
    yield "all three in a row, a blocked source", "drop", spent
    for program in alone.values():
        program.close()


def reading(library: Library, sources: int) -> tuple[int, float]:
    """Fill the counters with sources; return how many are kept, and the milliseconds that reading them takes."""
    facts, code = library.open("source-counters")
    opening = PACKETS["a TCP opening"]
    with Program(facts, code, {"top": max(256, min(65536, 2 * sources))}) as program:
        for number in range(sources):
            try_packet(program.descriptor, opening[:26] + struct.pack("!I", 0x0A000000 + number) + opening[30:])
        start = time.perf_counter()
        kept = sum(1 for _ in program.maps["by_source"].rows())
        return kept, 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=1_000_000)
    parser.add_argument("--sources", type=int, default=4096)
    given = parser.parse_args()
    if why := missing():
        sys.exit(why)
    with tempfile.TemporaryDirectory() as place:
        make_library(Path(place) / "library", ROOT)
        library = Library(Path(place) / "library")
        with limit(Path(place)) as nothing:
            found = list(rows(library, nothing, given.repeat))
        base = found[0][2]
        print(f"{'program':40} {'verdict':>8} {'ns/packet':>10} {'its own':>8} {'M packets/s':>12}")
        for name, verdict, spent in found:
            print(f"{name:40} {verdict:>8} {spent:>10} {spent - base:>8} {1000 / max(1, spent):>12.1f}")
        kept, spent_ms = reading(library, given.sources)
        print(f"\nreading {kept} sources: {spent_ms:.1f} ms")
        print(f"kernel {platform.release()}, one processor")


if __name__ == "__main__":
    main()
