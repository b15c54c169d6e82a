"""How long the whole road takes for 10 to 10 000 components, stage by stage, beside tosca-parser reading the same model.

    python benchmarks/pipeline.py [--sizes 10,100,1000,10000] [--seed 7] [--no-peer] [--check]

With --check the exit code is 1 when a command or a size fails, or misses its aim by more than a factor of three: far enough
from the aim that a busy machine alone does not do it. Aims: the seconds beside each command, and ten times the nodes in at
most twelve times the time.

Prints two tables: whole commands, and each model size with seconds and peak memory after each stage. The peer only reads;
ours reads, rates, selects, composes, plans and writes everything.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SLACK = 3
GROWTH = 1.2
"""Aim: so many times the nodes take at most so many times the time, times this."""
STAGES = ("read", "risk", "slat", "select", "compose", "plan")
PEER = "import sys; from toscaparser.tosca_template import ToscaTemplate; ToscaTemplate(sys.argv[1])"


def model(size: int, seed: int) -> str:
    """Return a TOSCA 1.3 model of normative types with `size` node templates, valid for tosca-parser too."""
    chance = random.Random(seed)
    lines = ["tosca_definitions_version: tosca_simple_yaml_1_3", "topology_template:", "  node_templates:"]
    blocks = max(1, size // 5)
    for n in range(blocks):
        other = chance.randrange(blocks)
        lines += [
            f"    vm{n}:",
            "      type: tosca.nodes.Compute",
            f"      capabilities: {{host: {{properties: {{num_cpus: {chance.choice([1, 2, 4])}, mem_size: {chance.choice([1, 2, 4])} GB}}}}}}",
            f"    server{n}:",
            "      type: tosca.nodes.WebServer",
            f"      requirements: [{{host: vm{n}}}]",
            f"    dbms{n}:",
            "      type: tosca.nodes.DBMS",
            "      properties: {port: 5432}",
            f"      requirements: [{{host: vm{n}}}]",
            f"    data{n}:",
            "      type: tosca.nodes.Database",
            f"      properties: {{name: data{n}, port: 5432}}",
            f"      requirements: [{{host: dbms{n}}}]",
            f"    app{n}:",
            "      type: tosca.nodes.WebApplication",
            f"      properties: {{context_root: /{n}}}",
            "      requirements:",
            f"        - host: server{n}",
            f"        - dependency: data{other}",
        ]
    return "\n".join(lines) + "\n"


def measured(arguments: list[str], folder: Path, limit: float) -> tuple[float, float, str, int]:
    """Run a command; return seconds, peak MiB, standard error, exit code."""
    started = time.perf_counter()
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        # with byte code, as an installed package has it
        env={**{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return float("inf"), 0.0, "", -9
    took = time.perf_counter() - started
    peak = 0.0
    for line in errors.splitlines():
        if line.startswith("peak "):
            peak = float(line.split()[1]) / 1024
    return took, peak, errors, process.returncode


WRAP = (
    "import resource, runpy, sys\n"
    "try:\n    runpy.run_module('musa_pipeline', run_name='__main__')\n"
    "finally:\n    print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
)


def best_of(count: int, arguments: list[str], folder: Path) -> float:
    """Return the least seconds of some runs; endless if one of them fails."""
    runs = [measured(arguments, folder, 60) for _ in range(count)]
    return float("inf") if any(code for *_, code in runs) else min(took for took, *_ in runs)


def commands() -> list[str]:
    """Print how long whole commands take; return those that are far from their aim."""
    musa = [sys.executable, "-m", "musa_pipeline"]
    with tempfile.TemporaryDirectory() as out:
        rows = [("musa --help", best_of(5, [*musa, "--help"], ROOT), 0.15)]
        for name in ("shop", "smart-mobility", "flight-scheduling"):
            cold = []
            for _ in range(3):
                shutil.rmtree(Path(out) / name, ignore_errors=True)
                cold.append(best_of(1, [*musa, "run", name, "-o", str(Path(out) / name)], ROOT))
            rows.append((f"musa run {name}, cold", float("inf") if float("inf") in cold else min(cold), 1.5))
            rows.append((f"musa run {name}, again", best_of(3, [*musa, "run", name, "-o", str(Path(out) / name)], ROOT), 0.4))
    print(f"{'command':<36}{'seconds':>9}{'aim':>8}")
    for name, took, aim in rows:
        print(f"{name:<36}{took:>9.2f}{'≤ ' + str(aim):>8}")
    return [f"{name}: {took:.2f} s, aim {aim} s" for name, took, aim in rows if took > SLACK * aim]


def sizes(wanted: list[int], seed: int, *, peer: bool) -> list[str]:
    """Print the table of sizes; return what failed or grows far faster than its aim."""
    missed = []
    print(
        f"\n{'nodes':>7}{'':>3}"
        + "".join(f"{name:>9}" for name in STAGES)
        + f"{'whole s':>10}{'peak MiB':>10}{'tosca-parser s':>16}{'ratio':>8}"
    )
    before: tuple[int, float] | None = None
    for size in wanted:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.yaml"
            path.write_text(model(size, seed))
            (Path(folder) / "musa.yaml").write_text("")
            took, peak, errors, code = measured(
                [sys.executable, "-c", WRAP.replace("sys\n", "sys; sys.argv[1:] = ['--json-logs', 'run', 'model.yaml']\n", 1)],
                Path(folder),
                900,
            )
            logs = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
            stage = {each["stage"]: each["seconds"] for each in logs if "stage" in each}
            theirs = measured([sys.executable, "-c", PEER, str(path)], Path(folder), 300)[0] if peer else float("nan")
        failed = "" if code == 0 else f"  exit code {code}: {errors[-300:]}"
        if failed:
            missed.append(f"{size} nodes: exit code {code}")
        print(
            f"{size:>7}{'s':>3}" + "".join(f"{stage.get(name, float('nan')):>9.2f}" for name in STAGES)
            + f"{took:>10.2f}{peak:>10.0f}{theirs:>16.2f}{took / theirs:>8.2f}{failed}"
        )  # fmt: skip
        memory = {each["stage"]: each.get("peak_mib", float("nan")) for each in logs if "stage" in each}
        print(f"{'':>7}{'MiB':>4}" + "".join(f"{memory.get(name, float('nan')):>9.0f}" for name in STAGES).removeprefix(" "))
        if before:
            more, longer = size / before[0], took / before[1]
            print(f"{'':>10}{more:.0f} × the nodes take {longer:.1f} × the time")
            if longer > SLACK * GROWTH * more:
                missed.append(f"{size} nodes: {longer:.1f} × the time of {before[0]} nodes, aim {GROWTH * more:.0f} ×")
        before = (size, took)
    return missed


def main() -> None:
    """Read the flags and print the tables."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--sizes", default="10,100,1000,10000")
    flags.add_argument("--seed", type=int, default=7)
    flags.add_argument("--no-peer", action="store_true")
    flags.add_argument("--check", action="store_true", help=f"exit with 1 when an aim is missed by more than {SLACK} times")
    given = flags.parse_args()
    missed = commands()
    missed += sizes([int(each) for each in given.sizes.split(",")], given.seed, peer=not given.no_peer)
    if missed:
        print(f"\nmore than {SLACK} times the aim, or failed:", *missed, sep="\n  ")
    sys.exit(1 if given.check and missed else 0)


if __name__ == "__main__":
    main()
