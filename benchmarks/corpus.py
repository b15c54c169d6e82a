"""Every model of some folders through our readers: what is read, which graphs are whole, what crashes, how long, how much memory.

    python benchmarks/corpus.py DIR... [--peer] [--json] [--list crashes|timeouts|ungraphed|unresolved|nowhere|errors]
        [--jobs 2] [--limit 20] [--sample N] [--seed 7] [--check]

Each file is read in a process of its own, forked from one that has the catalogs: a crash, a file over the time limit or over the
memory limit counts as a failure and the next goes on. What a file says is counted apart from our readers (`corpus_truth.py`):

- graph built: every node template is in the result, or told as part of another or as left out;
- targets: requirement assignments that lead to a host, a connection or a part, or of which a finding tells that it is open: one on
  its lines, or one at its component that it is an alternative which stands aside.

With --peer, tosca-parser's verdict beside it, without a network. With --check the exit code is 1 when an aim is missed: graphs from
99 % of the files that have nodes, 95 % of targets, no crash, no time-out, every finding with line and column.
"""

import argparse
import json
import os
import pickle
import random
import resource
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from corpus_truth import Truth, models, truth

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems, Severity

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 2 * 2**30
"""Bytes of address space beyond what the parent has; more is a failure."""
LEFT_OUT = {"T016", "T064"}
"""Codes that tell that a node is no component, or that others take its place."""
ASIDE = "T036"
"""The code that names, at a component, the requirements of which alternatives stand aside."""
LISTS = ("crashes", "timeouts", "ungraphed", "unresolved", "nowhere", "errors", "all")


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    file: str
    language: str = ""
    version: str = ""
    status: str = "read"
    seconds: float = 0.0
    peak: float = 0.0
    nodes: int = 0
    missing: list[str] = field(default_factory=list)
    demands: int = 0
    led: int = 0
    told: int = 0
    untold: list[str] = field(default_factory=list)
    findings: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    nowhere: list[str] = field(default_factory=list)
    graph: bool = False
    trace: str = ""
    peer: str = ""

    @property
    def counts(self) -> bool:
        """Whether it has something that a graph could be made of."""
        return self.nodes > 0


class Reader:
    """Reads one file as the first stage does, the catalogs loaded once."""

    def __init__(self, catalogs: tuple[Path, ...]) -> None:
        from musa_pipeline.stages.work import Work
        from musa_pipeline.workspace import places
        from musa_pipeline.workspace.given import Given

        self.given = Given(catalogs=tuple(os.path.abspath(each) for each in catalogs))
        self.warm = Work(places.find(str(ROOT / "models" / "shop")), self.given)
        _ = self.warm.catalogs
        self.read(ROOT / "models" / "shop" / "shop.yaml", ROOT)  # what readers import late is there before the forks

    def read(self, path: Path, root: Path) -> tuple[Cpim | None, Problems]:
        """Return the model and what was found."""
        from musa_pipeline.stages.read import read_model
        from musa_pipeline.stages.work import Work
        from musa_pipeline.workspace import places

        place = places.find(str(path))
        if not any((each / ".git").exists() or (each / "musa.yaml").is_file() for each in path.parents):
            place = replace(place, root=root)
        work = Work(place, self.given)
        work.take_catalogs_of(self.warm)
        return read_model(work), work.problems


