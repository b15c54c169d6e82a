"""A bound that was written is read back to the same value, and no text crashes the reader."""

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale, Value
from musa_pipeline.domain.source import Source
from musa_pipeline.text.quantity import bound_fault, format_bound, read_bound

UNITS = ["%", "h", "ms", "days", "MB", "Mbit/s", "requests per minute", "level", "yes/no", "", "incidents/year", "points"]


def metric(unit: str, scale: Scale, lowest: float | None = None, highest: float | None = None) -> Metric:
    return Metric(
        id=MetricId("m"),
        title="",
        definition="",
        unit=unit,
        scale=scale,
        operator=Operator.LE,
        combine=Combine.MAX,
        max_age=60,
        source=Source(document=""),
        lowest=lowest,
        highest=highest,
    )


numbers = st.integers(-(2**60), 2**60) | st.floats(-1e9, 1e9).filter(lambda each: abs(each) > 1e-9 or each == 0)
metrics = st.builds(metric, st.sampled_from(UNITS) | st.text(max_size=5), st.sampled_from(Scale))


@given(st.sampled_from(UNITS), numbers)
def test_what_is_written_is_read_back(unit: str, number: Value) -> None:
    own = metric(unit, Scale.NUMBER)
    assert read_bound(format_bound(number, own), own) == number
    assert read_bound(number, own) == number


@given(st.booleans())
def test_yes_and_no_are_read_back(said: bool) -> None:
    own = metric("yes/no", Scale.BOOLEAN)
    assert read_bound(format_bound(said, own), own) is said


@given(metrics, st.text(max_size=30) | numbers | st.floats() | st.booleans() | st.none())
def test_a_bound_is_understood_or_the_fault_is_told(own: Metric, said: str | Value | None) -> None:
    assert (read_bound(said, own) is None) == bool(bound_fault(said, own))


@given(st.integers(1, 10_000))
def test_units_of_one_kind_are_converted_exactly(count: int) -> None:
    assert read_bound(f"{count * 60} min", metric("h", Scale.NUMBER)) == count
    assert read_bound(f"{count} d", metric("hours", Scale.NUMBER)) == 24 * count
    assert read_bound(f"{count * 60} requests/h", metric("requests per minute", Scale.NUMBER)) == count
    assert read_bound(f"{8 * count} Mbit", metric("MB", Scale.NUMBER)) is None
