"""A risk is explained by itself: its factors, what moved them, what answers it, what is left, and who says so."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command import musa
from tests.support import ROOT


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "models/shop", tmp_path / "models/shop")
    (tmp_path / "musa.yaml").write_text("risk: {appetite: very low}\n")
    return tmp_path / "models/shop"


def test_a_risk_is_a_chain_that_ends_at_rows_and_sources(shop: Path) -> None:
    done = musa("explain", shop, "web", "Denial of Service")
    assert done.returncode == 1, done.stderr  # what is left is above the bar, and nobody answers for it
    assert "it applies: not kind mobile-client, exposed  catalogs/threats/denial-of-service.yaml:1:1" in done.stdout
    assert "motive 4 → 5" in done.stdout
    assert "✓ SC-5 strong, lowers likelihood, required of web" in done.stdout
    assert "over the bar of very low, open" in done.stdout
    assert "NIST SP 800-30 1 appendix F" in done.stdout  # the source of the exposure that moved a factor
    found = json.loads(musa("explain", shop, "web", "denial-of-service", "--format", "json").stdout)
    assert {each["control"] for each in found["answered_by"] if each["granted"]} == set(found["risk"]["left"]["lowered_by"])


def test_a_decision_on_a_risk_is_told_with_owner_and_reason(shop: Path) -> None:
    (shop / "decisions.yaml").write_text(
        "accepted: [{risk: web/denial-of-service, owner: Ann, reason: a toy, since: 2026-11-01, expires: 2027-04-30}]\n"
    )
    done = musa("explain", shop, "web", "denial-of-service")
    assert done.returncode == 0
    assert "accepted by Ann until 2027-04-30: a toy  " in done.stdout
    assert "models/shop/decisions.yaml:1:" in done.stdout


def test_what_is_no_risk_is_told_with_the_condition_and_the_answer(shop: Path) -> None:
    done = musa("explain", shop, "web", "unvalidated-redirects-and-forwards")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Unvalidated Redirects and Forwards · web · no risk")
    assert "answered no: it never redirects  models/shop/answers.yaml:14:7" in done.stdout


def test_a_risk_of_a_machine_requires_controls_of_what_runs_on_it(shop: Path) -> None:
    assert "✓ CM-7 partial, lowers likelihood, required of orders, web" in musa("explain", shop, "vm", "unpatched-host").stdout


def test_a_withdrawn_control_is_explained_by_its_successors(shop: Path) -> None:
    assert musa("explain", shop, "web", "SI-9").stdout.endswith("ask for AC-2 and AC-3 and AC-5 and AC-6 in its place\n")
    assert "data-under-foreign-law calls for it (score 5)" in musa("explain", shop, "orders", "SA-9(5)").stdout
