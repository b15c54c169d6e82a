"""A document is signed and verified; taking the signature out gives it back; others can verify it."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.formats.signature.document import opened
from musa_pipeline.formats.signature.keys import fingerprint, read_trusted
from musa_pipeline.formats.signature.names import METHODS, Method, Scheme, method_of
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.formats.signature.verify import Signer
from musa_pipeline.formats.signature.write import without
from tests.formats.signature.desk import DOCUMENT, judged, key_of, pem, private_pem, sign, trusting
from tests.support import need

KINDS = {Scheme.EDDSA: "Ed25519", Scheme.ECDSA: "P-256", Scheme.RSA: "RSA-2048", Scheme.PSS: "RSA-2048"}


@pytest.mark.parametrize("method", METHODS.values(), ids=str)
def test_each_method_signs_and_only_its_own_key_verifies(method: Method) -> None:
    kind = KINDS[method.scheme]
    done = sign(kind=kind, method=method)
    key = fingerprint(key_of(kind).public_key())
    assert judged(done, trusting("P-384", kind)) == Signer(key=key, method=method, owner="", trusted_by=f"{kind}.pub")
    assert judged(done, trusting(*set(KINDS.values()) - {kind}, "P-384")) == "X011"
    assert without(done) == DOCUMENT


@pytest.mark.parametrize(
    ("kind", "method"), [("P-384", method_of(Scheme.ECDSA, "sha384")), ("RSA-2048", method_of(Scheme.RSA, "sha512"))]
)
def test_another_verifier_says_the_same(kind: str, method: Method, tmp_path: Path) -> None:
    need("xmlsec1")
    (tmp_path / "key.pem").write_bytes(pem(key_of(kind).public_key()))
    done = sign(kind=kind, method=method)
    for text, code in ((done, 0), (done.replace(b"wsag:Name>", b"wsag:Name> ", 1), 1)):
        (tmp_path / "sla.xml").write_bytes(text)
        said = subprocess.run(
            ["xmlsec1", "--verify", "--pubkey-pem", "key.pem", "sla.xml"], cwd=tmp_path, capture_output=True, check=False
        )
        assert said.returncode == code, said.stderr


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_other_byte_stays_where_it_is(text: str, declared: bool) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    document = ("<?xml version='1.0'?>\n" * declared + f"<!-- {'x'} --><a b='c'>{escaped}<b/>\n </a>\n<!-- </a> -->").encode()
    if "\ufffe" in text or "\uffff" in text:
        return
    done = sign(document)
    assert without(done) == document
    assert isinstance(judged(done), Signer)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"<a/>", "the root element is empty: there is nothing to sign"),
        ("<?xml version='1.0' encoding='UTF-16'?><a>b</a>".encode("utf-16"), "only documents in UTF-8 are signed"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a>b</a>", "only documents in UTF-8 are signed"),
    ],
)
def test_what_cannot_be_signed_is_told(document: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        sign(document)


def test_a_signed_document_is_not_signed_again() -> None:
    with pytest.raises(Refused, match="the document is signed already"):
        sign(sign())


def test_only_public_and_strong_keys_are_trusted() -> None:
    reasons = {}
    for name, data in {
        "private": private_pem("P-256"),
        "nothing": b"hello",
        "broken": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "short": pem(key_of("RSA-1024").public_key()),
    }.items():
        with pytest.raises(Refused) as refused:
            read_trusted(data, name)
        reasons[name] = refused.value.code
    assert reasons == {"private": "X014", "nothing": "X014", "broken": "X014", "short": "X007"}


def test_a_comment_cuts_no_text_of_what_is_read() -> None:
    """Readers that stop at a comment see another value than the signature does; what is read has no comments left."""
    done = sign(b"<a><user>admin.example.org</user></a>")
    injected = done.replace(b"admin.example", b"admin<!-- -->.example")
    assert isinstance(judged(injected), Signer)
    assert opened(injected).octets == b"<a><user>admin.example.org</user></a>"
