"""Risks of one model by musa, pytm and Threagile: how many findings, how many of them rated and answered, and how long it takes.

    python benchmarks/risk.py [--sizes 100,10000] [--seed 7] [--pytm PYTHON] [--threagile PROGRAM] [--no-peers] [--check]

The model is smart-mobility, then generated ones of so many node templates; each tool gets what the model says, in its own words
(`risk_peers.py`), and nothing more. Each row is one process from its start, reading included; a peer's reports are switched off.

`findings` are pairs of a threat and a part of the model. `levels`: how many different ratings they have, and whether these depend on
the part (`place`) or are one for each threat. `answered`: findings with a control of a public catalog, by its id, that the part is
then required to have; `advised`: with a text of what to do. Threagile names a chapter of OWASP's ASVS for each of its rules,
pytm CAPEC and CWE: neither says which requirement. pytm is installed from PyPI into an environment of its own unless
--pytm names the Python of one; Threagile is a Go program: build it from its repository (go build ./cmd/threagile) and name it.

With --check the exit code is 1 when an aim is missed by more than a factor of three: 100 components in 2 s, 10 000 in 20 s, and ten times
the components in at most twelve times the time.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from pipeline import GROWTH, SLACK, model  # noqa: E402  it lies beside this file
from risk_peers import PYTM, for_pytm, for_threagile  # noqa: E402

AIMS = {100: 2.0, 10_000: 20.0}
PYTM_VERSION = "1.4.0"
LIMIT = 600
SKIPPED = (
    *("data-asset-diagram", "data-flow-diagram", "report-adoc", "report-pdf", "risks-excel", "stats-json", "tags-excel"),
    "technical-assets-json",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one tool found on one model; `why` it did not, if it did not."""

    tool: str
    findings: int = 0
    rated: int = 0
    levels: str = ""
    answered: int = 0
    advised: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    why: str = ""


def timed(arguments: list[str], folder: Path) -> tuple[float, float, int, str]:
    """Run a program; return seconds on the wall, seconds of processors, exit code, and the end of what it printed."""
    with (folder / "printed").open("w+") as printed:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        began = time.perf_counter()
        process = subprocess.Popen(
            arguments, cwd=folder, stdout=printed, stderr=subprocess.STDOUT, env={**clean, "PYTHONPATH": str(ROOT)}
        )
        deadline, done, status, used = began + LIMIT, 0, -9, None
        while not done and time.perf_counter() < deadline:
            done, status, used = os.wait4(process.pid, os.WNOHANG)
            time.sleep(0 if done else 0.01)
        if not done:
            process.kill()
            process.wait()
            return float("inf"), 0.0, -9, f"more than {LIMIT} s"
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        printed.seek(0)
        return wall, used.ru_utime + used.ru_stime if used else 0.0, process.returncode, printed.read()


def ours(named: str, folder: Path) -> Row:
    """Rate with musa, into an empty folder."""
    out = folder / "out"
    wall, cpu, code, said = timed([sys.executable, "-m", "musa_pipeline", "risk", named, "-o", str(out)], folder)
    if code:
        return Row("musa", why=said[-200:])
    profile = json.loads(next(out.glob("sla/*/risk.json")).read_text())
    needed = {(each["component"], threat) for each in profile["required"] for threat in each.get("threats", ())}
    risks = profile["risks"]
    answered = sum((each["component"], each["threat"]) in needed for each in risks)
    levels = _levels([(each["threat"], each["rating"]) for each in risks])
    return Row("musa", len(risks), len(risks), levels, answered, answered, wall, cpu)


def pytm(python: str, cpim: Any, folder: Path) -> Row:
    """Apply pytm's own library of threats."""
    (folder / "pytm.json").write_text(for_pytm(cpim))
    (folder / "tm.py").write_text(PYTM)
    wall, cpu, code, said = timed([python, "tm.py", "pytm.json"], folder)
    if code:
        return Row("pytm", why=said.strip()[-200:])
    found = json.loads(said.splitlines()[-1])
    levels = _levels([(threat, severity) for severity, _, threat in found])
    return Row("pytm", len(found), sum(bool(each[0]) for each in found), levels, 0, sum(each[1] for each in found), wall, cpu)


