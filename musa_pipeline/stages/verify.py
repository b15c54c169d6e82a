"""Beside the road: whether a Security SLA holds as a document. Schema, signature, members, and that it follows from its inputs."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.errors import FilesWrong
from musa_pipeline.domain.problems import Problem, Problems, Severity
from musa_pipeline.domain.verification import Check, Outcome, Verified
from musa_pipeline.formats.signature.document import Envelope, opened
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.formats.wsag import read_agreement
from musa_pipeline.stages.document_checks import (
    SIGNED,
    Against,
    check_inputs,
    check_members,
    check_reading,
    check_schema,
    check_signature,
    check_version,
)
from musa_pipeline.stages.pipeline import STAGES, derive
from musa_pipeline.stages.trust import trusted
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.files import digest, read_bytes

_UNREADABLE = "X001"


def verified(work: Work, *, against: Against) -> tuple[Verified, ...]:
    """Verify the application's SLA as derived, and as signed where somebody signed it.

    Raises FilesWrong for a document that cannot be read at all, and for a model that cannot.
    """
    folder = work.place.out / work.place.sla
    names = ["sla.xml"]
    if (folder / SIGNED / "sla.xml").exists():
        names.append(f"{SIGNED}/sla.xml")
    return tuple(verify(folder / each, f"{work.place.sla}/{each}", each, against, among=tuple(names)) for each in names)


def unverified(work: Work, now: datetime, made: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Return why the application's SLA does not hold, nothing if it does; `made` is what `derive` gave, for a gate has it already.

    The signatures that count are those of `musa.yaml`. An SLA that was never written is nothing to verify.
    """
    if not (work.place.out / work.place.sla / "sla.xml").exists():
        return ()
    problems = Problems()
    keys = trusted(work.settings.trust, work.place.root, problems)
    against = Against(
        now=now,
        trusted=keys,
        required=bool(work.settings.trust),
        application=work.place.application,
        given=_below(work, made),
    )
    found = (each for document in verified(work, against=against) for check in document.checks for each in check.problems)
    return (*problems, *(each for each in found if each.severity is Severity.ERROR))


def given(work: Work) -> dict[str, bytes]:
    """Return the documents that the model gives now, by name below `sla/<app>/`; nothing is written, nothing old is read.

    Raises FilesWrong if the model cannot be used.
    """
    found: dict[str, bytes] = {}
    for stage, files in zip(STAGES, derive(work), strict=False):
        found |= _below(work, files)
        if stage.name == "compose":
            break
    return found


def _below(work: Work, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix(f"{work.place.sla}/"): data for name, data in files.items()}


def verify(path: Path, shown: str, name: str, against: Against, *, among: tuple[str, ...] = ()) -> Verified:
    """Verify one document; `name` is what it is called below `sla/<app>/`, empty for a file from elsewhere.

    `among`: the names of the documents that are verified together with it. Raises FilesWrong for what cannot be read at all.
    """
    problems = Problems()
    data = read_bytes(path, shown, problems)
    if data is None:
        raise FilesWrong(problems)
    try:
        envelope = opened(data)
    except Refused as refused:
        return _unopened(refused, shown)
    found = Problems()
    text = _as_read(data, envelope)
    document = read_agreement(text, shown, found)
    if document is None:
        raise FilesWrong(found)
    checks = [
        check_schema(text, shown),
        check_reading(document, tuple(found), against, shown),
        check_signature(envelope, shown, name, against, among),
        *([check_members(document, path.parent, shown)] if isinstance(document, Sla) and document.members else []),
        check_inputs(document, envelope, shown, name, against),
        *([check_version(envelope, shown, against)] if against.digests else []),
    ]
    return Verified(file=shown, id=document.id, digest=digest(envelope.octets), checks=tuple(checks))


def _unopened(refused: Refused, shown: str) -> Verified:
    problem = refused.problem(shown)
    if refused.code == _UNREADABLE:
        raise FilesWrong([problem]) from refused
    failed = Check(name="signature", outcome=Outcome.FAILED, problems=(problem,))
    left = Check(name="the rest", outcome=Outcome.LEFT, text="nobody can tell what is signed, so nothing else was looked at")
    return Verified(file=shown, id="", digest="", checks=(failed, left))


def _as_read(data: bytes, envelope: Envelope) -> bytes:
    """Return what is read: of a signed document nothing but what the signature speaks of, its lines where they were."""
    if envelope.element is None:
        return data
    before = data.find(b"<" + envelope.octets[1:].split(b" ", 1)[0].split(b">", 1)[0])
    return b"\n" * data.count(b"\n", 0, max(before, 0)) + envelope.octets
