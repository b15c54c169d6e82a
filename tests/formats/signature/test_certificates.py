"""A certificate counts when there is a way to an authority that is trusted, and everything on the way is in order."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from musa_pipeline.formats.signature.keys import Trusted
from musa_pipeline.formats.signature.names import Scheme, method_of
from musa_pipeline.formats.signature.verify import Signer
from tests.formats.signature.desk import NOW, der, issue, judged, key_of, sign

ROOT_KEY, DESK_KEY, BETWEEN_KEY = key_of("Ed25519"), key_of("P-256"), key_of("P-384")
ROOT = issue("Authority", ROOT_KEY, authority=True)
METHOD = method_of(Scheme.ECDSA, "sha256")


def judge(*certificates: x509.Certificate, trusted: x509.Certificate = ROOT, later: int = 0) -> Any:
    done = sign(kind="P-256", method=METHOD, certificates=[der(each) for each in certificates])
    return judged(done, [Trusted(name="ca.pem", key=trusted.public_key(), certificate=trusted)], NOW + timedelta(days=later))  # type: ignore[arg-type]


def test_who_an_authority_vouches_for_is_trusted_in_its_name() -> None:
    signer = judge(issue("Release Desk", DESK_KEY, (ROOT, ROOT_KEY)))
    assert isinstance(signer, Signer)
    assert (signer.owner, signer.trusted_by) == ("Release Desk", "ca.pem")


def test_the_way_may_lead_over_another_authority() -> None:
    between = issue("Team", BETWEEN_KEY, (ROOT, ROOT_KEY), authority=True, path_length=0)
    assert isinstance(judge(issue("Release Desk", DESK_KEY, (between, BETWEEN_KEY)), between), Signer)


LEAF_AS_AUTHORITY = issue("Clerk", BETWEEN_KEY, (ROOT, ROOT_KEY))
NARROW = issue("Narrow", ROOT_KEY, authority=True, path_length=0)
BELOW = issue("Team", BETWEEN_KEY, (NARROW, ROOT_KEY), authority=True)
CASES = {
    "ended": ({"later": 40, "certificates": [issue("Desk", DESK_KEY, (ROOT, ROOT_KEY))]}, "X012"),
    "not yet valid": ({"certificates": [issue("Desk", DESK_KEY, (ROOT, ROOT_KEY), begins=NOW + timedelta(days=2))]}, "X012"),
    "by another authority of the same name": (
        {"certificates": [issue("Desk", DESK_KEY, (issue("Authority", BETWEEN_KEY, authority=True), BETWEEN_KEY))]},
        "X011",
    ),
    "issued by who may not issue": (
        {"certificates": [issue("Desk", DESK_KEY, (LEAF_AS_AUTHORITY, BETWEEN_KEY)), LEAF_AS_AUTHORITY]},
        "X012",
    ),
    "deeper than the authority may": (
        {"certificates": [issue("Desk", DESK_KEY, (BELOW, BETWEEN_KEY)), BELOW], "trusted": NARROW},
        "X012",
    ),
    "for something else than signing": (
        {
            "certificates": [
                issue(
                    "Desk",
                    DESK_KEY,
                    (ROOT, ROOT_KEY),
                    extra=x509.KeyUsage(False, False, True, False, False, False, False, False, False),
                )
            ]
        },
        "X012",
    ),
    "critical and not understood": (
        {
            "certificates": [
                issue("Desk", DESK_KEY, (ROOT, ROOT_KEY), extra=x509.NameConstraints([x509.DNSName("example.org")], None))
            ]
        },
        "X012",
    ),
    "of another key": ({"certificates": [issue("Desk", key_of("RSA-2048"), (ROOT, ROOT_KEY))]}, "X011"),
}


@pytest.mark.parametrize(("case", "code"), CASES.values(), ids=CASES)
def test_a_certificate_does_not_count(case: dict[str, Any], code: str) -> None:
    assert judge(*case["certificates"], **{name: value for name, value in case.items() if name != "certificates"}) == code