def threagile(program: str, cpim: Any, folder: Path) -> Row:
    """Apply Threagile's built-in rules."""
    (folder / "threagile.yaml").write_text(for_threagile(cpim))
    flags = ["--model", "threagile.yaml", "--output", str(folder), "--temp-dir", str(folder), "--app-dir", str(folder)]
    wall, cpu, code, said = timed(
        [program, "analyze-model", *flags, *(f"--skip-{each}" for each in SKIPPED), "--ignore-orphaned-risk-tracking"], folder
    )
    if code or not (folder / "risks.json").exists():
        return Row("Threagile", why=said.strip()[-200:])
    found = json.loads((folder / "risks.json").read_text()) or []  # the lowest severity is left out of it
    levels = _levels([(each["category"], each.get("severity", "low")) for each in found])
    return Row("Threagile", len(found), len(found), levels, 0, len(found), wall, cpu)


def _levels(found: list[tuple[str, str]]) -> str:
    by_threat = defaultdict(set)
    for threat, level in found:
        by_threat[threat].add(level)
    places = any(len(each) > 1 for each in by_threat.values())
    return f"{len({level for _, level in found})} by {'place' if places else 'threat'}"


def read(path: Path) -> Any:
    """Return the model as musa reads it."""
    from musa_pipeline.stages.read import read_model
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.places import find

    return read_model(Work(find(str(path))))


def installed(folder: Path) -> str:
    """Return the Python of a new environment that has pytm; '' with the reason on standard error if it cannot be had."""
    python = folder / "pytm/bin/python"
    for command in (
        [sys.executable, "-m", "venv", str(folder / "pytm")],
        [str(python), "-m", "pip", "-q", "install", f"pytm=={PYTM_VERSION}"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"pytm cannot be installed: {done.stderr.strip()[-200:]}", file=sys.stderr)
            return ""
    return str(python)


def rows(named: str, path: Path, python: str, program: str, *, peers: bool) -> list[Row]:
    """Return what every tool makes of one model."""
    found = []
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        found.append(ours(named, Path(one)))
        if peers:
            cpim, folder = read(path), Path(other)
            found.append(pytm(python, cpim, folder) if python else Row("pytm", why="not here"))
            found.append(
                threagile(program, cpim, folder) if program else Row("Threagile", why="not here; name it with --threagile")
            )
    return found


def show(title: str, found: list[Row]) -> None:
    """Print the rows of one model."""
    print(f"\n{title}\n{'':<12}{'findings':>9}{'rated':>8}  {'levels':<13}{'answered':>9}{'advised':>9}{'wall s':>9}{'CPU s':>8}")
    for each in found:
        if each.why:
            print(f"{each.tool:<12}  {' '.join(each.why.split())}")
        else:
            print(
                f"{each.tool:<12}{each.findings:>9}{each.rated:>8}  {each.levels:<13}{each.answered:>9}{each.advised:>9}"
                f"{each.wall:>9.2f}{each.cpu:>8.2f}"
            )


def main() -> None:
    """Read the flags and print a table for each model."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--sizes", default="100,10000")
    flags.add_argument("--seed", type=int, default=7)
    flags.add_argument("--pytm", default="", metavar="PYTHON", help="the Python of an environment that has pytm")
    flags.add_argument("--threagile", default=shutil.which("threagile") or "", metavar="PROGRAM")
    flags.add_argument("--no-peers", action="store_true")
    flags.add_argument("--check", action="store_true", help=f"exit with 1 when an aim is missed by more than {SLACK} times")
    given = flags.parse_args()
    missed: list[str] = []
    before: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as folder:
        python = given.pytm or ("" if given.no_peers else installed(Path(folder)))
        program = str(Path(given.threagile).resolve()) if given.threagile else ""
        path = ROOT / "models/smart-mobility"
        show("smart-mobility", rows(str(path), path, python, program, peers=not given.no_peers))
        for size in map(int, filter(None, given.sizes.split(","))):
            path = Path(folder) / f"generated{size}.yaml"
            path.write_text(model(size, given.seed))
            (Path(folder) / "musa.yaml").write_text("")
            found = rows(str(path), path, python, program, peers=not given.no_peers)
            show(f"{size} node templates", found)
            mine = found[0]
            if mine.why or mine.wall > SLACK * AIMS.get(size, float("inf")):
                missed.append(f"{size}: {mine.why or f'{mine.wall:.2f} s, aim {AIMS[size]:.0f} s'}")
            if before and mine.wall > SLACK * GROWTH * size / before[0] * before[1]:
                missed.append(f"{size}: {mine.wall / before[1]:.1f} × the time of {before[0]}")
            before = (size, mine.wall)
    if missed:
        print(f"\nmore than {SLACK} times the aim, or failed:", *missed, sep="\n  ")
    sys.exit(1 if given.check and missed else 0)


if __name__ == "__main__":
    main()
