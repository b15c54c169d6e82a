"""`musa diff REV [REV] [MODEL]…`: what a change does to risks, controls, promises, providers, service levels and cost."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import reading_options_offline
from musa_pipeline.cli.outlet import Outlet

if TYPE_CHECKING:
    from musa_pipeline.workspace.given import Given

FORMATS = ("text", "markdown", "json")


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="REV [REV] [MODEL]...")
@click.option(
    "--fail-on",
    "conditions",
    metavar="WHAT",
    multiple=True,
    help="What makes the exit code 1, instead of any change; several with commas, repeatable.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="How the comparison is printed.")
@reading_options_offline
@click.pass_obj
def diff(outlet: Outlet, words: tuple[str, ...], given: "Given", conditions: tuple[str, ...], format_: str) -> int:
    """Tell what changes from one revision of the models to another; from REV to the working tree if there is one REV alone.

    main..feature is main and feature; main...feature is feature and where it left main; main... the same with the working tree. Every
    model of either side is derived in memory, with the repository's catalogs of its side and those of this tool. Nothing is written.

    WHAT is broken-promise, gap, risk, objective or cost (where one gets worse), provider, agent, decision, control, worse, any.

    Exit code 0 if nothing changes, 1 if something does, 2 if a model of the later side or a flag is wrong, 3 if the outside failed.
    """
    from musa_pipeline.cli.render import diff as shown
    from musa_pipeline.domain.comparison import read_conditions
    from musa_pipeline.stages.diff import asked
    from musa_pipeline.stages.diff import diff as compared
    from musa_pipeline.stages.diff_side import Unread

    wanted = read_conditions(conditions)
    found = compared(asked(words, given))
    met = shown.met(found, wanted)
    match format_:
        case "json":
            from musa_pipeline.cli.render.diff_json import comparison_json

            outlet.out(comparison_json(found, met).rstrip())
        case "markdown":
            from musa_pipeline.cli.render.diff_markdown import markdown

            outlet.out(markdown(found).rstrip())
        case _:
            outlet.out(shown.comparison(found, met, everything=outlet.verbose, quiet=outlet.quiet))
    unread = [side for each in found.models for side in (each.before, each.after) if isinstance(side, Unread)]
    if any(each.outside for each in unread):
        return 3
    return 2 if any(isinstance(each.after, Unread) for each in found.models) else int(any(met.values()))
