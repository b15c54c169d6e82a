"""The SLA repository on disk, `sla/<app>/agreements/<n>/`: written once and whole, read with bounds, never touched by a run."""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from musa_pipeline.domain.agreement_record import RESTORE
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.files import alive, inside, opened_lock, read_bytes, write_whole
from musa_pipeline.workspace.places import Place

FOLDER: Final = "agreements"
_NUMBER: Final = re.compile("[1-9][0-9]{0,5}")
_HALF: Final = re.compile(r"\.[1-9][0-9]{0,5}\.([0-9]{1,10})\.new")


def folder_of(place: Place, number: int | str = "") -> str:
    """Return where the repository, or one SLA of it, is: from `out`."""
    return f"{place.sla}/{FOLDER}/{number}".rstrip("/")


@contextlib.contextmanager
def alone(place: Place) -> Iterator[None]:
    """Let one process at a time add to the history of an application.

    Raises OutsideFailed if another one is at work, or if nobody can.
    """
    with _lock(place) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            text = f"another process adds to the agreements of {place.application} now"
            raise OutsideFailed(text, "wait until it is done, then look at `musa sla list`") from error
        _sweep(place)
        yield


def _lock(place: Place) -> IO[bytes]:
    top = place.out / ".musa"
    try:
        top.mkdir(parents=True, exist_ok=True)
        if not (top / ".gitignore").exists():
            write_whole(top / ".gitignore", b"*\n")
        return opened_lock(top / f"{place.application}.agreements.lock")
    except OSError as error:
        raise _not_written(error) from error


def load_records(place: Place, problems: Problems, acts: tuple[str, ...]) -> Iterator[tuple[int, str, bytes]]:
    """Yield every record: the number of its folder, its name from `out`, its bytes.

    Codes: R003 an SLA has no record, R006 what is no record lies there (a warning).
    """
    top = place.out / folder_of(place)
    if not top.is_dir():
        return
    for folder in sorted(top.iterdir(), key=lambda each: (len(each.name), each.name)):
        shown = f"{folder_of(place)}/{folder.name}"
        if _HALF.fullmatch(folder.name):
            continue
        if not _NUMBER.fullmatch(folder.name) or not folder.is_dir() or not inside(folder, place.out):
            problems.warn("R006", Span(shown), "this is no SLA of the repository", help="remove it")
            continue
        there = False
        for act in acts:
            if (path := folder / f"{act}.yaml").exists() or path.is_symlink():
                there = True
                data = _read(path, f"{shown}/{act}.yaml", problems)
                if data is not None:
                    yield int(folder.name), f"{shown}/{act}.yaml", data
        if not there:
            problems.report("R003", Span(shown), "no record tells of this SLA", help=RESTORE)


def _read(path: Path, shown: str, problems: Problems) -> bytes | None:
    unread = Problems()
    data = read_bytes(path, shown, unread)
    for each in unread:
        problems.report(each.code, each.at, each.text, help=RESTORE)  # what helps with a model does not help here
    return data


def freeze(place: Place, number: int, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write a new SLA's folder so that it is there whole or not at all, after a power cut too; return its files from `out`.

    Raises OutsideFailed if it cannot be written, or if the number was taken meanwhile.
    """
    top = place.out / folder_of(place)
    half = top / f".{number}.{os.getpid()}.new"
    if not inside(top, place.out):
        raise OutsideFailed(f"{folder_of(place)} leads out of {place.out}", "remove the link")
    try:
        top.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            _write(half / name, data)
        for each in sorted({(half / name).parent for name in files}):
            _sync(each)
        half.rename(top / str(number))  # fails if a folder with anything in it has the name
        _sync(top)
    except OSError as error:
        raise _not_written(error) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return tuple(f"{folder_of(place, number)}/{name}" for name in sorted(files))


def add_record(place: Place, number: int, act: str, data: bytes) -> str:
    """Write one more record beside an SLA's documents; return its name from `out`.

    Raises OutsideFailed if it cannot be written, or is there already.
    """
    folder = place.out / folder_of(place, number)
    beside = folder.parent / f".{number}.{os.getpid()}.new" / f"{act}.yaml"
    try:
        _write(beside, data)
        os.link(beside, folder / f"{act}.yaml")  # unlike a rename it never replaces one that is there
        _sync(folder)
    except OSError as error:
        raise _not_written(error) from error
    finally:
        shutil.rmtree(beside.parent, ignore_errors=True)
    return f"{folder_of(place, number)}/{act}.yaml"


def strangers(place: Place, number: int, names: frozenset[str]) -> tuple[str, ...]:
    """Return the files in an SLA's folder that no record names."""
    folder = place.out / folder_of(place, number)
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return tuple(sorted(each for each in found if each not in names))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # unlike a derived file, an agreement cannot be made again


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(place: Place) -> None:
    """Remove halves that were never renamed, of processes that are no more."""
    for half in (place.out / folder_of(place)).glob(".*.new"):
        found = _HALF.fullmatch(half.name)
        if found and not half.is_symlink() and not alive(int(found[1])):
            shutil.rmtree(half, ignore_errors=True)


def _not_written(error: OSError) -> OutsideFailed:
    return OutsideFailed(f"{error.filename2 or error.filename} cannot be written: {error.strerror}", "nothing was changed")
