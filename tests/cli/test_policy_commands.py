"""`musa policy`, `musa reactions`, `musa audit` as people call them: what they print, and their exit codes."""

from pathlib import Path

import pytest

from musa_pipeline.assurance.reactions import Note
from musa_pipeline.cli.render.policies import reactions
from musa_pipeline.services.reaction_store import ReactionStore
from tests.command import lay_out, musa

GOOD = """\
id: own
mode: shadow
on: {finding: scan}
when: '!lists.friends.contains(event.source)'
do: [{block: event.source}]
---
test: a friend is left alone
given: {lists: {friends: [192.0.2.7]}, hosts: {m1: {}}}
events: [{at: 0s, finding: scan, machine: m1, source: 192.0.2.7}]
expect: []
---
test: others are not
given: {hosts: {m1: {}}}
events: [{at: 0s, finding: scan, machine: m1, source: 192.0.2.8}]
expect: [{at: 0s, block: 192.0.2.8, on: m1, is: shadowed}]
"""
MODEL = """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template: {node_templates: {vm: {type: tosca.nodes.Compute}}}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    lay_out(tmp_path, musa_yaml="runtime: {lists: {friends: []}}\n", policies__own_yaml=GOOD, models__shop__shop_yaml=MODEL)
    return tmp_path


def test_own_policies_stand_beside_the_shipped_ones(repository: Path) -> None:
    listed = musa("policy", "list", cwd=repository)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["policy", "component-down", "flood", "own"]
    checked = musa("policy", "check", cwd=repository)
    assert (checked.returncode, checked.stdout) == (
        0,
        "3 policies and their 15 tests can be read, no condition names what is not there\n",
    )


def test_tests_that_pass_and_tests_that_fail_have_their_exit_codes(repository: Path) -> None:
    passed = musa("policy", "test", "own", cwd=repository)
    assert passed.returncode == 0
    assert passed.stdout.splitlines() == [
        "✓ own: a friend is left alone",
        "✓ own: others are not",
        "2 tests, all as expected",
    ]
    (repository / "policies/own.yaml").write_text(GOOD.replace("friends: [192.0.2.7]", "friends: []"))
    failed = musa("policy", "test", "own", cwd=repository)
    assert failed.returncode == 1
    assert "error[P021]: at 0 s, not expected: block 192.0.2.7 on m1, shadowed" in failed.stdout
    assert failed.stdout.splitlines()[-1] == "2 tests, 1 failed"


def test_a_wrong_policy_is_shown_with_its_line(repository: Path) -> None:
    (repository / "policies/own.yaml").write_text(GOOD.replace("event.source)'", "event.sauce)'"))
    done = musa("policy", "check", cwd=repository)
    assert done.returncode == 2
    assert "policies/own.yaml:4:32: error[P011]: the event of a finding has no 'sauce'" in done.stderr
    assert "did you mean 'source'?" in done.stderr


def test_an_unknown_policy_is_told_with_a_way_out(repository: Path) -> None:
    done = musa("policy", "test", "flod", cwd=repository)
    assert (done.returncode, done.stderr) == (2, "musa: there is no policy 'flod'\n  did you mean 'flood'?\n")


def test_nobody_listens_where_nothing_is_watched(repository: Path) -> None:
    for words in (("reactions", "stop", "shop"), ("reactions", "list", "shop"), ("policy", "replay", "shop")):
        done = musa(*words, cwd=repository)
        assert (done.returncode, done.stderr.splitlines()[0]) == (2, "musa: nobody watches shop")


def test_a_word_to_the_controller_waits_for_it(repository: Path) -> None:
    folder = repository / ".musa/assure/shop"
    ReactionStore(folder).close()
    assert musa("reactions", "stop", "shop", cwd=repository).stdout == "reactions are stopped; what is in force still ends\n"
    refused = musa("reactions", "approve", "shop", "nothing", cwd=repository)
    assert (refused.returncode, refused.stderr.splitlines()) == (
        2,
        ["musa: there is no action 'nothing'", "  musa reactions list shop shows them"],
    )
    assert musa("reactions", "revert", "shop", cwd=repository).returncode == 0
    store = ReactionStore(folder)
    assert [(each.what, each.name) for each in store.words()] == [("stop", ""), ("revert", "")]
    assert reactions([], "shop", stopped=True).splitlines()[0].endswith("musa reactions resume shop lets them go on\x1b[0m")
    store.close()


def test_the_audit_log_is_verified_against_the_controllers_memory(repository: Path) -> None:
    folder = repository / ".musa/assure/shop"
    store = ReactionStore(folder)
    with store.turn():
        store.note([Note(time=1.0, what="fired", policy="flood", trace="a = true"), Note(time=2.0, what="sent", policy="flood")])
    store.flush_audit()
    store.close()
    whole = musa("audit", "verify", "shop", cwd=repository)
    assert whole.returncode == 0
    assert "2 lines, the chain is whole and ends where the controller says" in whole.stdout
    shown = musa("audit", "show", "shop", "--trace", cwd=repository)
    assert shown.stdout.splitlines() == [
        "1970-01-01 00:00:01  flood  fired",
        "    a = true",
        "1970-01-01 00:00:02  flood  sent",
    ]
    path = folder / "audit.jsonl"
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    cut = musa("audit", "verify", "shop", cwd=repository)
    assert cut.returncode == 1
    assert "its end was cut off or written anew" in cut.stdout


def test_names_that_do_not_exist_are_found_by_check(repository: Path) -> None:
    steps = "[{playbook: {playbook: nothing, on: event.target}}, {load: {program: sorce-counters}}, {detect: nothing}, {block: event.source}]"
    (repository / "policies/own.yaml").write_text(GOOD.replace("[{block: event.source}]", steps))
    done = musa("policy", "check", cwd=repository)
    assert done.returncode == 2
    told = [line.split("error")[1] for line in done.stderr.splitlines() if "error[" in line]
    assert told == [
        "[P016]: there is no playbook 'nothing' in playbooks/reactions",
        "[P016]: there is no program 'sorce-counters' in bpf",
        "[P016]: there is no algorithm 'nothing' among the detection algorithms",
    ]
    assert "did you mean 'source-counters'?" in done.stderr


def test_check_knows_a_model_that_was_run(repository: Path) -> None:
    assert musa("run", "shop", cwd=repository).returncode == 0
    (repository / "policies/own.yaml").write_text(GOOD.replace("when: '", 'when: \'component("web").exposed && '))
    assert musa("policy", "check", cwd=repository).returncode == 0
    done = musa("policy", "check", "--model", "shop", cwd=repository)
    assert done.returncode == 2
    assert "policies/own.yaml:4:18: error[P019]: there is no component 'web' in the model" in done.stderr
