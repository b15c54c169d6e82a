"""`musa sla`, as people type it: agreed once, and every later run says what it would break."""

import json
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from musa_pipeline.cli.main import musa as program
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong, UsageWrong
from tests.command import lay_out, musa, tree
from tests.support import ROOT

JANE = ("--by", "Jane Doe <jane@example.org>")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with a shop whose every gap is waived, derived."""
    folder = tmp_path_factory.mktemp("repository")
    texts = {f"models__shop__{name}_yaml": (ROOT / f"models/shop/{name}.yaml").read_text() for name in ("shop", "answers")}
    lay_out(folder, musa_yaml="check: {longest: 3660 d}\n", **texts)
    assert musa("run", "shop", cwd=folder).returncode == 0
    gaps = json.loads((folder / "sla/shop/gaps.json").read_text())["gaps"]
    today = date.fromtimestamp(time.time())
    days = f"since: {today - timedelta(days=2)}, expires: {today + timedelta(days=365)}"
    waivers = [
        f"  - {{control: '{each}', owner: John, reason: later, {days}}}"
        for each in sorted({gap["control"] for gap in gaps if gap["control"]})
    ]
    lay_out(folder, models__shop__decisions_yaml="\n".join(["waivers:", *waivers, ""]))
    return folder


def test_a_run_and_the_gate_say_what_would_break_an_agreement(repository: Path) -> None:
    agreed = musa("sla", "agree", "shop", *JANE, "--until", "2099-12-31", "--with-gaps", cwd=repository)
    assert (agreed.returncode, agreed.stdout.splitlines()[0].startswith("agreed  shop 1 · ")) == (0, True), agreed.stderr
    frozen = tree(repository / "sla/shop/agreements")
    model = repository / "models/shop/shop.yaml"
    model.write_text(model.read_text().replace("99.5 %", "99 %"))
    run = musa("run", "shop", cwd=repository)
    assert (run.returncode, "differs from agreement 1: 2 broken promises" in run.stderr) == (0, True), run.stderr
    assert "web promises availability at least 99 %; it was at least 99.5 %" in run.stderr
    judged = musa("check", "shop", "--fail-on", "broken", "--format", "json", cwd=repository)
    assert (judged.returncode, judged.stdout.count("agreement 1 is broken")) == (1, 2)
    shown = musa("sla", "show", "shop", "--format", "json", cwd=repository)
    assert (shown.returncode, [each["turn"] for each in json.loads(shown.stdout)["draft"]]) == (1, ["broken", "broken"])
    assert musa("verify", "sla/shop/agreements/1/sla.xml", cwd=repository).returncode == 0
    assert tree(repository / "sla/shop/agreements") == frozen


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("agree", "shop", *JANE, "--until", "soon"), "--until 'soon' is no day"),
        (("agree", "shop", "--by", "a\x1b[2J", "--until", "2099-12-31"), "is no line of text"),
        (("agree", "shop", "--by", "", "--until", "2099-12-31"), "is no line of text"),
        (("agree", "shop", *JANE, "--until", "2099-12-31"), "sla/shop/sla.xml is not there"),
        (("amend", "shop", *JANE, "--until", "2099-12-31"), "an amendment needs a reason"),
        (("show", "shop"), "nothing of shop was offered or agreed yet"),
        (("terminate", "shop", *JANE, "--reason", "over"), "nothing stands or is offered"),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    lay_out(tmp_path, musa_yaml="", models__shop__shop_yaml=(ROOT / "models/shop/shop.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    with pytest.raises((UsageWrong, FilesWrong)) as told:
        CliRunner().invoke(program, ["sla", *words], obj=Outlet(), standalone_mode=False, catch_exceptions=False)
    assert sentence in str(told.value)


def test_applications_without_an_sla_are_listed_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, musa_yaml="", models__shop__shop_yaml=(ROOT / "models/shop/shop.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(program, ["sla", "list"], obj=Outlet())
    assert said.output == "shop\n  nothing is derived yet: musa run shop\n"
