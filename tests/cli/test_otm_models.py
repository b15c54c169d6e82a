"""Open Threat Models of other tools as models, and our risks as theirs: what people type and what they get."""

import json
from pathlib import Path

from tests.command import lay_out, musa
from tests.fuzz.targets import SEEDS

TICKETS = (SEEDS / "otm.yaml").read_text()


def test_a_threat_model_of_another_tool_goes_the_whole_road_and_back(tmp_path: Path) -> None:
    lay_out(tmp_path, musa_yaml="")
    (tmp_path / "tickets.otm").write_text(TICKETS)
    ran = musa("run", "tickets.otm", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "sla/tickets/sla.xml").is_file()
    told = musa("risk", "tickets.otm", "--format", "otm", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    assert (document["otmVersion"], document["project"]["name"]) == ("0.2.0", "Tickets")
    assert {each["id"] for each in document["components"]} == {"front", "machine", "phone", "store"}
    (tmp_path / "again.json").write_text(told.stdout)
    assert musa("model", "check", "again.json", cwd=tmp_path).returncode == 0
    assert musa("risk", "tickets.otm", "--format", "otm", cwd=tmp_path).stdout == told.stdout


def test_mistakes_of_a_document_are_told_with_place_and_way_out_and_nothing_is_written(tmp_path: Path) -> None:
    lay_out(tmp_path, musa_yaml="")
    (tmp_path / "app.json").write_text(
        '{"otmVersion": "0.2.0", "project": {"id": "a", "name": "A"},\n "components": [{"id": "web", "name": "Web\\u001b[31m", "type": "api"}],\n'
        ' "dataflows": [{"id": "f", "name": "F", "source": "web", "destination": "wep"}]}'
    )
    found = musa("run", "app.json", cwd=tmp_path)
    assert found.returncode == 2
    assert "app.json:3:73: error[U014]: destination of data flow 'F' is 'wep', which the file does not have" in found.stderr
    assert "did you mean 'web'?" in found.stderr
    assert "\x1b[31m" not in found.stderr + found.stdout
    assert not (tmp_path / "sla").exists()


def test_what_otm_has_no_word_for_is_told() -> None:
    done = musa("model", "convert", "shop", "--to", "otm")
    assert done.returncode == 1
    assert [line.split()[:2] for line in done.stderr.splitlines() if "→" in line] == [["vm", "resources"], ["web", "slos"]]
