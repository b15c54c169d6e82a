"""`musa report MODEL`: everything that is known of an application's promise, as one file for people."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import model_argument, out_option, reading_options, start, write_asked
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.workspace.given import Given


@click.command()
@model_argument
@out_option
@click.option("--to", "file", metavar="FILE", type=click.Path(dir_okay=False), help="Write it there, not as sla/APP/report.html.")
@click.option("--format", "format_", type=click.Choice(["html", "markdown"]), default="html", help="What it is written in.")
@click.option("--force", is_flag=True, help="Write over a FILE that is there and is not the same.")
@reading_options
@click.pass_obj
def report(outlet: Outlet, model: str, out: str | None, file: str | None, given: "Given", format_: str, *, force: bool) -> int:
    """Write one file for people: picture, risks, what is promised and by whom, what is missing, where it runs, what is left to do.

    The page needs nothing else: no network, no script. It follows the system's light or dark colours, and prints. Runs the stages
    up to the SLA first, as far as something changed.
    """
    work = start(model, out, given)
    for _ in follow(work, outlet, "compose"):
        pass
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.stages.report import ENDINGS, page
    from musa_pipeline.workspace.files import write_all

    warn(outlet, work.problems)
    data = page(work, format_)
    if file is not None:
        write_asked(Path(file), data, force=force)
        outlet.out(f"written    {file}")
        return 0
    name = f"{work.place.sla}/report.{ENDINGS[format_]}"
    changed = write_all(work.place.out, {name: data})
    outlet.out(f"{'written' if changed else 'unchanged':<9}  {work.place.out / name if out else name}")
    return 0
