"""Progress of a run: a line a stage while it works, on a terminal; JSON lines when asked; nothing in a pipe."""

import time
from collections.abc import Iterator

import click

from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.stages import pipeline
from musa_pipeline.stages.pipeline import Done
from musa_pipeline.stages.work import Work


def follow(work: Work, outlet: Outlet, last: str) -> Iterator[tuple[Done, float]]:
    """Run the stages up to `last`; yield each with the seconds it took, having told of it."""
    started = time.perf_counter()

    def began(name: str) -> None:
        if outlet.live:
            number = pipeline.NAMES.index(name) + 1
            outlet.err(click.style(f"\r  {name:<9} … {number}/{len(pipeline.NAMES)}", dim=True), newline=False)

    for done in pipeline.run(work, last, began=began):
        took = time.perf_counter() - started
        if outlet.live:
            outlet.err("\r\x1b[K" + line(done, took))
        if outlet.json_logs:
            outlet.log(
                stage=done.stage,
                seconds=round(took, 3),
                fresh=done.fresh,
                written=len(done.changed),
                said=done.said,
                peak_mib=_peak(),
            )
        yield done, took
        started = time.perf_counter()


def _peak() -> float:
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def line(done: Done, took: float) -> str:
    """Return one stage in a line."""
    state = click.style("unchanged", dim=True) if done.fresh else f"{took:.1f} s"
    said = done.said if len(done.said) < 90 else done.said[:89] + "…"
    return f"  {click.style(f'{done.stage:<9}', bold=True)} {said:<90} {state}"
