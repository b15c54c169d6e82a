"""The flags of `musa risk` about what is open: `--questions`, `--ask` with `--component` and `--only`, `--schema`."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from musa_pipeline.cli.commands.common import start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work

_VIEWS = ("paths", "left", "view", "cover", "appetite")
"""The other views of risks, by the names of their flags."""
ONLY = ("questions", "factors", "controls")


def _schema(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from musa_pipeline.stages.schema import answers_schema

    outlet: Outlet = ctx.ensure_object(Outlet)
    outlet.out(answers_schema().rstrip())
    ctx.exit(0)


_OPTIONS = (
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


def question_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command these flags; it runs itself when none of them is there."""

    @wraps(command)
    def instead(*arguments: Any, questions: bool, ask: bool, component: str | None, only: str | None, **others: Any) -> int:
        if not ask and (component or only):
            raise click.UsageError(f"--{'component' if component else 'only'} goes with --ask")
        if not questions and not ask:
            return command(*arguments, **others)
        if questions and ask:
            raise click.UsageError("--questions lists, --ask asks; choose one")
        if any(others.get(each) for each in _VIEWS) or others.get("method") == "musa-2016":
            raise click.UsageError(f"--{'ask' if ask else 'questions'} is a view of its own; leave out the others")
        if others["format_"] not in (("table",) if ask else ("table", "json")):
            raise click.UsageError(f"questions are {'asked' if ask else 'a table or JSON'}; there is no {others['format_']}")
        outlet: Outlet = click.get_current_context().obj
        work = start(others["model"], others["out"], others["given"])
        for _ in follow(work, outlet, "risk"):
            pass
        return _ask(outlet, work, component, only) if ask else _list(outlet, work, others["format_"])

    made: Callable[..., int] = instead
    for option in reversed(_OPTIONS):
        made = option(made)
    return made


def _list(outlet: Outlet, work: "Work", format_: str) -> int:
    from musa_pipeline.stages.questions import open_questions

    found = open_questions(work)
    if format_ == "json":
        from musa_pipeline.formats.values import write_value

        outlet.out(write_value(found, "questions").decode().rstrip())
        return 0
    from musa_pipeline.cli.render import questions

    outlet.out(questions.open_questions(work, found))
    return 0


def _ask(outlet: Outlet, work: "Work", component: str | None, only: str | None) -> int:
    from musa_pipeline.cli import asking
    from musa_pipeline.stages.questions import component_named

    return asking.ask(outlet, work, component_named(work, component) if component else None, only)
