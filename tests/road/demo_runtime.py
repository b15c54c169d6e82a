"""The second road, shown for real: deploy to guests, stop a component, flood it, and see promises judged and kept again.

    python -m tests.road.demo_runtime [--keep] [--no-flood]

Needs root, Linux with BTF, and the packages of tests/*/packages.txt; says what is missing. Everything happens in a folder and in
network namespaces of its own, and is removed at the end.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = "smart-mobility"
ENGINE, MACHINE = "tsm-engine", "engine-machine"
RATE, FLOOD = 20_000, 25.0
SETTINGS = """\
selection: {evidence: E2}
runtime: {period: 1 s, window: 20 s, late: 1 s}
"""
POLICY_TIMES = (("for: 15m", "for: 20s"), ("undo: {after: 30s,", "undo: {after: 10s,"))
"""What the demonstration shortens in the shipped policy against floods, so that nobody waits for its end."""


def missing() -> str:
    """Return what this machine lacks; empty if it has everything."""
    from musa_pipeline.runners.local import lacks

    lacking = [lacks()]
    if not Path("/sys/kernel/btf/vmlinux").exists():
        lacking.append("the kernel has no BTF (/sys/kernel/btf/vmlinux)")
    absent = [each for each in ("clang", "nsenter") if not shutil.which(each)]
    lacking.append(f"not installed: {', '.join(absent)} (tests/bpf/packages.txt)" if absent else "")
    return "; ".join(filter(None, lacking))


@dataclass
class Told:
    """One line of the platform's story, and when it reached us."""

    line: dict[str, Any]
    at: float


