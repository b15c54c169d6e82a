"""How long a TOSCA file takes to be read, from text to the provider-independent model, beside tosca-parser on the same file.

    python benchmarks/reading.py [--sizes 100,1000,10000] [--seed 7] [--runs 3] [--no-peer] [--check]

Seconds are of the processor, the least of some runs, each in a process of its own; the interpreter's start, imports of code and
reading the catalogs are not counted, on either side. Ours is shown in parts: `yaml` is the tree with places, `whole` everything.
Memory is the peak of the process. With --check the exit code is 1 when an aim is missed by more than a factor of three: 1,000
nodes in 0.3 s, 10,000 in 3.5 s, and ten times the nodes in at most twelve times the time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from pipeline import GROWTH, SLACK, model  # noqa: E402  it lies beside this file

AIMS = {1_000: 0.3, 10_000: 3.5}
OURS = """
import gc, json, resource, sys, time
gc.set_threshold(200_000, 50, 100)  # as the command does
from pathlib import Path
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca import read_tosca
from musa_pipeline.stages.work import Work
from musa_pipeline.text.yaml import read_yaml
from musa_pipeline.workspace.places import find
work = Work(find(sys.argv[1]))
catalogs, text, problems = work.catalogs, Path(sys.argv[1]).read_text(), Problems()
read_yaml("a: 1", "warm.yaml", problems)
began = time.process_time()
read_yaml(text, "model.yaml", problems)
tree = time.process_time() - began
began = time.process_time()
found = read_tosca(text, "model.yaml", fetch=work.inputs.fetch(), catalogs=catalogs, problems=problems)
whole = time.process_time() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"tree": tree, "whole": whole, "peak": peak, "nodes": len(found.components), "findings": len(problems)}))
"""
THEIRS = """
import json, resource, sys, time
from toscaparser.tosca_template import ToscaTemplate
began = time.process_time()
found = ToscaTemplate(sys.argv[1])
whole = time.process_time() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"whole": whole, "peak": peak, "nodes": len(found.nodetemplates)}))
"""


def measured(code: str, path: Path, runs: int, limit: float) -> dict[str, float] | None:
    """Return the fastest of some runs; None if one of them fails or takes too long."""
    found = []
    for _ in range(runs):
        try:
            done = subprocess.run(
                [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode:
            print(done.stderr[-500:], file=sys.stderr)
            return None
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return min(found, key=lambda each: each["whole"])


def main() -> None:
    """Read the flags and print the table."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--sizes", default="100,1000,10000")
    flags.add_argument("--seed", type=int, default=7)
    flags.add_argument("--runs", type=int, default=3)
    flags.add_argument("--no-peer", action="store_true")
    flags.add_argument("--check", action="store_true", help=f"exit with 1 when an aim is missed by more than {SLACK} times")
    given = flags.parse_args()
    print(
        f"{'nodes':>7}{'KB':>7}{'yaml s':>9}{'whole s':>9}{'aim':>7}{'MiB':>6}{'growth':>8}{'tosca-parser s':>16}{'MiB':>6}{'ratio':>8}"
    )
    missed, before = [], None
    for size in [int(each) for each in given.sizes.split(",")]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.yaml"
            path.write_text(model(size, given.seed))
            (Path(folder) / "musa.yaml").write_text("")
            kilobytes = path.stat().st_size / 1000
            ours = measured(OURS, path, given.runs, 300)
            theirs = None if given.no_peer else measured(THEIRS, path, 1 if size > 5_000 else given.runs, 600)
        if ours is None:
            missed.append(f"{size} nodes: failed")
            continue
        aim = AIMS.get(size)
        growth = ours["whole"] / before[1] if before else 0.0
        grown = f"{growth:.1f}×" if before else ""
        peer = f"{theirs['whole']:>16.2f}{theirs['peak']:>6.0f}{theirs['whole'] / ours['whole']:>7.1f}×" if theirs else ""
        print(
            f"{size:>7}{kilobytes:>7.0f}{ours['tree']:>9.3f}{ours['whole']:>9.3f}{aim or '':>7}{ours['peak']:>6.0f}{grown:>8}{peer}"
        )
        if aim and ours["whole"] > SLACK * aim:
            missed.append(f"{size} nodes: {ours['whole']:.2f} s, aim {aim} s")
        if before and growth > SLACK * GROWTH * size / before[0]:
            missed.append(f"{size} nodes: {growth:.1f} × the time of {before[0]} nodes")
        before = (size, ours["whole"])
    if missed:
        print(f"\nmore than {SLACK} times the aim, or failed:", *missed, sep="\n  ")
    sys.exit(1 if given.check and missed else 0)


if __name__ == "__main__":
    main()
