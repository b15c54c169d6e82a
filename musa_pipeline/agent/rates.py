"""From counts of the kernel to rates, and from thousands of sources to the few that matter."""

import time
from collections import defaultdict
from collections.abc import Iterable

from musa_pipeline.agent.record import Record
from musa_pipeline.kernel.chain import Figure

MOST_SOURCES = 100
"""Sources told one by one in a sample, the busiest; the others are told together, as source `*`."""


class Rates:
    """What was counted last, and when."""

    def __init__(self) -> None:
        self.before: dict[tuple[str, str], tuple[float, dict[tuple[str, str], int]]] = {}

    def begin(self, program: str, interface: str) -> None:
        """Let a program count from now on: it was just loaded, so the first sample is a rate already."""
        self.before[program, interface] = (time.monotonic(), {})

    def of(self, interface: str, loaded: Iterable[str], counts: Iterable[Figure]) -> list[Record]:
        """Return how fast each count of an interface grows since the last time; nothing the first time a program is seen.

        `loaded` names the programs there: one that has seen no source yet has no count, and is there all the same.
        """
        now = time.monotonic()
        programs: dict[tuple[str, str], list[Figure]] = {(each, interface): [] for each in loaded}
        for each in counts:
            programs[each.program, interface].append(each)
        told: list[Record] = []
        for name, some in sorted(programs.items()):
            last = self.before.get(name)
            values = {(each.metric, each.about.get("source", "")): each.value for each in some}
            self.before[name] = (now, values)
            if last and now > last[0]:
                told += _grown(name[0], some, last[1], now - last[0])
        for gone in [each for each in self.before if each[1] == interface and each not in programs]:
            del self.before[gone]
        return told


def _grown(program: str, counts: list[Figure], last: dict[tuple[str, str], int], seconds: float) -> list[Record]:
    rows: dict[str, list[tuple[Figure, int]]] = defaultdict(list)
    for each in counts:
        source = each.about.get("source", "")
        was = last.get((each.metric, source), 0)
        # A count that is smaller began anew: the source had left the table meanwhile.
        rows[source].append((each, each.value - was if each.value >= was else each.value))
    busiest = sorted((source for source in rows if source), key=lambda source: (-rows[source][0][1], source))
    busiest = [source for source in busiest if any(more for _, more in rows[source])]
    told = [
        _record(program, each, more / seconds, each.about)
        for source in [*([""] if "" in rows else []), *busiest[:MOST_SOURCES]]
        for each, more in rows[source]
    ]
    return told + _others(program, [rows[source] for source in busiest[MOST_SOURCES:]], seconds)


def _others(program: str, rows: list[list[tuple[Figure, int]]], seconds: float) -> list[Record]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        for each, more in row:
            sums[each.metric] += more
    return [
        _record(program, each, sums[each.metric] / seconds, {**each.about, "source": "*", "sources": str(len(rows))})
        for each, _ in (rows[0] if rows else [])
    ]


def _record(program: str, count: Figure, rate: float, about: dict[str, str]) -> Record:
    return {"metric": count.metric, "value": round(rate, 3), "unit": f"{count.unit}/s", "about": {"program": program, **about}}
