"""The baseline of a check: the findings that were known when it was written, one a line, so that it diffs well."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.workspace.files import read_text, write_named

FORMAT: Final = "musa/baseline"
VERSION: Final = 1


def load_baseline(path: Path) -> frozenset[str]:
    """Return the keys of the findings that are known.

    Raises UsageWrong if there is no such file, or if it is no baseline.
    """
    problems = Problems()
    text = read_text(path, str(path), problems)
    if text is None:
        why = next((each.text for each in problems), "it cannot be read")
        raise UsageWrong(f"the baseline {str(path)!r}: {why}", f"musa check --write-baseline {path} writes one")
    try:
        found = json.loads(text)
        if (found["format"], found["version"]) != (FORMAT, VERSION) or not all(isinstance(each, str) for each in found["known"]):
            raise ValueError("another format")
        return frozenset(found["known"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        way = f"if it is one, remove it; musa check --write-baseline {path} writes it anew"
        raise UsageWrong(f"{str(path)!r} is no baseline of this version", way) from error


def save_baseline(path: Path, known: Iterable[str]) -> None:
    """Write a baseline, sorted."""
    document = {"format": FORMAT, "version": VERSION, "known": sorted(set(known))}
    write_named(path, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
