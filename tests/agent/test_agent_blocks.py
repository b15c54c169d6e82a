"""What an agent drops, and for how long: its own end of a command, without a kernel."""

import time
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.agent.orders import Refused, State
from musa_pipeline.agent.programs import Programs


class Wall:
    """A chain that only remembers what it was told to drop."""

    interface = "eth0"

    def __init__(self) -> None:
        self.dropped: dict[str, float] = {}

    def block(self, source: str, seconds: float) -> None:
        self.dropped[source] = seconds

    def blocked(self) -> tuple[()]:
        return ()


def behind(wall: Wall, folder: Path, *never: str) -> Programs:
    made = Programs(folder, folder, State(folder / "state.json"), frozenset(never))
    made.chains["eth0"] = wall  # type: ignore[assignment]
    return made


def test_a_drop_ends_when_it_was_decided_to_however_late_it_comes(tmp_path: Path) -> None:
    wall = Wall()
    programs = behind(wall, tmp_path)
    for source, more in (("192.0.2.1", 20.0), ("192.0.2.2", 9000.0)):
        programs.do("block", {"source": source, "seconds": 600, "until": time.time() + more})
    programs.do("block", {"source": "192.0.2.3", "seconds": 600})
    assert 15 < wall.dropped["192.0.2.1"] <= 20
    assert (wall.dropped["192.0.2.2"], wall.dropped["192.0.2.3"]) == (600, 600)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"seconds": 600, "until": 1_800_000.0}, "its time is over already"),
        ({"seconds": 0}, "its time is over already"),
        ({"seconds": 10**400}, "block takes a source, seconds and until"),
        ({"seconds": True}, "block takes a source, seconds and until"),
        ({"seconds": 600, "until": "soon"}, "block takes a source, seconds and until"),
    ],
)
def test_a_drop_whose_time_is_over_is_refused(tmp_path: Path, more: dict[str, Any], reason: str) -> None:
    wall = Wall()
    with pytest.raises(Refused, match=reason):
        behind(wall, tmp_path).do("block", {"source": "192.0.2.1", **more})
    assert wall.dropped == {}
