"""A signing key on a token, by PKCS #11: the token signs, and the key never leaves it."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
from musa_pipeline.formats.signature.keys import PublicKey, strong
from musa_pipeline.formats.signature.library import ec, ed25519, serialization, x509
from musa_pipeline.formats.signature.names import Method, Scheme
from musa_pipeline.runners.signing.key import Secret, SigningKey, certificates_of, method_for, usable
from musa_pipeline.runners.signing.uri import TokenUri, read_uri

_CURVES = {
    bytes.fromhex("06082a8648ce3d030107"): ec.SECP256R1(),
    bytes.fromhex("06052b81040022"): ec.SECP384R1(),
    bytes.fromhex("06052b81040023"): ec.SECP521R1(),
}
"""Curves by the DER of their object identifiers, as tokens name them."""


def key_on_token(uri: str, certificate: str | None, secret: Secret) -> SigningKey:
    """Return a key by its PKCS #11 URI.

    Raises UsageWrong (the URI, the PIN, no such key) and OutsideFailed (the library, the token).
    """
    named = read_uri(uri)
    pin = _pin(named, secret)
    certificates = certificates_of(certificate, None) if certificate else ()
    if certificates:
        public = usable(x509.load_der_x509_certificate(certificates[0]).public_key(), f"the key of {certificate!r}")  # type: ignore[arg-type]
    else:
        with _session(named, pin) as session:
            public = _public(session, named)
    method = method_for(public)

    def sign(data: bytes) -> bytes:
        with _session(named, pin) as session:
            return _sign(session, named, method, data)

    return SigningKey(public=public, method=method, sign=sign, certificates=certificates)


def _pin(named: TokenUri, secret: Secret) -> str:
    if not named.pin_source:
        return secret(f"PIN of the token {named.token or named.serial or 'that holds the key'}")
    try:
        return Path(named.pin_source).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageWrong(f"the file of the PIN, {named.pin_source!r}, cannot be read") from error


@contextmanager
def _session(named: TokenUri, pin: str) -> Iterator[Any]:
    """Open the token for one use."""
    try:
        import pkcs11
    except ImportError as error:
        raise OutsideFailed("keys on tokens need the package 'python-pkcs11'", "pip install 'musa-pipeline[pkcs11]'") from error
    module = named.module or os.environ.get("MUSA_PKCS11_MODULE", "")
    if not module:
        raise UsageWrong("nobody says which library speaks to the token", "add ?module-path=FILE, or set MUSA_PKCS11_MODULE")
    try:
        tokens = pkcs11.lib(module).get_tokens(
            token_label=named.token or None, token_serial=named.serial.encode() if named.serial else None
        )
        found = list(tokens)
        if len(found) != 1:
            raise UsageWrong(f"{len(found)} tokens are called so", "name one by token=NAME or serial=NUMBER")
        with found[0].open(user_pin=pin) as session:
            yield session
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked) as error:
        raise UsageWrong("the token does not take the PIN", "a token locks itself after a few wrong ones") from error
    except pkcs11.NoSuchKey as error:
        raise UsageWrong("the token has no such key", "pkcs11-tool --list-objects --login shows what it has") from error
    except pkcs11.MultipleObjectsReturned as error:
        raise UsageWrong("several keys on the token are called so", "name one by object=NAME;id=%01") from error
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise OutsideFailed(f"the token cannot be used: {said}", "check the library and that the token is there") from error


def _key(session: Any, named: TokenUri, *, private: bool) -> Any:
    from pkcs11 import ObjectClass

    return session.get_key(
        object_class=ObjectClass.PRIVATE_KEY if private else ObjectClass.PUBLIC_KEY,
        label=named.label or None,
        id=named.id or None,
    )


def _public(session: Any, named: TokenUri) -> PublicKey:
    from pkcs11 import Attribute, KeyType
    from pkcs11.util.rsa import encode_rsa_public_key

    key = _key(session, named, private=False)
    if key.key_type is KeyType.RSA:
        return strong(serialization.load_der_public_key(encode_rsa_public_key(key)))
    point = _point(key[Attribute.EC_POINT])
    if key.key_type is KeyType.EC_EDWARDS:
        return ed25519.Ed25519PublicKey.from_public_bytes(point)
    curve = _CURVES.get(bytes(key[Attribute.EC_PARAMS]))
    if key.key_type is not KeyType.EC or curve is None:
        raise UsageWrong("the key on the token cannot sign", "use a key of Ed25519, P-256, P-384 or RSA")
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, point)


def _point(value: bytes) -> bytes:
    """Return a point out of the octet string that tokens put around it."""
    if len(value) > 2 and value[0] == 0x04 and value[1] == len(value) - 2:
        return bytes(value[2:])
    if len(value) > 3 and value[:2] == b"\x04\x81" and value[2] == len(value) - 3:
        return bytes(value[3:])
    return bytes(value)


def _sign(session: Any, named: TokenUri, method: Method, data: bytes) -> bytes:
    from pkcs11 import Mechanism

    key = _key(session, named, private=True)
    match method.scheme:
        case Scheme.EDDSA:
            return bytes(key.sign(data, mechanism=Mechanism.EDDSA))
        case Scheme.ECDSA:  # a token gives the two numbers side by side, as XML Signature wants them
            return bytes(key.sign(hashlib.new(method.digest, data).digest(), mechanism=Mechanism.ECDSA))
        case _:
            return bytes(key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
