"""A signing key in a file: PEM or DER, encrypted or not; its passphrase never stands on a command line."""

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.formats.signature.keys import HASHES
from musa_pipeline.formats.signature.library import UnsupportedAlgorithm, ec, ed25519, padding, rsa, serialization, utils
from musa_pipeline.runners.signing.key import Secret, SigningKey, beginning_of, certificates_of, method_for, usable


def key_in_file(path: str, certificate: str | None, secret: Secret) -> SigningKey:
    """Return the key of a file.

    Raises UsageWrong: no such file, no private key, a wrong passphrase, a key that is too weak.
    """
    private = _private(path, secret)
    if not isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise UsageWrong(f"the key in {path!r} cannot sign", "use a key of Ed25519, P-256, P-384 or RSA")
    public = usable(private.public_key(), f"the key in {path!r}")
    method = method_for(public)

    def sign(data: bytes) -> bytes:
        match private:
            case ed25519.Ed25519PrivateKey():
                return private.sign(data)
            case ec.EllipticCurvePrivateKey():  # RFC 6979: the same document and key give the same bytes
                value = private.sign(data, ec.ECDSA(HASHES[method.digest](), deterministic_signing=True))
                size = (private.curve.key_size + 7) // 8
                return b"".join(each.to_bytes(size, "big") for each in utils.decode_dss_signature(value))
            case rsa.RSAPrivateKey():
                return private.sign(data, padding.PKCS1v15(), HASHES[method.digest]())

    return SigningKey(
        public=public, method=method, sign=sign, certificates=certificates_of(certificate, public) if certificate else ()
    )


def _private(path: str, secret: Secret) -> object:
    try:
        data = beginning_of(path)
    except OSError as error:
        raise UsageWrong(f"the key {path!r} cannot be read: {error.strerror}", "check its name, owner and mode") from error
    load = serialization.load_pem_private_key if b"-----BEGIN" in data else serialization.load_der_private_key
    if b"BEGIN OPENSSH PRIVATE KEY" in data:
        load = serialization.load_ssh_private_key
    try:
        return load(data, None)
    except TypeError:  # the library's word for: it is encrypted
        pass
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise UsageWrong(f"{path!r} has no private key that can be read", "give it in PEM or DER") from wrong
    try:
        return load(data, secret(f"passphrase of {path}").encode())
    except (ValueError, TypeError) as wrong:
        raise UsageWrong(f"the passphrase does not open {path!r}", "MUSA_KEY_PASSPHRASE holds it, or it is asked for") from wrong
