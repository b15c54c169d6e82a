"""What a run tells when its outcome is not what was agreed: every promise that it breaks, and the way to change an agreement."""

from typing import TYPE_CHECKING

from musa_pipeline.cli.clock import now
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work


def tell_departure(outlet: Outlet, work: "Work") -> None:
    """Say how the derived SLA departs from the agreement that stands; nothing where it does not, or nothing is agreed."""
    from musa_pipeline.workspace.agreements import folder_of

    if not (work.place.out / folder_of(work.place)).is_dir():
        return
    from musa_pipeline.cli.render.sla import departed
    from musa_pipeline.stages.sla import departure
    from musa_pipeline.workspace.places import called

    try:
        left = departure(work, now().date())
    except FilesWrong as wrong:  # a draft can be made whatever became of the agreements
        outlet.wrong(wrong)
        return
    if left:
        name = called(work.place)
        way = f"  agreement {left.number} stays as it is; if the change is meant: musa sla amend {name} --by … --reason …"
        outlet.err(f"{departed(left, everything=outlet.verbose)}\n{way}")
