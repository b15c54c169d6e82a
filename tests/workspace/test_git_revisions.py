"""Git is asked for the files of a revision; what the repository or the environment would have it do besides is not done."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
from musa_pipeline.workspace.git import laid_out, parting, revision
from tests.command import tree
from tests.support import need

AUTHOR = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b"}


def git(folder: Path, *words: str, given: bytes = b"") -> str:
    """Run Git as a person does, with nobody's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=folder, env=kept | alone | AUTHOR, input=given, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with two commits on main: a.yaml says one, then two; sub/b.yaml comes with the second."""
    need("git")
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.yaml").write_text("one\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    (folder / "a.yaml").write_text("two\n")
    (folder / "sub/b.yaml").write_text("b\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "two")
    return folder


def files(folder: Path, written: str) -> dict[str, bytes]:
    with laid_out(folder, revision(folder, written)) as base:
        assert base.name == folder.name
        return tree(base)


def test_a_revision_is_laid_out_and_gone_again_and_the_repository_is_as_it_was(repository: Path) -> None:
    (repository / "a.yaml").write_text("not committed\n")
    before = tree(repository)
    assert files(repository, "main~1") == {"a.yaml": b"one\n"}
    assert files(repository, "main") == {"a.yaml": b"two\n", "sub/b.yaml": b"b\n"}
    with laid_out(repository, revision(repository, "HEAD")) as base:
        pass
    assert not base.exists() and tree(repository) == before


def test_a_folder_with_settings_of_its_own_is_laid_out_alone_and_may_be_younger_than_a_revision(repository: Path) -> None:
    assert files(repository / "sub", "main") == {"b.yaml": b"b\n"}
    assert files(repository / "sub", "main~1") == {}


def test_what_the_environment_says_of_another_repository_is_not_heard(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert files(repository, "main~1") == {"a.yaml": b"one\n"}


def test_where_two_revisions_parted_is_found(repository: Path) -> None:
    git(repository, "checkout", "-qb", "side", "main~1")
    (repository / "c.yaml").write_text("c\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "side")
    found = parting(repository, "main", "side")
    assert (found.commit, found.name) == (git(repository, "rev-parse", "main~1"), "main...side")
    git(repository, "checkout", "-q", "--orphan", "alone")
    git(repository, "commit", "-qm", "alone")
    with pytest.raises(UsageWrong, match="have no commit in common here"):
        parting(repository, "main", "alone")


@pytest.mark.parametrize("written", ["", "--help", "-h", "nosuch", "main:a.yaml", "main\n", "x" * 400, "a\0b", "main..side"])
def test_what_is_no_revision_is_refused_in_a_sentence(repository: Path, written: str) -> None:
    with pytest.raises(UsageWrong, match=r"^Git knows no revision"):
        revision(repository, written)


def test_a_misspelt_branch_a_shallow_clone_and_no_repository_have_their_way_out(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageWrong) as wrong:
        revision(repository, "mian")
    assert wrong.value.way_out == "did you mean 'main'?"
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    with pytest.raises(UsageWrong) as wrong:
        revision(tmp_path / "shallow", "main~1")
    assert wrong.value.way_out.startswith("this clone is shallow: `git fetch --unshallow`")
    with pytest.raises(UsageWrong, match="is not in a Git repository"):
        revision(tmp_path, "main")


def test_nothing_is_run_that_the_repository_configures(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "alias.ls-tree", "remote.evil.uploadpack"):
        git(repository, "config", name, f"!{script}" if name.startswith("alias") else str(script))
    for name, value in (("url", str(tmp_path)), ("promisor", "true"), ("partialclonefilter", "blob:none")):
        git(repository, "config", f"remote.evil.{name}", value)
    git(repository, "config", "core.repositoryformatversion", "1")
    git(repository, "config", "extensions.partialClone", "evil")
    (repository / ".gitattributes").write_text("* filter=evil diff=evil export-subst\n")
    git(repository, "config", "filter.evil.smudge", str(script))
    git(repository, "config", "diff.evil.textconv", str(script))
    assert files(repository, "main~1") == {"a.yaml": b"one\n"}
    blob = git(repository, "rev-parse", "main:a.yaml")
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(OutsideFailed, match=r"^the files of 'main' cannot be read: ") as failed:
        files(repository, "main")
    assert "partial" in failed.value.way_out and not trap.exists()


def _forged(folder: Path, *entries: tuple[bytes, bytes, bytes]) -> str:
    """Return a commit with a tree that no Git would make: (mode, name, content) of each entry, names as they are."""
    raw = b""
    for mode, name, content in entries:
        blob = git(folder, "hash-object", "-w", "--stdin", given=content)
        raw += mode + b" " + name + b"\0" + bytes.fromhex(blob)
    made = git(folder, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)
    assert made == hashlib.sha1(b"tree %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()
    return git(folder, "commit-tree", made, "-m", "forged")


def test_a_forged_tree_writes_nothing_outside_of_its_folder(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    file, link = b"100644", b"120000"
    forged = _forged(
        repository,
        (link, b"a", os.fsencode(outside)),
        (file, b"../evil.yaml", b"x"),
        (file, b".git/config", b"x"),
        (file, b"a/b.yaml", b"through"),
        (link, b"down", os.fsencode(outside)),
        (link, b"down/deeper", b"/etc"),
        (file, os.fsencode(f"{outside}/c.yaml"), b"x"),
        (file, b"good.yaml", b"good"),
    )
    with laid_out(repository, revision(repository, forged)) as base:
        assert (base / "good.yaml").read_bytes() == b"good" and (base / "a/b.yaml").read_bytes() == b"through"
        assert sorted(path.name for path in base.parent.iterdir()) == [base.name]
        assert list((base / ".git").iterdir()) == [] and list(outside.iterdir()) == []


def test_more_than_a_repository_of_models_has_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musa_pipeline.workspace.git.MOST_FILES", 1)
    with pytest.raises(UsageWrong, match=r"^'main' has 2 files and 0 MiB; the most is 1 and 512$"):
        files(repository, "main")
