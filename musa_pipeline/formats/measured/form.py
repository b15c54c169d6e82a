"""Which form a report has: by what is in it, never by its name; packed ones are unpacked within bounds."""

import zlib
from enum import StrEnum
from typing import Any, Final

from musa_pipeline.domain.evidence import Told
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.measured.ocsf import read_ocsf
from musa_pipeline.formats.measured.plain import inside, read_json, read_records
from musa_pipeline.formats.measured.sarif import read_sarif
from musa_pipeline.formats.measured.xccdf import read_xccdf

LARGEST: Final = 64 * 2**20
"""Octets of one report, unpacked. Code scanning services take 10 MB."""
_PACKED: Final = b"\x1f\x8b"
_KNOWN: Final = "known are SARIF 2.1.0, OCSF 1.x, XCCDF and ARF results, and events of the platform as CloudEvents"


class Form(StrEnum):
    """The forms of JSON that are told apart by their first object."""

    SARIF = "SARIF"
    OCSF = "OCSF"
    EVENTS = "CloudEvents"


def unpacked(data: bytes, file: str, problems: Problems) -> bytes | None:
    """Return a report as it was before it was packed by gzip; None after a finding. Codes: E002, E011."""
    if not data.startswith(_PACKED):
        return data
    stream = zlib.decompressobj(wbits=31)
    try:
        whole = stream.decompress(data, LARGEST + 1)
    except zlib.error as error:
        problems.report("E002", Span(file), f"not gzip: {error}", help="is it whole? pack it again")
        return None
    if len(whole) > LARGEST:
        _too_large(file, problems)
        return None
    if not stream.eof:
        problems.warn("E003", Span(file), "the packed file ends early", help="what came before the end is read")
    return whole


def _too_large(file: str, problems: Problems) -> None:
    """Report a file that is not read for its size."""
    said = f"a report has at most {LARGEST // 2**20} MiB"
    problems.report("E011", Span(file), said, help="split it by host or by month, or let the tool leave out what passed")


def form_of(data: bytes) -> Form | None:
    """Return the form of a text in JSON, by its beginning."""
    head = data[:200_000]
    if b'"specversion"' in head:
        return Form.EVENTS
    if b'"class_uid"' in head or b'"category_uid"' in head:
        return Form.OCSF
    if b'"runs"' in data and (b"sarif" in head.lower() or b'"tool"' in data or b'"version"' in head):
        return Form.SARIF
    return None


def records_of(data: bytes, file: str, problems: Problems) -> "list[tuple[Span, dict[str, Any]]]":
    """Return the records of a file of events, each with its line."""
    return list(read_records(data, file, problems))


def read_report(data: bytes, file: str, problems: Problems) -> tuple[Told, ...]:
    """Return what the tools of a report tell, events of our own aside; nothing after an error.

    Codes: E001 none of the forms, E002 not JSON or XML, E003 a line that cannot be read, E004 version, E011 too large.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return read_xccdf(data, file, problems)
    match form_of(data):
        case Form.SARIF:
            document = read_json(data.removeprefix(b"\xef\xbb\xbf"), file, problems)
            return read_sarif(document, file, problems) if isinstance(inside(document, "runs"), list) else ()
        case Form.OCSF:
            return read_ocsf(read_records(data, file, problems), problems)
        case _:
            problems.report("E001", Span(file), "this is no report that is known", help=_KNOWN)
            return ()
