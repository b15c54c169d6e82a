"""What tests need of the machine: the data by other people, programs, root; a skip says why, and fails where all is required."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent


def lacking(reason: str) -> NoReturn:
    """Skip this test, or fail it when the machine is said to have everything (MUSA_REQUIRE=all)."""
    if os.environ.get("MUSA_REQUIRE") == "all":
        pytest.fail(f"required here: {reason}")
    pytest.skip(reason)


def shared(part: str = "") -> Path:
    """Return a folder of other people's files, which lie beside the checkout in `../shared/data`."""
    place = ROOT.parent / "shared" / "data" / part
    if not place.exists():
        lacking(f"other people's files are not here: shared/data/{part}")
    return place


def need(*programs: str) -> None:
    """Skip unless all these programs are installed."""
    for program in programs:
        if not shutil.which(program):
            lacking(f"{program} is not installed")


def need_root() -> None:
    """Skip unless we are root."""
    if os.geteuid() != 0:
        lacking("needs root")
