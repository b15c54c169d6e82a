"""`musa audit verify | show`: the controller's log, and whether anybody changed it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import Commands
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import UsageWrong

if TYPE_CHECKING:
    from musa_pipeline.services.audit import Head


@click.group(cls=Commands)
def audit() -> None:
    """Verify and show the log of what the controller decided and did."""


what_argument = click.argument("what", metavar="MODEL|FILE")


@audit.command()
@what_argument
@click.pass_obj
def verify(outlet: Outlet, what: str) -> int:
    """Follow the chain of digests from the first line. Exit code 1 if something was changed, taken out or cut off."""
    from musa_pipeline.services.audit import check_audit
    from musa_pipeline.stages.words import count

    path, head = _log(what)
    found = check_audit(path, head)
    if found.broken:
        outlet.out(f"{path}: {found.broken}; before it, {count(found.head.count, 'line')} whole")
        return 1
    anchor = " and ends where the controller says" if head else ""
    outlet.out(f"{path}: {count(found.head.count, 'line')}, the chain is whole{anchor} · {found.head.digest}")
    return 0


@audit.command()
@what_argument
@click.option("--most", default=50, show_default=True, help="How many lines at most, the latest.")
@click.option("--trace", is_flag=True, help="Show conditions with the values that they saw.")
@click.pass_obj
def show(outlet: Outlet, what: str, *, most: int, trace: bool) -> int:
    """Print the latest lines as people read them."""
    import json
    from collections import deque
    from datetime import UTC, datetime

    path, _ = _log(what)
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in deque(file, maxlen=max(1, most)):
            try:
                said = json.loads(line)
                moment = datetime.fromtimestamp(said["time"], UTC).strftime("%Y-%m-%d %H:%M:%S")
                about = " ".join(f"{name}={value}" for name, value in said.get("about", {}).items())
                words = (moment, said.get("policy", ""), said["what"], about, said.get("text", ""))
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
                raise UsageWrong(f"{path} is not an audit log", f"musa audit verify {what}") from error
            outlet.out("  ".join(each for each in words if each))
            for each in said.get("trace", []) if trace else []:
                outlet.out(f"    {each}")
    return 0


def _log(what: str) -> "tuple[Path, Head | None]":
    """Return the log, and its end as the controller's memory beside it has it."""
    from musa_pipeline.services.reaction_store import ReactionStore
    from musa_pipeline.workspace.places import find

    path = Path(what)
    if not path.is_file() or path.suffix != ".jsonl":
        place = find(what)
        path = place.out.resolve() / ".musa" / "assure" / place.application / "audit.jsonl"
    if not path.is_file():
        raise UsageWrong(f"{path} is not there", "the controller writes it when it first decides something")
    if not (path.parent / "controller.sqlite").is_file():
        return path, None
    store = ReactionStore(path.parent, alone=False)
    try:
        return path, store.written()
    finally:
        store.close()
