"""Files in and out: what is read is bounded and told apart by place, what is written is whole or not there."""

import codecs
import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span

LARGEST = 32 * 1024 * 1024
"""Bytes of one file that a reader may be given; real models are a hundred times smaller."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # it begins as UTF-16's does, so it is asked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OURS = 2**40
"""What we wrote ourselves may have any size."""


def read_text(path: Path, shown: str, problems: Problems, *, most: int = LARGEST) -> str | None:
    """Return a file's text, or report why it cannot be had.

    Codes: W001 no such file, W002 a folder, W003 not allowed, W004 too large, W005 not text, W006 not an ordinary file.
    """
    data = read_bytes(path, shown, problems, most=most)
    return None if data is None else decoded(data, shown, problems)


def read_bytes(path: Path, shown: str, problems: Problems, *, most: int = LARGEST) -> bytes | None:
    """Return a file's content, or report why it cannot be had."""
    at = Span(shown)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            problems.report("W002", at, "this is a folder; a file was expected")
        elif not stat.S_ISREG(status.st_mode):
            problems.report("W006", at, "this is not an ordinary file", help="give the file itself")
        elif status.st_size > most:
            size = f"{status.st_size / 2**20:.0f} MiB"
            problems.report(
                "W004", at, f"the file has {size}; the most is {most // 2**20} MiB", help="split the model by imports"
            )
        else:
            return path.read_bytes()
    except FileNotFoundError:
        problems.report("W001", at, "there is no such file")
    except PermissionError:
        problems.report("W003", at, "this file may not be read", help="check its owner and mode")
    except OSError as error:
        problems.report("W006", at, f"the file cannot be read: {error.strerror}")
    return None


def encoding_of(data: bytes) -> str:
    """Return what some text is encoded in, by the mark that it begins with; UTF-8 if it has none."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8-sig")


def decoded(data: bytes, shown: str, problems: Problems) -> str | None:
    """Return some bytes as text, or report the first place that is none: UTF-8, or UTF-16 and UTF-32 that begin with their mark."""
    at = Span(shown)
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            line = data[: error.start].decode(encoding, "replace").count("\n") + 1
            problems.report(
                "W005", Span(at.file, line), f"not text in {encoding.upper()}: {error.reason}", help="save the file as UTF-8"
            )
            return None
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problems.report(
            "W005",
            Span(at.file, line, column),
            f"not text in UTF-8: byte 0x{data[error.start]:02x}",
            help="save the file as UTF-8",
        )
        return None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        problems.report("W005", Span(at.file, line), "not text: it has a zero byte")
        return None
    return text


def inside(path: Path, *folders: Path) -> bool:
    """Tell whether a path leads, links followed, to a place in one of some folders."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a name too long, a zero byte
        return False
    return any(real.is_relative_to(each.resolve()) for each in folders)


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def digest_of(path: Path, most: int = LARGEST) -> str | None:
    """Return the SHA-256 of an ordinary file, in hex; None if it cannot be read or is larger than that."""
    try:
        status = path.stat()
        return digest(path.read_bytes()) if stat.S_ISREG(status.st_mode) and status.st_size <= most else None
    except (OSError, ValueError):
        return None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that at any moment the old or the new one is there whole: beside it, then renamed over it.

    A process that is killed leaves the old or the new file. It is not synced: a thousand files would cost a second each
    run, and what a power cut loses is made again from the model by the next run.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            with beside.open("wb") as file:
                file.write(data)
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        raise _not_written(path, error) from error


def opened_lock(path: Path) -> IO[bytes]:
    """Return a file that processes lock; it is made if it is not there, and never emptied.

    Raises OSError: for a link too, for a repository of others may hold one that leads to any file of the user.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return open(os.open(path, flags, 0o666), "r+b", buffering=0)  # noqa: PTH123  a descriptor


def write_named(path: Path, data: bytes) -> None:
    """Write a file that the user named: what is no ordinary file is written into and stays what it is, a link too."""
    if not path.exists() or path.is_file():
        write_whole(path.resolve() if path.is_symlink() else path, data)
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> OutsideFailed:
    return OutsideFailed(f"{path} cannot be written: {error.strerror}", "check the disk and the folder's mode, or give -o DIR")


def write_all(root: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write those files whose content changes, and clear away what a killed run left beside them; return their names."""
    for folder in {(root / name).parent for name in files}:
        if not inside(folder, root):
            raise OutsideFailed(f"{folder} leads out of {root}", "remove the link, or give -o DIR")
        _sweep(folder)
    changed = [name for name in sorted(files) if not _same(root / name, files[name])]
    for name in changed:
        write_whole(root / name, files[name])
    return tuple(changed)


def _sweep(folder: Path) -> None:
    """Remove halves that were never renamed, of runs that are no more."""
    for half in folder.glob(".*.new"):
        pid = half.name.split(".")[-2]
        if pid.isdigit() and not alive(int(pid)):
            with contextlib.suppress(OSError):
                half.unlink()


def alive(pid: int) -> bool:
    """Tell whether a process of this machine still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def remove(root: Path, names: Iterable[str]) -> None:
    """Remove files that are no longer made, and the folders that get empty by it."""
    for name in names:
        with contextlib.suppress(OSError):
            (root / name).unlink()
        with contextlib.suppress(OSError):
            (root / name).parent.rmdir()
