"""Every policy that is shipped can be read, says where it comes from, and does what its own tests say."""

from pathlib import Path

import pytest

from musa_pipeline.assurance.rehearse import rehearse
from musa_pipeline.domain.policy import Policy, PolicyTest
from musa_pipeline.domain.problems import Problems
from musa_pipeline.stages.policies import read_policies
from tests.support import ROOT

PROBLEMS = Problems()
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / "catalogs/policies").iterdir())}
FILES = read_policies(TEXTS, {}, PROBLEMS)
CASES = [(each.policy, test) for each in FILES if each.policy for test in each.tests]


def test_nothing_is_wrong_with_any_policy() -> None:
    assert [str(each) for each in PROBLEMS] == []
    assert [each.policy.id for each in FILES if each.policy] == [Path(path).stem for path in TEXTS]


@pytest.mark.parametrize("each", FILES, ids=lambda each: each.policy.id)
def test_each_has_its_sources_and_tests_of_what_it_must_not_do(each: object) -> None:
    policy, tests = each.policy, each.tests  # type: ignore[attr-defined]
    assert policy.sources
    assert any(not [one for one in test.expect if one.life == "done" and one.step in ("block", "playbook")] for test in tests)


@pytest.mark.parametrize(("policy", "test"), CASES, ids=[f"{policy.id}: {test.title}" for policy, test in CASES])
def test_each_does_what_its_tests_say(policy: Policy, test: PolicyTest) -> None:
    assert [str(each) for each in rehearse(policy, test).faults] == []
