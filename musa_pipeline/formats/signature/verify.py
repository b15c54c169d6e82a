"""Whether a signature holds, and whose it is: the value first, then the document; nothing it says itself makes its key trusted."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from musa_pipeline.formats.signature.chain import in_time, issued_by_trusted, named
from musa_pipeline.formats.signature.document import Envelope
from musa_pipeline.formats.signature.keys import PublicKey, Trusted, certificate, fingerprint, holds, strong
from musa_pipeline.formats.signature.library import x509
from musa_pipeline.formats.signature.names import Method
from musa_pipeline.formats.signature.profile import Claim, claim_of
from musa_pipeline.formats.signature.refused import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signed: the key by its fingerprint, the certificate's owner if there is one, the trusted file that vouches for it."""

    key: str
    method: Method
    owner: str
    trusted_by: str


def signer_of(envelope: Envelope, trusted: Sequence[Trusted], now: datetime) -> Signer | None:
    """Return who signed a document; None if nobody did.

    Raises Refused: the codes of `claim_of`, and X009 the document changed, X010 the signature does not hold, X011 its key is not
    trusted, X012 a certificate does not count.
    """
    if envelope.element is None:
        return None
    claim = claim_of(envelope.element)
    try:
        return _signer(claim, envelope, trusted, now)
    except Refused as refused:
        if refused.line == 1:
            refused.line = claim.line
        raise


def _signer(claim: Claim, envelope: Envelope, trusted: Sequence[Trusted], now: datetime) -> Signer:
    carried = [certificate(each) for each in claim.certificates]
    anchor, key, owner = _trusted_key(claim, carried, trusted, now) or (None, None, "")
    if anchor is None or key is None:
        _changed(claim, envelope)
        raise _unknown(claim, carried, trusted)
    _changed(claim, envelope)
    return Signer(key=fingerprint(key), method=claim.method, owner=owner, trusted_by=anchor.name)


def _trusted_key(
    claim: Claim, carried: Sequence[x509.Certificate], trusted: Sequence[Trusted], now: datetime
) -> tuple[Trusted, PublicKey, str] | None:
    """Return the trusted key that made the value: one in a trusted file, or that of a certificate issued under one."""
    for each in sorted(trusted, key=lambda one: one.certificate is not None):  # a key that is trusted itself does not end
        if holds(each.key, claim.method, claim.value, claim.signed_info):
            if each.certificate:
                in_time(each.certificate, now)
            return each, each.key, named(each.certificate) if each.certificate else ""
    for one in carried:
        key = strong(one.public_key())
        if holds(key, claim.method, claim.value, claim.signed_info):
            anchor = issued_by_trusted(one, carried, trusted, now)
            return (anchor, key, named(one)) if anchor else None
    return None


def _changed(claim: Claim, envelope: Envelope) -> None:
    found = hashlib.new(claim.digest_method, envelope.octets).digest()
    if not hmac.compare_digest(found, claim.digest):
        text = "the document was changed after it was signed: its digest differs"
        raise Refused("X009", text, "get it again from who signed it; if the change is meant, sign it again")


def _unknown(claim: Claim, carried: Iterable[x509.Certificate], trusted: Sequence[Trusted]) -> Refused:
    """Return why no trusted key fits: the signature is somebody else's, or nobody's."""
    said = claim.key_name or "a key that it does not name"
    for each in carried:
        if holds(strong(each.public_key()), claim.method, claim.value, claim.signed_info):
            text = f"it is signed by {named(each)!r}, whose certificate nobody trusted issued"
            return Refused("X011", text, "if it should count, name the certificate or its authority: --trust FILE")
    known = {fingerprint(each.key) for each in trusted}
    if claim.key_name in known:
        return Refused(
            "X010", f"the signature is not that of the key {said}, which it names", "get the document again from who signed it"
        )
    whose = "nobody is trusted yet" if not trusted else "none of the trusted keys made it"
    text = f"it says that {said} signed it; {whose}"
    return Refused("X011", text, "name the signer's public key or certificate: --trust FILE, or `trust` in musa.yaml")
