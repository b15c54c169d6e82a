"""The zip file of an archive: its directory is judged before anything is unpacked, then single entries are, each bounded."""

import stat
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812  an exception is called like a class

from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.csar.names import wrong_with

MOST_ENTRIES: Final = 10_000
LARGEST_ENTRY: Final = 32 * 2**20
"""Octets of one entry when it is unpacked to be read."""
LARGEST_WHOLE: Final = 1024 * 2**20
LARGEST_RATIO: Final = 250
"""Octets out for one in; text of models has 3 to 20, the most that deflate can do is 1032."""

_RATIO_MATTERS: Final = 2**20
_DIRECTORY: Final = MOST_ENTRIES * 400
"""Octets of the directory; beyond, not even the directory is read."""
_TOLD: Final = 20
_SHOWN: Final = 200
_ENCRYPTED: Final = 0x1
_ARCHIVES: Final = (".zip", ".csar", ".tar", ".tgz", ".tar.gz")
_WAY_OUT: Final = "pack the archive again, from files of the model alone"


class Archive:
    """An archive that may be read: its files by name."""

    def __init__(self, zip_: ZipFile, file: str, entries: dict[str, ZipInfo]) -> None:
        self._zip, self.file, self._entries = zip_, file, entries

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files, in the order of the archive."""
        return tuple(self._entries)

    def shown(self, name: str) -> str:
        """Return how an entry is written in findings: the archive's path, then the entry's."""
        return f"{self.file}/{name}"

    def read(self, name: str, problems: Problems) -> bytes | None:
        """Return an entry unpacked, or report why it cannot be had."""
        at = Span(self.shown(name))
        info = self._entries[name]
        if info.file_size > LARGEST_ENTRY:
            size = f"{info.file_size / 2**20:.0f} MiB"
            problems.report("Z002", at, f"the entry has {size}; the most is {LARGEST_ENTRY // 2**20} MiB", help=_WAY_OUT)
            return None
        try:
            with self._zip.open(info) as stream:
                return stream.read(LARGEST_ENTRY + 1)
        except (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
            problems.report("Z001", at, f"the entry cannot be unpacked: {_said(error)}", help="make the archive again")
            return None


def read_archive(data: bytes, file: str, problems: Problems) -> Archive | None:
    """Return the archive; None, after an error, if it is none or holds what no archive of ours may hold.

    Codes: Z001 not an archive, Z002 too large in some way, Z003 a name that leads out, Z004 a link, Z005 a name twice,
    Z006 encrypted or packed in a way that is not read, Z010 an archive inside (a note).
    """
    at = Span(file)
    if _directory_size(data) > _DIRECTORY:
        problems.report("Z002", at, f"the archive has more than {MOST_ENTRIES:,} entries", help=_WAY_OUT)
        return None
    try:
        zip_ = ZipFile(BytesIO(data))
        infos = zip_.infolist()
    except (BadZipFile, NotImplementedError, OSError, ValueError, OverflowError, MemoryError) as error:
        problems.report("Z001", at, f"this is no archive: {_said(error)}", help="a CSAR is a zip file")
        return None
    before = problems.errors
    _judge_whole(infos, len(data), at, problems)
    for code, info, text, way_out in islice(_judge_all(infos, zip_.start_dir), _TOLD):
        problems.report(code, Span(f"{file}/{_plain(info.filename)}"), text, help=way_out)
    if problems.errors > before:
        return None
    entries = {info.filename: info for info in infos if not info.is_dir()}
    _tell(entries, at, problems)
    return Archive(zip_, file, entries)


def _directory_size(data: bytes) -> int:
    """Return how many octets the directory says it has; it is read whole before anything can be asked of it."""
    at = data.rfind(b"PK\5\6", max(0, len(data) - 65_600))
    size = int.from_bytes(data[at + 12 : at + 16], "little") if at >= 0 else 0
    if size == 0xFFFF_FFFF:
        at = data.rfind(b"PK\6\6", 0, at)
        size = int.from_bytes(data[at + 40 : at + 48], "little") if at >= 0 else size
    return size


def _judge_whole(infos: list[ZipInfo], size: int, at: Span, problems: Problems) -> None:
    if len(infos) > MOST_ENTRIES:
        problems.report("Z002", at, f"the archive has {len(infos):,} entries; the most is {MOST_ENTRIES:,}", help=_WAY_OUT)
    whole = sum(info.file_size for info in infos)
    if whole > LARGEST_WHOLE:
        text = f"the archive has {whole / 2**20:.0f} MiB unpacked; the most is {LARGEST_WHOLE // 2**20} MiB"
        problems.report("Z002", at, text, help=_WAY_OUT)
    elif whole > _RATIO_MATTERS and whole > LARGEST_RATIO * size:
        problems.report("Z002", at, f"the archive unpacks to {whole // max(1, size)} times its size", help=_WAY_OUT)


def _judge_all(infos: list[ZipInfo], end: int) -> Iterator[tuple[str, ZipInfo, str, str]]:
    judges: tuple[Callable[[ZipInfo], tuple[str, str, str] | None], ...] = (_name, _kind, _packing, _ratio)
    for info in infos:
        for judge in judges:
            found = judge(info)
            if found:
                code, text, way_out = found
                yield code, info, text, way_out
    for name, times in Counter(info.filename for info in infos).items():
        if times > 1:
            info = next(each for each in infos if each.filename == name)
            yield "Z005", info, f"the archive has this entry {times} times", "only one of them could count; keep one"
    ordered = sorted(infos, key=lambda each: each.header_offset)
    for info, following in zip(ordered, [each.header_offset for each in ordered[1:]] + [end], strict=False):  # there may be none
        if info.header_offset + info.compress_size > following:
            yield "Z001", info, "the entry lies over another one", "make the archive again"
            return


def _name(info: ZipInfo) -> tuple[str, str, str] | None:
    wrong = wrong_with(info.orig_filename)
    return ("Z003", f"the entry's name {_plain(info.orig_filename)!r} {wrong[0]}", wrong[1]) if wrong else None


def _kind(info: ZipInfo) -> tuple[str, str, str] | None:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) in (0, stat.S_IFREG, stat.S_IFDIR):
        return None
    what = "a link" if stat.S_ISLNK(mode) else "a device or pipe"
    return "Z004", f"the entry is {what}; archives hold files", "put the file itself into the archive"


def _packing(info: ZipInfo) -> tuple[str, str, str] | None:
    if info.flag_bits & _ENCRYPTED:
        return "Z006", "the entry is encrypted", "a model is read by others too; keep secrets out of it"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "Z006", f"the entry is packed by method {info.compress_type}, which is not read", "pack it by deflate, as zip does"
    return None


def _ratio(info: ZipInfo) -> tuple[str, str, str] | None:
    if info.file_size <= _RATIO_MATTERS or info.file_size <= LARGEST_RATIO * info.compress_size:
        return None
    return "Z002", f"the entry unpacks to {info.file_size // max(1, info.compress_size)} times its size", _WAY_OUT


def _tell(entries: dict[str, ZipInfo], at: Span, problems: Problems) -> None:
    """Tell what is no mistake by itself: names that some systems take for one, archives inside."""
    small: dict[str, str] = {}
    for name in entries:
        other = small.setdefault(name.casefold(), name)
        if other != name:
            text = f"entries {other!r} and {name!r} are one on systems that do not tell capitals apart"
            problems.warn("Z005", at, text, help="give names that differ in more than capitals")
    inner = [name for name in entries if name.lower().endswith(_ARCHIVES)]
    if inner:
        more = f" and {len(inner) - 1} more" if len(inner) > 1 else ""
        text = f"the archive {inner[0]!r}{more} inside it is not opened"
        problems.report("Z010", at, text, severity=Severity.NOTE)


def _plain(name: str) -> str:
    """Return a name as it can be shown: control characters as signs, not as themselves; a very long one by its beginning."""
    name = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return name if name.isprintable() else name.encode("unicode_escape").decode()


def _said(error: Exception) -> str:
    return str(error).rstrip(".")
