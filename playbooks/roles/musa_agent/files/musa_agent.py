#!/usr/bin/python3
"""The monitoring agent: samples the machine, its network and the component, and writes JSON lines.

musa_agent.py FOLDER FILE: FOLDER holds one JSON file for each thing to watch, FILE gets the measurements and findings.
Standard library only. A figure that cannot be read is left out: no line means not determined, never fine.
"""

import contextlib
import http.client
import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_BYTES = 16 * 1024 * 1024
"""Above this the file is set aside as FILE.1, and the one set aside before it is lost: the disk stays free."""
PATIENCE = 5.0
LISTEN, ESTABLISHED, SYN_RECEIVED = "0A", "01", "03"

Figure = tuple[str, float, str]
"""Name, value, unit."""


class Watch:
    """One file of FOLDER: what is watched for which component, and what was seen last."""

    def __init__(self, text: str) -> None:
        told: dict[str, Any] = json.loads(text)
        self.agent: str = told["agent"]
        self.component: str = told["component"]
        self.inputs: list[str] = told["inputs"]
        self.targets: list[dict[str, Any]] = told["targets"]
        self.path: str = told["path"]
        self.period = max(1, int(told["period"]))
        self.known = frozenset(told["known_ports"])
        self.limits: dict[str, float] = told["limits"]
        self.due = 0.0
        self.before: dict[str, tuple[float, float]] = {}
        self.since = time.time()

    def sample(self) -> Iterator[dict[str, Any]]:
        """Yield the records of one sample."""
        for name in self.inputs:
            for metric, value, unit in INPUTS[name](self):
                yield {"metric": metric, "value": round(value, 3), "unit": unit}
                limit = self.limits.get(metric)
                if limit is not None and value > limit:
                    yield {"finding": "above-limit", "metric": metric, "value": round(value, 3), "limit": limit}
        if "system" in self.inputs:
            for port in sorted(listening() - self.known):
                yield {"finding": "unknown-listener", "port": port}

    def rate(self, name: str, total: float) -> float | None:
        """Return how fast a counter grows; None for the first time, and when it started again."""
        now = time.monotonic()
        last = self.before.get(name)
        self.before[name] = (now, total)
        if last is None or total < last[1] or now <= last[0]:
            return None
        return (total - last[1]) / (now - last[0])


def system(watch: Watch) -> Iterator[Figure]:
    """Yield load, processor, memory, disk, processes and failed logins (proc(5))."""
    yield "system.load", os.getloadavg()[0], "processes"
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    busy = watch.rate("busy", sum(fields) - fields[3] - fields[4])
    whole = watch.rate("whole", sum(fields))
    if busy is not None and whole:
        yield "system.processor", 100 * busy / whole, "%"
    memory = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines("/proc/meminfo")) if rest}
    yield "system.memory", 100 * (1 - memory["MemAvailable"] / memory["MemTotal"]), "%"
    disk = shutil.disk_usage("/")
    yield "system.disk", 100 * disk.used / disk.total, "%"
    yield "system.processes", sum(each.isdigit() for each in os.listdir("/proc")), "processes"
    failed = failed_logins(watch)
    if failed is not None:
        yield "system.logins-failed", failed, "logins"


