"""Whose signatures count: the files that flags and `musa.yaml` name."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.workspace.files import inside, read_bytes

if TYPE_CHECKING:
    from musa_pipeline.formats.signature.keys import Trusted

_LARGEST = 2**20


def trusted(
    said: Iterable[tuple[str, Span]], root: Path, problems: Problems, *, flags: Iterable[str] = ()
) -> tuple["Trusted", ...]:
    """Return the keys of all files: those of `musa.yaml` lie in the repository, those of flags anywhere. Code X014: of no use."""
    found: list[Trusted] = []
    for name, at in said:
        if not inside(root / name, root):
            text = f"the trusted file {name!r} lies outside of the repository"
            problems.report("X014", at, text, help="put it into the repository, or name it with --trust")
        else:
            found += _read(root / name, name, at, problems)
    for name in flags:
        found += _read(Path(name), name, Span(name), problems)
    return tuple(found)


def _read(path: Path, name: str, at: Span, problems: Problems) -> "tuple[Trusted, ...]":
    unread = Problems()
    data = read_bytes(path, name, unread, most=_LARGEST)
    for each in unread:
        said = each.text if at.file == name else f"the trusted file {name!r} is of no use: {each.text}"
        problems.report(each.code, at, said, help=each.help or "name a public key or a certificate")
    if data is None:
        return ()
    from musa_pipeline.formats.signature.keys import read_trusted

    try:
        return read_trusted(data, name)
    except Refused as refused:
        problems.report(refused.code, at, f"{name}: {refused.text}", help=refused.way_out)
        return ()
