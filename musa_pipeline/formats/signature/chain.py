"""From a certificate to an authority that is trusted: the part of RFC 5280, section 6, that needs no network.

Revocation is not asked for: whoever is no longer trusted is taken out of the list of trusted files.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

from musa_pipeline.formats.signature.keys import Trusted, strong
from musa_pipeline.formats.signature.library import InvalidSignature, UnsupportedAlgorithm, x509
from musa_pipeline.formats.signature.refused import Refused

_DEEPEST: Final = 6
_DIGESTS: Final = ("sha256", "sha384", "sha512")
_UNDERSTOOD: Final = frozenset(
    {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.ExtendedKeyUsage.oid,
        x509.SubjectAlternativeName.oid,
        x509.AuthorityKeyIdentifier.oid,
        x509.SubjectKeyIdentifier.oid,
    }
)
"""Extensions that may be critical; what else is critical limits a certificate in a way that we do not know."""


def named(certificate: x509.Certificate) -> str:
    """Return the name of a certificate's owner: its common name, else the whole."""
    common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else certificate.subject.rfc4514_string()


def issued_by_trusted(
    certificate: x509.Certificate, others: Sequence[x509.Certificate], trusted: Sequence[Trusted], now: datetime
) -> Trusted | None:
    """Return the trusted certificate that a certificate is, or was issued under; None if there is no way to one.

    Raises Refused, code X012: the way is there, but something on it is out of date or may not be used so.
    """
    exact = next((each for each in trusted if each.certificate == certificate), None)
    if exact:
        in_time(certificate, now)
        return exact
    authorities = [each for each in trusted if each.certificate]
    way = [certificate]
    while len(way) <= _DEEPEST:
        last = way[-1]
        anchor = next((each for each in authorities if each.certificate and _issued(last, each.certificate)), None)
        if anchor and anchor.certificate:
            _walk([*way, anchor.certificate], now)
            return anchor
        above = next((each for each in others if each not in way and _issued(last, each)), None)
        if above is None:
            return None
        way.append(above)
    return None


def in_time(certificate: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate that is not valid at this moment."""
    name = named(certificate)
    if now < certificate.not_valid_before_utc:
        day = certificate.not_valid_before_utc.date()
        raise Refused("X012", f"the certificate of {name!r} is not valid before {day}", "is the clock right?")
    if now > certificate.not_valid_after_utc:
        day = certificate.not_valid_after_utc.date()
        raise Refused("X012", f"the certificate of {name!r} ended on {day}", "sign again, or trust its public key itself")


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):  # another name, another key, an unknown method
        return False
    return True


def _walk(way: Sequence[x509.Certificate], now: datetime) -> None:
    """Check a way from the signer up: dates, keys, what is critical; who issues may issue, and so deep."""
    for depth, each in enumerate(way):
        in_time(each, now)
        _known(each, anchor=depth == len(way) - 1)
        usage = _value(each, x509.KeyUsage)
        if depth == 0:
            if usage and not (usage.digital_signature or usage.content_commitment):
                raise Refused("X012", f"the certificate of {named(each)!r} is not for signing")
            continue
        limits = _value(each, x509.BasicConstraints)
        if limits is None or not limits.ca or (usage and not usage.key_cert_sign):
            raise Refused("X012", f"the certificate of {named(each)!r} is not that of an authority")
        if limits.path_length is not None and depth - 1 > limits.path_length:
            raise Refused("X012", f"the authority {named(each)!r} may not issue through so many others")


def _known(certificate: x509.Certificate, *, anchor: bool) -> None:
    """Refuse a certificate that is weak, or says something critical that is not understood."""
    name = named(certificate)
    strong(certificate.public_key())
    method = certificate.signature_hash_algorithm
    if method is not None and method.name not in _DIGESTS and not anchor:  # nobody looks at how an anchor is signed
        raise Refused("X012", f"the certificate of {name!r} is signed over {method.name.upper()}")
    try:
        critical = [each.oid for each in certificate.extensions if each.critical and each.oid not in _UNDERSTOOD]
    except (ValueError, x509.DuplicateExtension) as wrong:
        raise Refused("X012", f"the extensions of the certificate of {name!r} cannot be read") from wrong
    if critical:
        oid = critical[0].dotted_string
        raise Refused("X012", f"the certificate of {name!r} has a critical extension {oid}, which is not understood")


_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def _value(certificate: x509.Certificate, type_: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(type_).value
    except x509.ExtensionNotFound:
        return None
