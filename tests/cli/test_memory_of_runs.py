"""What a run remembers: enough to do nothing twice, never enough to harm."""

import json
from pathlib import Path

from tests.command import lay_out, musa, tree
from tests.support import ROOT

SHOP = (ROOT / "models/shop/shop.yaml").read_text()
WARNED = SHOP.replace("imports: [musa.yaml]", "imports: [musa.yaml, away.yaml]")


def begin(folder: Path, model: str = SHOP) -> Path:
    lay_out(folder, models__shop__shop_yaml=model, musa_yaml="")
    done = musa("run", "shop", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_warning_is_told_again_by_a_run_that_does_nothing(tmp_path: Path) -> None:
    begin(tmp_path, WARNED)
    again = musa("-v", "run", "shop", cwd=tmp_path)
    assert "nothing changed" in again.stdout
    assert "away.yaml" in again.stderr


def test_a_memory_of_others_removes_nothing_outside(tmp_path: Path) -> None:
    place = begin(tmp_path / "mine")
    victim = tmp_path / "victim"
    victim.write_text("dear")
    path = place / ".musa/shop.json"
    memory = json.loads(path.read_text())
    for stage in memory["stages"].values():
        stage["outputs"] |= {"../victim": "0", str(victim): "0", "musa.yaml": "0", "sla/shop/../../models/shop/shop.yaml": "0"}
    path.write_text(json.dumps(memory))
    lay_out(place, models__shop__shop_yaml=SHOP.replace("orders", "sales"))
    assert musa("run", "shop", cwd=place).returncode == 0
    assert victim.read_text() == "dear"
    assert (place / "musa.yaml").exists() and (place / "models/shop/shop.yaml").exists()


def test_a_damaged_memory_is_no_memory(tmp_path: Path) -> None:
    place = begin(tmp_path)
    before = tree(place)
    for damage in (
        b"",
        b"{",
        b"[]",
        b'{"model": "x"}',
        b'{"model": "models/shop/shop.yaml", "stages": {"read": {}}}',
        b"\xff\xfe",
    ):
        (place / ".musa/shop.json").write_bytes(damage)
        assert musa("run", "shop", cwd=place).returncode == 0
    assert tree(place) == before


def test_what_people_put_beside_the_plan_stays(tmp_path: Path) -> None:
    place = begin(tmp_path)
    mine = place / "playbooks/plans/shop/host_vars/vault.local.yml"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("secret: !vault x\n")
    lay_out(place, models__shop__shop_yaml=SHOP.replace("orders", "sales"))
    assert musa("run", "shop", cwd=place).returncode == 0
    assert mine.read_text() == "secret: !vault x\n"


def test_two_models_of_one_name_do_not_write_over_each_other(tmp_path: Path) -> None:
    place = begin(tmp_path)
    lay_out(place, other__shop_yaml=SHOP)
    done = musa("run", "other/shop.yaml", cwd=place)
    assert done.returncode == 2
    assert "sla/shop was made from models/shop/shop.yaml, and other/shop.yaml would write over it" in done.stderr


def test_a_repository_that_moved_is_still_known(tmp_path: Path) -> None:
    place = begin(tmp_path / "here").rename(tmp_path / "there")
    assert "nothing changed" in musa("run", "shop", cwd=place).stdout


def test_links_out_of_the_repository_are_refused_wherever_they_stand(tmp_path: Path) -> None:
    place = begin(tmp_path / "mine")
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: 1234\n")
    for name in ("models/shop/answers.yaml", "catalogs/agents/x.yaml", "playbooks/roles/base/files/key"):
        link = place / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(secret)
        done = musa("run", "shop", cwd=place)
        assert (done.returncode, "W007" in done.stderr) == (2, True), (name, done.stderr)
        link.unlink()
    assert not any(b"1234" in data for data in tree(place).values())
