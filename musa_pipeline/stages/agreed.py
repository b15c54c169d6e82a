"""An application's SLA as it lies in the repository, derived, signed or agreed, and, by its references, those of its members."""

from collections.abc import Collection

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.signature.document import opened
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.formats.wsag import read_agreement
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.files import digest, read_bytes


def agreed(work: Work, below: str = "", *, without: Collection[str] = ()) -> tuple[Sla, tuple[Sla, ...]]:
    """Return the composed SLA and its members: the derived ones, or those in a folder below `sla/<app>/`, named with its slash.

    Members with a digest among `without` are left out and not read.

    Raises FilesWrong; code A009: a member is not the document that the composed SLA was made of.
    """
    whole = composed(work, below)
    parts = [_read(work, f"{below}{each.document}", each.digest) for each in whole.members if each.digest not in without]
    work.stop_if_wrong()
    return whole, tuple(each for each in parts if each)


def composed(work: Work, below: str = "") -> Sla:
    """Return the composed SLA alone. Raises FilesWrong."""
    whole = _read(work, f"{below}sla.xml", "")
    work.stop_if_wrong()
    assert whole  # noqa: S101  else it was reported
    return whole


def _read(work: Work, name: str, named: str) -> Sla | None:
    shown = f"{work.place.sla}/{name}"
    data = read_bytes(work.place.out / shown, shown, work.problems)
    if data is None:
        return None
    if named and digest(data) != named:
        text = "this is not the document that the composed SLA was made of: its SHA-256 differs"
        work.problems.report("A009", Span(shown), text, help=f"run `musa compose {work.place.application}` to compose anew")
        return None
    notes = Problems()
    found = read_agreement(_without_signature(data), shown, notes)
    for each in notes:
        if each.severity is Severity.ERROR:
            work.problems.report(each.code, each.at, each.text, help=each.help)
    return found if isinstance(found, Sla) else None


def _without_signature(data: bytes) -> bytes:
    """Return what a signature speaks of; it was judged when the document was verified."""
    if b"Signature" not in data:
        return data
    try:
        envelope = opened(data)
    except Refused:  # the reader will tell
        return data
    return data if envelope.element is None else envelope.octets
