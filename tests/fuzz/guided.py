"""A reader under coverage-guided fuzzing, by hand or for some seconds: a crash, a hang or too much memory ends it with the input.

    python -m tests.fuzz.guided READER [--seconds 60] [--corpus DIR] [--blind]

The fuzzer's octets choose the changes (`chance.Octets`), so every input is a changed model, not noise. DIR (default: a new
folder under the system's temporary one) gathers inputs that reach new code; the changed model that fails is written beside it. With --blind the octets come from a generator of random
numbers instead: for machines without atheris. What is found belongs to the small files of `test_found_files.py`.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

TIMEOUT = 20
"""Seconds for one input."""
MEMORY = 1024
"""MiB."""


def guided(name: str, seconds: int, folder: Path) -> None:
    """Run under atheris."""
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not here: pip install 'musa-pipeline[fuzz]', or give --blind")

    with atheris.instrument_imports(include=["musa_pipeline"]):
        from tests.fuzz.chance import Octets
        from tests.fuzz.targets import TARGETS, check, mutant, seed

        target = TARGETS[name]
        if name != "csar":
            check(target, seed(target.seeds[0]).encode())  # imports what readers import late, while it is watched

    def once(octets: bytes) -> None:
        changed = mutant(target, Octets(octets))
        try:
            check(target, changed)
        except BaseException:
            folder.with_name(f"{folder.name}-found").write_bytes(changed)
            raise

    options = [
        f"-max_total_time={seconds}",
        f"-timeout={TIMEOUT}",
        f"-rss_limit_mb={MEMORY}",
        "-max_len=400",
        "-len_control=0",
        f"-artifact_prefix={folder}-octets-",
    ]
    if not any(folder.iterdir()):  # from nothing the fuzzer takes long to come to several changes in one input
        some = random.Random(0)
        for number in range(40):
            (folder / f"begin-{number}").write_bytes(some.randbytes(some.randrange(4, 300)))
    atheris.Setup([sys.argv[0], *options, str(folder)], once)
    atheris.Fuzz()


def blind(name: str, seconds: int, folder: Path) -> None:
    """Run on random numbers."""
    from tests.fuzz.chance import Octets
    from tests.fuzz.targets import TARGETS, check, mutant

    resource.setrlimit(resource.RLIMIT_AS, (4 * MEMORY * 2**20, 4 * MEMORY * 2**20))
    target, chance, count, until = TARGETS[name], random.Random(), 0, time.process_time() + seconds
    slowest = 0.0
    found: set[str] = set()
    while time.process_time() < until:
        changed = mutant(target, Octets(chance.randbytes(300)))
        started = time.process_time()
        try:
            check(target, changed)
        except Exception as error:
            trace = error.__traceback__
            while trace and trace.tb_next:
                trace = trace.tb_next
            place = f"{type(error).__name__} {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            if place not in found:
                found.add(place)
                path = folder / f"{name}-{len(found)}"
                path.write_bytes(changed)
                print(f"{place}: {str(error)[:200]}\n    {path}", flush=True)
        took = time.process_time() - started
        if took > slowest:
            slowest = took
            (folder / f"{name}-slowest").write_bytes(changed)
        count += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name}: {count} inputs in {seconds} s, {len(found)} kinds of failure, slowest {slowest:.2f} s, peak {peak} MiB")
    sys.exit(1 if found else 0)


def main() -> None:
    """Read the flags and run."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("reader")
    flags.add_argument("--seconds", type=int, default=60)
    flags.add_argument("--corpus", type=Path)
    flags.add_argument("--blind", action="store_true")
    given = flags.parse_args()
    folder = given.corpus or Path(tempfile.mkdtemp(prefix="fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    (blind if given.blind else guided)(given.reader, given.seconds, folder)


if __name__ == "__main__":
    main()
