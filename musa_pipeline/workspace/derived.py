"""Derived documents as they lie in the repository, beside what they should be; nothing is written."""

import stat
from pathlib import Path
from typing import Final

from musa_pipeline.workspace.files import OURS

MISSING: Final = 0
"""Stands for the line where a document that is not there differs."""


def differs(root: Path, name: str, data: bytes) -> int | None:
    """Return the first line in which a document differs from what it should be, MISSING if it is not there; None if it is the same.

    What is no ordinary file, and what cannot be read, is not there.
    """
    path = root / name
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > OURS:
            return MISSING
        committed = path.read_bytes()
    except (OSError, ValueError):
        return MISSING
    return None if committed == data else _first_line(committed, data)


def _first_line(one: bytes, other: bytes) -> int:
    r"""Return the number of the first line that two texts do not share.

    >>> _first_line(b"a\nb\n", b"a\nc\n"), _first_line(b"a\n", b"a\nb\n")
    (2, 2)
    """
    lines = zip(one.split(b"\n"), other.split(b"\n"), strict=False)
    shared = min(one.count(b"\n"), other.count(b"\n")) + 1
    return next((number for number, (mine, theirs) in enumerate(lines, 1) if mine != theirs), shared)
