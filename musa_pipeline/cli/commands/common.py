"""What commands on a model share: its argument, where results go, how a run begins."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return models_here(incomplete)


def models_here(incomplete: str) -> list[str]:
    """Return the names of the repository's models that begin so."""
    from musa_pipeline.workspace.places import repository

    folder = repository() / "models"
    names = sorted(each.name for each in folder.glob("*/")) if folder.is_dir() else []
    return [name for name in names if name.startswith(incomplete)]


model_argument = click.argument("model", shell_complete=_complete)
out_option = click.option(
    "-o", "--out", metavar="DIR", help="Put sla/ and playbooks/ under DIR, not into the model's repository."
)


def start(model: str, out: str | None) -> "Work":
    """Find the application and open the work on it.

    Raises UsageWrong if there is no such model.
    """
    from musa_pipeline.cli.render.problems import look_in
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.places import find

    place = find(model, out)
    look_in(place.root)
    return Work(place)