def judge(outcome: Outcome, said: Truth, model: Cpim | None, problems: Problems) -> None:
    """Hold what was read against what the file says."""
    found = list(problems)
    outcome.findings = dict(Counter(f"{each.code}" for each in found))
    outcome.errors = dict(Counter(each.code for each in found if each.severity is Severity.ERROR))
    outcome.nowhere = sorted({each.code for each in found if not each.at.file or each.at.line < 1 or each.at.column < 1})
    told = {each.at.line for each in found if each.code in LEFT_OUT}
    if model is None:
        outcome.missing = sorted(name for name, line in said.nodes.items() if line not in told)
        outcome.demands = len(said.demands) or said.links
        outcome.untold = [f"{each.source}.{each.name}" for each in said.demands]
        outcome.graph = not outcome.missing and bool(found)
        if outcome.missing:
            outcome.status = "nothing"
        else:
            outcome.led, outcome.untold = outcome.demands, []
        return
    named = {each.name for each in model.components}
    outcome.missing = sorted(name for name, line in said.nodes.items() if name not in named and line not in told)
    outcome.graph = not outcome.missing
    if said.language in {"camel", "xmi"}:
        links = sum(each.host is not None for each in model.components) + len(model.connections)
        outcome.demands, outcome.led = said.links, min(said.links, links)
        outcome.told = min(said.links - outcome.led, sum(each.severity is not Severity.NOTE for each in found))
        if outcome.led + outcome.told < said.links:
            outcome.untold = [f"{said.links - outcome.led} of {said.links} hostings and communications"]
        return
    ids = {each.name: each.id for each in model.components}
    hosts = {each.id: each.host for each in model.components}
    pairs = {(each.source, each.target) for each in model.connections}
    lines = Counter(each.at.line for each in found if each.severity is not Severity.NOTE or each.code != "T017")
    aside = {each.at.line: each.text for each in found if each.code == ASIDE}
    outcome.demands = len(said.demands)
    for each in said.demands:
        source, target = ids.get(each.source), ids.get(each.target)
        parts = {each.source, each.target} & said.nodes.keys() - named
        direct = source and target and (hosts[source] == target or (source, target) in pairs)
        folded = parts and not parts & set(outcome.missing) and (not each.target or each.target in said.nodes)
        if direct or folded:
            outcome.led += 1
        elif any(line in lines for line in range(each.first, each.last + 1)):
            outcome.told += 1
        elif f"requirement {each.name!r}" in aside.get(said.nodes.get(each.source, 0), ""):
            outcome.told += 1  # an alternative of a requirement, told at its component
        elif each.target not in said.nodes and source and _leads_somewhere(source, hosts, pairs):
            outcome.led += 1
        else:
            outcome.untold.append(f"{each.source}.{each.name} -> {each.target or 'nothing'} (line {each.first})")


def _leads_somewhere(source: Any, hosts: dict[Any, Any], links: set[tuple[Any, Any]]) -> bool:
    """Tell whether a requirement that names no node may have been answered by type: its component leads to anything at all."""
    return bool(hosts[source]) or any(each == source for each, _ in links)


def ours(reader: Reader, path: Path, root: Path) -> Outcome:
    """Read one file and judge the result."""
    outcome = Outcome(str(path))
    said = truth(path)
    outcome.language, outcome.version, outcome.nodes = said.language, said.version, len(said.nodes)
    started = time.process_time()
    try:
        model, problems = reader.read(path, root)
    except Exception as error:
        outcome.status, outcome.trace, outcome.missing = "crash", traceback.format_exc()[-3000:], sorted(said.nodes)
        outcome.demands = len(said.demands)
        if type(error).__module__.startswith("musa_pipeline.domain.errors"):
            outcome.status = "refused"
        outcome.seconds = time.process_time() - started
        return outcome
    outcome.seconds = time.process_time() - started
    judge(outcome, said, model, problems)
    return outcome


def peer(path: Path) -> str:
    """Return tosca-parser's verdict on a file: accepted, refused or crash."""
    import logging

    from toscaparser.common.exception import TOSCAException, ValidationError
    from toscaparser.tosca_template import ToscaTemplate

    logging.disable(logging.CRITICAL)
    os.chdir(path.parent)
    try:
        ToscaTemplate(str(path))
    except (ValidationError, TOSCAException):
        return "refused"
    except Exception as error:
        return "refused" if isinstance(error, (ImportError, ValueError)) else "crash"
    return "accepted"


def no_network() -> None:
    """Let no connection out of this process: imports by address fail at once."""
    import socket

    def refuse(*_: object) -> None:
        raise OSError("no network in this measurement")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse  # type: ignore[assignment]


@dataclass(slots=True)
class Child:
    """One forked reader."""

    path: Path
    pid: int
    pipe: int
    until: float
    data: bytearray = field(default_factory=bytearray)


def run(jobs: list[Path], work: Callable[[Path], Any], at_once: int, limit: float) -> Iterator[tuple[Path, Any, str, float]]:
    """Yield (file, result or None, why not, peak MiB) of each job, each done in a fork of this process, in the order they end."""
    waiting, running = list(reversed(jobs)), dict[int, Child]()
    while waiting or running:
        while waiting and len(running) < at_once:
            child = _fork(waiting.pop(), work, limit)
            running[child.pipe] = child
        ready, _, _ = select.select(list(running), [], [], 0.2)
        for pipe in ready:
            part = os.read(pipe, 1 << 20)
            if part:
                running[pipe].data += part
                continue
            yield _end(running.pop(pipe), "")
        for child in [each for each in running.values() if time.monotonic() > each.until]:
            os.kill(child.pid, signal.SIGKILL)
            yield _end(running.pop(child.pipe), "timeout")


