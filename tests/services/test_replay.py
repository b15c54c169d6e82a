"""Policies replayed over what really happened: what they would have done, with the context as it was then."""

from pathlib import Path

from musa_pipeline.assurance.reactions import Belts
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.stages.policies import replay_policies
from tests.services.reaction_world import finding, seed, shipped

NOW = 1_800_000_000.0
EXPECTED = [
    "0 load source-counters on m1",
    "0 detect volumetric-dos on m1",
    "0 set-period source-counters on m1",
    "5 block 198.51.100.9 on m1",
    "5 notify operators on m1",
    "35 detect volumetric-dos on m1",
    "35 set-period source-counters on m1",
    "35 unload source-counters on m1",
]


def test_a_replay_tells_what_would_have_been_done_as_things_were_then(tmp_path: Path) -> None:
    context = SqliteContext(tmp_path / "context.sqlite")
    seed(context, {"m1": {"exposed": True, "components": []}}, {}, NOW - 1000)
    context.tell([finding("a", "traffic-anomaly", NOW), finding("s", "volumetric-dos", NOW + 5, source="198.51.100.9")])
    context.tell([finding("late", "traffic-anomaly", NOW + 500)])
    hidden = Change(id="hide", kind=Kind.HOST, entity="m1", time=NOW + 100, desired={"exposed": False})
    context.apply([hidden])
    count, done, notes = replay_policies((shipped("flood"),), context, NOW - 100, NOW + 1000, Belts(), {})
    assert count == 3
    assert [f"{each.time - NOW:g} {each}" for each in done] == EXPECTED
    assert sum(each.record.step == "load" for each in done) == 1, "the machine faced nobody any more at the second anomaly"
    assert [each.what for each in notes if not each.action][-1] == "not known"
    assert not context.find(Kind.ACTION)
    context.close()
