"""Whole runs with what they say, word for word: each folder here is a repository, its `told.txt` what `musa run app` answers in it.

`MUSA_GOLDEN=write` writes `told.txt` anew; read the difference like code. Numbers of files are left open.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.command import musa

HERE = Path(__file__).parent
CASES = sorted(path.name for path in HERE.iterdir() if (path / "models").is_dir())
OPEN = re.compile(r"\b\d+(?= files\)| changed$)", re.MULTILINE)


@pytest.mark.parametrize("name", CASES)
def test_a_run_says_word_for_word_what_is_written_down(name: str, tmp_path: Path) -> None:
    repository = tmp_path / name
    shutil.copytree(HERE / name, repository, ignore=shutil.ignore_patterns("told.txt"))
    done = musa("run", "app", cwd=repository)
    told = f"exit code {done.returncode}\n\n== standard output\n{done.stdout}\n== standard error\n{done.stderr}"
    told = OPEN.sub("N", told)
    expected = HERE / name / "told.txt"
    if os.environ.get("MUSA_GOLDEN") == "write":
        expected.write_text(told, "utf-8")
    assert told == expected.read_text("utf-8")


def test_there_are_runs_to_compare() -> None:
    assert {"good", "impossible", "mistakes"} <= set(CASES)
