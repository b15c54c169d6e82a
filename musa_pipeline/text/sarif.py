"""What every SARIF 2.1.0 document of ours shares (OASIS, errata 01): how files, places and versions are written in it."""

from typing import Any, Final
from urllib.parse import quote

from musa_pipeline.domain.source import Span
from musa_pipeline.text.json import readable

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
NEWLINES: Final = ("\r\n", "\n", "\r", "\x85", "\u2028", "\u2029")
"""What ends a line in YAML 1.1, the longest first (SARIF 3.14.25 lets a run say so)."""
_ROOT: Final = "%SRCROOT%"


def document(driver: dict[str, Any], **run: Any) -> str:
    """Return a document of one run by this tool; `driver` lacks the name, `run` what all runs say alike."""
    said = {
        "tool": {"driver": {"name": "musa", **driver}},
        "columnKind": "utf16CodeUnits",
        "newlineSequences": list(NEWLINES),
        "originalUriBaseIds": {_ROOT: {"description": {"text": "the root of the repository, else the folder of the run"}}},
    }
    return readable({"$schema": SCHEMA, "version": "2.1.0", "runs": [said | run]})


def split_lines(text: str) -> tuple[str, ...]:
    r"""Return the lines of a text as YAML counts them.

    >>> split_lines("a\r\nb\x85c\x0bd")
    ('a', 'b', 'c\x0bd')
    """
    for each in NEWLINES:
        text = text.replace(each, "\n")
    return tuple(text.split("\n"))


def utf16(line: str, column: int) -> int:
    r"""Return a column, counted from 1 in characters, in UTF-16 code units (SARIF 3.14.17).

    >>> utf16("key: value", 6), utf16("\U0001f511: value", 4)
    (6, 5)
    """
    return column + sum(ord(each) > 0xFFFF for each in line[: column - 1])


def semantic(version: str) -> str:
    """Return a version of Python as one of SemVer.

    >>> semantic("0.1.0"), semantic("0.1.0.dev3")
    ('0.1.0', '0.1.0-dev3')
    """
    parts = version.split(".")
    return ".".join(parts[:3]) + ("-" + ".".join(parts[3:]) if parts[3:] else "")


def sentence(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]


def file_location(file: str) -> dict[str, Any]:
    """Return a file as a relative URI, every odd sign escaped (RFC 3986); one outside the root has no base."""
    uri = quote(file.encode("utf-8", "surrogateescape"), safe="/!$&'()*+,;=@~")
    if file.startswith(("/", "../")):
        return {"uri": f"file://{uri}" if file.startswith("/") else uri}
    return {"uri": uri, "uriBaseId": _ROOT}


def place(at: Span, line: str) -> dict[str, Any]:
    """Return a place in a file as a physical location; `line` is the line it is in, nothing if it cannot be shown."""
    return {"artifactLocation": file_location(at.file), "region": _region(at, line)}


def _region(at: Span, line: str) -> dict[str, Any]:
    start, end = at.column, at.column + max(at.length, 1)
    if line:  # a place beyond the end of a line would be refused by those who check
        start = min(start, len(line) + 1)
        end = min(max(end, start), len(line) + 1)
    return {"startLine": max(at.line, 1), "startColumn": max(utf16(line, start), 1), "endColumn": max(utf16(line, end), 1)}
