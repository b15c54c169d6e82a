"""`musa model read | slat | select | compose | plan MODEL`: the road up to one stage, and its result."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from musa_pipeline.cli.commands.common import model_argument, out_option, reading_options, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.workspace.given import Given

GRAPHS = ("mermaid", "dot", "svg")


def _command(name: str, stage: str, sentence: str, formats: tuple[str, ...], called: str = "") -> click.Command:
    @click.command(called or name, help=f"{sentence}\n\nRuns the stages before it, as far as something changed.")
    @model_argument
    @out_option
    @reading_options
    @click.option("--format", "format_", type=click.Choice(formats), default="table", help="How the result is printed.")
    @click.pass_obj
    def command(outlet: Outlet, model: str, out: str | None, given: "Given", format_: str) -> int:
        work = start(model, out, given)
        for _ in follow(work, outlet, stage):
            pass
        from musa_pipeline.cli.warnings import warn

        warn(outlet, work.problems)
        outlet.out(_renderer(name, format_)(work))
        return 0

    return command


def _renderer(name: str, format_: str) -> Callable[[Any], str]:
    if format_ in GRAPHS:
        from musa_pipeline.cli.render.graphs import graph

        return lambda work: graph(work, name, format_)
    if format_ == "json":
        from musa_pipeline.cli.render.json import artefact

        return lambda work: artefact(work, name)
    from musa_pipeline.cli.render import stages

    found: Callable[[Any], str] = getattr(stages, name)
    return found


_TABLES = ("table", "json")
read = _command("model", "read", "Read the model: components, who uses whom, where they run.", (*_TABLES, *GRAPHS), "read")
slat = _command("slat", "slat", "Write a Security SLA template for each component.", _TABLES)
select = _command("select", "select", "Choose providers and agents: most risk covered, then least money, proven.", _TABLES)
compose = _command("compose", "compose", "Compose the application's Security SLA and name the gaps.", (*_TABLES, *GRAPHS))
plan = _command("plan", "plan", "Write the implementation plan and the Ansible project.", _TABLES)
