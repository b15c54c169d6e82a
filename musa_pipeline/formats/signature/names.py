"""What XML Signature calls its parts and methods (W3C xmldsig-core1, RFC 9231), and the few methods that count here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED: Final = DSIG + "enveloped-signature"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007: Final = "http://www.w3.org/2007/05/xmldsig-more#"

DIGESTS: Final = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    _MORE + "sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
"""Digest methods by their address."""


class Scheme(StrEnum):
    """How a key signs: which keys can, and what they do with the bytes."""

    EDDSA = "Ed25519"
    ECDSA = "ECDSA"
    RSA = "RSA"
    PSS = "RSA-PSS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One signature method: its address, its scheme, and the digest that the scheme makes first (none for Ed25519)."""

    uri: str
    scheme: Scheme
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.scheme} with {self.digest.upper().replace('SHA', 'SHA-')}" if self.digest else str(self.scheme)


def _methods() -> dict[str, Method]:
    found = [Method(uri="http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", scheme=Scheme.EDDSA)]
    for digest in DIGESTS.values():
        found += [
            Method(uri=f"{_MORE}ecdsa-{digest}", scheme=Scheme.ECDSA, digest=digest),
            Method(uri=f"{_MORE}rsa-{digest}", scheme=Scheme.RSA, digest=digest),
            Method(uri=f"{_MORE_2007}{digest}-rsa-MGF1", scheme=Scheme.PSS, digest=digest),
        ]
    return {each.uri: each for each in found}


METHODS: Final = _methods()
"""Signature methods by their address: RFC 9231, sections 2.3.2, 2.3.6, 2.3.10 and 2.3.12."""


def method_of(scheme: Scheme, digest: str = "") -> Method:
    """Return the method of a scheme.

    >>> method_of(Scheme.ECDSA, "sha384").uri
    'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384'
    """
    return next(each for each in METHODS.values() if (each.scheme, each.digest) == (scheme, digest))


def ds(name: str) -> str:
    """Return the name of an element of XML Signature, as lxml writes it."""
    return f"{{{DSIG}}}{name}"
