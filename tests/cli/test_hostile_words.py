"""Words of a model reach a terminal, a page and a log as words: nothing obeys them, no secret among them is shown."""

import os
import subprocess
import sys
from pathlib import Path

from tests.command import lay_out, musa, tree
from tests.support import ROOT

SHOP = (ROOT / "models/shop/shop.yaml").read_text()
ESCAPES = "\\e]0;pwned\\a\\e[2J\\u202e"


def test_escape_sequences_of_a_model_are_shown_and_not_sent(tmp_path: Path) -> None:
    model = SHOP.replace("name: customers", f'name: "{ESCAPES}"')
    lay_out(tmp_path, models__shop__shop_yaml=model, musa_yaml="")
    for command in (("model", "shop"), ("run", "shop"), ("model", "shop", "--format", "svg"), ("explain", "shop", "web", "SC-5")):
        done = musa("--color", "always", "-v", *command, cwd=tmp_path)
        assert done.returncode in (0, 1), done.stderr
        said = done.stdout + done.stderr
        assert "\x1b]" not in said and "\x1b[2J" not in said and "\x07" not in said and "\u202e" not in said


def test_the_line_of_a_finding_never_shows_what_stands_behind_a_password(tmp_path: Path) -> None:
    model = SHOP.replace("properties: {data:", "properties: {admin_password: S3CRET, admin_password: S3CRET2, data:")
    lay_out(tmp_path, models__shop__shop_yaml=model, musa_yaml="")
    done = musa("-v", "run", "shop", cwd=tmp_path)
    assert done.returncode == 2
    assert "Y002" in done.stderr
    assert "S3CRET" not in done.stdout + done.stderr


def test_names_that_no_file_can_have_are_shortened_or_told(tmp_path: Path) -> None:
    long = "n" * 300
    lay_out(tmp_path, models__shop__shop_yaml=SHOP.replace("orders", long), musa_yaml="")
    assert musa("run", "shop", cwd=tmp_path).returncode == 0
    assert max(len(Path(name).name) for name in tree(tmp_path)) < 100
    for name in (long, "a\x00b".replace("\x00", "\u0001"), "models/" + long):
        done = musa("run", name, cwd=tmp_path)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    lay_out(tmp_path, models__shop__shop_yaml=SHOP.replace("musa.yaml", f"musa.yaml, {long * 2}.yaml"))
    assert "Traceback" not in musa("run", "shop", cwd=tmp_path).stderr


def command(*more: str, cwd: Path, **files: object) -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "musa_pipeline", *more], cwd=cwd, env=environment, check=False, **files
    ).returncode  # type: ignore[call-overload,no-any-return]


def test_a_reader_that_goes_away_is_no_failure_and_a_full_disk_is(tmp_path: Path) -> None:
    lay_out(tmp_path, models__shop__shop_yaml=SHOP, musa_yaml="")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        assert command("run", "shop", cwd=tmp_path, stdout=gone, stderr=subprocess.DEVNULL) == 0
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "musa_pipeline", "run", "shop"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
        )  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr, "No space left" in done.stderr) == (3, False, True)
        assert command("run", "nope", cwd=tmp_path, stderr=full) == 2


def test_a_folder_of_results_that_leads_out_is_refused(tmp_path: Path) -> None:
    place = lay_out(tmp_path / "mine", models__shop__shop_yaml=SHOP, musa_yaml="")
    outside = tmp_path / "outside"
    outside.mkdir()
    (place / "sla").symlink_to(outside)
    done = musa("run", "shop", cwd=place)
    assert done.returncode == 3
    assert "leads out of" in done.stderr
    assert list(outside.iterdir()) == []


def test_no_word_of_a_file_begins_a_line_that_a_pipeline_would_obey(tmp_path: Path) -> None:
    """GitHub reads `::add-mask::`, `::error::` at the start of any line that a job prints."""
    said = '"Jane\\n::error::x\\rJohn"'
    day = "since: 2026-11-01, expires: 2026-11-20"
    lay_out(
        tmp_path,
        models__shop__shop_yaml=SHOP.replace("name: customers", f"name: {said}"),
        models__shop__answers_yaml=f"components: {{web: {{controls: {{SC-5: {{by: component, because: {said}}}}}}}}}",
        models__shop__decisions_yaml=f"accepted: [{{risk: web/injection, owner: {said}, reason: {said}, {day}}}]",
        musa_yaml="",
    )
    checked = [("-v", "check", "shop", "--format", form) for form in ("text", "junit", "github")]
    folder = "models/a\n::error::x"  # a name of a file is a word of its author too
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "b.yaml").write_text(SHOP)
    for command in (("check",), ("run", folder), ("risk", folder), ("risk", folder, "--questions"), ("verify", folder)):
        done = musa(*command, cwd=tmp_path)
        assert not [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("::error::x")], command
    for command in (*checked, ("model", "shop"), ("explain", "shop", "web", "SC-5"), ("risk", "shop", "--residual")):
        done = musa(*command, cwd=tmp_path)
        assert done.returncode in (0, 1), done.stderr
        assert not [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("::error::x")], command
        assert "::error::x" in done.stdout, command
