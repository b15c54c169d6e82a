"""Runs `musa deploy` and its like as people do, with patience, and with the tests' own cache."""

import os
import subprocess
import sys
from pathlib import Path

from tests.rig.rig import CACHE, ROOT

PATIENCE = 2400
"""Seconds for one run: a minute or two when nothing else is at work."""


def command(*arguments: str | Path, cwd: Path = ROOT) -> "subprocess.Popen[str]":
    """Start the command."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160", "XDG_CACHE_HOME": str(CACHE.parent)}
    words = [sys.executable, "-m", "musa_pipeline", *map(str, arguments)]
    return subprocess.Popen(words, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(*arguments: str | Path, cwd: Path = ROOT, code: int = 0) -> tuple[str, str]:
    """Run the command to its end, which is as expected; return what it said and what it told of its work."""
    child = command(*arguments, cwd=cwd)
    said, told = child.communicate(timeout=PATIENCE)
    assert child.returncode == code, f"{child.returncode}: {said}\n{told[-6000:]}"
    return said, told
