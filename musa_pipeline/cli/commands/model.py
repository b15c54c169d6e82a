"""`musa model MODEL`, and what else can be done with a model: check, show, schema."""

import click
from click.shell_completion import CompletionItem

from musa_pipeline.cli.commands.common import models_here
from musa_pipeline.cli.commands.stage import read


class Models(click.Group):
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
