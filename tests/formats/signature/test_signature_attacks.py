"""What people do to signed documents: each is refused, or changes nothing that is read."""

import base64
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.formats.signature.document import MOST_BYTES, opened
from musa_pipeline.formats.signature.names import DSIG, Scheme, method_of
from musa_pipeline.formats.signature.verify import Signer
from tests.formats.signature.desk import DOCUMENT, issue, judged, key_of, pem, sign, trusting
from tests.formats.signature.desk import der as der_of

GOOD = sign()
EVIL = DOCUMENT.replace(b"<wsag:Name>", b"<wsag:Name>Evil ", 1)
SIGNATURE = GOOD[GOOD.index(b"<ds:Signature") : GOOD.index(b"</ds:Signature>") + len(b"</ds:Signature>")]
END = b"</wsag:AgreementOffer>"
EXCLUSIVE = b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
ENVELOPED = b'<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'


def inside(document: bytes, what: bytes) -> bytes:
    """Return a document with something before its end."""
    at = document.rindex(END)
    return document[:at] + what + document[at:]


def body(document: bytes) -> bytes:
    """Return a document without its declaration."""
    return document[document.index(b"<wsag:") :]


def other(old: bytes | str, new: bytes | str) -> bytes:
    """Return the signed document with one thing replaced, which must be there."""
    found, put = (each.encode() if isinstance(each, str) else each for each in (old, new))
    assert found in GOOD
    return GOOD.replace(found, put, 1)


