"""Each file that once broke a reader, in its smallest form; `reader--what-it-was.ending`."""

from pathlib import Path

import pytest

from tests.fuzz.targets import HERE, TARGETS, check

FOUND = sorted((HERE / "found").iterdir())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_once_broke_a_reader_is_read_or_refused(path: Path) -> None:
    check(TARGETS[path.name.partition("--")[0]], path.read_bytes())
