"""A key that can sign, wherever it lies: what it does, what it is called, who vouches for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.formats.signature.keys import PublicKey, certificates_in, fingerprint, strong
from musa_pipeline.formats.signature.library import ec, ed25519, serialization
from musa_pipeline.formats.signature.names import Method, Scheme, method_of
from musa_pipeline.formats.signature.refused import Refused

Secret = Callable[[str], str]
"""Asks for a passphrase or PIN: given what it is for, returns it."""
LONGEST = 2**20
"""Octets of a key or of certificates; what is longer is none, and a device has no end."""
_DIGESTS = {"secp256r1": "sha256", "secp384r1": "sha384", "secp521r1": "sha512"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """`sign` returns the signature value of some bytes as XML Signature writes it; `certificates` (DER) begin with the key's own."""

    public: PublicKey
    method: Method
    sign: Callable[[bytes], bytes]
    certificates: tuple[bytes, ...] = ()

    @property
    def name(self) -> str:
        """The key's fingerprint."""
        return fingerprint(self.public)


def method_for(key: PublicKey) -> Method:
    """Return how a key signs: with the digest that is as strong as itself.

    RSA signs by PKCS #1 v1.5, whose values are the same each time and are verified everywhere; RSA-PSS is verified, not made.
    """
    match key:
        case ed25519.Ed25519PublicKey():
            return method_of(Scheme.EDDSA)
        case ec.EllipticCurvePublicKey():
            return method_of(Scheme.ECDSA, _DIGESTS[key.curve.name])
        case _:
            return method_of(Scheme.RSA, "sha256")


def beginning_of(path: str) -> bytes:
    """Return what a file, or what a pipe gives, as far as a key can be long. Raises OSError."""
    with Path(path).open("rb") as file:
        return file.read(LONGEST)


def usable(key: PublicKey, what: str) -> PublicKey:
    """Return a key that is strong enough to sign. Raises UsageWrong."""
    try:
        return strong(key)
    except Refused as refused:
        raise UsageWrong(f"{what} cannot sign: {refused.text}", refused.way_out) from refused


def certificates_of(path: str, public: PublicKey | None) -> tuple[bytes, ...]:
    """Return the certificates of a file, the first of which must be the key's own. Raises UsageWrong."""
    try:
        found = certificates_in(beginning_of(path))
    except OSError as error:
        raise UsageWrong(f"{path!r} cannot be read: {error.strerror}") from error
    except Refused as refused:
        raise UsageWrong(f"{path!r}: {refused.text}", refused.way_out) from refused
    if not found:
        raise UsageWrong(f"{path!r} has no certificate", "give the certificate of the key in PEM, then those that issued it")
    if public is not None and fingerprint(usable(found[0].public_key(), repr(path))) != fingerprint(public):  # type: ignore[arg-type]
        raise UsageWrong(f"the first certificate in {path!r} is not that of the key", "give the one that was issued for it")
    return tuple(each.public_bytes(serialization.Encoding.DER) for each in found)