OBJECT = SIGNATURE.replace(b"</ds:Signature>", b"<ds:Object>%s</ds:Object></ds:Signature>" % body(DOCUMENT))
METHOD = method_of(Scheme.EDDSA).uri
ATTACKS = {
    # the eight ways of wrapping that are told of SAML, as far as a document without ids knows them
    "signed document kept inside the signature of another": (inside(EVIL, OBJECT), "X004"),
    "signed document kept inside another's root": (inside(EVIL, body(GOOD)), "X003"),
    "signed document kept in an extension, its signature at the end": (
        inside(EVIL, b"<x>" + body(DOCUMENT) + b"</x>" + SIGNATURE),
        "X009",
    ),
    "signature moved before what it signs": (DOCUMENT.replace(b"<wsag:Name>", SIGNATURE + b"<wsag:Name>", 1), "X003"),
    "signature moved into an element": (DOCUMENT.replace(b"</wsag:Context>", SIGNATURE + b"</wsag:Context>", 1), "X003"),
    "content added behind the signature": (inside(GOOD, b"<wsag:Name>evil</wsag:Name>"), "X003"),
    "signature put under another document": (inside(EVIL, SIGNATURE), "X009"),
    "a second signature": (inside(GOOD, SIGNATURE), "X002"),
    "a second signature hidden in the first": (other("<ds:KeyInfo>", b"<ds:KeyInfo>" + SIGNATURE), "X002"),
    # what it speaks of
    "reference to an element by id": (other('URI=""', 'URI="#part"'), "X005"),
    "reference by XPointer": (other('URI=""', 'URI="#xpointer(/)"'), "X005"),
    "reference to a file": (other('URI=""', 'URI="file:///etc/passwd"'), "X005"),
    "reference to the network": (other('URI=""', 'URI="http://192.0.2.1/sla.xml"'), "X005"),
    "reference that says nothing": (other(' URI=""', ""), "X005"),
    "reference with an id of its own": (other('URI=""', 'URI="" Id="r"'), "X005"),
    "several references": (
        other("</ds:Reference>", "</ds:Reference>" + re.search(rb"<ds:Reference.*</ds:Reference>", SIGNATURE, re.DOTALL)[0].decode()),  # type: ignore[index]
        "X005",
    ),
    # transforms
    "XSLT": (other(EXCLUSIVE, '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'), "X006"),
    "XPath": (
        other(EXCLUSIVE, f'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath xmlns:ds="{DSIG}">1</ds:XPath></ds:Transform>'),
        "X006",
    ),
    "base64 transform": (other(EXCLUSIVE, f'<ds:Transform Algorithm="{DSIG}base64"/>'), "X006"),
    "one transform too many": (other(EXCLUSIVE, EXCLUSIVE + EXCLUSIVE), "X006"),
    "transforms in the other order": (other(ENVELOPED, EXCLUSIVE).replace(EXCLUSIVE + b"\n        " + EXCLUSIVE, EXCLUSIVE + ENVELOPED), "X006"),
    "a list of prefixes": (
        other(EXCLUSIVE, EXCLUSIVE[:-2] + b'><p:InclusiveNamespaces xmlns:p="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="specs"/></ds:Transform>'),
        "X006",
    ),
    "canonical form with comments": (other('CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"', 'CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"'), "X006"),
    # methods
    "HMAC with the public key as its secret": (other(METHOD, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), "X007"),
    "RSA with SHA-1": (other(METHOD, f"{DSIG}rsa-sha1"), "X007"),
    "RSA with MD5": (other(METHOD, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"), "X007"),
    "a method of nobody": (other(METHOD, "urn:none"), "X007"),
    "digest by SHA-1": (other("http://www.w3.org/2001/04/xmlenc#sha256", f"{DSIG}sha1"), "X007"),
    "a method of another key": (other(METHOD, method_of(Scheme.ECDSA, "sha256").uri), "X010"),
    "length of output": (other(f'"{METHOD}"/>', f'"{METHOD}"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>'), "X004"),
    # parts
    "value cut off": (other(re.search(rb"<ds:SignatureValue>.*?</ds:SignatureValue>", GOOD, re.DOTALL)[0], ""), "X004"),  # type: ignore[index]
    "value empty": (other(re.search(rb"(?<=<ds:SignatureValue>).*?(?=</)", GOOD, re.DOTALL)[0], ""), "X008"),  # type: ignore[index]
    "value no base64": (other("<ds:SignatureValue>", "<ds:SignatureValue>*"), "X008"),
    "value of another": (other("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"), "X010"),
    "processing instruction in it": (other("<ds:SignedInfo>", "<ds:SignedInfo><?x y?>"), "X004"),
    "text between its parts": (other("<ds:SignatureValue>", "text<ds:SignatureValue>"), "X004"),
    "digest of another": (other("<ds:DigestValue>", "<ds:DigestValue>AAAA"), "X009"),
    # around it
    "DOCTYPE": (b"<!DOCTYPE a [<!ENTITY e 'x'>]>" + body(GOOD), "X001"),
    "entities that grow": (b'<!DOCTYPE a [<!ENTITY e "xxxxxxxxxx"><!ENTITY f "&e;&e;&e;&e;">]><a b="&f;"/>', "X001"),
    "a prefix that means another thing": (other("<wsag:Terms>", '<wsag:Terms xmlns:specs="urn:evil">'), "X013"),
    "too large": (GOOD + b" " * MOST_BYTES, "X001"),
    "cut off": (GOOD[:-10], "X001"),
    "canonical form of terabytes": (b"<a xmlns:b='urn:%s'>%s</a>" % (b"b" * 1900, b"<b:c/>" * 2_000_000), "X001"),
    "a namespace of a megabyte": (b"<a xmlns:b='urn:%s'>%s</a>" % (b"b" * 2**20, b"<b:c/>" * 1_000_000), "X001"),
    "prefixes without end": (b"<a %s>b</a>" % b" ".join(b"xmlns:b%d='urn:%d'" % (n, n) for n in range(100_000)), "X001"),
    "attributes without end": (b"<a %s>b</a>" % b" ".join(b"b%d='c'" % n for n in range(300_000)), "X001"),
    "a namespace that has no canonical form": (other('xmlns:nist="http://', 'xmlns:nist="relative'), "X001"),
    "one letter of a bound": (GOOD.replace(b"<specs:operand>", b"<specs:operand>1", 1), "X009"),
}  # fmt: skip


@pytest.mark.parametrize(("attack", "code"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_for_its_own_reason(attack: bytes, code: str) -> None:
    assert attack != GOOD
    assert judged(attack) == code


def test_a_stripped_signature_is_none() -> None:
    assert judged(DOCUMENT) is None


def test_a_key_that_stands_in_the_signature_is_not_trusted_for_that() -> None:
    own = key_of("P-384")
    done = sign(kind="P-384", method=method_of(Scheme.ECDSA, "sha384"), certificates=[der_of(issue("Release Desk", own))])
    assert judged(done) == "X011"
    value = base64.b64encode(pem(own.public_key())).decode()
    carried = sign(kind="P-256", method=method_of(Scheme.ECDSA, "sha256")).replace(
        b"<ds:KeyInfo>", f"<ds:KeyInfo><ds:KeyValue>{value}</ds:KeyValue>".encode()
    )
    assert judged(carried) == "X011"


def test_a_signature_of_another_document_by_the_same_key_does_not_pass() -> None:
    elder = sign(EVIL)
    taken = elder[elder.index(b"<ds:Signature") : elder.index(b"</ds:Signature>") + len(b"</ds:Signature>")]
    assert judged(inside(DOCUMENT, taken)) == "X009"


def test_numbers_of_ecdsa_in_another_form_do_not_pass() -> None:
    method = method_of(Scheme.ECDSA, "sha256")
    done = sign(kind="P-256", method=method)
    value = re.search(rb"(?<=<ds:SignatureValue>)[^<]*", done)[0]  # type: ignore[index]
    longer = base64.b64encode(b"\0" * 64)
    assert [judged(done.replace(value, each), trusting("P-256")) for each in (longer, longer[:40])] == ["X010", "X010"]


CHANGES: list[Callable[[bytes, int, int], bytes]] = [
    lambda data, at, _: data[:at] + data[at + 1 :],
    lambda data, at, byte: data[:at] + bytes([byte]) + data[at + 1 :],
    lambda data, at, byte: data[:at] + bytes([byte]) + data[at:],
    lambda data, at, byte: data[:at] + data[at : at + byte] * 2 + data[at + byte :],
    lambda data, at, byte: data[:at] + b"<!--x-->" + data[at:],
]


@given(st.integers(0, 4), st.integers(0, 1_000_000), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_whatever_is_done_to_a_document_what_is_read_is_what_was_signed(how: int, at: int, byte: int) -> None:
    small = sign(b"<?xml version='1.0'?>\n<a xmlns='urn:a'><b c='d'>text &amp; more</b>\n</a>\n")
    changed = CHANGES[how](small, at % len(small), byte)
    if isinstance(judged(changed), Signer):
        assert opened(changed).octets == opened(small).octets
