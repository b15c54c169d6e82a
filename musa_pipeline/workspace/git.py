"""What Git knows of a repository: its revisions and the files of one. Neither work tree nor index is touched, and nothing is run that it configures."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
from musa_pipeline.domain.problems import near
from musa_pipeline.workspace.archives import LARGEST_ARCHIVE
from musa_pipeline.workspace.files import inside

MOST_FILES: Final = 100_000
MOST_OCTETS: Final = 512 * 2**20
"""What a revision may have below the repository's root: more is no repository of models."""
_AT_ONCE: Final = 32 * 2**20
_LONGEST: Final = 300
_SECONDS: Final = 300
_LINK: Final = "120000"
_SAFE: Final = (
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "safe.bareRepository=explicit"),  # a folder of the repository may look like one
)
_SILENT: Final = {
    "GIT_ALLOW_PROTOCOL": "none",  # an object that a partial clone lacks is not fetched, by whatever program the repository names
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


_FETCHED: Final = ".musa/imports"
"""What was fetched once, by its digest: a revision names in its lock which of it it means, and is laid out with all."""


class _Refused(Exception):
    """Git did not do what it was asked to; `said` is its last word."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A commit, by the name that somebody wrote and by its own; `folder` is the repository of models in the one of Git: '' or `a/b/`."""

    name: str
    commit: str
    folder: str = ""


def revision(root: Path, written: str) -> Revision:
    """Return the commit that some words name.

    Raises UsageWrong if there is no such revision, or no repository; OutsideFailed if Git does not answer.
    """
    folder = _folder(root)
    commit = _commit(root, written)
    if commit is None:
        raise UsageWrong(f"Git knows no revision {written[:_LONGEST]!r}", _way_to(root, written))
    return Revision(name=written, commit=commit, folder=folder)


def is_revision(root: Path, written: str) -> bool:
    """Tell whether some words name a commit."""
    return _commit(root, written) is not None


def parting(root: Path, one: str, other: str) -> Revision:
    """Return the commit where two revisions parted, under the name of both: `main...HEAD`. Raises as `revision` does."""
    first, second = revision(root, one), revision(root, other)
    try:
        commit = _git(root, "merge-base", first.commit, second.commit).decode().strip()
    except _Refused as refused:
        way = _SHALLOW if _is_shallow(root) else "name both revisions: they are compared as they are"
        raise UsageWrong(f"{one!r} and {other!r} have no commit in common here", way) from refused
    return Revision(name=f"{one}...{other}", commit=commit, folder=first.folder)


@contextmanager
def laid_out(root: Path, at: Revision) -> Iterator[Path]:
    """Lay out the files of a revision below the root, in a folder of the same name that is gone afterwards; submodules are left out.

    Raises UsageWrong for more than a repository of models has, OutsideFailed if an object is missing or the disk full.
    """
    with tempfile.TemporaryDirectory(prefix="musa-") as made:
        base = Path(made) / (root.name or "root")
        (base / ".git").mkdir(parents=True)  # it ends the search for a repository here, and says nothing
        try:
            _lay_out(root, at, base)
            if (root / _FETCHED).is_dir() and not os.path.lexists(base / _FETCHED):
                shutil.copytree(root / _FETCHED, base / _FETCHED, symlinks=True)
        except _Refused as refused:
            way = "the clone may be partial: clone it without --filter, or `git fetch --refetch`"
            raise OutsideFailed(f"the files of {at.name!r} cannot be read: {refused.said}", way) from refused
        except (OSError, shutil.Error) as error:
            raise OutsideFailed(
                f"the files of {at.name!r} cannot be laid out: {getattr(error, 'strerror', None) or error}"
            ) from error
        yield base


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object: str
    size: int
    name: str


_SHALLOW: Final = "this clone is shallow: `git fetch --unshallow`; in a pipeline fetch-depth: 0 (GitHub), GIT_DEPTH: 0 (GitLab)"


def _lay_out(root: Path, at: Revision, base: Path) -> None:
    tree = f"{at.commit}:{at.folder}"
    try:
        _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", tree)
    except _Refused:
        return  # the folder was made later: the revision has nothing in it
    entries = list(_entries(_git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", tree)))
    size = sum(each.size for each in entries)
    if len(entries) > MOST_FILES or size > MOST_OCTETS:
        text = f"{at.name!r} has {len(entries):,} files and {size / 2**20:,.0f} MiB; the most is {MOST_FILES:,} and {MOST_OCTETS // 2**20}"
        raise UsageWrong(text, "put the models into a folder with a musa.yaml of its own: that is the repository then")
    files = [each for each in entries if each.mode != _LINK]
    for some in _portions(files):
        for each, data in zip(some, _contents(root, some), strict=True):
            path = base / each.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    links = [each for each in entries if each.mode == _LINK]
    for each, data in zip(links, _contents(root, links), strict=True):
        _link(base, each, os.fsdecode(data))


def _link(base: Path, entry: _Entry, target: str) -> None:
    """Make a link after all files, so that none is written through it; where it leads out, readers tell."""
    path = base / entry.name
    if not inside(path.parent, base) or os.path.lexists(path) or not target or "\0" in target:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def _entries(listed: bytes) -> Iterator[_Entry]:
    for line in listed.split(b"\0"):
        head, _, raw = line.partition(b"\t")
        words = head.decode("ascii", "replace").split()
        if len(words) != 4 or words[1] != "blob":
            continue  # a submodule, or the end
        name = os.fsdecode(raw)
        if not words[3].isdigit():  # Git says BAD of an object that it lacks, and goes on
            raise _Refused(f"{name} is missing")
        size = int(words[3])
        if size <= LARGEST_ARCHIVE and _is_plain(name):
            yield _Entry(words[0], words[2], size, name)


def _is_plain(name: str) -> bool:
    """Tell whether a name leads below the folder that it is laid out in; a tree that somebody forged may hold any name."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and not any(each == ".." or each.lower() == ".git" for each in parts)


def _portions(files: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """Yield the files in portions whose contents fit into memory together."""
    some: list[_Entry] = []
    size = 0
    for each in files:
        if some and size + each.size > _AT_ONCE:
            yield some
            some, size = [], 0
        some.append(each)
        size += each.size
    if some:
        yield some


def _contents(root: Path, entries: list[_Entry]) -> Iterator[bytes]:
    if not entries:
        return
    data = _git(root, "cat-file", "--batch", given="".join(f"{each.object}\n" for each in entries).encode())
    end = 0
    for each in entries:
        line = data.index(b"\n", end)
        words = data[end:line].split()
        if len(words) != 3 or words[1] != b"blob":
            raise _Refused(f"{each.name} is missing")
        begin, end = line + 1, line + 1 + int(words[2])
        yield data[begin:end]
        end += 1


def _commit(root: Path, written: str) -> str | None:
    if not written or written.startswith("-") or len(written) > _LONGEST or not written.isprintable():
        return None
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{written}^{{commit}}").decode().strip()
    except _Refused:
        return None


def _folder(root: Path) -> str:
    try:
        return os.fsdecode(_git(root, "rev-parse", "--show-prefix")).removesuffix("\n")
    except _Refused as refused:
        if "dubious ownership" in refused.said:
            text = f"Git does not trust {root}: the folder is somebody else's"
            raise OutsideFailed(text, f"git config --global --add safe.directory {root}") from refused
        raise UsageWrong(f"{root} is not in a Git repository", "git init, and commit the models") from refused


def _way_to(root: Path, written: str) -> str:
    if _is_shallow(root):
        return _SHALLOW
    try:
        known = _git(root, "for-each-ref", "--count=2000", "--format=%(refname:short)").decode("utf-8", "replace").split()
    except _Refused:
        known = []
    return near(written, known) or "name a commit, a branch or a tag; `git fetch` brings what is only at the server"


def _is_shallow(root: Path) -> bool:
    try:
        return _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except _Refused:
        return False


_CREDENTIALS: Final = re.compile(r"://[^/@\s]*@")


def _git(root: Path, *words: str, given: bytes = b"") -> bytes:
    """Run Git on a repository, without what the environment says of another one; raises _Refused, or OutsideFailed if it cannot be run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *_SAFE, *words],  # noqa: S607  the user's own Git, wherever it is
            cwd=root,
            env=kept | _SILENT,
            input=given,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise OutsideFailed("git is not installed", "install Git: revisions are read by it") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideFailed(f"git cannot be run: {error}") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _Refused(_CREDENTIALS.sub("://", lines[0] if lines else "it said nothing").removeprefix("fatal: ")[:_LONGEST])
    return done.stdout
