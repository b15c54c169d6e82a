"""The laws of the context, which every store obeys: what is written once is once, what was is known, what is away comes back."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musa_pipeline.context.elasticsearch import ElasticsearchContext
from musa_pipeline.context.open import open_context
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.context.server import Line, Server, connect_client
from musa_pipeline.domain.context import Change, Entity, Kind
from musa_pipeline.domain.event import Event, MachineId, Measurement, gathered
from musa_pipeline.domain.ids import ComponentId
from tests.context.plain import PlainContext
from tests.servers.elasticsearch import Elasticsearch, elasticsearch

NOON = 1_767_268_800.0
"""The first noon of 2026."""

STORES = ("sqlite", "elasticsearch")
FRESH = itertools.count()
"""Names that no other example used: a store is shared by the examples of a law."""

Opening = Callable[[], Context]


@pytest.fixture(scope="module")
def server() -> Iterator[Elasticsearch]:
    """One for this whole module; a test that kills it starts it again."""
    with elasticsearch() as running:
        yield running


@pytest.fixture(params=STORES)
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """How to open an empty store of a kind, again and again the same one."""
    if request.param == "sqlite":
        return lambda: open_context("embedded", tmp_path / "context.sqlite")
    address, name = request.getfixturevalue("server").url, f"test{next(FRESH)}"
    return lambda: open_context(address, tmp_path / "unused", name=name)


@pytest.fixture
def context(opening: Opening) -> Iterator[Context]:
    store = opening()
    yield store
    store.close()


@pytest.fixture(scope="module", params=STORES)
def common(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """One store for all examples of all laws, which do not meet because their names differ."""
    place = "embedded" if request.param == "sqlite" else request.getfixturevalue("server").url
    store = open_context(place, tmp_path_factory.mktemp("common") / "context.sqlite", name="common")
    yield store
    store.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    store = open_context("embedded", tmp_path_factory.mktemp("file") / "context.sqlite")
    yield store
    store.close()


def change(name: str, entity: str = "web", time: float = NOON, kind: Kind = Kind.SERVICE, **fields: object) -> Change:
    """A change of what is desired; `gone` and `observed` as they are."""
    observed, gone = fields.pop("observed", {}), fields.pop("gone", False)
    return Change(id=name, kind=kind, entity=entity, time=time, desired=fields, observed=observed, gone=gone)  # type: ignore[arg-type]


def measured(
    value: float, time: float = NOON, component: str = "web", metric: str = "availability", **more: object
) -> Measurement:
    facts = {"machine": MachineId("m1"), "agent": "probe", "unit": "%", **more}
    return Measurement(component=ComponentId(component), metric=metric, value=value, time=time, **facts)  # type: ignore[arg-type]


def event(name: str, time: float = NOON, subject: str = "web", which: str = "musa.finding", data: bytes = b"{}") -> Event:
    return Event(id=name, type=which, source="test", subject=subject, time=time, data=data)


def few(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Hypothesis without its clock: a server may be slow. The store is shared on purpose."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# Entities


def test_a_change_can_be_read_when_it_is_written(context: Context) -> None:
    assert context.apply([change("a", machine="m1", ports=[80, 443], observed={"seen": 1.5, "ok": True})]) == 1
    entity = Entity(
        kind=Kind.SERVICE,
        id="web",
        desired={"machine": "m1", "ports": [80, 443]},
        observed={"seen": 1.5, "ok": True},
        time=NOON,
        revision=1,
    )
    assert context.get(Kind.SERVICE, "web") == entity
    assert context.find(Kind.SERVICE) == [entity]
    assert context.history(Kind.SERVICE, "web") == [entity]
    assert context.get(Kind.HOST, "web") is None
    assert context.find(Kind.HOST) == []
    assert context.history(Kind.SERVICE, "db") == []


def test_a_change_told_twice_counts_once(opening: Opening) -> None:
    first = opening()
    assert first.apply([change("a", port=1), change("a", port=2)]) == 1
    assert first.apply([change("a", port=3), change("b", time=NOON + 1, port=4)]) == 1
    first.close()
    second = opening()
    assert second.apply([change("a", time=NOON + 9, port=5), change("b", port=6)]) == 0
    assert [each.desired for each in second.history(Kind.SERVICE, "web")] == [{"port": 4}, {"port": 1}]
    second.close()


def test_fields_are_merged_key_by_key_and_none_removes(context: Context) -> None:
    context.apply([change("a", machine="m1", port=80, uses={"db": 1, "cache": 2}, observed={"seen": 1})])
    context.apply([change("b", time=NOON + 1, port=None, uses={"db": 3}, nothing=None)])
    assert context.get(Kind.SERVICE, "web") == Entity(
        kind=Kind.SERVICE, id="web", desired={"machine": "m1", "uses": {"db": 3}}, observed={"seen": 1}, time=NOON + 1, revision=2
    )


def test_what_is_gone_is_found_in_its_history_only_and_begins_anew(context: Context) -> None:
    context.apply([change("a", port=80), change("b", time=NOON + 10, gone=True, why="moved")])
    assert context.get(Kind.SERVICE, "web") is None
    assert context.find(Kind.SERVICE) == []
    assert context.get(Kind.SERVICE, "web", NOON + 9) is not None
    context.apply([change("c", time=NOON + 20, machine="m2")])
    assert [(each.desired, each.gone, each.revision) for each in context.history(Kind.SERVICE, "web")] == [
        ({"machine": "m2"}, False, 3),
        ({"port": 80, "why": "moved"}, True, 2),
        ({"port": 80}, False, 1),
    ]
    assert [each.id for each in context.find(Kind.SERVICE, at=NOON + 9)] == ["web"]
    assert context.find(Kind.SERVICE, at=NOON + 15) == []


def test_what_arrives_late_changes_what_was_from_then_on(context: Context) -> None:
    context.apply([change("a", port=1), change("c", time=NOON + 20, machine="m1")])
    assert context.apply([change("b", time=NOON + 10, port=2, machine="m0")]) == 1
    assert [(each.time - NOON, each.desired, each.revision) for each in context.history(Kind.SERVICE, "web")] == [
        (20, {"port": 2, "machine": "m1"}, 3),
        (10, {"port": 2, "machine": "m0"}, 2),
        (0, {"port": 1}, 1),
    ]
    assert context.apply([change("z", time=1.0, port=0, zone="north")]) == 1
    assert context.get(Kind.SERVICE, "web") == Entity(
        kind=Kind.SERVICE, id="web", desired={"port": 2, "machine": "m1", "zone": "north"}, time=NOON + 20, revision=4
    )
    assert context.apply([change("y", time=NOON + 30, kind=Kind.SERVICE, zone="south")]) == 1
    now = context.get(Kind.SERVICE, "web")
    assert now is not None and now.desired["zone"] == "south" and now.revision == 5


def test_fields_are_asked_for_by_value_desired_before_observed(context: Context) -> None:
    context.apply(
        [
            change("a", "one", state="on", copies=1, safe=True, observed={"state": "off", "seen": "yes"}),
            change("b", "two", state="off", copies=1.0, safe=1, observed={"seen": "no"}),
            change("c", "three", state=["on"], copies="1", safe=False, observed={"state": "on"}),
            change("d", "four", observed={"state": "on"}, many=2**70),
        ]
    )

    def names(**where: str | float | bool) -> list[str]:
        return [each.id for each in context.find(Kind.SERVICE, **where)]

    assert names(state="on") == ["four", "one"]
    assert names(state="off") == ["two"]
    assert names(copies=1) == ["one", "two"]
    assert names(copies="1") == ["three"]
    assert names(safe=True) == ["one"]
    assert names(safe=1) == ["two"]
    assert names(state="on", seen="yes") == ["one"]
    assert names(many=2**70) == ["four"]
    assert names(many=2**70 + 1) == []
    assert names(nothing="x") == []
    context.apply([change("e", "one", NOON + 5, state="off")])
    assert names(state="off") == ["one", "two"]
    assert [each.id for each in context.find(Kind.SERVICE, at=NOON + 4, state="on")] == ["four", "one"]


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["a/b", "a b", "ü>é@", "'\";--", "*", "\x00", "_all"]
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
fields = st.dictionaries(st.sampled_from(["a", "b", "c"]) | words, plain, max_size=3)
times = st.integers(0, 6).map(float) | st.just(NOON) | st.sampled_from([NOON + 86_400 * 20, NOON + 86_400 * 40])


@st.composite
def stories(draw: st.DrawFn) -> list[list[Change]]:
    """Batches of changes to a few things, in any order of time, some told twice."""
    names = draw(st.lists(words, min_size=1, max_size=2, unique=True))
    some = draw(
        st.lists(
            st.builds(
                Change,
                id=words,
                kind=st.sampled_from([Kind.SERVICE, Kind.STREAM]),
                entity=st.sampled_from(names),
                time=times,
                desired=fields,
                observed=fields,
                gone=st.sampled_from([False, False, False, True]),
                because=words,
            ),
            max_size=10,
            # an id that comes again may say anything else, but not of months before
            unique_by=lambda each: each.id,
        )
    )
    some += draw(st.lists(st.sampled_from(some), max_size=3)) if some else []
    cuts = sorted(draw(st.lists(st.integers(0, len(some)), max_size=3)))
    return [some[first:last] for first, last in itertools.pairwise([0, *cuts, len(some)])]


@few(8)
@given(story=stories())
def test_any_story_gives_the_same_answers_as_plain_python(common: Context, story: list[list[Change]]) -> None:
    compare(common, story)


@few(80)
@given(story=stories())
def test_very_many_stories_do_in_a_file(file: Context, story: list[list[Change]]) -> None:
    compare(file, story)


def compare(common: Context, story: list[list[Change]]) -> None:
    """Tell a story to a store and to plain Python, and ask both everything."""
    number = f"{next(FRESH)}:"
    reference = PlainContext()
    names = set()
    for batch in story:
        told = [replace(each, id=number + each.id, entity=number + each.entity) for each in batch]
        names |= {(each.kind, each.entity) for each in told}
        assert common.apply(told) == reference.apply(told)
    moments = [None, *sorted({each.time for batch in story for each in batch}), 0.5, NOON - 1]
    for kind, name in sorted(names):
        assert common.history(kind, name) == reference.history(kind, name)
        assert common.history(kind, name, 2) == reference.history(kind, name, 2)
        for at in moments:
            assert common.get(kind, name, at) == reference.get(kind, name, at)
    for kind, at in itertools.product([Kind.SERVICE, Kind.STREAM], moments):
        mine = [each for each in common.find(kind, at) if each.id.startswith(number)]
        assert mine == reference.find(kind, at)
        for each in reference.find(kind, at)[:1]:
            for field, value in {**each.observed, **each.desired}.items():
                if isinstance(value, str | float | int) and field not in ("kind", "at", "self"):
                    mine = [other for other in common.find(kind, at, **{field: value}) if other.id.startswith(number)]
                    assert mine == reference.find(kind, at, **{field: value})


def test_ids_of_any_length_and_kind_stay_apart(context: Context) -> None:
    names = [
        "a",
        "A",
        "a ",
        " a",
        "a\x00",
        "a\x00b",
        "ä",
        "a\u0308",
        "x" * 5_000,
        "x" * 5_001,
        "web>db",
        "10.0.0.1@m1",
        "%",
        "_",
        '"',
        "\n",
        "😀",
    ]
    assert context.apply([change(f"of {name}", name, place=number) for number, name in enumerate(names)]) == len(names)
    assert [context.get(Kind.SERVICE, name).desired["place"] for name in names] == list(range(len(names)))  # type: ignore[union-attr]
    assert [each.id for each in context.find(Kind.SERVICE)] == sorted(names, key=str.encode)


def test_what_is_large_comes_back_whole(context: Context) -> None:
    large = "ä" * 200_000
    assert context.apply([change("a", text=large, parts=[large])]) == 1
    assert context.tell([event("b", data=large.encode()), event("c", data=b"\xff" * 200_000)]) == 2
    now = context.get(Kind.SERVICE, "web")
    assert now is not None and now.desired == {"text": large, "parts": [large]}
    assert context.find(Kind.SERVICE, text=large) == [now]
    assert [each.data for each in context.told()] == [b"\xff" * 200_000, large.encode()]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1.0, 1e18])
def test_a_time_that_is_none_is_refused(context: Context, wrong: float) -> None:
    with pytest.raises(ValueError, match="has the time"):
        context.apply([change("good", port=1), change("bad", time=wrong)])
    with pytest.raises(ValueError, match="has the time"):
        context.tell([event("good"), event("bad", wrong)])
    assert context.find(Kind.SERVICE) == []
    assert context.told() == []


def test_many_threads_lose_nothing(opening: Opening) -> None:
    stores = [opening(), opening()]
    problems: list[BaseException] = []

    def work(number: int) -> None:
        store = stores[number % 2]
        try:
            for turn in range(5):
                # late and early ones, all to one thing
                moment = NOON + (turn * 7 + number * 3) % 11
                store.apply(
                    [
                        change(f"{number}.{turn}", "shared", moment, **{f"f{number}.{turn}": turn}),
                        change(f"own{number}.{turn}", f"own{number}"),
                    ]
                )
                store.record([measured(1.0, NOON + number * 100 + turn)])
                store.tell([event(f"{number}.{turn}", NOON + turn)])
                store.find(Kind.SERVICE, at=NOON + 5)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert problems == []
    everything = {f"f{number}.{turn}": turn for number in range(3) for turn in range(5)}
    now = stores[0].get(Kind.SERVICE, "shared")
    assert now is not None and now.desired == everything and now.revision == 15
    history = stores[1].history(Kind.SERVICE, "shared")
    assert [each.revision for each in history] == list(range(15, 0, -1))
    assert all(set(older.desired) < set(newer.desired) for newer, older in itertools.pairwise(history))
    assert sum(each.count for each in stores[0].series("web", "availability", NOON, NOON + 1000, 1000)) == 15
    assert len(stores[1].told(most=1000)) == 15
    for each in stores:
        each.close()


# Measurements


def test_a_measurement_is_known_by_its_series_and_time(context: Context) -> None:
    first = measured(1.0, about=(("source", "10.0.0.1"), ("port", "80")))
    assert context.record([first, first, replace(first, value=2.0)]) == 1
    assert context.record([replace(first, about=first.about[::-1], value=3.0)]) == 0
    assert context.record([replace(first, agent="other"), replace(first, about=()), replace(first, machine=MachineId("m2"))]) == 3
    assert context.record([measured(5.0, component="")]) == 1
    assert [(each.count, each.total) for each in context.series("web", "availability", NOON, NOON + 1, 1)] == [(4, 4.0)]
    assert [(each.count, each.total) for each in context.series("m1", "availability", NOON, NOON + 1, 1)] == [(1, 5.0)]
    assert context.series("web", "latency", NOON, NOON + 1, 1) == []
    assert context.series("web", "availability", NOON + 1, NOON + 2, 1) == []
    assert context.series("web", "availability", NOON + 1, NOON, 1) == []


def test_a_figure_that_is_no_number_is_not_kept(context: Context) -> None:
    wrong = [
        measured(float("nan")),
        measured(float("inf")),
        measured(1.0, float("nan")),
        measured(1.0, -5.0),
        measured(1.0, 1e300),
    ]
    assert context.record([*wrong, measured(7.0)]) == 1
    assert [each.total for each in context.series("web", "availability", 0, NOON + 1, NOON + 1)] == [7.0]


@few(15)
@given(
    values=st.lists(
        st.tuples(
            st.floats(NOON - 100, NOON + 100)
            | st.floats(NOON, NOON + 86_400 * 35)
            | st.integers(0, 20).map(lambda each: NOON + each / 2),
            st.integers(-1000, 1000).map(lambda each: each / 8),
        ),
        max_size=40,
    ),
    since=st.floats(NOON - 120, NOON + 120) | st.just(NOON),
    length=st.floats(0, 300) | st.just(86_400.0 * 40),
    step=st.sampled_from([0.1, 1.0, 7.0, 10.0, 60.0, 1 / 3, 3600.0, 1e6]),
)
def test_buckets_are_those_of_plain_python(
    common: Context, values: list[tuple[float, float]], since: float, length: float, step: float
) -> None:
    component = f"c{next(FRESH)}"
    reference = PlainContext()
    told = [measured(value, time, component) for time, value in values]
    assert common.record(told) == reference.record(told)
    until = since + length
    assert common.series(component, "availability", since, until, step) == reference.series(
        component, "availability", since, until, step
    )


@few(25)
@given(
    batches=st.lists(
        st.tuples(
            st.booleans(),  # series by series, or one by one
            st.sampled_from(["probe", "other"]),
            st.integers(0, 100),
            st.sampled_from([1, 3, 16, 40, 100]),
            st.sampled_from([0.5, 1.0, 60.0, -1.0, 0.0]),
        ),
        max_size=12,
    ),
    since=st.integers(-20, 120),
    length=st.sampled_from([1.0, 30.0, 10_000.0]),
    step=st.sampled_from([0.1, 1.0, 7.0, 1 / 3, 3600.0]),
)
def test_series_that_come_in_masses_are_kept_like_single_measurements(
    common: Context, batches: list[tuple[bool, str, int, int, float]], since: int, length: float, step: float
) -> None:
    component, reference = f"c{next(FRESH)}", PlainContext()
    for number, (together, agent, first, many, apart) in enumerate(batches):
        told = [measured(place % 5 + number, NOON + first + place * apart, component, agent=agent) for place in range(many)]
        kept = common.keep(gathered(told)) if together else common.record(told)
        assert kept == reference.record(told)
    asked = (component, "availability", NOON + since, NOON + since + length, step)
    assert common.series(*asked) == reference.series(*asked)


def test_of_series_that_are_kept_in_masses_what_cannot_be_kept_is_left_out(context: Context) -> None:
    wrong = [measured(1.0, NOON - each) for each in (float("nan"), 2 * NOON, float("-inf"))]
    told = [measured(float(place), NOON + place, about=(("port", "80"), ("source", "a"))) for place in range(50)]
    told[7] = replace(told[7], value=float("nan"))
    again = [replace(each, about=each.about[::-1]) for each in told]  # the same series: what is known has no order
    assert context.keep(gathered([*wrong, *told[:3], *again[1:40], *told])) == 49
    assert context.keep(gathered(again)) == 0
    assert context.record(told) == 0
    assert [each.count for each in context.series("web", "availability", NOON, NOON + 50, 10)] == [9, 10, 10, 10, 10]


def test_of_what_came_in_masses_only_the_older_is_forgotten(context: Context) -> None:
    told = [measured(float(place), NOON + place) for place in range(100)]
    assert context.keep(gathered(told)) == 100
    context.forget(NOON + 60)
    counts = [each.count for each in context.series("web", "availability", NOON, NOON + 100, 50)]
    assert sum(counts) == 40 or counts == [50, 50]  # where what is forgotten goes by whole months
    context.forget(NOON + MONTH)
    context.forget(NOON - 1)
    assert context.keep(gathered(told)) in (100, 0)
    assert [each.count for each in context.series("web", "availability", NOON, NOON + 100, 50)] == [50, 50]


def test_a_long_series_comes_whole(context: Context) -> None:
    reference = PlainContext()
    told = [measured(place % 7, NOON + place * 0.25, component="long") for place in range(0, 100_000, 7)] + [
        measured(1.0, NOON + 86_400 * 50, "long")
    ]
    assert context.record(told) == reference.record(told)
    asked = ("long", "availability", 0.0, NOON + 1e7, 1.0)
    assert context.series(*asked) == reference.series(*asked)
    assert len(context.series(*asked)) > 10_000


@pytest.mark.parametrize("step", [0.0, -1.0, 1e-9, float("nan"), float("inf")])
def test_a_step_that_is_none_is_refused(context: Context, step: float) -> None:
    with pytest.raises(ValueError, match="step"):
        context.series("web", "availability", 0, 1, step)


# Events


@few(12)
@given(
    events=st.lists(
        st.builds(
            Event,
            id=words,
            type=st.sampled_from(["musa.finding", "musa.verdict"]),
            source=words,
            subject=st.sampled_from(["web", "db", "", "x" * 2000, "x" * 2001]),
            time=times,
            data=st.binary(max_size=20) | words.map(str.encode),
        ),
        max_size=12,
    ),
    since=times,
    until=st.none() | times,
    most=st.integers(0, 6),
)
def test_events_come_newest_first_whatever_they_say(
    common: Context, events: list[Event], since: float, until: float | None, most: int
) -> None:
    # an id that comes again in another month is another thing to a store with an index a month: ids of ours hold their month
    number = f"{next(FRESH)}"
    told = [
        replace(each, id=f"{number}:{each.time}:{each.id}", subject=each.subject + number, type=each.type + number)
        for each in events
    ]
    reference = PlainContext()
    assert common.tell(told) == reference.tell(told)
    assert common.tell(told) == 0
    for subject in {each.subject for each in told} | {number}:
        asked = {"subject": subject, "since": since, "until": until, "most": most}
        assert common.told(**asked) == reference.told(**asked)  # type: ignore[arg-type]
        assert common.told(**asked, which=f"musa.finding{number}") == reference.told(**asked, which=f"musa.finding{number}")  # type: ignore[arg-type]
    assert common.told(which=f"musa.verdict{number}") == reference.told(which=f"musa.verdict{number}")


def test_an_event_told_twice_is_kept_once(context: Context) -> None:
    assert context.tell([event("a"), event("a", data=b"other"), event("b")]) == 2
    assert context.tell([event("a", NOON + 1), event("a", NOON + 86_400 * 25)]) == 0
    assert context.told() == [event("b"), event("a")]


def test_all_events_can_be_had(context: Context) -> None:
    told = [event(f"{place:05}", NOON + place % 10) for place in range(6_000)]
    assert context.tell(told) == 6_000
    assert context.told(most=20_000) == sorted(told, key=lambda each: (each.time, each.id), reverse=True)


# Forgetting

MONTH = 86_400 * 31.0


def test_what_is_forgotten_is_not_found_and_does_not_come_back(opening: Opening) -> None:
    store = opening()
    told = [event("old", NOON), event("newer", NOON + MONTH * 2), event("new", NOON + MONTH * 2 + 1)]
    figures = [measured(1.0, NOON), measured(2.0, NOON + MONTH * 2), measured(3.0, NOON + MONTH * 2 + 1)]
    assert (store.tell(told), store.record(figures)) == (3, 3)
    store.forget(NOON + MONTH * 2 + 1)
    for each in (store, opening()):
        assert each.told() == told[2:]
        assert [bucket.total for bucket in each.series("web", "availability", 0, NOON * 2, NOON * 2)] == [3.0]
        assert (each.tell(told), each.record(figures)) == (0, 0)
        assert each.told() == told[2:]
        assert each.series("web", "availability", 0, NOON + MONTH * 2 + 1, 10) == []
        each.close()


def test_a_series_that_was_forgotten_can_begin_again(opening: Opening) -> None:
    one, other = opening(), opening()
    one.record([measured(1.0), measured(1.0, component="db")])
    other.forget(NOON + 1)
    # the numbers that one store knew by heart are no more
    assert other.record([measured(2.0, NOON + 1, component="cache"), measured(2.0, NOON + 1, component="queue")]) == 2
    assert one.record([measured(3.0, NOON + 2), measured(3.0, NOON + 2, component="db")]) == 2
    sums = {
        name: [each.total for each in other.series(name, "availability", 0, NOON * 2, NOON * 2)]
        for name in ("web", "db", "cache", "queue")
    }
    assert sums == {"web": [3.0], "db": [3.0], "cache": [2.0], "queue": [2.0]}
    one.close()
    other.close()


def test_entities_keep_their_last_state_and_what_was_since(context: Context) -> None:
    told = [
        change("a", "web", NOON, port=1),
        change("b", "web", NOON + 10, port=2),
        change("c", "web", NOON + MONTH * 2, machine="m1"),
        change("d", "db", NOON, port=5),
        change("e", "old", NOON, port=6),
        change("f", "old", NOON + 20, gone=True),
        change("g", "older", NOON + 1, port=7),
        change("h", "older", NOON + MONTH * 2, gone=True),
    ]
    context.apply(told)
    # twice: within a month, and when whole months may go
    for horizon in (NOON + 30, NOON + MONTH * 1.5):
        context.forget(horizon)
        assert [(each.time - NOON, each.desired, each.revision) for each in context.history(Kind.SERVICE, "web")] == [
            (MONTH * 2, {"port": 2, "machine": "m1"}, 3),
            (10, {"port": 2}, 2),
        ]
        assert [each.id for each in context.find(Kind.SERVICE)] == ["db", "web"]
        assert context.find(Kind.SERVICE, at=NOON) == [
            Entity(kind=Kind.SERVICE, id="db", desired={"port": 5}, time=NOON, revision=1)
        ]
        assert [each.id for each in context.find(Kind.SERVICE, at=NOON + MONTH)] == ["db", "older", "web"]
        assert context.get(Kind.SERVICE, "web", NOON + 9) is None
        assert context.get(Kind.SERVICE, "web", NOON + 10) is not None
        assert context.history(Kind.SERVICE, "old") == []
        assert context.get(Kind.SERVICE, "old", NOON + 15) is None
        assert context.get(Kind.SERVICE, "older") is None
        assert context.apply([each for each in told if each.entity != "old"]) == 0
        assert context.apply([change(f"late{horizon}", "web", NOON + 1, port=9)]) == 0
    assert context.apply([change("before all", "new", NOON + 1, port=9), change("and after", "db", NOON + 50, port=10)]) == 2
    assert [each.desired["port"] for each in context.find(Kind.SERVICE)] == [10, 9, 2]


def test_a_clock_put_right_puts_memory_right(context: Context) -> None:
    context.forget(NOON * 2)
    assert context.record([measured(1.0)]) == 0
    context.forget(NOON - 1)
    assert context.record([measured(1.0)]) == 1


# Crashes


class Breaking(Server):
    """A server whose writer is cut off: after so many answers nothing more is sent."""

    def __init__(self, whole: Server, answers: int) -> None:
        self.__dict__.update(whole.__dict__)
        self.answers = answers

    def write(self, lines: Iterable[Line]) -> list[Mapping[str, Any]]:
        result: list[Mapping[str, Any]] = []
        for line in lines:
            if self.answers == 0:
                raise ContextAway("cut off")
            self.answers -= 1
            result += super().write([line])
        return result


STORY = [
    [change("a", "web", NOON + 10, port=1), change("b", "db", NOON, port=2)],
    [change("c", "web", NOON + 20, zone="n")],
    # late, among others
    [change("d", "web", NOON + 15, port=3), change("e", "web", NOON + 30, gone=True), change("f", "db", NOON - 5, size=1)],
    [change("g", "web", NOON + 5, port=4, early=True), change("h", "web", NOON + 40, machine="m2")],
]


@pytest.mark.parametrize("answers", range(0, 24, 3))
def test_a_writer_that_is_cut_off_anywhere_is_finished_by_the_next(server: Elasticsearch, answers: int) -> None:
    reference = PlainContext()
    for batch in STORY:
        reference.apply(batch)
    name = f"musa-cut{next(FRESH)}"
    whole = Server(connect_client(server.url, {}), name)
    broken, next_one = ElasticsearchContext(Breaking(whole, answers)), ElasticsearchContext(whole)
    for batch in STORY:
        with contextlib.suppress(ContextAway):
            broken.apply(batch)
            continue
        next_one.apply(batch)
    for name in ("web", "db"):
        assert next_one.history(Kind.SERVICE, name) == reference.history(Kind.SERVICE, name)
        for moment in (None, NOON - 5, NOON + 5, NOON + 15, NOON + 20, NOON + 35):
            assert next_one.get(Kind.SERVICE, name, moment) == reference.get(Kind.SERVICE, name, moment)
    assert next_one.find(Kind.SERVICE) == reference.find(Kind.SERVICE)
    next_one.close()


def test_a_server_that_is_killed_under_load_loses_nothing_and_is_told_as_away(server: Elasticsearch, tmp_path: Path) -> None:
    store = open_context(server.url, tmp_path, name="killed")
    taken: list[int] = []
    away, killed, stop = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            try:
                moment = NOON + number
                store.apply([change(f"{number}", "web", moment, number=number, **{f"f{number % 50}": number})])
                store.record([measured(float(number), moment + part / 100) for part in range(50)])
                store.tell([event(f"{number}", moment)])
            except ContextAway:
                away.set()
                time.sleep(0.1)
                continue
            if killed.is_set() and away.is_set():
                stop.set()
            taken.append(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    while len(taken) < 5:
        time.sleep(0.01)
    server.kill()
    killed.set()
    assert away.wait(60)
    with pytest.raises(ContextAway, match="the store does not answer"):
        store.find(Kind.SERVICE)
    with pytest.raises(ContextAway):
        store.forget(NOON)
    server.start()
    assert stop.wait(120)
    writer.join()
    assert taken == list(range(len(taken)))
    now = store.get(Kind.SERVICE, "web")
    assert now is not None and (now.revision, now.desired["number"]) == (len(taken), taken[-1])
    assert [each.desired["number"] for each in store.history(Kind.SERVICE, "web", 10_000)] == taken[::-1]
    assert sum(each.count for each in store.series("web", "availability", NOON, NOON + 10_000, 10_000)) == 50 * len(taken)
    assert [each.id for each in store.told(most=10_000)] == [str(each) for each in reversed(taken)]
    store.close()
