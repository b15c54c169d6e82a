"""What a change does is told against any revision; what is the same is not told, and nothing is written."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from musa_pipeline.cli.main import musa as command
from musa_pipeline.cli.render import diff_markdown
from musa_pipeline.domain.comparison import CONDITIONS
from musa_pipeline.domain.errors import UsageWrong
from tests.command import tree
from tests.support import ROOT, need
from tests.workspace.test_git_revisions import git


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the shop as `musa init` lays it out (tag first), and one in which a change breaks promises (main)."""
    need("git")
    folder = tmp_path_factory.mktemp("diff") / "shop"
    assert CliRunner().invoke(command, ["init", str(folder)]).exit_code == 0
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    git(folder, "tag", "first")
    change(folder, "answers", r"\n +SC-28(\(1\))?: {by: service.*}", "")
    change(folder, "answers", "CP-9: {by: agent}", "CP-9: {by: nobody}")
    change(folder, "shop", r"at_least: 99\.5 %", "at_least: 99 %")
    git(folder, "commit", "-qam", "second")
    return folder


@pytest.fixture
def shop(committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(committed, folder)
    monkeypatch.chdir(folder)
    return folder


def change(folder: Path, name: str, pattern: str, replacement: str) -> None:
    path = folder / f"models/shop/{name}.yaml"
    text, number = re.subn(pattern, replacement, path.read_text())
    assert number
    path.write_text(text)


def diff(*words: str) -> Result:
    """Run the command in this process; what it returns is its exit code."""
    return CliRunner().invoke(command, ["--color", "never", "diff", *words], standalone_mode=False)


def told(*words: str) -> dict[str, Any]:
    """Return the comparison as a program gets it; it obeys its schema."""
    document: dict[str, Any] = json.loads(diff("--format", "json", *words).stdout)
    schema = json.loads((ROOT / "catalogs/schemas/diff.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def changes(*words: str) -> list[dict[str, Any]]:
    return [each for model in told(*words)["models"] for each in model["changes"]]


def of(found: list[dict[str, Any]], topic: str) -> set[tuple[str, str, str]]:
    return {(each["turn"], each.get("component", ""), each["subject"]) for each in found if each["topic"] == topic}


def test_a_revision_differs_in_nothing_from_itself_and_not_a_byte_is_written(shop: Path) -> None:
    before = tree(shop)
    done = diff("main")
    assert done.return_value == 0 and done.output.splitlines()[-1] == "nothing changes: 1 model compared", done.output
    assert diff("first..first").return_value == 0
    assert tree(shop) == before and not (shop / ".musa").exists()


def test_broken_promises_are_told_with_the_reason_and_what_came_with_them(shop: Path) -> None:
    found = changes("first")
    lost = {("broken", where, control) for where in ("", "orders") for control in ("SC-28", "SC-28(1)")}
    assert of(found, "promise") == lost
    assert found[0]["because"] == ["orders: orders does not implement it and no agent that grants it protects it"]
    assert of(found, "agent") == {("gone", "orders", "backup")}
    bounds = {each["component"]: each for each in found if each["topic"] == "objective" and "component" in each}
    assert bounds["web"]["facts"][0] == {"name": "bound", "before": "at least 99.5 %", "after": "at least 99 %"}
    assert bounds["web"]["effect"] == "worse"
    worse = next(each for each in found if each["topic"] == "risk")
    assert (worse["turn"], worse["effect"], worse["because"]) == ("moved", "worse", ["no longer lowered by SC-28"])
    assert worse["facts"][0] == {"name": "residual", "before": "medium", "after": "high"}
    model = told("first")["models"][0]
    before, after, of_all = model["before"]["promised"], model["after"]["promised"], model["after"]["required"]
    assert before - after == 2
    text = diff("first").output
    assert (
        "✗ broken  orders           SC-28(1) Cryptographic Protection" in text
        and f"{before} → {after} of {of_all} required controls" in text
    )


def test_the_way_back_tells_the_same_turned_round(shop: Path) -> None:
    there, back = changes("first..main"), changes("main..first")
    turned = {"broken": "new", "new": "gone", "gone": "new", "moved": "moved"}
    assert {(turned[turn], *rest) for turn, *rest in of(there, "promise")} == of(back, "promise")
    for topic in ("gap", "risk", "objective", "provider", "agent", "cost", "control", "model"):
        assert {(turned[turn], *rest) for turn, *rest in of(there, topic)} == of(back, topic), topic
    effects = {"worse": "better", "better": "worse", "other": "other"}
    rated = {each["subject"]: each["effect"] for each in there if each["topic"] == "risk"}
    assert {each["subject"]: effects[each["effect"]] for each in back if each["topic"] == "risk"} == rated


def test_what_is_not_committed_yet_is_compared_and_two_revisions_do_not_see_it(shop: Path) -> None:
    (shop / "models/shop/decisions.yaml").write_text(
        "waivers: [{component: orders, control: SC-8, owner: Jane, reason: later, since: 2026-11-01, expires: 2026-12-15}]\n"
    )
    found = changes("HEAD")
    assert of(found, "decision") == {("new", "orders", "SC-8")} and len(found) == 1
    assert not changes("main", "main")


def test_the_exit_code_is_that_of_what_was_asked_for(shop: Path) -> None:
    assert diff("first").return_value == 1
    assert diff("first", "--fail-on", "broken-promise").return_value == 1
    assert diff("first", "--fail-on", "decision, control").return_value == 0
    done = diff("main..first", "--fail-on", "broken-promise,risk", "--fail-on", "objective")
    assert done.return_value == 0 and "passed: no broken-promise, no risk, no objective" in done.output
    assert set(told("first", *(f"--fail-on={each}" for each in CONDITIONS))["met"]) == set(CONDITIONS)
    wrong = diff("first", "--fail-on", "broken").exception
    assert isinstance(wrong, UsageWrong) and wrong.way_out == "did you mean 'broken-promise'?"


def test_a_new_model_and_one_that_is_gone_are_told_as_such(shop: Path) -> None:
    git(shop, "mv", "models/shop", "models/store")
    found = {each["application"]: each for each in told("main")["models"]}
    assert {name: each["state"] for name, each in found.items()} == {"shop": "gone", "store": "new"}
    assert {each["turn"] for each in found["shop"]["changes"] if each["topic"] == "promise"} == {"gone"}
    text = diff("main").output
    assert "this model is new" in text and "this model is gone" in text and len(text.splitlines()) < 40
    assert [each["application"] for each in told("main", "shop")["models"]] == ["shop"]


def test_a_model_that_cannot_be_read_is_told_with_its_revision(shop: Path) -> None:
    whole = (shop / "models/shop/shop.yaml").read_text()
    (shop / "models/shop/shop.yaml").write_text(whole.replace("musa.nodes.Database", "musa.nodes.Databse"))
    git(shop, "commit", "-qam", "broken")
    now = diff("first")
    assert now.return_value == 2 and "models/shop/shop.yaml:" in now.output and "did you mean" in now.output
    (shop / "models/shop/shop.yaml").write_text(whole)
    before = told("main")["models"][0]
    assert (before["state"], before["before"], before["after"]["components"]) == ("unread", None, 3)
    assert {each["file"] for each in before["unread"]} == {"main:models/shop/shop.yaml"}
    assert diff("main").return_value == 1


def test_words_that_name_nothing_or_two_things_are_refused(shop: Path) -> None:
    git(shop, "branch", "shop")
    (shop / "models/notes").mkdir()
    for words, text in {
        ("main", "notes"): "there is no model 'notes', neither at 'main' nor in the working tree",
        ("main", "shop"): "'shop' is a revision and a model here",
        ("main", "shp"): "there is no model 'shp', neither at 'main' nor in the working tree",
        ("main", "/etc"): "'/etc' is outside the repository",
        ("nosuch",): "Git knows no revision 'nosuch'",
    }.items():
        wrong = diff(*words).exception
        assert isinstance(wrong, UsageWrong) and wrong.text.startswith(text)


def test_catalogs_of_the_repository_are_those_of_each_revision(shop: Path) -> None:
    shipped = (ROOT / "catalogs/agents/backup.yaml").read_text()
    (shop / "catalogs/agents").mkdir(parents=True)
    (shop / "catalogs/agents/backup.yaml").write_text(shipped.replace("value: 15", "value: 14"))
    git(shop, "checkout", "-q", "first", "--", "models")
    found = changes("first")
    assert ("moved", "", "agents") in of(found, "cost") and of(found, "model") == set()


def test_the_comment_has_the_sum_first_and_shows_words_of_others_as_they_are(shop: Path) -> None:
    change(shop, "shop", "name: customers", 'name: "cust|omers <img src=x> @all"')
    text = diff("first", "--format", "markdown").output
    lines = text.splitlines()
    assert lines[0].startswith("### ✗ Security: 4 promises broken, ") and lines[-1] == diff_markdown.MARK
    assert "<details open><summary><b>shop</b>: promises, 4 broken</summary>" in text
    assert r"cust\|omers \<img src=x\> @<!-- -->all" in text and "<img" not in text.replace(r"\<img", "")
    assert text.count("<details") == text.count("</details>")
    assert text == diff("first", "--format", "markdown").output


def test_a_comment_never_has_more_than_a_comment_may_and_says_what_was_cut(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(shop, "mv", "models/shop", "models/store")
    monkeypatch.setattr(diff_markdown, "MOST_OCTETS", 4_000)
    text = diff("main", "--format", "markdown").output
    assert 2_000 < len(text.encode()) <= 4_000 and text.count("<details") == text.count("</details>") > 0
    rows = [line for line in text.splitlines() if re.match(r"\| [✗+~-] ", line)]
    cut = re.search(r"\*(\d+) rows did not fit", text)
    every = sum(len(each["changes"]) for each in told("main")["models"])
    assert cut and int(cut[1]) + len(rows) == every


def test_git_is_needed_and_said_to_be(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(shop))
    assert str(diff("main").exception) == "git is not installed"
