"""The checks of one Security SLA as a document, each by itself: schema, content, signature, members, inputs, version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.agreement_difference import departures
from musa_pipeline.domain.problems import Problem, Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.domain.verification import Check, Outcome, check_of
from musa_pipeline.formats.signature.document import Envelope, opened
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.formats.wsag import read_agreement, validate
from musa_pipeline.stages.words import count
from musa_pipeline.workspace.agreements import FOLDER
from musa_pipeline.workspace.catalogs import schema_files
from musa_pipeline.workspace.files import digest, digest_of, inside

if TYPE_CHECKING:
    from musa_pipeline.formats.signature.keys import Trusted

SIGNED = "signed"
"""The folder beside the derived documents that holds what was signed, so that no run takes a signature away."""
_MOST = 20
"""Members or departures that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What documents are held against: keys that count, the moment, whether a signature must be there, digests that are known,
    and what the model gives, by name below `sla/<app>/`; `left` says why that is not known.
    """

    now: datetime
    trusted: tuple["Trusted", ...] = ()
    required: bool = False
    digests: frozenset[str] = frozenset()
    application: str = ""
    given: Mapping[str, bytes] = field(default_factory=dict)
    left: str = ""


def check_schema(text: bytes, shown: str) -> Check:
    """Check by XML Schema."""
    problems = Problems()
    validate(text, schema_files(), problems, shown)
    return check_of("schema", tuple(problems), "valid by WS-Agreement, the SPECS extension and our own")


def check_reading(document: Sla | Slat, found: tuple[Problem, ...], against: Against, shown: str) -> Check:
    """Check what the document says, and of which application; `found` while reading it. Code: X017."""
    errors = tuple(each for each in found if each.severity is Severity.ERROR)
    wanted = _application(against)
    if wanted and document.application != wanted:
        text = f"it is about the application {document.application!r}, not {wanted!r}"
        errors += (Problem(code="X017", at=Span(shown), text=text, help="put it where it belongs, or verify that application"),)
    kind = "template" if isinstance(document, Slat) else "SLA"
    what = f"{kind} with {count(len(document.terms), 'control')} and {count(len(document.slos), 'objective')}"
    if found:
        what += f"; {count(len(found), 'part')} mended or left out (musa -v verify tells)"
    return check_of("reading", errors + tuple(each for each in found if each not in errors), what)


def _application(against: Against) -> str:
    """Return what the model calls its application: documents bear that name, folders may have another."""
    data = against.given.get("sla.xml")
    ours = read_agreement(data, "sla.xml", Problems()) if data else None
    return ours.application if ours else ""


def check_signature(envelope: Envelope, shown: str, name: str, against: Against, among: tuple[str, ...]) -> Check:
    """Check who signed. Codes: X015, and those of a signature that does not hold."""
    if envelope.element is None:
        if name and f"{SIGNED}/{name}" in among:
            return Check(name="signature", outcome=Outcome.LEFT, text=f"it is derived; the signed one is {SIGNED}/{name}")
        if not against.required:
            return Check(name="signature", outcome=Outcome.LEFT, text="nobody signed it", way_out="musa sign")
        text = "it is not signed, and a signature is required"
        problem = Problem(code="X015", at=Span(shown), text=text, help="musa sign; or get it again from who signed it")
        return Check(name="signature", outcome=Outcome.FAILED, problems=(problem,))
    from musa_pipeline.formats.signature.verify import signer_of

    try:
        signer = signer_of(envelope, against.trusted, against.now)
    except Refused as refused:
        return Check(name="signature", outcome=Outcome.FAILED, problems=(refused.problem(shown),))
    assert signer  # noqa: S101  it has a signature, so it has a signer or a reason
    whose = f"{signer.owner!r}, " if signer.owner else ""
    text = f"{signer.method}, by {whose}key {signer.key[:23]}…, trusted by {signer.trusted_by}"
    return Check(name="signature", outcome=Outcome.HELD, text=text)


def check_members(document: Sla, folder: Path, shown: str) -> Check:
    """Check that each member is there and is the one that was composed. Codes: X018, A009."""
    problems = Problems()
    for each in document.members:
        at = Span(shown)
        written = PurePosixPath(each.document)
        path = folder / written
        if written.is_absolute() or ".." in written.parts or "\\" in each.document or not inside(path, folder):
            text = f"the member {each.component!r} is said to be at {each.document!r}, outside of the document's own folder"
            problems.report("X018", at, text, help="members stand beside or below the document that names them")
            continue
        found = digest_of(path)
        if found is None:
            text = f"the member {each.component!r} is not there: {each.document!r}"
            problems.report("X018", at, text, help="bring the member's document; it stands beside or below this one")
        elif found != each.digest.lower():
            text = f"the member {each.component!r} is another document than the one that was composed: {each.document!r}"
            problems.report("A009", at, text, help="bring back the member's document, or compose anew")
    return check_of("members", tuple(problems), f"{count(len(document.members), 'document')}, each the one that was composed")


def check_inputs(document: Sla | Slat, envelope: Envelope, shown: str, name: str, against: Against) -> Check:
    """Check that the document is what the model gives now. Code: X016."""
    agreed = name.startswith(f"{FOLDER}/")
    wanted = name.split("/", 2)[2] if agreed and name.count("/") > 1 else name.removeprefix(f"{SIGNED}/")
    if not against.given:
        return Check(name="inputs", outcome=Outcome.LEFT, text=against.left or "its model is not known", way_out="--model MODEL")
    if wanted not in against.given:
        text = f"the model gives no {wanted or 'such document'!r}"
        return Check(name="inputs", outcome=Outcome.FAILED, problems=(Problem(code="X016", at=Span(shown), text=text),))
    data = against.given[wanted]
    if opened(data).octets == envelope.octets:
        return Check(
            name="inputs", outcome=Outcome.HELD, text="it follows from the model, its answers and the catalogs, byte by byte"
        )
    ours = read_agreement(data, shown, Problems())
    assert ours  # noqa: S101  we have just written it
    app = against.application
    if agreed:
        return Check(
            name="inputs", outcome=Outcome.LEFT, text="it was frozen; the model gives another now", way_out=f"musa sla show {app}"
        )
    signed = envelope.element is not None
    way_out = f"if the change is meant: musa run {app}, then musa sign {app}" if signed else f"musa run {app} derives it anew"
    sentences = list(departures(document, ours))
    problems = Problems()
    for each in sentences[:_MOST]:
        problems.report("X016", Span(shown), each, help=way_out)
    if len(sentences) > _MOST:
        problems.report("X016", Span(shown), f"it departs in {len(sentences) - _MOST} more places", help=way_out)
    return check_of("inputs", tuple(problems), "")


def check_version(envelope: Envelope, shown: str, against: Against) -> Check:
    """Check a document against digests that its reader was told: an old version that was signed once is signed still. Code: X019."""
    found = digest(envelope.octets)
    if found in against.digests:
        return Check(name="version", outcome=Outcome.HELD, text="it is the version that was asked for")
    text = f"it is not the version that was asked for: its digest is {found}"
    problem = Problem(
        code="X019", at=Span(shown), text=text, help="an old version may have been put in its place; get the one you agreed on"
    )
    return Check(name="version", outcome=Outcome.FAILED, problems=(problem,))
