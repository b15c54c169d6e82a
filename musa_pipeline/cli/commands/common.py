"""What commands on a model share: its argument, where results go, how a run begins."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.given import Given


class Commands(click.Group):
    """A group that says of each of its commands the whole first sentence, where click would cut it to a line."""

    group_class = type

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write name and sentence of every command."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(limit=1000)) for name, each in found if each and not each.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return models_here(incomplete)


def models_here(incomplete: str) -> list[str]:
    """Return the names of the repository's models that begin so."""
    from musa_pipeline.workspace.places import repository

    folder = repository() / "models"
    names = sorted(each.name for each in folder.glob("*/")) if folder.is_dir() else []
    return [name for name in names if name.startswith(incomplete)]


def write_asked(path: Path, data: bytes, *, force: bool) -> None:
    """Write the file that the user named.

    Raises UsageWrong if another document is there: a slip of the keyboard writes over nobody's model.
    """
    from musa_pipeline.domain.errors import UsageWrong
    from musa_pipeline.workspace.files import OURS, digest, digest_of, write_named

    if not force and path.is_file() and digest_of(path, OURS) != digest(data):
        raise UsageWrong(f"{path} is there already, and is another document", "--force writes over it")
    write_named(path, data)


def is_document(path: Path) -> bool:
    """Tell whether a path is that of an SLA document; if not, it names an application or its model."""
    from musa_pipeline.workspace.places import MODEL_ENDINGS

    return path.suffix == ".xml" or (path.is_file() and not path.name.endswith(MODEL_ENDINGS))


model_argument = click.argument("model", shell_complete=_complete)
out_option = click.option(
    "-o", "--out", metavar="DIR", help="Put sla/ and playbooks/ under DIR, not into the model's repository."
)


_READING = (
    click.option(
        "--input", "input_values", metavar="NAME=VALUE", multiple=True, help="A value for an input of the model; repeatable."
    ),
    click.option(
        "--inputs", "input_files", metavar="FILE", multiple=True, help="A YAML file of values for inputs; --input wins over it."
    ),
    click.option(
        "--catalog",
        "type_folders",
        metavar="DIR",
        multiple=True,
        help="A folder of type definitions that imports may mean; repeatable.",
    ),
    click.option("--fetch", is_flag=True, help="Fetch imports from the network, once; imports.lock pins what came."),
)


def together(*options: Callable[..., Any]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return what gives a command several flags, shown in this order."""

    def give(command: Callable[..., int]) -> Callable[..., int]:
        for option in reversed(options):
            command = option(command)
        return command

    return give


def reading_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the flags that concern how a model is read, and what was said by them as `given`."""
    return _gathering(command, _READING)


def reading_options_offline(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command that writes nothing the same flags, but for the one that fetches and pins."""
    return _gathering(command, _READING[:-1])


def _gathering(command: Callable[..., int], options: tuple[Callable[..., Any], ...]) -> Callable[..., int]:
    @wraps(command)
    def gathered(
        *arguments: Any,
        input_values: tuple[str, ...],
        input_files: tuple[str, ...],
        type_folders: tuple[str, ...],
        fetch: bool = False,
        **others: Any,
    ) -> int:
        from musa_pipeline.workspace.given import Given

        given = Given(catalogs=type_folders, files=input_files, values=input_values, fetch=fetch)
        return command(*arguments, given=given, **others)

    return together(*options)(gathered)


def start(model: str, out: str | None, given: "Given | None" = None) -> "Work":
    """Find the application and open the work on it; `given` by flags, or None for a command without them.

    Raises UsageWrong if there is no such model.
    """
    from musa_pipeline.cli.render.problems import look_in
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.places import find

    place = find(model, out)
    look_in(place.root)
    return Work(place, given)
