"""What is written is read again; what is no such text is a value that says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.command import Command, Outcome, Result, Verb
from musa_pipeline.domain.event import Event, EventType, Finding, MachineId, Measurement, gathered
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.policy import Action, Life, Step
from musa_pipeline.domain.verdict import Incident, Stage, State, Verdict
from musa_pipeline.formats.events import (
    Corrupt,
    Gathering,
    Payload,
    read_event,
    read_measurements,
    read_payload,
    read_time,
    write_event,
    write_measurements,
    write_payload,
    write_time,
)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
times = st.floats(0, 4e9)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(words, plain, max_size=3)
pairs = st.dictionaries(words, words, max_size=2).map(lambda some: tuple(some.items()))
counts = st.integers(0, 2**53)

measurements = st.builds(
    Measurement, component=words.map(ComponentId), machine=words.map(MachineId), agent=words, metric=words, value=numbers,
    unit=words, time=times, about=pairs,
)  # fmt: skip
findings = st.builds(
    Finding, id=words, type=words, component=words.map(ComponentId), machine=words.map(MachineId), time=times, confidence=numbers,
    algorithm=words, source=words, detail=words, evidence=st.dictionaries(words, numbers).map(lambda some: tuple(some.items())),
)  # fmt: skip
verdicts = st.builds(
    Verdict, objective=words, component=words.map(ComponentId), metric=words.map(MetricId), state=st.sampled_from(State), time=times,
    value=st.none() | numbers, samples=counts, beyond=counts, last=st.none() | times, confidence=numbers, reason=words,
    agents=st.lists(words, max_size=3).map(tuple),
)  # fmt: skip
incidents = st.builds(
    Incident, id=words, objective=words, component=words.map(ComponentId), metric=words.map(MetricId), stage=st.sampled_from(Stage),
    began=times, told=times, ended=st.none() | times, cause=words.map(ComponentId), machine=words.map(MachineId), because=words,
    recommendation=words,
)  # fmt: skip
commands = st.builds(
    Command, id=words, machine=words.map(MachineId), number=counts, verb=st.sampled_from(Verb), arguments=objects, issued=times,
    expires=times, because=words, signature=words,
)  # fmt: skip
results = st.builds(
    Result, command=words, machine=words.map(MachineId), outcome=st.sampled_from(Outcome), time=times, reason=words, before=plain, after=plain,
)  # fmt: skip
actions = st.builds(
    Action, id=words, policy=words, step=st.sampled_from(Step), target=words, arguments=objects, life=st.sampled_from(Life), time=times,
    event=words, reason=words, trace=words, undoes=words,
)  # fmt: skip

TYPES: dict[type, EventType] = {
    tuple: EventType.MEASUREMENTS,
    Finding: EventType.FINDING,
    Verdict: EventType.VERDICT,
    Incident: EventType.INCIDENT,
    Command: EventType.COMMAND,
    Result: EventType.RESULT,
    Action: EventType.ACTION,
    dict: EventType.MANAGEMENT,
}
payloads = st.one_of(
    st.lists(measurements, max_size=4).map(tuple), findings, verdicts, incidents, commands, results, actions, objects
)


def _event(kind: str, data: bytes) -> Event:
    return Event(id="1", type=kind, source="test", subject="web", time=1.0, data=data)


@given(payloads)
def test_a_payload_that_is_written_is_read_again(payload: Payload) -> None:
    assert read_payload(_event(TYPES[type(payload)], write_payload(payload))) == payload


@given(
    st.sampled_from(EventType),
    st.binary(max_size=60) | words.map(str.encode) | plain.map(lambda some: write_payload({"a": some})),
)
def test_no_text_stops_a_reader(kind: EventType, data: bytes) -> None:
    read_payload(_event(kind, data))


@given(payloads, st.data())
def test_a_cut_payload_is_corrupt(payload: Payload, data: st.DataObject) -> None:
    text = write_payload(payload)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    assert isinstance(read_payload(_event(TYPES[type(payload)], cut)), Corrupt)


def test_what_is_wrong_is_said_with_its_place() -> None:
    said = read_measurements(
        b'[{"component":"web","machine":"m1","agent":"system","metric":"load","value":"much","unit":"1","time":5}]'
    )
    assert said == Corrupt(why="Expected `float`, got `str` - at `$[0].value`")


@pytest.mark.parametrize("figure", ["1e999", "NaN", "Infinity", "null", "true", '"1"'])
def test_only_numbers_are_figures(figure: str) -> None:
    text = f'[{{"component":"web","machine":"m","agent":"a","metric":"load","value":{figure},"unit":"1","time":5}}]'
    assert isinstance(read_measurements(text.encode()), Corrupt)


@pytest.mark.parametrize("figure", [float("inf"), float("nan")])
def test_what_json_cannot_say_is_not_written(figure: float) -> None:
    one = Measurement(
        component=ComponentId("web"), machine=MachineId("m"), agent="a", metric="load", value=figure, unit="1", time=5.0
    )
    with pytest.raises(ValueError, match="'load' of 'web' is"):
        write_measurements([one])


def test_fields_that_a_later_version_adds_are_passed_over() -> None:
    text = b'[{"component":"web","machine":"m","agent":"a","metric":"load","value":1,"unit":"1","time":5,"weather":{}}]'
    one = Measurement(
        component=ComponentId("web"), machine=MachineId("m"), agent="a", metric="load", value=1.0, unit="1", time=5.0
    )
    assert read_measurements(text) == (one,)


def test_an_empty_about_may_be_left_out_or_said() -> None:
    text = b'{"component":"web","machine":"m","agent":"a","metric":"load","value":1,"unit":"1","time":5%s}'
    silent, said = (b"[%s]" % (text % each) for each in (b"", b',"about":{}'))
    assert read_measurements(silent) == read_measurements(said)
    assert isinstance(read_measurements(said), tuple)


def test_an_event_of_an_unknown_type_is_said_to_be_one() -> None:
    assert read_payload(_event("com.example.other", b"{}")) == Corrupt(why="not a type of event that is known here")


@given(words, words, words, st.floats(2**24, 4e9), st.sampled_from([b"{}", b'{"a":[1,2]}', b"[]"]))
def test_an_envelope_that_is_written_is_read_again(identity: str, source: str, subject: str, time: float, data: bytes) -> None:
    event = Event(id=identity, type="musa.finding", source=source, subject=subject, time=time, data=data)
    assert read_event(write_event(event)) == event


@given(st.binary(max_size=40))
def test_no_text_stops_the_reader_of_envelopes(data: bytes) -> None:
    assert isinstance(read_event(data), Corrupt)


@given(st.floats(0, 253_402_300_799))
def test_a_time_comes_back_to_the_nanosecond(time: float) -> None:
    back = read_time(write_time(time))
    assert isinstance(back, float)
    assert abs(back - time) <= 1e-9
    assert time < 2**24 or back == time  # from there on, a double is no finer than four nanoseconds


@given(words)
def test_no_text_stops_the_reader_of_times(text: str) -> None:
    assert isinstance(read_time(text), float | Corrupt)


@given(st.lists(st.lists(measurements, max_size=8).map(tuple), max_size=5))
def test_batches_that_are_gathered_series_by_series_say_what_they_say_one_by_one(batches: list[tuple[Measurement, ...]]) -> None:
    gathering = Gathering()
    for batch in batches:
        assert gathering.add(write_payload(batch)) == [each.time for each in batch]
    assert gathering.take() == gathered(each for batch in batches for each in batch)
    assert gathering.take() == ()


@given(
    st.binary(max_size=40)
    | st.sampled_from(["null", '""', "1", "[]", "{}", '{"a":"b"}', '{"a":1}']).map(
        lambda about: (
            f'[{{"component":"","machine":"","agent":"","metric":"","value":1,"unit":"","time":1,"about":{about}}}]'.encode()
        )
    )
)
def test_what_one_reader_of_measurements_refuses_the_other_refuses_too(data: bytes) -> None:
    read, gathering = read_measurements(data), Gathering()
    times = gathering.add(data)
    assert isinstance(times, Corrupt) is isinstance(read, Corrupt)
    assert isinstance(read, Corrupt) or gathering.take() == gathered(read)
