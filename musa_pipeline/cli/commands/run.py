"""`musa run MODEL`: every design-time stage in order."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.agreements import tell_departure
from musa_pipeline.cli.commands.common import model_argument, out_option, reading_options, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.stages.pipeline import Done
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.given import Given


@click.command()
@model_argument
@out_option
@reading_options
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How the summary is printed.")
@click.pass_obj
def run(outlet: Outlet, model: str, out: str | None, given: "Given", format_: str) -> int:
    """Read a model and write everything that follows from it.

    MODEL is a folder with a model in it, a model file, an archive (CSAR), or a name under models/. Writes sla/APP and
    playbooks/plans/APP.
    """
    import time

    from musa_pipeline.stages.pipeline import NAMES

    began = time.perf_counter()
    work = start(model, out, given)
    done = [each for each, _ in follow(work, outlet, NAMES[-1])]
    from musa_pipeline.cli.warnings import warn

    warn(outlet, work.problems)
    if all(each.fresh for each in done):
        code = _nothing(outlet, work, done, time.perf_counter() - began, format_)
        tell_departure(outlet, work)
        return code
    from musa_pipeline.cli.render.summary import summary, summary_json

    outlet.out(summary_json(work, done) if format_ == "json" else summary(work, done, verbose=outlet.verbose, quiet=outlet.quiet))
    tell_departure(outlet, work)
    return 0


def _nothing(outlet: Outlet, work: "Work", done: list["Done"], took: float, format_: str) -> int:
    files = sum(len(each.files) for each in done)
    if format_ == "json":
        from musa_pipeline.cli.render.summary import summary_json

        outlet.out(summary_json(work, done))
        return 0
    if outlet.quiet:
        return 0
    outlet.out(
        f"{click.style(work.place.application, bold=True)} · nothing changed, nothing to do: {files} files are up to date ({took:.2f} s)"
    )
    for each in done:
        outlet.out(f"  {each.stage:<9} {each.said}")
    return 0
