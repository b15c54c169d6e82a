"""The agreed documents as they lie in the repository: the application's SLA and, by its references, those of its members."""

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.wsag import read_agreement
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.files import digest, read_bytes


def agreed(work: Work) -> tuple[Sla, tuple[Sla, ...]]:
    """Return the composed SLA and its members.

    Raises FilesWrong; code A009: a member is not the document that the composed SLA was made of.
    """
    whole = _read(work, "sla.xml", "")
    work.stop_if_wrong()
    assert whole  # noqa: S101  else it was reported
    parts = [_read(work, each.document, each.digest) for each in whole.members]
    work.stop_if_wrong()
    return whole, tuple(each for each in parts if each)


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
    found = read_agreement(data, shown, notes)
    for each in notes:
        if each.severity is Severity.ERROR:
            work.problems.report(each.code, each.at, each.text, help=each.help)
    return found if isinstance(found, Sla) else None