def failed_logins(watch: Watch) -> int | None:
    """Return how many logins failed since the last sample, after the journal of the SSH server."""
    now = time.time()
    command = ["/usr/bin/journalctl", "--quiet", "--output=cat", "--identifier=sshd", f"--since=@{watch.since:.0f}", f"--until=@{now:.0f}"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    watch.since = now
    return sum(line.startswith(("Failed ", "Invalid user ")) for line in said.splitlines())


def network(watch: Watch) -> Iterator[Figure]:
    """Yield traffic of all interfaces but loopback, in both directions, and connections by state and source (proc(5))."""
    totals: Counter[str] = Counter()
    for line in lines("/proc/net/dev")[2:]:
        name, _, rest = line.partition(":")
        if name.strip() != "lo":
            counts = [int(each) for each in rest.split()]
            totals.update(
                {"in.octets": counts[0], "in.packets": counts[1], "in.errors": counts[2] + counts[3]}
                | {"out.octets": counts[8], "out.packets": counts[9], "out.errors": counts[10] + counts[11]}
            )
    for name, total in sorted(totals.items()):
        rate = watch.rate(name, total)
        if rate is not None:
            yield f"network.{name}", rate, f"{name.partition('.')[2]}/s"
    states: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for _, remote, state in connections():
        states[state] += 1
        if state in (ESTABLISHED, SYN_RECEIVED):
            sources[remote.rpartition(":")[0]] += 1
    yield "network.established", states[ESTABLISHED], "connections"
    yield "network.half-open", states[SYN_RECEIVED], "connections"
    yield "network.connections-of-one-source", max(sources.values(), default=0), "connections"


def availability(watch: Watch) -> Iterator[Figure]:
    """Yield whether the component answered at every one of its ports, in percent, and the mean time it took."""
    took = [answer_time(target, watch.path) for target in watch.targets]
    if took:
        yield "availability", 100 * sum(each is not None for each in took) / len(took), "%"
    answered = [each for each in took if each is not None]
    if answered:
        yield "application-response-time", 1000 * sum(answered) / len(answered), "ms"


def answer_time(target: dict[str, Any], path: str) -> float | None:
    """Return the seconds until an answer, None if there was none; an answer of 500 or above is none."""
    start = time.monotonic()
    try:
        if target["protocol"] in ("http", "https"):
            if ask(target, path) >= 500:
                return None
        else:
            socket.create_connection((target["address"], target["port"]), PATIENCE).close()
    except (OSError, http.client.HTTPException, ssl.SSLError):
        return None
    return time.monotonic() - start


def ask(target: dict[str, Any], path: str) -> int:
    """Return the status of one GET."""
    if target["protocol"] == "https":
        # Whether it answers is asked here, not who it is: certificates are another metric.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            target["address"], target["port"], timeout=PATIENCE, context=context
        )
    else:
        connection = http.client.HTTPConnection(target["address"], target["port"], timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"User-Agent": "musa-agent", "Connection": "close"})
        answer = connection.getresponse()
        answer.read(65536)
        return answer.status


INPUTS = {"system": system, "network": network, "availability": availability}


def lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()


def connections() -> Iterator[tuple[str, str, str]]:
    """Yield local address, remote address and state of each TCP socket of this network namespace."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in lines(table)[1:]:
                fields = line.split()
                yield fields[1], fields[2], fields[3]


def listening() -> set[int]:
    """Return the TCP ports that listen on anything but loopback."""
    loopback = ("0100007F", "00000000000000000000000001000000", "3500007F", "3600007F")
    found = set()
    for local, _, state in connections():
        address, _, port = local.rpartition(":")
        if state == LISTEN and address not in loopback:
            found.add(int(port, 16))
    return found


class Book:
    """The file of records; it never grows above its bound."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, watch: Watch, records: Iterator[dict[str, Any]]) -> None:
        """Append records with time, agent and component; a full disk loses them and is told on standard error."""
        head = {"at": round(time.time(), 3), "agent": watch.agent, "component": watch.component}
        text = "".join(json.dumps(head | each, separators=(",", ":")) + "\n" for each in records)
        try:
            if self.path.exists() and self.path.stat().st_size > MOST_BYTES:
                self.path.replace(self.path.with_name(self.path.name + ".1"))
            with self.path.open("a", encoding="utf-8") as book:
                book.write(text)
        except OSError as wrong:
            print(f"musa-agent: {text.count(chr(10))} records are lost: {wrong}", file=sys.stderr)


def read_all(folder: Path) -> list[Watch]:
    """Return what is to be watched; a file that cannot be read is told and left out."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(Watch(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            print(f"musa-agent: {path} is left out: {wrong!r}", file=sys.stderr)
    return found


def main(folder: str, book: str) -> None:
    """Sample each thing when it is due, until told to stop."""
    told, tell = os.pipe()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: os.write(tell, b"."))
    watches, records = read_all(Path(folder)), Book(Path(book))
    while watches:
        now = time.monotonic()
        for watch in watches:
            if watch.due <= now:
                watch.due = now + watch.period
                try:
                    records.write(watch, watch.sample())
                except (OSError, ValueError, LookupError) as wrong:
                    print(f"musa-agent: {watch.agent} of {watch.component}: {wrong!r}", file=sys.stderr)
        wait = max(0.0, min(each.due for each in watches) - time.monotonic())
        if select.select([told], [], [], wait)[0]:
            return


if __name__ == "__main__":
    main(*sys.argv[1:3])
