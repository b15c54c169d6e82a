"""Windows in process: a million samples of a thousand series, windows of five minutes that end each minute.

    python benchmarks/windows.py [--samples 1000000] [--series 1000]

Beside it the least that any engine in Python does: the same samples added up in panes, with no duplicates found, nothing judged.
"""

import argparse
import resource
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from musa_pipeline.assurance.check import Checker
from musa_pipeline.domain.event import Event, EventType, MachineId, Measurement
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Combine, Operator, Slo
from musa_pipeline.domain.verdict import Objective, Window
from musa_pipeline.formats.events import write_measurements

START = 1_800_000_000.0
AVAILABILITY = MetricId("availability")
WINDOW = Window(length=300, step=60, late=5, fewest=3, confirm=3, recover=3, max_age=300)


def objectives(series: int) -> list[Objective]:
    """Return one promise for each series."""
    slo = Slo(metric=AVAILABILITY, operator=Operator.GE, bound=99, unit="%", alert=99.5)
    return [
        Objective(
            id=f"c{n}/availability",
            component=ComponentId(f"c{n}"),
            slo=slo,
            window=WINDOW,
            combine=Combine.PRODUCT,
            agents=("probe",),
            period=1.0,
        )
        for n in range(series)
    ]


def measured(number: int, moment: float) -> Measurement:
    """Return a good sample of one series."""
    return Measurement(
        component=ComponentId(f"c{number}"),
        machine=MachineId(f"m{number % 50}"),
        agent="probe",
        metric="availability",
        value=100.0,
        unit="%",
        time=moment,
    )


def event(name: str, subject: str, some: list[Measurement]) -> Event:
    """Return samples as a record of the bus."""
    return Event(
        id=name, type=EventType.MEASUREMENTS, source="gateway", subject=subject, time=some[0].time, data=write_measurements(some)
    )


def batches(samples: int, series: int) -> list[list[Measurement]]:
    """Return one batch a second; every tenth component fails for five seconds now and then."""
    return [
        [
            replace(measured(n, START + second + 0.25), value=0.0 if n % 10 == 0 and (second + n) % 200 < 5 else 100.0)
            for n in range(series)
        ]
        for second in range(samples // series)
    ]


def check(given: list[list[Measurement]], series: int) -> tuple[float, float, int, int]:
    """Return the seconds of processor time to take all in and to judge, the windows judged, and what was told."""
    checker = Checker(objectives(series))
    taking = judging = 0.0
    told = 0
    for second, batch in enumerate(given):
        now, before = START + second + 1, time.process_time()
        checker.take(batch, now)
        between = time.process_time()
        told += len(checker.advance(now))
        judging += time.process_time() - between
        taking += between - before
    windows = series * len({int((START + second - 4) // 60) for second in range(len(given))})
    return taking, judging, windows, told


def least(given: list[list[Measurement]]) -> float:
    """Return the seconds of processor time to add the samples up in panes."""
    before = time.process_time()
    panes: dict[tuple[str, str, int], list[float]] = defaultdict(lambda: [0, 0.0, 0])
    for batch in given:
        for each in batch:
            pane = panes[each.component, each.metric, int(each.time // 60)]
            pane[0] += 1
            pane[1] += each.value
            pane[2] += each.value < 99
    return time.process_time() - before


def main() -> None:
    """Measure, and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--series", type=int, default=1_000)
    given = parser.parse_args()
    stream = batches(given.samples, given.series)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taking, judging, windows, told = check(stream, given.series)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    total = taking + judging
    print(f"{given.samples} samples of {given.series} series, windows of 5 min each minute")
    print(f"  checker   {total:.2f} s CPU: {taking:.2f} s taking in, {judging:.2f} s judging {windows} windows; {told} told")
    print(f"            {given.samples / total:,.0f} samples/s, {grown / 1024:.0f} MiB more at most")
    print(f"  adding up {least(stream):.2f} s CPU, with no duplicate found and nothing judged")


if __name__ == "__main__":
    main()
