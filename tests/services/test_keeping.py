"""What passes by is noted: who was heard, what was dropped."""

from musa_pipeline.domain.event import MachineId, Measurement, gathered
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.services.keeping import Keeping


def dropped(metric: str, value: float, time: float = 5.0) -> Measurement:
    return Measurement(
        component=ComponentId(""), machine=MachineId("m"), agent="musa-agent", metric=f"net.dropped.{metric}", value=value, unit="",
        time=time, about=(("source", "192.0.2.7"),),
    )  # fmt: skip


def test_a_drop_that_is_told_in_two_batches_is_two_changes() -> None:
    keeping, found = Keeping(), []
    for each in (dropped("packets", 17), dropped("left", 9)):
        keeping.hear(gathered([each]))
        found += keeping.changes(6.0)
    assert [each.observed for each in found] == [{"packets": 17}, {"until": 14.0}]
    assert len({each.id for each in found}) == 2


def test_a_drop_is_told_when_it_is_new_when_its_end_moves_and_else_each_few_seconds() -> None:
    keeping = Keeping()
    told: list[tuple[int, dict[str, object]]] = []
    for second in range(25):
        end = 100.0 if second < 7 else 200.0
        # the end wavers a little, as the clock of the kernel is read a little later
        keeping.hear(gathered([dropped("packets", second, second), dropped("left", end - second + second % 2 / 10, second)]))
        told += [(second, each.observed) for each in keeping.changes(float(second))]
    assert [(second, seen["packets"], seen["until"]) for second, seen in told] == [(0, 0, 100.0), (7, 7, 200.1), (17, 17, 200.1)]


def test_a_drop_that_ends_early_is_told_at_once_and_that_it_is_over_only_now_and_then() -> None:
    keeping, told = Keeping(), []
    for second, left in enumerate([60.0, 59.0, *[0.0] * 10]):
        keeping.hear(gathered([dropped("left", left, second)]))
        told += [second for _ in keeping.changes(float(second))]
    assert told == [0, 2]


def test_of_drops_that_are_told_nothing_is_remembered_for_long() -> None:
    keeping = Keeping()
    keeping.hear(gathered([dropped("left", 9.0)]))
    assert len(keeping.changes(6.0)) == 1
    assert keeping.changes(17.0) == []
    assert keeping._drops == {}
