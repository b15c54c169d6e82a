"""Public keys that count: which ones are strong enough, what they are called, and whether a value is theirs."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from musa_pipeline.formats.signature.library import (
    InvalidSignature,
    UnsupportedAlgorithm,
    ec,
    ed25519,
    hashes,
    padding,
    rsa,
    serialization,
    utils,
    x509,
)
from musa_pipeline.formats.signature.names import Method, Scheme
from musa_pipeline.formats.signature.refused import Refused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

PublicKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

LEAST_RSA: Final = 2048
MOST_RSA: Final = 8192
"""Bits. Longer keys take whoever verifies minutes, and give nothing."""
_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
HASHES: Final[dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_PRIVATE: Final = b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A key whose signatures count: from a public key or a certificate in the file `name`.

    `certificate` is set for a certificate: its dates bound the key; one of an authority lends its trust to those it issued.
    """

    name: str
    key: PublicKey
    certificate: x509.Certificate | None = None


def read_trusted(data: bytes, name: str) -> tuple[Trusted, ...]:
    """Return the public key or the certificates of a PEM or DER file.

    Raises Refused, code X014: there is none, it is a private key, or too weak.
    """
    if _PRIVATE in data:
        raise Refused("X014", "this is a private key", "give the public half: openssl pkey -in FILE -pubout")
    found = certificates_in(data)
    if found:
        return tuple(Trusted(name=name, key=strong(each.public_key()), certificate=each) for each in found)
    try:
        key = serialization.load_pem_public_key(data) if b"-----" in data else serialization.load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise Refused("X014", "there is no public key and no certificate in it", "give a file in PEM or DER") from wrong
    return (Trusted(name=name, key=strong(key)),)


def certificates_in(data: bytes) -> list[x509.Certificate]:
    """Return the certificates of a file; none if it has none.

    Raises Refused, code X014, for one that cannot be read.
    """
    try:
        if b"-----BEGIN CERTIFICATE-----" in data:
            return x509.load_pem_x509_certificates(data)
        return [] if b"-----" in data else [certificate(data)]
    except ValueError as wrong:
        raise Refused("X014", "a certificate in it cannot be read", "give it in PEM or DER") from wrong
    except Refused:
        return []


def certificate(der: bytes) -> x509.Certificate:
    """Return a certificate. Raises Refused, code X012, if it is none."""
    try:
        found = x509.load_der_x509_certificate(der)
        strong(found.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise Refused("X012", "the signature carries a certificate that cannot be read") from wrong
    return found


def strong(key: "PublicKeyTypes") -> PublicKey:
    """Return a key that is strong enough. Raises Refused, code X007."""
    match key:
        case ed25519.Ed25519PublicKey():
            return key
        case ec.EllipticCurvePublicKey() if key.curve.name in _CURVES:
            return key
        case rsa.RSAPublicKey() if LEAST_RSA <= key.key_size <= MOST_RSA:
            return key
        case ec.EllipticCurvePublicKey():
            raise Refused("X007", f"a key on the curve {key.curve.name!r} does not count", "use P-256, P-384 or Ed25519")
        case rsa.RSAPublicKey():
            text = f"an RSA key of {key.key_size} bits does not count"
            raise Refused("X007", text, f"use {LEAST_RSA} to {MOST_RSA} bits, or Ed25519")
        case _:
            raise Refused("X007", "only keys of Ed25519, P-256, P-384, P-521 and RSA count")


def fingerprint(key: PublicKey) -> str:
    """Return what a key is called: `sha256:` and the SHA-256 of its SubjectPublicKeyInfo, in hex."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{hashlib.sha256(der).hexdigest()}"


def holds(key: PublicKey, method: Method, value: bytes, data: bytes) -> bool:
    """Tell whether a value is the signature of some bytes by this key; a key of another kind never made it."""
    try:
        match key, method.scheme:
            case ed25519.Ed25519PublicKey(), Scheme.EDDSA:
                key.verify(value, data)
            case ec.EllipticCurvePublicKey(), Scheme.ECDSA:
                key.verify(_der(key, value), data, ec.ECDSA(HASHES[method.digest]()))
            case rsa.RSAPublicKey(), Scheme.RSA:
                key.verify(value, data, padding.PKCS1v15(), HASHES[method.digest]())
            case rsa.RSAPublicKey(), Scheme.PSS:
                chosen = HASHES[method.digest]()
                salt = chosen.digest_size  # RFC 9231, section 2.3.10
                key.verify(value, data, padding.PSS(padding.MGF1(chosen), salt), chosen)
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _der(key: ec.EllipticCurvePublicKey, value: bytes) -> bytes:
    """Return the two numbers that XML Signature writes side by side in the form that the library takes."""
    size = (key.curve.key_size + 7) // 8
    if len(value) != 2 * size:
        raise InvalidSignature
    return utils.encode_dss_signature(int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big"))