@dataclass
class Demonstration:
    """What runs, and what was told so far."""

    folder: Path
    say: Callable[[str, str, str], None]
    began: float = field(default_factory=time.time)
    told: list[Told] = field(default_factory=list)
    bell: threading.Condition = field(default_factory=threading.Condition)
    page: str = ""
    process: "subprocess.Popen[str] | None" = None

    def musa(self, *words: str) -> str:
        done = subprocess.run(
            self.command(*words), cwd=self.folder, capture_output=True, text=True, check=False, env=self.surroundings()
        )
        if done.returncode not in (0, 1):
            raise RuntimeError(f"musa {' '.join(words)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "musa_pipeline", *words]

    def surroundings(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}

    def assure(self, *more: str) -> None:
        """Start the platform and listen to its story."""
        since = len(self.told)
        errors = (self.folder / "assure.log").open("a")
        self.process = subprocess.Popen(
            self.command("assure", APPLICATION, "--listen", "127.0.0.1:0", "--format", "json", *more),
            cwd=self.folder, stdout=subprocess.PIPE, stderr=errors, text=True, env=self.surroundings(),
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        self.wait_for(lambda line: line["word"] == "watching", 60, since)

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        for text in process.stdout:
            line = json.loads(text)
            if line["word"] == "watching":
                self.page = line["page"]
            else:
                self.say(line["word"], line["text"], line.get("detail", ""))
            with self.bell:
                self.told.append(Told(line, time.time()))
                self.bell.notify_all()

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], seconds: float, since: int = 0) -> Told:
        """Return the first line that is wanted, told already or to come."""
        until = time.monotonic() + seconds
        with self.bell:
            while True:
                found = next((each for each in self.told[since:] if wanted(each.line)), None)
                if found:
                    return found
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"not told in {seconds} s; told: {[each.line for each in self.told[since:]]}\n{self.log()}"
                    )
                if self.process and self.process.poll() is not None:
                    raise RuntimeError(f"the platform ended with {self.process.returncode}\n{self.log()}")
                self.bell.wait(min(left, 1.0))

    def log(self) -> str:
        path = self.folder / "assure.log"
        return path.read_text()[-4000:] if path.exists() else ""

    def status(self) -> dict[str, Any]:
        """Return the board as the page has it."""
        from urllib.request import urlopen

        with urlopen(f"{self.page}status.json", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def until(self, holds: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """Wait until the board shows something."""
        until = time.monotonic() + seconds
        while True:
            shown = self.status()
            if holds(shown):
                return shown
            if time.monotonic() > until:
                raise TimeoutError(json.dumps(shown, indent=1)[:6000] + self.log())
            time.sleep(0.3)

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End the platform."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(30)


def promise(shown: dict[str, Any], component: str, metric: str = "availability") -> dict[str, Any]:
    """Return one promise of the board."""
    return next(each for each in shown["promises"] if (each["component"], each["metric"]) == (component, metric))


def lay_out(folder: Path) -> None:
    """Lay out a repository with the model and short times."""
    shutil.copytree(ROOT / "models" / APPLICATION, folder / "models" / APPLICATION)
    (folder / "musa.yaml").write_text(SETTINGS)
    flood = (ROOT / "catalogs/policies/flood.yaml").read_text().partition("\n---")[0] + "\n"
    for long, short in POLICY_TIMES:
        assert long in flood, f"the shipped policy no longer says {long!r}"
        flood = flood.replace(long, short)
    (folder / "policies").mkdir()
    (folder / "policies/flood.yaml").write_text(flood)


@contextmanager
def staged(folder: Path, say: Callable[[str, str, str], None]) -> Iterator[Demonstration]:
    """Lay out a repository; at the end nothing is left of what was deployed from it."""
    lay_out(folder)
    shown = Demonstration(folder, say)
    try:
        yield shown
    finally:
        if shown.process and shown.process.poll() is None:
            shown.process.kill()
            shown.process.wait()
        shown.musa("undeploy", APPLICATION)


def in_space(space: str, *words: str) -> "subprocess.Popen[str]":
    """Start a program of ours inside a network namespace."""
    script = str(Path(__file__).with_name("traffic.py"))
    command = ["nsenter", f"--net=/run/netns/{space}", sys.executable, "-I", script, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def outage(shown: Demonstration) -> dict[str, float]:
    """Stop the engine; return the seconds until at risk, violated, recovered."""
    from musa_pipeline.runners.local import Guests

    guests = Guests(shown.folder / ".musa/deploy" / APPLICATION)
    since, began = len(shown.told), time.time()
    done = guests.ssh(MACHINE, f"sudo systemctl stop musa-component-{ENGINE}")
    assert done.returncode == 0, done.stderr
    shown.say("stopped", f"{ENGINE} (by this demonstration)", "")
    about = f"availability of {ENGINE}"
    found = {}
    for name, word in (("at risk", "at risk"), ("violated", "violated"), ("recovered", "recovered")):
        line = shown.wait_for(lambda line, word=word: line["word"] == word and line["text"].startswith(about), 90, since)  # type: ignore[misc]
        found[name] = line.at - began
    shown.wait_for(lambda line: line["word"] == "verified" and "playbook" in line["text"], 60, since)
    shown.until(lambda board: promise(board, ENGINE)["state"] == "fulfilled", 60)
    return found


def attack(shown: Demonstration) -> dict[str, Any]:
    """Flood the engine's machine from one source while two clients go on; return seconds and the clients' losses."""
    from musa_pipeline.runners.local import Guests

    guests = Guests(shown.folder / ".musa/deploy" / APPLICATION)
    address = guests.guests[MACHINE].address
    with ExitStack() as visits:
        places = [visits.enter_context(guests.visitor()) for _ in range(3)]
        clients = [in_space(space, "client", f"http://{address}:8080/", "0.05") for space, _ in places[:2]]
        for each in clients:
            visits.callback(each.kill)
        time.sleep(3)
        since = len(shown.told)
        space, source = places[2]
        flooding = in_space(space, "flood", address, "8080", str(RATE), str(FLOOD))
        assert flooding.stdout
        visits.callback(flooding.kill)
        began = float(json.loads(flooding.stdout.readline())["began"])
        shown.say("flood", f"{source} sends {RATE} packets/s (by this demonstration)", "")
        anomaly = shown.wait_for(lambda line: line["word"] == "traffic-anomaly", 30, since)
        loaded = shown.wait_for(lambda line: line["word"] == "verified" and "load on" in line["text"], 30, since)
        confirmed = shown.wait_for(lambda line: line["word"] == "volumetric-dos", 30, since)
        dropped = shown.wait_for(lambda line: line["word"] == "verified" and "block on" in line["text"], 30, since)
        board = shown.until(lambda board: any(each["blocked"] and each["blocked"][0][1] > 0 for each in board["machines"]), 30)
        packets = max(each[1] for machine in board["machines"] for each in machine["blocked"])
        shown.say("dropping", f"{source}: {packets:.0f} packets so far", "in XDP")
        flooding.wait(FLOOD + 20)
        shown.say("over", "the flood ended", "")
        shown.until(lambda board: not any(each["blocked"] for each in board["machines"]), 60)
        shown.say("expired", "nothing is dropped any more", "")
        shown.wait_for(
            lambda line: line["word"] in ("verified", "taken back", "policy") and "unload on" in line["text"], 60, since
        )
        shown.until(lambda board: not any("source-counters" in each["programs"] for each in board["machines"]), 60)
        results = []
        for each in clients:
            each.terminate()
            out, _ = each.communicate(timeout=20)
            results.append(json.loads(out))
    return {
        "anomaly": anomaly.at - began,
        "loaded": loaded.at - began,
        "confirmed": confirmed.at - began,
        "dropped": dropped.line["time"] - began,
        "requests": sum(each["requests"] for each in results),
        "lost": sum(each["lost"] for each in results),
        "slowest": max(each["slowest"] for each in results),
        "packets": packets,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--keep", action="store_true", help="leave the folder, to look into it")
    parser.add_argument("--no-flood", action="store_true", help="only the outage")
    chosen = parser.parse_args()
    lacking = missing()
    if lacking:
        print(f"this machine cannot show it: {lacking}", file=sys.stderr)
        return 3
    folder = Path(tempfile.mkdtemp(prefix="musa-demo-"))
    began = time.time()

    def say(word: str, text: str, detail: str) -> None:
        seconds = time.time() - began
        print(f"{int(seconds // 60):>2}:{seconds % 60:04.1f}  {word:<15} {text}" + (f"   {detail}" if detail else ""), flush=True)

    try:
        with staged(folder, say) as shown:
            say(
                "deploying",
                f"{APPLICATION} to guests",
                "the first time on a machine takes some minutes: the guests' image is made",
            )
            shown.musa("deploy", APPLICATION)
            again = json.loads(shown.musa("deploy", APPLICATION, "--format", "json"))
            say("deployed", f"{len(again['machines'])} machines", f"second run changed={again['changed']}")
            shown.assure()
            shown.until(lambda board: promise(board, ENGINE)["state"] == "fulfilled", 90)
            say("watching", "every machine is heard, the engine's availability is kept", shown.page)
            times = outage(shown)
            say("kept again", f"{ENGINE} answers", ", ".join(f"{name} after {value:.1f} s" for name, value in times.items()))
            if not chosen.no_flood:
                found = attack(shown)
                print(
                    f"\nfirst drop {found['dropped']:.1f} s after the first packet; legitimate clients: {found['requests']} requests, "
                    f"{found['lost']} lost, slowest {found['slowest'] * 1000:.0f} ms"
                )
            code = shown.stop()
            say("stopped", "the platform ended cleanly" if code == 0 else f"the platform ended with {code}", "")
            return 0 if code == 0 else 1
    finally:
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
