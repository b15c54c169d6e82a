"""The flags of `musa risk` by which what was measured comes in: reports are read, shown, and kept beside the model."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from musa_pipeline.cli.clock import day, moment, now
from musa_pipeline.cli.commands.common import start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.evidence import DAY

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work

FORMATS: Final = ("table", "json")

_OPTIONS = (
    click.option(
        "--measured",
        "reports",
        metavar="FILE|URL",
        multiple=True,
        help="Take in findings of scanners and of the running platform, and keep them in measured.yaml; repeatable.",
    ),
    click.option(
        "--as-of", metavar="DAY", callback=day, help="With --measured: the day from which ages count, instead of today."
    ),
    click.option("--dry-run", is_flag=True, help="With --measured: only show what would change."),
)


def measured_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the flags that take evidence in; with reports, that is all it does."""

    @wraps(command)
    def measured_first(*arguments: Any, reports: tuple[str, ...], as_of: date | None, dry_run: bool, **others: Any) -> int:
        if not reports:
            if as_of or dry_run:
                raise click.UsageError("--as-of and --dry-run belong to --measured FILE")
            return command(*arguments, **others)
        if others["format_"] not in FORMATS:
            raise click.UsageError(f"what was measured is shown as {' or '.join(FORMATS)}")
        if others["ask"] or others["questions"]:
            raise click.UsageError("--measured takes in findings, --ask and --questions look at answers; choose one")
        outlet: Outlet = click.get_current_context().obj
        return _measure(outlet, reports, as_of, dry_run=dry_run, **others)

    made: Callable[..., int] = measured_first
    for option in reversed(_OPTIONS):
        made = option(made)
    return made


def _measure(outlet: Outlet, reports: tuple[str, ...], as_of: date | None, *, dry_run: bool, **others: Any) -> int:
    """Read the reports, show what they change, and unless it is a rehearsal, keep them and run the stage again."""
    from musa_pipeline.cli.progress import follow
    from musa_pipeline.cli.render import measured as render
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.stages.measured import keep, measure
    from musa_pipeline.stages.read import read_model

    work = start(others["model"], others["out"], others["given"])
    cpim = read_model(work)
    work.stop_if_wrong()
    work.set("cpim", cpim)
    found = measure(work, reports, _now(as_of), component=others["component"] or "")
    if not dry_run:
        keep(found)
        for _ in follow(start(others["model"], others["out"], others["given"]), outlet, "risk"):
            pass
    warn(outlet, work.problems)
    outlet.out(
        render.measured_json(work, found) if others["format_"] == "json" else render.measured(work, found, kept=not dry_run)
    )
    return 0


def tell_stale(work: "Work") -> None:
    """Let what was measured long ago be told."""
    from musa_pipeline.stages import values

    if values.dossier(work).evidence:
        from musa_pipeline.stages import measured

        measured.tell_stale(work, now().timestamp())


def _now(as_of: date | None) -> float:
    """Return the moment from which ages count: the end of the day that was given, else the clock's."""
    return moment(as_of).timestamp() + (DAY - 1 if as_of else 0)
