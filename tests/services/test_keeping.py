"""What passes by is noted: who was heard, what was dropped."""

from musa_pipeline.domain.event import MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.services.keeping import Keeping


def dropped(metric: str, value: float) -> Measurement:
    return Measurement(
        component=ComponentId(""), machine=MachineId("m"), agent="musa-agent", metric=f"net.dropped.{metric}", value=value, unit="",
        time=5.0, about=(("source", "192.0.2.7"),),
    )  # fmt: skip


def test_a_drop_that_is_told_in_two_batches_is_two_changes() -> None:
    keeping, found = Keeping(), []
    for each in (dropped("packets", 17), dropped("left", 9)):
        keeping.hear([each])
        found += keeping.changes(6.0)
    assert [each.observed for each in found] == [{"packets": 17}, {"until": 14.0}]
    assert len({each.id for each in found}) == 2
