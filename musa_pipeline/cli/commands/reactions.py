"""`musa reactions list | approve | refuse | revert | stop | resume`: a person's word to the controller, heard within a second."""

import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import Commands, model_argument, out_option
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import UsageWrong

if TYPE_CHECKING:
    from musa_pipeline.services.reaction_store import ReactionStore


@click.group(cls=Commands)
def reactions() -> None:
    """See what the controller did, approve what waits, take back, stop everything.

    A word is kept until the controller hears it, also while it does not run.
    """


@reactions.command("list")
@model_argument
@out_option
@click.option("--waiting", is_flag=True, help="Only what waits for approval.")
@click.option("--most", default=30, show_default=True, help="How many at most.")
@click.pass_obj
def list_(outlet: Outlet, model: str, out: str | None, *, waiting: bool, most: int) -> int:
    """List the latest actions, newest first."""
    from musa_pipeline.cli.render.policies import reactions as rendered
    from musa_pipeline.domain.policy import Life

    with closing(_store(model, out)) as store:
        outlet.out(rendered(store.records(most, Life.WAITING if waiting else None), model, stopped=store.stopped))
    return 0


def _word(what: str, said: str, help_: str, *, named: bool) -> click.Command:
    """Make the command that leaves one word."""

    @click.command(what, help=help_)
    @model_argument
    @out_option
    @click.pass_obj
    def one(outlet: Outlet, model: str, out: str | None, action: str = "") -> int:
        with closing(_store(model, out)) as store:
            if action:
                _known(store, action, model, waiting=what in ("approve", "refuse"))
            store.say(what, action, _who(), time.time())
        outlet.out(said.format(action=action))
        return 0

    if what in ("stop", "resume"):
        return one
    return click.argument("action", required=named, default=None if named else "")(one)


reactions.add_command(
    _word("approve", "{action} will be done", "Let an action that waits be done, exactly as it is listed.", named=True)
)
reactions.add_command(_word("refuse", "{action} will not be done", "Do not let an action that waits be done.", named=True))
reactions.add_command(
    _word("revert", "it will be taken back", "Take back an action that lasts; without ACTION, all of them.", named=False)
)
reactions.add_command(
    _word("stop", "reactions are stopped; what is in force still ends", "The kill switch: nothing new is done.", named=False)
)
reactions.add_command(_word("resume", "reactions go on", "Let reactions go on after a stop.", named=False))


def _store(model: str, out: str | None) -> "ReactionStore":
    from musa_pipeline.services.reaction_store import ReactionStore
    from musa_pipeline.workspace.places import find

    place = find(model, out)
    folder = place.out.resolve() / ".musa" / "assure" / place.application
    if not folder.is_dir():
        raise UsageWrong(f"nobody watches {place.application}", f"musa assure {place.application}")
    return ReactionStore(folder, alone=False)


def _known(store: "ReactionStore", action: str, model: str, *, waiting: bool) -> None:
    from musa_pipeline.domain.policy import Life
    from musa_pipeline.domain.problems import near

    record = store.find(action)
    if record is None:
        known = [each.id for each in store.records()]
        raise UsageWrong(f"there is no action {action!r}", near(action, known) or f"musa reactions list {model} shows them")
    if waiting and record.life is not Life.WAITING:
        raise UsageWrong(f"{action} does not wait for approval: it is {record.life}", f"musa reactions list --waiting {model}")


def _who() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
