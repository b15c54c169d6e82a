"""Files that are there whole or not at all, also after the plug was pulled."""

import os
import sys
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place; it is on the disk when this returns (rename(2), fsync(2))."""
    new = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def say(text: str) -> None:
    """Tell the journal."""
    sys.stderr.write(f"musa-agent: {text}\n")
    sys.stderr.flush()
