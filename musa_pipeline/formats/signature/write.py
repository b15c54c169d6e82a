"""A signature put into a document: every other byte stays as it was, so that taking it out gives the document back."""

import base64
import hashlib
import textwrap
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from lxml import etree

from musa_pipeline.formats.signature.document import canonical, end_of_root, opened
from musa_pipeline.formats.signature.names import DIGESTS, DSIG, ENVELOPED, EXCLUSIVE, Method
from musa_pipeline.formats.signature.refused import Refused

_ADDRESS = {name: uri for uri, name in DIGESTS.items()}


def signed(
    data: bytes, method: Method, sign: Callable[[bytes], bytes], *, certificates: Sequence[bytes] = (), key_name: str = ""
) -> bytes:
    """Return the document with a signature over the whole of it, last in its root element.

    `sign` gives the signature value of some bytes. Raises Refused: X001 and X013 as `opened`, X002 if it is signed already.
    """
    envelope = opened(data)
    if envelope.element is not None:
        raise Refused(
            "X002", "the document is signed already", "sign the one without signature; parties sign copies of their own"
        )
    end = end_of_root(data)
    digest = method.digest or "sha256"
    info = _signed_info(method, digest, hashlib.new(digest, envelope.octets).digest())
    value = sign(canonical(_element(f'<ds:Signature xmlns:ds="{DSIG}">{info}</ds:Signature>')[0]))
    parts = [
        f'<ds:Signature xmlns:ds="{DSIG}">',
        f"  {info}",
        f"  <ds:SignatureValue>{_lines(value)}</ds:SignatureValue>",
        *_key_info(certificates, key_name),
        "</ds:Signature>",
    ]
    return data[:end] + "\n".join(parts).encode() + data[end:]


def without(data: bytes) -> bytes:
    """Return a document that `signed` made as it was before, byte by byte.

    Raises Refused as `opened`; X003 if the signature is not as `signed` puts it.
    """
    if opened(data).element is None:
        return data
    begin = data.rfind(f'<ds:Signature xmlns:ds="{DSIG}">'.encode())
    end = data.rfind(b"</ds:Signature>") + len(b"</ds:Signature>")
    if begin < 0 or end < begin:
        raise Refused("X003", "the signature was not put there by `musa sign`: taking it out would change other bytes")
    found = data[:begin] + data[end:]
    if opened(found).octets != opened(data).octets:
        raise Refused("X003", "the signature was not put there by `musa sign`: taking it out would change other bytes")
    return found


def _element(text: str) -> etree._Element:
    return etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def _signed_info(method: Method, digest: str, value: bytes) -> str:
    return f"""<ds:SignedInfo>
    <ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>
    <ds:SignatureMethod Algorithm="{method.uri}"/>
    <ds:Reference URI="">
      <ds:Transforms>
        <ds:Transform Algorithm="{ENVELOPED}"/>
        <ds:Transform Algorithm="{EXCLUSIVE}"/>
      </ds:Transforms>
      <ds:DigestMethod Algorithm="{_ADDRESS[digest]}"/>
      <ds:DigestValue>{base64.b64encode(value).decode()}</ds:DigestValue>
    </ds:Reference>
  </ds:SignedInfo>"""


def _key_info(certificates: Sequence[bytes], key_name: str) -> list[str]:
    lines = [f"    <ds:KeyName>{escape(key_name)}</ds:KeyName>"] if key_name else []
    if certificates:
        held = [f"      <ds:X509Certificate>{_lines(each)}</ds:X509Certificate>" for each in certificates]
        lines += ["    <ds:X509Data>", *held, "    </ds:X509Data>"]
    return ["  <ds:KeyInfo>", *lines, "  </ds:KeyInfo>"] if lines else []


def _lines(value: bytes) -> str:
    text = base64.b64encode(value).decode()
    return text if len(text) <= 88 else "\n" + "\n".join(textwrap.wrap(text, 76)) + "\n"
