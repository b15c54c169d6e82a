"""Runs `musa` as people do: as a program of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT


def musa(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder and return what it printed and its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "musa_pipeline", *map(str, arguments)],
        cwd=cwd or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def lay_out(folder: Path, **files: str) -> Path:
    """Write files under a folder (`__` in a name stands for /, `_yaml` for .yaml) and return the folder."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml").replace("_camel", ".camel")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, the tool's memory aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".musa" not in path.parts
    }
