"""Programs from C source to the library: compiled by clang with nothing from outside the repository, tried in the kernel, written with their facts."""

import hashlib
import re
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musa_pipeline.domain.bpf import BpfProgram
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.kernel.facts import Facts, read_facts
from musa_pipeline.kernel.libbpf import KernelRefused, missing
from musa_pipeline.kernel.program import Program
from musa_pipeline.kernel.structures import program_info, try_packet

FLAGS: Final = ("-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wextra", "-Werror")
LONGEST: Final = 120
XDP_PASS: Final = 2
_SAID: Final = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?:fatal )?error: (?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A program that the running kernel took: how many instructions its verifier went through, and a packet's time in it."""

    instructions: int
    nanoseconds: int


def compile_program(source: Path, shown: str, problems: Problems) -> bytes | None:
    """Return the object of a C source; the same source and compiler give the same octets, wherever they lie.

    Code B009: clang refuses it. Raises OutsideFailed if there is no clang.
    """
    folder = source.parent
    places = (f"-ffile-prefix-map={folder}=.", "-fdebug-compilation-dir=.", "-I", "include")
    command = ["clang", *FLAGS, *places, "-c", source.name, "-o", "-"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=LONGEST)  # noqa: S603
    except FileNotFoundError as error:
        raise OutsideFailed("programs are compiled by clang, which is not installed", "apt-get install clang") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideFailed(f"clang cannot be run: {error}") from error
    if done.returncode:
        _report(done.stderr.decode("utf-8", "replace"), shown, problems)
        return None
    return done.stdout


def _report(said: str, shown: str, problems: Problems) -> None:
    """Report what clang said, at its places; all it said if it names none."""
    folder = shown.rpartition("/")[0]
    found = list(_SAID.finditer(said))
    for each in found:
        at = Span(f"{folder}/{each['file'].removeprefix('./')}", int(each["line"]), int(each["column"]))
        problems.report("B009", at, f"clang: {each['text']}")
    if not found:
        problems.report("B009", Span(shown), f"clang: {' '.join(said.split())[-500:] or 'no reason is told'}")


def digest_of(code: bytes) -> str:
    """Return the SHA-256 of an object, by which it is known."""
    return hashlib.sha256(code).hexdigest()


def why_not_here() -> str:
    """Return why programs cannot be tried on this machine; empty if they can."""
    return missing()


def admit(program: BpfProgram, facts: str, code: bytes, problems: Problems, logs: Path | None = None) -> Admitted | None:
    """Load an object and let it go again, with every parameter at both its ends and in the middle, and run it on packets of all kinds.

    Codes: B010 the kernel refuses it (the verifier's log goes to `logs`), B012 it is not what its YAML says.
    """
    try:
        read = read_facts(facts)
        for end in ("lowest", "highest"):
            with Program(read, code, {each.name: getattr(each, end) for each in program.parameters}):
                pass
        return _tried(read, code)
    except KernelRefused as error:
        if not error.log:
            problems.report("B012", program.at, error.text, help="mend the YAML or the C source: both must say the same")
            return None
        kept = _keep(program, error.log, logs)
        problems.report("B010", program.at, error.text, help=f"the verifier's log: {kept}" if kept else "")
        return None


def _tried(facts: Facts, code: bytes) -> Admitted:
    with Program(facts, code) as loaded:
        _ = loaded.next  # without it, it could not stand in a chain
        for name, packet in PACKETS.items():
            verdict, _ = try_packet(loaded.descriptor, packet)
            if verdict != XDP_PASS:
                raise KernelRefused(f"program {facts.id!r}, just loaded, does not let {name} pass: verdict {verdict}")
        _, spent = try_packet(loaded.descriptor, PACKETS["a TCP opening"], 10_000)
        return Admitted(instructions=program_info(loaded.descriptor).verified_instructions, nanoseconds=spent)


def _keep(program: BpfProgram, log: str, logs: Path | None) -> Path | None:
    if logs is None:
        return None
    logs.mkdir(parents=True, exist_ok=True)
    place = logs / f"{program.id}.log"
    place.write_text(log, encoding="utf-8")
    return place


def _frame(kind: int, rest: bytes, *tags: int) -> bytes:
    tagged = b"".join(struct.pack("!HH", tag, 7) for tag in tags)
    return (bytes(range(12)) + tagged + struct.pack("!H", kind) + rest).ljust(60, b"\0")


def _ipv4(protocol: int, rest: bytes, fragment: int = 0) -> bytes:
    return (
        struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(rest), 1, fragment, 64, protocol, 0, bytes((192, 0, 2, 7)), bytes(4))
        + rest
    )


def _ipv6(protocol: int, rest: bytes) -> bytes:
    source = bytes.fromhex("20010db8000000000000000000000007")
    return struct.pack("!IHBB16s16s", 6 << 28, len(rest), protocol, 64, source, bytes(16)) + rest


_OPENING: Final = struct.pack("!HHIIBBHHH", 1234, 80, 1, 0, 5 << 4, 2, 1024, 0, 0)
PACKETS: Final = {
    "a TCP opening": _frame(0x0800, _ipv4(6, _OPENING)),
    "a UDP datagram": _frame(0x0800, _ipv4(17, bytes(8))),
    "a later fragment": _frame(0x0800, _ipv4(6, _OPENING, fragment=100)),
    "a TCP opening over IPv6": _frame(0x86DD, _ipv6(6, _OPENING)),
    "a tagged TCP opening": _frame(0x0800, _ipv4(6, _OPENING), 0x8100),
    "a twice tagged TCP opening": _frame(0x0800, _ipv4(6, _OPENING), 0x88A8, 0x8100),
    "an ARP request": _frame(0x0806, bytes(28)),
    "an empty frame": bytes(14),
    "a header that ends early": _frame(0x0800, b"")[:14] + b"\x45" + bytes(9),
}
"""One packet of each kind, from 192.0.2.7 or 2001:db8::7 where they are IP: of all these, a fresh program lets every one pass."""
