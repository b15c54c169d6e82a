"""`musa agent bundle | run`: the agent of a machine, as a file and here."""

from pathlib import Path

import click

from musa_pipeline.cli.commands.common import Commands
from musa_pipeline.cli.outlet import Outlet


@click.group(cls=Commands)
def agent() -> None:
    """The agent of a machine: written as one file for its own Python, or run here."""


@agent.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def bundle(outlet: Outlet, file: Path) -> int:
    """Write the agent as one file: Python 3.10 or later runs it, with nothing installed."""
    from musa_pipeline.runners.bundle import write_agent

    outlet.out(f"{'written' if write_agent(file) else 'unchanged'}  {file}")
    return 0


@agent.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...]) -> int:
    """Run the same code on this machine (`musa agent run --help` says with which files)."""
    from musa_pipeline.agent.main import main

    return main(arguments)
