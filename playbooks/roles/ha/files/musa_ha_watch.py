#!/usr/bin/python3
"""Tells when HAProxy refused a flood and whether the component went on answering: musa_ha_watch.py COMPONENT SOCKET FILE

Reads the counters of the statistics socket (HAProxy Management Guide, section 9.3, show stat). Without a refusal nothing was
tried against the component, and nothing is said.
"""

import csv
import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PERIOD = 10
MOST_BYTES = 16 * 1024 * 1024


def ask(place: str) -> list[dict[str, str]]:
    """Return the rows of `show stat`."""
    with socket.socket(socket.AF_UNIX) as stats:
        stats.settimeout(5)
        stats.connect(place)
        stats.sendall(b"show stat\n")
        said = b"".join(iter(lambda: stats.recv(65536), b"")).decode()
    return list(csv.DictReader(said.removeprefix("# ").splitlines()))


def refused(rows: list[dict[str, str]]) -> int:
    """Return connections and requests refused so far."""
    fronts = [row for row in rows if row["svname"] == "FRONTEND"]
    return sum(int(row.get(name) or 0) for row in fronts for name in ("dreq", "dcon"))


def records(before: int, rows: list[dict[str, str]]) -> Iterator[dict[str, object]]:
    """Yield what was refused since, and whether every backend still had a copy that answers."""
    more = refused(rows) - before
    if more > 0:
        answering = all(row["status"].startswith("UP") for row in rows if row["svname"] == "BACKEND")
        yield {"metric": "ha.refused", "value": more, "unit": "connections and requests"}
        yield {"metric": "resilience-to-attacks", "value": answering, "unit": ""}


def main(component: str, place: str, book: str) -> None:
    """Look every few seconds; counters that started again are taken from there."""
    path, before = Path(book), None
    while True:
        try:
            rows = ask(place)
            now = refused(rows)
            if before is not None:
                head = {"at": round(time.time(), 3), "agent": "ha", "component": component}
                said = "".join(json.dumps(head | each, separators=(",", ":")) + "\n" for each in records(min(before, now), rows))
                if said and path.exists() and path.stat().st_size > MOST_BYTES:
                    path.replace(path.with_name(f"{path.name}.1"))
                if said:
                    with path.open("a", encoding="utf-8") as lines:
                        lines.write(said)
            before = now
        except (OSError, ValueError, KeyError) as wrong:
            print(f"musa-ha-watch: {wrong!r}", file=sys.stderr)
        time.sleep(PERIOD)


if __name__ == "__main__":
    main(*sys.argv[1:4])
