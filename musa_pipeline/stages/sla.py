"""Beside the road: the SLA repository of an application as it stands, and how the present draft departs from what was agreed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.agreement_record import RESTORE, Act, Agreement, History, Kept, Record, history, unchained
from musa_pipeline.domain.errors import FilesWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.promise_change import PromiseChange, promise_changes
from musa_pipeline.domain.source import Span
from musa_pipeline.stages.agreed import agreed, composed
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.agreements import FOLDER, folder_of, load_records, strangers
from musa_pipeline.workspace.files import digest_of
from musa_pipeline.workspace.places import Place

DOCUMENT: Final = "sla.xml"
_ACTS: Final = tuple(each.value for each in Act)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """How what the model gives departs from an agreement."""

    number: int
    changes: tuple[PromiseChange, ...]


def history_of(place: Place, problems: Problems) -> History:
    """Return the SLAs of an application with all their records; every record and every document is held against its digest.

    Codes: R001 no record, R002 a record was changed, R003 the chain is broken, R004 a document is missing or another, R005 what
    cannot have happened, R006 a stranger in the folder (a warning).
    """
    from musa_pipeline.formats.records import read_record

    found = []
    for number, shown, data in load_records(place, problems, _ACTS):
        record = read_record(data, shown, problems)
        if record is not None and _in_its_place(record, number, shown, problems):
            found.append(record)
    if problems.errors:  # of a chain that lacks what cannot be read, no more can be told
        return history(found)
    whole = history(found)
    problems.extend(unchained(whole))
    for each in whole.agreements:
        _check_documents(place, each, problems)
    return whole


def sound_history(place: Place) -> History:
    """Return the SLAs of an application.

    Raises FilesWrong if anything about them was changed after it was written.
    """
    problems = Problems()
    found = history_of(place, problems)
    if problems.errors:
        raise FilesWrong(problems)
    return found


def documents_of(work: Work, agreement: Agreement) -> tuple[Sla, tuple[Sla, ...]]:
    """Return the documents of an SLA of the repository: the application's, and those of its components."""
    return agreed(work, _below(agreement))


def _below(agreement: Agreement) -> str:
    return f"{FOLDER}/{agreement.number}/"


def departure(work: Work, today: date) -> Departure | None:
    """Return how the derived documents depart from the agreement that stands; None if none does, or they promise the same.

    Raises FilesWrong if the repository or a document cannot be used.
    """
    if not (work.place.out / folder_of(work.place)).is_dir():  # most have none, and a run must not pay for it
        return None
    standing = sound_history(work.place).standing(today)
    found = digest_of(work.place.out / work.place.sla / DOCUMENT)
    if standing is None or found is None or Kept(name=DOCUMENT, sha256=found) in standing.opening.documents:
        return None
    alike = {each.digest for each in composed(work).members} & {each.sha256 for each in standing.opening.documents}
    changes = changes_from(work, standing, agreed(work, without=alike), alike)
    return Departure(number=standing.number, changes=changes) if changes else None


def given_documents(work: Work, made: Mapping[str, bytes]) -> tuple[Sla, tuple[Sla, ...]]:
    """Return the documents that the model gives now, read from bytes that `derive` made, by name from `out`."""
    from musa_pipeline.formats.wsag import read_agreement

    found = (
        read_agreement(data, name, Problems())
        for name, data in made.items()
        if name == f"{work.place.sla}/{DOCUMENT}" or name.startswith(f"{work.place.sla}/sla/")
    )
    slas = [each for each in found if isinstance(each, Sla)]
    return next(each for each in slas if not each.component), tuple(each for each in slas if each.component)


def changes_from(
    work: Work, agreement: Agreement, other: tuple[Sla, tuple[Sla, ...]], without: Collection[str] = ()
) -> tuple[PromiseChange, ...]:
    """Return what other documents promise otherwise than those of an agreement; members with a digest in `without` are not looked at."""
    whole, parts = agreed(work, _below(agreement), without=without)
    return promise_changes((whole, *parts), (other[0], *other[1]))


def in_force(work: Work, today: date) -> tuple[Sla, tuple[Sla, ...], int]:
    """Return the documents that promises are judged by, and their number: those of the agreement in force, else (0) the draft.

    Raises FilesWrong if they, or the repository, cannot be used.
    """
    standing = sound_history(work.place).standing(today)
    if standing is None or not standing.begun(today):
        return *agreed(work), 0
    return *documents_of(work, standing), standing.number


def _in_its_place(record: Record, number: int, shown: str, problems: Problems) -> bool:
    if (record.number, f"{record.act}.yaml") == (number, shown.rpartition("/")[2]):
        return True
    text = f"this is the record of SLA {record.number} being {record.act}; it was put here by somebody"
    problems.report("R005", Span(shown), text, help=RESTORE)
    return False


def _check_documents(place: Place, agreement: Agreement, problems: Problems) -> None:
    folder = folder_of(place, agreement.number)
    for each in agreement.opening.documents:
        found = digest_of(place.out / folder / each.name)
        if found != each.sha256:
            what = "is missing, or cannot be read" if found is None else f"is not the one that was {agreement.opening.act}"
            text = f"the document of SLA {agreement.number} {what}: its record names another SHA-256"
            problems.report("R004", Span(f"{folder}/{each.name}"), text, help=RESTORE)
    known = frozenset({each.name for each in agreement.opening.documents} | {f"{each.act}.yaml" for each in agreement.records})
    for name in strangers(place, agreement.number, known):
        text = f"no record of SLA {agreement.number} names this file"
        problems.warn("R006", Span(f"{folder}/{name}"), text, help="remove it; who reads the SLA may take it for a part of it")
