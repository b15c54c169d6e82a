"""What is watched: the files of the watches' folder, one for each use of the agent's role."""

import json
import time
from pathlib import Path
from typing import Any

from musa_pipeline.agent.disk import say

SHORTEST, LONGEST = 0.2, 86400.0
"""Seconds between two samples."""


class Watch:
    """One file: what is watched for which component, and what was seen last."""

    def __init__(self, text: str) -> None:
        told: dict[str, Any] = json.loads(text)
        self.agent: str = told["agent"]
        self.component: str = told["component"]
        self.inputs: list[str] = list(told["inputs"])
        self.targets: list[dict[str, Any]] = told["targets"]
        self.path: str = told["path"]
        self.period = min(max(SHORTEST, float(told["period"])), LONGEST)
        self.known = frozenset(told["known_ports"])
        self.limits: dict[str, float] = told["limits"]
        self.programs: list[dict[str, Any]] = told.get("programs", [])
        self.before: dict[str, tuple[float, float]] = {}
        self.since = time.time()

    def rate(self, name: str, total: float) -> float | None:
        """Return how fast a counter grows; None for the first time, and when it started again."""
        now = time.monotonic()
        last = self.before.get(name)
        self.before[name] = (now, total)
        if last is None or total < last[1] or now <= last[0]:
            return None
        return (total - last[1]) / (now - last[0])


def read_watches(folder: Path) -> list[Watch]:
    """Return what is to be watched; a file that cannot be read is told and left out."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(Watch(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            say(f"{path} is left out: {wrong!r}")
    return found
