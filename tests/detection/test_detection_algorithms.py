"""What the algorithms find in a stream, and what they leave alone."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, EntryPoints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.detection import registry
from musa_pipeline.detection.concentration import SourceConcentration, entropy
from musa_pipeline.detection.ewma import RateAnomaly
from musa_pipeline.detection.registry import algorithm, known
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.event import Finding, MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId

START = 1_800_000_000.0


def rate(at: float, value: float, metric: str = "net.interface.packets", source: str = "") -> Measurement:
    about = (("interface", "host0"), ("program", "counters"))
    return Measurement(
        component=ComponentId(""), machine=MachineId("m"), agent="network-monitor", metric=metric, value=float(value),
        unit="packets/s", time=START + at, about=(*about, ("source", source)) if source else about,
    )  # fmt: skip


def flood(quiet: int, loud: int, value: float = 40_000) -> list[Measurement]:
    return [rate(n, 100 + n % 7 if n < quiet else value) for n in range(quiet + loud)]


def found(samples: Iterable[Measurement], **parameters: float) -> list[tuple[float, float]]:
    one = RateAnomaly(dict(parameters))
    return [(each.time - START, each.confidence) for sample in samples for each in one.take([sample])]


def test_a_flood_is_found_with_its_first_clear_or_second_unclear_sample_and_told_again_while_it_lasts() -> None:
    assert [each for each, _ in found(flood(30, 20, value=2_000))] == [31.0, 36.0, 41.0, 46.0]
    assert [each for each, _ in found(flood(30, 20))] == [30.0, 35.0, 40.0, 45.0]
    assert all(confidence > 0.95 for _, confidence in found(flood(30, 20)))


def test_the_words_of_a_finding_say_how_much_and_how_unusual() -> None:
    one = RateAnomaly({})
    [finding, *_] = one.take(flood(30, 5))
    assert (finding.type, finding.machine, finding.algorithm) == ("traffic-anomaly", "m", "rate-anomaly")
    assert finding.detail == "net.interface.packets is 40000 packets/s, 390 × its usual"


def test_a_flood_is_never_learnt_but_what_lasts_a_quarter_of_an_hour_is_the_new_usual() -> None:
    times = [each for each, _ in found(flood(30, 2000))]
    assert 900 < times[-1] < 960
    assert len(times) > 150


def test_one_odd_sample_slow_growth_and_small_rates_are_nothing() -> None:
    assert found([rate(n, 4_000 if n == 40 else 100) for n in range(80)]) == []
    assert found([rate(n, 1000 * 1.01**n) for n in range(400)]) == []
    assert found([rate(n, 2 if n < 40 else 300) for n in range(80)]) == []


def test_nothing_is_unusual_before_enough_was_seen() -> None:
    assert found(flood(5, 4)) == []


def test_five_messages_in_a_year_are_no_attack() -> None:
    assert found([rate(n * 86400 * 70, 40_000) for n in range(5)]) == []


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), max_size=60), st.integers(0, 59))
def test_a_detector_that_starts_anew_with_its_memory_finds_the_same(values: list[float], cut: int) -> None:
    samples = [rate(n, value) for n, value in enumerate(values)]
    whole, first, second = RateAnomaly({}), RateAnomaly({}), RateAnomaly({})
    expected = [*whole.take(samples)]
    told = [*first.take(samples[:cut])]
    second.recall(first.memory())
    told += second.take(samples)  # all over again: what was seen changes nothing
    assert {each.id for each in expected} <= {each.id for each in told}
    assert [each.id for each in told if each not in expected and each.time - START < cut] == []


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30))
def test_no_figure_breaks_an_algorithm(values: list[float]) -> None:
    samples = [
        rate(n, value, metric, "192.0.2.1")
        for n, value in enumerate(values)
        for metric in ("net.interface.packets", "net.source.packets")
    ]
    for name in ("rate-anomaly", "volumetric-dos", "reported"):
        algorithm(name).take(samples)


def sources(at: float, **rates: float) -> list[Measurement]:
    return [rate(at, value, "net.source.packets", name.replace("_", ".")) for name, value in rates.items()]


def causes(samples: Iterable[list[Measurement]], **parameters: float) -> list[Finding]:
    one = SourceConcentration(dict(parameters))
    return [each for batch in samples for each in one.take(batch)]


def test_the_one_source_of_a_flood_is_named_with_its_share() -> None:
    told = causes(sources(n, a_66=40_000, b_1=90, b_2=110) for n in range(10))
    assert [(each.time - START, each.source) for each in told] == [(0.0, "a.66"), (5.0, "a.66")]
    assert told[0].confidence > 0.99
    assert told[0].detail == "one source of 3 causes 99.5 % of the packets, 40000 a second"


def test_an_even_crowd_a_quiet_source_and_a_single_sample_are_no_attack() -> None:
    assert causes(sources(n, **{f"a_{m}": 4000 for m in range(50)}) for n in range(10)) == []
    assert causes(sources(n, a_1=200) for n in range(10)) == []
    assert causes([sources(0, a_1=4_000), sources(1, a_1=10), sources(2, a_1=4_000)]) == []
    assert [each.time - START for each in causes(sources(n, a_1=4_000) for n in range(3))] == [1.0]


def test_the_sources_that_are_not_named_one_by_one_are_counted_but_never_blamed() -> None:
    samples = [[*sources(n, a_1=5000), rate(n, 90_000, "net.source.packets", "*")] for n in range(10)]
    assert causes(samples) == []


def test_a_sample_told_twice_counts_once_and_order_within_it_does_not_matter() -> None:
    once = causes(sources(n, a_66=40_000, b_1=90) for n in range(10))
    twice = causes([*sources(n, b_1=90, a_66=40_000), *sources(n, a_66=40_000, b_1=90)] for n in range(10))
    assert once == twice


def test_what_agents_report_is_a_finding() -> None:
    told = algorithm("reported").take([rate(5, 1, "finding.unknown-listener")])
    assert [(each.type, each.confidence, each.algorithm) for each in told] == [("unknown-listener", 1.0, "agent network-monitor")]


def test_unknown_algorithms_and_parameters_are_refused_with_a_way_out() -> None:
    assert known() == ("rate-anomaly", "reported", "volumetric-dos")
    with pytest.raises(UsageWrong, match="there is no detection algorithm 'volumetric-ddos'"):
        algorithm("volumetric-ddos")
    with pytest.raises(UsageWrong, match="there is no parameter 'tims'"):
        algorithm("rate-anomaly", {"tims": 3})
    with pytest.raises(UsageWrong, match="times is -1, not a number above zero"):
        algorithm("rate-anomaly", {"times": -1})


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = EntryPoint("brute-force", "musa_pipeline.detection.ewma:RateAnomaly", registry.GROUP)
    broken = EntryPoint("broken", "nowhere:Nothing", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda **chosen: EntryPoints([ours, broken]).select(**chosen))
    assert "brute-force" in known()
    assert algorithm("brute-force").finds == "traffic-anomaly"
    with pytest.raises(UsageWrong, match="cannot be loaded from 'nowhere:Nothing'"):
        algorithm("broken")


def test_a_rate_next_to_nothing_hides_no_flood_beside_it() -> None:
    assert entropy([1000.0, 5e-324]) == 0.0