def _fork(path: Path, work: Callable[[Path], Any], limit: float) -> Child:
    out, into = os.pipe()
    pid = os.fork()
    if pid:
        os.close(into)
        return Child(path, pid, out, time.monotonic() + limit)
    os.close(out)
    try:
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with os.fdopen(into, "wb") as pipe:
            pickle.dump(work(path), pipe)
    except BaseException:
        os._exit(9)
    os._exit(0)


def _end(child: Child, why: str) -> tuple[Path, Any, str, float]:
    os.close(child.pipe)
    _, status, usage = os.wait4(child.pid, 0)
    if not why and status:
        why = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "memory or stack"
    return child.path, None if why else pickle.loads(bytes(child.data)), why, usage.ru_maxrss / 1024


def table(found: list[Outcome], took: float, *, peers: bool) -> None:
    """Print the result."""
    print(f"{'':<24}" + "".join(f"{each:>10}" for each in ("tosca", "csar", "camel", "xmi", "all")))
    rows: list[tuple[str, Callable[[list[Outcome]], str]]] = [
        ("files", lambda some: str(len(some))),
        ("  with nodes in them", lambda some: str(sum(each.counts for each in some))),
        ("read", lambda some: str(sum(each.status in {"read", "nothing"} for each in some))),
        ("graph built", lambda some: _share([each.graph for each in some if each.counts])),
        ("nothing but findings", lambda some: str(sum(each.status == "nothing" for each in some))),
        ("crashes", lambda some: str(sum(each.status == "crash" for each in some))),
        ("time-outs, memory", lambda some: str(sum(each.status in {"timeout", "killed"} for each in some))),
        ("no errors found in them", lambda some: _share([not each.errors and each.status == "read" for each in some])),
        ("requirement targets", lambda some: str(sum(each.demands for each in some))),
        ("  lead to a node", lambda some: str(sum(each.led for each in some))),
        ("  told to be open", lambda some: str(sum(each.told for each in some))),
        ("  resolved", lambda some: _ratio(sum(each.led + each.told for each in some), sum(each.demands for each in some))),
        ("findings", lambda some: str(sum(sum(each.findings.values()) for each in some))),
        ("  without a place", lambda some: str(sum(len(each.nowhere) for each in some))),
    ]
    if peers:
        rows += [
            (f"tosca-parser {word}", lambda some, word=word: str(sum(each.peer == word for each in some)))  # type: ignore[misc]
            for word in ("accepted", "refused", "crash", "timeout")
        ]
    groups = [[each for each in found if each.language == name] for name in ("tosca", "csar", "camel", "xmi")] + [found]
    for title, cell in rows:
        print(f"{title:<24}" + "".join(f"{cell(some) if some else '-':>10}" for some in groups))
    print("\nfindings by code (files):")
    codes, errors = Counter[str](), Counter[str]()
    for each in found:
        codes.update(each.findings.keys())
        errors.update(each.errors.keys())
    for code, files in sorted(codes.items()):
        count = sum(each.findings.get(code, 0) for each in found)
        print(f"  {code:<6}{count:>8} in {files:>5} files" + (f", an error in {errors[code]}" if errors[code] else ""))
    print("\nslowest:")
    for each in sorted(found, key=lambda each: -each.seconds)[:5]:
        print(f"  {each.seconds:>7.2f} s {each.peak:>6.0f} MiB  {each.file}")
    print(f"\npeak memory {max((each.peak for each in found), default=0):.0f} MiB; {took:.0f} s for everything")


def _ratio(some: int, whole: int) -> str:
    return f"{100 * some / whole:.1f} %" if whole else "-"


def _share(some: list[bool]) -> str:
    return _ratio(sum(some), len(some))


