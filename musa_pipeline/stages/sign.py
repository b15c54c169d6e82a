"""Beside the road: an SLA signed, with the documents that it names beside it, where no run takes the signature away."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from musa_pipeline.domain.errors import FilesWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.verification import Verified
from musa_pipeline.formats.signature.document import opened
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.formats.signature.write import signed
from musa_pipeline.formats.wsag import read_agreement
from musa_pipeline.stages.agreed import agreed
from musa_pipeline.stages.document_checks import SIGNED, Against
from musa_pipeline.stages.verify import verified
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.files import read_bytes, remove, write_all, write_named

if TYPE_CHECKING:
    from musa_pipeline.runners.signing.key import SigningKey


def sign_application(work: Work, key: "SigningKey", against: Against) -> tuple[tuple[Verified, ...], tuple[str, ...]]:
    """Sign the composed SLA and keep it with its members in `sla/<app>/signed/`; return what kept it from being signed, and the
    files written.

    Nobody signs what does not hold: what is committed must be valid, whole, and what the model gives now.
    """
    derived, *_ = verified(work, against=replace(against, required=False))
    if not derived.holds:
        return (derived,), ()
    whole, _ = agreed(work)
    folder = f"{work.place.sla}/{SIGNED}"
    files = {f"{folder}/{each.document}": _bytes(work, each.document) for each in whole.members}
    data = _bytes(work, "sla.xml")
    before = work.place.out / folder / "sla.xml"
    files[f"{folder}/sla.xml"] = _again(before, data, key, against) or _signed(data, f"{work.place.sla}/sla.xml", key)
    changed = write_all(work.place.out, files)
    there = {path.relative_to(work.place.out).as_posix() for path in (work.place.out / folder / "sla").glob("*.xml")}
    gone = sorted(there - files.keys())
    remove(work.place.out, gone)
    return (), (*changed, *gone)


def sign_file(path: Path, shown: str, target: Path, key: "SigningKey") -> None:
    """Sign any SLA document into another file.

    Raises FilesWrong if it is none, or is signed already.
    """
    problems = Problems()
    data = read_bytes(path, shown, problems)
    if data is None or read_agreement(data, shown, problems) is None:
        raise FilesWrong(problems)
    write_named(target, _signed(data, shown, key))


def _bytes(work: Work, name: str) -> bytes:
    shown = f"{work.place.sla}/{name}"
    data = read_bytes(work.place.out / shown, shown, work.problems)
    work.stop_if_wrong()
    assert data is not None  # noqa: S101  else it was reported
    return data


def _again(before: Path, data: bytes, key: "SigningKey", against: Against) -> bytes | None:
    """Return the document as this key signed it already: signing twice changes nothing, even where a scheme throws dice."""
    from musa_pipeline.formats.signature.keys import Trusted
    from musa_pipeline.formats.signature.verify import signer_of

    try:
        found = before.read_bytes()
        envelope = opened(found)
        signer = signer_of(envelope, [Trusted(name="", key=key.public)], against.now)
    except (OSError, Refused):
        return None
    same = signer is not None and envelope.octets == opened(data).octets
    carried = all(_carries(found, each) for each in key.certificates)
    return found if same and carried else None


def _carries(document: bytes, certificate: bytes) -> bool:
    import base64

    return base64.b64encode(certificate) in b"".join(document.split())


def _signed(data: bytes, shown: str, key: "SigningKey") -> bytes:
    try:
        return signed(data, key.method, key.sign, certificates=key.certificates, key_name=key.name)
    except Refused as refused:
        raise FilesWrong([refused.problem(shown)]) from refused
