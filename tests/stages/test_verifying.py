"""An application's SLA is verified whole: its signature, its members, its version, and that the model gives it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from musa_pipeline.domain.errors import FilesWrong
from musa_pipeline.domain.verification import Outcome, Verified
from musa_pipeline.formats.signature.keys import Trusted
from musa_pipeline.runners.signing.key import SigningKey, method_for
from musa_pipeline.stages import pipeline
from musa_pipeline.stages.document_checks import Against
from musa_pipeline.stages.sign import sign_application
from musa_pipeline.stages.verify import given, unverified, verified, verify
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.command import tree
from tests.formats.signature.desk import NOW, key_of, value_of
from tests.support import ROOT

SIGNED = "sla/shop/signed/sla.xml"


def key_named(kind: str) -> SigningKey:
    private = key_of(kind)
    method = method_for(private.public_key())
    return SigningKey(public=private.public_key(), method=method, sign=lambda data: value_of(private, method, data))


KEY = key_named("Ed25519")


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    return given(Work(find(str(ROOT / "models/shop"))))


@pytest.fixture
def shop(tmp_path: Path, documents: dict[str, bytes]) -> Work:
    """Return the work on a shop whose documents are written, as `musa compose` does."""
    work = Work(find(str(ROOT / "models/shop"), str(tmp_path)))
    for name, data in documents.items():
        path = tmp_path / "sla/shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return work


@pytest.fixture
def against(documents: dict[str, bytes]) -> Against:
    trusted = (Trusted(name="desk.pub", key=KEY.public),)
    return Against(now=NOW, trusted=trusted, required=True, application="shop", given=documents)


def told(found: Verified) -> Mapping[str, str | list[str]]:
    """Return each check: how it ended, or the findings that made it fail."""
    return {
        each.name: [f"{one.code} {one.text}" for one in each.problems] if each.outcome is Outcome.FAILED else str(each.outcome)
        for each in found.checks
    }


def test_what_is_signed_holds_until_a_byte_changes(shop: Work, against: Against) -> None:
    assert sign_application(shop, KEY, against) == (
        (),
        (f"{SIGNED[:-7]}sla.xml", "sla/shop/signed/sla/orders.xml", "sla/shop/signed/sla/web.xml"),
    )
    derived, signed = verified(shop, against=against)
    held = dict.fromkeys(("schema", "reading", "signature", "members", "inputs"), "held")
    assert (told(derived), told(signed)) == (held | {"signature": "not checked"}, held)
    assert derived.digest == signed.digest
    path = shop.place.out / SIGNED
    path.write_bytes(path.read_bytes().replace(b"<specs:operand>90<", b"<specs:operand>80<"))
    assert told(verified(shop, against=against)[1]) == held | {
        "signature": ["X009 the document was changed after it was signed: its digest differs"],
        "inputs": ["X016 its bound on risk-assessment-vulnerability-measure is at least 80 %; its inputs give at least 90 %"],
    }


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_signing_again_changes_nothing_and_no_run_takes_the_signature_away(shop: Work, against: Against, kind: str) -> None:
    key = key_named(kind)  # the numbers of ECDSA are another each time
    sign_application(shop, key, against)
    before = tree(shop.place.out)
    assert sign_application(shop, key, against) == ((), ())
    for _ in pipeline.run(Work(shop.place), "compose"):
        pass
    after = tree(shop.place.out)
    assert {name: after[name] for name in before} == before


def test_nobody_signs_what_the_model_does_not_give(shop: Work, against: Against) -> None:
    path = shop.place.out / "sla/shop/sla.xml"
    path.write_bytes(path.read_bytes().replace(b'control="AC-3"', b'control="AC-99"').replace(b"NIST_AC_3", b"NIST_AC_99"))
    failed, changed = sign_application(shop, KEY, against)
    assert changed == ()
    assert "signed" not in {each.name for each in (shop.place.out / "sla/shop").iterdir()}
    assert [each.holds for each in failed] == [False]


def test_a_member_that_was_swapped_is_told_though_it_is_a_document_of_ours(shop: Work, against: Against) -> None:
    sign_application(shop, KEY, against)
    folder = shop.place.out / "sla/shop/signed/sla"
    (folder / "web.xml").write_bytes((folder / "orders.xml").read_bytes())
    (folder / "orders.xml").unlink()
    assert told(verified(shop, against=against)[1])["members"] == [
        "A009 the member 'web' is another document than the one that was composed: 'sla/web.xml'",
        "X018 the member 'orders' is not there: 'sla/orders.xml'",
    ]


@pytest.mark.parametrize("where", ["../../../secret", "/etc/hostname", "sla\\web.xml"])
def test_a_member_outside_of_the_documents_folder_is_not_looked_at(shop: Work, where: str) -> None:
    path = shop.place.out / "sla/shop/sla.xml"
    path.write_bytes(path.read_bytes().replace(b'document="sla/web.xml"', f'document="{where}"'.encode()))
    found = told(verify(path, "sla.xml", "", Against(now=NOW)))
    assert found["members"] == [f"X018 the member 'web' is said to be at {where!r}, outside of the document's own folder"]


def test_a_signature_that_was_taken_away_is_missed(shop: Work, against: Against) -> None:
    [derived] = verified(shop, against=against)
    assert told(derived)["signature"] == ["X015 it is not signed, and a signature is required"]
    [derived] = verified(shop, against=replace(against, required=False))
    assert (told(derived)["signature"], derived.holds) == ("not checked", True)


def test_an_old_version_is_signed_still_but_is_not_the_one_that_was_agreed(shop: Work, against: Against) -> None:
    sign_application(shop, KEY, against)
    now = verified(shop, against=against)[1].digest
    assert told(verified(shop, against=replace(against, digests=frozenset({now})))[1])["version"] == "held"
    assert told(verified(shop, against=replace(against, digests=frozenset({"0" * 64})))[1])["version"] == [
        f"X019 it is not the version that was asked for: its digest is {now}"
    ]
    elder = {name: data.replace(b"<specs:operand>90<", b"<specs:operand>95<") for name, data in against.given.items()}
    assert told(verified(shop, against=replace(against, given=elder))[1])["inputs"] == [
        "X016 its bound on risk-assessment-vulnerability-measure is at least 90 %; its inputs give at least 95 %"
    ]


def test_a_document_of_another_application_is_not_taken_for_this_one(shop: Work, against: Against) -> None:
    path = shop.place.out / "sla/shop/sla.xml"
    path.write_bytes(path.read_bytes().replace(b'application="shop"', b'application="market"'))
    assert told(verified(shop, against=against)[0])["reading"] == ["X017 it is about the application 'market', not 'shop'"]


def test_a_gate_hears_of_nothing_when_everything_holds(shop: Work, documents: dict[str, bytes]) -> None:
    made = {f"sla/shop/{name}": data for name, data in documents.items()}
    assert unverified(shop, NOW, made) == ()
    sign_application(shop, KEY, Against(now=NOW, application="shop", given=documents))
    assert [each.code for each in unverified(shop, NOW, made)] == ["X011"]


def test_wrapped_documents_are_looked_at_no_further(shop: Work, against: Against) -> None:
    sign_application(shop, KEY, against)
    path = shop.place.out / SIGNED
    path.write_bytes(path.read_bytes().replace(b"</wsag:AgreementOffer>", b"<x/></wsag:AgreementOffer>"))
    assert told(verified(shop, against=against)[1]) == {
        "signature": ["X003 the signature is not the last element of the document's root: what it speaks of may have been moved"],
        "the rest": "not checked",
    }


def test_what_is_no_document_at_all_stops(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<!DOCTYPE a><a/>")
    with pytest.raises(FilesWrong, match=r"a\.xml:1:1: error\[X001\]: a DOCTYPE is not allowed"):
        verify(tmp_path / "a.xml", "a.xml", "", Against(now=NOW))
