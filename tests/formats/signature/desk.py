"""A desk that signs: keys and certificates made for one run of the tests, and a document to sign."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from musa_pipeline.formats.signature.document import opened
from musa_pipeline.formats.signature.keys import Trusted, fingerprint
from musa_pipeline.formats.signature.names import Method, Scheme, method_of
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.formats.signature.verify import Signer, signer_of
from musa_pipeline.formats.signature.write import signed
from tests.support import ROOT

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DOCUMENT = (ROOT / "sla/shop/sla/web.xml").read_bytes()


@cache
def key_of(kind: str) -> Any:
    """Return one private key of a kind, the same each time."""
    curves = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1}
    if kind in curves:
        return ec.generate_private_key(curves[kind]())
    return rsa.generate_private_key(65537, int(kind[4:])) if kind.startswith("RSA") else ed25519.Ed25519PrivateKey.generate()


def value_of(key: Any, method: Method, data: bytes) -> bytes:
    """Return a signature value, as XML Signature writes it."""
    chosen = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}.get(method.digest)
    match method.scheme:
        case Scheme.EDDSA:
            return key.sign(data)
        case Scheme.ECDSA:
            size = (key.curve.key_size + 7) // 8
            numbers = utils.decode_dss_signature(key.sign(data, ec.ECDSA(chosen)))
            return b"".join(each.to_bytes(size, "big") for each in numbers)
        case Scheme.RSA:
            return key.sign(data, padding.PKCS1v15(), chosen)
        case _:
            return key.sign(data, padding.PSS(padding.MGF1(chosen), chosen.digest_size), chosen)


def sign(data: bytes = DOCUMENT, kind: str = "Ed25519", method: Method | None = None, **more: Any) -> bytes:
    """Return a document signed by the key of a kind."""
    key = key_of(kind)
    chosen = method or method_of(Scheme.EDDSA)
    named = {"key_name": fingerprint(key.public_key())} | more
    return signed(data, chosen, lambda each: value_of(key, chosen, each), **named)


def trusting(*kinds: str) -> list[Trusted]:
    """Return the keys of some kinds as trusted ones."""
    return [Trusted(name=f"{each}.pub", key=key_of(each).public_key()) for each in kinds]


def judged(data: bytes, trusted: list[Trusted] | None = None, now: datetime = NOW) -> Signer | str | None:
    """Return who signed, or the code of the reason why it does not count."""
    try:
        return signer_of(opened(data), trusting("Ed25519") if trusted is None else trusted, now)
    except Refused as refused:
        return refused.code


def issue(
    name: str,
    key: Any,
    by: tuple[x509.Certificate, Any] | None = None,
    *,
    authority: bool = False,
    begins: datetime = NOW - timedelta(days=1),
    days: int = 30,
    path_length: int | None = None,
    extra: x509.ExtensionType | None = None,
) -> x509.Certificate:
    """Return a certificate, by itself or by another."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer, signer = (by[0].subject, by[1]) if by else (subject, key)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
    )
    if extra:
        made = made.add_extension(extra, critical=True)
    return made.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate as a signature carries it."""
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(what: Any) -> bytes:
    """Return a certificate or a public key as a file has it."""
    if isinstance(what, x509.Certificate):
        return what.public_bytes(serialization.Encoding.PEM)
    return what.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def private_pem(kind: str, passphrase: str = "") -> bytes:
    """Return a private key as a file has it."""
    locked = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    return key_of(kind).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
