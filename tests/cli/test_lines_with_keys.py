"""A line of a model is shown under a finding, but for what follows a key that speaks of a secret."""

from pathlib import Path

import pytest

from musa_pipeline.cli.render.problems import render_problems
from musa_pipeline.domain.problems import Problem
from musa_pipeline.domain.source import Span


@pytest.mark.parametrize("key", ["password", "privateSSHKey", "privateSshKey", "private_key", "apiToken"])
def test_what_follows_a_key_in_xmi_is_not_shown(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.xmi").write_text(f'<users name="me" {key}="hunter2222" tier="x"/>\n', "utf-8")
    shown = render_problems([Problem(code="K064", at=Span("app.xmi", 1, 45, 4), text="User has no feature 'tier' that is known")])
    assert "hunter" not in shown
    assert 'name="me"' in shown
