"""The one shape of signature that counts: over the whole document, its parts each known. Whatever else XML Signature allows is refused.

A signature that may speak of parts, elsewhere, or after transformations is one that can be moved around what it speaks of.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from lxml import etree

from musa_pipeline.formats.signature.document import canonical, line_of
from musa_pipeline.formats.signature.names import DIGESTS, DSIG, ENVELOPED, EXCLUSIVE, METHODS, Method, ds
from musa_pipeline.formats.signature.refused import Refused

MOST_CERTIFICATES: Final = 8
_LONGEST: Final = 64 * 1024
"""Letters of one value in base64: a certificate has two thousand."""
_SPACE: Final = re.compile(r"[ \t\r\n]+")
_GET_AGAIN: Final = "get the document again from who signed it, or sign it with `musa sign`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a signature claims, nothing of it proven: `signed_info` is what the key signed, `digest` that of the document's octets.

    `certificates` (DER) and `key_name` only say where to look for the key.
    """

    method: Method
    signed_info: bytes
    value: bytes
    digest_method: str
    digest: bytes
    certificates: tuple[bytes, ...]
    key_name: str
    line: int


def claim_of(signature: etree._Element) -> Claim:
    """Read a signature.

    Raises Refused. Codes: X004 a part that is not allowed, X005 it speaks of something else than the whole document,
    X006 a transform, X007 a method that does not count, X008 a value that is not base64.
    """
    info, value, *rest = _parts(signature, "SignedInfo", "SignatureValue", optional="KeyInfo")
    canonicalization, signing, reference = _parts(info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    _plain(canonicalization, EXCLUSIVE, "X006", "canonical form")
    digest_method, digest = _reference(reference)
    certificates, name = _key(rest[0]) if rest else ((), "")
    return Claim(
        method=_method(signing),
        signed_info=canonical(info),
        value=_base64(value),
        digest_method=digest_method,
        digest=digest,
        certificates=certificates,
        key_name=name,
        line=line_of(signature),
    )


def _parts(parent: etree._Element, *names: str, optional: str = "") -> list[etree._Element]:
    """Return the children of an element, which must be these, in this order, and nothing else."""
    found = list(parent)
    for each in found:
        if not isinstance(each.tag, str):
            _refuse("X004", each, f"a processing instruction stands in the signature's {_local(parent)!r}")
        if (each.tail or "").strip():
            _refuse("X004", each, f"there is text between the parts of the signature's {_local(parent)!r}")
    for each, name in zip(found, (*names, optional), strict=False):
        if each.tag != ds(name):
            wanted = f"{name!r} was expected" if name else "there is nothing more to come"
            _refuse(_code(each), each, f"the signature's {_local(parent)!r} holds {_local(each)!r} where {wanted}")
    if len(found) < len(names):
        _refuse("X004", parent, f"the signature's {_local(parent)!r} has no {names[len(found)]!r}")
    if len(found) > len(names) + bool(optional):
        extra = found[len(names) + bool(optional)]
        _refuse(_code(extra), extra, f"the signature's {_local(parent)!r} holds {_local(extra)!r}, which is not allowed")
    return found


def _code(element: etree._Element) -> str:
    """Several references speak of several things; anything else is only a part too much."""
    return "X005" if element.tag == ds("Reference") else "X004"


def _method(element: etree._Element) -> Method:
    uri = element.get("Algorithm", "")
    _bare(element, "Algorithm")
    if uri not in METHODS:
        _refuse("X007", element, f"signature method {uri!r} {_why_not(uri)}")
    return METHODS[uri]


def _why_not(uri: str) -> str:
    if "hmac" in uri.lower():
        return "is a shared secret: whoever can verify it could have made it"
    if any(each in uri.lower() for each in ("sha1", "md5", "ripemd", "sha224")):
        return "is broken or too short"
    return "is not one of Ed25519, ECDSA and RSA with SHA-256 or longer"


def _reference(reference: etree._Element) -> tuple[str, bytes]:
    if reference.get("URI") != "":
        what = "says not what it speaks of" if reference.get("URI") is None else f"speaks of {reference.get('URI')!r}"
        _refuse("X005", reference, f"the signature {what}, not of the whole document")
    for name in reference.attrib:
        if name != "URI":
            _refuse("X005", reference, f"the signature's reference has an attribute {str(name)!r}, which is not allowed")
    transforms, method, digest = _parts(reference, "Transforms", "DigestMethod", "DigestValue")
    _bare(transforms)
    found = list(transforms)
    said = [each.get("Algorithm", "") if isinstance(each.tag, str) else "" for each in found]
    for each, uri in zip(found, said, strict=True):
        if uri not in (ENVELOPED, EXCLUSIVE):
            _refuse("X006", each, f"transform {uri!r} could show the signature another document than you read")
        _plain(each, uri, "X006", "transform")
    if said != [ENVELOPED, EXCLUSIVE]:
        _refuse("X006", transforms, "the transforms must be the enveloped signature, then exclusive canonical form, once each")
    if method.get("Algorithm") not in DIGESTS:
        _refuse("X007", method, f"digest method {method.get('Algorithm')!r} is not SHA-256, SHA-384 or SHA-512")
    _bare(method, "Algorithm")
    return DIGESTS[str(method.get("Algorithm"))], _base64(digest)


def _plain(element: etree._Element, uri: str, code: str, called: str) -> None:
    """Refuse an algorithm that is another one, or has parameters: a list of prefixes changes what is signed."""
    if element.get("Algorithm") != uri:
        _refuse(code, element, f"{called} {element.get('Algorithm')!r} is not exclusive canonical XML 1.0 without comments")
    if len(element):
        _refuse(code, element, f"the {called} has a parameter {_local(element[0])!r}, which is not allowed")
    _bare(element, "Algorithm")


def _bare(element: etree._Element, *attributes: str) -> None:
    for name in element.attrib:
        if name not in attributes:
            _refuse("X004", element, f"the signature's {_local(element)!r} has an attribute {str(name)!r}, which is not allowed")
    if (element.text or "").strip() or (len(element) and attributes):
        _refuse("X004", element, f"the signature's {_local(element)!r} has parameters, which are not allowed")


def _key(info: etree._Element) -> tuple[tuple[bytes, ...], str]:
    """Return certificates and the key's name; a key that stands there itself is no reason to trust it, so it is not read."""
    found = [_base64(each) for each in _certificates(info)]
    if len(found) > MOST_CERTIFICATES:
        _refuse("X004", info, f"there are {len(found)} certificates; the most is {MOST_CERTIFICATES}")
    name = info.find(ds("KeyName"))
    return tuple(found), "" if name is None else (name.text or "").strip()[:200]


def _certificates(info: etree._Element) -> Iterator[etree._Element]:
    for each in info.findall(ds("X509Data")):
        yield from each.findall(ds("X509Certificate"))


def _base64(element: etree._Element) -> bytes:
    text = _SPACE.sub("", element.text or "")
    if len(element) or not text or len(text) > _LONGEST:
        _refuse("X008", element, f"the signature's {_local(element)!r} holds no value in base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        _refuse("X008", element, f"the signature's {_local(element)!r} is not base64")


def _local(element: etree._Element) -> str:
    return str(element.tag).removeprefix(f"{{{DSIG}}}") if isinstance(element.tag, str) else "a processing instruction"


def _refuse(code: str, element: etree._Element, text: str) -> NoReturn:
    raise Refused(code, text, _GET_AGAIN, line_of(element))
