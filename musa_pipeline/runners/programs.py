"""Other programs, called with their arguments as a list: what they say, or why they failed."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from musa_pipeline.domain.errors import OutsideFailed


def call(*command: str | Path, cwd: Path | None = None, keep: tuple[int, ...] = ()) -> str:
    """Run a program and return what it said. `keep`: descriptors that it holds open as long as it lives.

    Raises OutsideFailed with the last it said, if it fails or is not there.
    """
    words = [str(each) for each in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", cwd=cwd, pass_fds=keep, check=False)  # noqa: S603
    except OSError as error:
        raise OutsideFailed(f"{words[0]} cannot be run: {error.strerror or error}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-1500:]
        raise OutsideFailed(f"{' '.join(words[:6])} failed ({done.returncode}): {said}")
    return done.stdout


def quietly(*command: str | Path) -> bool:
    """Run a program whose failure does not matter: what it removes may be gone. Tells whether it went well."""
    try:
        return not subprocess.run([str(each) for each in command], capture_output=True, check=False).returncode  # noqa: S603
    except OSError:
        return False


def missing(programs: Iterable[str]) -> list[str]:
    """Return those programs that are not installed."""
    return [each for each in programs if not shutil.which(each)]
