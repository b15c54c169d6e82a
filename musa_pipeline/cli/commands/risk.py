"""`musa risk MODEL`: the threats to every component rated, and the controls they require."""

from typing import TYPE_CHECKING, Any

import click

from musa_pipeline.cli.commands import cover, measured, questions
from musa_pipeline.cli.commands.common import model_argument, out_option, reading_options
from musa_pipeline.cli.commands.risk_views import FORMATS, MATRIX, METHODS, OF_2016, OWASP, Asked, view_of
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work


@click.command()
@model_argument
@out_option
@reading_options
@measured.options
@questions.options
@cover.options
@click.option("--paths", is_flag=True, help="List the likeliest ways from the internet to data worth protecting.")
@click.option("--residual", is_flag=True, help="What the controls that are granted leave of each risk.")
@click.option(
    "--by",
    type=click.Choice(["component", "stride", "threat", MATRIX]),
    help="Take the risks together, or count them in the matrix; with --residual, what is left of them.",
)
@click.option("--method", type=click.Choice(METHODS), default=OWASP, help="How threats are chosen and rated.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="table",
    help="How it is printed; pictures (svg) are of --paths and --by matrix.",
)
@click.pass_obj
def risk(outlet: Outlet, /, **said: Any) -> int:
    """Rate the threats to every component and derive the controls they require.

    Runs the stages before it, as far as something changed.
    """
    asked = Asked(**said)
    view = view_of(asked)
    match view:
        case "--measured":
            return measured.take_in(outlet, asked)
        case "--ask":
            return questions.put(outlet, asked)
        case "--questions":
            return questions.show(outlet, asked)
        case "--cover":
            return cover.show(outlet, asked)
    work = asked.work()
    for _ in follow(work, outlet, "read" if asked.method == OF_2016 else "compose" if asked.residual else "risk"):
        pass
    from musa_pipeline.cli.warnings import warn

    measured.tell_stale(work)
    warn(outlet, work.problems)
    outlet.out(_ranked(work, asked) if asked.method == OF_2016 else _shown(work, asked, view))
    return 0


def _ranked(work: "Work", asked: Asked) -> str:
    from musa_pipeline.cli.render import musa2016

    return musa2016.ranked_json(work) if asked.format_ == "json" else musa2016.ranked(work)


def _shown(work: "Work", asked: Asked, view: str) -> str:
    match view, asked.format_:
        case "--paths", "table":
            from musa_pipeline.cli.render.attack_paths import attack_paths

            return attack_paths(work)
        case "--by", "table":
            from musa_pipeline.cli.render.residual import grouped

            return grouped(work, str(asked.by), left=asked.residual)
        case "--residual", "table":
            from musa_pipeline.cli.render.residual import residual

            return residual(work)
        case _, "table":
            from musa_pipeline.cli.render.risk import risk as as_tables

            return as_tables(work)
        case _, "json":
            from musa_pipeline.cli.render.json import artefact

            return artefact(work, "residual" if asked.residual else "risk")
    from musa_pipeline.cli.render.risk_formats import rendered

    picture = "paths" if asked.paths else MATRIX
    return rendered(work, picture if asked.format_ == "svg" else asked.format_, residual=asked.residual)