def listed(found: list[Outcome], what: str) -> Iterator[str]:
    """Yield the lines of one list."""
    for each in sorted(found, key=lambda each: each.file):
        match what:
            case "crashes" if each.status in {"crash", "killed"}:
                yield f"{each.file}\n    {each.trace.strip().splitlines()[-1] if each.trace else each.status}"
            case "timeouts" if each.status == "timeout":
                yield each.file
            case "ungraphed" if each.counts and not each.graph:
                why = ", ".join(f"{code} {count}" for code, count in each.errors.items()) or "no error"
                yield f"{each.file}: {each.status}, {len(each.missing)} of {each.nodes} missing ({why}): {', '.join(each.missing[:5])}"
            case "unresolved" if each.untold and each.status == "read":
                yield f"{each.file}: {len(each.untold)} of {each.demands}: {'; '.join(each.untold[:4])}"
            case "nowhere" if each.nowhere:
                yield f"{each.file}: {', '.join(each.nowhere)}"
            case "errors" if each.errors:
                yield f"{each.file}: {', '.join(f'{code} {count}' for code, count in each.errors.items())}"
            case "all":
                yield f"{each.file}: {each.status} {'graph' if each.graph else '-'} {each.nodes} nodes, {each.seconds:.2f} s {each.peer}"


def missed(found: list[Outcome]) -> list[str]:
    """Return the aims that are missed."""
    whole = [each for each in found if each.counts]
    demands = sum(each.demands for each in found)
    aims = [
        ("graphs from less than 99 % of the files", sum(each.graph for each in whole) < 0.99 * len(whole)),
        ("less than 95 % of targets resolved", sum(each.led + each.told for each in found) < 0.95 * demands),
        ("a crash", any(each.status in {"crash", "killed"} for each in found)),
        ("a time-out", any(each.status == "timeout" for each in found)),
        ("findings without a place", any(each.nowhere for each in found)),
    ]
    return [text for text, wrong in aims if wrong]


def main() -> None:
    """Read the flags, run everything, print."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    flags.add_argument("--peer", action="store_true", help="tosca-parser's verdict beside ours")
    flags.add_argument("--json", action="store_true", help="one outcome a line")
    flags.add_argument("--list", choices=LISTS, help="print these files instead of the table")
    flags.add_argument("--catalog", type=Path, action="append", default=[], help="a folder of types to import from")
    flags.add_argument("--jobs", type=int, default=2)
    flags.add_argument("--limit", type=float, default=20, help="seconds a file may take")
    flags.add_argument("--sample", type=int, default=0, help="so many files, chosen at random")
    flags.add_argument("--seed", type=int, default=7)
    flags.add_argument("--check", action="store_true", help="exit with 1 when an aim is missed")
    given = flags.parse_args()
    started = time.monotonic()
    roots = {path: folder for folder in given.folders for path in models(Path(os.path.abspath(folder)))}
    roots = {path: Path(os.path.abspath(folder)) for path, folder in roots.items()}
    files = list(roots)
    if given.sample and given.sample < len(files):
        files = sorted(random.Random(given.seed).sample(files, given.sample))
    no_network()
    reader = Reader(tuple(given.catalog))
    found: dict[Path, Outcome] = {}
    for path, result, why, peak in run(files, lambda path: ours(reader, path, roots[path]), given.jobs, given.limit):
        outcome = result or Outcome(str(path), trace=why, status="timeout" if why == "timeout" else "killed")
        if not result:
            said = truth(path)
            outcome.language, outcome.nodes, outcome.demands = said.language, len(said.nodes), len(said.demands)
            outcome.missing, outcome.seconds = sorted(said.nodes), given.limit
        outcome.peak = peak
        found[path] = outcome
    if given.peer:
        import toscaparser.tosca_template  # noqa: F401  once, before the forks

        theirs = [path for path in files if found[path].language in {"tosca", "csar"}]
        for path, result, why, _ in run(theirs, peer, given.jobs, given.limit):
            found[path].peer = result or ("timeout" if why == "timeout" else "crash")
    everything = [found[path] for path in files]
    if given.json:
        print("\n".join(json.dumps(asdict(each)) for each in everything))
    elif given.list:
        print("\n".join(listed(everything, given.list)))
    else:
        table(everything, time.monotonic() - started, peers=given.peer)
    wrong = missed(everything)
    if wrong and not given.json:
        print("\nmissed:", *wrong, sep="\n  ")
    sys.exit(1 if given.check and wrong else 0)


if __name__ == "__main__":
    main()
