"""The flags of `musa risk` about what is open: `--questions`, `--ask` with `--component` and `--only`, `--schema`."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import together
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.cli.commands.risk_views import Asked
    from musa_pipeline.stages.work import Work

ONLY = ("questions", "factors", "controls")


def _schema(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from musa_pipeline.stages.schema import answers_schema

    outlet: Outlet = ctx.ensure_object(Outlet)
    outlet.out(answers_schema().rstrip())
    ctx.exit(0)


options = together(
    click.option("--questions", is_flag=True, help="List what is open, and what each answer would change."),
    click.option("--ask", is_flag=True, help="Ask what is open, one by one, and write each answer to answers.yaml."),
    click.option(
        "--component", metavar="NAME", help="With --ask: only about this component; with --measured: what the reports are about."
    ),
    click.option("--only", type=click.Choice(ONLY), help="With --ask: only threats, factors, or who implements controls."),
    click.option(
        "--schema",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_schema,
        help="Print the JSON Schema of answers.yaml, for editors.",
    ),
)
"""The flags about what is open."""


def show(outlet: Outlet, asked: "Asked") -> int:
    """List what is open, with what each answer would change."""
    work = _rated(outlet, asked)
    from musa_pipeline.stages.questions import open_questions

    found = open_questions(work)
    if asked.format_ == "json":
        from musa_pipeline.formats.values import write_value

        outlet.out(write_value(found, "questions").decode().rstrip())
        return 0
    from musa_pipeline.cli.render import questions

    outlet.out(questions.open_questions(work, found))
    return 0


def put(outlet: Outlet, asked: "Asked") -> int:
    """Put what is open to whoever sits there, and write the answers."""
    work = _rated(outlet, asked)
    from musa_pipeline.cli import asking
    from musa_pipeline.stages.named import component_named

    return asking.ask(outlet, work, component_named(work, asked.component) if asked.component else None, asked.only)


def _rated(outlet: Outlet, asked: "Asked") -> "Work":
    work = asked.work()
    for _ in follow(work, outlet, "risk"):
        pass
    return work
