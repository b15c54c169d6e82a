"""The letters of an XMI file: which encoding it is in, by its first bytes and by what it declares."""

import codecs
import re
from typing import Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BARE: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_SINGLE: Final = re.compile(r"(?:iso8859-\d+|cp125\d|latin_?1|koi8.*)")


def decode(said: str | bytes, file: str, problems: Problems) -> str | None:
    """Return the text of a file, or None after an error; letters that do not fit what is declared are read as they were meant."""
    if isinstance(said, str):
        return said.removeprefix("\ufeff")
    for sign, name in (*_MARKS, *_BARE):
        if said.startswith(sign):
            return _decoded(said, name, file, problems)
    found = _DECLARED.match(said)
    name = found[1].decode() if found else "utf-8"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    if known in ("utf-8", "ascii"):
        return _as_meant(said, known, file, problems)
    if _SINGLE.fullmatch(known):
        return _decoded(said, known, file, problems)
    problems.report("K060", Span(file), f"the encoding {name!r} is not known", help="write the file in UTF-8")
    return None


def _decoded(said: bytes, name: str, file: str, problems: Problems) -> str | None:
    try:
        return said.decode(name).removeprefix("\ufeff")
    except UnicodeError:
        problems.report("K060", Span(file), f"not text in {name}", help="write the file in UTF-8")
        return None


def _as_meant(said: bytes, name: str, file: str, problems: Problems) -> str:
    """Return UTF-8 as it is; what is none was written by an editor of Windows, which says so nowhere."""
    try:
        return said.decode("utf-8")
    except UnicodeDecodeError as wrong:
        before = said[: wrong.start]
        at = Span(file, before.count(b"\n") + 1, wrong.start - before.rfind(b"\n"))
        text = f"a letter that is not {name.upper()}; the file is read as Windows writes"
        problems.warn("K060", at, text, help="write the file in UTF-8")
        return said.decode("cp1252", "replace")
