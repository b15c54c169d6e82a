"""What an agent drops, and for how long: its own end of a command, without a kernel."""

import time
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.agent.orders import Refused, State
from musa_pipeline.agent.programs import Programs, addresses


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


@pytest.mark.parametrize(
    "source",
    [
        "203.0.113.1", "::ffff:203.0.113.1", "2001:db8::1", "2001:0db8:0::0001", "127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.1.1",
        "fe80::1", "::ffff:169.254.169.254", "224.0.0.1", "ff02::1", "::ffff:224.0.0.1", "0.0.0.0", "::", "::ffff:0.0.0.0",
    ],
)  # fmt: skip
def test_what_the_agent_lives_by_is_never_dropped_however_it_is_written(tmp_path: Path, source: str) -> None:
    wall = Wall()
    with pytest.raises(Refused, match="is never blocked"):
        behind(wall, tmp_path, "::ffff:203.0.113.1", "2001:db8:0:0::1").do("block", {"source": source, "seconds": 5})
    assert wall.dropped == {}


def test_a_source_is_dropped_as_what_it_is(tmp_path: Path) -> None:
    wall = Wall()
    behind(wall, tmp_path, "203.0.113.1").do("block", {"source": "::ffff:192.0.2.7", "seconds": 5})
    assert wall.dropped == {"192.0.2.7": 5}


def test_a_gateway_given_by_name_is_known_by_its_addresses() -> None:
    assert addresses(["localhost"]) & {"127.0.0.1", "::1"}
    assert addresses(["localhost", "no name", "a" * 300, "192.0.2.1"], ask=False) == {"192.0.2.1"}
    assert addresses(["a" * 300, "192.0.2.1"]) == {"192.0.2.1"}
