"""The commands that a run proposes can be typed as they stand, wherever the model is; lines that are shown are text."""

import re
import shlex
import zipfile
from pathlib import Path

import pytest

from tests.command import lay_out, musa
from tests.support import ROOT

SHOP = (ROOT / "models/shop/shop.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["shop"], "shop"),
        (["models/shop"], "shop"),
        (["models/shop/shop.yaml", "-o", "there"], "shop -o there"),
        (["other place/app.yaml"], "'other place/app.yaml'"),
        (["other place/app.yaml", "-o", "there"], "'other place/app.yaml' -o there"),
    ],
)
def test_what_is_proposed_after_a_run_runs(words: list[str], named: str, tmp_path: Path) -> None:
    lay_out(tmp_path, models__shop__shop_yaml=SHOP, musa_yaml="")
    (tmp_path / "other place").mkdir()
    (tmp_path / "other place/app.yaml").write_text(SHOP)
    done = musa("run", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"musa compose {named} · musa explain {named} COMPONENT CONTROL" in done.stdout
    proposed = re.search(r"musa (explain .*)", done.stdout)
    assert proposed
    assert musa(*shlex.split(proposed[1]), cwd=tmp_path).returncode == 1


def test_the_bytes_of_an_archive_are_not_shown_and_utf_16_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.csar", "w") as archive:
        for name in ("a.yaml", "b.yaml"):
            archive.writestr(name, SHOP)
    done = musa("model", "check", "two.csar", "--no-validator", cwd=tmp_path)
    first, second = done.stdout.splitlines()[:2]
    assert first.startswith("two.csar:1:1: error[Z007]") and second.startswith("  help: ")
    (tmp_path / "wide.yaml").write_bytes(SHOP.replace("host: vm", "host: vmm").encode("utf-16"))
    assert "{host: vmm}" in musa("model", "check", "wide.yaml", "--no-validator", cwd=tmp_path).stdout


def test_a_place_in_an_archive_is_told_from_here(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    with zipfile.ZipFile(tmp_path / "models/app.csar", "w") as archive:
        archive.writestr("/app.yaml", SHOP)
    for command in (("model", "check"), ("run",)):
        done = musa(*command, "models/app.csar", cwd=tmp_path)
        assert (done.stdout + done.stderr).startswith("models/app.csar//app.yaml:1:1: error[Z003]")


def test_what_is_proposed_beneath_the_risks_runs(tmp_path: Path) -> None:
    lay_out(tmp_path, models__shop__shop_yaml=SHOP, musa_yaml="")
    shown = musa("risk", "shop", cwd=tmp_path).stdout
    assert re.match(r"shop · risks · (\d+ (critical|high|medium|low|very low)(, |\n))+", shown)
    *_, explained, left = shown.splitlines()
    for line in (explained, left):
        words = shlex.split(line.partition(" tells ")[0])[1:]
        assert musa(*words, cwd=tmp_path).stdout, words
