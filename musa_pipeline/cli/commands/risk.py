"""`musa risk MODEL`: the threats to every component rated, and the controls they require."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import model_argument, out_option, reading_options, start
from musa_pipeline.cli.commands.cover import cover_options
from musa_pipeline.cli.commands.measured import measured_options, tell_stale
from musa_pipeline.cli.commands.questions import question_options
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.given import Given

OWASP, OF_2016 = METHODS = ("owasp", "musa-2016")
"""Ours first; the other is that of MUSA's SLA Generator, to compare with what was published."""
VIEWS = ("component", "stride", "threat", "matrix")
FORMATS = ("table", "json", "markdown", "sarif", "otm", "matrix", "paths")
WITH_RESIDUAL = ("table", "json", "markdown", "sarif", "matrix")


@click.command()
@model_argument
@out_option
@reading_options
@measured_options
@question_options
@cover_options
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", help="How the result is printed.")
@click.option("--paths", is_flag=True, help="List the likeliest ways from the internet to data worth protecting.")
@click.option("--residual", "left", is_flag=True, help="What the controls that are granted leave of each risk.")
@click.option("--by", "view", type=click.Choice(VIEWS), help="Take the risks together, or count them in the matrix.")
@click.option("--method", type=click.Choice(METHODS), default=OWASP, help="How threats are chosen and rated.")
@click.pass_obj
def risk(
    outlet: Outlet,
    model: str,
    out: str | None,
    given: "Given",
    format_: str,
    paths: bool,
    left: bool,
    view: str | None,
    method: str,
) -> int:
    """Rate the threats to every component and derive the controls they require.

    Runs the stages before it, as far as something changed.
    """
    if paths and format_ not in ("table", "paths"):
        raise click.UsageError(f"--paths is a list, or a picture with --format paths; there is none as {format_}")
    if method == OF_2016 and (paths or format_ not in ("table", "json")):
        raise click.UsageError(f"the ranking of {OF_2016} is a table or JSON")
    if (left or view) and (paths or method == OF_2016 or format_ not in (("table",) if view else WITH_RESIDUAL)):
        raise click.UsageError(f"--residual goes with {', '.join(WITH_RESIDUAL)}, --by with table, of the risks rated by owasp")
    work = start(model, out, given)
    for _ in follow(work, outlet, "read" if method == OF_2016 else "compose" if left else "risk"):
        pass
    from musa_pipeline.cli.warnings import warn

    tell_stale(work)
    warn(outlet, work.problems)
    if view or (left and format_ in ("table", "json")):
        outlet.out(_left(work, view, format_, left=left))
    else:
        outlet.out(_paths(work) if paths and format_ == "table" else _rendered(work, method, format_, left=left))
    return 0


def _rendered(work: "Work", method: str, format_: str, *, left: bool = False) -> str:
    if method == OF_2016:
        from musa_pipeline.cli.render import musa2016

        return musa2016.ranked_json(work) if format_ == "json" else musa2016.ranked(work)
    if format_ == "json":
        from musa_pipeline.cli.render.json import artefact

        return artefact(work, "risk")
    if format_ != "table":
        from musa_pipeline.cli.render.risk_formats import rendered

        return rendered(work, format_, residual=left)
    from musa_pipeline.cli.render.risk import risk as as_tables

    return as_tables(work)


def _left(work: "Work", view: str | None, format_: str, *, left: bool) -> str:
    if format_ == "json":
        from musa_pipeline.cli.render.json import artefact

        return artefact(work, "residual")
    from musa_pipeline.cli.render.residual import grouped, residual

    return grouped(work, view, left=left) if view else residual(work)


def _paths(work: "Work") -> str:
    from musa_pipeline.cli.render.attack_paths import attack_paths

    return attack_paths(work)
