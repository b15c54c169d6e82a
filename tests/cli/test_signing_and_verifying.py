"""`musa sign` and `musa verify`, as people type them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.command import lay_out, musa
from tests.formats.signature.desk import key_of, pem, private_pem
from tests.support import ROOT, lacking, need, shared

MODULE = "/usr/lib/softhsm/libsofthsm2.so"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "desk.pem").write_bytes(private_pem("Ed25519"))
    (tmp_path / "desk.pub").write_bytes(pem(key_of("Ed25519").public_key()))
    (tmp_path / "locked.pem").write_bytes(private_pem("P-384", "open sesame"))
    (tmp_path / "web.xml").write_bytes((ROOT / "sla/shop/sla/web.xml").read_bytes())
    return tmp_path


def test_an_application_is_signed_and_its_repository_says_whose_signature_counts(desk: Path) -> None:
    model = (ROOT / "models/shop/shop.yaml").read_text()
    lay_out(desk, musa_yaml="trust: [desk.pub]\n", models__shop__shop_yaml=model)
    assert musa("compose", "shop", cwd=desk).returncode == 0
    missing = musa("verify", "shop", cwd=desk)
    assert (missing.returncode, "✗ signature  [X015] it is not signed, and a signature is required" in missing.stdout) == (
        1,
        True,
    )
    signed = musa("sign", "shop", "--key", "desk.pem", cwd=desk)
    assert (signed.returncode, signed.stdout.split(" · ")[:2]) == (0, ["signed  sla/shop/signed/sla.xml", "Ed25519"])
    done = musa("verify", "shop", "--format", "json", cwd=desk)
    assert done.returncode == 0, done.stdout
    assert [(each["file"], each["holds"]) for each in json.loads(done.stdout)["documents"]] == [
        ("sla/shop/sla.xml", True),
        ("sla/shop/signed/sla.xml", True),
    ]


def test_a_passphrase_comes_from_the_environment_and_is_never_shown(desk: Path) -> None:
    words = ("sign", "web.xml", "--key", "locked.pem", "--to", "out.xml")
    for secret, code in ((None, 2), ("wrong guess", 2), ("open sesame", 0)):
        said = musa(*words, cwd=desk, **({} if secret is None else {"MUSA_KEY_PASSPHRASE": secret}))
        assert (said.returncode, str(secret) in said.stdout + said.stderr) == (code, False)
    assert musa("verify", "out.xml", cwd=desk).returncode == 1  # nobody is trusted yet


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("sign", "web.xml", "--key", "desk.pub"), "'desk.pub' has no private key that can be read"),
        (("sign", "web.xml", "--key", "none.pem"), "the key 'none.pem' cannot be read: No such file or directory"),
        (("sign", "web.xml", "--key", "desk.pem", "--cert", "desk.pub"), "'desk.pub' has no certificate"),
        (("sign", "web.xml", "--key", "pkcs11:object=a?pin-value=1234"), "a PIN in a URI can be read by everybody on this machine"),
        (("sign", "web.xml", "--key", "pkcs11:token=a"), "the URI names no key"),
        (("sign", "web.xml", "--key", "desk.pem", "--to", "web.xml"), "web.xml would replace the document that is signed"),
        (("sign", "web.xml", "--key", "desk.pem", "--to", "sla/app/slat/a.xml"), "would lie among derived documents"),
        (("sign", "web.xml", "--key", "desk.pem", "--to", "sla/app/agreements/1/a.xml"), "would lie among what was agreed"),
        (("verify", "web.xml", "--trust", "desk.pem"), "desk.pem: this is a private key"),
        (("verify", "web.xml", "--expect", "abc"), "'abc' is no SHA-256"),
        (("verify", "none.xml"), "there is no such file"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told(desk: Path, words: tuple[str, ...], sentence: str) -> None:
    said = musa(*words, cwd=desk)
    assert (said.returncode, sentence in said.stderr) == (2, True), said.stderr
    assert "1234" not in said.stderr


def test_a_token_signs_and_its_key_stays_there(desk: Path) -> None:
    need("softhsm2-util")
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    if not Path(MODULE).exists():
        lacking(f"{MODULE} is not there")
    (desk / "tokens").mkdir()
    (desk / "softhsm.conf").write_text(f"directories.tokendir = {desk}/tokens\n")
    here = {"SOFTHSM2_CONF": str(desk / "softhsm.conf")}
    token = ["softhsm2-util", "--token", "team", "--pin", "1234"]
    setup = [["softhsm2-util", "--init-token", "--free", "--label", "team", "--pin", "1234", "--so-pin", "5678"]]
    for number, kind in enumerate(("RSA-2048", "P-256"), 1):
        (desk / f"{kind}.pem").write_bytes(private_pem(kind))
        setup.append([*token, "--import", f"{kind}.pem", "--label", kind, "--id", f"0{number}"])
    for each in setup:
        subprocess.run(each, cwd=desk, env=os.environ | here, check=True, capture_output=True)
    for kind in ("RSA-2048", "P-256"):
        (desk / f"{kind}.pub").write_bytes(pem(key_of(kind).public_key()))
        uri = f"pkcs11:token=team;object={kind}?module-path={MODULE}"
        done = musa("sign", "web.xml", "--key", uri, "--to", f"{kind}.xml", cwd=desk, MUSA_KEY_PIN="1234", **here)
        assert done.returncode == 0, done.stderr
        assert musa("verify", f"{kind}.xml", "--trust", f"{kind}.pub", cwd=desk).returncode == 0
    refused = musa("sign", "web.xml", "--key", uri, cwd=desk, MUSA_KEY_PIN="9999", **here)
    assert (refused.returncode, "the token does not take the PIN" in refused.stderr) == (2, True)


def test_documents_of_others_are_verified_as_far_as_they_are_understood() -> None:
    folder = shared("sla")
    said = musa("verify", *sorted(folder.glob("*_*.xml")), "--format", "json")
    assert said.returncode == 2  # SeaClouds speaks an older language of the same name
    said = musa("verify", *sorted(each for each in folder.glob("*.xml") if "seaclouds" not in each.name), "--format", "json")
    found = json.loads(said.stdout)["documents"]
    assert (said.returncode, len(found), {each["holds"] for each in found}) == (0, 5, {True})


def test_a_file_too_large_to_be_read_is_named_as_the_users_own(tmp_path: Path) -> None:
    lay_out(tmp_path, musa_yaml="", sla__shop__kept="", models__shop__shop_yaml=(ROOT / "models/shop/shop.yaml").read_text())
    (tmp_path / "sla/shop/sla.xml").touch()
    os.truncate(tmp_path / "sla/shop/sla.xml", 40 * 2**20)
    done = musa("verify", "shop", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "sla/shop/sla.xml:1:1: error[W004]: the file has 40 MiB; the most is 32 MiB",
    )


def test_a_signature_is_written_over_no_key_and_no_model(desk: Path) -> None:
    (desk / "app.yaml").write_text("tosca_definitions_version: tosca_simple_yaml_1_3\n")
    for slip in ("desk.pem", "app.yaml"):
        was = (desk / slip).read_bytes()
        done = musa("sign", "web.xml", "--key", "desk.pem", "--to", slip, cwd=desk)
        assert (done.returncode, "is there, and it is no agreement" in done.stderr) == (2, True)
        assert (desk / slip).read_bytes() == was
    for _ in range(2):  # over what was signed before it is written again
        assert musa("sign", "web.xml", "--key", "desk.pem", "--to", "signed.xml", cwd=desk).returncode == 0


def test_a_key_without_an_end_is_none(desk: Path) -> None:
    for flags in (("--key", "/dev/zero"), ("--key", "desk.pem", "--cert", "/dev/zero")):
        done = musa("sign", "web.xml", *flags, cwd=desk)
        assert done.returncode == 2 and "'/dev/zero'" in done.stderr
