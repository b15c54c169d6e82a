"""What the gateway took and refused, for people and for whoever scrapes it (OpenMetrics 1.0)."""

import logging
import threading
import time
from collections import Counter

log = logging.getLogger("musa.gateway")
QUIET = 10.0
"""Seconds in which a refusal of the same kind is told once; all are counted."""
MOST_KINDS = 1000

HELP = {
    "refused": "Requests and measurements refused, by reason.",
    "measurements": "Measurements handed to the bus.",
    "batches": "Batches handed to the bus.",
    "results": "Answers to commands, by outcome.",
    "commands": "Commands given to agents.",
}
LABELS = {"refused": "reason", "results": "outcome"}


class Counts:
    """Counters of one gateway; any thread may count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._told: dict[tuple[str, str, str], tuple[float, int]] = {}

    def add(self, name: str, label: str = "", more: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counts[name, label] += more

    def refuse(self, reason: str, machine: str, address: str, detail: str = "", more: int = 1) -> None:
        """Count a refusal, and log it unless one like it was logged a moment ago."""
        now = time.monotonic()
        kind = (reason, machine, address)
        with self._lock:
            self._counts["refused", reason] += more
            last, kept_back = self._told.get(kind, (-QUIET, 0))
            if now - last < QUIET:
                self._told[kind] = (last, kept_back + 1)
                return
            if len(self._told) >= MOST_KINDS:
                self._told.clear()
            self._told[kind] = (now, 0)
        again = f", and {kept_back} more like it before" if kept_back else ""
        log.warning(
            "refused (%s) from %s%s%s%s",
            reason,
            address,
            f" as {machine}" if machine else "",
            f": {detail}" if detail else "",
            again,
        )

    def of(self, name: str, label: str = "") -> int:
        """Return a count."""
        return self._counts[name, label]

    def openmetrics(self) -> str:
        """Return all counters as text."""
        with self._lock:
            counts = sorted(self._counts.items())
        lines = []
        for name, help_ in HELP.items():
            lines += [f"# HELP musa_gateway_{name} {help_}", f"# TYPE musa_gateway_{name} counter"]
            for (counted, label), value in counts:
                if counted == name:
                    lines.append(
                        f'musa_gateway_{name}_total{{{LABELS[name]}="{label}"}} {value}'
                        if label
                        else f"musa_gateway_{name}_total {value}"
                    )
        return "\n".join([*lines, "# EOF", ""])
