"""`musa model MODEL`, and what else can be done with a model: check, show, schema, convert."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from musa_pipeline.cli.commands.common import Commands, model_argument, models_here, reading_options, start
from musa_pipeline.cli.commands.stage import read
from musa_pipeline.cli.outlet import Outlet

if TYPE_CHECKING:
    from musa_pipeline.workspace.given import Given


class Models(Commands):
    """A group that takes a model as well as a command: what is no command is `read`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `read` before the arguments when they do not begin with a command."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["read", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete commands, then models."""
        found = super().shell_complete(ctx, incomplete)
        return found + [CompletionItem(name) for name in models_here(incomplete)]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return both ways to call it."""
        return ["MODEL [OPTIONS] | COMMAND [ARGS]..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of `read` too: most calls are of that kind."""
        with ctx.scope(), formatter.section("Options of musa model MODEL"):
            records = (each.get_help_record(ctx) for each in read.get_params(ctx))
            formatter.write_dl([each for each in records if each])
        self.format_commands(ctx, formatter)


@click.group(cls=Models)
def model() -> None:
    """Read the model: components, who uses whom, where they run; or check, show and draw it.

    `musa model MODEL` is short for `musa model read MODEL`; a model that is called like a command is given as a path (./check).
    """


model.add_command(read)


@model.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "sarif", "junit"]),
    default="text",
    help="How findings are printed.",
)
@click.option(
    "--validator/--no-validator",
    default=True,
    help="Ask tosca-parser too, if it is installed (the extra 'tosca'); its findings are warnings.",
)
@click.option("--strict", is_flag=True, help="Warnings count too (exit code 1), and what the validator finds are errors.")
@reading_options
@click.pass_obj
def check(outlet: Outlet, files: tuple[str, ...], given: "Given", format_: str, *, validator: bool, strict: bool) -> int:
    """Check models, each by itself: nothing is derived and nothing is written.

    A FILE is a model in TOSCA or CAMEL, an archive (CSAR), a folder (searched for models), or a name under models/; without one, all
    models of the repository.

    Exit code 0 if every model can be used, 1 if with --strict there are warnings, 2 if there are errors.
    """
    from musa_pipeline.cli.render.findings import told, written
    from musa_pipeline.domain.problems import Severity
    from musa_pipeline.runners.conformance import Validator
    from musa_pipeline.stages.check_models import all_models, check_models

    named = files or all_models()
    if not named:
        raise click.UsageError("name a model: a file, a folder, or a name under models/")
    with Validator() as worker:
        checked = tuple(check_models(named, given, validator=worker if validator else None, strict=strict))
    outlet.out(told(checked, everything=outlet.verbose) if format_ == "text" else written(checked, format_, strict=strict))
    severities = {problem.severity for each in checked for problem in each.problems}
    if Severity.ERROR in severities:
        return 2
    return 1 if strict and Severity.WARNING in severities else 0


@model.command()
@model_argument
@click.argument("component")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How the card is printed.")
@reading_options
@click.pass_obj
def show(outlet: Outlet, model: str, component: str, given: "Given", format_: str) -> int:
    """Show everything that a model says of one component, and where it says so. Nothing is written."""
    from musa_pipeline.cli.render.component import component_card, component_json
    from musa_pipeline.stages.component import card

    work = start(model, None, given)
    found = card(work, component)
    outlet.out(component_json(found) if format_ == "json" else component_card(work, found))
    return 0


@model.command()
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False), help="Write it to a file instead.")
@click.pass_obj
def schema(outlet: Outlet, file: str | None) -> int:
    """Print the JSON Schema of TOSCA 1.0 to 1.3 with the normative types and ours, for editors.

    On top of a model, `# yaml-language-server: $schema=tosca.schema.json` lets an editor offer types and properties, and mark mistakes.
    """
    from musa_pipeline.stages.schema import tosca_schema
    from musa_pipeline.workspace.files import write_named

    text = tosca_schema()
    if file is None:
        outlet.out(text.rstrip())
        return 0
    write_named(Path(file), text.encode())
    return 0


@model.command()
@model_argument
@click.option(
    "--to", "language", required=True, type=click.Choice(["tosca", "camel", "otm", "macm"]), help="The language to write."
)
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False), help="Write it to a file; without, it is printed.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@reading_options
@click.pass_obj
def convert(outlet: Outlet, model: str, given: "Given", language: str, file: str | None, *, force: bool) -> int:
    """Write a model in another language: TOSCA 1.3 with our types, CAMEL 2015.9 with our layer, OTM 0.2, or MACM.

    What was written is read again, and what it says differently from the model is listed: that is what is lost. What could not be
    read of the model is lost before; `musa model check` tells it.

    Exit code 0 if nothing is lost, 1 if something is, 2 if the model cannot be read or written.
    """
    from musa_pipeline.cli.render.lost import lost
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.stages.convert import convert as converted
    from musa_pipeline.workspace.files import write_named

    if file is not None and not force and Path(file).exists():
        raise click.UsageError(f"{file} is there already; --force writes over it")
    work = start(model, None, given)
    done = converted(work, language)
    warn(outlet, work.problems)
    if file is None:
        outlet.out(done.text.rstrip())
    else:
        write_named(Path(file), done.text.encode())
    outlet.err(lost(done.lost, language, file))
    return 1 if done.lost else 0
