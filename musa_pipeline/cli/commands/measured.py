"""The flags of `musa risk` by which what was measured comes in: reports are read, shown, and kept beside the model."""

from datetime import date
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.clock import day, moment, now
from musa_pipeline.cli.commands.common import together
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.evidence import DAY

if TYPE_CHECKING:
    from musa_pipeline.cli.commands.risk_views import Asked
    from musa_pipeline.stages.work import Work

options = together(
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
"""The flags that take evidence in."""


def take_in(outlet: Outlet, asked: "Asked") -> int:
    """Read the reports, show what they change, and unless it is a rehearsal, keep them and run the stage again."""
    from musa_pipeline.cli.progress import follow
    from musa_pipeline.cli.render import measured as render
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.stages.measured import keep, measure
    from musa_pipeline.stages.read import read_model

    work = asked.work()
    cpim = read_model(work)
    work.stop_if_wrong()
    work.set("cpim", cpim)
    found = measure(work, asked.reports, _now(asked.as_of), component=asked.component or "")
    if not asked.dry_run:
        keep(found)
        for _ in follow(asked.work(), outlet, "risk"):
            pass
    warn(outlet, work.problems)
    as_json = asked.format_ == "json"
    outlet.out(render.measured_json(work, found) if as_json else render.measured(work, found, kept=not asked.dry_run))
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
