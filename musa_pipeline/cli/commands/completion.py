"""`musa completion SHELL`: how a shell completes commands, options and model names."""

import click

from musa_pipeline.cli.outlet import Outlet


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_obj
def completion(outlet: Outlet, shell: str) -> int:
    """Print the completion script: `eval "$(musa completion bash)"`, or save it where your shell looks for it."""
    from click.shell_completion import get_completion_class

    from musa_pipeline.cli.main import musa

    found = get_completion_class(shell)
    if found is None:  # click knows these three; another version might not
        return outlet.failed(f"no completion for {shell}", "", 3)
    outlet.out(found(musa, {}, "musa", "_MUSA_COMPLETE").source())
    return 0
