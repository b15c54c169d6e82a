"""What Ansible's process is told of our own environment."""

from pathlib import Path

import pytest

from musa_pipeline.runners import ansible


def test_no_secret_of_the_platform_reaches_a_playbook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("MUSA_NOTIFY_OPERATORS", "MUSA_NOTIFY_OPERATORS_SECRET", "MUSA_STORE_API_KEY", "MUSA_STORE_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    told = ansible._environment(tmp_path, tmp_path, {"SAID": "here"})
    assert "secret" not in told.values()
    assert {told[name] for name in told if name.startswith(("MUSA_NOTIFY_", "MUSA_STORE_"))} == {""}
    assert (told["SAID"], told[ansible.MARK]) == ("here", str(tmp_path))
