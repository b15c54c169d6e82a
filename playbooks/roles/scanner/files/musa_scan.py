#!/usr/bin/python3
"""Scans this machine for vulnerabilities and appends the result as JSON lines: musa_scan.py basic|extended CONFIG FOLDER

debsecan(1) compares installed packages with the list of the distribution's security team; apt says which security updates wait;
the extended scan adds lynis(8). What could not be done is told and gives no number: no evidence is not good evidence.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]
HOUR, DAY = 3600, 86400
_LINE = re.compile(r"(?P<id>(?:CVE|TEMP)-[0-9A-Za-z-]+) (?P<package>\S+)(?: \((?P<notes>.*)\))?")


class Scan:
    """One scan: its settings, what earlier scans saw, and the records it makes."""

    def __init__(self, kind: str, config: Path, folder: Path) -> None:
        told = json.loads(config.read_text(encoding="utf-8"))
        self.kind, self.folder, self.now = kind, folder, time.time()
        self.component, self.source, self.days = told["component"], told["source"], told["days"]
        self.memory = folder / f"{self.component}.json"
        self.seen: Record = {"scans": {}, "open": {}, "gone": {}}
        if self.memory.exists():
            self.seen |= json.loads(self.memory.read_text(encoding="utf-8"))

    def records(self) -> Iterator[Record]:
        """Do the scan and yield what it found."""
        yield from self._updates()
        listed = self._vulnerabilities()
        if listed is None:
            yield {"finding": "not-determined", "scan": self.kind, "because": "the vulnerability list could not be fetched"}
            return
        yield from self._since("list", "m14-list-update-frequency")
        yield from self._remember(listed)
        if self.kind == "extended":
            warnings = self._lynis()
            if warnings is None:
                yield {"finding": "not-determined", "scan": self.kind, "because": "lynis could not run"}
                return
            yield {"metric": "scan.warnings", "value": len(warnings), "unit": "warnings", "which": warnings[:100]}
            yield from self._since("extended", "m22-scanning-frequency-extended-scan")
        yield from self._since("basic", "m13-scanning-frequency-basic-scan")

    def _since(self, what: str, metric: str) -> Iterator[Record]:
        """Yield the hours since the last time, from the second time on."""
        last = self.seen["scans"].get(what)
        self.seen["scans"][what] = self.now
        if last is not None:
            yield {"metric": metric, "value": round((self.now - last) / HOUR, 3), "unit": "hours"}

    def _updates(self) -> Iterator[Record]:
        """Yield how many security updates wait; the package lists are the machine's own."""
        done = run(["/usr/bin/apt-get", "--simulate", "--quiet", "dist-upgrade"])
        if done is not None:
            waiting = sorted(line.split()[1] for line in done.splitlines() if line.startswith("Inst ") and "-security" in line.lower())
            yield {"metric": "scan.security-updates", "value": len(waiting), "unit": "packages", "which": waiting[:100]}
            yield from self._since("updates", "m23-up-report-frequency")

    def _vulnerabilities(self) -> dict[str, str] | None:
        """Return urgency by vulnerability and package; None if the list cannot be had."""
        command = ["/usr/bin/debsecan", "--suite", suite(), "--format", "summary"]
        said = run(command + (["--source", self.source] if self.source else []))
        if said is None:
            return None
        found = {}
        for line in said.splitlines():
            match = _LINE.match(line)
            if match:
                notes = match["notes"] or ""
                found[f"{match['id']} {match['package']}"] = "high" if "high urgency" in notes else "other"
        return found

    def _remember(self, listed: dict[str, str]) -> Iterator[Record]:
        """Yield how many are open, and how many of those seen were gone in time."""
        still, gone = self.seen["open"], self.seen["gone"]
        for name in [each for each in still if each not in listed]:
            gone[name] = still.pop(name) | {"last": self.now}
        for name, urgency in listed.items():
            still.setdefault(name, {"first": self.now})["urgency"] = urgency
        high = sorted(name for name, urgency in listed.items() if urgency == "high")
        yield {"metric": "scan.vulnerabilities", "value": len(listed), "unit": "vulnerabilities"}
        yield {"metric": "scan.vulnerabilities-high", "value": len(high), "unit": "vulnerabilities", "which": high[:100]}
        for metric, only in (("vulnerability-measure", "high"), ("risk-assessment-vulnerability-measure", None)):
            share = self._in_time(only)
            if share is not None:
                yield {"metric": metric, "value": share, "unit": "%"}

    def _in_time(self, only: str | None) -> float | None:
        """Return the share of vulnerabilities that were gone within the days; those still within them do not count yet."""
        allowed = self.days * DAY
        gone = [each for each in self.seen["gone"].values() if only in (None, each["urgency"])]
        late = [each for each in self.seen["open"].values() if only in (None, each["urgency"]) and self.now - each["first"] > allowed]
        good = sum(each["last"] - each["first"] <= allowed for each in gone)
        return round(100 * good / (len(gone) + len(late)), 1) if gone or late else None

    def _lynis(self) -> list[str] | None:
        report = self.folder / f"{self.component}.lynis"
        command = ["/usr/sbin/lynis", "audit", "system", "--quick", "--quiet", "--no-colors", "--report-file", str(report)]
        report.unlink(missing_ok=True)
        run([*command, "--logfile", "/dev/null"])
        if not report.exists():
            return None
        lines = report.read_text(encoding="utf-8", errors="replace").splitlines()
        return sorted({line.partition("=")[2].split("|")[0] for line in lines if line.startswith("warning[]=")})

    def save(self) -> None:
        """Keep what was seen, for the next scan; a year after it was gone a vulnerability is forgotten."""
        self.seen["gone"] = {name: each for name, each in self.seen["gone"].items() if self.now - each["last"] < 365 * DAY}
        new = self.memory.with_suffix(".new")
        new.write_text(json.dumps(self.seen), encoding="utf-8")
        new.replace(self.memory)


def run(command: list[str]) -> str | None:
    """Return what a program says; None if it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20 * 60, check=True).stdout
    except (OSError, subprocess.SubprocessError) as wrong:
        print(f"musa-scan: {wrong} {getattr(wrong, 'stderr', '') or ''}", file=sys.stderr)
        return None


def suite() -> str:
    """Return the code name of the distribution (os-release(5))."""
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    return next((line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_CODENAME=")), "sid")


def main(kind: str, config: str, folder: str) -> None:
    """Scan once and append the records."""
    scan = Scan(kind, Path(config), Path(folder))
    head = {"at": round(scan.now, 3), "agent": "vulnerability-scanner", "component": scan.component}
    text = "".join(json.dumps(head | each, separators=(",", ":")) + "\n" for each in scan.records())
    with (Path(folder) / "measurements.jsonl").open("a", encoding="utf-8") as book:
        book.write(text)
    scan.save()


if __name__ == "__main__":
    main(*sys.argv[1:4])
